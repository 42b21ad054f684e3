/*
 * tests/unit/central/hub_test.c - what the centre gives to a store's hub, takes from it, and takes away.
 */
#include "app/core/lease_return.h"
#include "sync/wire/hub.h"
#include "tests/unit/central/centre.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct store {
    struct till till[2];
    uint32_t hub_epoch;
};

static uint32_t assign(struct centre *centre, const struct till *till)
{
    char path[60], body[80];
    (void)snprintf(path, sizeof path, "/v1/stores/%lu/hub", (unsigned long)centre->store_id);
    (void)snprintf(body, sizeof body, "{\"terminal\":%lu,\"host\":\"10.0.0.5\",\"port\":8443}",
                   (unsigned long)till->terminal);
    json_t *answer = centre_expect(centre, "POST", path, body, 201);
    uint32_t hub_epoch = (uint32_t)json_int(answer, "hub_epoch");
    assert_int_equal(json_int(answer, "terminal_epoch"), till->epoch);
    json_decref(answer);
    return hub_epoch;
}

static void open_store(struct centre *centre, struct store *store)
{
    till_enrol(centre, &store->till[0], centre->store_id);
    till_enrol(centre, &store->till[1], centre->store_id);
    store->hub_epoch = assign(centre, &store->till[0]);
}

static void close_store(struct store *store)
{
    till_done(&store->till[0]);
    till_done(&store->till[1]);
}

static json_t *hubs(struct centre *centre)
{
    char path[60];
    (void)snprintf(path, sizeof path, "/v1/stores/%lu/hub", (unsigned long)centre->store_id);
    json_t *answer = centre_expect(centre, "GET", path, NULL, 200), *list = json_object_get(answer, "hubs");
    json_incref(list);
    json_decref(answer);
    return list;
}

static void hub_is(struct centre *centre, size_t k, const char *state)
{
    json_t *list = hubs(centre);
    assert_string_equal(json_text(json_array_get(list, k), "state"), state);
    json_decref(list);
}

/* What the newest store lease of a hub says. */
static int64_t leased(struct centre *centre, size_t hub, uint32_t campaign, const char *what)
{
    json_t *list = hubs(centre), *leases = json_object_get(json_array_get(list, hub), "leases");
    int64_t found = -1;
    for (size_t i = 0; i < json_array_size(leases); i++) {
        if (json_int(json_array_get(leases, i), "campaign") == campaign) {
            found = json_int(json_array_get(leases, i), what);
        }
    }
    json_decref(list);
    return found;
}

static uint32_t a_campaign(struct centre *centre, const char *policy)
{
    return centre_campaign(centre, policy, 20, strcmp(policy, "leased") == 0 ? ",\"lease_per_terminal\":4" : "");
}

static struct sold a_use(uint32_t campaign, uint32_t index, enum cf_policy policy, enum cf_right_source source,
                         uint32_t hub_epoch)
{
    struct sold sold = {.n_lines = 1,
                        .has_coupon = true,
                        .campaign = campaign,
                        .index = index,
                        .policy = policy,
                        .source = source,
                        .hub_epoch = hub_epoch};
    sold.request_key[0] = (uint8_t)index;
    sold.request_key[1] = (uint8_t)hub_epoch;
    return sold;
}

static uint32_t claimed(struct centre *centre, uint32_t campaign, const char *extra, int64_t *ret_home)
{
    char body[100];
    (void)snprintf(body, sizeof body, "{\"campaign\":%lu%s}", (unsigned long)campaign, extra);
    json_t *answer = centre_expect(centre, "POST", "/v1/coupons/claim", body, 201);
    uint32_t index = (uint32_t)json_int(answer, "index");
    if (ret_home != NULL) {
        *ret_home = json_int(answer, "home");
    }
    json_decref(answer);
    return index;
}

/* --- assigning ---------------------------------------------------------------------------------------------------- */

static void a_hub_and_the_store_s_terminals_come_down_to_every_till(void **state)
{
    struct centre *centre = *state;
    struct store store;
    static struct cf_down_entry entries[16];
    open_store(centre, &store);
    assert_int_equal(store.hub_epoch, 1);
    size_t n = centre_pulled(centre, &store.till[1], CF_TOPIC_HUB, entries, 16);
    bool seen[2] = {false, false};
    for (size_t i = 0; i + 1 < n; i++) {
        assert_int_equal(entries[i].kind, CF_DOWN_TERMINAL);
        for (size_t k = 0; k < 2; k++) {
            cf_public_key key;
            cf_private_key_public(store.till[k].sign_key, &key);
            if (entries[i].terminal.terminal == store.till[k].terminal) {
                assert_memory_equal(&entries[i].terminal.sign_key, &key, sizeof key);
                seen[k] = !entries[i].terminal.fenced;
            }
        }
    }
    assert_true(seen[0] && seen[1]);
    const struct cf_hub_entry *hub = &entries[n - 1].hub;
    assert_int_equal(entries[n - 1].kind, CF_DOWN_HUB);
    assert_int_equal(hub->terminal, store.till[0].terminal);
    assert_int_equal(hub->terminal_epoch, 1);
    assert_string_equal(hub->host, "10.0.0.5");
    assert_int_equal(hub->port, 8443);
    close_store(&store);
}

