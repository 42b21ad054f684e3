/*
 * tests/unit/terminal/till_support.c - see till_support.h.
 */
#include "tests/unit/terminal/till_support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sync/wire/order_ask.h"
#include "sync/wire/hub.h"
#include "sync/wire/redeem.h"

#define START_US (TEST_NOW_S * CF_US_PER_S)
#define DAY_US (TEST_DAY_S * CF_US_PER_S)

#define must(shop, call)                                                                                               \
    do {                                                                                                               \
        enum cf_rc rc_ = (call);                                                                                       \
        if (rc_ != CF_OK)                                                                                              \
            fail_msg("%s: %s: %s", #call, cf_rc_name(rc_), (shop)->err.detail);                                        \
    } while (0)

/* --- the world ------------------------------------------------------------------------------------------------------
 */

static cf_wall wall_now(void *ctx)
{
    return (cf_wall){((struct shop *)ctx)->wall_us};
}

static cf_mono mono_now(void *ctx)
{
    return (cf_mono){((struct shop *)ctx)->mono_us};
}

static void boot_id(void *ctx, uint8_t ret_id[CF_BOOT_ID_BYTES])
{
    memset(ret_id, ((struct shop *)ctx)->boot, CF_BOOT_ID_BYTES);
}

static void random_bytes(void *ctx, void *p, size_t n)
{
    struct shop *shop = ctx;
    for (size_t i = 0; i < n; i++) {
        shop->random = shop->random * 1664525u + 1013904223u;
        ((uint8_t *)p)[i] = (uint8_t)(shop->random >> 24);
    }
}

static enum cf_rc answer_sale(struct shop *shop, cf_bytes request, struct cf_buf *ret_reply, struct cf_error *err)
{
    static struct cf_asked_line lines[CF_CART_LINES_MAX];
    static const struct cf_sale_reply unknown = {.rc = CF_E_RETURN_SALE};
    struct cf_sale_ask ask;
    assert_ok(cf_sale_ask_decode(request, lines, &ask, NULL));
    assert_int_equal(ask.terminal, SHOP_TILL);
    memcpy(shop->asked_key, ask.request_key, sizeof shop->asked_key);
    shop->asked_sale = ask.of;
    return cf_sale_reply_encode(shop->sale_reply != NULL ? shop->sale_reply : &unknown, ret_reply, err);
}

/* The hub of the store. */
static enum cf_rc answer_claim(struct shop *shop, cf_bytes body, struct cf_buf *ret)
{
    struct cf_hub_claim claim;
    assert_ok(cf_hub_claim_decode(body, &claim, NULL));
    assert_int_equal(claim.terminal, SHOP_TILL);
    memcpy(shop->claimed_key, claim.request_key, sizeof shop->claimed_key);
    shop->claimed++;
    shop->lan_witness.seq++;
    return cf_hub_verdict_encode(shop->lan_verdict, ret, NULL);
}

static enum cf_rc answer_release(struct shop *shop, cf_bytes body, struct cf_buf *ret)
{
    struct cf_hub_release release;
    assert_ok(cf_hub_release_decode(body, &release, NULL));
    memcpy(shop->released_key, release.request_key, sizeof shop->released_key);
    shop->released++;
    shop->lan_witness.seq++;
    return cf_hub_verdict_encode(CF_OK, ret, NULL);
}

static enum cf_rc answer_giveback(struct shop *shop, cf_bytes body, struct cf_buf *ret)
{
    static struct cf_hub_giveback_ask ask;
    static struct cf_hub_givebacks lowered;
    assert_ok(cf_hub_giveback_ask_decode(body, &ask, NULL));
    assert_int_equal(ask.terminal, SHOP_TILL);
    lowered.n = ask.n;
    for (size_t i = 0; i < ask.n; i++) {
        lowered.items[i].campaign = ask.items[i].campaign;
        lowered.items[i].returned = shop->lan_lowered;
        lowered.items[i].returned_minor = shop->lan_lowered_minor;
    }
    shop->lan_keep = ask.n > 0 ? ask.items[0].keep : -1;
    shop->givebacks++;
    return cf_hub_givebacks_encode(&lowered, ret, NULL);
}

static enum cf_rc ask_hub(struct shop *shop, const struct cf_net_request *request, int *ret_status,
                          struct cf_buf *ret_body, struct cf_error *err)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    cf_buf_init(&body, CF_SALE_REPLY_BYTES_MAX);
    if (shop->lan_rc == CF_E_LINK_DOWN)
        return cf_fail(err, shop->lan_rc, "as the test wants it");
    assert_ok(cf_hub_frame_decode(request->body, &shop->lan_asked, NULL));
    *ret_status = cf_rc_http_status(shop->lan_refusal);
    if (shop->lan_refusal != CF_OK) {
        struct cf_refusal refusal = {.rc = shop->lan_refusal, .detail = "as the test wants it"};
        return cf_refusal_encode(&refusal, ret_body, err);
    }
    enum cf_rc rc;
    if (strcmp(request->path, CF_PATH_HUB_CLAIM) == 0) {
        rc = answer_claim(shop, shop->lan_asked.body, &body);
    } else if (strcmp(request->path, CF_PATH_HUB_SALE) == 0) {
        shop->hub_asked++;
        rc = answer_sale(shop, shop->lan_asked.body, &body, err);
    } else if (strcmp(request->path, CF_PATH_HUB_GIVEBACK) == 0) {
        rc = answer_giveback(shop, shop->lan_asked.body, &body);
    } else if (shop->lan_more != NULL && strcmp(request->path, CF_PATH_HUB_RELEASE) != 0) {
        shop->lan_witness.seq++;
        rc = shop->lan_more(shop, request->path, shop->lan_asked.body, &body);
        if (shop->lan_silent_from != 0 && ++shop->lan_n_more >= shop->lan_silent_from)
            return cf_fail(err, CF_E_TIMEOUT, "as the test wants it");
    } else {
        assert_string_equal(request->path, CF_PATH_HUB_RELEASE);
        rc = answer_release(shop, shop->lan_asked.body, &body);
    }
    struct cf_hub_frame answer = {
        .hub_epoch = shop->hub_epoch, .has_witness = true, .witness = shop->lan_witness, .body = cf_buf_bytes(&body)};
    if (rc == CF_OK && shop->lan_rc == CF_OK)
        rc = cf_hub_frame_encode(&answer, ret_body, err);
    return shop->lan_rc == CF_OK ? rc : cf_fail(err, shop->lan_rc, "as the test wants it");
}

