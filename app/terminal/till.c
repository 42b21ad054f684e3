/*
 * app/terminal/till.c - opening a till, what it knows from the replica, and the open sale's way through the journal.
 */
#include "app/terminal/till_internal.h"

#include <stdlib.h>
#include <string.h>

#include "app/core/tax.h"
#include "app/store/machine_flags.h"
#include "app/terminal/keys.h"
#include "base/plant.h"
#include "base/text.h"

/* --- what the replica says ------------------------------------------------------------------------------------------
 */

static void forget_campaigns(struct cf_till *till)
{
    for (size_t i = 0; i < till->n_campaigns; i++)
        free(till->campaigns[i]);
    free(till->campaigns);
    till->campaigns = NULL;
    till->n_campaigns = 0;
}

static void ignore_campaign(struct cf_till *till, const struct cf_campaign *campaign)
{
    if (till->n_ignored == TILL_IGNORED_MAX)
        return;
    struct cf_till_ignored *ignored = &till->ignored[till->n_ignored++];
    *ignored = (struct cf_till_ignored){.campaign = campaign->id, .version = campaign->version};
    memcpy(ignored->name, campaign->name, sizeof ignored->name);
}

size_t cf_till_ignored(const struct cf_till *till, const struct cf_till_ignored **ret)
{
    *ret = till->ignored;
    return till->n_ignored;
}

size_t cf_till_ignored_news(struct cf_till *till, const struct cf_till_ignored **ret)
{
    size_t n = till->ignored_told ? 0 : till->n_ignored;
    *ret = till->ignored;
    till->ignored_told = true;
    return n;
}

struct campaign_list {
    struct cf_till *till;
    struct cf_campaign **at;
    size_t n, cap;
};

static enum cf_rc keep_campaign(void *ctx, const struct cf_campaign *campaign, struct cf_error *err)
{
    struct campaign_list *list = ctx;
    if (campaign->unread) {
        ignore_campaign(list->till, campaign);
        return CF_OK;
    }
    if (list->n == TILL_CAMPAIGNS_MAX)
        return cf_fail(err, CF_E_LIMIT, "more than %d campaigns", TILL_CAMPAIGNS_MAX);
    if (list->n == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 16;
        struct cf_campaign **at = realloc(list->at, cap * sizeof *at);
        if (!at)
            return cf_fail(err, CF_E_NO_MEMORY, "campaigns");
        list->at = at;
        list->cap = cap;
    }
    struct cf_campaign *copy = malloc(sizeof *copy);
    if (!copy)
        return cf_fail(err, CF_E_NO_MEMORY, "campaigns");
    *copy = *campaign;
    list->at[list->n++] = copy;
    return CF_OK;
}

struct acknowledged {
    const struct cf_sync_state *sync;
    bool ours;
};

static enum cf_rc compare_head(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                               const struct cf_sha256 *hash, struct cf_error *err)
{
    struct acknowledged *acknowledged = ctx;
    (void)body_hash;
    (void)err;
    acknowledged->ours = record->seq == acknowledged->sync->acknowledged_seq &&
                         memcmp(hash->digest, acknowledged->sync->acknowledged_head.digest, CF_SHA256_BYTES) == 0;
    return CF_OK;
}

enum cf_rc till_hear_sync(struct cf_till *till, struct cf_error *err)
{
    struct cf_sync_state sync;
    struct acknowledged acknowledged = {.sync = &sync};
    enum cf_rc rc = cf_replica_sync_state(till->replica, &sync, err);
    if (rc == CF_OK && sync.acknowledged_seq == 0) {
        struct cf_sha256 start = cf_record_chain_start(till->terminal, till->epoch);
        acknowledged.ours = memcmp(start.digest, sync.acknowledged_head.digest, CF_SHA256_BYTES) == 0;
    } else if (rc == CF_OK) {
        rc = cf_journal_read(till->journal, sync.acknowledged_seq, 1, compare_head, &acknowledged, err);
    }
    if (rc != CF_OK)
        return rc;
    if (!acknowledged.ours)
        sync.sent_seq = sync.acknowledged_seq = sync.down_cursor = 0;
    till->sync = sync;
    return CF_OK;
}

