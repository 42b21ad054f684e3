/*
 * sync/central/state.c - see state.h: the transaction that every use case runs in.
 */
#include "sync/central/state.h"

#include "sync/central/down_log.h"
#include "sync/central/ledger.h"

const char *const cf_issuer_names[CF_ISSUERS] = {"card", "coupon", "ticket", "grant", "page"};
const enum cf_key_usage cf_issuer_usages[CF_ISSUERS] = {CF_USAGE_CARD, CF_USAGE_COUPON, CF_USAGE_TICKET, CF_USAGE_GRANT,
                                                        CF_USAGE_PAGE};

enum cf_rc cf_central_begin(struct cf_central *central, struct cf_error *err)
{
    return cf_store_begin(central->store, err);
}

enum cf_rc cf_central_end(struct cf_central *central, enum cf_rc rc, struct cf_error *err)
{
    if (rc == CF_OK) {
        rc = cf_ledger_flush(central, err);
    }
    if (rc == CF_OK) {
        rc = cf_down_flush(central, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_commit(central->store, err);
    } else {
        cf_store_rollback(central->store);
    }
    cf_ledger_forget(central);
    cf_down_forget(central);
    return rc;
}

enum cf_rc cf_central_alarm(struct cf_central *central, uint64_t record, enum cf_rc what, const char *text,
                            struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_ALARM_ADD,
                        CF_ARGS(cf_v_int(cf_central_now(central).us),
                                record != 0 ? cf_v_int((int64_t)record) : cf_v_null(), cf_v_int(what), cf_v_text(text)),
                        err);
}

enum cf_rc cf_central_alarm_of(struct cf_central *central, struct cf_alarm_cause cause, uint64_t record,
                               enum cf_rc what, const char *text, struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_ALARM_OF_ADD,
                        CF_ARGS(cf_v_int(cf_central_now(central).us),
                                record != 0 ? cf_v_int((int64_t)record) : cf_v_null(), cf_v_int(what), cf_v_text(text),
                                cf_v_int(cause.kind), cf_v_int(cause.id)),
                        err);
}

enum cf_rc cf_central_alarm_over(struct cf_central *central, struct cf_alarm_cause cause, struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_ALARM_OF_DROP, CF_ARGS(cf_v_int(cause.kind), cf_v_int(cause.id)), err);
}
