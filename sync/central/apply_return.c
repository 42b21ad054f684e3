/*
 * sync/central/apply_return.c - see apply_return.h.
 */
#include "sync/central/apply_return.h"

#include "sync/central/adjudicate.h"
#include "sync/central/down_log.h"
#include "sync/central/erase.h"
#include "sync/central/hub.h"
#include "sync/central/judge_sale.h"
#include "sync/central/points.h"
#include "sync/central/returns_of_sale.h"
#include "sync/central/revoked.h"
#include "sync/central/value.h"
#include "sync/central/visits.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_MAX INT64_C(1000000000000) /* as apply.c: more were not added */

struct cf_returns {
    struct cf_sale *sale;
    struct cf_return *back;
    struct cf_returns_of_sale of;
};

enum cf_rc cf_returns_new(struct cf_returns **ret, struct cf_error *err)
{
    struct cf_returns *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "returns");
    }
    enum cf_rc rc = cf_sale_new(&r->sale, err);
    if (rc == CF_OK) {
        rc = cf_return_new(&r->back, err);
    }
    if (rc != CF_OK) {
        cf_returns_free(r);
        return rc;
    }
    *ret = r;
    return CF_OK;
}

void cf_returns_free(struct cf_returns *returns)
{
    if (returns != NULL) {
        cf_sale_free(returns->sale);
        cf_return_free(returns->back);
        free(returns);
    }
}

/* --- the sale ----------------------------------------------------------------------------------------------------- */

enum cf_rc cf_return_original(struct cf_central *central, uint64_t id, struct cf_sale *ret, cf_bytes *ret_body,
                              bool *ret_found, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    enum cf_rc rc = cf_store_row(central->store, CF_Q_RECORD_RANGE,
                                 CF_ARGS(cf_v_int((int64_t)id), cf_v_int((int64_t)id)), row, ret_found, err);
    if (rc != CF_OK || !*ret_found) {
        return rc;
    }
    if (row[1].i != CF_RECORD_SALE) {
        return cf_fail(err, CF_E_RETURN_SALE, "that record is no sale");
    }
    if (row[3].kind != CF_VALUE_BLOB) {
        return cf_fail(err, CF_E_RETURN_ERASED, "its goods are not kept any more");
    }
    if (ret_body != NULL) {
        *ret_body = row[3].b;
    }
    if (cf_sale_decode(row[3].b, ret, NULL) != CF_OK) {
        return cf_fail(err, CF_E_RETURN_SALE, "that sale could not be read");
    }
    return CF_OK;
}

/* A return that is written down, into r->back. */
static enum cf_rc read_return(struct cf_central *central, struct cf_returns *r, uint64_t id, bool *ret_readable,
                              struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_RECORD_RANGE,
                                 CF_ARGS(cf_v_int((int64_t)id), cf_v_int((int64_t)id)), row, &found, err);
    *ret_readable =
        rc == CF_OK && found && row[3].kind == CF_VALUE_BLOB && cf_return_decode(row[3].b, r->back, NULL) == CF_OK;
    return rc;
}

/* --- what a return is told ---------------------------------------------------------------------------------------- */

/* What is wrong with a return that had waited: its own record was acknowledged long ago. */
static enum cf_rc tell_late(struct cf_central *central, uint64_t id, const struct cf_error *why, struct cf_error *err)
{
    struct cf_value log[CF_STORE_COLUMNS_MAX];
    struct cf_down_entry entry = {.kind = CF_DOWN_RESULT};
    bool found;
    enum cf_rc rc =
        cf_store_run(central->store, CF_Q_RECORD_SET_RC, CF_ARGS(cf_v_int((int64_t)id), cf_v_int(why->rc)), err);
    if (rc == CF_OK) {
        rc = cf_central_alarm(central, id, why->rc, why->detail, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_LOG_BY_ID, CF_ARGS(cf_v_int((int64_t)(id >> CF_RECORD_ID_SHIFT))), log,
                          &found, err);
    }
    if (rc != CF_OK || !found || log[2].i != CF_LOG_ACTIVE) {
        return rc;
    }
    entry.result.seq = id & CF_RECORD_SEQ_MAX;
    entry.result.rc = why->rc;
    (void)snprintf(entry.result.text, sizeof entry.result.text, "%.120s", why->detail);
    return cf_down_append(central, CF_TOPIC_RESULTS, (uint32_t)log[0].i, (int64_t)entry.result.seq, &entry, err);
}

/* --- members who are forgotten ------------------------------------------------------------------------------------ */

/* What erase.c leaves in the place of a member. */
static bool is_nobody(cf_sub member)
{
    static const cf_sub nobody;
    return cf_sub_equal(member, nobody);
}

