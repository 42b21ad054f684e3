/*
 * firmware/appliance/data_disk.h - the data partition of an appliance: made at the first start, opened at each.
 *
 * It holds journal, replica, settings and logs, and is encrypted. Its key is in the TPM where the board has one; else
 * it is a file on the state partition, which guards a disk that was wiped there or is thrown away without it, and not
 * one that is carried off whole. Partition, LUKS and ext4 are systemd-repart's and systemd-cryptsetup's work, mending
 * e2fsck's; here is the order, and what it means when one of them says no. One thread, root.
 */
#ifndef CF_FIRMWARE_APPLIANCE_DATA_DISK_H
#define CF_FIRMWARE_APPLIANCE_DATA_DISK_H

#include "base/error.h"

/* Where things are: the appliance's in cf_data_disk_places, a test's own in a test. */
struct cf_data_disk {
    const char *partition; /* there once it was made */
    const char *opened;    /* the device inside of the encryption */
    const char *state_dir; /* data.made, and data.key of a board without TPM */
    const char *tpm;       /* there if the board has one */
    const char *repart, *luks, *cryptsetup, *fsck, *udevadm;
    const char *definitions; /* folder with repart.tpm.d and repart.key.d */
};
extern const struct cf_data_disk cf_data_disk_places;

/*
 * The encrypted device is open, and its file system fit to be mounted.
 *
 *   CF_E_DATA_STATE    the state partition does not take a file: nothing is begun without it
 *   CF_E_DATA_GONE     it was made once, and is not there any more
 *   CF_E_DATA_NEW      it cannot be made: no room, or the disk refuses
 *   CF_E_DATA_LOCKED   its key does not open it: the disk of another machine, or a board that was changed
 *   CF_E_DATA_DAMAGED  what is in it is more than e2fsck mends by itself
 */
enum cf_rc cf_data_disk_open(const struct cf_data_disk *disk, struct cf_error *err) CF_MUST_CHECK;

#endif
