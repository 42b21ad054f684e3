/*
 * app/core/sale_extra.c - see sale_extra.h. One row of the table is one key; order is that of the keys.
 */
#include "app/core/sale_extra.h"

#include "base/text.h"

#include <assert.h>
#include <string.h>

#include "app/core/order.h"
#include "app/core/points_extra.h"
#include "app/core/tender_extra.h"
#include "app/core/value_extra.h"

#define EFFECT_FIELDS 3
#define BY_HAND_FIELDS 6

/* --- 1: facts ----------------------------------------------------------------------------------------------------- */

static bool has_facts(const struct cf_sale *sale)
{
    return cf_sale_facts_known(&sale->facts) != 0;
}

static void write_facts(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    cf_sale_facts_write(&sale->facts, w);
}

static void read_facts(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    cf_sale_facts_read(r, &sale->facts);
}

static enum cf_rc check_facts(const struct cf_sale *sale, struct cf_error *err)
{
    struct cf_error why;
    if (cf_sale_facts_check(&sale->facts, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);
    for (size_t i = 0; i < sale->tenders.n && sale->facts.tenders != 0; i++)
        if ((sale->facts.tenders >> sale->tenders.tender[i].kind & 1) == 0 &&
            sale->tenders.tender[i].kind != CF_TENDER_EXCHANGE) /* no way of paying: it was paid before */
            return cf_fail(err, CF_E_RECORD, "tender %zu: %s was not among what was to pay", i + 1,
                           cf_tender_kind_name(sale->tenders.tender[i].kind));
    if ((cf_sale_facts_known(&sale->facts) & CF_FACTS_OF_MEMBER) != 0 && !sale->has_member)
        return cf_fail(err, CF_E_RECORD, "facts of a member on a sale without one");
    return CF_OK;
}

/* --- 2: lines ---
 *
 *   [[position, {pair ...}] ...], rising positions; pairs as line_extra.c has them, then 8 floor_minor,
 *   9 flags (1 reduced, 2 delivery, 4 weighed though whole), 10 member_price_minor, 11 shelf_minor, 12 account that
 * money is put on
 */

enum line_key { LINE_FLOOR = CF_LINE_EXTRA_KEYS + 1, LINE_FLAGS, LINE_MEMBER_PRICE, LINE_SHELF, LINE_ACCOUNT };

static unsigned flags_of(const struct cf_sale_line *line)
{
    return (line->reduced ? 1u : 0u) | (line->delivery ? 2u : 0u) | (line->weighed_whole ? 4u : 0u);
}

static size_t pairs_of(const struct cf_sale_line *line)
{
    return cf_line_extra_pairs(&line->extra) + (line->floor_minor != 0 ? 1 : 0) + (flags_of(line) != 0 ? 1 : 0) +
           (line->has_member_price ? 1 : 0) + (line->shelf_minor != 0 ? 1 : 0) + (line->extra.account != 0 ? 1 : 0);
}

static size_t lines_with_extra(const struct cf_sale *sale)
{
    size_t n = 0;
    for (size_t i = 0; i < sale->n_lines; i++)
        n += pairs_of(&sale->lines[i]) != 0 ? 1 : 0;
    return n;
}

static bool has_lines(const struct cf_sale *sale)
{
    return lines_with_extra(sale) != 0;
}

bool cf_sale_line_has_extra(const struct cf_sale_line *line)
{
    return pairs_of(line) != 0;
}

void cf_sale_line_extra_write(const struct cf_sale_line *line, struct cf_cbor_writer *w)
{
    cf_cbor_write_map(w, pairs_of(line));
    cf_line_extra_write(&line->extra, w);
    if (line->floor_minor != 0) {
        cf_cbor_write_uint(w, LINE_FLOOR);
        cf_cbor_write_int(w, line->floor_minor);
    }
    if (flags_of(line) != 0) {
        cf_cbor_write_uint(w, LINE_FLAGS);
        cf_cbor_write_uint(w, flags_of(line));
    }
    if (line->has_member_price) {
        cf_cbor_write_uint(w, LINE_MEMBER_PRICE);
        cf_cbor_write_int(w, line->member_price_minor);
    }
    if (line->shelf_minor != 0) {
        cf_cbor_write_uint(w, LINE_SHELF);
        cf_cbor_write_int(w, line->shelf_minor);
    }
    if (line->extra.account != 0) {
        cf_cbor_write_uint(w, LINE_ACCOUNT);
        cf_cbor_write_uint(w, line->extra.account);
    }
}

static void write_lines(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, lines_with_extra(sale));
    for (size_t i = 0; i < sale->n_lines; i++) {
        if (pairs_of(&sale->lines[i]) == 0)
            continue;
        cf_cbor_write_array(w, 2);
        cf_cbor_write_uint(w, i);
        cf_sale_line_extra_write(&sale->lines[i], w);
    }
}

