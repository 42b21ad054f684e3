/*
 * tests/unit/central/judge_test.c - what a sale claims against what the centre ever said: a record that a till's key
 * was misused for raises its alarm once, and one that was right when it was made raises none.
 */
#include "tests/unit/central/centre.h"

#include "app/core/open_return.h"
#include "app/core/tax.h"
#include "app/core/user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define KEY_HEX "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define CRATE_ID UINT64_C(4006381333948)
#define DAY_S INT64_C(86400)

static struct centre *now_at; /* of the test that runs, for what a record claims of it */
static cf_sub who;

struct claim {
    const char *why;
    void (*forge)(struct cf_sale *sale);
    const char *alarm; /* the one that it raises; NULL: none */
};

static void import(struct centre *centre, const char *line)
{
    json_decref(centre_expect(centre, "POST", "/v1/catalogue?store=1", line, 200));
}

static size_t alarms(struct centre *centre, const char *name)
{
    json_t *json = centre_expect(centre, "GET", "/v1/alarms", NULL, 200);
    const json_t *list = json_object_get(json, "alarms");
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *alarm = json_array_get(list, i);
        if (name == NULL) {
            print_message("# alarm %s: %s\n", json_text(alarm, "name"), json_text(alarm, "text"));
        }
        n += name == NULL || strcmp(json_text(alarm, "name"), name) == 0;
    }
    json_decref(json);
    return n;
}

static size_t all_alarms(struct centre *centre)
{
    return (size_t)centre_count(centre, "/v1/alarms", "alarms");
}

/* Sells once with what the claim forges, and sees what is alarmed. */
static void judge(struct centre *centre, struct till *till, const struct sold *sold, const struct claim *claim)
{
    struct sold forged = *sold;
    forged.forge = claim->forge;
    size_t before = all_alarms(centre), of_name = claim->alarm != NULL ? alarms(centre, claim->alarm) : 0;
    print_message("# %s\n", claim->why);
    till_sells(centre, till, &forged);
    size_t more = all_alarms(centre) - before;
    if (more != (claim->alarm != NULL)) {
        (void)alarms(centre, NULL);
    }
    assert_int_equal(more, claim->alarm != NULL);
    if (claim->alarm != NULL) {
        assert_int_equal(alarms(centre, claim->alarm), of_name + 1);
    }
}

static void judge_all(struct centre *centre, struct till *till, const struct sold *sold, const struct claim *claims,
                      size_t n)
{
    for (size_t i = 0; i < n; i++) {
        judge(centre, till, sold, &claims[i]);
    }
}
#define ROWS(rows) rows, sizeof rows / sizeof rows[0]

/* --- goods -------------------------------------------------------------------------------------------------------- */

static void with_floor(struct cf_sale *sale)
{
    sale->lines[0].floor_minor = 500;
}

static void with_member_price(struct cf_sale *sale)
{
    sale->lines[0].has_member_price = true;
    sale->lines[0].member_price_minor = 900;
}

static void reduced(struct cf_sale *sale)
{
    sale->lines[0].reduced = true;
}

static void as_delivery(struct cf_sale *sale)
{
    sale->lines[0].delivery = true;
}

static void without_tax(struct cf_sale *sale)
{
    sale->lines[0].tax_bp = 0;
    sale->tax_minor = 0;
}

static void weighed(struct cf_sale *sale)
{
    sale->lines[0].weighed_whole = true;
}

static void entered(struct cf_sale *sale)
{
    sale->lines[0].extra.origin = CF_PRICE_ENTERED;
}

static void of_no_goods(struct cf_sale *sale)
{
    sale->lines[0].product = 77;
    sale->lines[0].extra.origin = CF_PRICE_IN_CODE;
}

static void cheaper_by_no_list(struct cf_sale *sale)
{
    sale->lines[0].extra.origin = CF_PRICE_LIST;
    sale->lines[0].extra.list = 7;
}

static void changed(struct cf_sale *sale)
{
    sale->lines[0].extra.origin = CF_PRICE_OVERRIDE;
    sale->lines[0].shelf_minor = 1250; /* 20 % off */
}

static void of_a_label(struct cf_sale *sale)
{
    sale->lines[0].extra.origin = CF_PRICE_IN_CODE;
}

