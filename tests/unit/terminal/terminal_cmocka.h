/* tests/unit/terminal/terminal_cmocka.h - cmocka, which needs these before it, and errors by their names. */
#ifndef CF_TESTS_TERMINAL_CMOCKA_H
#define CF_TESTS_TERMINAL_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"

#define assert_rc(call, expected)                                                                                      \
    do {                                                                                                               \
        enum cf_rc rc_ = (call);                                                                                       \
        if (rc_ != (expected))                                                                                         \
            fail_msg("%s: %s, not %s", #call, cf_rc_name(rc_), cf_rc_name(expected));                                  \
    } while (0)
#define assert_ok(call) assert_rc(call, CF_OK)

#endif