static void read_pair(struct cf_cbor_reader *r, uint64_t key, struct cf_sale_line *line)
{
    uint64_t flags = 0;
    switch (key) {
    case LINE_FLOOR:
        if (cf_cbor_read_int(r, &line->floor_minor) && line->floor_minor == 0)
            cf_cbor_read_refuse(r);
        break;
    case LINE_FLAGS:
        if (cf_cbor_read_uint(r, &flags, 7) && flags == 0)
            cf_cbor_read_refuse(r);
        line->reduced = (flags & 1) != 0;
        line->delivery = (flags & 2) != 0;
        line->weighed_whole = (flags & 4) != 0;
        break;
    case LINE_MEMBER_PRICE:
        line->has_member_price = true;
        (void)cf_cbor_read_int(r, &line->member_price_minor);
        break;
    case LINE_SHELF:
        if (cf_cbor_read_int(r, &line->shelf_minor) && line->shelf_minor == 0)
            cf_cbor_read_refuse(r);
        break;
    case LINE_ACCOUNT:
        line->extra.account = cf_cbor_read_u32(r);
        if (line->extra.account == 0)
            cf_cbor_read_refuse(r);
        break;
    default:
        cf_line_extra_read(r, key, &line->extra);
    }
}

void cf_sale_line_extra_read(struct cf_cbor_reader *r, struct cf_sale_line *line)
{
    size_t n = 0;
    uint64_t key = 0, last = 0;
    if (!cf_cbor_read_map(r, &n, LINE_ACCOUNT))
        return;
    if (n == 0)
        cf_cbor_read_refuse(r);
    for (size_t k = 0; k < n && r->rc == CF_OK; k++, last = key) {
        if (cf_cbor_read_uint(r, &key, LINE_ACCOUNT) && key <= last)
            cf_cbor_read_refuse(r);
        if (r->rc == CF_OK)
            read_pair(r, key, line);
    }
}

static void read_lines(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    size_t n = 0;
    uint64_t next = 0;
    (void)cf_cbor_read_array(r, &n, CF_CART_LINES_MAX);
    for (size_t i = 0; i < n && r->rc == CF_OK; i++) {
        uint64_t position;
        (void)cf_cbor_read_array_of(r, 2);
        if (!cf_cbor_read_uint(r, &position, CF_CART_LINES_MAX))
            return;
        if (position < next || position >= sale->n_lines) {
            cf_cbor_read_refuse(r);
            return;
        }
        cf_sale_line_extra_read(r, &sale->lines[position]);
        next = position + 1;
    }
}

static bool is_price(int64_t minor)
{
    return minor >= 0 && minor <= CF_PRICE_MINOR_MAX;
}

