/*
 * tests/sim/check.c - see check.h.
 */
#include "tests/sim/check.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_ID_SHIFT 40
#define COUPON_REDEEMED 2
#define LOG_ACTIVE 1
#define HUB_ACTIVE 1
#define HUB_FENCED 3
#define STATEMENTS_MAX 64

/* --- reading the centre's file ------------------------------------------------------------------------------------ */

static sqlite3 *centre;
static struct {
    const char *sql;
    sqlite3_stmt *get;
} statements[STATEMENTS_MAX];

void check_forget_centre(void)
{
    for (size_t k = 0; k < STATEMENTS_MAX; k++) {
        sqlite3_finalize(statements[k].get);
        statements[k].get = NULL;
        statements[k].sql = NULL;
    }
    sqlite3_close(centre);
    centre = NULL;
}

/* Up to three numbers bound as ?1, ?2, ?3. Reset it after use. `sql` is a literal: known by its address. */
static sqlite3_stmt *query(const char *sql, int64_t a, int64_t b, int64_t c)
{
    size_t k = 0;
    if (!centre) { /* it outlives whoever is at work now; a first look opens its log, too */
        uint32_t before = files_run_as(0);
        if (sqlite3_open_v2(SIM_CENTRE_DIR "/member.db", &centre, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
            sqlite3_exec(centre, "SELECT count(*) FROM setting", NULL, NULL, NULL) != SQLITE_OK)
            abort();
        files_run_as(before);
    }
    while (statements[k].sql && statements[k].sql != sql)
        if (++k == STATEMENTS_MAX)
            abort();
    if (!statements[k].sql) {
        statements[k].sql = sql;
        if (sqlite3_prepare_v2(centre, sql, -1, &statements[k].get, NULL) != SQLITE_OK) {
            printf("# %s: %s\n", sql, sqlite3_errmsg(centre));
            abort();
        }
    }
    const int64_t args[] = {a, b, c};
    for (int i = 0; i < sqlite3_bind_parameter_count(statements[k].get); i++)
        sqlite3_bind_int64(statements[k].get, i + 1, args[i]);
    return statements[k].get;
}

/* The first column of the first row; `none` without one. */
static int64_t number(int64_t none, const char *sql, int64_t a, int64_t b, int64_t c)
{
    sqlite3_stmt *get = query(sql, a, b, c);
    int64_t v = sqlite3_step(get) == SQLITE_ROW ? sqlite3_column_int64(get, 0) : none;
    sqlite3_reset(get);
    return v;
}

static bool get_hash(const char *sql, int64_t a, int64_t b, int64_t c, struct cf_sha256 *ret)
{
    sqlite3_stmt *get = query(sql, a, b, c);
    bool found = sqlite3_step(get) == SQLITE_ROW && sqlite3_column_bytes(get, 0) == CF_SHA256_BYTES;
    if (found)
        memcpy(ret->digest, sqlite3_column_blob(get, 0), CF_SHA256_BYTES);
    sqlite3_reset(get);
    return found;
}

static bool has_hash(const char *sql, int64_t a, int64_t b, int64_t c, const struct cf_sha256 *expected)
{
    struct cf_sha256 hash;
    return get_hash(sql, a, b, c, &hash) && memcmp(hash.digest, expected->digest, CF_SHA256_BYTES) == 0;
}

static int64_t log_of(const struct node *node)
{
    return number(0, "SELECT id FROM log WHERE terminal = ?1 AND epoch = ?2", node->terminal, node->epoch, 0);
}

int64_t check_granted(struct node *node, uint32_t campaign)
{
    return number(0, "SELECT granted FROM lease WHERE campaign = ?1 AND log = ?2", campaign, log_of(node), 0);
}

void check_keyset(struct world *world)
{
    world->keyset = (uint64_t)number(0, "SELECT version FROM down_topic WHERE topic = ?1", CF_TOPIC_KEYS, 0, 0);
}

int64_t check_with_hubs(struct node *node, uint32_t campaign)
{
    return number(
        0,
        "SELECT coalesce(sum(s.granted - s.spent - s.returned), 0) FROM store_lease s JOIN hub h ON h.id = s.hub WHERE "
        "s.campaign = ?1 AND h.store = ?2",
        campaign, node->store, 0);
}

int64_t check_held(const struct node *node, uint32_t account)
{
    return number(0, "SELECT coalesce(sum(amount), 0) FROM value_hold WHERE log = ?1 AND account = ?2 AND state = 1",
                  log_of(node), account, 0);
}

/* --- while it runs ------------------------------------------------------------------------------------------------ */

void check_figures(struct world *world)
{
    sqlite3_stmt *get = query("SELECT id, budget, free, outstanding, spent, stranded, over FROM campaign "
                              "WHERE free + outstanding + spent + stranded <> budget + over OR free < 0 OR "
                              "outstanding < 0 OR stranded < 0 OR spent < 0",
                              0, 0, 0);
    world->centre_asked = false;
    if (sqlite3_step(get) == SQLITE_ROW)
        sim_violation(
            world, "2: the figures add up",
            "campaign %lld: budget %lld, but free %lld, outstanding %lld, spent %lld, stranded %lld, over %lld",
            (long long)sqlite3_column_int64(get, 0), (long long)sqlite3_column_int64(get, 1),
            (long long)sqlite3_column_int64(get, 2), (long long)sqlite3_column_int64(get, 3),
            (long long)sqlite3_column_int64(get, 4), (long long)sqlite3_column_int64(get, 5),
            (long long)sqlite3_column_int64(get, 6));
    sqlite3_reset(get);
}

/* Of its money, and of its share of each day. */
static void check_lease_limits(struct node *node, const struct campaign_truth *of)
{
    struct world *world = node->world;
    struct cf_lease_used used;
    int64_t log = log_of(node), granted_minor, share, today;
    sim_must(world, cf_journal_lease_use(cf_till_journal(node->till), of->id, &used, &sim_err));
    granted_minor = number(0, "SELECT granted_minor FROM lease WHERE campaign = ?1 AND log = ?2", of->id, log, 0);
    if (of->budget_minor > 0 && used.spent_minor + used.returned_minor > granted_minor)
        sim_violation(world, "no lease is overspent", "till %u spent %lld in money of campaign %u, its lease is %lld",
                      node->number, (long long)used.spent_minor, of->id, (long long)granted_minor);
    for (size_t k = 0; k < of->n_days && !world->failed; k++) {
        sim_must(world, cf_journal_day_used(cf_till_journal(node->till), of->id, of->day[k].date, &today, &sim_err));
        share = number(0, "SELECT per_day FROM lease WHERE campaign = ?1 AND log = ?2", of->id, log, 0);
        if (today > share)
            sim_violation(world, "no lease is overspent", "till %u spent %lld of campaign %u on %u, its share is %lld",
                          node->number, (long long)today, of->id, of->day[k].date, (long long)share);
    }
}

static const enum sim_campaign leased[] = {SIM_LEASED, SIM_ISSUED, SIM_COUNTED};
#define LEASED (sizeof leased / sizeof *leased)

static void check_lease(struct node *node)
{
    struct world *world = node->world;
    if (!node->till)
        return;
    for (size_t k = 0; k < LEASED; k++) {
        int64_t spent = 0, returned = 0;
        uint32_t campaign = world->campaign[leased[k]];
        if (campaign == 0)
            continue;
        sim_must(world, cf_journal_lease_used(cf_till_journal(node->till), campaign, &spent, &returned, &sim_err));
        int64_t granted = check_granted(node, campaign);
        if (spent + returned > granted)
            sim_violation(world, "no lease is overspent", "till %u spent %lld of campaign %u, its lease is %lld",
                          node->number, (long long)spent, campaign, (long long)granted);
        if (!world->failed)
            check_lease_limits(node, truth_campaign(world, campaign));
    }
}

static void check_acknowledged(struct node *node)
{
    struct world *world = node->world;
    struct cf_sink sink = cf_link_sink(node->link);
    struct cf_sync_progress progress;
    struct cf_sha256 head;
    sim_must(world, sink.ops->progress(sink.ctx, &progress, &sim_err));
    if (world->failed)
        return;
    int64_t log = log_of(node);
    /* After a re-enrolment the replica may still tell of the epoch before, until the first exchange. */
    struct cf_sha256 start = cf_record_chain_start(node->terminal, node->epoch);
    bool ours = progress.acknowledged_seq > 0 || memcmp(progress.acknowledged_head.digest, start.digest, 32) == 0;
    if (ours && progress.acknowledged_seq > 0 &&
        !has_hash("SELECT hash FROM record WHERE id = ?1", log << RECORD_ID_SHIFT | (int64_t)progress.acknowledged_seq,
                  0, 0, &progress.acknowledged_head))
        sim_violation(world, "5: acknowledged is durable at the centre",
                      "till %u: record %llu is acknowledged, but not at the centre as it is here", node->number,
                      (unsigned long long)progress.acknowledged_seq);
    if (progress.fenced && !node->copied && !node->replaced)
        sim_violation(world, "only copies are fenced", "till %u was set apart, though nobody copied it", node->number);
    int64_t seq = number(0, "SELECT seq FROM log WHERE id = ?1", log, 0, 0);
    if (seq > 0 && get_hash("SELECT head FROM log WHERE id = ?1", log, 0, 0, &head) &&
        !truth_wrote(world, node->terminal, node->epoch, (uint64_t)seq, &head))
        sim_violation(world, "4: each record is applied once, with one content",
                      "terminal %u epoch %u: nobody wrote what the centre has as record %lld", node->terminal,
                      node->epoch, (long long)seq);
}

void check_told(struct node *node)
{
    struct world *world = node->world;
    const struct history *history = truth_history(world, node);
    truth_follow(node);
    if (world->failed || history->n == 0)
        return;
    int64_t id = log_of(node) << RECORD_ID_SHIFT | (int64_t)history->n;
    if (!has_hash("SELECT hash FROM record WHERE id = ?1", id, 0, 0, &history->hash[history->n - 1]))
        sim_violation(world, "9: facts of an epoch that is over are taken in",
                      "till %u: record %zu of epoch %u never came to the centre", node->number, history->n,
                      node->epoch);
}

void check_keys_read(struct node *node)
{
    struct cf_sync_topic state = {.version = 0};
    char next[SIM_PATH_MAX + 32];
    (void)snprintf(next, sizeof next, "%s/replica.next.db", node->dir);
    if (files_exists(next)) /* which is what the sync fills, and the till does not read it yet */
        return;
    if (node->link && !node->world->failed) {
        struct cf_sink sink = cf_link_sink(node->link);
        sim_must(node->world, sink.ops->topic(sink.ctx, CF_TOPIC_KEYS, &state, &sim_err));
    }
    node->keyset = state.version;
}

void check_code_is_known(struct node *node, const char *what, uint64_t keyset)
{
    struct world *world = node->world;
    if (keyset == 0 || node->clock_was_off)
        return;
    if (node->keyset >= keyset)
        sim_violation(world, "a genuine code stays genuine",
                      "till %u has read key set %llu and knows no key of %s, which was made under set %llu",
                      node->number, (unsigned long long)node->keyset, what, (unsigned long long)keyset);
}

static void check_topics(struct node *node)
{
    struct world *world = node->world;
    struct cf_sink sink = cf_link_sink(node->link);
    for (int topic = CF_TOPIC_KEYS; topic <= CF_TOPICS_MAX && !world->failed; topic++) {
        struct cf_sync_topic state = {.version = 0};
        int64_t scope = cf_topic_scope((enum cf_topic)topic, node->store, node->terminal);
        sim_must(world, sink.ops->topic(sink.ctx, (enum cf_topic)topic, &state, &sim_err));
        if (world->failed || state.version == 0)
            continue;
        if (!has_hash("SELECT digest FROM down_entry WHERE topic = ?1 AND scope = ?2 AND version = ?3", topic, scope,
                      (int64_t)state.version, &state.digest))
            sim_violation(world, "8: a prefix of the centre's log",
                          "till %u: topic %s at %llu is no prefix of the centre's", node->number,
                          cf_topic_name((enum cf_topic)topic), (unsigned long long)state.version);
    }
}

void check_fork_is_fenced(struct world *world, uint32_t terminal, uint32_t epoch)
{
    if (number(0, "SELECT state FROM log WHERE terminal = ?1 AND epoch = ?2", terminal, epoch, 0) == LOG_ACTIVE)
        sim_violation(world, "6: a fork is fenced", "terminal %u epoch %u has two histories, and is not set apart",
                      terminal, epoch);
}

void check_log(const struct node *node, uint64_t *ret_seq, struct cf_sha256 *ret_head, uint64_t *ret_incarnation)
{
    int64_t log = log_of(node);
    *ret_seq = (uint64_t)number(0, "SELECT seq FROM log WHERE id = ?1", log, 0, 0);
    *ret_incarnation = (uint64_t)number(0, "SELECT incarnation FROM log WHERE id = ?1", log, 0, 0);
    if (!get_hash("SELECT head FROM log WHERE id = ?1", log, 0, 0, ret_head))
        *ret_head = cf_record_chain_start(node->terminal, node->epoch);
}

void check_hub_is_over(const struct node *node, uint32_t hub_epoch)
{
    int64_t state = number(0, "SELECT state FROM hub WHERE store = ?1 AND epoch = ?2", node->store, hub_epoch, 0);
    if (state == HUB_ACTIVE || state == HUB_FENCED)
        sim_violation(node->world, "only copies are fenced",
                      "till %u: its hub %u is set apart, though nobody copied it", node->number, hub_epoch);
}

void check_synced(struct node *node, bool news)
{
    struct world *world = node->world;
    if (world->failed || !node->link)
        return;
    for (unsigned k = 0; k < world->n_nodes; k++)
        if (world->node[k].terminal == node->terminal)
            truth_follow(&world->node[k]);
    check_acknowledged(node);
    if (news)
        check_topics(node);
    check_lease(node);
}

/* --- when all is healed ------------------------------------------------------------------------------------------- */

static void expect(struct world *world, const char *what, unsigned which, int64_t here, int64_t there)
{
    if (here != there)
        sim_violation(world, what, "%s (%u): the tills say %lld, the centre %lld", what, which, (long long)here,
                      (long long)there);
}

static enum cf_rc check_record(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                               const struct cf_sha256 *hash, struct cf_error *err)
{
    struct node *node = ctx;
    struct world *world = node->world;
    sqlite3_stmt *get = query("SELECT hash, rc FROM record WHERE id = ?1",
                              log_of(node) << RECORD_ID_SHIFT | (int64_t)record->seq, 0, 0);
    bool same = sqlite3_step(get) == SQLITE_ROW && sqlite3_column_bytes(get, 0) == CF_SHA256_BYTES &&
                memcmp(sqlite3_column_blob(get, 0), hash->digest, CF_SHA256_BYTES) == 0;
    int64_t rc = same ? sqlite3_column_int64(get, 1) : 0;
    sqlite3_reset(get);
    (void)body_hash;
    (void)err;
    if (!same)
        sim_violation(world, "4: each record is applied once, with one content",
                      "till %u: record %llu is not at the centre with this content", node->number,
                      (unsigned long long)record->seq);
    if (rc != 0 && world->truth.copies == 0 && world->count.restores == 0)
        sim_violation(world, "both ends judge alike", "till %u: record %llu was flagged %lld", node->number,
                      (unsigned long long)record->seq, (long long)rc);
    return CF_OK;
}

/* Both ends' control totals, from the journal and from the centre's rows. */
static void check_totals(struct node *node, int64_t log)
{
    static const struct {
        const char *what, *sql;
        size_t at;
    } rows[] = {
        {"sales", "SELECT count(*) FROM sale WHERE id >= ?1 AND id < ?2", offsetof(struct cf_totals, n_sales)},
        {"lines", "SELECT count(*) FROM sale_line WHERE sale >= ?1 AND sale < ?2", offsetof(struct cf_totals, n_lines)},
        {"gross", "SELECT total(gross_minor) FROM sale WHERE id >= ?1 AND id < ?2",
         offsetof(struct cf_totals, gross_minor)},
        {"discount", "SELECT total(discount_minor) FROM sale WHERE id >= ?1 AND id < ?2",
         offsetof(struct cf_totals, discount_minor)},
        {"tax", "SELECT total(tax_minor) FROM sale WHERE id >= ?1 AND id < ?2", offsetof(struct cf_totals, tax_minor)},
        {"total", "SELECT total(total_minor) FROM sale WHERE id >= ?1 AND id < ?2",
         offsetof(struct cf_totals, total_minor)},
        {"change", "SELECT total(change_minor) FROM sale WHERE id >= ?1 AND id < ?2",
         offsetof(struct cf_totals, change_minor)},
        {"card", "SELECT total(amount_minor) FROM sale_tender WHERE sale >= ?1 AND sale < ?2 AND kind = 2",
         offsetof(struct cf_totals, tender_minor[CF_TENDER_CARD])},
        {"phones", "SELECT total(amount_minor) FROM sale_tender WHERE sale >= ?1 AND sale < ?2 AND kind = 3",
         offsetof(struct cf_totals, tender_minor[CF_TENDER_MOBILE])},
        {"gift cards", "SELECT total(amount_minor) FROM sale_tender WHERE sale >= ?1 AND sale < ?2 AND kind = 4",
         offsetof(struct cf_totals, tender_minor[CF_TENDER_GIFT_CARD])},
        {"points", "SELECT total(points) FROM sale WHERE id >= ?1 AND id < ?2", offsetof(struct cf_totals, points)},
    };
    const struct cf_totals *totals = &truth_history(node->world, node)->totals;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        int64_t here;
        memcpy(&here, (const char *)totals + rows[k].at, sizeof here);
        expect(node->world, rows[k].what, node->number, here,
               number(0, rows[k].sql, log << RECORD_ID_SHIFT, (log + 1) << RECORD_ID_SHIFT, 0));
    }
}