static enum cf_rc net_exchange(void *ctx, const struct cf_net_request *request, int *ret_status,
                               struct cf_buf *ret_body, struct cf_error *err)
{
    struct shop *shop = ctx;
    struct cf_redeem_ask ask;
    if (strcmp(request->path, CF_PATH_SALE) == 0) {
        shop->asked++;
        *ret_status = shop->net_status;
        enum cf_rc rc =
            answer_sale(shop, request->body, ret_body, err); /* it arrives, whatever becomes of the answer */
        return shop->net_rc == CF_OK ? rc : cf_fail(err, shop->net_rc, "as the test wants it");
    }
    if (strcmp(request->path, CF_PATH_QUOTE) == 0) {
        static const struct cf_quote_reply unknown = {.rc = CF_E_QUOTE_UNKNOWN};
        shop->asked++;
        *ret_status = shop->net_status;
        if (shop->net_rc != CF_OK)
            return cf_fail(err, shop->net_rc, "as the test wants it");
        return cf_quote_reply_encode(shop->quote_reply != NULL ? shop->quote_reply : &unknown, ret_body, err);
    }
    if (strcmp(request->path, CF_PATH_VALUE) == 0) {
        assert_non_null(shop->accounts);
        return accounts_exchange(shop->accounts, request->body, ret_status, ret_body, err);
    }
    if (strncmp(request->path, CF_PATH_HUB, sizeof CF_PATH_HUB - 1) == 0)
        return ask_hub(shop, request, ret_status, ret_body, err);
    if (strcmp(request->path, CF_PATH_ORDER) == 0) {
        struct cf_order_ask order;
        assert_ok(cf_order_ask_decode(request->body, &order, NULL));
        memcpy(shop->asked_key, order.request_key, sizeof shop->asked_key);
    } else {
        assert_string_equal(request->path, CF_PATH_REDEEM);
        assert_ok(cf_redeem_ask_decode(request->body, &ask, NULL));
        assert_int_equal(ask.terminal, SHOP_TILL);
        memcpy(shop->asked_key, ask.request_key, sizeof shop->asked_key);
    }
    shop->asked++;
    if (shop->net_rc != CF_OK)
        return cf_fail(err, shop->net_rc, "as the test wants it");
    *ret_status = shop->net_status;
    return shop->net_status == 200 ? cf_redeem_reply_encode(shop->net_reply, ret_body, err) : CF_OK;
}