static void a_line_claims_only_what_the_catalogue_ever_said(void **state)
{
    struct centre *centre = *state;
    struct till till;
    const struct sold sold = {.n_lines = 1};
    static const struct claim rows[] = {
        {"a floor that was never said", with_floor, "FACT"},
        {"a member price that was never said", with_member_price, "FACT"},
        {"reduced, and never was", reduced, "FACT"},
        {"no goods but delivery", as_delivery, "FACT"},
        {"another tax", without_tax, "FACT"},
        {"by weight, and sold by the piece", weighed, "FACT"},
        {"an entered price of goods that have one", entered, "FACT"},
        {"goods that the store never had", of_no_goods, "FACT"},
        {"a price of a list that never was", cheaper_by_no_list, "PRICE"},
        {"as it is", NULL, NULL},
        {"the price of a label", of_a_label, NULL},
        {"changed, in a store without users", changed, NULL},
    };
    static const struct claim later[] = {
        {"the floor of before", with_floor, NULL}, {"the member price of before", with_member_price, NULL},
        {"as delivery before", as_delivery, NULL}, {"the tax of before", without_tax, NULL},
        {"by weight before", weighed, NULL},       {"an open price before", entered, NULL},
        {"reduced before", reduced, NULL},         {"as it is", NULL, NULL},
    };
    static const char *const was[] = {",\"floor_minor\":500",
                                      ",\"member_price_minor\":900",
                                      ",\"delivery\":true",
                                      ",\"tax_bp\":0",
                                      ",\"weighed\":true",
                                      ",\"open_price\":true",
                                      ",\"reduced\":true",
                                      ",\"gone\":true",
                                      ""};
    till_enrol(centre, &till, centre->store_id);
    judge_all(centre, &till, &sold, ROWS(rows));
    for (size_t i = 0; i < sizeof was / sizeof was[0]; i++) {
        char line[240];
        (void)snprintf(line, sizeof line, "{\"code\":\"" PRODUCT_CODE "\",\"name\":\"Pen\",\"price_minor\":1000%s%s}",
                       strstr(was[i], "tax_bp") != NULL ? "" : ",\"tax_bp\":1300", was[i]);
        import(centre, line);
    }
    judge_all(centre, &till, &sold, ROWS(later));
    till_done(&till);
}

static void beyond_any_sale(struct cf_sale *sale)
{
    struct cf_sale_line *line = &sale->lines[0];
    line->unit_price_minor = CF_PRICE_MINOR_MAX;
    line->qty_milli = 11000;
    line->tax_bp = 0;
    sale->tax_minor = 0;
    sale->gross_minor = sale->total_minor = 11 * CF_PRICE_MINOR_MAX;
    cf_tenders_init(&sale->tenders, sale->total_minor);
    const struct cf_tender cash = {.kind = CF_TENDER_CASH, .amount_minor = sale->total_minor};
    assert_int_equal(cf_tenders_add(&sale->tenders, &cash, NULL), CF_OK);
}

/* Or sums over a campaign would burst, and with them every upload behind it. */
static void a_sale_of_more_than_any_till_sells_is_no_sale(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct cf_answer answer;
    struct cf_refusal refusal;
    const struct sold sold = {.n_lines = 1, .forge = beyond_any_sale};
    till_enrol(centre, &till, centre->store_id);
    struct upload *upload = upload_new(&till);
    upload_sale(centre, &till, upload, &sold);
    assert_int_equal(upload_send(centre, &till, upload, &answer, &refusal), 200);
    upload_free(upload);
    assert_int_equal(answer.ack_seq, till.seq);
    assert_int_equal(answer.n_results, 1);
    assert_int_equal(answer.results[0].rc, CF_E_RECORD);
    assert_int_equal(alarms(centre, "RECORD"), 1);
    till_sells(centre, &till, &(struct sold){.n_lines = 1});
    till_done(&till);
}

static void floor_without_member_price(struct cf_sale *sale)
{
    with_floor(sale);
    with_member_price(sale);
}

/* A floor of one catalogue and a member price of another were never said together. */
static void what_was_never_said_at_once_is_not_claimed_at_once(void **state)
{
    struct centre *centre = *state;
    struct till till;
    const struct sold sold = {.n_lines = 1};
    static const struct claim apart = {"both, and never at once", floor_without_member_price, "FACT"};
    static const struct claim together = {"both at once", floor_without_member_price, NULL};
    static const struct claim neither = {"neither, of a catalogue that always had them", NULL, "FACT"};
    till_enrol(centre, &till, centre->store_id);
    static const char *const states[] = {",\"floor_minor\":500", ",\"member_price_minor\":900",
                                         ",\"floor_minor\":500,\"member_price_minor\":900"};
    for (size_t i = 0; i < 3; i++) {
        char line[240];
        (void)snprintf(line, sizeof line,
                       "{\"code\":\"" PRODUCT_CODE "\",\"name\":\"Pen\",\"price_minor\":1000,\"tax_bp\":1300%s}",
                       states[i]);
        import(centre, line);
        judge(centre, &till, &sold, i < 2 ? &apart : &together);
    }
    json_t *json = centre_expect(centre, "POST", "/v1/stores", "{\"name\":\"Two\",\"currency\":\"CNY\"}", 201);
    uint32_t store = (uint32_t)json_int(json, "store");
    json_decref(json);
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/catalogue?store=%lu", (unsigned long)store);
    json_decref(centre_expect(centre, "POST", path,
                              "{\"code\":\"" PRODUCT_CODE
                              "\",\"name\":\"Pen\",\"price_minor\":1000,\"tax_bp\":1300,\"floor_minor\":500}",
                              200));
    struct till other;
    till_enrol(centre, &other, store);
    judge(centre, &other, &sold, &neither);
    till_done(&other);
    till_done(&till);
}