static enum cf_rc load_campaigns(struct cf_till *till, struct cf_error *err)
{
    struct campaign_list list = {.till = till};
    till->n_ignored = 0;
    till->ignored_told = false;
    enum cf_rc rc = cf_replica_campaigns(till->replica, keep_campaign, &list, err);
    forget_campaigns(till);
    till->campaigns = list.at;
    till->n_campaigns = list.n;
    return rc;
}

static bool is_same(const struct cf_topic_state *a, const struct cf_topic_state *b)
{
    return a->version == b->version && memcmp(a->digest.digest, b->digest.digest, CF_SHA256_BYTES) == 0;
}

/* Most syncs bring nothing of these, and a chain has thousands of grants: what has the digest that was read is the
 * same. */
static enum cf_rc load_large(struct cf_till *till, struct cf_error *err)
{
    struct cf_topic_state keys, grants, campaigns;
    enum cf_rc rc = cf_replica_topic(till->replica, CF_TOPIC_KEYS, &keys, err);
    if (rc == CF_OK)
        rc = cf_replica_topic(till->replica, CF_TOPIC_GRANTS, &grants, err);
    if (rc == CF_OK)
        rc = cf_replica_topic(till->replica, CF_TOPIC_CAMPAIGNS, &campaigns, err);
    bool had_read = till->has_read;
    till->has_read = false; /* what is read in part is read again */
    if (rc == CF_OK && !(had_read && is_same(&keys, &till->keys_read) && is_same(&grants, &till->grants_read)))
        rc = cf_keys_load(till->replica, till->terminal, till->keyring, err);
    if (rc == CF_OK && !(had_read && is_same(&campaigns, &till->campaigns_read)))
        rc = load_campaigns(till, err);
    if (rc != CF_OK)
        return rc;
    till->keys_read = keys;
    till->grants_read = grants;
    till->campaigns_read = campaigns;
    till->has_read = true;
    return CF_OK;
}

/* The cursor first: the sync may write meanwhile, and a record must not say that more was known than was. */
static enum cf_rc load_all(struct cf_till *till, struct cf_error *err)
{
    enum cf_rc rc = till_hear_sync(till, err);
    uint64_t cursor = till->sync.down_cursor;
    if (rc == CF_OK)
        rc = cf_replica_store(till->replica, &till->settings, err);
    if (rc == CF_OK)
        rc = cf_replica_store_rules(till->replica, &till->rules, err);
    if (rc == CF_OK)
        rc = cf_replica_hub(till->replica, &till->hub_entry, err);
    if (rc == CF_OK)
        rc = till_load_people(till, err);
    if (rc == CF_OK)
        rc = load_large(till, err);
    if (rc == CF_OK)
        till->read_cursor = cursor;
    return rc;
}

enum cf_rc till_refresh(struct cf_till *till, struct cf_error *err)
{
    bool replaced = false, changed = false;
    enum cf_rc rc = cf_replica_changed(till->replica, &replaced, &changed, err);
    if (rc == CF_OK && replaced) {
        struct cf_replica *fresh = NULL;
        rc = cf_replica_open(till->replica_dir, CF_REPLICA_READ, &fresh, NULL, err);
        if (rc == CF_OK) {
            cf_replica_close(till->replica);
            till->replica = fresh;
        }
    }
    if (rc == CF_OK && (replaced || changed)) {
        till->look_at_leases_at = cf_env_mono(till->env);
        till->look_at_values = true;
        rc = load_all(till, err);
        if (rc == CF_OK)
            rc = till_forget(till, err);
    }
    return rc;
}

struct cf_offer_source till_offers(struct cf_till *till, const struct cf_step *next)
{
    struct cf_offer_source offers = {
        .campaigns = (const struct cf_campaign *const *)till->campaigns,
        .n_campaigns = till->n_campaigns,
        .store = till->store,
        .tax_mode = cf_tax_mode_of(till->settings.tax_mode, till->rules.tax_rounding),
        .settings = &till->settings,
    };
    bool comes = next && next->kind == CF_STEP_COUPON;
    cf_wall now = cf_till_clock(till).best;
    till_put_units(till, now, &offers);
    if (till->sale.n_coupons == 0 && !comes)
        return offers;
    for (size_t i = 0; i < till->sale.n_coupons; i++)
        till_put_own_left(till, &till->sale.coupons[i].redemption, now, &offers);
    if (comes)
        till_put_own_left(till, &next->coupon.redemption, now, &offers);
    return offers;
}

