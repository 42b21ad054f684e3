/*
 * tests/sim/truth.c - see truth.h.
 */
#include "tests/sim/truth.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sim/check.h"
#include "tests/sim/facts.h"
#include "tests/sim/world.h"

#define USES_FIRST 4096

void truth_begin(struct world *world)
{
    struct truth *truth = &world->truth;
    truth->uses_cap = USES_FIRST;
    truth->use = calloc(truth->uses_cap, sizeof *truth->use);
    if (!truth->use || cf_sale_new(&truth->sale, NULL) != CF_OK || cf_return_new(&truth->back, NULL) != CF_OK)
        abort();
}

/* --- rights ------------------------------------------------------------------------------------------------------- */

struct campaign_truth *truth_campaign(struct world *world, uint32_t campaign)
{
    struct truth *truth = &world->truth;
    for (size_t k = 0; k < truth->n_campaigns; k++)
        if (truth->campaign[k].id == campaign)
            return &truth->campaign[k];
    if (truth->n_campaigns == sizeof truth->campaign / sizeof *truth->campaign)
        abort();
    truth->campaign[truth->n_campaigns] = (struct campaign_truth){.id = campaign};
    return &truth->campaign[truth->n_campaigns++];
}

static struct use *slot_of(struct use *table, size_t cap, uint32_t campaign, uint32_t index)
{
    uint64_t h = ((uint64_t)campaign << 32 | index) * UINT64_C(0x9E3779B97F4A7C15);
    size_t k = (size_t)(h >> 20) % cap;
    while (table[k].used && (table[k].campaign != campaign || table[k].index != index))
        k = (k + 1) % cap;
    return &table[k];
}

static void grow(struct truth *truth)
{
    size_t cap = 2 * truth->uses_cap;
    struct use *table = calloc(cap, sizeof *table);
    if (!table)
        abort();
    for (size_t k = 0; k < truth->uses_cap; k++)
        if (truth->use[k].used)
            *slot_of(table, cap, truth->use[k].campaign, truth->use[k].index) = truth->use[k];
    free(truth->use);
    truth->use = table;
    truth->uses_cap = cap;
}

struct use *truth_use(struct world *world, uint32_t campaign, uint32_t index)
{
    struct truth *truth = &world->truth;
    if (2 * truth->n_uses > truth->uses_cap)
        grow(truth);
    struct use *use = slot_of(truth->use, truth->uses_cap, campaign, index);
    if (!use->used) {
        *use = (struct use){.used = true, .campaign = campaign, .index = index};
        truth->n_uses++;
    }
    return use;
}

static bool is_leased(const struct world *world, uint32_t campaign)
{
    return campaign == world->campaign[SIM_LEASED] || campaign == world->campaign[SIM_ISSUED] ||
           campaign == world->campaign[SIM_COUNTED];
}

/* A unit that no coupon stands for is told from others by the sale that took it. */
static uint32_t right_of(uint32_t index, uint32_t terminal, uint32_t epoch, uint64_t seq)
{
    return index != CF_INDEX_NONE
               ? index
               : 1u << 31 | (terminal & 0x1FF) << 22 | (epoch & 0xF) << 18 | (uint32_t)(seq & 0x3FFFF);
}

/* What the campaign gives away beyond one use a right, to the cent, wherever it happened. */
static int64_t lost(const struct use *use)
{
    return use->risked_minor - (use->certain ? 0 : use->dearest_minor);
}

static void count_risk(struct world *world, struct campaign_truth *of, struct use *use, bool at_risk,
                       int64_t cost_minor)
{
    int64_t before = lost(use);
    if (at_risk) {
        use->risked_minor += cost_minor;
        if (cost_minor > use->dearest_minor)
            use->dearest_minor = cost_minor;
    } else {
        use->certain = true;
    }
    of->lost_minor += lost(use) - before;
    if (of->lost_minor > of->risk_budget_minor * (1 + (int64_t)world->truth.copies))
        sim_violation(world, "7: what is lost <= the risk budget", "campaign %u lost %lld of a risk budget of %lld",
                      of->id, (long long)of->lost_minor, (long long)of->risk_budget_minor);
}

/* What is given back may be counted at another store, if a right was used at two. */
static uint32_t *count_in_store(struct campaign_truth *of, uint32_t store)
{
    return &of->in_store[store % TRUTH_STORES_MAX];
}

/* Uses by leases count for the day of their sale, online ones for the centre's; what a till asked for counts for the
 * day on which it asked, which is not known here. What a till's share of a day gave is not given again that day. */
