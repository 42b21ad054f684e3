/*
 * sync/central/adjudicate.c - see adjudicate.h.
 *
 * A use changes its place by promote() and demote() alone. What they do to the account is the inverse of each other,
 * and the account keeps itself in a normal form (ledger.h), so that figures do not depend on the way there.
 */
#include "sync/central/adjudicate.h"

#include "base/plant.h"

#include "sync/central/boots.h"
#include "sync/central/down_log.h"
#include "sync/central/revoked.h"

#include "app/core/adjudication.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RIGHT_TEXT_MAX 64

const char *cf_conflict_kind_name(enum cf_conflict_kind kind)
{
    switch (kind) {
    case CF_CONFLICT_DUPLICATE:
        return "duplicate";
    case CF_CONFLICT_AWAY:
        return "away";
    case CF_CONFLICT_STRANDED:
        return "stranded";
    case CF_CONFLICT_BEYOND:
        return "beyond";
    case CF_CONFLICT_RETURN:
        return "return";
    case CF_CONFLICT_VALUE:
        return "value";
    case CF_CONFLICT_REVOKED:
        return "revoked";
    case CF_CONFLICT_AGAIN:
        return "given_again";
    }
    return "unknown";
}

const char *cf_loser_name(enum cf_loser loser)
{
    switch (loser) {
    case CF_LOSER_ABSORB:
        return "absorb";
    case CF_LOSER_CHARGE:
        return "charge";
    case CF_LOSER_FLAG_MEMBER:
        return "flag_member";
    }
    return "unknown";
}

/* --- one use among the others ------------------------------------------------------------------------------------- */

/* A use that is written down. */
struct entry {
    int64_t id;
    uint64_t record; /* 0: online */
    enum cf_source source;
    struct cf_use_rank rank;
};

static struct entry entry_of_row(const struct cf_value *row)
{
    struct cf_boot_time boot;
    struct entry entry = {.id = row[0].i, .record = (uint64_t)row[2].i, .source = (enum cf_source)row[4].i};
    entry.rank = (struct cf_use_rank){.at_ms = row[5].i / CF_US_PER_MS,
                                      .place = (uint32_t)row[1].i,
                                      .epoch = (uint32_t)row[8].i,
                                      .seq = entry.record & CF_RECORD_SEQ_MAX,
                                      .n = (uint32_t)row[6].i};
    memcpy(entry.rank.request_key, row[3].b.p, row[3].b.n < CF_REQUEST_KEY_BYTES ? row[3].b.n : CF_REQUEST_KEY_BYTES);
    if (row[9].kind == CF_VALUE_INT && cf_boot_of_row(&row[12], &boot)) {
        entry.rank.at_ms = cf_record_time(&boot, row[9].i, row[10].i, (enum cf_time_quality)row[11].i).order_ms;
    }
    return entry;
}

static enum cf_rc find_entry(struct cf_central *central, int64_t redemption, struct entry *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_USE_GET, CF_ARGS(cf_v_int(redemption)), row, &found, err);
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_INTERNAL, "redemption %lld", (long long)redemption);
    }
    if (rc == CF_OK) {
        *ret = entry_of_row(row);
    }
    return rc;
}

struct earliest {
    bool found;
    struct entry entry;
};

static enum cf_rc keep_earliest(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct earliest *earliest = ctx;
    struct entry entry = entry_of_row(row);
    (void)err;
    if (!earliest->found || cf_use_compare(&entry.rank, &earliest->entry.rank) < 0) {
        *earliest = (struct earliest){true, entry};
    }
    return CF_OK;
}

/* The earliest of the uses that are duplicates. */
static enum cf_rc find_earliest(struct cf_central *central, const struct cf_coupon_row *coupon, struct earliest *ret,
                                struct cf_error *err)
{
    ret->found = false;
    return cf_store_each(central->store, CF_Q_USE_DUPLICATES,
                         CF_ARGS(cf_v_int(coupon->campaign), cf_v_int(coupon->index)), keep_earliest, ret, err);
}

static enum cf_rc set_source(struct cf_central *central, struct entry *entry, enum cf_source source,
                             struct cf_error *err)
{
    entry->source = source;
    return cf_store_run(central->store, CF_Q_REDEMPTION_SOURCE, CF_ARGS(cf_v_int(entry->id), cf_v_int(source)), err);
}

