/*
 * base/crypto/openssl/aead.c - AES-256-GCM by OpenSSL 3. Thread-safe.
 */
#include "base/crypto/openssl/library.h"

#include <limits.h>

#include <openssl/err.h>
#include <openssl/evp.h>

/* OpenSSL counts in int. */
static bool fits(cf_bytes aad, size_t n)
{
    return aad.n <= INT_MAX && n <= INT_MAX;
}

/* Additional data, then the text, in the direction that the context was set up for. */
static bool run(EVP_CIPHER_CTX *context, cf_bytes aad, const uint8_t *in, size_t n, uint8_t *out)
{
    int done = 0;
    return (aad.n == 0 || EVP_CipherUpdate(context, NULL, &done, aad.p, (int)aad.n) == 1) &&
           (n == 0 || EVP_CipherUpdate(context, out, &done, in, (int)n) == 1);
}

enum cf_rc cf_aes_gcm_seal(const uint8_t key[CF_AES_KEY_BYTES], const uint8_t nonce[CF_AES_NONCE_BYTES], cf_bytes aad,
                           cf_bytes plain, uint8_t *out, struct cf_error *err)
{
    if (!fits(aad, plain.n)) {
        return cf_fail(err, CF_E_LIMIT, "%zu bytes are too many to seal", plain.n);
    }
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int none = 0;
    bool ok = context != NULL && EVP_EncryptInit_ex2(context, EVP_aes_256_gcm(), key, nonce, NULL) == 1 &&
              run(context, aad, plain.p, plain.n, out) && EVP_EncryptFinal_ex(context, out + plain.n, &none) == 1 &&
              EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, CF_AES_TAG_BYTES, out + plain.n) == 1;
    EVP_CIPHER_CTX_free(context);
    return ok ? CF_OK : cf_openssl_fail(err, "sealing");
}

enum cf_rc cf_aes_gcm_open(const uint8_t key[CF_AES_KEY_BYTES], const uint8_t nonce[CF_AES_NONCE_BYTES], cf_bytes aad,
                           cf_bytes sealed, uint8_t *out, struct cf_error *err)
{
    if (sealed.n < CF_AES_TAG_BYTES) {
        return cf_fail(err, CF_E_CODE_SIGNATURE, "%zu sealed bytes are shorter than a tag", sealed.n);
    }
    size_t n = sealed.n - CF_AES_TAG_BYTES;
    if (!fits(aad, n)) {
        return cf_fail(err, CF_E_LIMIT, "%zu bytes are too many to open", n);
    }
    uint8_t tag[CF_AES_TAG_BYTES];
    for (size_t i = 0; i < sizeof tag; i++) {
        tag[i] = sealed.p[n + i]; /* OpenSSL's parameter is not const */
    }
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int none = 0;
    uint8_t rest[CF_AES_TAG_BYTES];
    bool ok = context != NULL && EVP_DecryptInit_ex2(context, EVP_aes_256_gcm(), key, nonce, NULL) == 1 &&
              EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, CF_AES_TAG_BYTES, tag) == 1 &&
              run(context, aad, sealed.p, n, out);
    bool genuine = ok && EVP_DecryptFinal_ex(context, rest, &none) == 1;
    EVP_CIPHER_CTX_free(context);
    if (genuine) {
        return CF_OK;
    }
    if (n > 0) {
        cf_bytes_wipe(out, n); /* OpenSSL decrypts before it knows */
    }
    if (!ok) {
        return cf_openssl_fail(err, "opening a seal");
    }
    ERR_clear_error();
    return cf_fail(err, CF_E_CODE_SIGNATURE, "the sealed bytes are not genuine");
}