static void an_assignment_that_makes_no_sense_is_refused(void **state)
{
    struct centre *centre = *state;
    struct till till;
    char path[60], body[100];
    till_enrol(centre, &till, centre->store_id);
    (void)snprintf(path, sizeof path, "/v1/stores/%lu/hub", (unsigned long)centre->store_id);
    centre_refuses(centre, "POST", path, "{\"terminal\":9999,\"host\":\"a\",\"port\":1}", "NOT_FOUND");
    centre_refuses(centre, "POST", path, "{\"terminal\":1,\"host\":\"a\",\"port\":0}", "JSON_RANGE");
    centre_refuses(centre, "POST", path, "{\"host\":\"a\",\"port\":1}", "JSON_TYPE");
    (void)snprintf(body, sizeof body, "{\"terminal\":%lu,\"host\":\"a b\",\"port\":1}", (unsigned long)till.terminal);
    centre_refuses(centre, "POST", path, body, "RANGE");
    centre_refuses(centre, "POST", "/v1/stores/9999/hub", "{\"terminal\":1,\"host\":\"a\",\"port\":1}",
                   "STORE_UNKNOWN");
    centre_refuses(centre, "DELETE", path, NULL, "NOT_FOUND");
    json_t *waiting = centre_expect(centre, "POST", "/v1/terminals", "{\"store\":1,\"label\":\"New\"}", 201);
    (void)snprintf(body, sizeof body, "{\"terminal\":%lld,\"host\":\"a\",\"port\":1}",
                   (long long)json_int(waiting, "terminal"));
    json_decref(waiting);
    centre_refuses(centre, "POST", path, body, "STATE");
    till_done(&till);
}

/* --- what the store is leased ------------------------------------------------------------------------------------- */

static void a_store_s_lease_is_part_of_the_budget_and_is_spent_by_its_tills(void **state)
{
    struct centre *centre = *state;
    struct store store;
    static struct cf_down_entry entries[16];
    uint32_t campaign = a_campaign(centre, "leased");
    open_store(centre, &store);
    struct figures f = centre_figures(centre, campaign);
    assert_int_equal(f.outstanding, 12); /* two tills and the store */
    assert_int_equal(leased(centre, 0, campaign, "granted"), 4);
    size_t n = centre_pulled(centre, &store.till[0], CF_TOPIC_LEASES, entries, 16);
    assert_true(n > 0 && entries[n - 1].kind == CF_DOWN_STORE_LEASE);
    assert_int_equal(entries[n - 1].lease.granted, 4);
    assert_int_equal(entries[n - 1].lease.epoch, 1);
    for (uint32_t i = 0; i < 3; i++) {
        struct sold use = a_use(campaign, claimed(centre, campaign, "", NULL), CF_POLICY_LEASED, CF_RIGHT_SUBLEASE, 1);
        till_sells(centre, &store.till[i % 2], &use);
        centre_adds_up(centre, campaign);
    }
    f = centre_figures(centre, campaign);
    assert_int_equal(f.spent, 3);
    assert_int_equal(f.over, 0);
    assert_int_equal(leased(centre, 0, campaign, "spent"), 3);
    assert_int_equal(leased(centre, 0, campaign, "granted"), 6); /* renewed at half */
    close_store(&store);
}

static void a_new_campaign_is_leased_to_stores_with_a_hub(void **state)
{
    struct centre *centre = *state;
    struct store store;
    open_store(centre, &store);
    uint32_t campaign = a_campaign(centre, "leased");
    assert_int_equal(leased(centre, 0, campaign, "granted"), 4);
    centre_adds_up(centre, campaign);
    close_store(&store);
}

