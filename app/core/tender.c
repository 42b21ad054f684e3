/*
 * app/core/tender.c - taking tenders until the total is covered.
 *
 * Does not know the sale or the devices that took the money. Pure; thread-safe.
 */
#include "app/core/tender.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

static const struct {
    enum cf_tender_kind kind;
    const char *name;
} kinds[] = {
    {CF_TENDER_CASH, "cash"},
    {CF_TENDER_CARD, "card"},
    {CF_TENDER_MOBILE, "mobile"},
    {CF_TENDER_GIFT_CARD, "gift_card"},
    {CF_TENDER_STORE_CREDIT, "store_credit"},
    {CF_TENDER_POINTS, "points"},
    {CF_TENDER_EXCHANGE, "exchange"},
};
#define N_KINDS (sizeof kinds / sizeof kinds[0])

void cf_tenders_init(struct cf_tenders *tenders, int64_t total_minor)
{
    assert(total_minor >= 0);
    *tenders = (struct cf_tenders){.total_minor = total_minor};
}

static int64_t paid(const struct cf_tenders *tenders)
{
    int64_t sum = 0;
    for (size_t i = 0; i < tenders->n; i++)
        sum += tenders->tender[i].amount_minor; /* cf_tenders_add saw that it fits */
    return sum;
}

static enum cf_rc check_reference(const struct cf_tender *tender, struct cf_error *err)
{
    char copy[CF_REFERENCE_MAX + 1];
    size_t n = strnlen(tender->reference, sizeof tender->reference);
    bool named = tender->kind == CF_TENDER_CARD || tender->kind == CF_TENDER_MOBILE;
    if (!named && n != 0)
        return cf_fail(err, CF_E_ARGUMENT, "%s carries no reference", cf_tender_kind_name(tender->kind));
    if (named && n == 0)
        return cf_fail(err, CF_E_TENDER_REFERENCE, "%s without a reference", cf_tender_kind_name(tender->kind));
    return cf_text_accept(cf_bytes_of(tender->reference, n), copy, sizeof copy, err);
}

static int64_t rounding_of(const struct cf_tenders *tenders)
{
    int64_t rounding = 0, due = cf_tenders_due(tenders);
    if (tenders->rounding_minor != 0 || tenders->cash.step_minor <= 1 ||
        cf_cash_rounding(due, &tenders->cash, &rounding, NULL) != CF_OK)
        return 0;
    return rounding;
}

int64_t cf_tenders_due_in_cash(const struct cf_tenders *tenders)
{
    return cf_tenders_due(tenders) + rounding_of(tenders); /* cf_cash_rounding saw that it fits */
}

/* Cash that settles, settles what there are coins for. What is left of a due that rounds to nothing needs no coin. */
static bool settles_in_cash(const struct cf_tenders *tenders, const struct cf_tender *tender)
{
    return tender->kind == CF_TENDER_CASH && tender->amount_minor >= cf_tenders_due_in_cash(tenders);
}

enum cf_rc cf_tenders_add(struct cf_tenders *tenders, const struct cf_tender *tender, struct cf_error *err)
{
    int64_t due = cf_tenders_due(tenders), sum;
    int64_t rounding = settles_in_cash(tenders, tender) ? rounding_of(tenders) : 0;
    if (cf_tender_kind_name(tender->kind) == NULL)
        return cf_fail(err, CF_E_ARGUMENT, "kind of tender %d", (int)tender->kind);
    if (due == 0)
        return cf_fail(err, CF_E_STATE, "nothing is due");
    if (rounding != 0 && due + rounding == 0 && tender->amount_minor == 0) {
        tenders->rounding_minor = rounding;
        return CF_OK;
    }
    if (tenders->n == CF_TENDERS_MAX)
        return cf_fail(err, CF_E_LIMIT, "a sale has at most %d tenders", CF_TENDERS_MAX);
    if (tender->amount_minor <= 0)
        return cf_fail(err, CF_E_TENDER_ZERO, "tender of %lld", (long long)tender->amount_minor);
    if (tender->kind != CF_TENDER_CASH && tender->amount_minor > due)
        return cf_fail(err, CF_E_TENDER_OVER, "%s of %lld where %lld is due", cf_tender_kind_name(tender->kind),
                       (long long)tender->amount_minor, (long long)due);
    if (tender->amount_minor - due > CF_TENDER_CASH_MAX || tender->foreign_minor > CF_TENDER_CASH_MAX)
        return cf_fail(err, CF_E_TENDER_CASH, "%lld where %lld is due", (long long)tender->amount_minor,
                       (long long)due);
    enum cf_rc rc = check_reference(tender, err);
    if (rc == CF_OK)
        rc = cf_add_i64(paid(tenders), tender->amount_minor, &sum, err);
    if (rc != CF_OK)
        return rc;
    tenders->tender[tenders->n++] = *tender;
    tenders->rounding_minor += rounding;
    return CF_OK;
}

void cf_tenders_remove(struct cf_tenders *tenders, size_t i)
{
    assert(i < tenders->n);
    tenders->n--;
    memmove(&tenders->tender[i], &tenders->tender[i + 1], (tenders->n - i) * sizeof tenders->tender[0]);
    tenders->rounding_minor = 0; /* it is not settled any more */
}

int64_t cf_tenders_due(const struct cf_tenders *tenders)
{
    int64_t sum = paid(tenders), total = tenders->total_minor + tenders->rounding_minor;
    return sum < total ? total - sum : 0;
}

int64_t cf_tenders_change(const struct cf_tenders *tenders)
{
    int64_t sum = paid(tenders), total = tenders->total_minor + tenders->rounding_minor;
    return sum > total ? sum - total : 0;
}

bool cf_tenders_settled(const struct cf_tenders *tenders)
{
    return cf_tenders_due(tenders) == 0;
}

bool cf_tenders_follow_rule(const struct cf_tenders *tenders)
{
    static const struct cf_tender no_coin = {.kind = CF_TENDER_CASH};
    struct cf_tenders again;
    cf_tenders_init(&again, tenders->total_minor);
    again.cash = tenders->cash;
    for (size_t i = 0; i < tenders->n; i++)
        if (cf_tenders_add(&again, &tenders->tender[i], NULL) != CF_OK)
            return false;
    if (!cf_tenders_settled(&again) && cf_tenders_add(&again, &no_coin, NULL) != CF_OK)
        return false;
    return again.rounding_minor == tenders->rounding_minor;
}

const char *cf_tender_kind_name(enum cf_tender_kind kind)
{
    for (size_t i = 0; i < N_KINDS; i++)
        if (kinds[i].kind == kind)
            return kinds[i].name;
    return NULL;
}

bool cf_tender_is_value(enum cf_tender_kind kind)
{
    return kind == CF_TENDER_GIFT_CARD || kind == CF_TENDER_STORE_CREDIT || kind == CF_TENDER_POINTS;
}

bool cf_tender_kind_parse(const char *name, enum cf_tender_kind *ret)
{
    for (size_t i = 0; i < N_KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0) {
            *ret = kinds[i].kind;
            return true;
        }
    return false;
}