static enum cf_rc file_read(void *ctx, const char *path, struct cf_buf *ret, struct cf_error *err)
{
    (void)ctx;
    return cf_env_system()->ops->file_read(NULL, path, ret, err);
}

static enum cf_rc file_replace(void *ctx, const char *path, cf_bytes content, unsigned mode, struct cf_error *err)
{
    (void)ctx;
    return cf_env_system()->ops->file_replace(NULL, path, content, mode, err);
}

static const struct cf_env_ops ops = {
    .wall_now = wall_now,
    .mono_now = mono_now,
    .boot_id = boot_id,
    .random = random_bytes,
    .net_exchange = net_exchange,
    .file_read = file_read,
    .file_replace = file_replace,
};

static struct cf_env env_of(struct shop *shop)
{
    return (struct cf_env){.ops = &ops, .ctx = shop};
}

/* --- what comes down -------------------------------------------------------------------------------------------------
 */

static struct cf_replica *open_replica(struct shop *shop)
{
    struct cf_replica *replica = NULL;
    must(shop, cf_replica_open(shop->dir, CF_REPLICA_SYNC, &replica, NULL, &shop->err));
    return replica;
}

void shop_send_bytes(struct shop *shop, enum cf_topic topic, cf_bytes entry)
{
    struct cf_replica *replica = open_replica(shop);
    struct cf_topic_state state;
    must(shop, cf_replica_topic(replica, topic, &state, &shop->err));
    struct cf_sha256 after = cf_down_digest(&state.digest, entry);
    must(shop, cf_replica_apply(replica, topic, state.version, &entry, 1, &after, &shop->err));
    cf_replica_close(replica);
}

void shop_send(struct shop *shop, enum cf_topic topic, const struct cf_down_entry *entry)
{
    struct cf_buf buf;
    cf_buf_init(&buf, CF_DOWN_ENTRY_MAX);
    must(shop, cf_down_encode(entry, &buf, &shop->err));
    shop_send_bytes(shop, topic, cf_buf_bytes(&buf));
    cf_buf_done(&buf);
}

static void send_keys(struct shop *shop)
{
    struct cf_keyset keyset = test_keyset(7);
    struct cf_buf cose;
    cf_buf_init(&cose, CF_KEYSET_BYTES_MAX);
    must(shop, cf_keyset_sign(&keyset, test_key(ROOT_A), &cose, &shop->err));
    struct cf_down_entry entry = {.kind = CF_DOWN_KEYSET, .keyset = cf_buf_bytes(&cose)};
    shop_send(shop, CF_TOPIC_KEYS, &entry);
    cf_buf_done(&cose);
}

static void send_store(struct shop *shop)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_STORE};
    entry.store = (struct cf_store_settings){.store = SHOP_STORE,
                                             .name = "Lotus Lane",
                                             .address = "Nanjing Road 1",
                                             .tax_id = "91310000",
                                             .currency = {"CNY"},
                                             .tax_mode = CF_TAX_INCLUSIVE,
                                             .utc_offset_min = 480,
                                             .programme = {.minor_per_point = 100}};
    for (size_t t = 0; t < 10; t++) {
        entry.store.programme.tier_bp[t] = t == 2 ? 12500 : 10000;
        entry.store.programme.tier_from_points[t] = t == 0 ? 0 : INT64_MAX;
    }
    shop_send(shop, CF_TOPIC_PRICES, &entry);
}

static void send_product(struct shop *shop, uint64_t id, const char *name, const char *code, int64_t price_minor,
                         uint32_t category, bool weighed)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_PRODUCT};
    entry.product = (struct cf_product){
        .id = id, .price_minor = price_minor, .tax_bp = 1300, .weighed = weighed, .n_categories = 1, .n_codes = 1};
    entry.product.categories[0] = category;
    snprintf(entry.product.name, sizeof entry.product.name, "%s", name);
    snprintf(entry.product.codes[0], sizeof entry.product.codes[0], "%s%s", strlen(code) == 13 ? "0" : "", code);
    shop_send(shop, CF_TOPIC_PRICES, &entry);
}