static void count_day(struct world *world, struct campaign_truth *of, uint32_t date)
{
    size_t k = 0;
    while (k < of->n_days && of->day[k].date != date)
        k++;
    if (k == TRUTH_DAYS_MAX || of->per_day == 0)
        return;
    if (k == of->n_days) {
        of->day[of->n_days].date = date;
        of->day[of->n_days++].n = 0;
    }
    if (++of->day[k].n > of->per_day && world->truth.copies == 0)
        sim_violation(world, "1: redeemed <= what a day may", "campaign %u: %u redeemed on %u, which may %u", of->id,
                      of->day[k].n, date, of->per_day);
}

/* To the cent, as far as no machine was copied. */
static void count_money(struct world *world, struct campaign_truth *of, struct use *use, int64_t cost_minor)
{
    use->cost_minor = cost_minor;
    of->given_minor += cost_minor;
    if (of->budget_minor > 0 && of->given_minor > of->budget_minor && world->truth.copies == 0)
        sim_violation(world, "1: given <= the budget in money", "campaign %u: %lld given of a budget of %lld", of->id,
                      (long long)of->given_minor, (long long)of->budget_minor);
}

static void redeemed(struct world *world, uint32_t store, uint32_t campaign, uint32_t index, bool at_risk,
                     int64_t cost_minor)
{
    struct campaign_truth *of = truth_campaign(world, campaign);
    struct use *use = truth_use(world, campaign, index);
    use->redeemed++;
    use->twice |= use->redeemed > 1;
    use->store = store;
    of->redeemed++;
    uint32_t here = ++*count_in_store(of, store);
    world->count.redeemed++;
    if (of->optimistic) {
        count_risk(world, of, use, at_risk, cost_minor);
        return;
    }
    count_money(world, of, use, cost_minor);
    if (of->redeemed > of->budget + of->allowance)
        sim_violation(world, "1: redeemed <= budget",
                      "campaign %u: %lld redeemed of a budget of %lld, and copies may add %lld", campaign,
                      (long long)of->redeemed, (long long)of->budget, (long long)of->allowance);
    if (store != 0 && of->per_store > 0 && world->scale.stores < TRUTH_STORES_MAX &&
        here > of->per_store + of->allowance)
        sim_violation(world, "1: redeemed <= what a store may",
                      "campaign %u: %u redeemed in store %u, which may %u, and copies may add %lld", campaign, here,
                      store, of->per_store, (long long)of->allowance);
    if (!is_leased(world, campaign) && use->redeemed > 1 + world->truth.copies)
        sim_violation(world, "3: one home of a right", "coupon %u/%u was redeemed %u times", campaign, index,
                      use->redeemed);
}

void truth_redeemed_online(struct world *world, uint32_t campaign, uint32_t index)
{
    redeemed(world, 0, campaign, index, false, 0); /* that counts for no store */
    count_day(world, truth_campaign(world, campaign), cf_wall_date((cf_wall){world->now_us}, 0));
}

/* What of each lease is unspent, by the journal of this machine. */
static void used_of(struct node *node, int64_t *ret)
{
    struct world *world = node->world;
    for (size_t k = 0; k < world->truth.n_campaigns; k++) {
        int64_t spent = 0, returned = 0;
        if (node->till && is_leased(world, world->truth.campaign[k].id))
            sim_must(world, cf_journal_lease_used(cf_till_journal(node->till), world->truth.campaign[k].id, &spent,
                                                  &returned, &sim_err));
        ret[k] = spent + returned;
    }
}

void truth_allow_copy(struct node *node)
{
    struct world *world = node->world;
    int64_t used[16] = {0};
    used_of(node, used);
    values_allow_copy(node);
    world->truth.copies++;
    for (size_t k = 0; k < world->truth.n_campaigns; k++) {
        struct campaign_truth *of = &world->truth.campaign[k];
        if (is_leased(world, of->id))
            of->allowance += check_granted(node, of->id) - used[k] + check_with_hubs(node, of->id);
        else if (of->id == world->campaign[SIM_PINNED] || of->id == world->campaign[SIM_VOUCHERS])
            of->allowance += of->budget; /* what is pinned there, which a copy may use again: see use->redeemed */
    }
}

/* --- records ------------------------------------------------------------------------------------------------------ */

struct history *truth_history(struct world *world, const struct node *node)
{
    return &world->truth.history[node->history];
}

static void remember(struct history *history, const struct cf_sha256 *hash)
{
    if (history->n == history->cap) {
        history->cap = history->cap ? 2 * history->cap : 64;
        history->hash = realloc(history->hash, history->cap * sizeof *history->hash);
        if (!history->hash)
            abort();
    }
    history->hash[history->n++] = *hash;
}

