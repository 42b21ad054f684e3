/*
 * base/crypto/openssl/hash.c - SHA-256 by OpenSSL 3 (SHA instructions where the processor has them). Thread-safe.
 */
#include "base/crypto/openssl/library.h"

#include <stdlib.h>

const char *cf_crypto_name(void)
{
    return "openssl";
}

struct cf_sha256 cf_sha256_parts(const cf_bytes *parts, size_t n_parts)
{
    struct cf_sha256 hash;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context != NULL && EVP_DigestInit_ex2(context, cf_openssl_sha256(), NULL) == 1;
    for (size_t i = 0; i < n_parts && ok; i++) {
        ok = parts[i].n == 0 || EVP_DigestUpdate(context, parts[i].p, parts[i].n) == 1;
    }
    if (!ok || EVP_DigestFinal_ex(context, hash.digest, NULL) != 1) {
        abort(); /* only without memory: the callers of a hash have no other way to go on */
    }
    EVP_MD_CTX_free(context);
    return hash;
}
