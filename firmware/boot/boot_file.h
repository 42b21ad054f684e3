/*
 * firmware/boot/boot_file.h - the environment block on its disk, changed so that a power cut leaves the old or the new.
 *
 * grub-editenv makes the file anew: it truncates before it writes, and on FAT a cut between the two leaves no block at
 * all. Here the file is never truncated, grown or replaced: its first sector is written in place, and a disk writes a
 * sector whole or not at all. (FAT has no copy on write, and its buffers of one page are written by sectors.)
 */
#ifndef CF_FIRMWARE_BOOT_FILE_H
#define CF_FIRMWARE_BOOT_FILE_H

#include "firmware/boot/boot_state.h"

/* A file that is not one block long is CF_E_CBOR_SHAPE; one that is not there, CF_E_NOT_FOUND. */
enum cf_rc cf_boot_file_read(const char *path, struct cf_boot_state *ret, struct cf_error *err) CF_MUST_CHECK;

/* On the disk when it returns. The file must be there (cf_boot_file_create), else CF_E_NOT_FOUND. */
enum cf_rc cf_boot_file_write(const char *path, const struct cf_boot_state *state, struct cf_error *err) CF_MUST_CHECK;

/* While an image is made, or by a technician: a file that was not there. One that is, CF_E_EXISTS. */
enum cf_rc cf_boot_file_create(const char *path, struct cf_error *err) CF_MUST_CHECK;

#endif