static size_t new_history(struct world *world, const struct node *node)
{
    struct truth *truth = &world->truth;
    if (truth->n_histories == truth->histories_max) {
        truth->histories_max = truth->histories_max ? 2 * truth->histories_max : 64;
        truth->history = realloc(truth->history, truth->histories_max * sizeof *truth->history);
        if (!truth->history)
            abort();
    }
    truth->history[truth->n_histories] = (struct history){.terminal = node->terminal, .epoch = node->epoch};
    return truth->n_histories++;
}

void truth_moved(struct node *node, uint64_t seq)
{
    struct world *world = node->world;
    size_t made = new_history(world, node);
    for (uint64_t k = 0; k < seq; k++) {
        struct cf_sha256 hash = truth_history(world, node)->hash[k];
        remember(&world->truth.history[made], &hash);
    }
    node->history = made;
}

void truth_copy(struct node *twin, const struct node *node, uint64_t seq)
{
    twin->history = node->history;
    truth_moved(twin, seq);
}

void truth_forged(const struct node *node, uint64_t seq, const struct cf_sha256 *hash)
{
    struct world *world = node->world;
    size_t made = new_history(world, node);
    for (uint64_t k = 0; k + 1 < seq; k++) {
        struct cf_sha256 before = truth_history(world, node)->hash[k];
        remember(&world->truth.history[made], &before);
    }
    remember(&world->truth.history[made], hash);
}

bool truth_wrote(const struct world *world, uint32_t terminal, uint32_t epoch, uint64_t seq,
                 const struct cf_sha256 *hash)
{
    for (size_t k = 0; k < world->truth.n_histories; k++) {
        const struct history *h = &world->truth.history[k];
        if (h->terminal == terminal && h->epoch == epoch && seq >= 1 && seq <= h->n &&
            memcmp(h->hash[seq - 1].digest, hash->digest, CF_SHA256_BYTES) == 0)
            return true;
    }
    return false;
}

/* While a store's hub answers, no right is used twice in the store. */
static void said_by_hub(struct node *node, const struct cf_redemption *r)
{
    struct world *world = node->world;
    struct use *use = truth_use(world, r->campaign, r->index);
    world->count.hub_uses++;
    if (use->hub_epoch == r->hub_epoch && use->hub_store == node->store && world->truth.copies == 0)
        sim_violation(world, "a hub says yes once", "hub %u of store %u let coupon %u/%u be used twice", r->hub_epoch,
                      node->store, r->campaign, r->index);
    use->hub_epoch = r->hub_epoch;
    use->hub_store = node->store;
}

void truth_points(struct world *world, cf_sub member, int64_t points)
{
    for (size_t k = 0; k < world->n_members; k++)
        if (cf_sub_equal(member, world->member[k].sub))
            world->truth.points[k] += points;
}

static void count_sale(struct node *node, uint64_t seq, const struct cf_sale *sale)
{
    struct world *world = node->world;
    sim_must(world, cf_totals_add(&truth_history(world, node)->totals, sale, &sim_err));
    bank_saw_sale(node, sale);
    for (size_t k = 0; k < sale->n_redemptions; k++) {
        const struct cf_redemption *r = &sale->redemptions[k];
        int64_t cost_minor = 0;
        if (r->index == CF_INDEX_NONE)
            sim_log(world, "till %u takes a unit of campaign %u", node->number, r->campaign);
        for (size_t i = 0; i < sale->n_discounts; i++)
            if (sale->discounts[i].redemption == (int32_t)k)
                cost_minor += sale->discounts[i].amount_minor;
        redeemed(world, node->store, r->campaign, right_of(r->index, node->terminal, node->epoch, seq),
                 r->source == CF_RIGHT_RISK, cost_minor);
        if (r->source == CF_RIGHT_LEASE || r->source == CF_RIGHT_SUBLEASE)
            count_day(world, truth_campaign(world, r->campaign), sale->business_day);
        if (r->hub_epoch && r->index != CF_INDEX_NONE)
            said_by_hub(node, r);
    }
    for (size_t k = 0; k < sale->n_issued; k++) {
        struct use *use = truth_use(world, sale->issued[k].campaign, sale->issued[k].index);
        if (++use->issued > 1 + world->truth.copies)
            sim_violation(world, "a coupon is issued once", "coupon %u/%u was issued %u times",
                          sale->issued[k].campaign, sale->issued[k].index, use->issued);
    }
    if (sale->has_member)
        truth_points(world, sale->member, sale->points);
    values_saw_sale(node, sale);
    parking_saw_sale(node, sale);
    facts_saw_sale(node, sale);
}

