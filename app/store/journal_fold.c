/*
 * app/store/journal_fold.c - what follows from the records: spent and released rights, lease use, issued serials,
 * members' counters, what came back, the numbers of sales and Z reports.
 *
 * One function does it, at commit into the file and when verifying into memory, so that the two cannot disagree.
 */
#include "app/store/journal_private.h"

#include <string.h>

#include "app/core/challenge.h"
#include "app/core/drawer.h"
#include "app/core/lease_return.h"
#include "app/core/open_return.h"
#include "app/core/order.h"
#include "app/core/payment.h"
#include "app/core/quote.h"
#include "base/cbor.h"
#include "base/money.h"
#include "base/plant.h"

enum cf_rc cf_journal_revoked_by(struct cf_journal_tables *tables, uint32_t campaign, uint32_t index, uint64_t *ret_seq,
                                 struct cf_error *err)
{
    sqlite3_stmt *get = tables->q[CF_JQ_REVOKED];
    bool row = false;
    cf_bind_i64(get, 1, campaign);
    cf_bind_i64(get, 2, index);
    enum cf_rc rc = cf_db_step(&tables->db, get, &row, err);
    if (rc == CF_OK) {
        *ret_seq = row ? (uint64_t)cf_column_i64(get, 0) : 0;
        sqlite3_reset(get);
    }
    return rc;
}

static enum cf_rc check_not_revoked(struct cf_journal_fold *fold, const struct cf_redemption *redemption,
                                    struct cf_error *err)
{
    uint64_t by = 0;
    enum cf_rc rc = cf_journal_revoked_by(fold->tables, redemption->campaign, redemption->index, &by, err);
    return rc != CF_OK || by == 0
               ? rc
               : cf_fail(err, CF_E_COUPON_REVOKED, "campaign %u, coupon %u: its goods came back by record %llu",
                         redemption->campaign, redemption->index, (unsigned long long)by);
}

