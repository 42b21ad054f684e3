/*
 * app/terminal/till_cash.c - by which records cash goes into or out of the drawer, so that it has to be open.
 */
#include <stdlib.h>

#include "app/core/open_return.h"
#include "app/terminal/till_internal.h"

static bool sale_moves_cash(cf_bytes body)
{
    struct cf_sale *sale = NULL;
    bool moves = false;
    if (cf_sale_new(&sale, NULL) == CF_OK && cf_sale_decode(body, sale, NULL) == CF_OK) {
        moves = sale->change_minor > 0;
        for (size_t i = 0; i < sale->tenders.n; i++)
            moves = moves || sale->tenders.tender[i].kind == CF_TENDER_CASH;
    }
    cf_sale_free(sale);
    return moves;
}

static bool return_moves_cash(cf_bytes body)
{
    struct cf_return *back = NULL;
    struct cf_return_paid paid[CF_RETURN_PAID_MAX];
    bool moves = false;
    if (cf_return_new(&back, NULL) == CF_OK && cf_return_decode(body, back, NULL) == CF_OK)
        for (size_t n = cf_return_paid(back, paid); n > 0; n--)
            moves = moves || (paid[n - 1].kind == CF_TENDER_CASH && paid[n - 1].amount_minor != 0);
    cf_return_free(back);
    return moves;
}

static bool open_return_moves_cash(cf_bytes body)
{
    struct cf_open_return *back = calloc(1, sizeof *back);
    bool moves = back != NULL && cf_open_return_decode(body, back, NULL) == CF_OK && !back->has_credit;
    free(back);
    return moves;
}

static enum cf_rc look(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                       const struct cf_sha256 *hash, struct cf_error *err)
{
    bool *moves = ctx;
    (void)body_hash;
    (void)hash;
    (void)err;
    if (record->body.p == NULL) /* erased */
        return CF_OK;
    if (record->type == CF_RECORD_DRAWER)
        *moves = true;
    else if (record->type == CF_RECORD_SALE)
        *moves = sale_moves_cash(record->body);
    else if (record->type == CF_RECORD_RETURN)
        *moves = return_moves_cash(record->body);
    else if (record->type == CF_RECORD_OPEN_RETURN)
        *moves = open_return_moves_cash(record->body);
    return CF_OK;
}

bool cf_till_moves_cash(struct cf_till *till, uint64_t seq)
{
    bool moves = false;
    return cf_journal_read(till->journal, seq, 1, look, &moves, NULL) == CF_OK && moves;
}