static void keep_sold(struct node *node, const struct cf_record *record, const struct cf_sale *sale)
{
    struct truth *truth = &node->world->truth;
    if (truth->n_sold == truth->sold_cap) {
        truth->sold_cap = truth->sold_cap ? 2 * truth->sold_cap : 256;
        truth->sold = realloc(truth->sold, truth->sold_cap * sizeof *truth->sold);
        if (!truth->sold)
            abort();
    }
    struct sold *sold = &truth->sold[truth->n_sold++];
    *sold = (struct sold){.terminal = record->terminal,
                          .epoch = record->epoch,
                          .store = node->store,
                          .seq = record->seq,
                          .total_minor = sale->total_minor};
    sold->body = malloc(record->body.n);
    sold->returned_milli = calloc(sale->n_lines, sizeof *sold->returned_milli);
    if (!sold->body || !sold->returned_milli)
        abort();
    memcpy(sold->body, record->body.p, record->body.n);
    sold->body_n = record->body.n;
}

static void give_back(struct campaign_truth *of, struct use *use)
{
    if (use->redeemed == 0)
        return;
    use->redeemed--;
    of->redeemed--;
    --*count_in_store(of, use->store);
    of->given_minor -= use->cost_minor;
    use->cost_minor = 0;
    if (use->twice)
        of->allowance++; /* which of its uses came back is not known here */
    use->hub_epoch = 0;
    if (use->redeemed == 0) { /* nothing was given away after all */
        of->lost_minor -= lost(use);
        use->risked_minor = use->dearest_minor = 0;
        use->certain = false;
    }
}

/* Two tills that cannot hear each other may take back the same goods: both refund them, and the points go once. */
static int64_t goods_back(struct world *world, struct sold *sold, const struct cf_return *back)
{
    struct cf_sale *sale = world->truth.sale;
    struct cf_return_state state;
    int64_t points_before = sold->points_back;
    sim_must(world, cf_sale_decode(cf_bytes_of(sold->body, sold->body_n), sale, &sim_err));
    for (size_t k = 0; k < back->n_lines && !world->failed; k++) {
        int64_t *returned = &sold->returned_milli[back->lines[k].line_no - 1];
        int64_t qty_milli = sale->lines[back->lines[k].line_no - 1].qty_milli;
        *returned += back->lines[k].qty_milli;
        sold->returned_twice |= *returned > qty_milli;
        *returned = *returned > qty_milli ? qty_milli : *returned;
    }
    if (world->failed)
        return 0;
    cf_return_so_far(sale, sold->returned_milli, &state);
    sold->points_back = state.points;
    return state.points - points_before;
}

static void count_points(struct world *world, struct sold *sold, const struct cf_return *back)
{
    int64_t points = sold ? goods_back(world, sold, back) : back->points;
    if (back->has_member)
        truth_points(world, back->member, -points);
}

/* Two machines, or a thief, wrote a record of that number: which of them came back depends on who is asked. */
static bool is_disputed(const struct truth *truth, const struct cf_sale_ref *ref)
{
    const struct cf_sha256 *first = NULL;
    for (size_t k = 0; k < truth->n_histories; k++) {
        const struct history *h = &truth->history[k];
        if (h->terminal != ref->terminal || h->epoch != ref->epoch || ref->seq == 0 || ref->seq > h->n)
            continue;
        if (first && memcmp(first->digest, h->hash[ref->seq - 1].digest, CF_SHA256_BYTES) != 0)
            return true;
        first = &h->hash[ref->seq - 1];
    }
    return false;
}

/* Rights that a return gives back were not used, and points are not there any more. Every campaign of this world gives
 * back, and the centre goes by the terms of the sale; a till that does not know the campaign yet says that it burnt the
 * right, which only makes itself refuse it. */
static void count_return(struct node *node, const struct cf_return *back)
{
    struct world *world = node->world;
    struct truth *truth = &world->truth;
    for (size_t k = 0; k < back->n_rights; k++) {
        struct use *use = truth_use(world, back->rights[k].campaign,
                                    right_of(back->rights[k].index, back->of.terminal, back->of.epoch, back->of.seq));
        give_back(truth_campaign(world, use->campaign), use);
    }
    /* After a restore there may be two sales of that number, or the thief's beside the till's. */
    struct sold *sold = NULL;
    unsigned n_such = 0;
    for (size_t k = 0; k < truth->n_sold; k++)
        if (truth->sold[k].terminal == back->of.terminal && truth->sold[k].epoch == back->of.epoch &&
            truth->sold[k].seq == back->of.seq) {
            sold = &truth->sold[k];
            n_such++;
        }
    if (is_disputed(truth, &back->of))
        n_such = 0;
    count_points(world, n_such == 1 ? sold : NULL, back);
    values_saw_return(node, back, n_such == 1 ? sold : NULL, truth->sale); /* which count_points has read */
    if (n_such != 1)
        return;
    if (sold->terminal == node->terminal && sold->epoch == node->epoch)
        sold->refunded_minor += back->total_minor;
    if (back->total_minor > sold->total_minor || (sold->refunded_minor > sold->total_minor && !node->copied))
        sim_violation(world, "never refunded more than was paid", "till %u: of %lld that were paid, %lld went back",
                      node->number, (long long)sold->total_minor, (long long)sold->refunded_minor);
}