struct cf_campaign shop_campaign(uint32_t id)
{
    struct cf_campaign campaign = {
        .id = id,
        .version = 1,
        .policy = CF_POLICY_LEASED,
        .channels = CF_CHANNEL_STORE | CF_CHANNEL_ONLINE,
        .from = {START_US - 10 * DAY_US},
        .to = {START_US + 30 * DAY_US},
    };
    campaign.promotion = (struct cf_promotion){
        .campaign = id,
        .version = 1,
        .kind = CF_REWARD_ORDER_AMOUNT,
        .amount_minor = 300,
        .needs_coupon = id != AUTOMATIC,
    };
    snprintf(campaign.name, sizeof campaign.name, "Campaign %u", id);
    snprintf(campaign.promotion.name, sizeof campaign.promotion.name, "Campaign %u", id);
    switch (id) {
    case LEASED:
        campaign.promotion.kind = CF_REWARD_ORDER_PERCENT;
        campaign.promotion.amount_minor = 0;
        campaign.promotion.percent_bp = 2000;
        campaign.promotion.min_spend_minor = 5000;
        break;
    case PINNED:
        campaign.policy = CF_POLICY_PINNED;
        break;
    case ONLINE_ONLY:
        campaign.policy = CF_POLICY_ONLINE_ONLY;
        break;
    case RISKY:
        campaign.policy = CF_POLICY_OPTIMISTIC;
        campaign.money_limited = true;
        break;
    case CASHED:
        campaign.money_limited = true;
        break;
    case DAILY:
        campaign.per_day = 50;
        break;
    case ISSUED:
        campaign.issue_in_store = true;
        campaign.issue_min_minor = 2000;
        campaign.issue_valid_days = 14;
        break;
    case OTHER_STORE:
        campaign.n_stores = 1;
        campaign.stores[0] = 300;
        break;
    case EARLY:
        campaign.from.us = START_US + DAY_US;
        break;
    case ENDED:
        campaign.to.us = START_US - DAY_US;
        break;
    case LENIENT:
        campaign.accept_in_doubt = true;
        break;
    case ONLINE_SHOP:
        campaign.channels = CF_CHANNEL_ONLINE;
        break;
    case STOPPED:
        campaign.stopped = true;
        break;
    case AUTOMATIC:
        campaign.policy = CF_POLICY_AUTOMATIC;
        campaign.promotion.kind = CF_REWARD_ORDER_PERCENT;
        campaign.promotion.amount_minor = 0;
        campaign.promotion.percent_bp = 1000;
        campaign.promotion.goods.n_categories = 1;
        campaign.promotion.goods.categories[0] = 7;
        break;
    default:
        break;
    }
    return campaign;
}

void shop_send_campaign(struct shop *shop, const struct cf_campaign *campaign)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_CAMPAIGN, .campaign = *campaign};
    shop_send(shop, CF_TOPIC_CAMPAIGNS, &entry);
}

void shop_send_redeemed(struct shop *shop, uint32_t campaign, uint32_t index)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_REDEEMED,
                                  .redeemed = {.campaign = campaign, .n = 1, .index = {index}}};
    shop_send(shop, CF_TOPIC_REDEEMED, &entry);
}

void shop_send_grant_of(struct shop *shop, const struct cf_lease_grant *lease)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_LEASE, .lease = *lease};
    shop_send(shop, CF_TOPIC_LEASES, &entry);
}

void shop_send_hub(struct shop *shop, uint32_t hub_epoch)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_HUB};
    entry.hub = (struct cf_hub_entry){SHOP_STORE, hub_epoch, SHOP_TILL + 1, 1, "10.0.0.5", 8443};
    shop_send(shop, CF_TOPIC_HUB, &entry);
    shop->hub_epoch = hub_epoch;
    shop->lan_witness = (struct cf_hub_witness){.incarnation = 1, .seq = 1};
}

void shop_send_hub_role(struct shop *shop, uint32_t hub_epoch)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_HUB};
    entry.hub = (struct cf_hub_entry){SHOP_STORE, hub_epoch, SHOP_TILL, 1, "10.0.0.5", 8443};
    shop_send(shop, CF_TOPIC_HUB, &entry);
    shop->hub_epoch = hub_epoch;
    shop->lan_witness = (struct cf_hub_witness){.incarnation = 1, .seq = 1};
}

