/*
 * app/core/price_list.c - see price_list.h.
 *
 *   list, part, priority, reduced, tiers, from_s, to_s, [product, price_minor ...]
 */
#include "app/core/price_list.h"

#include <string.h>

#define AT_S_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static bool is_second(cf_wall at)
{
    return at.us >= 0 && at.us % CF_US_PER_S == 0 && at.us / CF_US_PER_S <= AT_S_MAX;
}

enum cf_rc cf_price_list_check(const struct cf_price_list *list, struct cf_error *err)
{
    const struct cf_price_terms *terms = &list->terms;
    if (list->n > CF_PRICE_LIST_ITEMS_MAX)
        return cf_fail(err, CF_E_LIMIT, "a part of a price list has at most %d prices", CF_PRICE_LIST_ITEMS_MAX);
    if (terms->list == 0 || list->part >= CF_PRICE_LIST_PARTS_MAX || terms->priority > CF_PRICE_PRIORITY_MAX ||
        terms->tiers > CF_PRICE_TIERS_ALL)
        return cf_fail(err, CF_E_RANGE, "price list %lu: number, part, priority or tiers", (unsigned long)terms->list);
    if (!is_second(terms->from) || !is_second(terms->to) || (terms->to.us != 0 && terms->to.us <= terms->from.us))
        return cf_fail(err, CF_E_RANGE, "price list %lu: it ends before it begins", (unsigned long)terms->list);
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i].price_minor < 0 || list->items[i].price_minor > CF_PRICE_MINOR_MAX ||
            list->items[i].product > INT64_MAX)
            return cf_fail(err, CF_E_PRICE, "price list %lu: price %lld", (unsigned long)terms->list,
                           (long long)list->items[i].price_minor);
        if (i > 0 && list->items[i].product <= list->items[i - 1].product)
            return cf_fail(err, CF_E_RANGE, "price list %lu: products rise, each once", (unsigned long)terms->list);
    }
    return CF_OK;
}

void cf_price_list_write(const struct cf_price_list *list, struct cf_cbor_writer *w)
{
    cf_cbor_write_uint(w, list->terms.list);
    cf_cbor_write_uint(w, list->part);
    cf_cbor_write_uint(w, list->terms.priority);
    cf_cbor_write_bool(w, list->terms.reduced);
    cf_cbor_write_uint(w, list->terms.tiers);
    cf_cbor_write_int(w, list->terms.from.us / CF_US_PER_S);
    cf_cbor_write_int(w, list->terms.to.us / CF_US_PER_S);
    cf_cbor_write_array(w, list->n * 2);
    for (size_t i = 0; i < list->n; i++) {
        cf_cbor_write_uint(w, list->items[i].product);
        cf_cbor_write_int(w, list->items[i].price_minor);
    }
}

static cf_wall read_second(struct cf_cbor_reader *r)
{
    uint64_t s = 0;
    (void)cf_cbor_read_uint(r, &s, AT_S_MAX);
    return (cf_wall){(int64_t)s * CF_US_PER_S};
}

void cf_price_list_read(struct cf_cbor_reader *r, struct cf_price_list *ret)
{
    size_t n = 0;
    uint64_t tiers = 0;
    memset(ret, 0, sizeof *ret);
    ret->terms.list = cf_cbor_read_u32(r);
    ret->part = cf_cbor_read_u32(r);
    ret->terms.priority = cf_cbor_read_u8(r);
    (void)cf_cbor_read_bool(r, &ret->terms.reduced);
    (void)cf_cbor_read_uint(r, &tiers, CF_PRICE_TIERS_ALL);
    ret->terms.tiers = (uint16_t)tiers;
    ret->terms.from = read_second(r);
    ret->terms.to = read_second(r);
    (void)cf_cbor_read_array(r, &n, (size_t)CF_PRICE_LIST_ITEMS_MAX * 2);
    if (n % 2 != 0)
        cf_cbor_read_refuse(r);
    ret->n = n / 2;
    for (size_t i = 0; i < ret->n && r->rc == CF_OK; i++) {
        (void)cf_cbor_read_uint(r, &ret->items[i].product, INT64_MAX);
        (void)cf_cbor_read_int(r, &ret->items[i].price_minor);
    }
    if (cf_price_list_check(ret, NULL) != CF_OK)
        cf_cbor_read_refuse(r);
}

bool cf_price_terms_hold(const struct cf_price_terms *terms, const struct cf_price_question *question)
{
    bool now = question->at.us >= terms->from.us && (terms->to.us == 0 || question->at.us < terms->to.us);
    bool whose = terms->tiers == 0 || (question->has_member && (terms->tiers >> question->tier & 1u) != 0);
    return now && whose;
}

static bool goes_before(const struct cf_listed_price *a, const struct cf_listed_price *b)
{
    if (a->terms.priority != b->terms.priority)
        return a->terms.priority > b->terms.priority;
    if ((a->terms.tiers != 0) != (b->terms.tiers != 0))
        return a->terms.tiers != 0;
    if (a->price_minor != b->price_minor)
        return a->price_minor < b->price_minor;
    return a->terms.list < b->terms.list;
}

void cf_price_resolve(int64_t catalogue_minor, const struct cf_listed_price *listed, size_t n,
                      const struct cf_price_question *question, struct cf_price_answer *ret)
{
    const struct cf_listed_price *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (cf_price_terms_hold(&listed[i].terms, question) && (best == NULL || goes_before(&listed[i], best)))
            best = &listed[i];
    *ret = (struct cf_price_answer){.price_minor = catalogue_minor, .origin = CF_PRICE_CATALOGUE};
    if (best != NULL)
        *ret = (struct cf_price_answer){best->price_minor, CF_PRICE_LIST, best->terms.list, best->terms.reduced};
}
