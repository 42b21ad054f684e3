/*
 * app/core/code.h - the QR codes of Counterfoil: MS1, MC1, CP1, CT1, GC1, PU1, and the signed grants, as text and as
 * bytes.
 *
 * Text = prefix + base45(COSE_Sign1). COSE_Sign1 (RFC 9052 section 4.2), untagged, ES256, deterministic CBOR:
 *   [ protected: bstr {1: -7, 4: kid (4 bytes)}, unprotected: {}, payload: bstr, signature: 64 bytes ]
 * with external_aad = the prefix without colon ("CP1"), so that a signature for one kind never serves another. MC1 has
 * no kid: the card inside it names the key. Payloads are arrays, in the order of the fields of the structs below:
 *   MS1 [1, sub(8), exp_s, device_key(33), tier, home] or, with claims, [2, ..., home, [as_of_day, purchases, birthday,
 * [segment ...]]] MC1 [1, card COSE bytes, at_s, counter, null | [till, nonce(8)]] CP1 [1, campaign, index, exp_s, null
 * | sub(8), null | home, gen] or, if the home's epoch is above 1, [2, campaign, index, exp_s, null | sub(8), home,
 * home_epoch, gen] CT1 [1, campaign, index, sub(8), till, nonce(8), exp_s] PU1 [1, order, store, generation, exp_s] GC1
 * [1, kind, account, exp_s] grant ("GR1") [1, grant_id(4), till, till_key(33), campaign, first, last, exp_s] Decoding
 * accepts exactly these shapes and allocates nothing. Decoding proves nothing: see keyring.h. Pure.
 */
#ifndef CF_CORE_CODE_H
#define CF_CORE_CODE_H

#include "base/crypto/crypto.h"

#define CF_SUB_BYTES 8
#define CF_KID_BYTES 4
#define CF_NONCE_BYTES 8
#define CF_CODE_BYTES_MAX 320 /* COSE bytes of the longest code (MC1) */
#define CF_CODE_TEXT_MAX 512  /* prefix and base45, with the NUL */
#define CF_TIER_MAX 9

/* A member's programme pseudonym. */
typedef struct {
    uint8_t b[CF_SUB_BYTES];
} cf_sub;
typedef struct {
    uint8_t b[CF_KID_BYTES];
} cf_kid;
bool cf_sub_equal(cf_sub a, cf_sub b);
bool cf_kid_equal(cf_kid a, cf_kid b);

enum cf_code_kind {
    CF_CODE_CARD,
    CF_CODE_MEMBER,
    CF_CODE_COUPON,
    CF_CODE_TICKET,
    CF_CODE_GRANT,
    CF_CODE_VALUE,
    CF_CODE_ORDER
};
const char *cf_code_prefix(enum cf_code_kind kind); /* "MS1:" ... */

#define CF_CLAIMS_SEGMENTS_MAX 8
/* What the centre says of a member besides, for promotions at tills that are offline. Only of members who agreed. */
struct cf_claims {
    uint32_t as_of_day; /* days since 1970-01-01 on which it was so */
    uint32_t purchases; /* in stores, that the centre had heard of, and orders that were paid online */
    uint16_t birthday;  /* month * 100 + day; 0: not told */
    size_t n_segments;
    uint32_t segments[CF_CLAIMS_SEGMENTS_MAX]; /* rising, none 0 */
};
/* MS1: printed card, and the inner part of a rotating code. */
struct cf_card {
    cf_sub sub;
    int64_t exp_s; /* Unix seconds */
    cf_public_key device_key;
    uint8_t tier; /* 0..CF_TIER_MAX */
    uint32_t home_store;
    bool has_claims;
    struct cf_claims claims;
};
/* MC1: what a phone shows, renewed every 20 s. */
struct cf_member_code {
    struct cf_card card;
    int64_t at_s;
    uint64_t counter; /* rises with each code of a device */
    bool has_challenge;
    uint32_t till;
    uint8_t nonce[CF_NONCE_BYTES];
};
/* CP1 */
struct cf_coupon {
    uint32_t campaign;
    uint32_t index; /* serial within the campaign, dense from 0 */
    int64_t exp_s;
    bool bound; /* to sub; else bearer */
    cf_sub sub;
    bool pinned;         /* to home; else anywhere */
    uint32_t home;       /* a place: see place ids in docs/protocol.md */
    uint32_t home_epoch; /* of that terminal, or of that store's hub: no other may honour it. 0 if not pinned */
    uint32_t generation;
};
/* CT1 */
struct cf_ticket {
    uint32_t campaign;
    uint32_t index;
    cf_sub sub;
    uint32_t till;
    uint8_t nonce[CF_NONCE_BYTES];
    int64_t exp_s;
};
/* PU1: whoever shows it may pick the order up. What is in it, and where, tills know from the centre. */
struct cf_order_code {
    uint32_t order;
    uint32_t store;      /* where it was to be picked up when the code was made */
    uint32_t generation; /* of the order then; a later one is as good */
    int64_t exp_s;
};
/* The centre lets `till` issue coupons [first, last] of `campaign`, signed by till_key; their kid is grant_id. */
struct cf_grant {
    cf_kid grant_id;
    uint32_t till;
    cf_public_key till_key;
    uint32_t campaign;
    uint32_t first, last;
    int64_t exp_s;
};