static void by_list(struct cf_sale *sale)
{
    sale->lines[0].extra.origin = CF_PRICE_LIST;
    sale->lines[0].extra.list = 7;
}

static void by_list_reduced(struct cf_sale *sale)
{
    by_list(sale);
    sale->lines[0].reduced = true;
}

static void put_list(struct centre *centre, bool reduced_prices)
{
    char body[240];
    (void)snprintf(body, sizeof body,
                   "{\"name\":\"Week\",\"stores\":[1],\"reduced\":%s,\"prices\":[{\"code\":\"" PRODUCT_CODE
                   "\",\"price_minor\":1000}]}",
                   reduced_prices ? "true" : "false");
    json_decref(centre_expect(centre, "PUT", "/v1/price-lists/7", body, 200));
}

static void a_list_says_whether_its_prices_are_reduced(void **state)
{
    struct centre *centre = *state;
    struct till till;
    const struct sold sold = {.n_lines = 1};
    static const struct claim reduced_list[] = {{"reduced, as the list", by_list_reduced, NULL},
                                                {"not reduced, and the list is", by_list, "FACT"}};
    static const struct claim both[] = {{"reduced, as the list was", by_list_reduced, NULL},
                                        {"not reduced, as the list is now", by_list, NULL}};
    till_enrol(centre, &till, centre->store_id);
    put_list(centre, true);
    judge_all(centre, &till, &sold, ROWS(reduced_list));
    put_list(centre, false);
    judge_all(centre, &till, &sold, ROWS(both));
    till_done(&till);
}

static void with_deposit(struct cf_sale *sale)
{
    struct cf_sale_line *crate = &sale->lines[1];
    crate->product = CRATE_ID;
    crate->delivery = true;
    crate->floor_minor = crate->unit_price_minor;
    crate->extra.deposit_of = 1;
}

static void a_deposit_is_that_of_its_goods(void **state)
{
    struct centre *centre = *state;
    struct till till;
    const struct sold sold = {.n_lines = 2};
    static const struct claim none = {"a deposit on goods that have none", with_deposit, "FACT"};
    static const struct claim good = {"their deposit", with_deposit, NULL};
    till_enrol(centre, &till, centre->store_id);
    import(centre, "{\"code\":\"4006381333948\",\"name\":\"Crate\",\"price_minor\":1000,\"tax_bp\":1300}");
    judge(centre, &till, &sold, &none);
    import(centre, "{\"code\":\"" PRODUCT_CODE
                   "\",\"name\":\"Pen\",\"price_minor\":1000,\"tax_bp\":1300,\"deposit\":\"4006381333948\"}");
    judge(centre, &till, &sold, &good);
    import(centre, "{\"code\":\"" PRODUCT_CODE "\",\"name\":\"Pen\",\"price_minor\":1000,\"tax_bp\":1300}");
    judge(centre, &till, &sold, &good);
    till_done(&till);
}

/* --- settings ----------------------------------------------------------------------------------------------------- */

static void by_line(struct cf_sale *sale)
{
    sale->tax_mode = cf_tax_mode_of(CF_TAX_INCLUSIVE, CF_TAX_BY_LINE);
}

static void on_top(struct cf_sale *sale)
{
    sale->tax_mode = CF_TAX_EXCLUSIVE;
    sale->tax_minor = 130;
    sale->total_minor = 1130;
    sale->tenders.total_minor = 1130;
    sale->tenders.tender[0].amount_minor = 1130;
}

static void in_dollars(struct cf_sale *sale)
{
    struct cf_tender *tender = &sale->tenders.tender[0];
    tender->foreign_minor = 200;
    memcpy(tender->rate.currency.code, "USD", 4);
    tender->rate.rate_e8 = 712340000;
    tender->amount_minor = 1425;
    sale->change_minor = 425;
}

static void rounded(struct cf_sale *sale)
{
    sale->tenders.rounding_minor = -9;
    sale->tenders.tender[0].amount_minor -= 9;
}

static void taxes_coins_and_rates_are_those_of_the_store(void **state)
{
    struct centre *centre = *state;
    struct till till;
    const struct sold sold = {.n_lines = 1};
    static const struct claim never[] = {{"taxes by line", by_line, "FACT"},
                                         {"taxes on top", on_top, "FACT"},
                                         {"dollars", in_dollars, "FACT"},
                                         {"rounded to ten", rounded, "FACT"}};
    static const struct claim once[] = {{"taxes by line", by_line, NULL},
                                        {"taxes on top", on_top, "FACT"},
                                        {"dollars", in_dollars, NULL},
                                        {"rounded to ten", rounded, NULL}};
    till_enrol(centre, &till, centre->store_id);
    judge_all(centre, &till, &sold, ROWS(never));
    json_decref(centre_expect(centre, "PUT", "/v1/stores/1/settings",
                              "{\"tax_rounding\":\"line\",\"cash\":{\"step_minor\":10,\"way\":\"down\"},"
                              "\"rates\":[{\"currency\":\"USD\",\"rate\":\"7.1234\"}]}",
                              200));
    judge_all(centre, &till, &sold, ROWS(once));
    json_decref(centre_expect(centre, "PUT", "/v1/stores/1/settings",
                              "{\"rates\":[{\"currency\":\"USD\",\"rate\":\"7.2\"}]}", 200));
    judge_all(centre, &till, &sold, ROWS(once)); /* a till that was offline meanwhile */
    till_done(&till);
}