static void what_a_hub_that_ended_held_is_stranded_and_pays_for_late_sales(void **state)
{
    struct centre *centre = *state;
    struct store store;
    uint32_t campaign = a_campaign(centre, "leased");
    open_store(centre, &store);
    struct sold late = a_use(campaign, claimed(centre, campaign, "", NULL), CF_POLICY_LEASED, CF_RIGHT_SUBLEASE, 1);
    assert_int_equal(assign(centre, &store.till[1]), 2);
    hub_is(centre, 0, "replaced");
    hub_is(centre, 1, "active");
    struct figures f = centre_figures(centre, campaign);
    assert_int_equal(f.stranded, 4);
    centre_adds_up(centre, campaign);
    till_sells(centre, &store.till[1], &late);
    f = centre_figures(centre, campaign);
    assert_int_equal(f.stranded, 3);
    assert_int_equal(f.spent, 1);
    centre_adds_up(centre, campaign);
    close_store(&store);
}

static void a_sub_lease_that_no_hub_could_give_is_reported(void **state)
{
    struct centre *centre = *state;
    struct store store;
    uint32_t campaign = a_campaign(centre, "leased");
    open_store(centre, &store);
    int64_t alarms = centre_count(centre, "/v1/alarms", "alarms");
    struct sold use = a_use(campaign, claimed(centre, campaign, "", NULL), CF_POLICY_LEASED, CF_RIGHT_SUBLEASE, 77);
    till_sells(centre, &store.till[1], &use);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), alarms + 1);
    assert_int_equal(centre_figures(centre, campaign).over, 0);
    centre_adds_up(centre, campaign);
    close_store(&store);
}

/* --- what comes back ---------------------------------------------------------------------------------------------- */

/* What the centre said of the record. */
static enum cf_rc gives_back_money(struct centre *centre, struct till *till, enum cf_record_type type,
                                   uint32_t hub_epoch, uint32_t campaign, int64_t units, int64_t minor)
{
    const struct cf_hub_lease_return given = {hub_epoch, {campaign, units, minor}};
    struct cf_answer answer;
    struct cf_refusal refusal;
    struct cf_buf buf;
    struct upload *upload = upload_new(till);
    cf_buf_init(&buf, 64);
    assert_int_equal(cf_hub_lease_return_encode(&given, &buf, NULL), CF_OK);
    upload_add(centre, till, upload, type, cf_buf_bytes(&buf));
    assert_int_equal(upload_send(centre, till, upload, &answer, &refusal), 200);
    upload_free(upload);
    cf_buf_done(&buf);
    centre_adds_up(centre, campaign);
    return answer.n_results == 0 ? CF_OK : answer.results[0].rc;
}

static enum cf_rc gives_back(struct centre *centre, struct till *till, enum cf_record_type type, uint32_t hub_epoch,
                             uint32_t campaign, int64_t units)
{
    return gives_back_money(centre, till, type, hub_epoch, campaign, units, 0);
}

static void what_comes_back_of_a_store_s_lease_is_free(void **state)
{
    struct centre *centre = *state;
    struct store store;
    uint32_t campaign = a_campaign(centre, "leased");
    open_store(centre, &store);
    struct till *hub = &store.till[0], *other = &store.till[1];
    struct figures before = centre_figures(centre, campaign);
    assert_int_equal(gives_back(centre, hub, CF_RECORD_STORE_LEASE_RETURN, 1, campaign, 3), CF_OK);
    struct figures f = centre_figures(centre, campaign);
    assert_int_equal(f.free, before.free + 3);
    assert_int_equal(f.outstanding, before.outstanding - 3);
    assert_int_equal(leased(centre, 0, campaign, "returned"), 3);
    assert_int_equal(leased(centre, 0, campaign, "granted"), 4);
    /* By a till that is not the hub; of a hub that never was; nothing. */
    assert_int_equal(gives_back(centre, other, CF_RECORD_STORE_LEASE_RETURN, 1, campaign, 1), CF_E_RECORD);
    assert_int_equal(gives_back(centre, hub, CF_RECORD_STORE_LEASE_RETURN, 2, campaign, 1), CF_E_RECORD);
    assert_int_equal(gives_back(centre, hub, CF_RECORD_STORE_LEASE_RETURN, 1, campaign, 0), CF_E_RECORD);
    f = centre_figures(centre, campaign);
    assert_int_equal(f.free, before.free + 3);
    /* The one that is left pays for one use; then the lease is filled up. */
    struct sold use = a_use(campaign, claimed(centre, campaign, "", NULL), CF_POLICY_LEASED, CF_RIGHT_SUBLEASE, 1);
    till_sells(centre, other, &use);
    centre_adds_up(centre, campaign);
    assert_int_equal(leased(centre, 0, campaign, "spent"), 1);
    assert_int_equal(leased(centre, 0, campaign, "granted"), 8);
    assert_int_equal(centre_figures(centre, campaign).over, 0);
    close_store(&store);
}