static void check_node(struct node *node)
{
    struct world *world = node->world;
    struct cf_till_report report;
    struct cf_journal_verdict verdict;
    bank_check(node);
    if (!node->till) {
        sim_violation(world, "a till opens", "till %u never opened again", node->number);
        return;
    }
    int64_t log = log_of(node);
    sim_must(world, cf_till_x_report(node->till, &report, &sim_err));
    if (world->failed)
        return;
    if (!report.heads_agree)
        sim_violation(world, "9: outboxes drain", "till %u: recorded %llu, acknowledged %llu, or their heads differ",
                      node->number, (unsigned long long)report.recorded.seq,
                      (unsigned long long)report.acknowledged_seq);
    expect(world, "records", node->number, (int64_t)report.recorded.seq,
           number(0, "SELECT count(*) FROM record WHERE id >= ?1 AND id < ?2", log << RECORD_ID_SHIFT,
                  (log + 1) << RECORD_ID_SHIFT, 0));
    sim_must(world, cf_journal_verify(cf_till_journal(node->till), &verdict, &sim_err));
    if (report.recorded.seq > 0)
        sim_must(world, cf_journal_read(cf_till_journal(node->till), 1, (size_t)report.recorded.seq, check_record, node,
                                        &sim_err));
    if (!node->copied)
        check_totals(node, log);
    for (unsigned k = 0; k < LEASED && !node->copied; k++) {
        int64_t spent = 0, returned = 0;
        uint32_t campaign = world->campaign[leased[k]];
        if (campaign == 0)
            continue;
        sim_must(world, cf_journal_lease_used(cf_till_journal(node->till), campaign, &spent, &returned, &sim_err));
        expect(world, "spent of a lease", node->number, spent,
               number(0, "SELECT spent FROM lease WHERE campaign = ?1 AND log = ?2", campaign, log, 0));
    }
}