/* --- people ------------------------------------------------------------------------------------------------------- */

enum { CASHIER = 1, SUPERVISOR = 2, MANAGER = 3, TECHNICIAN = 4, NOBODY = 9 };

static void put_user(struct centre *centre, uint32_t user, const char *role)
{
    char body[160];
    (void)snprintf(body, sizeof body, "{\"user\":%lu,\"name\":\"N\",\"role\":\"%s\",\"pin\":\"482915\"}",
                   (unsigned long)user, role);
    int status;
    json_decref(centre_call(centre, "POST", "/v1/stores/1/users", body, &status));
    assert_true(status == 200 || status == 201);
}

static void sold_by_cashier(struct cf_sale *sale)
{
    sale->people.user = CASHIER;
}

static void sold_by_nobody(struct cf_sale *sale)
{
    sale->people.user = NOBODY;
}

static void sold_by_technician(struct cf_sale *sale)
{
    sale->people.user = TECHNICIAN;
}

static void changed_by_cashier(struct cf_sale *sale)
{
    changed(sale);
    sale->people.user = CASHIER;
}

static void changed_by_supervisor(struct cf_sale *sale)
{
    changed(sale);
    sale->people.user = SUPERVISOR;
}

static void changed_too_far_by_supervisor(struct cf_sale *sale)
{
    changed_by_supervisor(sale);
    sale->lines[0].shelf_minor = 1260;
}

static void allow(struct cf_sale *sale, uint32_t by, int64_t minor, uint32_t percent_bp)
{
    struct cf_sale_override *o = &sale->people.overrides[sale->people.n_overrides++];
    *o = (struct cf_sale_override){.act = CF_ACT_PRICE, .by = by, .size = {minor, percent_bp}};
    memcpy(o->reason, "scratched", 10);
}

static void allowed_by_manager(struct cf_sale *sale)
{
    changed_by_cashier(sale);
    allow(sale, MANAGER, 250, 2000);
}

static void allowed_by_manager_but_less(struct cf_sale *sale)
{
    changed_by_cashier(sale);
    allow(sale, MANAGER, 249, 2000);
}

static void allowed_by_nobody(struct cf_sale *sale)
{
    changed_by_cashier(sale);
    allow(sale, NOBODY, 250, 2000);
}

static void allowed_by_supervisor_beyond(struct cf_sale *sale)
{
    changed_by_cashier(sale);
    sale->lines[0].shelf_minor = 2000;
    allow(sale, SUPERVISOR, 1000, 5000);
}

/* 60 off one of 1000, which is a cashier's by amount and not by percent. */
static void given_by(struct cf_sale *sale, uint32_t user)
{
    sale->people.user = CASHIER;
    sale->n_by_hand = 1;
    sale->by_hand[0] = (struct cf_hand_given){.asked = {.asked_minor = 60, .user = user}, .amount_minor = 60};
    memcpy(sale->by_hand[0].asked.reason, "dented", 7);
    sale->lines[0].discount_minor = sale->discount_minor = 60;
    sale->tax_minor = 108;
    sale->total_minor = sale->tenders.total_minor = sale->tenders.tender[0].amount_minor = 940;
}

static void given_by_cashier(struct cf_sale *sale)
{
    given_by(sale, CASHIER);
}

static void given_by_supervisor(struct cf_sale *sale)
{
    given_by(sale, SUPERVISOR);
}

static void given_by_nobody(struct cf_sale *sale)
{
    given_by(sale, NOBODY);
}

static void given_before_there_were_users(struct cf_sale *sale)
{
    given_by(sale, 0);
}

static void given_before_and_finished_by_supervisor(struct cf_sale *sale)
{
    given_by(sale, 0);
    sale->people.user = SUPERVISOR;
}

static void given_as_allowed(struct cf_sale *sale)
{
    given_by(sale, CASHIER);
    allow(sale, MANAGER, 60, 600);
    sale->people.overrides[0].act = CF_ACT_DISCOUNT;
}