/* GC1: whoever has it may pay with what is left on the account. */
enum cf_gift_kind { CF_GIFT_CARD = 4, CF_GIFT_CREDIT = 5 }; /* numbered as tenders are */
struct cf_value_code {
    enum cf_gift_kind kind;
    uint32_t account; /* never 0 */
    int64_t exp_s;
};
/* The campaign of grants that are ranges of account numbers: a till gives out cards by them. */
#define CF_GRANT_OF_ACCOUNTS 0

/* A decoded, not yet verified code. Holds its own copy of the signed bytes: no views into the input. */
struct cf_code {
    enum cf_code_kind kind;
    cf_kid kid; /* of the issuer; for MC1 the card's issuer */
    union {
        struct cf_card card;
        struct cf_member_code member;
        struct cf_coupon coupon;
        struct cf_ticket ticket;
        struct cf_grant grant;
        struct cf_value_code value;
        struct cf_order_code order;
    };
    size_t cose_n;
    uint8_t cose[CF_CODE_BYTES_MAX];
};

/* CF_E_CODE_PREFIX, CF_E_CODE_SIZE, CF_E_BASE45, CF_E_CODE_SHAPE, CF_E_CODE_VERSION. */
enum cf_rc cf_code_decode_text(cf_bytes text, struct cf_code *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_code_decode_bytes(enum cf_code_kind kind, cf_bytes cose, struct cf_code *ret,
                                struct cf_error *err) CF_MUST_CHECK;

/* Signs and encodes; ret->cose holds the result, cf_code_text gives the QR text. CF_E_RANGE for fields out of range. */
enum cf_rc cf_card_sign(const struct cf_card *card, cf_kid kid, const struct cf_private_key *issuer,
                        struct cf_code *ret, struct cf_error *err) CF_MUST_CHECK;
/* card: a signed MS1 whose device key is that of `device`. */
enum cf_rc cf_member_code_sign(const struct cf_code *card, int64_t at_s, uint64_t counter, const uint32_t *till,
                               const uint8_t nonce[CF_NONCE_BYTES], const struct cf_private_key *device,
                               struct cf_code *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_coupon_sign(const struct cf_coupon *coupon, cf_kid kid, const struct cf_private_key *issuer,
                          struct cf_code *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_ticket_sign(const struct cf_ticket *ticket, cf_kid kid, const struct cf_private_key *issuer,
                          struct cf_code *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_order_code_sign(const struct cf_order_code *order, cf_kid kid, const struct cf_private_key *issuer,
                              struct cf_code *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_grant_sign(const struct cf_grant *grant, cf_kid kid, const struct cf_private_key *issuer,
                         struct cf_code *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_value_code_sign(const struct cf_value_code *value, cf_kid kid, const struct cf_private_key *issuer,
                              struct cf_code *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_code_text(const struct cf_code *code, char text[CF_CODE_TEXT_MAX], struct cf_error *err) CF_MUST_CHECK;

/* The bytes that an ES256 signature covers: Sig_structure of RFC 9052 section 4.4. For keyring.c and tests. */
enum cf_rc cf_cose_signed_bytes(const char *aad, cf_bytes protected_header, cf_bytes payload, struct cf_buf *ret,
                                struct cf_error *err) CF_MUST_CHECK;

#endif
