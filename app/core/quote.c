/*
 * app/core/quote.c - see quote.h.
 */
#include "app/core/quote.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/core/sale_return.h"
#include "app/core/tax.h"
#include "base/bytes.h"
#include "base/cbor.h"

#define QUOTE_VERSION 1
#define QUOTE_FIELDS 3
#define REFERENCE "quotation"                /* of the card that nobody showed: each one has a reference */
#define EXPIRES_S_MAX UINT64_C(253402300799) /* 9999-12-31T23:59:59Z */

void cf_quote_make(struct cf_sale *sale)
{
    sale->member_live = false;
    sale->member_counter = 0;
    cf_tenders_init(&sale->tenders, sale->total_minor);
    if (sale->total_minor > 0) {
        sale->tenders.tender[0] = (struct cf_tender){.kind = CF_TENDER_CARD, .amount_minor = sale->total_minor};
        (void)snprintf(sale->tenders.tender[0].reference, sizeof sale->tenders.tender[0].reference, REFERENCE);
        sale->tenders.n = 1;
    }
    sale->change_minor = 0;
}

/* A deposit stands right behind its goods: so it is found again when they are sold. */
static enum cf_rc check_lines(const struct cf_sale *sale, struct cf_error *err)
{
    for (size_t i = 0; i < sale->n_lines; i++) {
        const struct cf_sale_line *line = &sale->lines[i];
        if (line->product == CF_PRODUCT_GIFT_CARD || cf_price_is_agreed(line->extra.origin))
            return cf_fail(err, CF_E_QUOTE_GOODS, "line %zu: %s", i + 1,
                           line->product == CF_PRODUCT_GIFT_CARD ? "a gift card" : "its price is agreed already");
        if (line->extra.deposit_of != 0 && line->extra.deposit_of != i)
            return cf_fail(err, CF_E_RECORD, "line %zu: a deposit that does not follow its goods", i + 1);
    }
    return CF_OK;
}

enum cf_rc cf_quote_check(const struct cf_sale *sale, int64_t expires_s, struct cf_error *err)
{
    const struct cf_tenders *tenders = &sale->tenders;
    enum cf_rc rc = check_lines(sale, err);
    if (rc == CF_OK)
        rc = cf_sale_check(sale, err);
    if (rc != CF_OK)
        return rc;
    if (sale->n_redemptions != 0 || sale->n_issued != 0 || sale->n_cards != 0 || sale->order.order != 0 ||
        sale->has_exchange || sale->quote.of.terminal != 0)
        return cf_fail(err, CF_E_QUOTE_GOODS, "%zu coupons used, %zu given", sale->n_redemptions, sale->n_issued);
    if (expires_s < 1 || (uint64_t)expires_s > EXPIRES_S_MAX)
        return cf_fail(err, CF_E_RECORD, "good until %lld", (long long)expires_s);
    if (sale->fiscal.is || sale->member_live || sale->member_counter != 0 || sale->facts.tenders != 0)
        return cf_fail(err, CF_E_RECORD, "a quotation that was signed, or tells how it is paid");
    if (tenders->n != (sale->total_minor > 0 ? 1 : 0) || tenders->rounding_minor != 0 ||
        (tenders->n == 1 && (tenders->tender[0].kind != CF_TENDER_CARD ||
                             strcmp(tenders->tender[0].reference, REFERENCE) != 0 || tenders->tender[0].has_id)))
        return cf_fail(err, CF_E_RECORD, "a quotation that somebody paid");
    return CF_OK;
}

enum cf_rc cf_quote_encode(const struct cf_sale *sale, int64_t expires_s, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    size_t before = ret->n;
    cf_buf_init(&body, CF_SALE_BYTES_MAX);
    enum cf_rc rc = cf_quote_check(sale, expires_s, err);
    if (rc == CF_OK)
        rc = cf_sale_encode(sale, &body, err);
    if (rc != CF_OK)
        return rc;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, QUOTE_FIELDS);
    cf_cbor_write_uint(&w, QUOTE_VERSION);
    cf_cbor_write_int(&w, expires_s);
    cf_cbor_write_bytes(&w, cf_buf_bytes(&body));
    rc = cf_cbor_write_end(&w, err);
    if (rc == CF_OK && ret->n - before > CF_QUOTE_BYTES_MAX)
        rc = cf_fail(err, CF_E_LIMIT, "a quotation of %zu bytes", ret->n - before);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