/* --- conflicts ---------------------------------------------------------------------------------------------------- */

/* What the conflict is about, for people. */
static void name_right(uint32_t campaign, uint32_t index, char *ret, size_t cap)
{
    if (index == CF_INDEX_NONE) {
        (void)snprintf(ret, cap, "a use of campaign %lu", (unsigned long)campaign);
    } else {
        (void)snprintf(ret, cap, "coupon %lu of campaign %lu", (unsigned long)index, (unsigned long)campaign);
    }
}

/* Of what was right for the campaign, if not for the till, no alarm is raised; a return's says of which sale,
 * visits.c's which campaign. */
static enum cf_rc raise_alarm(struct cf_central *central, const struct cf_conflict *c, struct cf_error *err)
{
    static const char *const texts[] = {
        [CF_CONFLICT_DUPLICATE] = "was redeemed twice",
        [CF_CONFLICT_AWAY] = "was redeemed away from its home",
        [CF_CONFLICT_BEYOND] = "was redeemed without a lease or reserve for it",
        [CF_CONFLICT_REVOKED] = "was redeemed, and the goods that it was issued with came back",
    };
    const struct cf_alarm_cause cause = {c->kind, c->redemption};
    char text[160], right[RIGHT_TEXT_MAX];
    if (c->kind == CF_CONFLICT_STRANDED || c->kind == CF_CONFLICT_RETURN || c->kind == CF_CONFLICT_VALUE ||
        c->kind == CF_CONFLICT_AGAIN) {
        return CF_OK;
    }
    name_right(c->campaign, c->index, right, sizeof right);
    (void)snprintf(text, sizeof text, "%s %s", right, texts[c->kind]);
    return cf_central_alarm_of(central, cause, 0,
                               c->kind == CF_CONFLICT_REVOKED ? CF_E_COUPON_REVOKED : CF_E_COUPON_BUDGET, text, err);
}

enum cf_rc cf_conflict_add(struct cf_central *central, const struct cf_conflict *c, struct cf_error *err)
{
    enum cf_rc rc = raise_alarm(central, c, err);
    if (rc == CF_OK && c->redemption != 0) {
        rc = cf_store_run(central->store, CF_Q_REDEMPTION_DISPUTED, CF_ARGS(cf_v_int(c->redemption)), err);
    }
    return rc == CF_OK ? cf_store_run(central->store, CF_Q_CONFLICT_ADD,
                                      CF_ARGS(cf_v_int(c->kind), cf_v_int(c->campaign), cf_v_int(c->index),
                                              c->redemption != 0 ? cf_v_int(c->redemption) : cf_v_null(),
                                              c->redemption == 0 ? cf_v_int((int64_t)c->record) : cf_v_null(),
                                              cf_v_int(c->loser),
                                              c->has_member ? cf_v_int(cf_sub_number(c->member)) : cf_v_null(),
                                              cf_v_int(cf_central_now(central).us)),
                                      err)
                       : rc;
}

static void describe(enum cf_conflict_kind kind, enum cf_loser loser, uint32_t campaign, uint32_t index, size_t more,
                     char *ret, size_t cap)
{
    const char *what = "";
    char also[32] = "", right[RIGHT_TEXT_MAX];
    switch (kind) {
    case CF_CONFLICT_DUPLICATE:
        what = loser == CF_LOSER_CHARGE        ? "was used elsewhere before: the campaign pays for it"
               : loser == CF_LOSER_FLAG_MEMBER ? "was used elsewhere before: the member is noted"
                                               : "was used elsewhere before: nothing to do here";
        break;
    case CF_CONFLICT_AWAY:
        what = "is reserved for another place";
        break;
    case CF_CONFLICT_STRANDED:
        what = "had been given up with this till: found again";
        break;
    case CF_CONFLICT_BEYOND:
        what = "is more than this till may accept alone";
        break;
    case CF_CONFLICT_RETURN:
        (void)snprintf(ret, cap, "goods of this return had come back elsewhere before");
        return;
    case CF_CONFLICT_VALUE:
        (void)snprintf(ret, cap, "a gift card, store credit or points paid more than was there for it");
        return;
    case CF_CONFLICT_REVOKED:
        what = "was given with goods that came back";
        break;
    case CF_CONFLICT_AGAIN:
        (void)snprintf(ret, cap,
                       "campaign %lu gave a member again what each gets once: they had bought elsewhere before",
                       (unsigned long)campaign);
        return;
    }
    if (more > 0) {
        (void)snprintf(also, sizeof also, "; %zu more", more);
    }
    name_right(campaign, index, right, sizeof right);
    (void)snprintf(ret, cap, "%s %s%s", right, what, also);
}