static void a_changed_price_needs_somebody_who_might(void **state)
{
    struct centre *centre = *state;
    struct till till;
    const struct sold sold = {.n_lines = 1};
    static const struct claim before[] = {{"a user of a store without users", sold_by_cashier, "PERMIT"},
                                          {"nobody, of a store without users", NULL, NULL}};
    static const struct claim rows[] = {
        {"a cashier sells", sold_by_cashier, NULL},
        {"a user who never was", sold_by_nobody, "PERMIT"},
        {"a technician sells", sold_by_technician, "PERMIT"},
        {"nobody is logged in, at a till that knew of users", NULL, "PERMIT"},
        {"a cashier changes a price alone", changed_by_cashier, "PERMIT"},
        {"a supervisor, as far as they may", changed_by_supervisor, NULL},
        {"a supervisor, further", changed_too_far_by_supervisor, "PERMIT"},
        {"a manager allows it", allowed_by_manager, NULL},
        {"a manager allows less", allowed_by_manager_but_less, "PERMIT"},
        {"somebody allows it who never was", allowed_by_nobody, "PERMIT"},
        {"a supervisor allows what they may not", allowed_by_supervisor_beyond, "PERMIT"},
        {"a cashier gives a discount beyond theirs", given_by_cashier, "PERMIT"},
        {"a supervisor gives it", given_by_supervisor, NULL},
        {"somebody gives it who never was", given_by_nobody, "PERMIT"},
        {"a manager allows it to a cashier", given_as_allowed, NULL},
        {"nobody was logged in, and who finished it may", given_before_and_finished_by_supervisor, NULL},
        {"nobody was, and who finished it may not", given_before_there_were_users, "PERMIT"},
    };
    static const struct claim offline[] = {{"nobody, before the till heard of users", NULL, NULL}};
    static const struct claim gone[] = {{"a manager allowed it who is gone", allowed_by_manager, NULL},
                                        {"a cashier who became a technician", sold_by_cashier, NULL}};
    struct till_clock clock = {.boot = 7, .quality = CF_TIME_SYNCED, .wall_ms = centre->now.us / CF_US_PER_MS};
    till_enrol(centre, &till, centre->store_id);
    judge_all(centre, &till, &sold, ROWS(before));
    put_user(centre, CASHIER, "cashier");
    put_user(centre, SUPERVISOR, "supervisor");
    put_user(centre, MANAGER, "manager");
    put_user(centre, TECHNICIAN, "technician");
    clock.mono_ms = 1000;
    clock.down_cursor = 1000000;
    till.clock = &clock;
    judge_all(centre, &till, &sold, ROWS(rows));
    clock.down_cursor = 1;
    judge_all(centre, &till, &sold, ROWS(offline));
    json_decref(centre_expect(centre, "DELETE", "/v1/stores/1/users/3", NULL, 200));
    put_user(centre, CASHIER, "technician");
    judge_all(centre, &till, &sold, ROWS(gone));
    till_done(&till);
}

/* An open sale stays open while another user logs in: the record names who finished it. */
static void who_was_logged_in_before_may_have_changed_the_price(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct cf_answer answer;
    struct cf_refusal refusal;
    const struct sold sold = {.n_lines = 1};
    static const struct claim alone = {"a cashier alone", changed_by_cashier, "PERMIT"};
    static const struct claim after = {"finished by a cashier after a manager", changed_by_cashier, NULL};
    put_user(centre, CASHIER, "cashier");
    put_user(centre, MANAGER, "manager");
    till_enrol(centre, &till, centre->store_id);
    judge(centre, &till, &sold, &alone);
    struct cf_user_event login = {.kind = CF_USER_LOGIN, .user = MANAGER, .role = CF_ROLE_MANAGER};
    memcpy(login.shown, "3", 2);
    struct cf_buf body;
    cf_buf_init(&body, 4096);
    assert_int_equal(cf_user_event_encode(&login, &body, NULL), CF_OK);
    struct upload *upload = upload_new(&till);
    upload_add(centre, &till, upload, CF_RECORD_USER, cf_buf_bytes(&body));
    assert_int_equal(upload_send(centre, &till, upload, &answer, &refusal), 200);
    upload_free(upload);
    cf_buf_done(&body);
    judge(centre, &till, &sold, &after);
    till_done(&till);
}

/* --- facts -------------------------------------------------------------------------------------------------------- */

static cf_sub join(struct centre *centre)
{
    json_t *json =
        centre_expect(centre, "POST", "/v1/members", "{\"name\":\"Li\",\"device_key\":\"" KEY_HEX "\"}", 201);
    cf_sub sub;
    assert_int_equal(cf_hex_decode(json_text(json, "member"), sub.b, CF_SUB_BYTES, NULL), CF_OK);
    json_decref(json);
    return sub;
}

static void agree(struct centre *centre, const char *facts)
{
    char path[80] = "/v1/members/";
    cf_hex_encode(cf_bytes_of(who.b, CF_SUB_BYTES), path + strlen(path));
    (void)snprintf(path + strlen(path), sizeof path - strlen(path), "/facts");
    json_decref(centre_expect(centre, "POST", path, facts, 200));
}

static void of_tier_2(struct cf_sale *sale)
{
    sale->member_tier = 2;
    sale->points = 12; /* a quarter more */
}

static void in_segment_7(struct cf_sale *sale)
{
    sale->facts.n_segments = 1;
    sale->facts.segments[0] = 7;
}