void shop_send_store_lease(struct shop *shop, uint32_t campaign, uint32_t hub_epoch, int64_t granted, int64_t keep)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_STORE_LEASE};
    entry.lease = (struct cf_lease_grant){.campaign = campaign, .epoch = hub_epoch, .granted = granted, .keep = keep};
    shop_send(shop, CF_TOPIC_LEASES, &entry);
}

void shop_send_sublease(struct shop *shop, uint32_t campaign, uint32_t hub_epoch, int64_t granted)
{
    shop_send_sublease_to_keep(shop, campaign, hub_epoch, granted, CF_HUB_SUBLEASE_WANT_MAX);
}

void shop_send_sublease_to_keep(struct shop *shop, uint32_t campaign, uint32_t hub_epoch, int64_t granted, int64_t keep)
{
    const struct cf_sublease sublease = {.hub_epoch = hub_epoch, .granted = granted, .keep = keep};
    shop_send_sublease_of(shop, campaign, &sublease);
}

void shop_send_sublease_of(struct shop *shop, uint32_t campaign, const struct cf_sublease *sublease)
{
    struct cf_replica *replica = open_replica(shop);
    must(shop, cf_replica_set_sublease(replica, campaign, shop->epoch, sublease, &shop->err));
    cf_replica_close(replica);
}

void shop_send_lease(struct shop *shop, uint32_t campaign, int64_t granted)
{
    struct cf_lease_grant lease = {.campaign = campaign, .epoch = 1, .granted = granted, .keep = granted};
    shop_send_grant_of(shop, &lease);
}

static void send_grant(struct shop *shop)
{
    struct cf_grant grant = test_grant();
    grant.campaign = ISSUED;
    grant.first = 1000;
    grant.last = 1004;
    struct cf_code code = test_sign_grant(&grant, KID_ALL);
    struct cf_down_entry entry = {.kind = CF_DOWN_GRANT, .grant = cf_bytes_of(code.cose, code.cose_n)};
    shop_send(shop, CF_TOPIC_GRANTS, &entry);
}

void shop_send_grants(struct shop *shop, uint32_t n, int64_t exp_s)
{
    struct cf_grant grant = test_grant();
    grant.till = SHOP_TILL + 1;
    grant.exp_s = exp_s;
    struct cf_code code = test_sign_grant(&grant, KID_ALL); /* one signature for all: they are not verified here */
    size_t at = 0;
    while (memcmp(code.cose + at, grant.grant_id.b, CF_KID_BYTES) != 0)
        at++;
    struct cf_replica *replica = open_replica(shop);
    struct cf_topic_state state;
    must(shop, cf_replica_topic(replica, CF_TOPIC_GRANTS, &state, &shop->err));
    struct cf_sha256 after = state.digest;
    struct cf_buf buf;
    cf_buf_init(&buf, n * 256u);
    cf_bytes *entries = calloc(n, sizeof *entries);
    assert_non_null(entries);
    must(shop, cf_buf_reserve(&buf, n * 256u, &shop->err));
    for (uint32_t i = 0; i < n; i++) {
        size_t before = buf.n;
        cf_put_be32(code.cose + at, i + 1);
        struct cf_down_entry entry = {.kind = CF_DOWN_GRANT, .grant = cf_bytes_of(code.cose, code.cose_n)};
        must(shop, cf_down_encode(&entry, &buf, &shop->err));
        entries[i] = cf_bytes_of(buf.p + before, buf.n - before);
        after = cf_down_digest(&after, entries[i]);
    }
    must(shop, cf_replica_apply(replica, CF_TOPIC_GRANTS, state.version, entries, n, &after, &shop->err));
    free(entries);
    cf_buf_done(&buf);
    cf_replica_close(replica);
}

static void hear_time(struct shop *shop, struct cf_sync_state *sync)
{
    sync->has_time = true;
    sync->centre_wall.us = sync->local_wall.us = shop->wall_us;
    sync->local_mono.us = shop->mono_us;
    memset(sync->boot_id, shop->boot, sizeof sync->boot_id);
    sync->down_cursor = 77;
    sync->acknowledged_head = cf_record_chain_start(SHOP_TILL, shop->epoch);
}

void shop_sync(struct shop *shop, void (*change)(struct shop *shop, struct cf_sync_state *sync))
{
    struct cf_replica *replica = open_replica(shop);
    struct cf_sync_state sync;
    must(shop, cf_replica_sync_state(replica, &sync, &shop->err));
    change(shop, &sync);
    must(shop, cf_replica_set_sync_state(replica, &sync, &shop->err));
    cf_replica_close(replica);
}