/* --- time ------------------------------------------------------------------------------------------------------------
 */

struct cf_clock_reading cf_till_clock(struct cf_till *till)
{
    struct cf_clock_reading reading;
    cf_clock_read(&till->sync, till->last_record, till->env, &reading);
    return reading;
}

uint32_t till_business_day(struct cf_till *till)
{
    return till_day_at(till, cf_till_clock(till).best);
}

struct cf_stamp till_stamp(const struct cf_till *till, const struct cf_clock_reading *clock)
{
    return (struct cf_stamp){.wall = clock->best,
                             .time_quality = clock->quality,
                             .down_cursor = CF_PLANTED(cursor_ahead) ? till->sync.down_cursor : till->read_cursor};
}

/* --- the open sale and the journal -------------------------------------------------------------------------------- */

struct replay {
    struct cf_till *till;
    bool other_price; /* a tender of before no longer fits */
};

static enum cf_rc replay_step(void *ctx, cf_bytes bytes, struct cf_error *err)
{
    struct replay *replay = ctx;
    struct cf_till *till = replay->till;
    struct cf_step step;
    enum cf_rc rc = cf_step_decode(bytes, &step, err);
    if (rc != CF_OK)
        return rc;
    struct cf_offer_source offers = till_offers(till, &step);
    rc = cf_open_sale_apply(&till->sale, &step, &offers, cf_till_clock(till).best, err);
    if (step.kind == CF_STEP_UNTENDER) {
        replay->other_price = false;
        return rc == CF_E_STATE ? CF_OK : rc; /* no tender before it fitted */
    }
    /* Between the kill and the restart a campaign may have changed, and with it the price: then a card may have paid
     * more than is due now. That must not keep the till from opening. */
    if (rc != CF_OK && step.kind == CF_STEP_TENDER && cf_rc_class(rc) != CF_CLASS_BROKEN) {
        const struct cf_tender *tender = &step.tender.tender;
        replay->other_price = true;
        return tender->value.source == CF_VALUE_CENTRE
                   ? cf_open_sale_owe(&till->sale, tender->value.key, tender->kind, err)
                   : CF_OK;
    }
    return rc;
}

/* All tenders go back; the cashier sees an open sale and its price, and settles it anew. */
static enum cf_rc give_tenders_back(struct cf_till *till, struct cf_error *err)
{
    struct cf_step step = {.kind = CF_STEP_UNTENDER};
    struct cf_offer_source offers = till_offers(till, NULL);
    enum cf_rc rc = CF_OK;
    if (till->sale.state != CF_CHECKOUT_SELLING)
        rc = cf_open_sale_apply(&till->sale, &step, &offers, cf_till_clock(till).best, err);
    cf_buf_clear(&till->scratch);
    if (rc == CF_OK)
        rc = cf_step_encode(&step, &till->scratch, err);
    if (rc == CF_OK)
        rc = cf_journal_step(till->journal, cf_buf_bytes(&till->scratch), err);
    return rc;
}

enum cf_rc till_replay(struct cf_till *till, struct cf_error *err)
{
    struct replay replay = {.till = till};
    cf_open_sale_clear(&till->sale);
    enum cf_rc rc = cf_journal_steps(till->journal, replay_step, &replay, err);
    /* A payment that somebody else took is reversed when the cashier says so: cf_open_payments_misfit. */
    return rc == CF_OK && replay.other_price && till->sale.payments.n == 0 ? give_tenders_back(till, err) : rc;
}