static enum cf_rc rc_of_kind(enum cf_conflict_kind kind)
{
    switch (kind) {
    case CF_CONFLICT_DUPLICATE:
        return CF_E_COUPON_SPENT;
    case CF_CONFLICT_AWAY:
        return CF_E_COUPON_HOME;
    case CF_CONFLICT_STRANDED:
        return CF_E_FENCED;
    case CF_CONFLICT_BEYOND:
        return CF_E_COUPON_BUDGET;
    case CF_CONFLICT_RETURN:
        return CF_E_RETURN_TWICE;
    case CF_CONFLICT_VALUE:
        return CF_E_VALUE_SPENT;
    case CF_CONFLICT_REVOKED:
        return CF_E_COUPON_REVOKED;
    case CF_CONFLICT_AGAIN:
        return CF_E_GIVEN_AGAIN;
    }
    return CF_E_COUPON_SPENT;
}

struct open_conflicts {
    size_t n;
    struct cf_conflict first; /* of the lowest kind, then campaign and index */
};

static enum cf_rc take_open(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct open_conflicts *open = ctx;
    struct cf_conflict c = {.kind = (enum cf_conflict_kind)row[0].i,
                            .campaign = (uint32_t)row[1].i,
                            .index = (uint32_t)row[2].i,
                            .loser = (enum cf_loser)row[3].i};
    const struct cf_conflict *f = &open->first;
    (void)err;
    if (open->n++ == 0 || c.kind < f->kind ||
        (c.kind == f->kind && (c.campaign < f->campaign || (c.campaign == f->campaign && c.index < f->index)))) {
        open->first = c;
    }
    return CF_OK;
}

enum cf_rc cf_conflict_tell(struct cf_central *central, uint64_t record, struct cf_error *err)
{
    struct cf_value log[CF_STORE_COLUMNS_MAX];
    struct open_conflicts open = {.n = 0};
    struct cf_down_entry entry = {.kind = CF_DOWN_RESULT};
    bool found;
    if (record == 0) {
        return CF_OK;
    }
    enum cf_rc rc = cf_store_row(central->store, CF_Q_LOG_BY_ID,
                                 CF_ARGS(cf_v_int((int64_t)(record >> CF_RECORD_ID_SHIFT))), log, &found, err);
    if (rc != CF_OK || !found || log[2].i != CF_LOG_ACTIVE) {
        return rc;
    }
    rc = cf_store_each(central->store, CF_Q_CONFLICT_OF_RECORD, CF_ARGS(cf_v_int((int64_t)record)), take_open, &open,
                       err);
    if (rc != CF_OK) {
        return rc;
    }
    entry.result.seq = record & CF_RECORD_SEQ_MAX;
    if (open.n > 0) {
        entry.result.rc = rc_of_kind(open.first.kind);
        describe(open.first.kind, open.first.loser, open.first.campaign, open.first.index, open.n - 1,
                 entry.result.text, sizeof entry.result.text);
    } else {
        (void)snprintf(entry.result.text, sizeof entry.result.text, "settled");
    }
    return cf_down_append(central, CF_TOPIC_RESULTS, (uint32_t)log[0].i, (int64_t)entry.result.seq, &entry, err);
}

struct told_records {
    size_t n, cap;
    uint64_t *seq; /* owned */
};

static enum cf_rc collect_told(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct told_records *told = ctx;
    struct cf_down_entry entry;
    enum cf_rc rc = cf_down_decode(row[0].b, &entry, err);
    if (rc != CF_OK || entry.kind != CF_DOWN_RESULT || entry.result.rc == CF_OK) {
        return rc;
    }
    if (told->n == told->cap) {
        size_t cap = told->cap == 0 ? 64 : 2 * told->cap;
        uint64_t *more = realloc(told->seq, cap * sizeof *more);
        if (more == NULL) {
            return cf_fail(err, CF_E_NO_MEMORY, "results");
        }
        told->seq = more;
        told->cap = cap;
    }
    told->seq[told->n++] = entry.result.seq;
    return CF_OK;
}

