/*
 * firmware/appliance/whole_read.h - reads every block of a device, so that whoever verifies what is read has verified
 * it all.
 *
 * A slot whose damaged blocks nobody happened to read would be marked good and fail on a busy day. One thread.
 */
#ifndef CF_FIRMWARE_APPLIANCE_WHOLE_READ_H
#define CF_FIRMWARE_APPLIANCE_WHOLE_READ_H

#include <stdint.h>

#include "base/error.h"

/* To its end, past the cache of what was read before. CF_E_IO: a block of it is not as it was made. */
enum cf_rc cf_whole_read(const char *path, uint64_t *ret_bytes, struct cf_error *err) CF_MUST_CHECK;

#endif