/* One of the two records may have been made nobody's before the other came: then both are. */
static void forget_both(const struct cf_sale *sale, struct cf_return *back)
{
    if (sale->has_member && back->has_member && (is_nobody(sale->member) || is_nobody(back->member))) {
        back->member = sale->member;
    }
}

/* --- points ------------------------------------------------------------------------------------------------------- */

static enum cf_rc take_points(struct cf_central *central, const struct cf_sale *sale, uint64_t sale_id, uint64_t id,
                              const struct cf_return_state *is, int64_t taken, struct cf_error *err)
{
    int64_t more = is->points - taken;
    if (more <= 0 || !sale->has_member || sale->points > POINTS_MAX) {
        return CF_OK;
    }
    enum cf_rc rc = cf_points_move(central, sale->member, -more, true, CF_POINTS_RETURN, id, err);
    if (rc == CF_E_MEMBER_UNKNOWN) {
        bool forgotten = is_nobody(sale->member);
        rc = forgotten ? CF_OK : cf_erase_note_late(central, sale->member, &forgotten, err);
        if (rc == CF_OK && !forgotten) {
            rc = cf_central_alarm(central, sale_id, CF_E_MEMBER_UNKNOWN, "points of a member that is not known", err);
        }
    }
    return rc;
}

/* --- rights ------------------------------------------------------------------------------------------------------- */

/* As the campaign was when the sale was made: a stricter rule of later does not reach back. */
static enum cf_rc find_fate(struct cf_central *central, const struct cf_sale *sale, size_t n, enum cf_on_return *ret,
                            struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_campaign terms;
    struct cf_account *account;
    bool found;
    uint32_t campaign = sale->redemptions[n].campaign;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_CAMPAIGN_VERSION_GET,
                     CF_ARGS(cf_v_int(campaign), cf_v_int(cf_sale_redemption_version(sale, n))), row, &found, err);
    *ret = CF_ON_RETURN_BURN;
    if (rc == CF_OK && found && cf_campaign_decode(row[0].b, &terms, NULL) == CF_OK) {
        *ret = terms.on_return;
    } else if (rc == CF_OK) {
        rc = cf_ledger_account(central, campaign, &account, err);
        if (rc == CF_OK) {
            *ret = account->terms.on_return;
        }
        if (rc == CF_E_CAMPAIGN_UNKNOWN) {
            rc = CF_OK;
        }
    }
    return rc;
}

/* Did the home's own journal give the right back, so that it honours it again? */
static enum cf_rc is_back_at_home(struct cf_central *central, struct cf_returns *r, uint64_t sale_id,
                                  const struct cf_redemption *redemption, bool *ret, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    *ret = false;
    for (size_t i = 0; i < r->of.n && rc == CF_OK && !*ret; i++) {
        bool readable = false;
        if (r->of.row[i].id >> CF_RECORD_ID_SHIFT != sale_id >> CF_RECORD_ID_SHIFT) {
            continue;
        }
        rc = read_return(central, r, r->of.row[i].id, &readable, err);
        for (size_t k = 0; readable && k < r->back->n_rights; k++) {
            const struct cf_return_right *right = &r->back->rights[k];
            *ret = *ret || (right->campaign == redemption->campaign && right->index == redemption->index &&
                            right->fate == CF_ON_RETURN_GIVE_BACK);
        }
    }
    return rc;
}

/* What is pinned to a store lives again by the word of the hub that gave it out, and of no other. */
static enum cf_rc does_hub_stand(struct cf_central *central, uint32_t store, uint32_t hub_epoch, bool *ret,
                                 struct cf_error *err)
{
    struct cf_hub_row hub;
    bool found = false;
    enum cf_rc rc = cf_hub_active(central, store, &hub, &found, err);
    *ret = rc == CF_OK && found && hub.epoch == hub_epoch;
    return rc;
}

/* The right is free of its home, which has heard that this generation is over. */
static enum cf_rc free_of_home(struct cf_central *central, struct cf_account *account, struct cf_coupon_row *coupon,
                               struct cf_error *err)
{
    if (!cf_account_release(account)) {
        return cf_fail(err, CF_E_INTERNAL, "coupon %lu is reserved, but nothing is outstanding",
                       (unsigned long)coupon->index);
    }
    coupon->reserved = false;
    coupon->released = (int64_t)coupon->generation;
    return cf_coupon_row_put(central, coupon, err);
}

