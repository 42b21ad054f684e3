/*
 * app/core/cose.h - COSE_Sign1 (RFC 9052 section 4.2) in the one shape that Counterfoil signs: ES256, untagged.
 *
 *   84  bstr protected  a0  bstr payload  58 40 signature(64)
 *   protected = a2 01 26 04 44 kid(4)  or, without a kid,  a1 01 26
 *
 * Not a general COSE reader: one other byte of framing and it is refused. Reading allocates nothing. Pure.
 */
#ifndef CF_CORE_COSE_H
#define CF_CORE_COSE_H

#include "app/core/code.h"

/* Bytes that the framing adds to a payload (at most), and the Sig_structure of RFC 9052 section 4.4 too. */
#define CF_COSE_OVERHEAD_MAX 96

/* Views into the bytes that were split. */
struct cf_cose {
    cf_bytes protected_header;
    cf_bytes payload;
    bool has_kid;
    cf_kid kid;
    cf_signature signature;
};

/* CF_E_CODE_SHAPE. */
enum cf_rc cf_cose_split(cf_bytes cose, struct cf_cose *ret, struct cf_error *err) CF_MUST_CHECK;

/* Signs payload under external_aad = aad and appends the COSE bytes to ret. kid may be NULL. */
enum cf_rc cf_cose_sign(const char *aad, cf_bytes payload, const cf_kid *kid, const struct cf_private_key *key,
                        struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