/* A deposit follows its goods and there is as much of it; no piece is sold twice. */
static enum cf_rc check_line_among(const struct cf_sale *sale, size_t i, struct cf_error *err)
{
    const struct cf_sale_line *line = &sale->lines[i];
    if (line->extra.deposit_of != 0) {
        if (line->extra.deposit_of > i || sale->lines[line->extra.deposit_of - 1].extra.deposit_of != 0 ||
            sale->lines[line->extra.deposit_of - 1].qty_milli != line->qty_milli)
            return cf_fail(err, CF_E_RECORD, "line %zu: a deposit on line %lu", i + 1,
                           (unsigned long)line->extra.deposit_of);
    }
    for (size_t k = 0; k < i && line->extra.serial[0] != '\0'; k++)
        if (sale->lines[k].product == line->product && strcmp(sale->lines[k].extra.serial, line->extra.serial) == 0)
            return cf_fail(err, CF_E_RECORD, "line %zu: the piece of line %zu", i + 1, k + 1);
    return CF_OK;
}

enum cf_rc cf_sale_line_extra_check(const struct cf_sale_line *line, struct cf_error *err)
{
    if (!is_price(line->floor_minor) || !is_price(line->member_price_minor))
        return cf_fail(err, CF_E_RANGE, "floor or member price");
    if (!is_price(line->shelf_minor) || (line->shelf_minor != 0 && line->extra.origin != CF_PRICE_OVERRIDE))
        return cf_fail(err, CF_E_RANGE, "a price of before that nobody changed");
    if (line->weighed_whole && line->qty_milli % 1000 != 0)
        return cf_fail(err, CF_E_RANGE, "weighed as whole units, and it has a fraction");
    return cf_line_extra_check(&line->extra, err);
}

