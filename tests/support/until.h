/*
 * tests/support/until.h - waits for what a device does: as long as a slow machine may take, and no longer than it
 * takes.
 */
#ifndef CF_TESTS_SUPPORT_UNTIL_H
#define CF_TESTS_SUPPORT_UNTIL_H

#include <poll.h>

#include "base/env.h"

#define UNTIL_PATIENCE_MS 60000

static inline int64_t until_now_ms(void)
{
    return cf_env_mono(cf_env_system()).us / CF_US_PER_MS;
}

/* One turn of a loop that watches `fd`. false: a slow machine has had its time. */
static inline bool until_waits(int fd, int64_t end_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    (void)poll(&p, 1, 5);
    return until_now_ms() < end_ms;
}

/* `dispatch` lets the device of that descriptor work; cmocka judges what has become true. */
#define UNTIL_OF(fd, dispatch, condition)                                                                              \
    do {                                                                                                               \
        int64_t until_end_ms = until_now_ms() + UNTIL_PATIENCE_MS;                                                     \
        while (!(condition) && until_waits(fd, until_end_ms))                                                          \
            dispatch;                                                                                                  \
        assert_true(condition);                                                                                        \
    } while (0)

#endif
