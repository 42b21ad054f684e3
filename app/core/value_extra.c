/*
 * app/core/value_extra.c - see value_extra.h.
 */
#include "app/core/value_extra.h"

#include <string.h>

/* A sale that says nothing of an account that it took from must not look as if there were none: the check finds it. */
static bool says_something(const struct cf_tender *tender)
{
    return tender->value.source != 0;
}

static size_t count_said(const struct cf_sale *sale)
{
    size_t n = 0;
    for (size_t i = 0; i < sale->tenders.n; i++)
        n += says_something(&sale->tenders.tender[i]) ? 1 : 0;
    return n;
}

bool cf_value_extra_has(const struct cf_sale *sale)
{
    return sale->n_cards > 0 || count_said(sale) > 0;
}

void cf_value_extra_write(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, 2);
    cf_cbor_write_array(w, count_said(sale));
    for (size_t i = 0; i < sale->tenders.n; i++) {
        const struct cf_tender_value *value = &sale->tenders.tender[i].value;
        if (!says_something(&sale->tenders.tender[i]))
            continue;
        cf_cbor_write_array(w, 5);
        cf_cbor_write_uint(w, i + 1);
        cf_cbor_write_uint(w, (uint64_t)value->source);
        cf_cbor_write_uint(w, value->account);
        cf_cbor_write_int(w, value->points);
        if (value->source == CF_VALUE_CENTRE)
            cf_cbor_write_bytes(w, cf_bytes_of(value->key, sizeof value->key));
        else
            cf_cbor_write_null(w);
    }
    cf_cbor_write_array(w, sale->n_cards);
    for (size_t i = 0; i < sale->n_cards; i++) {
        cf_cbor_write_array(w, 2);
        cf_cbor_write_uint(w, sale->cards[i].line_no);
        cf_value_card_write(&sale->cards[i].card, w);
    }
}

static void read_tender(struct cf_cbor_reader *r, struct cf_tender *tender)
{
    struct cf_tender_value *value = &tender->value;
    value->source = (enum cf_value_source)cf_cbor_read_u8(r);
    value->account = cf_cbor_read_u32(r);
    (void)cf_cbor_read_int(r, &value->points);
    value->left_minor = CF_VALUE_LEFT_UNKNOWN;
    bool keyed = !cf_cbor_read_null(r);
    if (keyed)
        (void)cf_cbor_read_bytes_of(r, value->key, sizeof value->key);
    if (r->rc == CF_OK && (value->source < CF_VALUE_CENTRE || value->source > CF_VALUE_HOME ||
                           keyed != (value->source == CF_VALUE_CENTRE)))
        cf_cbor_read_refuse(r);
}

static void read_tenders(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    size_t n = 0;
    uint64_t last = 0;
    (void)cf_cbor_read_array(r, &n, CF_TENDERS_MAX);
    for (size_t i = 0; i < n && r->rc == CF_OK; i++) {
        uint64_t no = 0;
        (void)cf_cbor_read_array_of(r, 5);
        (void)cf_cbor_read_uint(r, &no, sale->tenders.n);
        if (no <= last) {
            cf_cbor_read_refuse(r);
            return;
        }
        last = no;
        read_tender(r, &sale->tenders.tender[no - 1]);
    }
}

void cf_value_extra_read(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    uint32_t last = 0;
    (void)cf_cbor_read_array_of(r, 2);
    read_tenders(r, sale);
    (void)cf_cbor_read_array(r, &sale->n_cards, CF_SALE_CARDS_MAX);
    for (size_t i = 0; i < sale->n_cards && r->rc == CF_OK; i++) {
        (void)cf_cbor_read_array_of(r, 2);
        sale->cards[i].line_no = cf_cbor_read_u32(r);
        cf_value_card_read(r, &sale->cards[i].card);
        if (sale->cards[i].line_no <= last)
            cf_cbor_read_refuse(r);
        last = sale->cards[i].line_no;
    }
}

/* --- checks ------------------------------------------------------------------------------------------------------- */