enum cf_rc cf_conflict_new_epoch(struct cf_central *central, uint32_t terminal, struct cf_error *err)
{
    struct told_records told = {.n = 0};
    enum cf_rc rc = cf_store_each(central->store, CF_Q_DOWN_STATE,
                                  CF_ARGS(cf_v_int(CF_TOPIC_RESULTS), cf_v_int(terminal)), collect_told, &told, err);
    for (size_t i = 0; i < told.n && rc == CF_OK; i++) {
        struct cf_down_entry entry = {.kind = CF_DOWN_RESULT};
        entry.result.seq = told.seq[i];
        (void)snprintf(entry.result.text, sizeof entry.result.text, "of the epoch before");
        rc = cf_down_append(central, CF_TOPIC_RESULTS, terminal, (int64_t)told.seq[i], &entry, err);
    }
    free(told.seq);
    return rc;
}

/* --- first and duplicate ------------------------------------------------------------------------------------------ */

static bool is_uncovered(enum cf_source source)
{
    return source == CF_SOURCE_BEYOND || source == CF_SOURCE_DUPLICATE;
}

/* A duplicate that nothing covered: the campaign may be the one that pays. */
static void leave_to_policy(struct cf_account *account, enum cf_loser loser, int sign)
{
    if (loser == CF_LOSER_CHARGE) {
        cf_account_want(account, sign);
    }
}

static enum cf_rc add_duplicate(struct cf_central *central, const struct cf_account *account,
                                const struct cf_coupon_row *coupon, int64_t redemption, struct cf_error *err)
{
    struct cf_conflict conflict = {.kind = CF_CONFLICT_DUPLICATE,
                                   .campaign = coupon->campaign,
                                   .index = coupon->index,
                                   .redemption = redemption,
                                   .loser = account->terms.loser,
                                   .has_member = account->terms.loser == CF_LOSER_FLAG_MEMBER && coupon->bound,
                                   .member = coupon->sub};
    return cf_conflict_add(central, &conflict, err);
}

/* It was the first use, and is a duplicate now. */
static enum cf_rc demote(struct cf_central *central, struct cf_account *account, const struct cf_coupon_row *coupon,
                         struct entry *entry, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    if (is_uncovered(entry->source)) {
        cf_account_give_back(account, entry->source);
        leave_to_policy(account, account->terms.loser, 1);
        rc = set_source(central, entry, CF_SOURCE_DUPLICATE, err);
    }
    if (rc == CF_OK) {
        rc = add_duplicate(central, account, coupon, entry->id, err);
    }
    return rc == CF_OK ? cf_conflict_tell(central, entry->record, err) : rc;
}

/* It is no duplicate any more. */
static enum cf_rc acquit(struct cf_central *central, struct cf_account *account, struct entry *entry,
                         struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_CONFLICT_DROP,
                                 CF_ARGS(cf_v_int(entry->id), cf_v_int(CF_CONFLICT_DUPLICATE)), row, &found, err);
    if (rc == CF_OK && found) {
        rc = cf_central_alarm_over(central, (struct cf_alarm_cause){CF_CONFLICT_DUPLICATE, entry->id}, err);
    }
    if (rc == CF_OK && found && is_uncovered(entry->source)) {
        leave_to_policy(account, (enum cf_loser)row[0].i, -1);
    }
    return rc;
}

/* It was a duplicate, and is the first use now. */
static enum cf_rc promote(struct cf_central *central, struct cf_account *account, struct cf_coupon_row *coupon,
                          struct entry *entry, struct cf_error *err)
{
    enum cf_rc rc = acquit(central, account, entry, err);
    if (rc == CF_OK && is_uncovered(entry->source)) {
        cf_account_overdraw(account);
        rc = set_source(central, entry, CF_SOURCE_BEYOND, err);
    }
    coupon->redemption = entry->id;
    return rc == CF_OK ? cf_conflict_tell(central, entry->record, err) : rc;
}

/* --- a use that is told ------------------------------------------------------------------------------------------- */

