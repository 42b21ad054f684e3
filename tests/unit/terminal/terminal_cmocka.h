/* tests/unit/terminal/terminal_cmocka.h - cmocka, which needs its headers first, and errors by their names. */
#ifndef CF_TESTS_TERMINAL_CMOCKA_H
#define CF_TESTS_TERMINAL_CMOCKA_H

#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/keys_support.h"

#define assert_ok(call) assert_rc(call, CF_OK)

#endif