enum cf_rc till_try(struct cf_till *till, const struct cf_step *step, struct cf_error *err)
{
    struct cf_offer_source offers = till_offers(till, step);
    int64_t gross_minor = till->sale.priced->gross_minor;
    enum cf_rc rc = cf_open_sale_apply(&till->sale, step, &offers, cf_till_clock(till).best, err);
    if (rc == CF_OK && till->sale.priced->gross_minor > gross_minor &&
        till->sale.priced->gross_minor > CF_SALE_MINOR_MAX)
        rc = cf_fail(err, CF_E_OVERFLOW, "a sale comes to %lld at most, and this would make it %lld",
                     (long long)CF_SALE_MINOR_MAX, (long long)till->sale.priced->gross_minor);
    return rc == CF_E_OVERFLOW && till_replay(till, NULL) != CF_OK ? CF_E_INTERNAL : rc;
}

enum cf_rc till_keep(struct cf_till *till, const struct cf_step *step, struct cf_error *err)
{
    cf_buf_clear(&till->scratch);
    enum cf_rc rc = cf_step_encode(step, &till->scratch, err);
    if (rc == CF_OK)
        rc = cf_journal_step(till->journal, cf_buf_bytes(&till->scratch), err);
    if (rc == CF_OK)
        return CF_OK;
    enum cf_rc again = till_replay(till, NULL);
    return again == CF_OK ? rc : cf_fail(err, CF_E_JOURNAL_BROKEN, "the open sale cannot be read back");
}

/* The step that opened a sale goes again: the machine is about to restart, and whoever restarts it has looked whether
 * somebody sells before this step was there (machine_flags.h). */
static enum cf_rc refuse_to_open(struct cf_till *till, struct cf_error *err)
{
    enum cf_rc rc = cf_journal_steps_clear(till->journal, err);
    if (rc == CF_OK)
        rc = till_replay(till, err);
    return rc == CF_OK ? cf_fail(err, CF_E_UPDATE_RESTART, "nothing was begun") : rc;
}

enum cf_rc till_take(struct cf_till *till, const struct cf_step *step, struct cf_error *err)
{
    bool opens = till->sale.state == CF_CHECKOUT_IDLE && !till->training;
    enum cf_rc rc = till_try(till, step, err);
    if (rc == CF_OK)
        rc = till_keep(till, step, err);
    return rc == CF_OK && opens && cf_restart_flag_is_set(till->env, till->dir) ? refuse_to_open(till, err) : rc;
}

bool till_is_doubtful(const struct cf_till *till, uint32_t campaign, uint32_t index)
{
    for (size_t i = 0; i < till->n_doubtful; i++)
        if (till->doubtful[i].request.campaign == campaign && till->doubtful[i].request.index == index &&
            till->doubtful[i].seq > till->sync.acknowledged_seq)
            return true;
    return false;
}

/* Forgets what the centre has acknowledged. */
static void drop_settled(struct cf_till *till)
{
    size_t kept = 0;
    for (size_t i = 0; i < till->n_doubtful; i++)
        if (till->doubtful[i].seq > till->sync.acknowledged_seq)
            till->doubtful[kept++] = till->doubtful[i];
    till->n_doubtful = kept;
}

static void keep_doubtful(struct cf_till *till, const struct cf_void_request *request, uint64_t seq)
{
    if (till->n_doubtful == TILL_DOUBTFUL_MAX)
        drop_settled(till);
    /* Only a lost replica, which knows of no acknowledgement, leads here: the oldest are the likeliest settled. */
    if (till->n_doubtful == TILL_DOUBTFUL_MAX)
        memmove(&till->doubtful[0], &till->doubtful[1], --till->n_doubtful * sizeof till->doubtful[0]);
    till->doubtful[till->n_doubtful].request = *request;
    till->doubtful[till->n_doubtful++].seq = seq;
}

bool till_may_doubt(struct cf_till *till)
{
    if (till->n_doubtful >= TILL_DOUBTFUL_ASK_MAX)
        drop_settled(till);
    return till->n_doubtful < TILL_DOUBTFUL_ASK_MAX;
}

