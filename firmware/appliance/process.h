/*
 * firmware/appliance/process.h - runs one of the system's own programs and waits for it.
 *
 * For programs that end by themselves (systemd-repart, e2fsck, rauc): no shell, no input. Not for a thread beside
 * others.
 */
#ifndef CF_FIRMWARE_APPLIANCE_PROCESS_H
#define CF_FIRMWARE_APPLIANCE_PROCESS_H

#include "base/error.h"

/* `words` ends with NULL; words[0] is a path. Its exit status; one that did not run, or was killed, is CF_E_IO. */
enum cf_rc cf_process_run(const char *const words[], int *ret_status, struct cf_error *err) CF_MUST_CHECK;

#endif
