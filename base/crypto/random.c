/*
 * base/crypto/random.c - see random.h.
 */
#include "base/crypto/random.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void cf_random_secret(uint8_t *ret, size_t n)
{
    while (n > 0) {
        ssize_t got = getrandom(ret, n, 0);
        if (got < 0 && errno != EINTR) {
            abort(); /* a key without randomness is worse than a stop */
        }
        if (got > 0) {
            ret += got;
            n -= (size_t)got;
        }
    }
}