enum cf_rc till_void_request(struct cf_till *till, const struct cf_void_request *request, struct cf_error *err)
{
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    struct cf_committed at;
    cf_buf_clear(&till->scratch);
    enum cf_rc rc = cf_void_request_encode(request, &till->scratch, err);
    if (rc == CF_OK)
        rc = cf_journal_append(till->journal, CF_RECORD_VOID_REQUEST, cf_buf_bytes(&till->scratch), false, &stamp, &at,
                               err);
    if (rc != CF_OK)
        return rc;
    till_note_time(till, at.wall, stamp.time_quality);
    /* What only the hub may have held is settled once the hub has heard; the rest when the centre has the record. */
    bool heard = till_release_at_hub(till, request);
    if (!heard || !till_is_hub_key(till, request->request_key))
        keep_doubtful(till, request, at.seq);
    return CF_OK;
}

void till_note_time(struct cf_till *till, cf_wall wall, enum cf_time_quality quality)
{
    /* A clock that nobody had set may have said anything: one record of the year 2099 must not expire every coupon. */
    if (quality != CF_TIME_UNKNOWN && wall.us > till->last_record.us)
        till->last_record = wall;
}

struct tail {
    struct cf_till *till;
    uint64_t next;
};

static enum cf_rc read_tail(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                            const struct cf_sha256 *hash, struct cf_error *err)
{
    struct tail *tail = ctx;
    (void)body_hash;
    (void)hash;
    (void)err;
    tail->next = record->seq + 1;
    struct cf_void_request request;
    till_note_time(tail->till, (cf_wall){record->wall_ms * CF_US_PER_MS}, record->time_quality);
    if (record->type == CF_RECORD_VOID_REQUEST && record->body.p &&
        cf_void_request_decode(record->body, &request, NULL) == CF_OK)
        keep_doubtful(tail->till, &request, record->seq);
    return CF_OK;
}

/* The records that the centre does not have yet: the newest time, and rights in doubt. */
static enum cf_rc read_unacknowledged(struct cf_till *till, struct cf_error *err)
{
    struct cf_journal_head head;
    enum cf_rc rc = cf_journal_head(till->journal, &head, err);
    if (rc != CF_OK)
        return rc;
    struct tail tail = {.till = till, .next = till->sync.acknowledged_seq + 1};
    if (tail.next > head.seq)
        tail.next = head.seq; /* at least the newest, for its time */
    while (rc == CF_OK && tail.next >= 1 && tail.next <= head.seq) {
        uint64_t from = tail.next;
        rc = cf_journal_read(till->journal, from, 256, read_tail, &tail, err);
        if (rc == CF_OK && tail.next == from)
            return cf_fail(err, CF_E_JOURNAL_BROKEN, "record %llu is missing", (unsigned long long)from);
    }
    return rc;
}

/* Between asking the centre and journalling its answer there was a kill, or the disk was full: nobody knows whether
 * the right was taken, so give it back. */
enum cf_rc till_settle_ask(struct cf_till *till, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    if (till->sale.asking)
        rc = till_void_request(till, &till->sale.asked, err);
    if (rc == CF_OK)
        till->sale.asking = false;
    return rc == CF_OK ? till_settle_values(till, err) : rc;
}

enum cf_rc till_forget_asks(struct cf_till *till, struct cf_error *err)
{
    if (till->sale.state != CF_CHECKOUT_IDLE || till->sale.asking || !till->sale.has_asked)
        return CF_OK;
    enum cf_rc rc = cf_journal_steps_clear(till->journal, err);
    if (rc == CF_OK)
        cf_open_sale_clear(&till->sale);
    return rc;
}

/* --- open and close ----------------------------------------------------------------------------------------------- */

static enum cf_rc open_incarnation(struct cf_till *till, const struct cf_till_config *config, struct cf_error *err)
{
    if (config->incarnation)
        return till_start(till, config->incarnation, err);
    enum cf_rc rc = cf_incarnation_file_new(till->dir, till->env, &till->incarnation, err);
    if (rc != CF_OK)
        return rc;
    struct cf_incarnation_store store = cf_incarnation_file_store(till->incarnation);
    return till_start(till, &store, err);
}

