/*
 * tests/sim/check.c - see check.h.
 */
#include "tests/sim/check.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/core/report.h"

#define RECORD_ID_SHIFT 40
#define COUPON_REDEEMED 2

/* --- reading the centre's file ------------------------------------------------------------------------------------ */

static sqlite3 *centre_db(struct world *world)
{
    static sqlite3 *db;
    static ino_t inode;
    static const struct world *of;
    char path[SIM_PATH_MAX + 32];
    struct stat what;
    (void)snprintf(path, sizeof path, "%s/centre/member.db", world->dir);
    if (stat(path, &what) != 0)
        abort();
    if (db && of == world && inode == what.st_ino)
        return db;
    sqlite3_close(db);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        abort();
    of = world;
    inode = what.st_ino;
    return db;
}

/* Up to three numbers bound as ?1, ?2, ?3. */
static sqlite3_stmt *query(struct world *world, const char *sql, int64_t a, int64_t b, int64_t c)
{
    sqlite3_stmt *get = NULL;
    if (sqlite3_prepare_v2(centre_db(world), sql, -1, &get, NULL) != SQLITE_OK) {
        printf("# %s: %s\n", sql, sqlite3_errmsg(centre_db(world)));
        abort();
    }
    const int64_t args[] = {a, b, c};
    for (int k = 0; k < sqlite3_bind_parameter_count(get); k++)
        sqlite3_bind_int64(get, k + 1, args[k]);
    return get;
}

/* The first column of the first row; `none` without one. */
static int64_t number(struct world *world, int64_t none, const char *sql, int64_t a, int64_t b, int64_t c)
{
    sqlite3_stmt *get = query(world, sql, a, b, c);
    int64_t v = sqlite3_step(get) == SQLITE_ROW ? sqlite3_column_int64(get, 0) : none;
    sqlite3_finalize(get);
    return v;
}

static bool has_hash(struct world *world, const char *sql, int64_t a, int64_t b, int64_t c,
                     const struct cf_sha256 *expected)
{
    sqlite3_stmt *get = query(world, sql, a, b, c);
    bool same = sqlite3_step(get) == SQLITE_ROW && sqlite3_column_bytes(get, 0) == CF_SHA256_BYTES &&
                memcmp(sqlite3_column_blob(get, 0), expected->digest, CF_SHA256_BYTES) == 0;
    sqlite3_finalize(get);
    return same;
}

static int64_t log_of(struct node *node)
{
    return number(node->world, 0, "SELECT id FROM log WHERE terminal = ?1 AND epoch = ?2", node->terminal, node->epoch,
                  0);
}

/* --- while it runs ------------------------------------------------------------------------------------------------ */

struct found {
    bool any;
    struct cf_sha256 hash;
};

static enum cf_rc find(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                       const struct cf_sha256 *hash, struct cf_error *err)
{
    struct found *found = ctx;
    (void)record;
    (void)body_hash;
    (void)err;
    found->any = true;
    found->hash = *hash;
    return CF_OK;
}

void check_head(struct node *node)
{
    struct world *world = node->world;
    struct cf_journal_head head;
    struct found found = {.any = false};
    if (world->failed || !node->till)
        return;
    sim_must(world, cf_journal_head(cf_till_journal(node->till), &head, &sim_err));
    if (world->failed || (head.seq == node->known_seq && head.seq == 0))
        return;
    if (node->known_seq > 0) {
        sim_must(world, cf_journal_read(cf_till_journal(node->till), node->known_seq, 1, find, &found, &sim_err));
        if (!found.any || memcmp(found.hash.digest, node->known_hash.digest, CF_SHA256_BYTES) != 0) {
            sim_violation(world, "till %u: record %llu, which was committed, is %s", node->number,
                          (unsigned long long)node->known_seq, found.any ? "another now" : "gone");
            return;
        }
    }
    node->known_seq = head.seq;
    node->known_hash = head.hash;
}