void check_account(struct world *world, uint32_t account, int64_t issued_minor, int64_t spent_minor,
                   int64_t homed_minor)
{
    expect(world, "put on a card", account, issued_minor,
           number(0, "SELECT issued FROM value_account WHERE id = ?1", account, 0, 0));
    expect(world, "spent of a card", account, spent_minor,
           number(0, "SELECT spent FROM value_account WHERE id = ?1", account, 0, 0));
    expect(world, "of a card at tills", account, homed_minor,
           number(0, "SELECT homed FROM value_account WHERE id = ?1", account, 0, 0));
    expect(world, "of a card for sales", account, 0,
           number(0, "SELECT held FROM value_account WHERE id = ?1", account, 0, 0));
    expect(world, "left on a card", account, issued_minor - spent_minor - homed_minor,
           number(0, "SELECT balance - over FROM value_account WHERE id = ?1", account, 0, 0));
}

void check_order(struct world *world, uint32_t order, unsigned n_taken, bool whole)
{
    expect(world, "parts of an order", order, n_taken,
           number(0, "SELECT count(*) FROM shop_order_taken WHERE number = ?1 AND conflict = 0", order, 0, 0));
    expect(world, "an order that was handed out", order, whole,
           number(0, "SELECT state = 5 FROM shop_order WHERE number = ?1", order, 0, 0));
    expect(world, "yes to an order without its record", order, 0,
           number(0, "SELECT count(*) FROM shop_order_claim WHERE number = ?1 AND state = 1", order, 0, 0));
}

