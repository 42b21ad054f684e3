/*
 * sync/central/exchange.c - see exchange.h.
 */
#include "sync/central/exchange.h"

#include <inttypes.h>
#include <stdio.h>

static struct cf_exchange_promise promise_of(uint64_t seq, const struct cf_return *back)
{
    return (struct cf_exchange_promise){
        .is = back->exchange_minor > 0, .seq = seq, .amount_minor = back->exchange_minor, .currency = back->currency};
}

enum cf_rc cf_exchange_read(struct cf_central *central, const struct cf_log *log, uint64_t seq, struct cf_return *back,
                            struct cf_exchange_promise *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    const struct cf_value id = cf_v_int((int64_t)cf_record_id(log->id, seq));
    bool found = false;
    enum cf_rc rc =
        seq == 0 ? CF_OK : cf_store_row(central->store, CF_Q_RECORD_RANGE, CF_ARGS(id, id), row, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    *ret = (struct cf_exchange_promise){.is = false};
    if (!found || row[1].i != CF_RECORD_RETURN) {
        return CF_OK;
    }
    if (row[3].kind != CF_VALUE_BLOB) {
        *ret = (struct cf_exchange_promise){.erased = true, .seq = seq};
    } else if (cf_return_decode(row[3].b, back, NULL) == CF_OK) {
        *ret = promise_of(seq, back);
    }
    return CF_OK;
}

struct cf_exchange_promise cf_exchange_of(const struct cf_record *record, struct cf_return *back)
{
    if (record->type != CF_RECORD_RETURN) {
        return (struct cf_exchange_promise){.is = false};
    }
    if (record->body.p == NULL) {
        return (struct cf_exchange_promise){.erased = true, .seq = record->seq};
    }
    return cf_return_decode(record->body, back, NULL) == CF_OK ? promise_of(record->seq, back)
                                                               : (struct cf_exchange_promise){.is = false};
}

enum cf_rc cf_exchange_keep(struct cf_exchange_promise *promise, const struct cf_log *log, uint64_t seq,
                            const struct cf_sale *sale, struct cf_error *why)
{
    const struct cf_sale_ref *of = &sale->exchange;
    if (!sale->has_exchange) {
        return CF_OK;
    }
    int64_t paid = sale->tenders.tender[0].amount_minor; /* by sale_extra.c */
    bool named =
        of->terminal == log->terminal && of->epoch == log->epoch && of->seq == seq - 1 && promise->seq == of->seq;
    if (named && promise->erased) {
        return CF_OK;
    }
    if (!named || !promise->is || promise->amount_minor != paid ||
        !cf_currency_equal(promise->currency, sale->currency)) {
        return cf_fail(why, CF_E_RECORD, "%" PRId64 " were paid by an exchange, for which %" PRId64 " came back", paid,
                       named && promise->is ? promise->amount_minor : 0);
    }
    promise->is = false;
    return CF_OK;
}

enum cf_rc cf_exchange_broken(struct cf_central *central, const struct cf_log *log,
                              const struct cf_exchange_promise *promise, struct cf_error *err)
{
    char text[120];
    (void)snprintf(text, sizeof text, "%" PRId64 " of the refund went into an exchange, and its sale does not follow",
                   promise->amount_minor);
    return cf_central_alarm(central, cf_record_id(log->id, promise->seq), CF_E_RECORD, text, err);
}