static enum cf_rc add_spent(struct cf_journal_fold *fold, uint64_t seq, const struct cf_redemption *redemption,
                            struct cf_error *err)
{
    struct cf_journal_tables *tables = fold->tables;
    if (redemption->index == CF_INDEX_NONE) { /* a unit: the lease counts it */
        return CF_OK;
    }
    enum cf_rc rc = check_not_revoked(fold, redemption, err);
    if (rc != CF_OK) {
        return rc;
    }
    sqlite3_stmt *released = tables->q[CF_JQ_RELEASED];
    cf_bind_i64(released, 1, redemption->campaign);
    cf_bind_i64(released, 2, redemption->index);
    bool row = false;
    rc = cf_db_step(&tables->db, released, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (row) {
        int64_t generation = cf_column_i64(released, 0);
        sqlite3_reset(released);
        if (redemption->generation <= generation && !CF_PLANTED(released_counts)) {
            return cf_fail(err, CF_E_COUPON_GENERATION, "campaign %u, coupon %u: generation %u was released here",
                           redemption->campaign, redemption->index, redemption->generation);
        }
    }
    sqlite3_stmt *spent = tables->q[CF_JQ_SPENT];
    cf_bind_i64(spent, 1, redemption->campaign);
    cf_bind_i64(spent, 2, redemption->index);
    rc = cf_db_step(&tables->db, spent, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (row) {
        int64_t by = cf_column_i64(spent, 0);
        sqlite3_reset(spent);
        return cf_fail(err, CF_E_COUPON_SPENT, "campaign %u, coupon %u: spent by record %lld", redemption->campaign,
                       redemption->index, (long long)by);
    }
    sqlite3_stmt *add = tables->q[CF_JQ_SPENT_ADD];
    cf_bind_i64(add, 1, redemption->campaign);
    cf_bind_i64(add, 2, redemption->index);
    cf_bind_i64(add, 3, (int64_t)seq);
    return cf_db_run(&tables->db, add, err);
}

/* Each generation of an order is handed out once. */
static enum cf_rc add_handed_out(struct cf_journal_fold *fold, uint64_t seq, const struct cf_order_claim *claim,
                                 struct cf_error *err)
{
    struct cf_journal_tables *tables = fold->tables;
    sqlite3_stmt *spent = tables->q[CF_JQ_SPENT];
    cf_bind_i64(spent, 1, CF_ORDER_SPACE + claim->generation);
    cf_bind_i64(spent, 2, claim->order);
    bool row = false;
    enum cf_rc rc = cf_db_step(&tables->db, spent, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (row) {
        int64_t by = cf_column_i64(spent, 0);
        sqlite3_reset(spent);
        return cf_fail(err, CF_E_ORDER_DONE, "order %u: handed out by record %lld", claim->order, (long long)by);
    }
    sqlite3_stmt *add = tables->q[CF_JQ_SPENT_ADD];
    cf_bind_i64(add, 1, CF_ORDER_SPACE + claim->generation);
    cf_bind_i64(add, 2, claim->order);
    cf_bind_i64(add, 3, (int64_t)seq);
    return cf_db_run(&tables->db, add, err);
}

/* A quotation is sold under once. */
static enum cf_rc add_quote_used(struct cf_journal_fold *fold, uint64_t seq, const struct cf_sale_ref *of,
                                 struct cf_error *err)
{
    struct cf_journal_tables *tables = fold->tables;
    uint64_t by = 0;
    enum cf_rc rc = cf_journal_quote_row(tables, of, &by, err);
    if (rc == CF_OK && by != 0) {
        rc = cf_fail(err, CF_E_QUOTE_USED, "by record %llu", (unsigned long long)by);
    }
    if (rc != CF_OK) {
        return rc;
    }
    sqlite3_stmt *add = tables->q[CF_JQ_QUOTE_USED_ADD];
    cf_bind_i64(add, 1, of->terminal);
    cf_bind_i64(add, 2, of->epoch);
    cf_bind_i64(add, 3, (int64_t)of->seq);
    cf_bind_i64(add, 4, (int64_t)seq);
    return cf_db_run(&tables->db, add, err);
}

static enum cf_rc fold_pick_up(struct cf_journal_fold *fold, const struct cf_record *record, struct cf_error *err)
{
    struct cf_pick_up taken;
    enum cf_rc rc = cf_pick_up_decode(record->body, &taken, err);
    return rc == CF_OK ? add_handed_out(fold, record->seq, &taken.claim, err) : rc;
}

static enum cf_rc add_lease_use(struct cf_journal_fold *fold, uint32_t campaign, struct cf_lease_used more,
                                struct cf_error *err)
{
    struct cf_journal_tables *tables = fold->tables;
    sqlite3_stmt *get = tables->q[CF_JQ_LEASE_USE];
    int64_t *const figures[] = {&more.spent, &more.returned, &more.spent_minor, &more.returned_minor};
    cf_bind_i64(get, 1, campaign);
    bool row = false;
    enum cf_rc rc = cf_db_step(&tables->db, get, &row, err);
    for (int k = 0; rc == CF_OK && row && k < 4; k++) {
        rc = cf_add_i64(*figures[k], cf_column_i64(get, k), figures[k], err);
    }
    sqlite3_reset(get);
    if (rc != CF_OK) {
        return rc;
    }
    sqlite3_stmt *set = tables->q[CF_JQ_LEASE_USE_SET];
    cf_bind_i64(set, 1, campaign);
    for (int k = 0; k < 4; k++) {
        cf_bind_i64(set, k + 2, *figures[k]);
    }
    return cf_db_run(&tables->db, set, err);
}

static enum cf_rc add_sublease_use(struct cf_journal_fold *fold, uint32_t campaign, uint32_t hub_epoch,
                                   struct cf_sublease_used more, struct cf_error *err)
{
    sqlite3_stmt *use = fold->tables->q[CF_JQ_SUBLEASE_USE_ADD];
    cf_bind_i64(use, 1, campaign);
    cf_bind_i64(use, 2, hub_epoch);
    cf_bind_i64(use, 3, more.spent);
    cf_bind_i64(use, 4, more.returned);
    cf_bind_i64(use, 5, more.store_returned);
    cf_bind_i64(use, 6, more.spent_minor);
    cf_bind_i64(use, 7, more.returned_minor);
    cf_bind_i64(use, 8, more.store_returned_minor);
    return cf_db_run(&fold->tables->db, use, err);
}

static enum cf_rc use_sublease(struct cf_journal_fold *fold, uint64_t seq, const struct cf_sale *sale,
                               size_t redemption, struct cf_error *err)
{
    const struct cf_redemption *r = &sale->redemptions[redemption];
    bool counted = seq > fold->sublease_from;
    const struct cf_sublease_used more = {.spent = 1,
                                          .spent_minor = counted ? cf_sale_redemption_value(sale, redemption) : 0};
    enum cf_rc rc = add_sublease_use(fold, r->campaign, r->hub_epoch, more, err);
    if (rc != CF_OK || !counted) {
        return rc;
    }
    sqlite3_stmt *add = fold->tables->q[CF_JQ_SUBLEASE_DAY_ADD];
    cf_bind_i64(add, 1, r->campaign);
    cf_bind_i64(add, 2, r->hub_epoch);
    cf_bind_i64(add, 3, sale->business_day);
    return cf_db_run(&fold->tables->db, add, err);
}

/* What a redemption used of this terminal's own lease, or of what a hub lent to it. */
static enum cf_rc use_lease(struct cf_journal_fold *fold, uint64_t seq, const struct cf_sale *sale, size_t redemption,
                            struct cf_error *err)
{
    const struct cf_redemption *r = &sale->redemptions[redemption];
    struct cf_journal_tables *tables = fold->tables;
    if (r->source == CF_RIGHT_SUBLEASE) {
        return use_sublease(fold, seq, sale, redemption, err);
    }
    bool units = r->source == CF_RIGHT_LEASE;
    if (!units && r->source != CF_RIGHT_RISK) {
        return CF_OK;
    }
    struct cf_lease_used more = {.spent = units, .spent_minor = cf_sale_redemption_value(sale, redemption)};
    enum cf_rc rc = add_lease_use(fold, r->campaign, more, err);
    if (rc != CF_OK || !units) {
        return rc;
    }
    sqlite3_stmt *add = tables->q[CF_JQ_DAY_USE_ADD];
    cf_bind_i64(add, 1, r->campaign);
    cf_bind_i64(add, 2, sale->business_day);
    return cf_db_run(&tables->db, add, err);
}

/* Serials are given out in order: a coupon is never issued twice, and the count tells the next. */
static enum cf_rc add_issued(struct cf_journal_fold *fold, const struct cf_issued *issued, struct cf_error *err)
{
    struct cf_journal_tables *tables = fold->tables;
    cf_bytes grant_id = cf_bytes_of(issued->grant_id.b, sizeof issued->grant_id.b);
    sqlite3_stmt *get = tables->q[CF_JQ_ISSUED];
    cf_bind_bytes(get, 1, grant_id);
    bool row = false;
    enum cf_rc rc = cf_db_step(&tables->db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    int64_t count = 1;
    if (row) {
        count = cf_column_i64(get, 0) + 1;
        int64_t last = cf_column_i64(get, 1);
        sqlite3_reset(get);
        if (issued->index != last + 1) {
            return cf_fail(err, CF_E_COUPON_RANGE, "issued serial %u does not follow on %lld", issued->index,
                           (long long)last);
        }
    }
    sqlite3_stmt *set = tables->q[CF_JQ_ISSUED_SET];
    cf_bind_bytes(set, 1, grant_id);
    cf_bind_i64(set, 2, count);
    cf_bind_i64(set, 3, issued->index);
    return cf_db_run(&tables->db, set, err);
}

/* --- money that lies here alone ----------------------------------------------------------------------------------- */

static void bind_value(sqlite3_stmt *set, const struct cf_value_used *used)
{
    cf_bind_i64(set, 1, used->account);
    cf_bind_i64(set, 2, (int64_t)used->kind);
    cf_bind_i64(set, 3, used->issued_minor);
    cf_bind_i64(set, 4, used->spent_minor);
    cf_bind_i64(set, 5, used->released_minor);
    cf_bind_i64(set, 6, used->exp_s);
    cf_bind_i64(set, 7, (int64_t)used->seq);
}

/* How much was granted stands in the replica: whoever spends or gives up has looked. */
static enum cf_rc add_value(struct cf_journal_fold *fold, const struct cf_value_used *more, struct cf_error *err)
{
    struct cf_journal_tables *tables = fold->tables;
    struct cf_value_used used;
    enum cf_rc rc = cf_journal_value_row(tables, more->account, &used, err);
    if (rc == CF_OK)
        rc = cf_add_i64(used.issued_minor, more->issued_minor, &used.issued_minor, err);
    if (rc == CF_OK)
        rc = cf_add_i64(used.spent_minor, more->spent_minor, &used.spent_minor, err);
    if (rc == CF_OK)
        rc = cf_add_i64(used.released_minor, more->released_minor, &used.released_minor, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (more->kind != 0) {
        used.kind = more->kind;
    }
    if (more->seq != 0) {
        used.seq = more->seq;
        used.exp_s = more->exp_s;
    }
    sqlite3_stmt *set = tables->q[CF_JQ_VALUE_USE_SET];
    bind_value(set, &used);
    return cf_db_run(&tables->db, set, err);
}

enum cf_rc cf_journal_fold_card(struct cf_journal_fold *fold, uint64_t seq, const struct cf_value_card *card,
                                struct cf_error *err)
{
    const struct cf_issued issued = {
        .grant_id = card->grant_id, .campaign = CF_GRANT_OF_ACCOUNTS, .index = card->account, .exp_s = card->exp_s};
    const struct cf_value_used more = {.account = card->account,
                                       .kind = card->kind,
                                       .issued_minor = card->amount_minor,
                                       .exp_s = card->exp_s,
                                       .seq = seq};
    enum cf_rc rc = add_issued(fold, &issued, err);
    return rc == CF_OK && card->homed ? add_value(fold, &more, err) : rc;
}

/* What was put on a card lies here alone, as on one that was sold, until the centre has the record. */
static enum cf_rc top_up(struct cf_journal_fold *fold, uint64_t seq, const struct cf_sale_line *line,
                         struct cf_error *err)
{
    struct cf_value_used used;
    if (!cf_sale_line_tops_up(line)) {
        return CF_OK;
    }
    enum cf_rc rc = cf_journal_value_row(fold->tables, line->extra.account, &used, err);
    if (rc != CF_OK) {
        return rc;
    }
    const struct cf_value_used more = {.account = line->extra.account,
                                       .issued_minor = line->unit_price_minor,
                                       .exp_s = used.exp_s, /* of one that it gave out, if it did */
                                       .seq = seq};
    return add_value(fold, &more, err);
}

static enum cf_rc spend_value(struct cf_journal_fold *fold, const struct cf_tender *tender, struct cf_error *err)
{
    const struct cf_value_used more = {
        .account = tender->value.account, .kind = (enum cf_gift_kind)tender->kind, .spent_minor = tender->amount_minor};
    return tender->value.source == CF_VALUE_HOME ? add_value(fold, &more, err) : CF_OK;
}

static enum cf_rc fold_value(struct cf_journal_fold *fold, const struct cf_record *record, struct cf_error *err)
{
    struct cf_value_release release;
    enum cf_rc rc = cf_value_release_decode(record->body, &release, err);
    if (rc != CF_OK) {
        return rc;
    }
    const struct cf_value_used more = {.account = release.account, .released_minor = release.amount_minor};
    return add_value(fold, &more, err);
}

static enum cf_rc raise_member_counter(struct cf_journal_fold *fold, const cf_sub *sub, uint64_t counter,
                                       struct cf_error *err)
{
    struct cf_journal_tables *tables = fold->tables;
    cf_bytes key = cf_bytes_of(sub->b, sizeof sub->b);
    sqlite3_stmt *get = tables->q[CF_JQ_MEMBER_COUNTER];
    cf_bind_bytes(get, 1, key);
    bool row = false;
    enum cf_rc rc = cf_db_step(&tables->db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (row) {
        uint64_t known = (uint64_t)cf_column_i64(get, 0);
        sqlite3_reset(get);
        if (known >= counter) {
            return CF_OK; /* a sale that was parked meanwhile */
        }
    }
    sqlite3_stmt *set = tables->q[CF_JQ_MEMBER_COUNTER_SET];
    cf_bind_bytes(set, 1, key);
    cf_bind_i64(set, 2, (int64_t)counter);
    return cf_db_run(&tables->db, set, err);
}

/* What a member bought here, and what of it all came back: till_member.c asks. */
static enum cf_rc note_purchase(struct cf_journal_fold *fold, enum cf_journal_query how, const cf_sub *sub,
                                uint64_t seq, struct cf_error *err)
{
    sqlite3_stmt *note = fold->tables->q[how];
    if (seq <= fold->member_from) {
        return CF_OK;
    }
    cf_bind_bytes(note, 1, cf_bytes_of(sub->b, sizeof sub->b));
    cf_bind_i64(note, 2, (int64_t)seq);
    return cf_db_run(&fold->tables->db, note, err);
}

static enum cf_rc take_sale_no(struct cf_journal_fold *fold, uint64_t sale_no, struct cf_error *err)
{
    if (sale_no <= fold->state.last_sale_no || sale_no > INT64_MAX) {
        return cf_fail(err, CF_E_STATE, "sale number %llu does not follow on %llu", (unsigned long long)sale_no,
                       (unsigned long long)fold->state.last_sale_no);
    }
    fold->state.last_sale_no = sale_no;
    return CF_OK;
}

static enum cf_rc fold_sale(struct cf_journal_fold *fold, const struct cf_record *record, struct cf_error *err)
{
    const struct cf_sale *sale = fold->sale;
    enum cf_rc rc = cf_sale_decode(record->body, fold->sale, err);
    if (rc == CF_OK) {
        rc = take_sale_no(fold, sale->sale_no, err);
    }
    for (size_t k = 0; rc == CF_OK && k < sale->n_redemptions; k++) {
        rc = add_spent(fold, record->seq, &sale->redemptions[k], err);
        if (rc == CF_OK) {
            rc = use_lease(fold, record->seq, sale, k, err);
        }
        if (rc == CF_OK && sale->redemptions[k].source == CF_RIGHT_TICKET) {
            rc = cf_journal_challenge_remove(fold->tables, sale->redemptions[k].request_key, err);
        }
    }
    for (size_t k = 0; rc == CF_OK && k < sale->n_issued; k++) {
        rc = add_issued(fold, &sale->issued[k], err);
    }
    for (size_t k = 0; rc == CF_OK && k < sale->n_cards; k++) {
        rc = cf_journal_fold_card(fold, record->seq, &sale->cards[k].card, err);
    }
    for (size_t k = 0; rc == CF_OK && k < sale->n_lines; k++) {
        rc = top_up(fold, record->seq, &sale->lines[k], err);
    }
    for (size_t k = 0; rc == CF_OK && k < sale->tenders.n; k++) {
        rc = spend_value(fold, &sale->tenders.tender[k], err);
    }
    if (rc == CF_OK && sale->order.order != 0) {
        rc = add_handed_out(fold, record->seq, &sale->order, err);
    }
    if (rc == CF_OK && sale->quote.of.terminal != 0) {
        rc = add_quote_used(fold, record->seq, &sale->quote.of, err);
    }
    if (rc == CF_OK && sale->has_member && sale->member_live) {
        rc = raise_member_counter(fold, &sale->member, sale->member_counter, err);
    }
    if (rc == CF_OK && sale->has_member) {
        rc = note_purchase(fold, CF_JQ_MEMBER_SALE_ADD, &sale->member, record->seq, err);
    }
    return rc;
}

/* Nothing follows from it but its number: it has one among those of sales and returns. */
static enum cf_rc fold_quote(struct cf_journal_fold *fold, const struct cf_record *record, struct cf_error *err)
{
    int64_t expires_s = 0;
    enum cf_rc rc = cf_quote_decode(record->body, fold->sale, &expires_s, err);
    return rc == CF_OK ? take_sale_no(fold, fold->sale->sale_no, err) : rc;
}

/* --- returns ------------------------------------------------------------------------------------------------------ */

/* A till never forgets what it took back itself: a return that knows less is one of goods that are back. */
static enum cf_rc add_returned(struct cf_journal_fold *fold, const struct cf_sale_ref *of,
                               const struct cf_return_line *line, struct cf_error *err)
{
    struct cf_journal_tables *tables = fold->tables;
    sqlite3_stmt *get = tables->q[CF_JQ_RETURNED];
    cf_bind_i64(get, 1, of->terminal);
    cf_bind_i64(get, 2, of->epoch);
    cf_bind_i64(get, 3, (int64_t)of->seq);
    cf_bind_i64(get, 4, line->line_no);
    bool row = false;
    enum cf_rc rc = cf_db_step(&tables->db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    int64_t before = row ? cf_column_i64(get, 0) : 0;
    sqlite3_reset(get);
    if (before > line->before_milli) {
        return cf_fail(err, CF_E_RETURN_QUANTITY, "line %u: %lld thousandths are back, not %lld", line->line_no,
                       (long long)before, (long long)line->before_milli);
    }
    if (line->qty_milli == 0) {
        return CF_OK;
    }
    sqlite3_stmt *set = tables->q[CF_JQ_RETURNED_SET];
    cf_bind_i64(set, 1, of->terminal);
    cf_bind_i64(set, 2, of->epoch);
    cf_bind_i64(set, 3, (int64_t)of->seq);
    cf_bind_i64(set, 4, line->line_no);
    cf_bind_i64(set, 5, before + line->qty_milli);
    return cf_db_run(&tables->db, set, err);
}

/* The right may be spent here again, on another unit of the lease: the centre frees the one that it had used. */
static enum cf_rc give_back(struct cf_journal_fold *fold, uint64_t sale_seq, const struct cf_return_right *right,
                            struct cf_error *err)
{
    sqlite3_stmt *remove = fold->tables->q[CF_JQ_SPENT_REMOVE];
    cf_bind_i64(remove, 1, right->campaign);
    cf_bind_i64(remove, 2, right->index);
    cf_bind_i64(remove, 3, (int64_t)sale_seq);
    return cf_db_run(&fold->tables->db, remove, err);
}

/* Whoever's sale it was: this till has seen that all of its goods are back. */
static enum cf_rc revoke(struct cf_journal_fold *fold, uint64_t seq, const struct cf_return_revoked *revoked,
                         struct cf_error *err)
{
    sqlite3_stmt *add = fold->tables->q[CF_JQ_REVOKED_ADD];
    cf_bind_i64(add, 1, revoked->campaign);
    cf_bind_i64(add, 2, revoked->index);
    cf_bind_i64(add, 3, (int64_t)seq);
    return cf_db_run(&fold->tables->db, add, err);
}

static enum cf_rc fold_return(struct cf_journal_fold *fold, const struct cf_record *record, struct cf_error *err)
{
    const struct cf_return *back = fold->back;
    enum cf_rc rc = cf_return_decode(record->body, fold->back, err);
    if (rc == CF_OK) {
        rc = take_sale_no(fold, back->return_no, err);
    }
    if (rc == CF_OK && back->has_credit) {
        rc = cf_journal_fold_card(fold, record->seq, &back->credit, err);
    }
    for (size_t k = 0; rc == CF_OK && k < back->n_lines; k++) {
        rc = add_returned(fold, &back->of, &back->lines[k], err);
    }
    bool own = back->of.terminal == record->terminal && back->of.epoch == record->epoch;
    for (size_t k = 0; own && rc == CF_OK && k < back->n_rights; k++) {
        if (back->rights[k].fate == CF_ON_RETURN_GIVE_BACK) {
            rc = give_back(fold, back->of.seq, &back->rights[k], err);
        }
    }
    if (rc == CF_OK && own && back->all) {
        rc = note_purchase(fold, CF_JQ_MEMBER_SALE_REMOVE, &back->member, back->of.seq, err);
    }
    for (size_t k = 0; rc == CF_OK && k < back->n_revoked; k++) {
        rc = revoke(fold, record->seq, &back->revoked[k], err);
    }
    return rc;
}

static enum cf_rc fold_z_report(struct cf_journal_fold *fold, const struct cf_record *record, struct cf_error *err)
{
    struct cf_z_report report;
    enum cf_rc rc = cf_z_report_decode(record->body, &report, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (report.z_no != (uint64_t)fold->state.last_z_no + 1) {
        return cf_fail(err, CF_E_STATE, "Z report %u does not follow on %u", report.z_no, fold->state.last_z_no);
    }
    fold->state.last_z_no = report.z_no;
    fold->state.last_z_seq = record->seq;
    return CF_OK;
}

static enum cf_rc fold_lease_return(struct cf_journal_fold *fold, const struct cf_record *record, struct cf_error *err)
{
    struct cf_lease_return back = {0};
    enum cf_rc rc = cf_lease_return_decode(record->body, &back, err);
    struct cf_lease_used more = {.returned = back.units, .returned_minor = back.minor};
    return rc != CF_OK ? rc : add_lease_use(fold, back.campaign, more, err);
}

/* The hub is to see it, so that it can lend the units to another till. */
static enum cf_rc fold_sublease_return(struct cf_journal_fold *fold, const struct cf_record *record,
                                       struct cf_error *err)
{
    struct cf_hub_lease_return given = {0};
    enum cf_rc rc = cf_hub_lease_return_decode(record->body, &given, err);
    if (rc == CF_OK) {
        rc = add_sublease_use(
            fold, given.back.campaign, given.hub_epoch,
            (struct cf_sublease_used){.returned = given.back.units, .returned_minor = given.back.minor}, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    sqlite3_stmt *add = fold->tables->q[CF_JQ_SUBLEASE_RETURN_ADD];
    cf_bind_i64(add, 1, (int64_t)record->seq);
    cf_bind_i64(add, 2, given.hub_epoch);
    return cf_db_run(&fold->tables->db, add, err);
}

static enum cf_rc fold_store_lease_return(struct cf_journal_fold *fold, const struct cf_record *record,
                                          struct cf_error *err)
{
    struct cf_hub_lease_return given = {0};
    enum cf_rc rc = cf_hub_lease_return_decode(record->body, &given, err);
    const struct cf_sublease_used more = {.store_returned = given.back.units, .store_returned_minor = given.back.minor};
    return rc != CF_OK ? rc : add_sublease_use(fold, given.back.campaign, given.hub_epoch, more, err);
}

/* A pinned right leaves this place for good: it may not be spent here before, nor at this generation after. */
static enum cf_rc fold_released(struct cf_journal_fold *fold, const struct cf_record *record, struct cf_error *err)
{
    struct cf_journal_tables *tables = fold->tables;
    struct cf_cbor_reader r;
    uint64_t campaign = 0;
    uint64_t number = 0;
    uint64_t generation = 0;
    cf_cbor_read_init(&r, record->body);
    cf_cbor_read_array_of(&r, 3);
    cf_cbor_read_uint(&r, &campaign, UINT32_MAX);
    cf_cbor_read_uint(&r, &number, UINT32_MAX);
    cf_cbor_read_uint(&r, &generation, UINT32_MAX);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc != CF_OK) {
        return rc;
    }
    sqlite3_stmt *spent = tables->q[CF_JQ_SPENT];
    cf_bind_i64(spent, 1, (int64_t)campaign);
    cf_bind_i64(spent, 2, (int64_t)number);
    bool row = false;
    rc = cf_db_step(&tables->db, spent, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (row) {
        sqlite3_reset(spent);
        return cf_fail(err, CF_E_COUPON_SPENT, "campaign %u, coupon %u: spent here, cannot be released",
                       (unsigned)campaign, (unsigned)number);
    }
    sqlite3_stmt *set = tables->q[CF_JQ_RELEASED_SET];
    cf_bind_i64(set, 1, (int64_t)campaign);
    cf_bind_i64(set, 2, (int64_t)number);
    cf_bind_i64(set, 3, (int64_t)generation);
    return cf_db_run(&tables->db, set, err);
}

static enum cf_rc fold_cancelled(struct cf_journal_fold *fold, const struct cf_record *record, struct cf_error *err)
{
    struct cf_cancelled cancelled;
    enum cf_rc rc = cf_cancelled_decode(record->body, &cancelled, err);
    return rc != CF_OK ? rc : take_sale_no(fold, cancelled.sale_no, err);
}

/* Nothing follows from these in other tables: cf_journal_standing finds them where they stand. */
static enum cf_rc fold_start(const struct cf_record *record, struct cf_error *err)
{
    struct cf_start start;
    return cf_start_decode(record->body, &start, err);
}

static enum cf_rc fold_quarantine(const struct cf_record *record, struct cf_error *err)
{
    struct cf_quarantine quarantine;
    return cf_quarantine_decode(record->body, &quarantine, err);
}

/* Nothing follows from it here: the right was not spent by this till. */
static enum cf_rc fold_void_request(const struct cf_record *record, struct cf_error *err)
{
    struct cf_cbor_reader r;
    uint8_t key[CF_REQUEST_KEY_BYTES];
    uint64_t v = 0;
    cf_cbor_read_init(&r, record->body);
    cf_cbor_read_array_of(&r, 3);
    cf_cbor_read_bytes_of(&r, key, sizeof key);
    cf_cbor_read_uint(&r, &v, UINT32_MAX);
    cf_cbor_read_uint(&r, &v, UINT32_MAX);
    return cf_cbor_read_end(&r, err);
}

static enum cf_rc fold_challenge(struct cf_journal_fold *fold, const struct cf_record *record, struct cf_error *err)
{
    uint8_t nonce[CF_NONCE_BYTES];
    enum cf_rc rc = cf_challenge_closed_decode(record->body, nonce, err);
    return rc != CF_OK ? rc : cf_journal_challenge_remove(fold->tables, nonce, err);
}

/* It is no return of any sale: its number, the store credit that it gave out, and the day adds it up. */
static enum cf_rc fold_open_return(struct cf_journal_fold *fold, const struct cf_record *record, struct cf_error *err)
{
    struct cf_open_return back;
    enum cf_rc rc = cf_open_return_decode(record->body, &back, err);
    if (rc == CF_OK) {
        rc = take_sale_no(fold, back.return_no, err);
    }
    if (rc == CF_OK && back.has_card && back.card.home_minor > 0) {
        const struct cf_value_used more = {
            .account = back.card.account, .kind = back.card.kind, .spent_minor = back.card.home_minor};
        rc = add_value(fold, &more, err);
    }
    return rc == CF_OK && back.has_credit ? cf_journal_fold_card(fold, record->seq, &back.credit, err) : rc;
}

/* Nothing follows from it here: what becomes of goods that were asked for the centre says. */
static enum cf_rc fold_order(const struct cf_record *record, struct cf_error *err)
{
    struct cf_request_record request;
    return cf_request_record_decode(record->body, &request, err);
}

static enum cf_rc fold_payment(const struct cf_record *record, struct cf_error *err)
{
    struct cf_payment_record payment;
    return cf_payment_record_decode(record->body, &payment, err);
}

/* Nothing follows from it in other tables: the day adds it up. */
static enum cf_rc fold_drawer(const struct cf_record *record, struct cf_error *err)
{
    struct cf_drawer_event event;
    return cf_drawer_event_decode(record->body, &event, err);
}

enum cf_rc cf_journal_fold_record(struct cf_journal_fold *fold, const struct cf_record *record,
                                  const struct cf_sha256 *hash, struct cf_error *err)
{
    enum cf_rc rc = CF_E_INTERNAL;
    switch (record->type) {
    case CF_RECORD_SALE:
        rc = fold_sale(fold, record, err);
        break;
    case CF_RECORD_Z_REPORT:
        rc = fold_z_report(fold, record, err);
        break;
    case CF_RECORD_LEASE_RETURN:
        rc = fold_lease_return(fold, record, err);
        break;
    case CF_RECORD_SUBLEASE_RETURN:
        rc = fold_sublease_return(fold, record, err);
        break;
    case CF_RECORD_STORE_LEASE_RETURN:
        rc = fold_store_lease_return(fold, record, err);
        break;
    case CF_RECORD_RELEASED:
        rc = fold_released(fold, record, err);
        break;
    case CF_RECORD_CANCELLED:
        rc = fold_cancelled(fold, record, err);
        break;
    case CF_RECORD_START:
        rc = fold_start(record, err);
        break;
    case CF_RECORD_VOID_REQUEST:
        rc = fold_void_request(record, err);
        break;
    case CF_RECORD_CHALLENGE:
        rc = fold_challenge(fold, record, err);
        break;
    case CF_RECORD_QUARANTINE:
        rc = fold_quarantine(record, err);
        break;
    case CF_RECORD_DRAWER:
        rc = fold_drawer(record, err);
        break;
    case CF_RECORD_USER:
        rc = cf_journal_fold_user(fold->tables, record, err);
        break;
    case CF_RECORD_RETURN:
        rc = fold_return(fold, record, err);
        break;
    case CF_RECORD_VALUE:
        rc = fold_value(fold, record, err);
        break;
    case CF_RECORD_PICK_UP:
        rc = fold_pick_up(fold, record, err);
        break;
    case CF_RECORD_ORDER:
        rc = fold_order(record, err);
        break;
    case CF_RECORD_PAYMENT:
        rc = fold_payment(record, err);
        break;
    case CF_RECORD_QUOTE:
        rc = fold_quote(fold, record, err);
        break;
    case CF_RECORD_OPEN_RETURN:
        rc = fold_open_return(fold, record, err);
        break;
    default: /* a number that a file may hold */
        rc = cf_fail(err, CF_E_RECORD, "record type %d is not known", (int)record->type);
        break;
    }
    if (rc == CF_OK) {
        fold->state.head = (struct cf_journal_head){record->seq, *hash};
    }
    return rc;
}

/* --- the state's own row ------------------------------------------------------------------------------------------ */

enum cf_rc cf_journal_state_save(struct cf_journal_tables *tables, const struct cf_journal_state *state,
                                 struct cf_error *err)
{
    sqlite3_stmt *set = tables->q[CF_JQ_STATE_SET];
    cf_bind_i64(set, 1, (int64_t)state->head.seq);
    cf_bind_bytes(set, 2, cf_bytes_of(state->head.hash.digest, CF_SHA256_BYTES));
    cf_bind_i64(set, 3, (int64_t)state->last_sale_no);
    cf_bind_i64(set, 4, state->last_z_no);
    cf_bind_i64(set, 5, (int64_t)state->last_z_seq);
    return cf_db_run(&tables->db, set, err);
}

enum cf_rc cf_journal_state_load(struct cf_journal_tables *tables, struct cf_journal_state *ret, struct cf_error *err)
{
    sqlite3_stmt *get = tables->q[CF_JQ_STATE];
    bool row = false;
    enum cf_rc rc = cf_db_step(&tables->db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!row) {
        return cf_db_broken(&tables->db, err, "its state is missing");
    }
    struct cf_journal_state state = {
        .head.seq = (uint64_t)cf_column_i64(get, 0),
        .last_sale_no = (uint64_t)cf_column_i64(get, 2),
        .last_z_seq = (uint64_t)cf_column_i64(get, 4),
    };
    bool good = cf_column_bytes_of(get, 1, state.head.hash.digest, CF_SHA256_BYTES) &&
                cf_column_u32(get, 3, &state.last_z_no) && state.head.seq < INT64_MAX && state.last_sale_no < INT64_MAX;
    sqlite3_reset(get);
    if (!good) {
        return cf_db_broken(&tables->db, err, "its state is damaged");
    }
    *ret = state;
    return CF_OK;
}