void check_lease(struct node *node)
{
    struct world *world = node->world;
    const enum sim_campaign leased[] = {SIM_LEASED, SIM_ISSUED};
    if (world->failed || !node->till)
        return;
    for (size_t k = 0; k < 2; k++) {
        int64_t spent = 0, returned = 0;
        uint32_t campaign = world->campaign[leased[k]];
        sim_must(world, cf_journal_lease_used(cf_till_journal(node->till), campaign, &spent, &returned, &sim_err));
        int64_t granted =
            number(world, 0, "SELECT granted FROM lease WHERE campaign = ?1 AND log = ?2", campaign, log_of(node), 0);
        if (spent + returned > granted)
            sim_violation(world, "till %u spent %lld of campaign %u, its lease is %lld", node->number, (long long)spent,
                          campaign, (long long)granted);
    }
}

void check_acknowledged(struct node *node)
{
    struct world *world = node->world;
    struct cf_sink sink = cf_link_sink(node->link);
    struct cf_sync_progress progress;
    if (world->failed)
        return;
    sim_must(world, sink.ops->progress(sink.ctx, &progress, &sim_err));
    if (world->failed || progress.acknowledged_seq == 0)
        return;
    int64_t id = log_of(node) << RECORD_ID_SHIFT | (int64_t)progress.acknowledged_seq;
    if (!has_hash(world, "SELECT hash FROM record WHERE id = ?1", id, 0, 0, &progress.acknowledged_head))
        sim_violation(world, "till %u: record %llu is acknowledged, but not at the centre as it is here", node->number,
                      (unsigned long long)progress.acknowledged_seq);
    if (progress.fenced)
        sim_violation(world, "till %u was set apart, though nobody copied it", node->number);
}

void check_topics(struct node *node)
{
    struct world *world = node->world;
    struct cf_sink sink = cf_link_sink(node->link);
    for (int topic = CF_TOPIC_KEYS; topic <= CF_TOPIC_HUB && !world->failed; topic++) {
        struct cf_sync_topic state = {.version = 0};
        int64_t scope = topic == CF_TOPIC_PRICES                                ? node->store
                        : topic == CF_TOPIC_LEASES || topic == CF_TOPIC_RESULTS ? node->terminal
                                                                                : 0;
        sim_must(world, sink.ops->topic(sink.ctx, (enum cf_topic)topic, &state, &sim_err));
        if (world->failed || state.version == 0)
            continue;
        if (!has_hash(world, "SELECT digest FROM down_entry WHERE topic = ?1 AND scope = ?2 AND version = ?3", topic,
                      scope, (int64_t)state.version, &state.digest))
            sim_violation(world, "till %u: topic %s at %llu is no prefix of the centre's", node->number,
                          cf_topic_name((enum cf_topic)topic), (unsigned long long)state.version);
    }
}

/* --- what really happened ----------------------------------------------------------------------------------------- */

#define USES_MAX 1024

struct use {
    uint32_t campaign, index;
    unsigned n;
};
struct truth {
    struct world *world;
    struct node *node;
    int64_t log;
    struct cf_sale *sale;
    struct cf_totals totals; /* of the node */
    int64_t points[SIM_MEMBERS];
    size_t n_uses;
    struct use use[USES_MAX];
    size_t n_issued;
    struct use issued[USES_MAX];
};

static struct use *use_of(struct use *uses, size_t *n_uses, uint32_t campaign, uint32_t index)
{
    for (size_t k = 0; k < *n_uses; k++)
        if (uses[k].campaign == campaign && uses[k].index == index)
            return &uses[k];
    if (*n_uses == USES_MAX)
        abort();
    uses[*n_uses] = (struct use){campaign, index, 0};
    return &uses[(*n_uses)++];
}