static struct cf_use_rank rank_of(const struct cf_use *use)
{
    struct cf_use_rank rank = {.at_ms = use->order_ms,
                               .place = use->place,
                               .epoch = use->epoch,
                               .seq = use->record & CF_RECORD_SEQ_MAX,
                               .n = use->n};
    memcpy(rank.request_key, use->request_key, sizeof rank.request_key);
    return rank;
}

static enum cf_rc change_first(struct cf_central *central, const struct cf_coupon_row *coupon, struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_COUPON_USE,
                        CF_ARGS(cf_v_int(coupon->campaign), cf_v_int(coupon->index), cf_v_int(coupon->redemption)),
                        err);
}

/* A unit that no coupon stood for: it has no other use. */
static enum cf_rc use_unit(struct cf_central *central, struct cf_account *account, struct cf_use *use,
                           int64_t *ret_redemption, struct cf_error *err)
{
    if (use->source == CF_SOURCE_NONE) {
        cf_account_overdraw(account);
        use->source = CF_SOURCE_BEYOND;
    }
    return cf_use_add(central, account->terms.id, CF_INDEX_NONE, use, ret_redemption, err);
}

enum cf_rc cf_adjudicate_use(struct cf_central *central, struct cf_account *account, struct cf_coupon_row *coupon,
                             struct cf_use *use, int64_t *ret_redemption, struct cf_error *err)
{
    if (coupon->index == CF_INDEX_NONE) {
        return use_unit(central, account, use, ret_redemption, err);
    }
    struct cf_use_rank rank = rank_of(use);
    struct entry other = {.id = coupon->redemption};
    int64_t id = 0;
    enum cf_rc rc = other.id != 0 ? find_entry(central, other.id, &other, err) : CF_OK;
    if (rc != CF_OK) {
        return rc;
    }
    bool first = other.id == 0 || cf_use_compare(&rank, &other.rank) < 0;
    if (use->source == CF_SOURCE_NONE && first) {
        cf_account_overdraw(account);
        use->source = CF_SOURCE_BEYOND;
    } else if (use->source == CF_SOURCE_NONE) {
        leave_to_policy(account, account->terms.loser, 1);
        use->source = CF_SOURCE_DUPLICATE;
    }
    rc = cf_coupon_row_use(central, coupon, use, &id, err);
    if (rc == CF_OK && other.id != 0 && first) {
        coupon->redemption = id;
        rc = change_first(central, coupon, err);
        if (rc == CF_OK) {
            rc = cf_store_run(central->store, CF_Q_REDEMPTION_DISPUTED, CF_ARGS(cf_v_int(id)), err);
        }
        if (rc == CF_OK) {
            rc = demote(central, account, coupon, &other, err);
        }
    } else if (rc == CF_OK && other.id != 0) {
        rc = cf_store_run(central->store, CF_Q_REDEMPTION_DISPUTED, CF_ARGS(cf_v_int(other.id)), err);
        if (rc == CF_OK) {
            rc = add_duplicate(central, account, coupon, id, err);
        }
        if (rc == CF_OK) {
            rc = cf_conflict_tell(central, use->record, err);
        }
    }
    if (rc == CF_OK && coupon->origin != CF_COUPON_CLAIMED) { /* else no till had issued it */
        rc = cf_revoked_used(central, coupon->campaign, coupon->index, id, use->record, err);
    }
    if (rc == CF_OK) {
        *ret_redemption = id;
    }
    return rc;
}

/* --- a use that never was ----------------------------------------------------------------------------------------- */

