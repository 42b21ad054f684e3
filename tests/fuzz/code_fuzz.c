/*
 * Codes: the first byte says of which kind, the rest are its bytes (or 'T' and a text, or 'K' and a key set). What is
 * decoded survives text and back, and nothing is genuine for keys that never signed it.
 */
#include "app/core/keyring.h"

#include <assert.h>
#include <string.h>

#define NOW_S INT64_C(1795334400)

static struct cf_private_key *key_of(uint8_t fill)
{
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    memset(scalar, fill, sizeof scalar);
    struct cf_private_key *key;
    enum cf_rc rc = cf_private_key_load(scalar, &key, NULL);
    assert(rc == CF_OK);
    return key;
}

/* Knows the kid of the seeds, but not the key that signed them. */
static struct cf_keyring *make_ring(void)
{
    struct cf_private_key *root = key_of(0x71);
    struct cf_private_key *issuer = key_of(0x72);
    cf_public_key roots[2];
    cf_private_key_public(root, &roots[0]);
    cf_private_key_public(issuer, &roots[1]);
    static struct cf_keyset keyset = {.version = 1, .n_keys = 1};
    keyset.keys[0] = (struct cf_keyset_key){.kid = {{0x10, 0, 0, 1}}, .key = roots[1], .usage = 31};
    keyset.keys[0].not_after_s = INT64_MAX;
    struct cf_keyring *ring;
    enum cf_rc rc = cf_keyring_new(roots, &ring, NULL);
    assert(rc == CF_OK);
    struct cf_buf cose CF_CLEANUP(cf_buf_done);
    cf_buf_init(&cose, CF_KEYSET_BYTES_MAX);
    rc = cf_keyset_sign(&keyset, root, &cose, NULL);
    assert(rc == CF_OK);
    rc = cf_keyring_load_keyset(ring, cf_buf_bytes(&cose), NULL);
    assert(rc == CF_OK);
    cf_private_key_free(root);
    cf_private_key_free(issuer);
    return ring;
}

static void check(struct cf_keyring *ring, const struct cf_code *code)
{
    char text[CF_CODE_TEXT_MAX];
    enum cf_rc rc = cf_code_text(code, text, NULL);
    assert(rc == CF_OK);
    struct cf_code back;
    rc = cf_code_decode_text(cf_bytes_str(text), &back, NULL);
    assert(rc == CF_OK && back.kind == code->kind && back.cose_n == code->cose_n);
    assert(memcmp(back.cose, code->cose, code->cose_n) == 0);
    rc = cf_keyring_verify(ring, code, NOW_S, NULL);
    assert(rc == CF_E_CODE_KEY || rc == CF_E_CODE_SIGNATURE);
    cf_bytes bytes = cf_bytes_of(code->cose, code->cose_n);
    rc = cf_keyring_add_grant(ring, bytes, NULL);
    assert(rc != CF_OK && cf_keyring_grant_at(ring, 0) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cf_keyring *ring; /* kept by every run */
    if (ring == NULL)
        ring = make_ring();
    if (size == 0)
        return 0;
    cf_bytes rest = cf_bytes_of(data + 1, size - 1);
    struct cf_code code;
    enum cf_rc rc = CF_E_ARGUMENT;
    if (data[0] == 'T')
        rc = cf_code_decode_text(rest, &code, NULL);
    else if (data[0] == 'K')
        assert(cf_keyring_load_keyset(ring, rest, NULL) != CF_OK);
    else if (data[0] <= CF_CODE_ORDER)
        rc = cf_code_decode_bytes((enum cf_code_kind)data[0], rest, &code, NULL);
    if (rc == CF_OK)
        check(ring, &code);
    return 0;
}
