/*
 * firmware/appliance/version_order.h - which of two versions of the image is the later: pure.
 *
 * A version is numbers with dots between them, at most four ("0.1.0.1764000000"); one that ends earlier is the earlier.
 */
#ifndef CF_FIRMWARE_APPLIANCE_VERSION_ORDER_H
#define CF_FIRMWARE_APPLIANCE_VERSION_ORDER_H

#include "base/error.h"

#define CF_VERSION_PARTS_MAX 4

/* Below, at or above zero as `a` is before, the same as or after `b`. CF_E_ARGUMENT: one of them is no version. */
enum cf_rc cf_version_compare(const char *a, const char *b, int *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