/* --- money, stores and days --------------------------------------------------------------------------------------- */

static uint32_t a_counted_campaign(struct centre *centre, const char *limits)
{
    char body[400];
    (void)snprintf(
        body, sizeof body,
        "{\"name\":\"x\",\"policy\":\"leased\",\"budget\":20,\"lease_per_terminal\":4,\"promotion\":{\"kind\":"
        "\"order_percent\",\"percent_bp\":1000,\"max_discount_minor\":500},%s}",
        limits);
    json_t *json = centre_expect(centre, "POST", "/v1/campaigns", body, 201);
    uint32_t id = (uint32_t)json_int(json, "campaign");
    json_decref(json);
    return id;
}

static int64_t money_of(struct centre *centre, uint32_t campaign, const char *what)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/campaigns/%lu/figures", (unsigned long)campaign);
    json_t *json = centre_expect(centre, "GET", path, NULL, 200);
    int64_t v = json_int(json_object_get(json, "money"), what);
    json_decref(json);
    return v;
}

static void a_store_s_lease_has_money_that_its_tills_spend_and_that_comes_back(void **state)
{
    struct centre *centre = *state;
    struct store store;
    open_store(centre, &store);
    uint32_t campaign = a_counted_campaign(centre, "\"budget_minor\":4000");
    assert_int_equal(leased(centre, 0, campaign, "granted"), 4);
    int64_t granted = leased(centre, 0, campaign, "granted_minor");
    assert_true(granted >= 500 && granted <= 1000);
    centre_adds_up(centre, campaign);
    struct sold use = a_use(campaign, claimed(centre, campaign, "", NULL), CF_POLICY_LEASED, CF_RIGHT_SUBLEASE, 1);
    till_sells(centre, &store.till[1], &use);
    centre_adds_up(centre, campaign);
    int64_t cost = money_of(centre, campaign, "spent_minor");
    assert_true(cost > 0);
    assert_int_equal(leased(centre, 0, campaign, "spent_minor"), cost);
    int64_t free = money_of(centre, campaign, "free_minor");
    assert_int_equal(
        gives_back_money(centre, &store.till[0], CF_RECORD_STORE_LEASE_RETURN, 1, campaign, 1, granted - cost), CF_OK);
    assert_int_equal(leased(centre, 0, campaign, "returned_minor"), granted - cost);
    assert_int_equal(money_of(centre, campaign, "free_minor"), free + granted - cost);
    /* More than there is: tills have spent what the hub did not lend. What is there comes back. */
    assert_int_equal(gives_back_money(centre, &store.till[0], CF_RECORD_STORE_LEASE_RETURN, 1, campaign, 1, 1), CF_OK);
    assert_int_equal(money_of(centre, campaign, "over_minor"), 0);
    /* With the hub what it holds is stranded, in money too, and pays for late sales. */
    granted = leased(centre, 0, campaign, "granted_minor") - leased(centre, 0, campaign, "spent_minor") -
              leased(centre, 0, campaign, "returned_minor");
    assert_int_equal(assign(centre, &store.till[1]), 2);
    assert_int_equal(money_of(centre, campaign, "stranded_minor"), granted);
    use = a_use(campaign, claimed(centre, campaign, "", NULL), CF_POLICY_LEASED, CF_RIGHT_SUBLEASE, 1);
    till_sells(centre, &store.till[1], &use);
    assert_int_equal(money_of(centre, campaign, "stranded_minor"), granted > cost ? granted - cost : 0);
    centre_adds_up(centre, campaign);
    close_store(&store);
}

static void a_store_s_lease_has_a_share_of_the_day_and_room_of_the_store(void **state)
{
    struct centre *centre = *state;
    struct store store;
    static struct cf_down_entry entries[32];
    char path[64];
    open_store(centre, &store);
    uint32_t daily = a_counted_campaign(centre, "\"per_day\":12");
    assert_int_equal(leased(centre, 0, daily, "per_day"), 3); /* of nine that are shared out, like each of two tills */
    (void)snprintf(path, sizeof path, "/v1/campaigns/%lu", (unsigned long)daily);
    json_decref(centre_expect(centre, "PATCH", path, "{\"per_day\":4}", 200));
    assert_int_equal(leased(centre, 0, daily, "per_day"), 1);
    size_t n = centre_pulled(centre, &store.till[0], CF_TOPIC_LEASES, entries, 32);
    uint32_t told = 0;
    for (size_t i = 0; i < n; i++) {
        if (entries[i].kind == CF_DOWN_STORE_LEASE && entries[i].lease.campaign == daily) {
            told = entries[i].lease.per_day;
        }
    }
    assert_int_equal(told, 1);
    uint32_t few = a_counted_campaign(centre, "\"per_store\":10");
    assert_int_equal(centre_figures(centre, few).outstanding, 10); /* two tills and the store, and no more */
    assert_int_equal(gives_back(centre, &store.till[0], CF_RECORD_STORE_LEASE_RETURN, 1, few, 2), CF_OK);
    assert_int_equal(centre_figures(centre, few).outstanding, 8);
    json_decref(centre_expect(centre, "GET", "/v1/reports/invariants", NULL, 200));
    close_store(&store);
}

