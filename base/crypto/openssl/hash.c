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

struct cf_sha256 cf_sha256_parts(const cf_bytes *parts, size_t n_parts)
{
    struct cf_sha256 hash;
    SHA256_CTX context;
    bool ok = SHA256_Init(&context) == 1;
    for (size_t i = 0; i < n_parts && ok; i++) {
        ok = parts[i].n == 0 || SHA256_Update(&context, parts[i].p, parts[i].n) == 1;
    }
    if (!ok || SHA256_Final(hash.digest, &context) != 1) {
        abort(); /* it allocates nothing, so it has no way to fail */
    }
    cf_bytes_wipe(&context, sizeof context);
    return hash;
}