static enum cf_rc follow(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                         const struct cf_sha256 *hash, struct cf_error *err)
{
    struct node *node = ctx;
    struct world *world = node->world;
    struct history *history = truth_history(world, node);
    (void)body_hash;
    if (record->seq <= history->n) {
        if (memcmp(history->hash[record->seq - 1].digest, hash->digest, CF_SHA256_BYTES) != 0)
            sim_violation(world, "5: committed is durable", "till %u: record %llu, which was committed, is another now",
                          node->number, (unsigned long long)record->seq);
        return CF_OK;
    }
    remember(history, hash);
    enum cf_rc rc = CF_OK;
    if (record->type == CF_RECORD_SALE) {
        rc = cf_sale_decode(record->body, world->truth.sale, err);
        if (rc == CF_OK) {
            count_sale(node, record->seq, world->truth.sale);
            keep_sold(node, record, world->truth.sale);
        }
    } else if (record->type == CF_RECORD_RETURN) {
        rc = cf_return_decode(record->body, world->truth.back, err);
        if (rc == CF_OK)
            count_return(node, world->truth.back);
    } else if (record->type == CF_RECORD_VALUE) {
        struct cf_value_release release;
        rc = cf_value_release_decode(record->body, &release, err);
        if (rc == CF_OK)
            values_saw_release(node, &release);
    } else if (record->type == CF_RECORD_PICK_UP) {
        struct cf_pick_up taken;
        rc = cf_pick_up_decode(record->body, &taken, err);
        if (rc == CF_OK)
            pickups_saw(node, &taken);
    } else if (record->type == CF_RECORD_PAYMENT) {
        struct cf_payment_record payment;
        rc = cf_payment_record_decode(record->body, &payment, err);
        if (rc == CF_OK)
            bank_saw_payment(node, &payment);
    }
    return rc;
}

/* By the till's own handle, or by its sync's if the till does not run. */
static enum cf_rc read_head(struct node *node, struct cf_journal_head *ret, struct cf_error *err)
{
    if (node->till)
        return cf_journal_head(cf_till_journal(node->till), ret, err);
    struct cf_outbox outbox = cf_link_outbox(node->link);
    struct cf_outbox_head head;
    enum cf_rc rc = outbox.ops->head(outbox.ctx, &head, err);
    if (rc == CF_OK)
        *ret = (struct cf_journal_head){.seq = head.seq, .hash = head.hash};
    return rc;
}

static enum cf_rc read_records(struct node *node, uint64_t from, size_t n, struct cf_error *err)
{
    if (node->till)
        return cf_journal_read(cf_till_journal(node->till), from, n, follow, node, err);
    struct cf_outbox outbox = cf_link_outbox(node->link);
    return outbox.ops->read(outbox.ctx, from, n, follow, node, err);
}

void truth_follow(struct node *node)
{
    struct world *world = node->world;
    struct cf_journal_head head;
    if (world->failed || (!node->till && !node->link))
        return;
    sim_must(world, read_head(node, &head, &sim_err));
    const struct history *history = truth_history(world, node);
    if (world->failed || (head.seq == 0 && history->n == 0))
        return;
    if (head.seq < history->n) {
        sim_violation(world, "5: committed is durable", "till %u: record %zu, which was committed, is gone",
                      node->number, history->n);
        return;
    }
    if (head.seq == history->n) {
        if (memcmp(history->hash[head.seq - 1].digest, head.hash.digest, CF_SHA256_BYTES) != 0)
            sim_violation(world, "5: committed is durable", "till %u: record %llu, which was committed, is another now",
                          node->number, (unsigned long long)head.seq);
        return;
    }
    uint64_t from = history->n > 0 ? history->n : 1; /* the newest that is known must be the same */
    sim_must(world, read_records(node, from, (size_t)(head.seq - from + 1), &sim_err));
}