static void on_birthday(struct cf_sale *sale)
{
    sale->facts.birthday = 229;
}

static void third_visit(struct cf_sale *sale)
{
    sale->facts.visits = 3;
}

static void first_purchase(struct cf_sale *sale)
{
    sale->facts.first_purchase = true;
}

static void in_another_store(struct cf_sale *sale)
{
    sale->facts.channel = CF_CHANNEL_STORE;
    sale->facts.store = now_at->store_id + 1;
}

static void in_this_store(struct cf_sale *sale)
{
    sale->facts.channel = CF_CHANNEL_STORE;
    sale->facts.store = now_at->store_id;
}

static void at_local(struct cf_sale *sale, int64_t shift_s)
{
    struct cf_civil_time local = cf_civil_at((cf_wall){now_at->now.us + shift_s * CF_US_PER_S}, 0);
    sale->facts.local_date = local.date;
    sale->facts.weekday = local.weekday;
    sale->facts.minute = local.minute;
}

static void an_hour_later(struct cf_sale *sale)
{
    at_local(sale, 3600);
}

static void at_that_minute(struct cf_sale *sale)
{
    at_local(sale, 0);
}

static void facts_are_those_of_the_till_and_of_the_card(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct sold sold = {.n_lines = 1, .has_member = true};
    static const struct claim rows[] = {
        {"a tier above the member's", of_tier_2, "FACT"},
        {"a segment that no card claimed", in_segment_7, "FACT"},
        {"another birthday", on_birthday, "FACT"},
        {"another store's", in_another_store, "FACT"},
        {"this store", in_this_store, NULL},
        {"an hour later", an_hour_later, "FACT"},
        {"that minute", at_that_minute, NULL},
        {"nothing", NULL, NULL},
    };
    static const struct claim agreed[] = {{"the segment", in_segment_7, NULL}, {"the birthday", on_birthday, NULL}};
    now_at = centre;
    who = sold.member = join(centre);
    till_enrol(centre, &till, centre->store_id);
    judge_all(centre, &till, &sold, ROWS(rows));
    agree(centre, "{\"birthday\":\"02-29\",\"segments\":[5,7]}");
    judge_all(centre, &till, &sold, ROWS(agreed));
    agree(centre, "{\"birthday\":\"03-01\",\"segments\":[5]}");
    judge_all(centre, &till, &sold, ROWS(agreed)); /* by the card of before */
    till_done(&till);
}

static void tills_of_before_said_visits_without_whose_word_it_was(void **state)
{
    struct centre *centre = *state;
    struct till till, other;
    struct sold sold = {.n_lines = 1, .has_member = true};
    static const struct claim too_many = {"the third visit, at the first sale", third_visit, "FACT"};
    static const struct claim first = {"the first purchase, by a card that does not know of a sale today",
                                       first_purchase, NULL};
    static const struct claim own = {"the first purchase, of somebody to whom the till itself had sold", first_purchase,
                                     "FACT"};
    static const struct claim lie = {"the first purchase, of a card that knows of others", first_purchase, "FACT"};
    static const struct claim third = {"the third visit", third_visit, NULL};
    struct till_clock clock = {.boot = 8, .quality = CF_TIME_SYNCED};
    now_at = centre;
    till_enrol(centre, &till, centre->store_id);
    till_enrol(centre, &other, centre->store_id);
    who = sold.member = join(centre);
    judge(centre, &till, &sold, &too_many);
    judge(centre, &other, &sold, &first);
    judge(centre, &till, &sold, &third);
    judge(centre, &till, &sold, &own);
    till_done(&other);
    till_enrol(centre, &other, centre->store_id);
    centre->now.us += 3 * DAY_S * CF_US_PER_S;
    clock.mono_ms = clock.wall_ms = centre->now.us / CF_US_PER_MS;
    other.clock = &clock;
    judge(centre, &other, &sold, &lie);
    till_done(&till);
    till_done(&other);
}

/* What the next sale says, and whose word it is. */
static struct {
    uint32_t visits;
    struct cf_visits_basis basis;
} word;

static void by_that_word(struct cf_sale *sale)
{
    sale->member_live = true;
    sale->member_counter = 1;
    sale->facts.first_purchase = word.visits == 1;
    sale->facts.visits = word.visits;
    sale->visits = word.basis;
}

static void says_so(struct centre *centre, struct till *till, const struct sold *sold, uint32_t visits,
                    struct cf_visits_basis basis, const char *why, const char *alarm)
{
    const struct claim claim = {why, by_that_word, alarm};
    word.visits = visits;
    word.basis = basis;
    judge(centre, till, sold, &claim);
}

#define CARD_OF(day, more) ((struct cf_visits_basis){.source = CF_VISITS_CARD, .as_of = (day), .own = (more)})
#define CENTRE_AT(at_s, seq, more)                                                                                     \
    ((struct cf_visits_basis){.source = CF_VISITS_CENTRE, .as_of = (at_s), .heard_seq = (seq), .own = (more)})