static enum cf_rc check_lines(const struct cf_sale *sale, struct cf_error *err)
{
    struct cf_error why;
    for (size_t i = 0; i < sale->n_lines; i++) {
        const struct cf_sale_line *line = &sale->lines[i];
        if (pairs_of(line) == 0)
            continue;
        if (cf_sale_line_extra_check(line, &why) != CF_OK)
            return cf_fail(err, CF_E_RECORD, "line %zu: %s", i + 1, why.detail);
        enum cf_rc rc = check_line_among(sale, i, err);
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

/* --- 4: people ---------------------------------------------------------------------------------------------------- */

/* [user, n_void_lines, void_lines_minor, [[act, by, amount_minor, percent_bp, reason] ...]] */
static bool has_people(const struct cf_sale *sale)
{
    return sale->people.user != 0 || sale->people.n_void_lines != 0 || sale->people.n_overrides != 0;
}

static void write_people(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    const struct cf_sale_people *people = &sale->people;
    cf_cbor_write_array(w, 4);
    cf_cbor_write_uint(w, people->user);
    cf_cbor_write_uint(w, people->n_void_lines);
    cf_cbor_write_int(w, people->void_lines_minor);
    cf_cbor_write_array(w, people->n_overrides);
    for (size_t i = 0; i < people->n_overrides; i++) {
        const struct cf_sale_override *o = &people->overrides[i];
        cf_cbor_write_array(w, 5);
        cf_cbor_write_uint(w, o->act);
        cf_cbor_write_uint(w, o->by);
        cf_cbor_write_int(w, o->size.minor);
        cf_cbor_write_uint(w, o->size.percent_bp);
        cf_cbor_write_text(w, o->reason);
    }
}

static void read_people(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    struct cf_sale_people *people = &sale->people;
    (void)cf_cbor_read_array_of(r, 4);
    people->user = cf_cbor_read_u32(r);
    people->n_void_lines = cf_cbor_read_u32(r);
    (void)cf_cbor_read_int(r, &people->void_lines_minor);
    (void)cf_cbor_read_array(r, &people->n_overrides, CF_SALE_OVERRIDES_MAX);
    for (size_t i = 0; i < people->n_overrides; i++) {
        struct cf_sale_override *o = &people->overrides[i];
        (void)cf_cbor_read_array_of(r, 5);
        o->act = (enum cf_act)cf_cbor_read_u8(r);
        o->by = cf_cbor_read_u32(r);
        (void)cf_cbor_read_int(r, &o->size.minor);
        o->size.percent_bp = cf_cbor_read_u32(r);
        (void)cf_cbor_read_cstr(r, o->reason, sizeof o->reason);
    }
}

static enum cf_rc check_people(const struct cf_sale *sale, struct cf_error *err)
{
    const struct cf_sale_people *people = &sale->people;
    bool good = people->user <= CF_USER_NUMBER_MAX && people->n_void_lines <= CF_CART_LINES_MAX &&
                people->void_lines_minor >= 0 && people->n_overrides <= CF_SALE_OVERRIDES_MAX &&
                (people->n_void_lines > 0 || people->void_lines_minor == 0);
    for (size_t i = 0; good && i < people->n_overrides; i++) {
        const struct cf_sale_override *o = &people->overrides[i];
        good = o->act >= 1 && o->act <= CF_ACTS_MAX && o->by > 0 && o->by <= CF_USER_NUMBER_MAX &&
               o->by != people->user && o->size.minor >= 0 && o->size.percent_bp <= 10000 && o->reason[0] != '\0';
    }
    return good ? CF_OK : cf_fail(err, CF_E_RECORD, "what it says of user %u", people->user);
}

/* --- 5: effects, [[campaign, version, redemption] ...] ------------------------------------------------------------ */

static bool has_effects(const struct cf_sale *sale)
{
    return sale->n_effects != 0;
}

static void write_effects(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, sale->n_effects);
    for (size_t i = 0; i < sale->n_effects; i++) {
        cf_cbor_write_array(w, EFFECT_FIELDS);
        cf_cbor_write_uint(w, sale->effects[i].campaign);
        cf_cbor_write_uint(w, sale->effects[i].version);
        cf_cbor_write_int(w, sale->effects[i].redemption);
    }
}

static void read_effects(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    (void)cf_cbor_read_array(r, &sale->n_effects, CF_EFFECTS_MAX);
    for (size_t i = 0; i < sale->n_effects; i++) {
        struct cf_sale_effect *effect = &sale->effects[i];
        int64_t redemption = 0;
        (void)cf_cbor_read_array_of(r, EFFECT_FIELDS);
        effect->campaign = cf_cbor_read_u32(r);
        effect->version = cf_cbor_read_u32(r);
        if (cf_cbor_read_int(r, &redemption) && (redemption < -1 || redemption >= CF_SALE_COUPONS_MAX))
            cf_cbor_read_refuse(r);
        effect->redemption = (int32_t)redemption;
    }
}

/* One promotion stands once on a sale: as a discount, or as an effect. */
static bool stands_before(const struct cf_sale *sale, size_t at)
{
    const struct cf_sale_effect *e = &sale->effects[at];
    for (size_t i = 0; i < at; i++)
        if (sale->effects[i].campaign == e->campaign && sale->effects[i].redemption == e->redemption)
            return true;
    for (size_t i = 0; i < sale->n_discounts; i++)
        if (sale->discounts[i].campaign == e->campaign && sale->discounts[i].redemption == e->redemption)
            return true;
    return false;
}

static enum cf_rc check_effects(const struct cf_sale *sale, struct cf_error *err)
{
    if (sale->n_effects > CF_EFFECTS_MAX)
        return cf_fail(err, CF_E_RECORD, "%zu effects", sale->n_effects);
    if (sale->n_effects > CF_OFFERS_MAX - sale->n_discounts)
        return cf_fail(err, CF_E_RECORD, "%zu discounts and %zu effects", sale->n_discounts, sale->n_effects);
    for (size_t i = 0; i < sale->n_effects; i++) {
        const struct cf_sale_effect *e = &sale->effects[i];
        if (e->redemption < -1 || (e->redemption >= 0 && (size_t)e->redemption >= sale->n_redemptions))
            return cf_fail(err, CF_E_RECORD, "effect %zu: there is no redemption %ld", i + 1, (long)e->redemption);
        if (e->redemption >= 0 && sale->redemptions[e->redemption].campaign != e->campaign)
            return cf_fail(err, CF_E_RECORD, "effect %zu: its coupon is of another campaign", i + 1);
        if (stands_before(sale, i))
            return cf_fail(err, CF_E_RECORD, "effect %zu: campaign %lu gives twice", i + 1, (unsigned long)e->campaign);
    }
    return CF_OK;
}

/* --- 6: fiscal --------------------------------------------------------------------------------------------------- */

static bool has_fiscal(const struct cf_sale *sale)
{
    return sale->fiscal.is;
}

static void write_fiscal(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    cf_fiscal_answer_write(&sale->fiscal, w);
}

static void read_fiscal(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    cf_fiscal_answer_read(r, &sale->fiscal);
}

static enum cf_rc check_fiscal(const struct cf_sale *sale, struct cf_error *err)
{
    return cf_fiscal_answer_check(&sale->fiscal, err);
}

/* --- 7: discounts by hand, [[line | 0, percent_bp, asked_minor, amount_minor, user, reason] ...] -------------------
 */

static bool has_by_hand(const struct cf_sale *sale)
{
    return sale->n_by_hand != 0;
}

static void write_by_hand(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, sale->n_by_hand);
    for (size_t i = 0; i < sale->n_by_hand; i++) {
        const struct cf_hand_given *given = &sale->by_hand[i];
        cf_cbor_write_array(w, BY_HAND_FIELDS);
        cf_cbor_write_uint(w, given->asked.line_no);
        cf_cbor_write_uint(w, given->asked.percent_bp);
        cf_cbor_write_int(w, given->asked.asked_minor);
        cf_cbor_write_int(w, given->amount_minor);
        cf_cbor_write_uint(w, given->asked.user);
        cf_cbor_write_text(w, given->asked.reason);
    }
}