static void acknowledge(struct shop *shop, struct cf_sync_state *sync)
{
    struct cf_journal_head head;
    must(shop, cf_journal_head(cf_till_journal(shop->till), &head, &shop->err));
    sync->sent_seq = sync->acknowledged_seq = head.seq;
    sync->acknowledged_head = head.hash;
}

void shop_acknowledge(struct shop *shop)
{
    shop_sync(shop, acknowledge);
}

/* --- the folder ------------------------------------------------------------------------------------------------------
 */

static void make_folder(struct shop *shop)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(shop->dir, sizeof shop->dir, "%s/cf-till-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(shop->dir));
}

void shop_init(struct shop *shop)
{
    static const uint32_t campaigns[] = {LEASED,    PINNED,  ONLINE_ONLY, ISSUED,  OTHER_STORE,
                                         EARLY,     ENDED,   ONLINE_SHOP, STOPPED, NO_LEASE,
                                         AUTOMATIC, LENIENT, RISKY,       CASHED,  DAILY};
    memset(shop, 0, sizeof *shop);
    shop->wall_us = START_US;
    shop->mono_us = 1000 * CF_US_PER_S;
    shop->epoch = 1;
    shop->boot = 1;
    shop->random = 1;
    shop->net_rc = CF_E_LINK_DOWN;
    shop->net_status = 200;
    make_folder(shop);
    struct cf_env env = env_of(shop);
    struct cf_journal_identity identity = {.terminal = SHOP_TILL, .epoch = 1, .store = SHOP_STORE};
    must(shop, cf_journal_create(shop->dir, &identity, &env, &shop->err));
    send_keys(shop);
    send_store(shop);
    send_product(shop, 1, "Hand cream \xe6\x8a\xa4\xe6\x89\x8b\xe9\x9c\x9c", CREAM, 3990, 7, false);
    send_product(shop, 2, "Soap", SOAP, 1000, 8, false);
    send_product(shop, 3, "Green tea", TEA, 2500, 9, false);
    send_product(shop, 4, "Sample", GIFT, 0, 9, false);
    send_product(shop, 5, "Apples", APPLES, 1280, 10, true);
    for (size_t i = 0; i < sizeof campaigns / sizeof *campaigns; i++) {
        struct cf_campaign campaign = shop_campaign(campaigns[i]);
        shop_send_campaign(shop, &campaign);
        bool over = cf_campaign_is_over_in(&campaign, SHOP_STORE, (cf_wall){START_US});
        if (campaign.policy == CF_POLICY_LEASED && campaign.id != NO_LEASE && !over)
            shop_send_lease(shop, campaign.id, 3);
    }
    const struct cf_lease_grant others[] = {
        {.campaign = RISKY, .epoch = 1, .granted_minor = 1000, .keep = 1000},
        {.campaign = CASHED, .epoch = 1, .granted = 3, .granted_minor = 700, .keep = 3},
        {.campaign = DAILY, .epoch = 1, .granted = 3, .per_day = 2, .keep = 3},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        shop_send_grant_of(shop, &others[i]);
    send_grant(shop);
    shop_sync(shop, hear_time);
}

static void remove_folder(const char *dir)
{
    DIR *entries = opendir(dir);
    assert_non_null(entries);
    for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        char path[SHOP_PATH_MAX + 300];
        snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)remove(path);
    }
    closedir(entries);
    (void)rmdir(dir);
}

void shop_done(struct shop *shop)
{
    char mark[SHOP_PATH_MAX + 20];
    shop_close(shop);
    remove_folder(shop->dir);
    (void)remove(shop_mark_path(shop, mark));
}

const char *shop_mark_path(const struct shop *shop, char path[SHOP_PATH_MAX + 20])
{
    snprintf(path, SHOP_PATH_MAX + 20, "%s.incarnation", shop->dir);
    return path;
}

static void copy_file(const char *from, const char *to)
{
    struct cf_buf content;
    cf_buf_init(&content, 64u << 20);
    assert_ok(cf_env_system()->ops->file_read(NULL, from, &content, NULL));
    FILE *file = fopen(to, "w");
    assert_non_null(file);
    if (content.n > 0) /* a lock file has nothing in it */
        assert_int_equal(fwrite(content.p, 1, content.n, file), content.n);
    assert_int_equal(fclose(file), 0);
    cf_buf_done(&content);
}

