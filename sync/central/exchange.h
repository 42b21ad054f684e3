/*
 * sync/central/exchange.h - the two records of an exchange, held against each other.
 *
 * A return whose refund pays for other goods promises that their sale is the next record of its log, and pays just so
 * much with it. The till commits both at once, so nothing stands between them, though they may arrive in two batches.
 */
#ifndef CF_CENTRAL_EXCHANGE_H
#define CF_CENTRAL_EXCHANGE_H

#include "app/core/record.h"
#include "app/core/sale_return.h"
#include "sync/central/ledger.h"

/* What the newest record of a log promises. */
struct cf_exchange_promise {
    bool is;
    bool erased; /* nobody can tell any more how much it was */
    uint64_t seq;
    int64_t amount_minor;
    cf_currency currency;
};

/* Of record `seq` of the log, which is written down. `back` is scratch space. */
enum cf_rc cf_exchange_read(struct cf_central *central, const struct cf_log *log, uint64_t seq, struct cf_return *back,
                            struct cf_exchange_promise *ret, struct cf_error *err) CF_MUST_CHECK;
/* Of a record that has just been written down. */
struct cf_exchange_promise cf_exchange_of(const struct cf_record *record, struct cf_return *back);
/* Is record `seq`, this sale, what was promised? Then the promise is kept. CF_E_RECORD: it says that goods paid for it
 * which did not, or not so much. */
enum cf_rc cf_exchange_keep(struct cf_exchange_promise *promise, const struct cf_log *log, uint64_t seq,
                            const struct cf_sale *sale, struct cf_error *why) CF_MUST_CHECK;
/* The next record was another: money went into goods that nobody sold. An alarm. */
enum cf_rc cf_exchange_broken(struct cf_central *central, const struct cf_log *log,
                              const struct cf_exchange_promise *promise, struct cf_error *err) CF_MUST_CHECK;

#endif
