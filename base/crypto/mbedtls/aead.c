/*
 * base/crypto/mbedtls/aead.c - AES-256-GCM by mbedTLS (AES-NI where the processor has it). Thread-safe.
 */
#include "base/crypto/mbedtls/curve.h"

#include <mbedtls/gcm.h>

enum cf_rc cf_aes_gcm_seal(const uint8_t key[CF_AES_KEY_BYTES], const uint8_t nonce[CF_AES_NONCE_BYTES], cf_bytes aad,
                           cf_bytes plain, uint8_t *out, struct cf_error *err)
{
    mbedtls_gcm_context gcm;
    mbedtls_gcm_init(&gcm);
    int code = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, CF_AES_KEY_BYTES * 8);
    if (code == 0) {
        code = mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, plain.n, nonce, CF_AES_NONCE_BYTES, aad.p, aad.n,
                                         plain.p, out, CF_AES_TAG_BYTES, out + plain.n);
    }
    mbedtls_gcm_free(&gcm);
    return code == 0 ? CF_OK : cf_mbedtls_fail(err, code, "sealing");
}

enum cf_rc cf_aes_gcm_open(const uint8_t key[CF_AES_KEY_BYTES], const uint8_t nonce[CF_AES_NONCE_BYTES], cf_bytes aad,
                           cf_bytes sealed, uint8_t *out, struct cf_error *err)
{
    if (sealed.n < CF_AES_TAG_BYTES) {
        return cf_fail(err, CF_E_CODE_SIGNATURE, "%zu sealed bytes are shorter than a tag", sealed.n);
    }
    size_t n = sealed.n - CF_AES_TAG_BYTES;
    mbedtls_gcm_context gcm;
    mbedtls_gcm_init(&gcm);
    int code = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, CF_AES_KEY_BYTES * 8);
    if (code == 0) { /* wipes out by itself if the tag is wrong */
        code = mbedtls_gcm_auth_decrypt(&gcm, n, nonce, CF_AES_NONCE_BYTES, aad.p, aad.n, sealed.p + n,
                                        CF_AES_TAG_BYTES, sealed.p, out);
    }
    mbedtls_gcm_free(&gcm);
    if (code == MBEDTLS_ERR_GCM_AUTH_FAILED) {
        return cf_fail(err, CF_E_CODE_SIGNATURE, "the sealed bytes are not genuine");
    }
    return code == 0 ? CF_OK : cf_mbedtls_fail(err, code, "opening a seal");
}
