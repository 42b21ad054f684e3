/*
 * base/crypto/mbedtls/hash.c - SHA-256 by mbedTLS. Thread-safe.
 */
#include "base/crypto/crypto.h"

#include <stdlib.h>

#include <mbedtls/sha256.h>

const char *cf_crypto_name(void)
{
    return "mbedtls";
}

struct cf_sha256 cf_sha256_parts(const cf_bytes *parts, size_t n_parts)
{
    struct cf_sha256 hash;
    mbedtls_sha256_context context;
    mbedtls_sha256_init(&context);
    int code = mbedtls_sha256_starts_ret(&context, 0);
    for (size_t i = 0; i < n_parts && code == 0; i++) {
        if (parts[i].n > 0) {
            code = mbedtls_sha256_update_ret(&context, parts[i].p, parts[i].n);
        }
    }
    if (code != 0 || mbedtls_sha256_finish_ret(&context, hash.digest) != 0) {
        abort(); /* software SHA-256 has no way to fail */
    }
    mbedtls_sha256_free(&context);
    return hash;
}
