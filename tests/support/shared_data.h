/*
 * tests/support/shared_data.h - public test data that lies beside a checkout, in ../shared/data, if it is there.
 *
 * A bare checkout has none of it: a test that finds nothing says so and skips, by name.
 */
#ifndef CF_TESTS_SUPPORT_SHARED_DATA_H
#define CF_TESTS_SUPPORT_SHARED_DATA_H

#include "base/bytes.h"

/* Where `name` ("images") would be; it need not exist. False if the path does not fit. */
bool cf_shared_data_path(const char *name, char *ret_path, size_t cap);

/* Reads the file `name` ("strings/blns.txt") of $CF_SHARED_DATA or <source>/../shared/data into `ret`, initialised by
 * the caller. False if it is not there. */
bool cf_shared_data_read(const char *name, struct cf_buf *ret);

/* Walks the lines of `text`, without their line ends. *at starts at 0; false past the end. */
bool cf_shared_data_line(cf_bytes text, size_t *at, cf_bytes *ret_line);

#endif