/* Did the centre itself commit this use? What the till's record says of it is the till's word. */
static enum cf_rc was_committed(struct cf_central *central, const struct cf_redemption *redemption, int64_t id,
                                bool *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_TILL_REQUEST_GET,
                                 CF_ARGS(cf_v_blob(redemption->request_key, CF_REQUEST_KEY_BYTES)), row, &found, err);
    *ret = rc == CF_OK && found && row[4].kind == CF_VALUE_INT && row[4].i == id;
    return rc;
}

/* What becomes of a right whose goods are back. */
enum way {
    WAY_FREE,   /* nobody holds it */
    WAY_HELD,   /* its home gave it back itself, or its store's hub does: reserved for it again */
    WAY_RECALL, /* its home may yet take the same goods back, and honour it: first it must have heard that this is over
                 */
    WAY_GONE,   /* it may have been honoured again without our knowing: that use is over for good */
};
struct seller {
    struct cf_log log;
    uint64_t sale_id;
};

/* What a pinned coupon holds in money, once the use has given back what it had cost. */
static bool can_hold(const struct cf_account *account, int64_t cost_minor)
{
    const struct cf_purse *money = &account->money;
    return money->budget == 0 || money->free + cost_minor - money->over >= account->hold_minor;
}

static enum cf_rc find_way(struct cf_central *central, struct cf_returns *r, const struct seller *seller,
                           const struct cf_redemption *redemption, const struct cf_value *use, enum way *ret,
                           struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_coupon_row coupon = {.pinned = false};
    struct cf_account *account = NULL;
    bool found, stands = false, own = false;
    enum cf_rc rc = cf_coupon_row_get(central, redemption->campaign, redemption->index, &coupon, &found, err);
    if (rc == CF_OK) {
        rc = cf_ledger_account(central, redemption->campaign, &account, err);
    }
    *ret = coupon.pinned && use[1].i == CF_SOURCE_STRANDED ? WAY_GONE : WAY_FREE;
    if (rc != CF_OK || !coupon.pinned || use[1].i != CF_SOURCE_RESERVE) {
        return rc;
    }
    bool holds = can_hold(account, use[2].i);
    if (coupon.home == seller->log.store) {
        rc = does_hub_stand(central, seller->log.store, redemption->hub_epoch, &stands, err);
        *ret = stands && holds ? WAY_HELD : WAY_GONE;
        return rc;
    }
    if (seller->log.state != CF_LOG_ACTIVE) {
        *ret = WAY_GONE;
        return CF_OK;
    }
    rc = cf_store_row(central->store, CF_Q_RECALL_GET,
                      CF_ARGS(cf_v_int(coupon.campaign), cf_v_int(coupon.index), cf_v_int((int64_t)coupon.generation)),
                      row, &found, err);
    if (rc == CF_OK && !(found && row[0].i != 0)) {
        rc = is_back_at_home(central, r, seller->sale_id, redemption, &own, err);
        *ret = own && holds ? WAY_HELD : WAY_RECALL;
    }
    return rc;
}

/* All are told that this generation is over, its home among them. Nothing else changes before it has heard. */
static enum cf_rc recall(struct cf_central *central, const struct seller *seller,
                         const struct cf_redemption *redemption, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_coupon_row coupon;
    bool found;
    enum cf_rc rc = cf_coupon_row_get(central, redemption->campaign, redemption->index, &coupon, &found, err);
    const struct cf_value campaign = cf_v_int(coupon.campaign), index = cf_v_int(coupon.index),
                          generation = cf_v_int((int64_t)coupon.generation);
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_RECALL_GET, CF_ARGS(campaign, index, generation), row, &found, err);
    }
    if (rc != CF_OK || found) {
        return rc;
    }
    struct cf_coupon_row next = coupon;
    next.generation++;
    rc = cf_coupon_row_tell_generation(central, &next, err);
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_DOWN_LAST_ID, CF_NO_ARGS, row, &found, err);
    }
    return rc == CF_OK ? cf_store_run(central->store, CF_Q_RECALL_ADD,
                                      CF_ARGS(campaign, index, generation, cf_v_int((int64_t)seller->log.id),
                                              cf_v_int((int64_t)seller->sale_id), row[0]),
                                      err)
                       : rc;
}

static enum cf_rc undo_use(struct cf_central *central, const struct seller *seller,
                           const struct cf_redemption *redemption, const struct cf_value *use, struct cf_error *err)
{
    struct cf_account *account;
    int64_t id = use[0].i;
    bool committed = false;
    enum cf_rc rc = was_committed(central, redemption, id, &committed, err);
    if (rc == CF_OK) {
        rc = cf_adjudicate_undo(central, redemption->campaign, redemption->index, id, err);
    }
    if (rc == CF_OK) { /* it did take place: the record stays */
        rc = cf_store_run(central->store, CF_Q_REDEMPTION_SETTLE,
                          CF_ARGS(cf_v_int(id), cf_v_int((int64_t)seller->sale_id), cf_v_int(CF_SOURCE_NONE)), err);
    }
    if (rc == CF_OK) {
        rc = cf_ledger_account(central, redemption->campaign, &account, err);
    }
    if (rc == CF_OK && committed) {
        rc = cf_ledger_risk_certain(central, account, redemption->index, -1, err);
    }
    return rc == CF_OK ? cf_ledger_risk_recount(central, account, redemption->index, err) : rc;
}