static void read_by_hand(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    (void)cf_cbor_read_array(r, &sale->n_by_hand, CF_HAND_DISCOUNTS_MAX);
    for (size_t i = 0; i < sale->n_by_hand; i++) {
        struct cf_hand_given *given = &sale->by_hand[i];
        (void)cf_cbor_read_array_of(r, BY_HAND_FIELDS);
        given->asked.line_no = cf_cbor_read_u32(r);
        given->asked.percent_bp = cf_cbor_read_u32(r);
        (void)cf_cbor_read_int(r, &given->asked.asked_minor);
        (void)cf_cbor_read_int(r, &given->amount_minor);
        given->asked.user = cf_cbor_read_u32(r);
        (void)cf_cbor_read_cstr(r, given->asked.reason, sizeof given->asked.reason);
    }
}

static enum cf_rc check_by_hand(const struct cf_sale *sale, struct cf_error *err)
{
    struct cf_error why;
    if (sale->n_by_hand > CF_HAND_DISCOUNTS_MAX)
        return cf_fail(err, CF_E_RECORD, "%zu discounts by hand", sale->n_by_hand);
    for (size_t i = 0; i < sale->n_by_hand; i++) {
        const struct cf_hand_given *given = &sale->by_hand[i];
        if (cf_hand_discount_check(&given->asked, &why) != CF_OK)
            return cf_fail(err, CF_E_RECORD, "discount by hand %zu: %s", i + 1, why.detail);
        if (given->asked.line_no > sale->n_lines || given->amount_minor < 1)
            return cf_fail(err, CF_E_RECORD, "discount by hand %zu: %lld on line %lu", i + 1,
                           (long long)given->amount_minor, (unsigned long)given->asked.line_no);
    }
    return CF_OK;
}

/* --- 9: an order that is paid here, as order.h has its claim -------------------------------------------------------
 */

static bool has_order(const struct cf_sale *sale)
{
    return sale->order.order != 0;
}

