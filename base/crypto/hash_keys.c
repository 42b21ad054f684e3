/*
 * base/crypto/hash_keys.c - HMAC (FIPS 198-1) and HKDF (RFC 5869) over the linked implementation's SHA-256.
 *
 * The hash is the library's, the two constructions around it are short enough to stand here once. Thread-safe.
 */
#include "base/crypto/crypto.h"

#include <string.h>

#define BLOCK_BYTES 64
#define HMAC_PARTS_MAX 3

struct cf_sha256 cf_sha256(cf_bytes a)
{
    return cf_sha256_parts(&a, 1);
}

static struct cf_sha256 hmac_parts(cf_bytes key, const cf_bytes *parts, size_t n_parts)
{
    uint8_t pad[BLOCK_BYTES] = {0};
    if (key.n > BLOCK_BYTES) {
        struct cf_sha256 shorter = cf_sha256(key);
        memcpy(pad, shorter.digest, sizeof shorter.digest);
        cf_bytes_wipe(&shorter, sizeof shorter);
    } else if (key.n > 0) {
        memcpy(pad, key.p, key.n);
    }

    cf_bytes inner[1 + HMAC_PARTS_MAX] = {{pad, sizeof pad}};
    for (size_t i = 0; i < n_parts; i++) {
        inner[1 + i] = parts[i];
    }
    for (size_t i = 0; i < sizeof pad; i++) {
        pad[i] ^= 0x36;
    }
    struct cf_sha256 first = cf_sha256_parts(inner, 1 + n_parts);

    for (size_t i = 0; i < sizeof pad; i++) {
        pad[i] ^= 0x36 ^ 0x5c;
    }
    const cf_bytes outer[] = {{pad, sizeof pad}, {first.digest, sizeof first.digest}};
    struct cf_sha256 mac = cf_sha256_parts(outer, 2);
    cf_bytes_wipe(pad, sizeof pad);
    cf_bytes_wipe(&first, sizeof first);
    return mac;
}

struct cf_sha256 cf_hmac_sha256(cf_bytes key, cf_bytes message)
{
    return hmac_parts(key, &message, 1);
}

enum cf_rc cf_hkdf_sha256(cf_bytes salt, cf_bytes secret, cf_bytes info, uint8_t *ret, size_t n, struct cf_error *err)
{
    if (n > (size_t)255 * CF_SHA256_BYTES) {
        return cf_fail(err, CF_E_LIMIT, "HKDF gives at most %d bytes, %zu were asked for", 255 * CF_SHA256_BYTES, n);
    }
    /* An absent salt is a string of zeros (section 2.2), which is also what HMAC pads an empty key to. */
    struct cf_sha256 key = cf_hmac_sha256(salt, secret);
    struct cf_sha256 block = {{0}};
    size_t block_bytes = 0; /* T(0) is empty */
    size_t done = 0;
    for (uint8_t round = 1; done < n; round++) {
        const cf_bytes parts[HMAC_PARTS_MAX] = {{block.digest, block_bytes}, info, {&round, 1}};
        block = hmac_parts(cf_bytes_of(key.digest, sizeof key.digest), parts, HMAC_PARTS_MAX);
        block_bytes = sizeof block.digest;
        size_t take = n - done < block_bytes ? n - done : block_bytes;
        memcpy(ret + done, block.digest, take);
        done += take;
    }
    cf_bytes_wipe(&key, sizeof key);
    cf_bytes_wipe(&block, sizeof block);
    return CF_OK;
}

struct parts {
    const cf_bytes *next;
    size_t left;
};

static bool next_part(void *ctx, cf_bytes *ret_piece)
{
    struct parts *parts = ctx;
    if (parts->left == 0) {
        return false;
    }
    *ret_piece = *parts->next++;
    parts->left--;
    return true;
}

struct cf_sha256 cf_sha256_parts(const cf_bytes *parts, size_t n_parts)
{
    struct parts all = {parts, n_parts};
    return cf_sha256_stream(next_part, &all);
}