void shop_copy(struct shop *shop, const struct shop *from)
{
    *shop = *from;
    make_folder(shop);
    DIR *entries = opendir(from->dir);
    assert_non_null(entries);
    for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        char source[SHOP_PATH_MAX + 300], target[SHOP_PATH_MAX + 300];
        snprintf(source, sizeof source, "%s/%s", from->dir, entry->d_name);
        snprintf(target, sizeof target, "%s/%s", shop->dir, entry->d_name);
        if (entry->d_name[0] != '.')
            copy_file(source, target);
    }
    closedir(entries);
    char source[SHOP_PATH_MAX + 20], target[SHOP_PATH_MAX + 20];
    if (access(shop_mark_path(from, source), F_OK) == 0)
        copy_file(source, shop_mark_path(shop, target));
}

int shop_setup(void **state)
{
    struct shop *shop = calloc(1, sizeof *shop);
    assert_non_null(shop);
    shop_init(shop);
    shop_open(shop);
    *state = shop;
    return 0;
}

int shop_teardown(void **state)
{
    shop_done(*state);
    free(*state);
    return 0;
}

enum cf_rc shop_try_open(struct shop *shop)
{
    static struct cf_env env; /* outlives the till */
    env = env_of(shop);
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    cf_private_key_save(test_key(TILL), scalar);
    struct cf_till_config config = {
        .dir = shop->dir,
        .terminal = SHOP_TILL,
        .epoch = shop->epoch,
        .store = SHOP_STORE,
        .label = "Till 1",
        .cashier = "Li Na",
        .roots = {test_public(ROOT_A), test_public(ROOT_B)},
        .sign_key = scalar,
        .ask_online = shop->ask_online,
        .ask_hub = shop->hub_epoch != 0,
        .incarnation = shop->incarnation,
        .card = shop->card,
        .fiscal = shop->fiscal,
        .variance_limit_minor = shop->variance_limit_minor,
        .mobile = shop->mobile,
    };
    return cf_till_open(&config, &env, &shop->till, &shop->err);
}

void shop_open(struct shop *shop)
{
    must(shop, shop_try_open(shop));
}

void shop_close(struct shop *shop)
{
    cf_till_close(shop->till);
    shop->till = NULL;
}

void shop_restart(struct shop *shop)
{
    shop_close(shop);
    shop_open(shop);
}

void shop_enrol_again(struct shop *shop)
{
    struct cf_journal_identity identity = {.terminal = SHOP_TILL, .epoch = shop->epoch + 1, .store = SHOP_STORE};
    struct cf_env env = env_of(shop);
    shop_close(shop);
    must(shop, cf_journal_create(shop->dir, &identity, &env, &shop->err));
    shop->epoch++;
    shop_open(shop);
}

static void begin_epoch(struct shop *shop, struct cf_sync_state *sync)
{
    sync->sent_seq = sync->acknowledged_seq = 0;
    hear_time(shop, sync);
}

void shop_pulled(struct shop *shop)
{
    shop_sync(shop, begin_epoch);
}

void shop_reboot(struct shop *shop)
{
    shop->boot++;
    shop->mono_us = 5 * CF_US_PER_S;
    shop_restart(shop);
}

/* --- codes -----------------------------------------------------------------------------------------------------------
 */

static const char *text_of(const struct cf_code *code)
{
    static char texts[8][CF_CODE_TEXT_MAX];
    static unsigned turn;
    char *text = texts[turn++ % 8];
    assert_ok(cf_code_text(code, text, NULL));
    return text;
}

struct cf_coupon shop_coupon_fields(uint32_t campaign, uint32_t index)
{
    return (struct cf_coupon){
        .campaign = campaign,
        .index = index,
        .exp_s = TEST_NOW_S + 30 * TEST_DAY_S,
        .pinned = campaign == PINNED,
        .home = campaign == PINNED ? SHOP_TILL : 0,
        .home_epoch = campaign == PINNED ? 1 : 0,
    };
}

const char *shop_sign_coupon(const struct cf_coupon *coupon, cf_kid kid, enum test_key key)
{
    struct cf_code code = test_sign_coupon(coupon, kid, key);
    return text_of(&code);
}

const char *shop_coupon(uint32_t campaign, uint32_t index)
{
    struct cf_coupon coupon = shop_coupon_fields(campaign, index);
    return shop_sign_coupon(&coupon, KID_ALL, ISSUER);
}