static void a_hub_is_not_to_blame_for_tills_that_spent_what_it_had_not_lent(void **state)
{
    struct centre *centre = *state;
    struct store store;
    uint32_t campaign = a_campaign(centre, "leased");
    open_store(centre, &store);
    struct figures before = centre_figures(centre, campaign);
    int64_t alarms = centre_count(centre, "/v1/alarms", "alarms");
    assert_int_equal(gives_back(centre, &store.till[0], CF_RECORD_STORE_LEASE_RETURN, 1, campaign, 6), CF_OK);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), alarms + 1);
    assert_int_equal(leased(centre, 0, campaign, "returned"), 4);
    assert_int_equal(gives_back(centre, &store.till[0], CF_RECORD_STORE_LEASE_RETURN, 1, campaign, 1), CF_OK);
    assert_int_equal(centre_figures(centre, campaign).free, before.free + 4);
    close_store(&store);
}

static void what_a_till_gives_back_to_its_hub_stays_the_store_s(void **state)
{
    struct centre *centre = *state;
    struct store store;
    uint32_t campaign = a_campaign(centre, "leased");
    open_store(centre, &store);
    struct figures before = centre_figures(centre, campaign);
    assert_int_equal(gives_back(centre, &store.till[1], CF_RECORD_SUBLEASE_RETURN, 1, campaign, 3), CF_OK);
    struct figures f = centre_figures(centre, campaign);
    assert_int_equal(f.free, before.free);
    assert_int_equal(f.outstanding, before.outstanding);
    assert_int_equal(leased(centre, 0, campaign, "returned"), 0);
    close_store(&store);
}

static void what_a_hub_that_ended_gives_back_stays_stranded(void **state)
{
    struct centre *centre = *state;
    struct store store;
    uint32_t campaign = a_campaign(centre, "leased");
    open_store(centre, &store);
    assert_int_equal(gives_back(centre, &store.till[0], CF_RECORD_STORE_LEASE_RETURN, 1, campaign, 1), CF_OK);
    assert_int_equal(assign(centre, &store.till[1]), 2);
    assert_int_equal(centre_figures(centre, campaign).stranded, 3);
    assert_int_equal(gives_back(centre, &store.till[0], CF_RECORD_STORE_LEASE_RETURN, 1, campaign, 2), CF_OK);
    assert_int_equal(centre_figures(centre, campaign).stranded, 3);
    assert_int_equal(leased(centre, 0, campaign, "returned"), 1);
    close_store(&store);
}

/* Two tills and the store have all that may be leased: where one lacks, the store too is told what to keep. */
static void a_store_is_asked_for_what_it_does_not_use_where_others_lack(void **state)
{
    struct centre *centre = *state;
    struct store store;
    static struct cf_down_entry entries[32];
    uint32_t campaign = centre_campaign(centre, "leased", 20, ",\"lease_per_terminal\":5");
    open_store(centre, &store);
    assert_int_equal(leased(centre, 0, campaign, "granted"), 5);
    for (uint32_t i = 0; i < 4; i++) {
        struct sold use = a_use(campaign, claimed(centre, campaign, "", NULL), CF_POLICY_LEASED, CF_RIGHT_LEASE, 0);
        till_sells(centre, &store.till[1], &use);
    }
    size_t n = centre_pulled(centre, &store.till[0], CF_TOPIC_LEASES, entries, 32);
    int64_t keep = -1;
    for (size_t i = 0; i < n; i++) {
        if (entries[i].kind == CF_DOWN_STORE_LEASE && entries[i].lease.campaign == campaign) {
            keep = entries[i].lease.keep;
        }
    }
    assert_int_equal(keep, 1);
    centre_adds_up(centre, campaign);
    close_store(&store);
}

/* --- coupons pinned to a store ------------------------------------------------------------------------------------ */