static enum cf_rc come_back(struct cf_central *central, const struct seller *seller,
                            const struct cf_redemption *redemption, const struct cf_value *use, bool stays,
                            struct cf_error *err)
{
    struct cf_account *account;
    struct cf_coupon_row coupon;
    const int64_t cost_minor = use[2].i;
    const bool was_reserved = use[1].i == CF_SOURCE_RESERVE;
    bool found, held = false;
    enum cf_rc rc = undo_use(central, seller, redemption, use, err);
    if (rc == CF_OK) {
        rc = cf_ledger_account(central, redemption->campaign, &account, err);
    }
    if (rc == CF_OK) {
        rc = cf_coupon_row_get(central, redemption->campaign, redemption->index, &coupon, &found, err);
    }
    bool again = rc == CF_OK && coupon.reserved && was_reserved; /* for its home */
    if (rc == CF_OK) {
        rc = cf_ledger_unuse(central, account, seller->log.store, cost_minor, again && stays, &held, err);
    }
    if (rc == CF_OK && again && !held) {
        rc = free_of_home(central, account, &coupon, err);
    }
    return rc == CF_OK && coupon.state == CF_COUPON_LIVE
               ? cf_ledger_unredeemed(central, redemption->campaign, redemption->index, err)
               : rc;
}

static enum cf_rc give_back(struct cf_central *central, struct cf_returns *r, const struct seller *seller,
                            const struct cf_redemption *redemption, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    enum way way = WAY_GONE;
    bool found;
    const struct cf_value sale = cf_v_int((int64_t)seller->sale_id), campaign = cf_v_int(redemption->campaign);
    enum cf_rc rc = redemption->index == CF_INDEX_NONE
                        ? cf_store_row(central->store, CF_Q_UNIT_OF_RECORD, CF_ARGS(sale, campaign), row, &found, err)
                        : cf_store_row(central->store, CF_Q_REDEMPTION_OF_RECORD,
                                       CF_ARGS(sale, campaign, cf_v_int(redemption->index)), row, &found, err);
    if (rc != CF_OK || !found || row[1].i == CF_SOURCE_NONE) {
        return rc; /* it is back already, or of a campaign that is not known: an alarm said so */
    }
    const struct cf_value use[3] = {row[0], row[1], row[2]}; /* numbers: they outlive the row */
    rc = find_way(central, r, seller, redemption, use, &way, err);
    if (rc != CF_OK) {
        return rc;
    }
    switch (way) {
    case WAY_GONE:
        break;
    case WAY_RECALL:
        return recall(central, seller, redemption, err);
    case WAY_FREE:
    case WAY_HELD:
        return come_back(central, seller, redemption, use, way == WAY_HELD, err);
    }
    return CF_OK;
}

/* Of a till that was set apart nothing comes back: its twin may have spent the same right again. */
static enum cf_rc unwind_rights(struct cf_central *central, struct cf_returns *r, uint64_t sale_id,
                                struct cf_error *err)
{
    struct cf_value log[CF_STORE_COLUMNS_MAX], terminal[CF_STORE_COLUMNS_MAX];
    struct seller seller = {.log = {.id = sale_id >> CF_RECORD_ID_SHIFT}, .sale_id = sale_id};
    bool found;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_LOG_BY_ID, CF_ARGS(cf_v_int((int64_t)seller.log.id)), log, &found, err);
    if (rc != CF_OK || !found || log[2].i == CF_LOG_FORKED) {
        return rc;
    }
    seller.log.terminal = (uint32_t)log[0].i;
    seller.log.state = (enum cf_log_state)log[2].i;
    rc = cf_store_row(central->store, CF_Q_TERMINAL_GET, CF_ARGS(log[0]), terminal, &found, err);
    seller.log.store = found ? (uint32_t)terminal[0].i : 0;
    for (size_t n = 0; n < r->sale->n_redemptions && rc == CF_OK; n++) {
        const struct cf_redemption *redemption = &r->sale->redemptions[n];
        enum cf_on_return fate;
        rc = find_fate(central, r->sale, n, &fate, err);
        if (rc == CF_OK && fate == CF_ON_RETURN_GIVE_BACK) {
            rc = give_back(central, r, &seller, redemption, err);
        }
    }
    return rc;
}