static enum cf_rc open_parts(struct cf_till *till, const struct cf_till_config *config, struct cf_error *err)
{
    enum cf_rc rc = cf_private_key_load(config->sign_key, &till->sign_key, err);
    if (rc == CF_OK)
        rc = cf_keyring_new(till->roots, &till->keyring, err);
    if (rc == CF_OK)
        rc = cf_journal_open(till->dir, CF_JOURNAL_TILL, till->env, &till->journal, err);
    if (rc != CF_OK)
        return rc;
    struct cf_journal_identity identity;
    cf_journal_identity(till->journal, &identity);
    if (till->training != (identity.epoch == CF_TRAINING_EPOCH))
        return cf_fail(err, CF_E_NOT_ENROLLED, "a journal of epoch %u is %sfor training", identity.epoch,
                       till->training ? "not " : "");
    if (identity.terminal != till->terminal || identity.epoch != till->epoch || identity.store != till->store)
        return cf_fail(err, CF_E_NOT_ENROLLED, "the journal is of terminal %u epoch %u, this is terminal %u epoch %u",
                       identity.terminal, identity.epoch, till->terminal, till->epoch);
    rc = cf_replica_open(till->replica_dir, CF_REPLICA_READ, &till->replica, NULL, err);
    if (rc == CF_OK)
        rc = load_all(till, err);
    if (rc == CF_OK)
        rc = read_unacknowledged(till, err);
    if (rc == CF_OK)
        rc = till_resume_session(till, err);
    if (rc == CF_OK && config->look_only) /* a report that wrote a record would never find all of them acknowledged */
        return cf_open_sale_init(&till->sale, till->settings.currency, err);
    if (rc == CF_OK)
        rc = till_forget(till, err);
    if (rc == CF_OK)
        rc = open_incarnation(till, config, err);
    if (rc == CF_OK)
        rc = cf_open_sale_init(&till->sale, till->settings.currency, err);
    if (rc == CF_OK)
        rc = till_replay(till, err);
    if (rc == CF_OK)
        rc = till_settle_ask(till, err);
    if (rc == CF_OK)
        rc = till_forget_asks(till, err);
    if (rc == CF_OK)
        rc = till_leave_order(till, err);
    if (rc == CF_OK)
        rc = till_close_challenges(till, err);
    if (rc == CF_OK)
        rc = till_find_parked(till, err);
    return rc == CF_OK ? till_settle_payment(till, err) : rc;
}

enum cf_rc cf_till_open(const struct cf_till_config *config, const struct cf_env *env, struct cf_till **ret,
                        struct cf_error *err)
{
    struct cf_till *till = calloc(1, sizeof *till);
    if (!till)
        return cf_fail(err, CF_E_NO_MEMORY, "till");
    till->env = env;
    till->terminal = config->terminal;
    till->epoch = config->epoch;
    till->store = config->store;
    till->return_window_days = config->return_window_days;
    till->look_at_values = true;
    till->training = config->replica_dir != NULL;
    till->trial = config->trial && till->training;
    till->ask_hub = config->ask_hub && !till->training;
    till->ask_online = config->ask_online && !till->training;
    if (!till->training) {
        till->card = config->card;
        till->fiscal = config->fiscal;
        till->mobile = config->mobile;
    }
    till->variance_limit_minor = config->variance_limit_minor;
    memcpy(till->roots, config->roots, sizeof till->roots);
    cf_text_clean(cf_bytes_str(config->label ? config->label : ""), till->label, sizeof till->label);
    cf_text_clean(cf_bytes_str(config->cashier ? config->cashier : ""), till->nameless, sizeof till->nameless);
    cf_buf_init(&till->scratch, CF_STEP_BYTES_MAX);
    till->dir = strdup(config->dir);
    till->replica_dir = strdup(config->replica_dir ? config->replica_dir : config->dir);
    enum cf_rc rc =
        till->dir && till->replica_dir ? open_parts(till, config, err) : cf_fail(err, CF_E_NO_MEMORY, "till");
    if (rc == CF_OK && till->sale.state == CF_CHECKOUT_PAID) {
        /* A part was paid, and since then a campaign made that part all there is to pay: finish it. */
        struct cf_till_sold sold;
        rc = till_commit(till, &sold, err);
        if (rc != CF_OK && cf_rc_class(rc) == CF_CLASS_REFUSED)
            rc = CF_OK; /* the tenders were given back and the sale is open: the cashier sees it and decides */
    }
    if (rc != CF_OK) {
        cf_till_close(till);
        return rc;
    }
    *ret = till;
    return CF_OK;
}

