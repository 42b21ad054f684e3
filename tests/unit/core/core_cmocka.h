/* tests/unit/core/core_cmocka.h - cmocka, which needs these before it. */
#ifndef CF_TESTS_CORE_CMOCKA_H
#define CF_TESTS_CORE_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