static void count_sale(struct truth *truth)
{
    struct world *world = truth->world;
    const struct cf_sale *sale = truth->sale;
    sim_must(world, cf_totals_add(&truth->totals, sale, &sim_err));
    for (size_t k = 0; k < sale->n_redemptions; k++)
        use_of(truth->use, &truth->n_uses, sale->redemptions[k].campaign, sale->redemptions[k].index)->n++;
    for (size_t k = 0; k < sale->n_issued; k++)
        if (use_of(truth->issued, &truth->n_issued, sale->issued[k].campaign, sale->issued[k].index)->n++ > 0)
            sim_violation(world, "coupon %u/%u was issued twice", sale->issued[k].campaign, sale->issued[k].index);
    for (size_t k = 0; k < SIM_MEMBERS && sale->has_member; k++)
        if (cf_sub_equal(sale->member, world->member[k].sub))
            truth->points[k] += sale->points;
}

static enum cf_rc check_record(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                               const struct cf_sha256 *hash, struct cf_error *err)
{
    struct truth *truth = ctx;
    struct world *world = truth->world;
    int64_t id = truth->log << RECORD_ID_SHIFT | (int64_t)record->seq;
    (void)body_hash;
    if (!has_hash(world, "SELECT hash FROM record WHERE id = ?1", id, 0, 0, hash))
        sim_violation(world, "till %u: record %llu is not at the centre with this content", truth->node->number,
                      (unsigned long long)record->seq);
    int64_t rc = number(world, -1, "SELECT rc FROM record WHERE id = ?1", id, 0, 0);
    if (rc != 0)
        sim_violation(world, "till %u: record %llu was flagged %lld", truth->node->number,
                      (unsigned long long)record->seq, (long long)rc);
    if (record->type != CF_RECORD_SALE)
        return CF_OK;
    enum cf_rc sale_rc = cf_sale_decode(record->body, truth->sale, err);
    if (sale_rc == CF_OK)
        count_sale(truth);
    return sale_rc;
}

static void expect(struct world *world, const char *what, unsigned number_, int64_t here, int64_t there)
{
    if (here != there)
        sim_violation(world, "%s (%u): the tills say %lld, the centre %lld", what, number_, (long long)here,
                      (long long)there);
}

/* Both ends' control totals, from the journal and from the centre's rows. */
static void check_totals(struct truth *truth)
{
    static const struct {
        const char *what, *sql;
        size_t at;
    } rows[] = {
        {"sales", "SELECT count(*) FROM sale WHERE id >> 40 = ?1", offsetof(struct cf_totals, n_sales)},
        {"lines", "SELECT count(*) FROM sale_line WHERE sale >> 40 = ?1", offsetof(struct cf_totals, n_lines)},
        {"gross", "SELECT total(gross_minor) FROM sale WHERE id >> 40 = ?1", offsetof(struct cf_totals, gross_minor)},
        {"discount", "SELECT total(discount_minor) FROM sale WHERE id >> 40 = ?1",
         offsetof(struct cf_totals, discount_minor)},
        {"tax", "SELECT total(tax_minor) FROM sale WHERE id >> 40 = ?1", offsetof(struct cf_totals, tax_minor)},
        {"total", "SELECT total(total_minor) FROM sale WHERE id >> 40 = ?1", offsetof(struct cf_totals, total_minor)},
        {"change", "SELECT total(change_minor) FROM sale WHERE id >> 40 = ?1",
         offsetof(struct cf_totals, change_minor)},
        {"card", "SELECT total(amount_minor) FROM sale_tender WHERE sale >> 40 = ?1 AND kind = 2",
         offsetof(struct cf_totals, tender_minor[CF_TENDER_CARD])},
        {"points", "SELECT total(points) FROM sale WHERE id >> 40 = ?1", offsetof(struct cf_totals, points)},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        int64_t here;
        memcpy(&here, (const char *)&truth->totals + rows[k].at, sizeof here);
        expect(truth->world, rows[k].what, truth->node->number, here,
               number(truth->world, 0, rows[k].sql, truth->log, 0, 0));
    }
}