static void a_coupon_is_pinned_to_the_whole_store_once_it_has_a_hub(void **state)
{
    struct centre *centre = *state;
    struct store store;
    char extra[40];
    int64_t home = 0;
    uint32_t campaign = a_campaign(centre, "pinned");
    (void)snprintf(extra, sizeof extra, ",\"pin_store\":%lu", (unsigned long)centre->store_id);
    open_store(centre, &store);
    uint32_t index = claimed(centre, campaign, extra, &home);
    assert_int_equal(home, centre->store_id);
    int64_t alarms = centre_count(centre, "/v1/alarms", "alarms");
    struct sold use = a_use(campaign, index, CF_POLICY_PINNED, CF_RIGHT_STORE, 1);
    till_sells(centre, &store.till[1], &use);
    assert_int_equal(centre_figures(centre, campaign).spent, 1);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), alarms);
    centre_adds_up(centre, campaign);
    /* Another one, and the hub ends before it is known to be used. */
    uint32_t second = claimed(centre, campaign, extra, &home);
    (void)assign(centre, &store.till[1]);
    assert_int_equal(centre_figures(centre, campaign).stranded, 1);
    centre_adds_up(centre, campaign);
    use = a_use(campaign, second, CF_POLICY_PINNED, CF_RIGHT_STORE, 1);
    till_sells(centre, &store.till[0], &use);
    assert_int_equal(centre_figures(centre, campaign).stranded, 0);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), alarms);
    centre_adds_up(centre, campaign);
    /* What is pinned since is the next hub's: a use by the one before is away from home, and takes nothing of it. */
    uint32_t third = claimed(centre, campaign, extra, &home);
    use = a_use(campaign, third, CF_POLICY_PINNED, CF_RIGHT_STORE, 1);
    till_sells(centre, &store.till[0], &use);
    struct figures figures = centre_figures(centre, campaign);
    assert_int_equal(figures.outstanding, 1);
    use = a_use(campaign, third, CF_POLICY_PINNED, CF_RIGHT_STORE, 2);
    till_sells(centre, &store.till[1], &use);
    assert_int_equal(centre_figures(centre, campaign).outstanding, 0);
    centre_adds_up(centre, campaign);
    close_store(&store);
}

/* --- records by way of the hub ------------------------------------------------------------------------------------ */

static void a_till_s_records_are_taken_from_another_terminal_of_its_store_only(void **state)
{
    struct centre *centre = *state;
    struct store store;
    struct till stranger;
    struct sold goods = {.n_lines = 2};
    struct cf_buf bytes;
    struct cf_answer *answer = calloc(1, sizeof *answer);
    open_store(centre, &store);
    json_t *other =
        centre_expect(centre, "POST", "/v1/stores",
                      "{\"name\":\"Other\",\"currency\":\"CNY\",\"tax_inclusive\":true,\"utc_offset_min\":480}", 201);
    till_enrol(centre, &stranger, (uint32_t)json_int(other, "store"));
    json_decref(other);
    struct upload *upload = upload_new(&store.till[1]);
    upload_sale(centre, &store.till[1], upload, &goods);
    cf_buf_init(&bytes, CF_BATCH_BYTES_MAX);
    uint8_t signed_bytes[CF_BATCH_SIGNED_BYTES];
    upload->batch.head = store.till[1].head;
    cf_batch_signed_bytes(&upload->batch, signed_bytes);
    assert_int_equal(
        cf_sign(store.till[1].sign_key, cf_bytes_of(signed_bytes, sizeof signed_bytes), &upload->batch.signature, NULL),
        CF_OK);
    assert_int_equal(cf_batch_encode(&upload->batch, &bytes, NULL), CF_OK);
    assert_int_equal(centre_terminal_call(centre, &stranger, "POST", CF_PATH_RELAY, cf_buf_bytes(&bytes)), 403);
    assert_int_equal(centre_terminal_call(centre, &store.till[0], "POST", CF_PATH_RECORDS, cf_buf_bytes(&bytes)), 403);
    assert_int_equal(
        centre_terminal_call(centre, &store.till[0], "POST", CF_PATH_RELAY, cf_bytes_of(bytes.p, bytes.n - 1)), 400);
    for (int twice = 0; twice < 2; twice++) {
        assert_int_equal(centre_terminal_call(centre, &store.till[0], "POST", CF_PATH_RELAY, cf_buf_bytes(&bytes)),
                         200);
        assert_int_equal(cf_answer_decode(cf_buf_bytes(&centre->response.body), answer, NULL), CF_OK);
        assert_int_equal(answer->ack_seq, 1);
    }
    bytes.p[bytes.n - 1] ^= 1; /* of the signature */
    assert_int_equal(centre_terminal_call(centre, &store.till[0], "POST", CF_PATH_RELAY, cf_buf_bytes(&bytes)), 400);
    cf_buf_done(&bytes);
    upload_free(upload);
    free(answer);
    till_done(&stranger);
    close_store(&store);
}