/* Each row is another sale of the member. */
static void visits_are_held_against_who_said_them_and_the_tills_own_log(void **state)
{
    struct centre *centre = *state;
    struct till a, b, c;
    struct sold sold = {.n_lines = 1, .has_member = true};
    const int64_t today = centre->now.us / CF_US_PER_S / DAY_S, now_s = centre->now.us / CF_US_PER_S;
    struct till_clock clock = {.boot = 8, .quality = CF_TIME_SYNCED};
    now_at = centre;
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    till_enrol(centre, &c, centre->store_id);
    who = sold.member = join(centre);
    says_so(centre, &a, &sold, 1, CARD_OF(today, 0), "the first, by today's card", NULL);
    says_so(centre, &a, &sold, 1, CARD_OF(today, 0), "the first again, at the till that sold before", "FACT");
    says_so(centre, &a, &sold, 3, CARD_OF(today, 2), "the third, with two of its own", NULL);
    says_so(centre, &a, &sold, 5, CARD_OF(today, 4), "four of its own, where its log has three", "FACT");
    says_so(centre, &b, &sold, 6, CARD_OF(today, 0), "a card that knows more than there was", "FACT");
    says_so(centre, &b, &sold, 2, CARD_OF(today + 1, 0), "tomorrow's card", "FACT");
    says_so(centre, &c, &sold, 7, CENTRE_AT(now_s, 0, 0), "the centre knew of six", NULL);
    says_so(centre, &c, &sold, 8, CENTRE_AT(now_s, 1, 0), "it had heard of that", NULL);
    says_so(centre, &c, &sold, 9, CENTRE_AT(now_s, 1, 0), "it had not heard of the last, which the till left out",
            "FACT");
    centre->now.us += 4 * DAY_S * CF_US_PER_S;
    clock.mono_ms = clock.wall_ms = centre->now.us / CF_US_PER_MS;
    c.clock = &clock;
    says_so(centre, &c, &sold, 10, CARD_OF(today, 0), "a card of four days ago", "FACT");
    says_so(centre, &c, &sold, 3, CARD_OF(today + 4, 0), "a card of today that knows of two", "FACT");
    till_done(&a);
    till_done(&b);
    till_done(&c);
}

static uint32_t beside;

static void beside_a_coupon_that_was_kept(struct cf_sale *sale)
{
    sale->n_discounts = 1;
    sale->discounts[0] = (struct cf_sale_discount){beside, 1, -1, 100};
    sale->lines[0].discount_minor = 100;
    sale->discount_minor = 100;
    sale->tax_minor = 104;
    sale->total_minor = sale->tenders.total_minor = sale->tenders.tender[0].amount_minor = 900;
    sale->facts.n_coupons = 1;
    sale->facts.coupons[0] = beside - 1;
}

static void a_promotion_that_goes_with_a_coupon_uses_it_up(void **state)
{
    struct centre *centre = *state;
    struct till till;
    const struct sold sold = {.n_lines = 1};
    static const struct claim kept = {"the coupon beside it is kept", beside_a_coupon_that_was_kept, "FACT"};
    char body[240];
    uint32_t companion = centre_campaign(centre, "leased", 10, "");
    (void)snprintf(body, sizeof body,
                   "{\"name\":\"Beside\",\"policy\":\"automatic\",\"promotion\":{\"kind\":\"order_percent\","
                   "\"percent_bp\":1000,\"with_campaign\":%lu}}",
                   (unsigned long)companion);
    json_t *json = centre_expect(centre, "POST", "/v1/campaigns", body, 201);
    beside = (uint32_t)json_int(json, "campaign");
    json_decref(json);
    assert_int_equal(beside, companion + 1);
    till_enrol(centre, &till, centre->store_id);
    judge(centre, &till, &sold, &kept);
    till_done(&till);
}

/* Twice the points by campaign `beside`: ten of the twenty are its. */
static void twice_the_points(struct cf_sale *sale)
{
    sale->points = 20;
    sale->n_effects = 1;
    sale->effects[0] = (struct cf_sale_effect){beside, 1, -1};
    sale->n_points_by = 1;
    sale->points_by[0] = (struct cf_points_given){beside, 10};
}

static void one_point_of_the_campaign_too_many(struct cf_sale *sale)
{
    twice_the_points(sale);
    sale->points_by[0].points = 11;
}

static void as_tills_of_before_said_it(struct cf_sale *sale)
{
    twice_the_points(sale);
    sale->n_points_by = 0;
}