static void check_node(struct truth *truth, struct node *node)
{
    struct world *world = truth->world;
    struct cf_till_report report;
    struct cf_journal_verdict verdict;
    if (!node->till) {
        sim_violation(world, "till %u never opened again", node->number);
        return;
    }
    truth->node = node;
    truth->log = log_of(node);
    truth->totals = (struct cf_totals){.n_sales = 0};
    sim_must(world, cf_till_x_report(node->till, &report, &sim_err));
    if (world->failed)
        return;
    if (!report.heads_agree)
        sim_violation(world, "till %u: recorded %llu, acknowledged %llu, or their heads differ", node->number,
                      (unsigned long long)report.recorded.seq, (unsigned long long)report.acknowledged_seq);
    expect(world, "records", node->number, (int64_t)report.recorded.seq,
           number(world, 0, "SELECT count(*) FROM record WHERE id >> 40 = ?1", truth->log, 0, 0));
    sim_must(world, cf_journal_verify(cf_till_journal(node->till), &verdict, &sim_err));
    sim_must(world, cf_journal_read(cf_till_journal(node->till), 1, (size_t)report.recorded.seq, check_record, truth,
                                    &sim_err));
    check_totals(truth);
    for (unsigned k = 0; k < 2; k++) {
        int64_t spent = 0, returned = 0;
        uint32_t campaign = world->campaign[k == 0 ? SIM_LEASED : SIM_ISSUED];
        sim_must(world, cf_journal_lease_used(cf_till_journal(node->till), campaign, &spent, &returned, &sim_err));
        expect(world, "spent of a lease", node->number, spent,
               number(world, 0, "SELECT spent FROM lease WHERE campaign = ?1 AND log = ?2", campaign, truth->log, 0));
    }
}

static void check_campaign(struct truth *truth, enum sim_campaign which)
{
    struct world *world = truth->world;
    uint32_t campaign = world->campaign[which];
    int64_t uses = 0, again = 0;
    for (size_t k = 0; k < truth->n_uses; k++) {
        if (truth->use[k].campaign != campaign)
            continue;
        uses += truth->use[k].n;
        again += truth->use[k].n - 1;
        if (which != SIM_LEASED && which != SIM_ISSUED && truth->use[k].n > 1)
            sim_violation(world, "coupon %u/%u was redeemed %u times", campaign, truth->use[k].index, truth->use[k].n);
    }
    world->count.redeemed += (unsigned)uses;
    if (uses > world->budget[which])
        sim_violation(world, "campaign %u: %lld redeemed of a budget of %lld", campaign, (long long)uses,
                      (long long)world->budget[which]);
    /* What a till asked for and never used nor gave back stays taken: too strict, never too lax. */
    int64_t taken =
        number(world, 0, "SELECT count(*) FROM till_request WHERE campaign = ?1 AND state = 1", campaign, 0, 0);
    expect(world, "uses of a campaign", campaign, uses + taken,
           number(world, -1, "SELECT spent FROM campaign WHERE id = ?1", campaign, 0, 0));
    expect(world, "over budget", campaign, 0,
           number(world, -1, "SELECT over FROM campaign WHERE id = ?1", campaign, 0, 0));
    expect(
        world, "budget", campaign, world->budget[which],
        number(world, -1, "SELECT free + outstanding + spent + stranded FROM campaign WHERE id = ?1", campaign, 0, 0));
    expect(world, "stranded", campaign, 0,
           number(world, -1, "SELECT stranded FROM campaign WHERE id = ?1", campaign, 0, 0));
    expect(world, "outstanding", campaign,
           number(world, 0,
                  "SELECT coalesce((SELECT sum(granted - spent - returned) FROM lease WHERE campaign = ?1), 0) + "
                  "(SELECT count(*) FROM coupon WHERE campaign = ?1 AND reserved = 1)",
                  campaign, 0, 0),
           number(world, -1, "SELECT outstanding FROM campaign WHERE id = ?1", campaign, 0, 0));
    /* Each redemption of a right that was redeemed before is one conflict. More may be told of what a till had asked
     * for online and gave back later, or never used. */
    int64_t conflicts = number(world, 0, "SELECT count(*) FROM conflict WHERE campaign = ?1", campaign, 0, 0);
    int64_t passing =
        taken + number(world, 0, "SELECT count(*) FROM redemption WHERE campaign = ?1 AND source = 0", campaign, 0, 0);
    if (conflicts < again || conflicts > again + passing)
        expect(world, "conflicts", campaign, again, conflicts);
}