const char *shop_bound_coupon(uint32_t campaign, uint32_t index, cf_sub sub)
{
    struct cf_coupon coupon = shop_coupon_fields(campaign, index);
    coupon.bound = true;
    coupon.sub = sub;
    return shop_sign_coupon(&coupon, KID_ALL, ISSUER);
}

const char *shop_card(void)
{
    struct cf_card fields = test_card();
    struct cf_code card = test_sign_card(&fields, KID_ALL);
    return text_of(&card);
}

const char *shop_member(struct shop *shop, uint64_t counter)
{
    struct cf_card fields = test_card();
    struct cf_code card = test_sign_card(&fields, KID_ALL);
    struct cf_code code;
    assert_ok(
        cf_member_code_sign(&card, shop->wall_us / CF_US_PER_S, counter, NULL, NULL, test_key(DEVICE), &code, NULL));
    return text_of(&code);
}

/* --- what a cashier does
 * ----------------------------------------------------------------------------------------------
 */

enum cf_rc shop_scan(struct shop *shop, const char *text)
{
    shop->err = (struct cf_error){.rc = CF_OK};
    return cf_till_scan(shop->till, cf_bytes_str(text), NULL, &shop->err);
}

enum cf_rc shop_pay(struct shop *shop, enum cf_tender_kind kind, int64_t amount_minor, const char *reference,
                    struct cf_till_sold *ret)
{
    struct cf_tender tender = {.kind = kind, .amount_minor = amount_minor};
    snprintf(tender.reference, sizeof tender.reference, "%s", reference);
    shop->err = (struct cf_error){.rc = CF_OK};
    return cf_till_tender(shop->till, &tender, ret, &shop->err);
}

struct cf_till_view shop_view(struct shop *shop)
{
    struct cf_till_view view;
    cf_till_view(shop->till, &view);
    return view;
}

int64_t shop_due(struct shop *shop)
{
    return shop_view(shop).due_minor;
}

struct cf_till_sold shop_pay_all(struct shop *shop)
{
    struct cf_till_sold sold = {.committed = false};
    must(shop, shop_pay(shop, CF_TENDER_CASH, shop_due(shop), "", &sold));
    assert_true(sold.committed);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    return sold;
}

struct cf_till_sold shop_sell(struct shop *shop, const char *goods)
{
    must(shop, shop_scan(shop, goods));
    return shop_pay_all(shop);
}

uint64_t shop_records(struct shop *shop)
{
    struct cf_journal_head head;
    must(shop, cf_journal_head(cf_till_journal(shop->till), &head, &shop->err));
    return head.seq;
}

static enum cf_rc count_fact(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                             const struct cf_sha256 *hash, struct cf_error *err)
{
    (void)body_hash;
    (void)hash;
    (void)err;
    *(uint64_t *)ctx += record->type != CF_RECORD_START;
    return CF_OK;
}

uint64_t shop_facts(struct shop *shop)
{
    uint64_t n = 0;
    must(shop, cf_journal_read(cf_till_journal(shop->till), 1, 1u << 20, count_fact, &n, &shop->err));
    return n;
}

struct found {
    enum cf_record_type type;
    struct cf_sale *sale;
};

static enum cf_rc find(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                       const struct cf_sha256 *hash, struct cf_error *err)
{
    struct found *found = ctx;
    (void)body_hash;
    (void)hash;
    found->type = record->type;
    if (!found->sale)
        return CF_OK;
    return cf_sale_decode(record->body, found->sale, err);
}

bool shop_last_is(struct shop *shop, enum cf_record_type type)
{
    struct found found = {.sale = NULL};
    must(shop, cf_journal_read(cf_till_journal(shop->till), shop_records(shop), 1, find, &found, &shop->err));
    return found.type == type;
}

struct cf_sale *shop_sale_of(struct shop *shop, uint64_t seq)
{
    struct found found = {.sale = NULL};
    must(shop, cf_sale_new(&found.sale, &shop->err));
    must(shop, cf_journal_read(cf_till_journal(shop->till), seq, 1, find, &found, &shop->err));
    return found.sale;
}

void shop_verify(struct shop *shop)
{
    struct cf_journal_verdict verdict;
    must(shop, cf_journal_verify(cf_till_journal(shop->till), &verdict, &shop->err));
}