static enum cf_rc add_lent(void *ctx, const struct cf_sublease *sublease, struct cf_error *err)
{
    struct cf_sublease *sum = ctx;
    (void)err;
    if (sublease->hub_epoch == sum->hub_epoch) {
        sum->granted += sublease->granted;
        sum->granted_minor += sublease->granted_minor;
    }
    return CF_OK;
}

/* What the tills of a store hold of its lease through one hub. A till that was given another disk holds nothing here.
 */
static void check_lent(struct world *world, uint32_t campaign, uint32_t store, struct cf_sublease *sum)
{
    for (unsigned k = 0; k < world->scale.tills && !world->failed; k++) {
        struct node *node = &world->node[k];
        struct cf_sublease_used used;
        if (!node->till || !node->link || node->store != store)
            continue;
        sim_must(world,
                 cf_replica_subleases(cf_link_replica(node->link), campaign, node->epoch, add_lent, sum, &sim_err));
        sim_must(world,
                 cf_journal_sublease_use(cf_till_journal(node->till), campaign, sum->hub_epoch, &used, &sim_err));
        sum->granted -= used.returned;
        sum->granted_minor -= used.returned_minor;
    }
}

/* In no column is more lent than the store was leased and has not given back. */
static void check_store_leases(struct world *world)
{
    const uint32_t campaign = world->campaign[SIM_LEASED];
    for (unsigned k = 0; k < world->scale.stores && world->truth.copies == 0 && world->count.restores == 0; k++) {
        const uint32_t store = world->store_id[k];
        const int64_t hubs = number(0, "SELECT coalesce(max(epoch), 0) FROM hub WHERE store = ?1", store, 0, 0);
        for (uint32_t epoch = 1; epoch <= hubs && !world->failed; epoch++) {
            struct cf_sublease sum = {.hub_epoch = epoch};
            check_lent(world, campaign, store, &sum);
            int64_t units = number(0,
                                   "SELECT s.granted - s.returned FROM store_lease s JOIN hub h ON h.id = s.hub WHERE "
                                   "s.campaign = ?1 AND h.store = ?2 AND h.epoch = ?3",
                                   campaign, store, epoch);
            int64_t minor = number(0,
                                   "SELECT s.granted_minor - s.returned_minor FROM store_lease s JOIN hub h ON h.id = "
                                   "s.hub WHERE s.campaign = ?1 AND h.store = ?2 AND h.epoch = ?3",
                                   campaign, store, epoch);
            if (sum.granted > units || sum.granted_minor > minor)
                sim_violation(world, "sub-leases <= the store's lease",
                              "store %u, hub %u: %lld and %lld in money are lent, %lld and %lld were leased", store,
                              epoch, (long long)sum.granted, (long long)sum.granted_minor, (long long)units,
                              (long long)minor);
        }
    }
}