/* --- a hub that is not itself any more ---------------------------------------------------------------------------- */

static struct cf_hub_witness signed_witness(const struct centre *centre, const struct till *hub, uint32_t hub_epoch,
                                            uint64_t incarnation, uint64_t seq, uint8_t head)
{
    struct cf_hub_witness witness = {.incarnation = incarnation, .seq = seq};
    uint8_t signed_bytes[CF_HUB_WITNESS_SIGNED_BYTES];
    memset(witness.head.digest, head, CF_SHA256_BYTES);
    cf_hub_witness_signed_bytes(&witness, centre->store_id, hub_epoch, signed_bytes);
    assert_int_equal(cf_sign(hub->sign_key, cf_bytes_of(signed_bytes, sizeof signed_bytes), &witness.signature, NULL),
                     CF_OK);
    return witness;
}

static int tell(struct centre *centre, const struct till *till, uint32_t hub_epoch,
                const struct cf_hub_witness *witness, const struct cf_hub_witness *proof,
                struct cf_hub_report_reply *ret)
{
    struct cf_hub_report report = {.store = centre->store_id, .hub_epoch = hub_epoch};
    struct cf_buf body;
    if (witness != NULL) {
        report.has_witness = true;
        report.witness = *witness;
    }
    if (proof != NULL) {
        report.has_proof = true;
        report.proof = *proof;
    }
    cf_buf_init(&body, CF_HUB_MESSAGE_MAX);
    assert_int_equal(cf_hub_report_encode(&report, &body, NULL), CF_OK);
    int status = centre_terminal_call(centre, till, "POST", CF_PATH_HUB_REPORT, cf_buf_bytes(&body));
    cf_buf_done(&body);
    if (status == 200) {
        assert_int_equal(cf_hub_report_reply_decode(cf_buf_bytes(&centre->response.body), ret, NULL), CF_OK);
    }
    return status;
}

static void the_newest_that_anybody_saw_of_a_hub_is_told_to_it(void **state)
{
    struct centre *centre = *state;
    struct store store;
    struct cf_hub_report_reply reply;
    open_store(centre, &store);
    struct cf_hub_witness five = signed_witness(centre, &store.till[0], 1, 1, 5, 0x55);
    struct cf_hub_witness nine = signed_witness(centre, &store.till[0], 1, 1, 9, 0x99);
    assert_int_equal(tell(centre, &store.till[0], 1, NULL, NULL, &reply), 200);
    assert_false(reply.has_witness);
    assert_int_equal(tell(centre, &store.till[1], 1, &nine, NULL, &reply), 200);
    assert_int_equal(tell(centre, &store.till[0], 1, &five, NULL, &reply), 200); /* on its way before the other */
    assert_int_equal(reply.rc, CF_OK);
    assert_true(reply.has_witness);
    assert_memory_equal(&reply.witness, &nine, sizeof nine);
    nine.signature.rs[3] ^= 1;
    nine.seq++;
    assert_int_equal(tell(centre, &store.till[1], 1, &nine, NULL, &reply), 400); /* nobody can make one up */
    assert_int_equal(tell(centre, &store.till[1], 2, &five, NULL, &reply), 404);
    hub_is(centre, 0, "active");
    close_store(&store);
}

static void a_hub_of_which_there_are_two_is_set_apart(void **state)
{
    struct centre *centre = *state;
    struct store store;
    struct cf_hub_report_reply reply;
    static struct cf_down_entry entries[16];
    uint32_t campaign = a_campaign(centre, "leased");
    open_store(centre, &store);
    struct cf_hub_witness one = signed_witness(centre, &store.till[0], 1, 2, 5, 0x55);
    struct cf_hub_witness other = signed_witness(centre, &store.till[0], 1, 2, 5, 0x56);
    assert_int_equal(tell(centre, &store.till[0], 1, &one, NULL, &reply), 200);
    int64_t alarms = centre_count(centre, "/v1/alarms", "alarms");
    assert_int_equal(tell(centre, &store.till[1], 1, &other, NULL, &reply), 200);
    assert_int_equal(reply.rc, CF_E_FENCED);
    hub_is(centre, 0, "fenced");
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), alarms + 1);
    assert_int_equal(centre_figures(centre, campaign).stranded, 4);
    centre_adds_up(centre, campaign);
    size_t n = centre_pulled(centre, &store.till[1], CF_TOPIC_HUB, entries, 16);
    assert_int_equal(entries[n - 1].kind, CF_DOWN_HUB);
    assert_int_equal(entries[n - 1].hub.terminal, 0); /* there is none */
    assert_int_equal(tell(centre, &store.till[0], 1, &one, NULL, &reply), 200);
    assert_int_equal(reply.rc, CF_E_FENCED);
    assert_int_equal(assign(centre, &store.till[0]), 2);
    hub_is(centre, 1, "active");
    close_store(&store);
}

