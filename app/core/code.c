/*
 * app/core/code.c - see code.h. Proves nothing; COSE framing is in cose.c, keys and verdicts in keyring.c.
 */
#include "app/core/code.h"

#include <assert.h>
#include <string.h>

#include "app/core/cose.h"
#include "base/base45.h"
#include "base/cbor.h"
#include "base/zone.h"

#define CODE_VERSION 1
#define PREFIX_CHARACTERS 4
#define CARD_VERSION_CLAIMS 2
#define COUPON_VERSION_EPOCH 2
#define DAYS_MAX UINT32_C(2932896) /* 9999-12-31 */
#define PURCHASES_MAX UINT32_C(1000000000)
#define PAYLOAD_MAX (CF_CODE_BYTES_MAX - 64)
#define PAYLOAD_FIELDS_MAX 23 /* of any version: a short CBOR array */
/* 9999-12-31T23:59:59Z: later instants would not survive a conversion to microseconds or to text. */
#define UNIX_S_MAX UINT64_C(253402300799)

static const char prefixes[][PREFIX_CHARACTERS + 1] = {
    [CF_CODE_CARD] = "MS1:",  [CF_CODE_MEMBER] = "MC1:", [CF_CODE_COUPON] = "CP1:", [CF_CODE_TICKET] = "CT1:",
    [CF_CODE_GRANT] = "GR1:", [CF_CODE_VALUE] = "GC1:",  [CF_CODE_ORDER] = "PU1:",
};

bool cf_sub_equal(cf_sub a, cf_sub b)
{
    return memcmp(a.b, b.b, sizeof a.b) == 0;
}

bool cf_kid_equal(cf_kid a, cf_kid b)
{
    return memcmp(a.b, b.b, sizeof a.b) == 0;
}

const char *cf_code_prefix(enum cf_code_kind kind)
{
    assert((unsigned)kind < sizeof prefixes / sizeof prefixes[0]);
    return prefixes[kind];
}

/* --- fields: the same rules when writing and when reading -------------------------------------------------------- */

static bool is_unix_s(int64_t s)
{
    return s >= 0 && (uint64_t)s <= UNIX_S_MAX;
}

/* Only the form of a compressed point; whether it is on the curve is found out by whoever verifies with it. */
static bool is_point(const cf_public_key *key)
{
    return key->point[0] == 2 || key->point[0] == 3;
}

static bool claims_are_valid(const struct cf_claims *claims)
{
    int64_t days;
    if (claims->as_of_day > DAYS_MAX || claims->purchases > PURCHASES_MAX ||
        claims->n_segments > CF_CLAIMS_SEGMENTS_MAX)
        return false;
    for (size_t i = 0; i < claims->n_segments; i++)
        if (claims->segments[i] <= (i == 0 ? 0 : claims->segments[i - 1]))
            return false;
    return claims->birthday == 0 || cf_date_days(20240000u + claims->birthday, &days); /* a leap year */
}

static bool card_is_valid(const struct cf_card *card)
{
    return is_unix_s(card->exp_s) && is_point(&card->device_key) && card->tier <= CF_TIER_MAX &&
           (!card->has_claims || claims_are_valid(&card->claims));
}

static bool grant_is_valid(const struct cf_grant *grant)
{
    return is_unix_s(grant->exp_s) && is_point(&grant->till_key) && grant->first <= grant->last;
}