/* What was told to nobody: lost with a journal that was restored or replaced before it was sent. */
static bool all_was_told(const struct world *world)
{
    return world->truth.copies == 0 && world->count.restores == 0 && world->count.enrolled == 0 &&
           world->count.hubs == 0;
}

static void check_campaign(struct world *world, enum sim_campaign which)
{
    uint32_t campaign = world->campaign[which];
    if (!campaign)
        return;
    const struct campaign_truth *truth = truth_campaign(world, campaign);
    int64_t again = 0;
    for (size_t k = 0; k < world->truth.uses_cap; k++)
        if (world->truth.use[k].used && world->truth.use[k].campaign == campaign && world->truth.use[k].redeemed > 1)
            again += world->truth.use[k].redeemed - 1;
    /* What a till asked for and never used nor gave back stays taken: too strict, never too lax. */
    int64_t taken = number(0, "SELECT count(*) FROM till_request WHERE campaign = ?1 AND state = 1", campaign, 0, 0);
    expect(world, "budget", campaign, truth->budget,
           number(-1, "SELECT budget FROM campaign WHERE id = ?1", campaign, 0, 0));
    expect(
        world, "outstanding", campaign,
        number(
            0,
            "SELECT coalesce((SELECT sum(granted - spent - returned) FROM lease l JOIN log ON log.id = l.log WHERE "
            "campaign = ?1 AND state = 1), 0) + coalesce((SELECT sum(granted - spent - returned) FROM store_lease s "
            "JOIN hub h ON "
            "h.id = s.hub WHERE s.campaign = ?1 AND h.state = 1), 0) + (SELECT count(*) FROM coupon WHERE campaign = "
            "?1 AND reserved = 1 "
            "AND state <> 3)",
            campaign, 0, 0),
        number(-1, "SELECT outstanding FROM campaign WHERE id = ?1", campaign, 0, 0));
    if (!all_was_told(world) || truth->optimistic)
        return;
    /* Nor does a pinned right before its home, which did not take the goods back, has told that it knows. */
    int64_t recalled = number(0,
                              "SELECT count(*) FROM recall r JOIN redemption u ON u.record = r.sale AND u.campaign = "
                              "r.campaign AND u.idx = r.idx AND u.source <> 0 WHERE r.campaign = ?1 AND r.heard = 0",
                              campaign, 0, 0);
    expect(world, "uses of a campaign", campaign, truth->redeemed + taken + recalled,
           number(-1, "SELECT spent FROM campaign WHERE id = ?1", campaign, 0, 0));
    expect(world, "over budget", campaign, 0, number(-1, "SELECT over FROM campaign WHERE id = ?1", campaign, 0, 0));
    expect(world, "stranded", campaign, 0, number(-1, "SELECT stranded FROM campaign WHERE id = ?1", campaign, 0, 0));
    /* Each redemption of a right that was redeemed before is one conflict. More may be told of what a till had asked
     * for online and gave back later, or never used. */
    int64_t conflicts = number(0, "SELECT count(*) FROM conflict WHERE campaign = ?1 AND kind <> 7", campaign, 0, 0);
    int64_t passing =
        taken + number(0, "SELECT count(*) FROM redemption WHERE campaign = ?1 AND source = 0", campaign, 0, 0);
    if (conflicts < again || conflicts > again + passing)
        expect(world, "conflicts", campaign, again, conflicts);
}