enum cf_rc cf_quote_decode(cf_bytes bytes, struct cf_sale *ret_sale, int64_t *ret_expires_s, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_error why;
    struct cf_sale_line *lines = NULL;
    struct cf_sale *sale = NULL;
    cf_bytes body = {NULL, 0};
    uint64_t version = 0, expires_s = 0;
    if (bytes.n > CF_QUOTE_BYTES_MAX)
        return cf_fail(err, CF_E_RECORD, "a quotation of %zu bytes", bytes.n);
    cf_cbor_read_init(&r, bytes);
    (void)cf_cbor_read_array_of(&r, QUOTE_FIELDS);
    if (cf_cbor_read_uint(&r, &version, QUOTE_VERSION) && version != QUOTE_VERSION)
        cf_cbor_read_refuse(&r);
    (void)cf_cbor_read_uint(&r, &expires_s, EXPIRES_S_MAX);
    (void)cf_cbor_read_bytes(&r, &body, CF_SALE_BYTES_MAX);
    if (cf_cbor_read_end(&r, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);
    /* Read aside, since a sale that is no quotation is one all the same. */
    enum cf_rc rc = cf_sale_new(&sale, err);
    if (rc != CF_OK)
        return rc;
    rc = cf_sale_decode(body, sale, err);
    if (rc == CF_OK && cf_quote_check(sale, (int64_t)expires_s, &why) != CF_OK)
        rc = cf_fail(err, CF_E_RECORD, "%s", why.detail);
    if (rc == CF_OK) {
        lines = ret_sale->lines;
        *ret_sale = *sale;
        ret_sale->lines = sale->lines;
        sale->lines = lines;
        *ret_expires_s = (int64_t)expires_s;
    }
    cf_sale_free(sale);
    return rc;
}

/* --- its code ----------------------------------------------------------------------------------------------------- */

struct cf_quote_tag cf_quote_tag_of(const struct cf_sha256 *hash)
{
    struct cf_quote_tag tag;
    memcpy(tag.b, hash->digest, sizeof tag.b);
    return tag;
}

void cf_quote_code(const struct cf_sale_ref *ref, struct cf_quote_tag tag, char text[CF_QUOTE_CODE_MAX])
{
    char hex[2 * sizeof tag.b + 1];
    cf_hex_encode(cf_bytes_of(tag.b, sizeof tag.b), hex);
    for (char *c = hex; *c != '\0'; c++) /* as base45 has it, and the smallest QR symbol */
        *c = *c >= 'a' ? (char)(*c - 'a' + 'A') : *c;
    (void)snprintf(text, CF_QUOTE_CODE_MAX, CF_QUOTE_CODE_PREFIX "%" PRIu32 "-%" PRIu32 "-%" PRIu64 "-%s",
                   ref->terminal, ref->epoch, ref->seq, hex);
}

bool cf_quote_code_parse(const char *text, struct cf_sale_ref *ret, bool *ret_has_tag, struct cf_quote_tag *ret_tag)
{
    char number[CF_SALE_REF_MAX];
    size_t prefix = strlen(CF_QUOTE_CODE_PREFIX), n;
    const char *dash;
    *ret_has_tag = strncmp(text, CF_QUOTE_CODE_PREFIX, prefix) == 0;
    memset(ret_tag, 0, sizeof *ret_tag);
    if (!*ret_has_tag)
        return strncmp(text, CF_SALE_REF_PREFIX, strlen(CF_SALE_REF_PREFIX)) != 0 && cf_sale_ref_parse(text, ret);
    text += prefix;
    dash = strrchr(text, '-');
    n = dash != NULL ? (size_t)(dash - text) : sizeof number;
    if (n >= sizeof number)
        return false;
    memcpy(number, text, n);
    number[n] = '\0';
    if (strlen(dash + 1) != 2 * sizeof ret_tag->b ||
        cf_hex_decode(dash + 1, ret_tag->b, sizeof ret_tag->b, NULL) != CF_OK)
        return false;
    return strncmp(number, CF_SALE_REF_PREFIX, strlen(CF_SALE_REF_PREFIX)) != 0 && cf_sale_ref_parse(number, ret);
}

/* --- may it be sold? ---------------------------------------------------------------------------------------------- */

enum cf_rc cf_quote_judge(const struct cf_sale *quoted, int64_t expires_s, const struct cf_quote_facts *facts,
                          struct cf_error *err)
{
    if (facts->other_tag)
        return cf_fail(err, CF_E_QUOTE_ALTERED, "the code is not of the quotation that is on record");
    if (!cf_currency_equal(quoted->currency, facts->currency))
        return cf_fail(err, CF_E_QUOTE_ALTERED, "it is in %.3s, and here is sold in %.3s", quoted->currency.code,
                       facts->currency.code);
    if (cf_tax_is_inclusive(quoted->tax_mode) != cf_tax_is_inclusive(facts->tax_mode))
        return cf_fail(err, CF_E_QUOTE_ALTERED, "its prices are %s tax, and here they are not",
                       cf_tax_is_inclusive(quoted->tax_mode) ? "with" : "without");
    if (facts->used)
        return cf_fail(err, CF_E_QUOTE_USED, "number %llu", (unsigned long long)quoted->sale_no);
    if (cf_wall_s(facts->now.lo) > expires_s)
        return cf_fail(err, CF_E_QUOTE_EXPIRED, "number %llu was good until %lld", (unsigned long long)quoted->sale_no,
                       (long long)expires_s);
    return CF_OK;
}

static enum cf_rc judge_line(const struct cf_sale *quoted, const struct cf_sale *sale, size_t i, struct cf_error *err)
{
    const struct cf_sale_line *sold = &sale->lines[i];
    size_t at = sold->extra.list - 1; /* of CF_PRICE_QUOTE: from 1 */
    if (at >= quoted->n_lines)
        return cf_fail(err, CF_E_QUOTE_ALTERED, "line %zu: %zu lines were quoted", i + 1, quoted->n_lines);
    const struct cf_sale_line *line = &quoted->lines[at];
    if (sold->product != line->product || sold->qty_milli != line->qty_milli ||
        sold->unit_price_minor != line->unit_price_minor)
        return cf_fail(err, CF_E_QUOTE_ALTERED, "line %zu: %lld of %llu at %lld; quoted were %lld of %llu at %lld",
                       i + 1, (long long)sold->qty_milli, (unsigned long long)sold->product,
                       (long long)sold->unit_price_minor, (long long)line->qty_milli, (unsigned long long)line->product,
                       (long long)line->unit_price_minor);
    if (sale->quote.stands && sold->discount_minor != line->discount_minor)
        return cf_fail(err, CF_E_QUOTE_ALTERED, "line %zu: %lld off; quoted were %lld", i + 1,
                       (long long)sold->discount_minor, (long long)line->discount_minor);
    return CF_OK;
}

enum cf_rc cf_quote_judge_sale(const struct cf_sale *quoted, const struct cf_sale *sale, struct cf_error *err)
{
    size_t n = 0;
    if (!cf_currency_equal(quoted->currency, sale->currency) || quoted->sale_no != sale->quote.of.sale_no)
        return cf_fail(err, CF_E_QUOTE_ALTERED, "number %llu in %.3s; sold is %llu in %.3s",
                       (unsigned long long)quoted->sale_no, quoted->currency.code,
                       (unsigned long long)sale->quote.of.sale_no, sale->currency.code);
    for (size_t i = 0; i < sale->n_lines; i++) {
        if (sale->lines[i].extra.origin != CF_PRICE_QUOTE)
            continue;
        n++;
        enum cf_rc rc = judge_line(quoted, sale, i, err);
        if (rc != CF_OK)
            return rc;
    }
    if (sale->quote.stands && n != quoted->n_lines)
        return cf_fail(err, CF_E_QUOTE_ALTERED, "%zu of %zu lines, and what was taken off all", n, quoted->n_lines);
    return CF_OK;
}