static void write_order(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    cf_order_claim_write(&sale->order, w);
}

static void read_order(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    cf_order_claim_read(r, &sale->order);
}

/* Its lines stand on the sale, each once, at its price and for no more than a line of an order may come to; and there
 * are none without it. */
static enum cf_rc check_order(const struct cf_sale *sale, struct cf_error *err)
{
    uint64_t seen = 0;
    int64_t gross = 0;
    static_assert(CF_ORDER_LINES_MAX <= 64, "a bit a line");
    if (has_order(sale) && !cf_order_claim_is_valid(&sale->order))
        return cf_fail(err, CF_E_RECORD, "what it says of order %lu", (unsigned long)sale->order.order);
    for (size_t i = 0; i < sale->n_lines; i++) {
        const struct cf_sale_line *line = &sale->lines[i];
        if (line->extra.origin != CF_PRICE_ORDER)
            continue;
        if (line->extra.list > CF_ORDER_LINES_MAX || (seen >> (line->extra.list - 1) & 1) != 0 ||
            line->discount_minor != 0 || line->extra.deposit_of != 0 ||
            cf_muldiv_round(line->unit_price_minor, line->qty_milli, 1000, &gross, NULL) != CF_OK ||
            gross > CF_PRICE_MINOR_MAX)
            return cf_fail(err, CF_E_RECORD, "line %zu: not as a line of an order is sold", i + 1);
        seen |= UINT64_C(1) << (line->extra.list - 1);
    }
    return (seen != 0) == has_order(sale) ? CF_OK
                                          : cf_fail(err, CF_E_RECORD, "an order without lines, or lines of none");
}

/* --- 10: exchange, [terminal, epoch, seq] of the return ------------------------------------------------------------
 */

static bool has_exchange(const struct cf_sale *sale)
{
    return sale->has_exchange;
}

static void write_exchange(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, 3);
    cf_cbor_write_uint(w, sale->exchange.terminal);
    cf_cbor_write_uint(w, sale->exchange.epoch);
    cf_cbor_write_uint(w, sale->exchange.seq);
}

static void read_exchange(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    sale->has_exchange = true;
    (void)cf_cbor_read_array_of(r, 3);
    sale->exchange.terminal = cf_cbor_read_u32(r);
    sale->exchange.epoch = cf_cbor_read_u32(r);
    (void)cf_cbor_read_uint(r, &sale->exchange.seq, INT64_MAX);
}

/* It pays first, once, and nothing but goods that came back can pay so. */
static enum cf_rc check_exchange(const struct cf_sale *sale, struct cf_error *err)
{
    for (size_t i = 0; i < sale->tenders.n; i++) {
        const struct cf_tender *tender = &sale->tenders.tender[i];
        bool exchange = tender->kind == CF_TENDER_EXCHANGE;
        if (exchange != (sale->has_exchange && i == 0) || (exchange && (tender->has_id || tender->foreign_minor != 0)))
            return cf_fail(err, CF_E_RECORD, "tender %zu: %s", i + 1, cf_tender_kind_name(tender->kind));
    }
    if (sale->has_exchange &&
        (sale->tenders.n == 0 || sale->exchange.terminal == 0 || sale->exchange.epoch == 0 || sale->exchange.seq == 0))
        return cf_fail(err, CF_E_RECORD, "an exchange of nothing");
    return CF_OK;
}

/* --- 11: a quotation under which it is sold, [terminal, epoch, seq, sale_no, stands] -------------------------------
 */

static bool has_quote(const struct cf_sale *sale)
{
    return sale->quote.of.terminal != 0;
}

static void write_quote(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, 5);
    cf_cbor_write_uint(w, sale->quote.of.terminal);
    cf_cbor_write_uint(w, sale->quote.of.epoch);
    cf_cbor_write_uint(w, sale->quote.of.seq);
    cf_cbor_write_uint(w, sale->quote.of.sale_no);
    cf_cbor_write_bool(w, sale->quote.stands);
}