enum cf_rc cf_tender_value_check(const struct cf_tender *tender, struct cf_error *err)
{
    const struct cf_tender_value *value = &tender->value;
    bool points = tender->kind == CF_TENDER_POINTS;
    if (!cf_tender_is_value(tender->kind))
        return value->source == 0
                   ? CF_OK
                   : cf_fail(err, CF_E_RECORD, "an account that %s took from", cf_tender_kind_name(tender->kind));
    if (value->source != CF_VALUE_CENTRE && value->source != CF_VALUE_HOME)
        return cf_fail(err, CF_E_RECORD, "%s from nowhere", cf_tender_kind_name(tender->kind));
    if (points != (value->account == 0) || points != (value->points > 0) || value->points < 0 ||
        (points && value->source != CF_VALUE_CENTRE))
        return cf_fail(err, CF_E_RECORD, "%s of account %lu, %lld points", cf_tender_kind_name(tender->kind),
                       (unsigned long)value->account, (long long)value->points);
    if (!points && tender->amount_minor > CF_VALUE_MINOR_MAX) /* no account ever had more: sums of lies still fit */
        return cf_fail(err, CF_E_RECORD, "%lld of account %lu", (long long)tender->amount_minor,
                       (unsigned long)value->account);
    if (tender->has_id)
        return cf_fail(err, CF_E_RECORD, "nobody else takes %s", cf_tender_kind_name(tender->kind));
    return CF_OK;
}

static enum cf_rc check_tenders(const struct cf_sale *sale, struct cf_error *err)
{
    struct cf_error why;
    for (size_t i = 0; i < sale->tenders.n; i++) {
        const struct cf_tender *tender = &sale->tenders.tender[i];
        if (cf_tender_value_check(tender, &why) != CF_OK)
            return cf_fail(err, CF_E_RECORD, "tender %zu: %s", i + 1, why.detail);
        if (tender->kind == CF_TENDER_POINTS && (!sale->has_member || !sale->member_live))
            return cf_fail(err, CF_E_RECORD, "tender %zu: points of nobody", i + 1);
        for (size_t k = 0; k < i && tender->value.source == CF_VALUE_CENTRE; k++)
            if (sale->tenders.tender[k].value.source == CF_VALUE_CENTRE &&
                memcmp(sale->tenders.tender[k].value.key, tender->value.key, sizeof tender->value.key) == 0)
                return cf_fail(err, CF_E_RECORD, "tender %zu: the request of tender %zu", i + 1, k + 1);
    }
    return CF_OK;
}

/* What a line that is a card must look like, so that nothing but the card is sold by it. */
static bool is_card_line(const struct cf_sale_line *line, int64_t amount_minor)
{
    return line->product == CF_PRODUCT_GIFT_CARD && line->qty_milli == 1000 && line->unit_price_minor == amount_minor &&
           line->discount_minor == 0 && line->tax_bp == 0 && line->delivery && line->floor_minor == amount_minor &&
           line->extra.origin == CF_PRICE_ENTERED && line->extra.deposit_of == 0 && !line->has_member_price;
}

static enum cf_rc check_cards(const struct cf_sale *sale, struct cf_error *err)
{
    struct cf_error why;
    size_t k = 0;
    for (size_t i = 0; i < sale->n_lines; i++) {
        const struct cf_sale_line *line = &sale->lines[i];
        bool named = k < sale->n_cards && sale->cards[k].line_no == i + 1, tops_up = cf_sale_line_tops_up(line);
        if (tops_up && (!is_card_line(line, line->unit_price_minor) || line->unit_price_minor < 1 ||
                        line->unit_price_minor > CF_VALUE_MINOR_MAX))
            return cf_fail(err, CF_E_RECORD, "line %zu: puts nothing on a card", i + 1);
        if (named != (line->product == CF_PRODUCT_GIFT_CARD && !tops_up))
            return cf_fail(err, CF_E_RECORD, "line %zu: a card that is not named, or none that is", i + 1);
        if (!named)
            continue;
        const struct cf_value_card *card = &sale->cards[k++].card;
        if (cf_value_card_check(card, &why) != CF_OK)
            return cf_fail(err, CF_E_RECORD, "line %zu: %s", i + 1, why.detail);
        if (card->kind != CF_GIFT_CARD || !is_card_line(&sale->lines[i], card->amount_minor))
            return cf_fail(err, CF_E_RECORD, "line %zu: is not sold as a gift card is", i + 1);
        for (size_t n = 0; n + 1 < k; n++)
            if (sale->cards[n].card.account == card->account)
                return cf_fail(err, CF_E_RECORD, "line %zu: the card of line %lu", i + 1,
                               (unsigned long)sale->cards[n].line_no);
    }
    return k == sale->n_cards ? CF_OK
                              : cf_fail(err, CF_E_RECORD, "a card on line %lu", (unsigned long)sale->cards[k].line_no);
}

enum cf_rc cf_value_extra_check(const struct cf_sale *sale, struct cf_error *err)
{
    if (sale->n_cards > CF_SALE_CARDS_MAX)
        return cf_fail(err, CF_E_RECORD, "%zu cards", sale->n_cards);
    enum cf_rc rc = check_tenders(sale, err);
    return rc == CF_OK ? check_cards(sale, err) : rc;
}
