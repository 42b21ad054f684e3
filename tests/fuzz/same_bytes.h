/*
 * tests/fuzz/same_bytes.h - what decodes encodes to the same bytes. In a function that has `in` and a cf_buf `out`.
 */
#ifndef CF_FUZZ_SAME_BYTES_H
#define CF_FUZZ_SAME_BYTES_H

#include <assert.h>

#include "base/bytes.h"

#define CF_SAME_BYTES(type, decode, encode)                                                                            \
    do {                                                                                                               \
        static struct type message;                                                                                    \
        if (decode(in, &message, NULL) == CF_OK) {                                                                     \
            cf_buf_clear(&out);                                                                                        \
            enum cf_rc rc = encode(&message, &out, NULL);                                                              \
            assert(rc == CF_OK && cf_bytes_equal(cf_buf_bytes(&out), in));                                             \
        }                                                                                                              \
    } while (0)

#endif