static void read_quote(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    (void)cf_cbor_read_array_of(r, 5);
    sale->quote.of.terminal = cf_cbor_read_u32(r);
    sale->quote.of.epoch = cf_cbor_read_u32(r);
    (void)cf_cbor_read_uint(r, &sale->quote.of.seq, INT64_MAX);
    (void)cf_cbor_read_uint(r, &sale->quote.of.sale_no, INT64_MAX);
    (void)cf_cbor_read_bool(r, &sale->quote.stands);
}

/* Its lines stand on the sale, each once; and there are none without it. */
static enum cf_rc check_quote(const struct cf_sale *sale, struct cf_error *err)
{
    const struct cf_sale_ref *of = &sale->quote.of;
    uint64_t seen[(CF_CART_LINES_MAX + 63) / 64 + 1] = {0};
    bool any = false;
    if (has_quote(sale) ? of->epoch == 0 || of->seq == 0 || of->sale_no == 0 : sale->quote.stands)
        return cf_fail(err, CF_E_RECORD, "a quotation of till %lu, which none has", (unsigned long)of->terminal);
    for (size_t i = 0; i < sale->n_lines; i++) {
        const struct cf_line_extra *extra = &sale->lines[i].extra;
        if (extra->origin != CF_PRICE_QUOTE)
            continue;
        if (extra->list > CF_CART_LINES_MAX || (seen[extra->list / 64] >> extra->list % 64 & 1) != 0)
            return cf_fail(err, CF_E_RECORD, "line %zu: line %lu of a quotation", i + 1, (unsigned long)extra->list);
        seen[extra->list / 64] |= UINT64_C(1) << extra->list % 64;
        any = true;
    }
    return any == has_quote(sale) ? CF_OK : cf_fail(err, CF_E_RECORD, "a quotation without lines, or lines of none");
}

/* --- 12: points by campaign, as points_extra.h ---------------------------------------------------------------------
 */

static bool has_points(const struct cf_sale *sale)
{
    return sale->n_points_by != 0;
}

static void write_points(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    cf_points_given_write(sale->points_by, sale->n_points_by, w);
}

static void read_points(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    cf_points_given_read(r, sale->points_by, &sale->n_points_by);
}

static bool names(const struct cf_sale *sale, uint32_t campaign)
{
    for (size_t i = 0; i < sale->n_discounts; i++)
        if (sale->discounts[i].campaign == campaign)
            return true;
    for (size_t i = 0; i < sale->n_effects; i++)
        if (sale->effects[i].campaign == campaign)
            return true;
    return false;
}

/* Each is of a promotion on this sale, and together they are no more than its points. */
static enum cf_rc check_points(const struct cf_sale *sale, struct cf_error *err)
{
    for (size_t i = 0; i < sale->n_points_by && sale->n_points_by <= CF_EFFECTS_MAX; i++)
        if (!names(sale, sale->points_by[i].campaign))
            return cf_fail(err, CF_E_RECORD, "points of campaign %lu, which is not on the sale",
                           (unsigned long)sale->points_by[i].campaign);
    return cf_points_given_check(sale->points_by, sale->n_points_by, sale->points, err);
}

/* --- 14: whose word it is how often the member bought, [source, as of, heard, own] ---------------------------------
 */

static bool has_visits(const struct cf_sale *sale)
{
    return sale->visits.source != CF_VISITS_UNKNOWN;
}

static void write_visits(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, 4);
    cf_cbor_write_uint(w, sale->visits.source);
    cf_cbor_write_int(w, sale->visits.as_of);
    cf_cbor_write_uint(w, sale->visits.heard_seq);
    cf_cbor_write_uint(w, sale->visits.own);
}