static void a_hub_that_found_itself_out_is_set_apart(void **state)
{
    struct centre *centre = *state;
    struct store store;
    struct cf_hub_report_reply reply;
    open_store(centre, &store);
    struct cf_hub_witness own = signed_witness(centre, &store.till[0], 1, 2, 5, 0x55);
    struct cf_hub_witness proof = signed_witness(centre, &store.till[0], 1, 3, 9, 0x99);
    struct cf_hub_witness made_up = signed_witness(centre, &store.till[1], 1, 3, 9, 0x99);
    assert_int_equal(tell(centre, &store.till[1], 1, NULL, &proof, &reply), 200); /* not a till's to say */
    assert_int_equal(reply.rc, CF_OK);
    assert_int_equal(tell(centre, &store.till[0], 1, &own, &made_up, &reply), 400);
    assert_int_equal(tell(centre, &store.till[0], 1, &own, &proof, &reply), 200);
    assert_int_equal(reply.rc, CF_E_FENCED);
    hub_is(centre, 0, "fenced");
    close_store(&store);
}

static void a_hub_ends_with_its_terminal_s_epoch(void **state)
{
    struct centre *centre = *state;
    struct store store;
    uint32_t campaign = a_campaign(centre, "leased");
    open_store(centre, &store);
    till_enrol_again(centre, &store.till[0]);
    hub_is(centre, 0, "fenced");
    centre_adds_up(centre, campaign);
    assert_int_equal(centre_figures(centre, campaign).stranded, 8); /* the terminal's and the store's */
    assert_int_equal(assign(centre, &store.till[0]), 2);
    centre_adds_up(centre, campaign);
    close_store(&store);
}

static void a_hub_can_be_taken_away(void **state)
{
    struct centre *centre = *state;
    struct store store;
    char path[60];
    open_store(centre, &store);
    (void)snprintf(path, sizeof path, "/v1/stores/%lu/hub", (unsigned long)centre->store_id);
    json_decref(centre_expect(centre, "DELETE", path, NULL, 200));
    hub_is(centre, 0, "replaced");
    centre_refuses(centre, "DELETE", path, NULL, "NOT_FOUND");
    close_store(&store);
}

#define AT_A_CENTRE(test) cmocka_unit_test_setup_teardown(test, centre_start, centre_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AT_A_CENTRE(a_hub_and_the_store_s_terminals_come_down_to_every_till),
        AT_A_CENTRE(an_assignment_that_makes_no_sense_is_refused),
        AT_A_CENTRE(a_store_s_lease_is_part_of_the_budget_and_is_spent_by_its_tills),
        AT_A_CENTRE(a_new_campaign_is_leased_to_stores_with_a_hub),
        AT_A_CENTRE(what_a_hub_that_ended_held_is_stranded_and_pays_for_late_sales),
        AT_A_CENTRE(a_sub_lease_that_no_hub_could_give_is_reported),
        AT_A_CENTRE(what_comes_back_of_a_store_s_lease_is_free),
        AT_A_CENTRE(a_store_s_lease_has_money_that_its_tills_spend_and_that_comes_back),
        AT_A_CENTRE(a_store_s_lease_has_a_share_of_the_day_and_room_of_the_store),
        AT_A_CENTRE(a_hub_is_not_to_blame_for_tills_that_spent_what_it_had_not_lent),
        AT_A_CENTRE(what_a_till_gives_back_to_its_hub_stays_the_store_s),
        AT_A_CENTRE(what_a_hub_that_ended_gives_back_stays_stranded),
        AT_A_CENTRE(a_store_is_asked_for_what_it_does_not_use_where_others_lack),
        AT_A_CENTRE(a_coupon_is_pinned_to_the_whole_store_once_it_has_a_hub),
        AT_A_CENTRE(a_till_s_records_are_taken_from_another_terminal_of_its_store_only),
        AT_A_CENTRE(the_newest_that_anybody_saw_of_a_hub_is_told_to_it),
        AT_A_CENTRE(a_hub_of_which_there_are_two_is_set_apart),
        AT_A_CENTRE(a_hub_that_found_itself_out_is_set_apart),
        AT_A_CENTRE(a_hub_ends_with_its_terminal_s_epoch),
        AT_A_CENTRE(a_hub_can_be_taken_away),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("hubs at the centre", tests, NULL, NULL);
}
