/*
 * base/crypto/random.h - secret random bytes for keys and blinding, from the kernel.
 *
 * Internal to base/crypto; everything that decides takes its randomness from env.h instead. Thread-safe.
 */
#ifndef CF_BASE_CRYPTO_RANDOM_H
#define CF_BASE_CRYPTO_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* getrandom(2): waits at boot until the kernel's pool is ready, then cannot fail (aborts if it does). */
void cf_random_secret(uint8_t *ret, size_t n);

#endif
