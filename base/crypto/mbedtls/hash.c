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

struct cf_sha256 cf_sha256_stream(cf_sha256_next_fn next, void *ctx)
{
    struct cf_sha256 hash;
    cf_bytes piece;
    mbedtls_sha256_context context;
    mbedtls_sha256_init(&context);
    int code = mbedtls_sha256_starts_ret(&context, 0);
    while (code == 0 && next(ctx, &piece)) {
        if (piece.n > 0) {
            code = mbedtls_sha256_update_ret(&context, piece.p, piece.n);
        }
    }
    if (code != 0 || mbedtls_sha256_finish_ret(&context, hash.digest) != 0) {
        abort(); /* software SHA-256 has no way to fail */
    }
    mbedtls_sha256_free(&context);
    return hash;
}