/* What was used is known as used, whatever was given back meanwhile; and nothing else is. */
static void check_coupons(struct world *world)
{
    if (!all_was_told(world))
        return;
    for (size_t k = 0; k < world->truth.uses_cap; k++) {
        const struct use *use = &world->truth.use[k];
        if (use->used && use->redeemed > 0 && use->campaign != world->campaign[SIM_COUNTED] &&
            number(0, "SELECT state FROM coupon WHERE campaign = ?1 AND idx = ?2", use->campaign, use->index, 0) !=
                COUPON_REDEEMED)
            sim_violation(world, "used is known as used",
                          "coupon %u/%u was redeemed, and the centre takes it for another", use->campaign, use->index);
    }
    sqlite3_stmt *get = query(
        "SELECT campaign, idx FROM coupon WHERE state = 2 AND NOT EXISTS (SELECT 1 FROM "
        "till_request t WHERE t.campaign = coupon.campaign AND t.idx = coupon.idx AND t.state = 1) AND NOT EXISTS "
        "(SELECT 1 FROM recall r WHERE r.campaign = coupon.campaign AND r.idx = coupon.idx AND r.heard = 0)",
        0, 0, 0);
    while (sqlite3_step(get) == SQLITE_ROW) {
        uint32_t campaign = (uint32_t)sqlite3_column_int64(get, 0), index = (uint32_t)sqlite3_column_int64(get, 1);
        if (truth_use(world, campaign, index)->redeemed == 0)
            sim_violation(world, "used is known as used",
                          "coupon %u/%u was never used, and the centre calls it redeemed", campaign, index);
    }
    sqlite3_reset(get);
}