/* The first use of the right is gone: the next one is the first, or the coupon lives again. */
static enum cf_rc replace_first(struct cf_central *central, struct cf_account *account, struct cf_coupon_row *coupon,
                                enum cf_source source, struct cf_error *err)
{
    struct earliest next;
    bool revoked = false;
    enum cf_rc rc = find_earliest(central, coupon, &next, err);
    if (rc == CF_OK) {
        rc = cf_is_revoked(central, coupon->campaign, coupon->index, &revoked, err);
    }
    next.found = next.found && !CF_PLANTED(void_revives);
    coupon->redemption = 0;
    if (rc == CF_OK && next.found) {
        rc = promote(central, account, coupon, &next.entry, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    coupon->state = next.found ? CF_COUPON_REDEEMED : revoked ? CF_COUPON_REVOKED : CF_COUPON_LIVE;
    if (source == CF_SOURCE_RESERVE) { /* else its home holds it as it did, whoever used it away from there */
        coupon->reserved = !next.found;
    }
    if (source == CF_SOURCE_RESERVE && next.found && !cf_account_release(account)) {
        return cf_fail(err, CF_E_INTERNAL, "coupon %lu was reserved, but nothing is outstanding",
                       (unsigned long)coupon->index);
    }
    return cf_coupon_row_put(central, coupon, err);
}

enum cf_rc cf_adjudicate_undo(struct cf_central *central, uint32_t campaign, uint32_t index, int64_t redemption,
                              struct cf_error *err)
{
    struct cf_account *account;
    struct cf_coupon_row coupon;
    struct entry entry;
    bool found;
    enum cf_rc rc = find_entry(central, redemption, &entry, err);
    if (rc == CF_OK) {
        rc = cf_ledger_account(central, campaign, &account, err);
    }
    if (rc == CF_OK) {
        rc = cf_coupon_row_get(central, campaign, index, &coupon, &found, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    if (entry.source != CF_SOURCE_DUPLICATE) {
        cf_account_give_back(account, entry.source);
    }
    rc = cf_revoked_unused(central, redemption, entry.record, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (index == CF_INDEX_NONE) {
        rc = CF_OK;
    } else if (coupon.redemption == redemption) {
        rc = replace_first(central, account, &coupon, entry.source, err);
    } else {
        rc = acquit(central, account, &entry, err);
        if (rc == CF_OK) {
            rc = cf_conflict_tell(central, entry.record, err);
        }
    }
    return rc == CF_OK ? cf_store_run(central->store, CF_Q_REDEMPTION_SETTLE,
                                      CF_ARGS(cf_v_int(redemption), cf_v_null(), cf_v_int(CF_SOURCE_NONE)), err)
                       : rc;
}

/* --- times that are known better ---------------------------------------------------------------------------------- */

struct right {
    uint32_t campaign, index;
};
struct rights {
    size_t n, cap;
    struct right *right; /* owned */
};

static enum cf_rc collect_right(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct rights *rights = ctx;
    if (rights->n == rights->cap) {
        size_t cap = rights->cap == 0 ? 64 : 2 * rights->cap;
        struct right *more = realloc(rights->right, cap * sizeof *more);
        if (more == NULL) {
            return cf_fail(err, CF_E_NO_MEMORY, "disputed rights");
        }
        rights->right = more;
        rights->cap = cap;
    }
    rights->right[rights->n++] = (struct right){(uint32_t)row[0].i, (uint32_t)row[1].i};
    return CF_OK;
}

static enum cf_rc decide_again(struct cf_central *central, struct right right, struct cf_error *err)
{
    struct cf_account *account;
    struct cf_coupon_row coupon;
    struct entry first;
    struct earliest earliest;
    bool found;
    enum cf_rc rc = cf_ledger_account(central, right.campaign, &account, err);
    if (rc == CF_OK) {
        rc = cf_coupon_row_get(central, right.campaign, right.index, &coupon, &found, err);
    }
    if (rc != CF_OK || coupon.redemption == 0) {
        return rc;
    }
    rc = find_entry(central, coupon.redemption, &first, err);
    if (rc == CF_OK) {
        rc = find_earliest(central, &coupon, &earliest, err);
    }
    if (rc != CF_OK || !earliest.found || cf_use_compare(&first.rank, &earliest.entry.rank) < 0) {
        return rc;
    }
    rc = promote(central, account, &coupon, &earliest.entry, err);
    if (rc == CF_OK) {
        rc = change_first(central, &coupon, err);
    }
    return rc == CF_OK ? demote(central, account, &coupon, &first, err) : rc;
}

enum cf_rc cf_adjudicate_again(struct cf_central *central, uint64_t first_record, uint64_t last_record,
                               struct cf_error *err)
{
    struct rights rights = {.n = 0};
    enum cf_rc rc = cf_store_each(central->store, CF_Q_DISPUTED_BETWEEN,
                                  CF_ARGS(cf_v_int((int64_t)first_record), cf_v_int((int64_t)last_record)),
                                  collect_right, &rights, err);
    for (size_t i = 0; i < rights.n && rc == CF_OK; i++) {
        rc = decide_again(central, rights.right[i], err);
    }
    free(rights.right);
    return rc;
}