static void points_of_a_campaign_are_reckoned_again(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct cf_answer answer;
    struct cf_refusal refusal;
    struct sold sold = {.n_lines = 1, .has_member = true};
    json_t *json = centre_expect(centre, "POST", "/v1/campaigns",
                                 "{\"name\":\"Twice\",\"policy\":\"automatic\",\"promotion\":{\"kind\":\"effect\","
                                 "\"points_bp\":20000}}",
                                 201);
    beside = (uint32_t)json_int(json, "campaign");
    json_decref(json);
    till_enrol(centre, &till, centre->store_id);
    who = sold.member = join(centre);
    sold.forge = twice_the_points;
    till_sells(centre, &till, &sold);
    sold.forge = as_tills_of_before_said_it;
    till_sells(centre, &till, &sold);
    assert_int_equal(all_alarms(centre), 0);
    sold.forge = one_point_of_the_campaign_too_many;
    struct upload *upload = upload_new(&till);
    upload_sale(centre, &till, upload, &sold);
    assert_int_equal(upload_send(centre, &till, upload, &answer, &refusal), 200);
    upload_free(upload);
    assert_int_equal(answer.n_results, 1);
    assert_int_equal(answer.results[0].rc, CF_E_RECORD);
    assert_int_equal(alarms(centre, "RECORD"), 1);
    till_done(&till);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, centre_start, centre_stop)

/* --- goods without a receipt -------------------------------------------------------------------------------------- */

static void returns_openly_at(struct centre *centre, struct till *till, int64_t price_minor, uint32_t tax_bp)
{
    struct cf_open_return back = {.return_no = ++till->sale_no,
                                  .business_day = 20260107,
                                  .reason = "gift",
                                  .currency = {"CNY"},
                                  .tax_mode = CF_TAX_INCLUSIVE,
                                  .n_lines = 1,
                                  .lines = {{PRODUCT_ID, 1000, price_minor, tax_bp, 0}},
                                  .cash = {1, CF_CASH_NEAREST}};
    struct upload *upload = upload_new(till);
    struct cf_answer answer;
    struct cf_refusal refusal;
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    cf_buf_init(&body, CF_RECORD_BODY_MAX);
    assert_int_equal(cf_open_return_add_up(&back, NULL), CF_OK);
    assert_int_equal(cf_open_return_encode(&back, &body, NULL), CF_OK);
    upload_add(centre, till, upload, CF_RECORD_OPEN_RETURN, cf_buf_bytes(&body));
    assert_int_equal(upload_send(centre, till, upload, &answer, &refusal), 200);
    assert_int_equal(answer.n_results, 0);
    upload_free(upload);
}

static void returns_openly(struct centre *centre, struct till *till, int64_t price_minor)
{
    returns_openly_at(centre, till, price_minor, PRODUCT_TAX_BP);
}

static void goods_without_a_receipt_come_back_at_a_rate_that_was_said(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    returns_openly_at(centre, &till, 1000, 0);
    assert_int_equal(alarms(centre, "FACT"), 1);
    import(centre, "{\"code\":\"" PRODUCT_CODE "\",\"name\":\"Pen\",\"price_minor\":1000,\"tax_bp\":900}");
    returns_openly_at(centre, &till, 1000, 1300); /* as it was */
    returns_openly_at(centre, &till, 1000, 900);
    assert_int_equal(all_alarms(centre), 1);
    till_done(&till);
}

static void goods_without_a_receipt_come_back_at_a_price_that_was_said(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    returns_openly(centre, &till, 1000);
    assert_int_equal(all_alarms(centre), 0);
    returns_openly(centre, &till, 900);
    assert_int_equal(alarms(centre, "PRICE"), 1);
    import(centre, "{\"code\":\"" PRODUCT_CODE "\",\"name\":\"Pen\",\"price_minor\":1000,\"tax_bp\":1300,"
                   "\"member_price_minor\":800}");
    import(centre, "{\"code\":\"" PRODUCT_CODE "\",\"name\":\"Pen\",\"price_minor\":1000,\"tax_bp\":1300}");
    returns_openly(centre, &till, 800); /* as members had it */
    assert_int_equal(all_alarms(centre), 1);
    returns_openly(centre, &till, 801);
    assert_int_equal(alarms(centre, "PRICE"), 2);
    till_done(&till);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_claims_only_what_the_catalogue_ever_said),
        TEST(a_sale_of_more_than_any_till_sells_is_no_sale),
        TEST(goods_without_a_receipt_come_back_at_a_price_that_was_said),
        TEST(goods_without_a_receipt_come_back_at_a_rate_that_was_said),
        TEST(what_was_never_said_at_once_is_not_claimed_at_once),
        TEST(a_list_says_whether_its_prices_are_reduced),
        TEST(a_deposit_is_that_of_its_goods),
        TEST(taxes_coins_and_rates_are_those_of_the_store),
        TEST(a_changed_price_needs_somebody_who_might),
        TEST(who_was_logged_in_before_may_have_changed_the_price),
        TEST(facts_are_those_of_the_till_and_of_the_card),
        TEST(tills_of_before_said_visits_without_whose_word_it_was),
        TEST(visits_are_held_against_who_said_them_and_the_tills_own_log),
        TEST(a_promotion_that_goes_with_a_coupon_uses_it_up),
        TEST(points_of_a_campaign_are_reckoned_again),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