/* What was used is known as used, whatever was given back meanwhile; and nothing else is. */
static void check_coupons(struct truth *truth)
{
    struct world *world = truth->world;
    for (size_t k = 0; k < truth->n_uses; k++) {
        const struct use *use = &truth->use[k];
        if (number(world, 0, "SELECT state FROM coupon WHERE campaign = ?1 AND idx = ?2", use->campaign, use->index,
                   0) != COUPON_REDEEMED)
            sim_violation(world, "coupon %u/%u was redeemed, and the centre takes it for another use", use->campaign,
                          use->index);
    }
    sqlite3_stmt *get =
        query(world,
              "SELECT campaign, idx FROM coupon WHERE state = 2 AND NOT EXISTS (SELECT 1 FROM "
              "till_request t WHERE t.campaign = coupon.campaign AND t.idx = coupon.idx AND t.state = 1)",
              0, 0, 0);
    while (sqlite3_step(get) == SQLITE_ROW) {
        uint32_t campaign = (uint32_t)sqlite3_column_int64(get, 0), index = (uint32_t)sqlite3_column_int64(get, 1);
        if (use_of(truth->use, &truth->n_uses, campaign, index)->n == 0)
            sim_violation(world, "coupon %u/%u was never used, and the centre calls it redeemed", campaign, index);
    }
    sqlite3_finalize(get);
}

static void check_alarms(struct world *world)
{
    sqlite3_stmt *get = query(world, "SELECT text FROM alarm WHERE text NOT LIKE '%was redeemed twice'", 0, 0, 0);
    if (sqlite3_step(get) == SQLITE_ROW)
        sim_violation(world, "an alarm at the centre: %s", (const char *)sqlite3_column_text(get, 0));
    sqlite3_finalize(get);
    expect(world, "Z reports that differ", 0, 0,
           number(world, 0, "SELECT count(*) FROM z_report WHERE agrees = 0", 0, 0, 0));
    expect(world, "logs that are set apart", 0, 0,
           number(world, 0, "SELECT count(*) FROM log WHERE state <> 1", 0, 0, 0));
}

void check_all(struct world *world)
{
    static struct truth truth; /* of one world a process */
    if (world->failed)
        return;
    memset(&truth, 0, sizeof truth);
    truth.world = world;
    if (cf_sale_new(&truth.sale, NULL) != CF_OK)
        abort();
    for (unsigned k = 0; k < SIM_NODES && !world->failed; k++)
        check_node(&truth, &world->node[k]);
    for (size_t k = 0; k < world->n_orders; k++)
        use_of(truth.use, &truth.n_uses, world->order[k].campaign, world->order[k].index)->n++;
    for (int k = 0; k < SIM_AUTOMATIC && !world->failed; k++)
        check_campaign(&truth, (enum sim_campaign)k);
    for (size_t k = 0; k < SIM_MEMBERS; k++)
        expect(world, "points of a member", (unsigned)k, truth.points[k] + world->member[k].points,
               number(world, -1, "SELECT points FROM member WHERE sub = ?1",
                      (int64_t)cf_get_be64(world->member[k].sub.b), 0, 0));
    check_coupons(&truth);
    check_alarms(world);
    cf_sale_free(truth.sale);
}