/* The card is still in a pocket, so it may have been shown again after the till forgot: only what all know is looked
 * at. */
static void check_forgotten(struct node *node)
{
    struct world *world = node->world;
    cf_bytes erased[SIM_MEMBERS_MAX];
    size_t n = 0;
    const char *path = NULL;
    for (unsigned k = 0; k < world->n_members && !node->copied; k++)
        if (world->member[k].erased)
            erased[n++] = cf_bytes_of(world->member[k].sub.b, CF_SUB_BYTES);
    const cf_bytes *found = files_hold(node->dir, erased, n, &path);
    for (unsigned k = 0; k < world->n_members && found; k++)
        if (found->p == world->member[k].sub.b)
            sim_violation(world, "who wants to be forgotten is", "member %u is in %s", k, path);
}

static void check_alarms(struct world *world)
{
    if (!all_was_told(world))
        return;
    sqlite3_stmt *get = query("SELECT text FROM alarm WHERE text NOT LIKE '%was redeemed twice' AND text NOT LIKE "
                              "'%the goods that it was issued with came back' AND text NOT LIKE "
                              "'takes back goods %that are back already' AND (?1 = 0 OR text "
                              "NOT LIKE '%points of a member that is not known') AND (?2 = 0 OR text NOT LIKE "
                              "'card %is blocked, and %that lay at this till are paid')",
                              world->count.erased, world->n_blocked, 0);
    int64_t twice = 0;
    if (sqlite3_step(get) == SQLITE_ROW)
        sim_violation(world, "no alarm without a cause", "an alarm at the centre: %s",
                      (const char *)sqlite3_column_text(get, 0));
    sqlite3_reset(get);
    for (size_t k = 0; k < world->truth.n_sold; k++)
        twice += world->truth.sold[k].returned_twice;
    expect(world, "sales of which goods were taken back twice", 0, twice,
           number(0, "SELECT count(DISTINCT text) FROM alarm WHERE text LIKE 'takes back goods %that are back already'",
                  0, 0, 0));
    expect(world, "Z reports that differ", 0, 0, number(0, "SELECT count(*) FROM z_report WHERE agrees = 0", 0, 0, 0));
    expect(world, "logs that are set apart", 0, 0, number(0, "SELECT count(*) FROM log WHERE state <> 1", 0, 0, 0));
}