static void read_visits(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    uint64_t source = 0;
    (void)cf_cbor_read_array_of(r, 4);
    (void)cf_cbor_read_uint(r, &source, CF_VISITS_CENTRE);
    sale->visits.source = (enum cf_visits_source)source;
    (void)cf_cbor_read_int(r, &sale->visits.as_of);
    (void)cf_cbor_read_uint(r, &sale->visits.heard_seq, INT64_MAX);
    sale->visits.own = cf_cbor_read_u32(r);
}

static enum cf_rc check_visits(const struct cf_sale *sale, struct cf_error *err)
{
    struct cf_error why;
    if (has_visits(sale) && cf_visits_basis_check(&sale->visits, &sale->facts, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);
    if (sale->visits.source == CF_VISITS_CARD && !sale->member_live)
        return cf_fail(err, CF_E_RECORD, "a printed card says nothing of purchases");
    return CF_OK;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

static const struct extra {
    uint64_t key;
    bool (*has)(const struct cf_sale *sale);
    void (*write)(const struct cf_sale *sale, struct cf_cbor_writer *w);
    void (*read)(struct cf_cbor_reader *r, struct cf_sale *sale);
    enum cf_rc (*check)(const struct cf_sale *sale, struct cf_error *err);
} extras[] = {
    {1, has_facts, write_facts, read_facts, check_facts},
    {2, has_lines, write_lines, read_lines, check_lines},
    {3, cf_tender_extra_has, cf_tender_extra_write, cf_tender_extra_read, cf_tender_extra_check},
    {4, has_people, write_people, read_people, check_people},
    {5, has_effects, write_effects, read_effects, check_effects},
    {CF_FISCAL_KEY, has_fiscal, write_fiscal, read_fiscal, check_fiscal},
    {7, has_by_hand, write_by_hand, read_by_hand, check_by_hand},
    {8, cf_value_extra_has, cf_value_extra_write, cf_value_extra_read, cf_value_extra_check},
    {9, has_order, write_order, read_order, check_order},
    {10, has_exchange, write_exchange, read_exchange, check_exchange},
    {11, has_quote, write_quote, read_quote, check_quote},
    {12, has_points, write_points, read_points, check_points},
    {13, cf_cash_extra_has, cf_cash_extra_write, cf_cash_extra_read, cf_cash_extra_check},
    {14, has_visits, write_visits, read_visits, check_visits},
};
#define EXTRAS (sizeof extras / sizeof extras[0])

bool cf_sale_has_extra(const struct cf_sale *sale)
{
    for (size_t i = 0; i < EXTRAS; i++)
        if (extras[i].has(sale))
            return true;
    return false;
}

void cf_sale_extra_write(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    size_t n = 0;
    for (size_t i = 0; i < EXTRAS; i++)
        n += extras[i].has(sale);
    cf_cbor_write_map(w, n);
    for (size_t i = 0; i < EXTRAS; i++)
        if (extras[i].has(sale)) {
            cf_cbor_write_uint(w, extras[i].key);
            extras[i].write(sale, w);
        }
}

void cf_sale_extra_read(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    size_t n, next = 0;
    if (!cf_cbor_read_map(r, &n, EXTRAS))
        return;
    if (n == 0)
        cf_cbor_read_refuse(r);
    for (size_t i = 0; i < n && r->rc == CF_OK; i++) {
        uint64_t key;
        if (!cf_cbor_read_uint(r, &key, UINT32_MAX))
            return;
        while (next < EXTRAS && extras[next].key < key)
            next++;
        if (next == EXTRAS || extras[next].key != key) { /* unknown, or not rising */
            cf_cbor_read_refuse(r);
            return;
        }
        extras[next].read(r, sale);
        if (r->rc == CF_OK && !extras[next].has(sale)) /* it says nothing: there is one encoding a sale */
            cf_cbor_read_refuse(r);
        next++;
    }
}

enum cf_rc cf_sale_extra_check(const struct cf_sale *sale, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < EXTRAS && rc == CF_OK; i++)
        rc = extras[i].check(sale, err);
    return rc;
}