void cf_till_close(struct cf_till *till)
{
    if (!till)
        return;
    cf_open_sale_done(&till->sale);
    forget_campaigns(till);
    cf_keyring_free(till->keyring);
    cf_private_key_free(till->sign_key);
    cf_replica_close(till->replica);
    cf_journal_close(till->journal);
    cf_incarnation_file_free(till->incarnation);
    free(till->order);
    free(till->day);
    cf_buf_done(&till->scratch);
    free(till->dir);
    free(till->replica_dir);
    free(till);
}

bool cf_till_is_training(const struct cf_till *till)
{
    return till->training;
}

void cf_till_view(const struct cf_till *till, struct cf_till_view *ret)
{
    const struct cf_open_sale *sale = &till->sale;
    bool tendering =
        sale->state == CF_CHECKOUT_TENDERING || sale->state == CF_CHECKOUT_PAID || sale->state == CF_CHECKOUT_PAYING;
    const struct cf_open_payment *payment = cf_open_payments_open(&sale->payments);
    int64_t points = 0;
    if (sale->has_member &&
        cf_points_of(&till->settings.programme, sale->member.tier, sale->priced, &points, NULL) != CF_OK)
        points = 0;
    *ret = (struct cf_till_view){
        .state = sale->state,
        .cart = sale->cart,
        .priced = sale->priced,
        .has_member = sale->has_member,
        .member_live = sale->has_member && sale->member.live,
        .member = sale->member.sub,
        .tier = sale->member.tier,
        .order = sale->has_order ? sale->order.order : 0,
        .quote = {.of = sale->quote.of, .stands = !cf_cart_quote_yields(sale->cart)},
        .points = points,
        .n_coupons = sale->n_coupons,
        .coupons = sale->shown,
        .n_left_out = sale->n_left_out,
        .left_out = sale->left_out,
        .tenders = &sale->tenders,
        .exchange_minor = sale->exchange.is ? sale->exchange.amount_minor : 0,
        .due_minor = cf_open_sale_due(sale),
        .change_minor = tendering ? cf_tenders_change(&sale->tenders) : 0,
        .currency = till->settings.currency,
        .tax_mode = cf_tax_mode_of(till->settings.tax_mode, till->rules.tax_rounding),
        .has_payment = payment != NULL,
    };
    if (payment != NULL) {
        ret->payment = (struct cf_till_payment){
            .kind = payment->kind, .amount_minor = payment->amount_minor, .state = payment->state};
        memcpy(ret->payment.id, payment->id, sizeof ret->payment.id);
    }
}

bool cf_till_hub(const struct cf_till *till, struct cf_hub_entry *ret)
{
    *ret = till->hub_entry;
    return ret->terminal != 0;
}

const struct cf_store_rules *cf_till_rules(const struct cf_till *till)
{
    return &till->rules;
}

const struct cf_store_settings *cf_till_store(const struct cf_till *till)
{
    return &till->settings;
}

struct cf_keyring *cf_till_keyring(struct cf_till *till)
{
    return till->keyring;
}

struct cf_journal *cf_till_journal(struct cf_till *till)
{
    return till->journal;
}

enum cf_rc cf_till_rest(struct cf_till *till, struct cf_error *err)
{
    if (till->sale.state != CF_CHECKOUT_IDLE)
        return CF_OK;
    enum cf_rc rc = till_close_challenges(till, err);
    if (rc == CF_OK)
        rc = till_refresh(till, err);
    if (rc == CF_OK)
        rc = till_return_leases(till, false, err);
    if (rc == CF_OK)
        rc = till_settle_parked(till, err);
    if (rc == CF_OK)
        rc = till_release_values(till, err);
    return rc == CF_OK ? cf_journal_rest(till->journal, err) : rc;
}
