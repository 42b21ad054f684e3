/*
 * base/crypto/openssl/hash.c - SHA-256 by OpenSSL 3 (SHA instructions where the processor has them). Thread-safe.
 */
#include "base/crypto/openssl/library.h"

#include <stdlib.h>

#include <openssl/sha.h>

const char *cf_crypto_name(void)
{
    return "openssl";
}

struct cf_sha256 cf_sha256_stream(cf_sha256_next_fn next, void *ctx)
{
    struct cf_sha256 hash;
    cf_bytes piece;
    SHA256_CTX context;
    bool ok = SHA256_Init(&context) == 1;
    while (ok && next(ctx, &piece)) {
        ok = piece.n == 0 || SHA256_Update(&context, piece.p, piece.n) == 1;
    }
    if (!ok || SHA256_Final(hash.digest, &context) != 1) {
        abort(); /* it allocates nothing, so it has no way to fail */
    }
    cf_bytes_wipe(&context, sizeof context);
    return hash;
}