/* --- homes that have heard ---------------------------------------------------------------------------------------- */

/* It gave the right back itself before it heard; it will not honour this generation any more. */
static enum cf_rc release_heard(struct cf_central *central, const struct cf_log *log, struct cf_coupon_row *coupon,
                                struct cf_error *err)
{
    struct cf_account *account;
    enum cf_rc rc = cf_ledger_account(central, coupon->campaign, &account, err);
    if (rc == CF_OK) {
        rc = cf_ledger_release(central, account, log->store, err);
    }
    coupon->reserved = false;
    coupon->released = (int64_t)coupon->generation;
    return rc == CF_OK ? cf_coupon_row_put(central, coupon, err) : rc;
}

static enum cf_rc settle_heard(struct cf_central *central, struct cf_returns *r, const struct cf_log *log,
                               const struct cf_value *recalled, struct cf_error *err)
{
    struct cf_coupon_row coupon;
    const uint64_t sale_id = (uint64_t)recalled[3].i;
    bool found;
    enum cf_rc rc =
        cf_store_run(central->store, CF_Q_RECALL_HEARD, CF_ARGS(recalled[0], recalled[1], recalled[2]), err);
    if (rc == CF_OK) {
        rc = cf_coupon_row_get(central, (uint32_t)recalled[0].i, (uint32_t)recalled[1].i, &coupon, &found, err);
    }
    if (rc != CF_OK || !found) {
        return rc;
    }
    if (coupon.reserved && coupon.home == log->terminal && coupon.home_epoch == log->epoch &&
        coupon.generation == (uint32_t)recalled[2].i) {
        return release_heard(central, log, &coupon, err);
    }
    rc = cf_return_original(central, sale_id, r->sale, NULL, &found, err);
    if (rc == CF_OK && found) {
        rc = cf_returns_read(central, sale_id, r->sale, &r->of, err);
    }
    if (rc == CF_E_RETURN_SALE || rc == CF_E_RETURN_ERASED || (rc == CF_OK && !found)) {
        return CF_OK; /* nobody can tell any more what it used */
    }
    return rc == CF_OK ? unwind_rights(central, r, sale_id, err) : rc;
}

enum cf_rc cf_apply_heard(struct cf_central *central, struct cf_returns *r, const struct cf_log *log, uint64_t cursor,
                          struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = log->state == CF_LOG_ACTIVE;
    enum cf_rc rc = CF_OK;
    while (rc == CF_OK && found) {
        rc = cf_store_row(central->store, CF_Q_RECALL_NEXT,
                          CF_ARGS(cf_v_int((int64_t)log->id), cf_v_int((int64_t)(cursor & INT64_MAX))), row, &found,
                          err);
        if (rc == CF_OK && found) {
            const struct cf_value recalled[4] = {row[0], row[1], row[2], row[3]};
            rc = settle_heard(central, r, log, recalled, err);
        }
    }
    return rc;
}

/* --- all returns of a sale ---------------------------------------------------------------------------------------- */

/* A return whose sums are wrong is one all the same, if the sale has such goods. */
static bool has_goods(const struct cf_sale *sale, const struct cf_return *back)
{
    bool has = back->of.sale_no == sale->sale_no;
    for (size_t i = 0; i < back->n_lines; i++) {
        const struct cf_return_line *line = &back->lines[i];
        has = has && line->line_no <= sale->n_lines && line->product == sale->lines[line->line_no - 1].product;
    }
    return has;
}

static enum cf_rc settle_conflicts(struct cf_central *central, struct cf_returns *r, uint64_t sale_id,
                                   struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < r->of.n && rc == CF_OK; i++) {
        const struct cf_return_row *row = &r->of.row[i];
        const struct cf_alarm_cause cause = {CF_CONFLICT_RETURN, (int64_t)row->id};
        if (row->excess == row->was_excess) {
            continue;
        }
        rc = cf_store_run(central->store, CF_Q_RETURN_EXCESS,
                          CF_ARGS(cf_v_int((int64_t)row->id), cf_v_int(row->excess)), err);
        if (rc == CF_OK && row->excess) {
            const struct cf_conflict conflict = {
                .kind = CF_CONFLICT_RETURN, .record = row->id, .loser = CF_LOSER_ABSORB};
            char text[160];
            (void)snprintf(text, sizeof text, "takes back goods of sale %llu of log %llu that are back already",
                           (unsigned long long)(sale_id & CF_RECORD_SEQ_MAX),
                           (unsigned long long)(sale_id >> CF_RECORD_ID_SHIFT));
            rc = cf_conflict_add(central, &conflict, err);
            if (rc == CF_OK) {
                rc = cf_central_alarm_of(central, cause, row->id, CF_E_RETURN_TWICE, text, err);
            }
        } else if (rc == CF_OK) {
            rc = cf_store_run(central->store, CF_Q_RETURN_CONFLICT_DROP,
                              CF_ARGS(cf_v_int((int64_t)row->id), cf_v_int(CF_CONFLICT_RETURN)), err);
            if (rc == CF_OK) {
                rc = cf_central_alarm_over(central, cause, err);
            }
        }
        if (rc == CF_OK) {
            rc = cf_conflict_tell(central, row->id, err);
        }
    }
    return rc;
}

