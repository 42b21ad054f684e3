/*
 * app/core/keyset.c - the bytes of a key set: written for the offline root to sign, read by keyring.c.
 */
#include "app/core/keyset.h"

#include <string.h>

#include "app/core/cose.h"
#include "base/cbor.h"

#define KEYSET_FORM 1

cf_kid cf_keyset_root_kid(const cf_public_key *root)
{
    struct cf_sha256 hash = cf_sha256(cf_bytes_of(root->point, sizeof root->point));
    cf_kid kid;
    memcpy(kid.b, hash.digest, sizeof kid.b);
    return kid;
}

/* kids name one key each, and validities are no empty spans. */
static bool is_valid(const struct cf_keyset *keyset)
{
    for (size_t k = 0; k < keyset->n_keys; k++) {
        const struct cf_keyset_key *key = &keyset->keys[k];
        if (key->not_before_s < 0 || key->not_after_s < key->not_before_s)
            return false;
        for (size_t other = 0; other < k; other++) {
            if (cf_kid_equal(keyset->keys[other].kid, key->kid))
                return false;
        }
    }
    return keyset->version > 0 && keyset->version <= INT64_MAX;
}

enum cf_rc cf_keyset_sign(const struct cf_keyset *keyset, const struct cf_private_key *root, struct cf_buf *ret_cose,
                          struct cf_error *err)
{
    if (keyset->n_keys > CF_KEYSET_KEYS_MAX || !is_valid(keyset))
        return cf_fail(err, CF_E_RANGE, "a key set has a version, and keys with kids and validities of their own");
    struct cf_buf payload CF_CLEANUP(cf_buf_done);
    struct cf_cbor_writer w;
    cf_buf_init(&payload, CF_KEYSET_BYTES_MAX - CF_COSE_OVERHEAD_MAX);
    cf_cbor_write_init(&w, &payload);
    cf_cbor_write_array(&w, 3);
    cf_cbor_write_uint(&w, KEYSET_FORM);
    cf_cbor_write_uint(&w, keyset->version);
    cf_cbor_write_array(&w, keyset->n_keys);
    for (size_t k = 0; k < keyset->n_keys; k++) {
        const struct cf_keyset_key *key = &keyset->keys[k];
        cf_cbor_write_array(&w, 5);
        cf_cbor_write_bytes(&w, cf_bytes_of(key->kid.b, sizeof key->kid.b));
        cf_cbor_write_bytes(&w, cf_bytes_of(key->key.point, sizeof key->key.point));
        cf_cbor_write_uint(&w, key->usage);
        cf_cbor_write_int(&w, key->not_before_s);
        cf_cbor_write_int(&w, key->not_after_s);
    }
    enum cf_rc rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        return rc;
    cf_public_key root_public;
    cf_private_key_public(root, &root_public);
    cf_kid kid = cf_keyset_root_kid(&root_public);
    return cf_cose_sign(CF_KEYSET_AAD, cf_buf_bytes(&payload), &kid, root, ret_cose, err);
}

enum cf_rc cf_keyset_decode(cf_bytes payload, struct cf_keyset *ret, struct cf_error *err)
{
    struct cf_keyset keyset = {0};
    struct cf_cbor_reader r;
    uint64_t form;
    cf_cbor_read_init(&r, payload);
    cf_cbor_read_array_of(&r, 3);
    if (cf_cbor_read_uint(&r, &form, UINT64_MAX) && form != KEYSET_FORM)
        return cf_fail(err, CF_E_CODE_VERSION, "a key set of form %llu, where %d is known", (unsigned long long)form,
                       KEYSET_FORM);
    cf_cbor_read_uint(&r, &keyset.version, INT64_MAX);
    cf_cbor_read_array(&r, &keyset.n_keys, CF_KEYSET_KEYS_MAX);
    for (size_t k = 0; k < keyset.n_keys; k++) {
        struct cf_keyset_key *key = &keyset.keys[k];
        uint64_t usage;
        cf_cbor_read_array_of(&r, 5);
        cf_cbor_read_bytes_of(&r, key->kid.b, sizeof key->kid.b);
        cf_cbor_read_bytes_of(&r, key->key.point, sizeof key->key.point);
        cf_cbor_read_uint(&r, &usage, UINT32_MAX);
        key->usage = (uint32_t)usage;
        cf_cbor_read_int(&r, &key->not_before_s);
        cf_cbor_read_int(&r, &key->not_after_s);
    }
    if (cf_cbor_read_end(&r, NULL) != CF_OK || !is_valid(&keyset))
        return cf_fail(err, CF_E_CODE_SHAPE, "the fields are not those of a key set");
    *ret = keyset;
    return CF_OK;
}