static bool value_is_valid(const struct cf_value_code *value)
{
    return (value->kind == CF_GIFT_CARD || value->kind == CF_GIFT_CREDIT) && value->account != 0 &&
           is_unix_s(value->exp_s);
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

static int64_t read_unix_s(struct cf_cbor_reader *r)
{
    uint64_t v;
    cf_cbor_read_uint(r, &v, UNIX_S_MAX);
    return (int64_t)v;
}

static void read_claims(struct cf_cbor_reader *r, struct cf_claims *claims)
{
    uint64_t birthday = 0;
    cf_cbor_read_array_of(r, 4);
    claims->as_of_day = cf_cbor_read_u32(r);
    claims->purchases = cf_cbor_read_u32(r);
    cf_cbor_read_uint(r, &birthday, 1231);
    claims->birthday = (uint16_t)birthday;
    cf_cbor_read_array(r, &claims->n_segments, CF_CLAIMS_SEGMENTS_MAX);
    for (size_t i = 0; i < claims->n_segments; i++)
        claims->segments[i] = cf_cbor_read_u32(r);
}

static void read_card(struct cf_cbor_reader *r, bool has_claims, struct cf_card *card)
{
    uint64_t tier;
    cf_cbor_read_bytes_of(r, card->sub.b, sizeof card->sub.b);
    card->exp_s = read_unix_s(r);
    cf_cbor_read_bytes_of(r, card->device_key.point, sizeof card->device_key.point);
    cf_cbor_read_uint(r, &tier, CF_TIER_MAX);
    card->tier = (uint8_t)tier;
    card->home_store = cf_cbor_read_u32(r);
    card->has_claims = has_claims;
    if (has_claims)
        read_claims(r, &card->claims);
    if (r->rc == CF_OK && !card_is_valid(card))
        cf_cbor_read_refuse(r);
}

/* The fields of MC1 after the card's bytes. */
static void read_member(struct cf_cbor_reader *r, struct cf_member_code *member)
{
    member->at_s = read_unix_s(r);
    cf_cbor_read_uint(r, &member->counter, INT64_MAX); /* databases and JSON know no larger one */
    if (!cf_cbor_read_null(r)) {
        member->has_challenge = true;
        cf_cbor_read_array_of(r, 2);
        member->till = cf_cbor_read_u32(r);
        cf_cbor_read_bytes_of(r, member->nonce, sizeof member->nonce);
    }
}

/* In which epoch of its home a coupon may be used; of the first one there is a shorter form, and only that. */
static bool coupon_is_valid(const struct cf_coupon *coupon)
{
    return is_unix_s(coupon->exp_s) && coupon->pinned == (coupon->home_epoch != 0);
}

static void read_coupon(struct cf_cbor_reader *r, bool has_epoch, struct cf_coupon *coupon)
{
    coupon->campaign = cf_cbor_read_u32(r);
    coupon->index = cf_cbor_read_u32(r);
    coupon->exp_s = read_unix_s(r);
    coupon->bound = !cf_cbor_read_null(r);
    if (coupon->bound)
        cf_cbor_read_bytes_of(r, coupon->sub.b, sizeof coupon->sub.b);
    coupon->pinned = !cf_cbor_read_null(r);
    if (coupon->pinned) {
        coupon->home = cf_cbor_read_u32(r);
        coupon->home_epoch = has_epoch ? cf_cbor_read_u32(r) : 1;
    }
    coupon->generation = cf_cbor_read_u32(r);
    if (r->rc == CF_OK && has_epoch && coupon->home_epoch < 2)
        cf_cbor_read_refuse(r);
}

static void read_ticket(struct cf_cbor_reader *r, struct cf_ticket *ticket)
{
    ticket->campaign = cf_cbor_read_u32(r);
    ticket->index = cf_cbor_read_u32(r);
    cf_cbor_read_bytes_of(r, ticket->sub.b, sizeof ticket->sub.b);
    ticket->till = cf_cbor_read_u32(r);
    cf_cbor_read_bytes_of(r, ticket->nonce, sizeof ticket->nonce);
    ticket->exp_s = read_unix_s(r);
}

static void read_grant(struct cf_cbor_reader *r, struct cf_grant *grant)
{
    cf_cbor_read_bytes_of(r, grant->grant_id.b, sizeof grant->grant_id.b);
    grant->till = cf_cbor_read_u32(r);
    cf_cbor_read_bytes_of(r, grant->till_key.point, sizeof grant->till_key.point);
    grant->campaign = cf_cbor_read_u32(r);
    grant->first = cf_cbor_read_u32(r);
    grant->last = cf_cbor_read_u32(r);
    grant->exp_s = read_unix_s(r);
    if (r->rc == CF_OK && !grant_is_valid(grant))
        cf_cbor_read_refuse(r);
}

static void read_value(struct cf_cbor_reader *r, struct cf_value_code *value)
{
    value->kind = (enum cf_gift_kind)cf_cbor_read_u8(r);
    value->account = cf_cbor_read_u32(r);
    value->exp_s = read_unix_s(r);
    if (r->rc == CF_OK && !value_is_valid(value))
        cf_cbor_read_refuse(r);
}

static bool order_is_valid(const struct cf_order_code *order)
{
    return is_unix_s(order->exp_s) && order->order != 0 && order->store != 0 && order->generation != 0;
}

static void read_order(struct cf_cbor_reader *r, struct cf_order_code *order)
{
    order->order = cf_cbor_read_u32(r);
    order->store = cf_cbor_read_u32(r);
    order->generation = cf_cbor_read_u32(r);
    order->exp_s = read_unix_s(r);
    if (r->rc == CF_OK && !order_is_valid(order))
        cf_cbor_read_refuse(r);
}

/* Opens the array and reads the version, before anything that a later version may have changed. newest: the last
 * version of this kind of code. */
static enum cf_rc open_payload(struct cf_cbor_reader *r, cf_bytes payload, unsigned newest, size_t *ret_count,
                               unsigned *ret_version, struct cf_error *err)
{
    uint64_t version;
    cf_cbor_read_init(r, payload);
    cf_cbor_read_array(r, ret_count, PAYLOAD_FIELDS_MAX);
    if (!cf_cbor_read_uint(r, &version, UINT64_MAX))
        return cf_fail(err, CF_E_CODE_SHAPE, "the fields do not begin with a version");
    if (version < CODE_VERSION || version > newest)
        return cf_fail(err, CF_E_CODE_VERSION, "version %llu, where %u is known", (unsigned long long)version, newest);
    *ret_version = (unsigned)version;
    return CF_OK;
}

static enum cf_rc close_payload(const struct cf_cbor_reader *r, size_t count, size_t expected, struct cf_error *err)
{
    if (count != expected || cf_cbor_read_end(r, NULL) != CF_OK)
        return cf_fail(err, CF_E_CODE_SHAPE, "the fields are not those of this kind");
    return CF_OK;
}

static enum cf_rc decode_card(cf_bytes cose_bytes, struct cf_card *ret, cf_kid *ret_kid, struct cf_error *err)
{
    struct cf_cose cose;
    struct cf_cbor_reader r;
    size_t count;
    unsigned version;
    enum cf_rc rc = cf_cose_split(cose_bytes, &cose, err);
    if (rc == CF_OK && !cose.has_kid)
        rc = cf_fail(err, CF_E_CODE_SHAPE, "the signature names no key");
    if (rc == CF_OK)
        rc = open_payload(&r, cose.payload, CARD_VERSION_CLAIMS, &count, &version, err);
    if (rc != CF_OK)
        return rc;
    read_card(&r, version == CARD_VERSION_CLAIMS, ret);
    *ret_kid = cose.kid;
    return close_payload(&r, count, version == CARD_VERSION_CLAIMS ? 7 : 6, err);
}

static enum cf_rc decode_member(const struct cf_cose *cose, struct cf_code *code, struct cf_error *err)
{
    struct cf_cbor_reader r;
    size_t count;
    unsigned version;
    cf_bytes card;
    enum cf_rc rc = open_payload(&r, cose->payload, CODE_VERSION, &count, &version, err);
    if (rc != CF_OK)
        return rc;
    cf_cbor_read_bytes(&r, &card, CF_CODE_BYTES_MAX);
    read_member(&r, &code->member);
    rc = close_payload(&r, count, 5, err);
    return rc == CF_OK ? decode_card(card, &code->member.card, &code->kid, err) : rc;
}

static unsigned newest_version(enum cf_code_kind kind)
{
    if (kind == CF_CODE_CARD)
        return CARD_VERSION_CLAIMS;
    return kind == CF_CODE_COUPON ? COUPON_VERSION_EPOCH : CODE_VERSION;
}

static enum cf_rc decode_fields(const struct cf_cose *cose, struct cf_code *code, struct cf_error *err)
{
    struct cf_cbor_reader r;
    size_t count;
    size_t expected = 0;
    unsigned version;
    enum cf_rc rc = open_payload(&r, cose->payload, newest_version(code->kind), &count, &version, err);
    if (rc != CF_OK)
        return rc;
    code->kid = cose->kid;
    switch (code->kind) {
    case CF_CODE_CARD:
        read_card(&r, version == CARD_VERSION_CLAIMS, &code->card);
        expected = version == CARD_VERSION_CLAIMS ? 7 : 6;
        break;
    case CF_CODE_COUPON:
        read_coupon(&r, version == COUPON_VERSION_EPOCH, &code->coupon);
        expected = version == COUPON_VERSION_EPOCH ? 8 : 7;
        break;
    case CF_CODE_TICKET:
        read_ticket(&r, &code->ticket);
        expected = 7;
        break;
    case CF_CODE_GRANT:
        read_grant(&r, &code->grant);
        expected = 8;
        break;
    case CF_CODE_VALUE:
        read_value(&r, &code->value);
        expected = 4;
        break;
    case CF_CODE_ORDER:
        read_order(&r, &code->order);
        expected = 5;
        break;
    case CF_CODE_MEMBER:
        assert(false && "a member code has its own decoder");
    }
    return close_payload(&r, count, expected, err);
}

enum cf_rc cf_code_decode_bytes(enum cf_code_kind kind, cf_bytes cose_bytes, struct cf_code *ret, struct cf_error *err)
{
    if (cose_bytes.n > CF_CODE_BYTES_MAX)
        return cf_fail(err, CF_E_CODE_SIZE, "%zu bytes, where a code has at most %d", cose_bytes.n, CF_CODE_BYTES_MAX);
    struct cf_cose cose;
    enum cf_rc rc = cf_cose_split(cose_bytes, &cose, err);
    if (rc != CF_OK)
        return rc;
    if (cose.has_kid != (kind != CF_CODE_MEMBER))
        return cf_fail(err, CF_E_CODE_SHAPE,
                       cose.has_kid ? "the signature names a key, where none is named" : "the signature names no key");

    struct cf_code code = {.kind = kind, .cose_n = cose_bytes.n};
    rc = kind == CF_CODE_MEMBER ? decode_member(&cose, &code, err) : decode_fields(&cose, &code, err);
    if (rc != CF_OK)
        return rc;
    memcpy(code.cose, cose_bytes.p, cose_bytes.n);
    *ret = code;
    return CF_OK;
}

enum cf_rc cf_code_decode_text(cf_bytes text, struct cf_code *ret, struct cf_error *err)
{
    size_t kind = 0;
    const size_t kinds = sizeof prefixes / sizeof prefixes[0];
    while (kind < kinds && (text.n < PREFIX_CHARACTERS || memcmp(text.p, prefixes[kind], PREFIX_CHARACTERS) != 0))
        kind++;
    if (kind == kinds)
        return cf_fail(err, CF_E_CODE_PREFIX, "the text begins with no prefix of ours");
    if (text.n >= CF_CODE_TEXT_MAX)
        return cf_fail(err, CF_E_CODE_SIZE, "%zu characters, where a code has fewer than %d", text.n, CF_CODE_TEXT_MAX);

    uint8_t cose[CF_CODE_BYTES_MAX];
    size_t n;
    cf_bytes body = cf_bytes_of(text.p + PREFIX_CHARACTERS, text.n - PREFIX_CHARACTERS);
    enum cf_rc rc = cf_base45_decode(body, cose, sizeof cose, &n, err);
    if (rc == CF_E_LIMIT)
        return cf_fail(err, CF_E_CODE_SIZE, "%zu characters are too many for a code", text.n);
    return rc == CF_OK ? cf_code_decode_bytes((enum cf_code_kind)kind, cf_bytes_of(cose, n), ret, err) : rc;
}

/* --- writing ----------------------------------------------------------------------------------------------------- */

/* A payload while it is written, on the stack. */
struct payload {
    uint8_t bytes[PAYLOAD_MAX + 1];
    struct cf_buf buf;
    struct cf_cbor_writer w;
};

static void payload_begin_version(struct payload *p, unsigned version, size_t fields)
{
    cf_buf_init_fixed(&p->buf, p->bytes, PAYLOAD_MAX);
    cf_cbor_write_init(&p->w, &p->buf);
    cf_cbor_write_array(&p->w, fields);
    cf_cbor_write_uint(&p->w, version);
}

static void payload_begin(struct payload *p, size_t fields)
{
    payload_begin_version(p, CODE_VERSION, fields);
}

static void write_bytes(struct payload *p, const uint8_t *bytes, size_t n)
{
    cf_cbor_write_bytes(&p->w, cf_bytes_of(bytes, n));
}

/* Signs what was written, and reads it back: what cannot be decoded is never handed out. */
static enum cf_rc payload_sign(struct payload *p, enum cf_code_kind kind, const cf_kid *kid,
                               const struct cf_private_key *key, struct cf_code *ret, struct cf_error *err)
{
    enum cf_rc rc = cf_cbor_write_end(&p->w, err);
    if (rc != CF_OK)
        return rc;
    char aad[PREFIX_CHARACTERS] = {prefixes[kind][0], prefixes[kind][1], prefixes[kind][2], '\0'};
    uint8_t bytes[CF_CODE_BYTES_MAX + 1];
    struct cf_buf cose;
    cf_buf_init_fixed(&cose, bytes, CF_CODE_BYTES_MAX);
    rc = cf_cose_sign(aad, cf_buf_bytes(&p->buf), kid, key, &cose, err);
    return rc == CF_OK ? cf_code_decode_bytes(kind, cf_buf_bytes(&cose), ret, err) : rc;
}

static void write_claims(struct payload *p, const struct cf_claims *claims)
{
    cf_cbor_write_array(&p->w, 4);
    cf_cbor_write_uint(&p->w, claims->as_of_day);
    cf_cbor_write_uint(&p->w, claims->purchases);
    cf_cbor_write_uint(&p->w, claims->birthday);
    cf_cbor_write_array(&p->w, claims->n_segments);
    for (size_t i = 0; i < claims->n_segments; i++)
        cf_cbor_write_uint(&p->w, claims->segments[i]);
}

enum cf_rc cf_card_sign(const struct cf_card *card, cf_kid kid, const struct cf_private_key *issuer,
                        struct cf_code *ret, struct cf_error *err)
{
    if (!card_is_valid(card))
        return cf_fail(err, CF_E_RANGE, "a card's expiry, device key, tier or claims are out of range");
    struct payload p;
    payload_begin_version(&p, card->has_claims ? CARD_VERSION_CLAIMS : CODE_VERSION, card->has_claims ? 7 : 6);
    write_bytes(&p, card->sub.b, sizeof card->sub.b);
    cf_cbor_write_uint(&p.w, (uint64_t)card->exp_s);
    write_bytes(&p, card->device_key.point, sizeof card->device_key.point);
    cf_cbor_write_uint(&p.w, card->tier);
    cf_cbor_write_uint(&p.w, card->home_store);
    if (card->has_claims)
        write_claims(&p, &card->claims);
    return payload_sign(&p, CF_CODE_CARD, &kid, issuer, ret, err);
}

enum cf_rc cf_member_code_sign(const struct cf_code *card, int64_t at_s, uint64_t counter, const uint32_t *till,
                               const uint8_t nonce[CF_NONCE_BYTES], const struct cf_private_key *device,
                               struct cf_code *ret, struct cf_error *err)
{
    cf_public_key device_key;
    cf_private_key_public(device, &device_key);
    if (card->kind != CF_CODE_CARD || memcmp(&device_key, &card->card.device_key, sizeof device_key) != 0)
        return cf_fail(err, CF_E_ARGUMENT, "the card is not one of this device");
    if ((till == NULL) != (nonce == NULL))
        return cf_fail(err, CF_E_ARGUMENT, "a challenge is a till and a nonce, both");
    if (!is_unix_s(at_s) || counter > INT64_MAX)
        return cf_fail(err, CF_E_RANGE, "a member code's time or counter is out of range");
    struct payload p;
    payload_begin(&p, 5);
    write_bytes(&p, card->cose, card->cose_n);
    cf_cbor_write_uint(&p.w, (uint64_t)at_s);
    cf_cbor_write_uint(&p.w, counter);
    if (till != NULL) {
        cf_cbor_write_array(&p.w, 2);
        cf_cbor_write_uint(&p.w, *till);
        write_bytes(&p, nonce, CF_NONCE_BYTES);
    } else {
        cf_cbor_write_null(&p.w);
    }
    return payload_sign(&p, CF_CODE_MEMBER, NULL, device, ret, err);
}

enum cf_rc cf_coupon_sign(const struct cf_coupon *coupon, cf_kid kid, const struct cf_private_key *issuer,
                          struct cf_code *ret, struct cf_error *err)
{
    if (!coupon_is_valid(coupon))
        return cf_fail(err, CF_E_RANGE, "a coupon's expiry or its home's epoch is out of range");
    const bool has_epoch = coupon->home_epoch > 1;
    struct payload p;
    payload_begin_version(&p, has_epoch ? COUPON_VERSION_EPOCH : CODE_VERSION, has_epoch ? 8 : 7);
    cf_cbor_write_uint(&p.w, coupon->campaign);
    cf_cbor_write_uint(&p.w, coupon->index);
    cf_cbor_write_uint(&p.w, (uint64_t)coupon->exp_s);
    if (coupon->bound)
        write_bytes(&p, coupon->sub.b, sizeof coupon->sub.b);
    else
        cf_cbor_write_null(&p.w);
    if (coupon->pinned)
        cf_cbor_write_uint(&p.w, coupon->home);
    else
        cf_cbor_write_null(&p.w);
    if (has_epoch)
        cf_cbor_write_uint(&p.w, coupon->home_epoch);
    cf_cbor_write_uint(&p.w, coupon->generation);
    return payload_sign(&p, CF_CODE_COUPON, &kid, issuer, ret, err);
}

enum cf_rc cf_ticket_sign(const struct cf_ticket *ticket, cf_kid kid, const struct cf_private_key *issuer,
                          struct cf_code *ret, struct cf_error *err)
{
    if (!is_unix_s(ticket->exp_s))
        return cf_fail(err, CF_E_RANGE, "a ticket's expiry is out of range");
    struct payload p;
    payload_begin(&p, 7);
    cf_cbor_write_uint(&p.w, ticket->campaign);
    cf_cbor_write_uint(&p.w, ticket->index);
    write_bytes(&p, ticket->sub.b, sizeof ticket->sub.b);
    cf_cbor_write_uint(&p.w, ticket->till);
    write_bytes(&p, ticket->nonce, sizeof ticket->nonce);
    cf_cbor_write_uint(&p.w, (uint64_t)ticket->exp_s);
    return payload_sign(&p, CF_CODE_TICKET, &kid, issuer, ret, err);
}

enum cf_rc cf_order_code_sign(const struct cf_order_code *order, cf_kid kid, const struct cf_private_key *issuer,
                              struct cf_code *ret, struct cf_error *err)
{
    if (!order_is_valid(order))
        return cf_fail(err, CF_E_RANGE, "an order's number, store, generation or expiry is out of range");
    struct payload p;
    payload_begin(&p, 5);
    cf_cbor_write_uint(&p.w, order->order);
    cf_cbor_write_uint(&p.w, order->store);
    cf_cbor_write_uint(&p.w, order->generation);
    cf_cbor_write_uint(&p.w, (uint64_t)order->exp_s);
    return payload_sign(&p, CF_CODE_ORDER, &kid, issuer, ret, err);
}

enum cf_rc cf_grant_sign(const struct cf_grant *grant, cf_kid kid, const struct cf_private_key *issuer,
                         struct cf_code *ret, struct cf_error *err)
{
    if (!grant_is_valid(grant))
        return cf_fail(err, CF_E_RANGE, "a grant's expiry, till key or range is out of range");
    struct payload p;
    payload_begin(&p, 8);
    write_bytes(&p, grant->grant_id.b, sizeof grant->grant_id.b);
    cf_cbor_write_uint(&p.w, grant->till);
    write_bytes(&p, grant->till_key.point, sizeof grant->till_key.point);
    cf_cbor_write_uint(&p.w, grant->campaign);
    cf_cbor_write_uint(&p.w, grant->first);
    cf_cbor_write_uint(&p.w, grant->last);
    cf_cbor_write_uint(&p.w, (uint64_t)grant->exp_s);
    return payload_sign(&p, CF_CODE_GRANT, &kid, issuer, ret, err);
}

enum cf_rc cf_value_code_sign(const struct cf_value_code *value, cf_kid kid, const struct cf_private_key *issuer,
                              struct cf_code *ret, struct cf_error *err)
{
    if (!value_is_valid(value))
        return cf_fail(err, CF_E_RANGE, "a card's kind, account or expiry is out of range");
    struct payload p;
    payload_begin(&p, 4);
    cf_cbor_write_uint(&p.w, (uint64_t)value->kind);
    cf_cbor_write_uint(&p.w, value->account);
    cf_cbor_write_uint(&p.w, (uint64_t)value->exp_s);
    return payload_sign(&p, CF_CODE_VALUE, &kid, issuer, ret, err);
}

enum cf_rc cf_code_text(const struct cf_code *code, char text[CF_CODE_TEXT_MAX], struct cf_error *err)
{
    memcpy(text, cf_code_prefix(code->kind), PREFIX_CHARACTERS);
    return cf_base45_encode(cf_bytes_of(code->cose, code->cose_n), text + PREFIX_CHARACTERS,
                            CF_CODE_TEXT_MAX - PREFIX_CHARACTERS, err);
}