/* A gift card is no goods that come back. */
static bool is_all_back(const struct cf_sale *sale, const struct sold *sold)
{
    bool has_goods = false;
    for (size_t i = 0; i < sale->n_lines; i++) {
        bool goods = sale->lines[i].product != CF_PRODUCT_GIFT_CARD;
        if (goods && sold->returned_milli[i] < sale->lines[i].qty_milli)
            return false;
        has_goods |= goods;
    }
    return has_goods;
}

/* Each use of a coupon that was given with goods that are all back is a conflict of its own kind, and no other use is.
 */
static void check_revoked(struct world *world)
{
    struct truth *truth = &world->truth;
    int64_t used = 0;
    if (!all_was_told(world))
        return;
    for (size_t k = 0; k < truth->n_sold && !world->failed; k++) {
        const struct sold *sold = &truth->sold[k];
        sim_must(world, cf_sale_decode(cf_bytes_of(sold->body, sold->body_n), truth->sale, &sim_err));
        for (size_t i = 0; i < truth->sale->n_issued && is_all_back(truth->sale, sold); i++)
            used += truth_use(world, truth->sale->issued[i].campaign, truth->sale->issued[i].index)->redeemed;
    }
    expect(world, "uses of coupons whose goods came back", 0, used,
           number(0, "SELECT count(*) FROM conflict WHERE kind = 7", 0, 0, 0));
}

void check_all(struct world *world)
{
    for (unsigned k = 0; k < world->scale.tills && !world->failed; k++)
        check_node(&world->node[k]);
    for (int k = 0; k < SIM_AUTOMATIC && !world->failed; k++)
        check_campaign(world, (enum sim_campaign)k);
    if (!world->failed)
        check_campaign(world, SIM_COUNTED);
    for (size_t k = 0; k < world->n_members && all_was_told(world) && !world->failed; k++)
        if (!world->member[k].erased)
            expect(world, "points of a member", (unsigned)k, world->truth.points[k],
                   number(-1, "SELECT points FROM member WHERE sub = ?1", (int64_t)cf_get_be64(world->member[k].sub.b),
                          0, 0));
    if (!world->failed)
        check_store_leases(world);
    if (!world->failed)
        values_check(world);
    if (!world->failed)
        pickups_check(world);
    for (unsigned k = 0; k < world->scale.tills && !world->failed; k++)
        check_forgotten(&world->node[k]);
    if (!world->failed)
        check_coupons(world);
    if (!world->failed)
        check_revoked(world);
    if (!world->failed)
        check_alarms(world);
}