/* The sale is in r->sale. */
static enum cf_rc follow(struct cf_central *central, struct cf_returns *r, uint64_t sale_id, uint64_t id,
                         struct cf_error *err)
{
    struct cf_return_state is;
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_returns_read(central, sale_id, r->sale, &r->of, err);
    if (rc == CF_OK) {
        rc = settle_conflicts(central, r, sale_id, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_SALE_UNDONE_GET, CF_ARGS(cf_v_int((int64_t)sale_id)), row, &found, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    int64_t taken = found ? row[0].i : 0;
    bool unwound = found && row[1].i != 0;
    cf_return_so_far(r->sale, r->of.back_milli, &is);
    rc = take_points(central, r->sale, sale_id, id, &is, taken, err);
    if (rc == CF_OK && is.rights) { /* again, if they are: its home's own return says more than another's */
        rc = unwind_rights(central, r, sale_id, err);
    }
    if (rc == CF_OK && is.all) {
        rc = cf_visits_gone(central, sale_id, r->sale, err);
    }
    if (rc == CF_OK && is.issued) {
        rc = cf_revoke_issued(central, r->sale, sale_id, err);
    }
    return rc == CF_OK
               ? cf_store_run(central->store, CF_Q_SALE_UNDONE_PUT,
                              CF_ARGS(cf_v_int((int64_t)sale_id), cf_v_int(is.points > taken ? is.points : taken),
                                      cf_v_int(is.rights || unwound)),
                              err)
               : rc;
}

static enum cf_rc apply_one(struct cf_central *central, struct cf_returns *r, uint64_t sale_id, uint64_t id,
                            enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    bool readable = false, counts = false;
    enum cf_rc rc = read_return(central, r, id, &readable, err);
    if (rc == CF_OK) {
        forget_both(r->sale, r->back);
        *ret_what = readable ? cf_return_rejudge(r->sale, r->back, why)
                             : cf_fail(why, CF_E_RECORD, "the return cannot be read any more");
        counts = readable && has_goods(r->sale, r->back);
        rc = cf_store_run(central->store, CF_Q_RETURN_STATE,
                          CF_ARGS(cf_v_int((int64_t)id), cf_v_int(counts ? CF_RETURN_APPLIED : CF_RETURN_SET_ASIDE)),
                          err);
    }
    if (rc == CF_OK && counts) {
        rc = cf_value_refund(central, sale_id, id, r->sale, r->back, err);
    }
    return rc == CF_OK && counts ? follow(central, r, sale_id, id, err) : rc;
}

enum cf_rc cf_apply_waiting_returns(struct cf_central *central, struct cf_returns *r, uint64_t sale_id,
                                    struct cf_error *err)
{
    for (;;) {
        struct cf_value row[CF_STORE_COLUMNS_MAX];
        struct cf_error why = {.rc = CF_OK, .detail = ""};
        enum cf_rc what = CF_OK;
        bool found, there;
        enum cf_rc rc =
            cf_store_row(central->store, CF_Q_RETURN_WAITING, CF_ARGS(cf_v_int((int64_t)sale_id)), row, &found, err);
        if (rc != CF_OK || !found) {
            return rc;
        }
        uint64_t id = (uint64_t)row[0].i;
        rc = cf_central_alarm_over(central, (struct cf_alarm_cause){CF_ALARM_CREDIT, (int64_t)id}, err);
        if (rc != CF_OK) {
            return rc;
        }
        rc = cf_return_original(central, sale_id, r->sale, NULL, &there, &why);
        if (rc == CF_E_RETURN_SALE || rc == CF_E_RETURN_ERASED) {
            what = rc;
            rc = cf_store_run(central->store, CF_Q_RETURN_STATE,
                              CF_ARGS(cf_v_int((int64_t)id), cf_v_int(CF_RETURN_SET_ASIDE)), err);
        } else if (rc == CF_OK) {
            rc = apply_one(central, r, sale_id, id, &what, &why, err);
        } else if (err != NULL) {
            *err = why;
        }
        if (rc == CF_OK && what != CF_OK) {
            rc = tell_late(central, id, &why, err);
        }
        if (rc != CF_OK) {
            return rc;
        }
    }
}

/* --- the record ----------------------------------------------------------------------------------------------------
 */

/* The card is good from now on, and what it was given for nobody can tell before the sale is here. */
static enum cf_rc tell_unproven(struct cf_central *central, uint64_t id, const struct cf_return *back,
                                struct cf_error *err)
{
    const struct cf_alarm_cause cause = {CF_ALARM_CREDIT, (int64_t)id};
    char text[160];
    (void)snprintf(text, sizeof text, "store credit of %lld for goods of a sale that has not come (yet)",
                   (long long)back->credit.amount_minor);
    return cf_central_alarm_of(central, cause, id, CF_E_RETURN_SALE, text, err);
}

static enum cf_rc write_return(struct cf_central *central, uint64_t id, uint64_t sale_id,
                               const struct cf_record *record, const struct cf_return *back, struct cf_error *err)
{
    enum cf_rc rc = cf_store_run(central->store, CF_Q_RETURN_ADD,
                                 CF_ARGS(cf_v_int((int64_t)id), cf_v_int((int64_t)sale_id), cf_v_int(record->wall_ms),
                                         cf_v_int(back->is_void), cf_v_int(back->total_minor), cf_v_int(back->points)),
                                 err);
    if (rc == CF_OK && back->reason[0] != '\0') {
        rc = cf_store_run(central->store, CF_Q_RETURN_REASON_ADD,
                          CF_ARGS(cf_v_int((int64_t)id), cf_v_text(back->reason)), err);
    }
    for (size_t i = 0; i < back->n_lines && rc == CF_OK; i++) {
        const struct cf_return_line *line = &back->lines[i];
        if (line->qty_milli > 0) {
            rc = cf_store_run(central->store, CF_Q_RETURN_LINE_ADD,
                              CF_ARGS(cf_v_int((int64_t)id), cf_v_int(line->line_no), cf_v_int(line->qty_milli)), err);
        }
    }
    return rc;
}

/* Parts in cash are rounded to coins that there are. */
static enum cf_rc judge_coin(struct cf_central *central, const struct cf_log *log, uint64_t id,
                             const struct cf_return *back, struct cf_error *err)
{
    int64_t step = 0;
    char text[160];
    if (back->cash.step_minor <= 1) {
        return CF_OK;
    }
    enum cf_rc rc = cf_judge_coin(central, log, back->currency, &step, err);
    if (rc != CF_OK || back->cash.step_minor <= step) {
        return rc;
    }
    (void)snprintf(text, sizeof text, "a refund in cash was rounded to %lld, and the store's smallest coin is %lld",
                   (long long)back->cash.step_minor, (long long)step);
    return cf_central_alarm(central, id, CF_E_FACT, text, err);
}

enum cf_rc cf_apply_return(struct cf_central *central, struct cf_returns *r, const struct cf_log *log, uint64_t id,
                           const struct cf_record *record, enum cf_rc *ret_what, struct cf_error *why,
                           struct cf_error *err)
{
    struct cf_value original[CF_STORE_COLUMNS_MAX];
    bool found;
    *ret_what = cf_return_decode(record->body, r->back, why);
    if (*ret_what != CF_OK) {
        return CF_OK;
    }
    const struct cf_sale_ref of = r->back->of;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_LOG_GET, CF_ARGS(cf_v_int(of.terminal), cf_v_int(of.epoch)),
                                 original, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!found || of.seq > CF_RECORD_SEQ_MAX || ((uint64_t)original[0].i == log->id && of.seq >= record->seq)) {
        *ret_what = cf_fail(why, CF_E_RETURN_SALE, "returns record %llu of terminal %lu, epoch %lu",
                            (unsigned long long)of.seq, (unsigned long)of.terminal, (unsigned long)of.epoch);
        return CF_OK;
    }
    if (r->back->has_member) {
        bool erased;
        rc = cf_erase_note_late(central, r->back->member, &erased, err);
        if (rc != CF_OK) {
            return rc;
        }
    }
    uint64_t sale_id = cf_record_id((uint64_t)original[0].i, of.seq);
    bool is_past = of.seq <= (uint64_t)original[3].i || (uint64_t)original[0].i == log->id;
    rc = write_return(central, id, sale_id, record, r->back, err);
    if (rc == CF_OK) {
        rc = judge_coin(central, log, id, r->back, err);
    }
    if (rc == CF_OK && r->back->has_credit) { /* whoever has the code has the money, whatever the record is worth */
        rc = cf_value_card_out(central, log, id, &r->back->credit, r->back->currency, err);
    }
    if (rc == CF_OK && r->back->claimed) {
        rc = cf_return_claim_confirm(central, log, r->back->request_key, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_return_original(central, sale_id, r->sale, NULL, &found, why);
    if (rc == CF_OK && !found && is_past) {
        rc = cf_fail(why, CF_E_RETURN_SALE, "record %llu is no sale", (unsigned long long)of.seq);
    }
    if (rc == CF_E_RETURN_SALE || rc == CF_E_RETURN_ERASED) {
        *ret_what = rc;
        return cf_store_run(central->store, CF_Q_RETURN_STATE,
                            CF_ARGS(cf_v_int((int64_t)id), cf_v_int(CF_RETURN_SET_ASIDE)), err);
    }
    if (rc != CF_OK && err != NULL) {
        *err = *why;
    }
    if (rc == CF_OK && !found && r->back->has_credit) {
        rc = tell_unproven(central, id, r->back, err);
    }
    return rc == CF_OK && found ? apply_one(central, r, sale_id, id, ret_what, why, err) : rc;
}

/* --- refunds --------------------------------------------------------------------------------------------------------
 */

/* A till does nothing between a return and the end of its refunds but what people do (log in, allow, ask). */
#define REFUND_WITHIN 1000

struct refunds {
    const struct cf_payment_record *refund;
    bool ended;
};

static bool is_end(enum cf_payment_state state)
{
    return state == CF_PAYMENT_REFUNDED || state == CF_PAYMENT_ELSEWHERE;
}

static enum cf_rc look_for_end(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct refunds *refunds = ctx;
    struct cf_payment_record other;
    (void)err;
    if (row[1].i != CF_RECORD_PAYMENT || row[3].kind != CF_VALUE_BLOB ||
        cf_payment_record_decode(row[3].b, &other, NULL) != CF_OK) {
        return CF_OK;
    }
    refunds->ended = refunds->ended || (other.return_seq == refunds->refund->return_seq &&
                                        other.tender_no == refunds->refund->tender_no &&
                                        other.amount_minor == refunds->refund->amount_minor && is_end(other.state));
    return CF_OK;
}

static bool is_owed(const struct cf_return *back, const struct cf_payment_record *refund)
{
    for (size_t i = 0; i < back->n_tenders; i++) {
        const struct cf_return_tender *tender = &back->tenders[i];
        if (tender->tender_no == refund->tender_no) {
            return tender->has_id && tender->kind == refund->kind && tender->amount_minor == refund->amount_minor &&
                   cf_currency_equal(back->currency, refund->currency);
        }
    }
    return false;
}

enum cf_rc cf_apply_refund(struct cf_central *central, struct cf_returns *r, const struct cf_log *log,
                           const struct cf_record *record, const struct cf_payment_record *refund, enum cf_rc *ret_what,
                           struct cf_error *why, struct cf_error *err)
{
    struct refunds refunds = {refund, false};
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    const unsigned long long of = refund->return_seq;
    const struct cf_value id = cf_v_int((int64_t)cf_record_id(log->id, refund->return_seq & CF_RECORD_SEQ_MAX));
    bool found = false;
    if (refund->return_seq >= record->seq || record->seq - refund->return_seq > REFUND_WITHIN) {
        *ret_what = cf_fail(why, CF_E_RECORD, "a refund of record %llu, which is none of its returns", of);
        return CF_OK;
    }
    enum cf_rc rc = cf_store_row(central->store, CF_Q_RECORD_RANGE, CF_ARGS(id, id), row, &found, err);
    if (rc != CF_OK || (found && row[1].i == CF_RECORD_RETURN && row[3].kind != CF_VALUE_BLOB)) {
        return rc; /* what it was is forgotten */
    }
    if (!found || row[1].i != CF_RECORD_RETURN || cf_return_decode(row[3].b, r->back, NULL) != CF_OK ||
        !is_owed(r->back, refund)) {
        *ret_what = cf_fail(why, CF_E_RECORD, "a refund of tender %lu that record %llu does not owe",
                            (unsigned long)refund->tender_no, of);
        return CF_OK;
    }
    rc = cf_store_each(central->store, CF_Q_RECORD_RANGE,
                       CF_ARGS(id, cf_v_int((int64_t)cf_record_id(log->id, record->seq - 1))), look_for_end, &refunds,
                       err);
    if (rc == CF_OK && refunds.ended) {
        *ret_what = cf_fail(why, CF_E_RECORD, "tender %lu of record %llu is refunded again",
                            (unsigned long)refund->tender_no, of);
    }
    return rc;
}
