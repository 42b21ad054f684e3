/*
 * tests/unit/update/update_test.c - what a machine does about an update, event by event; what it writes down of it.
 */
#include "app/update/update.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SIZE UINT64_C(5000000)

static const struct cf_machine_facts here = {.version = "1.0", .hardware = "counter-x86", .schema = 17};
static const struct cf_update nothing = {.order = {.none = true}};

static struct cf_update_order order_of(uint32_t number, const char *version)
{
    struct cf_update_order order = {
        .release = {.number = number, .hardware = "counter-x86", .size = SIZE, .schema = 18, .readable_from = 17},
        .when = CF_UPDATE_AT_CLOSE,
    };
    (void)snprintf(order.release.version, sizeof order.release.version, "%s", version);
    memset(order.release.hash.digest, (int)number, CF_SHA256_BYTES);
    return order;
}

static struct cf_update after(struct cf_update update, enum cf_update_event_kind kind)
{
    struct cf_update_event event = {.kind = kind, .facts = &here, .fetched = SIZE, .boot_id = {1}};
    return cf_update_step(&update, &event);
}

static struct cf_update after_order(struct cf_update update, const struct cf_update_order *order)
{
    struct cf_update_event event = {.kind = CF_UPDATE_ORDERED, .facts = &here, .order = order};
    return cf_update_step(&update, &event);
}

/* As far as `state`, on the straight way. */
static struct cf_update at(enum cf_update_state state)
{
    static const enum cf_update_event_kind way[] = {CF_UPDATE_GOT,      CF_UPDATE_GENUINE, CF_UPDATE_BEGUN,
                                                    CF_UPDATE_IN_PLACE, CF_UPDATE_NOW,     CF_UPDATE_HEALTHY};
    struct cf_update_order order = order_of(1, "1.1");
    struct cf_update update = after_order(nothing, &order);
    for (size_t i = 0; i < sizeof way / sizeof way[0] && update.state != state; i++) {
        update = after(update, way[i]);
    }
    assert_int_equal(update.state, state);
    return update;
}

static void it_goes_from_one_state_to_the_next_and_skips_none(void **state)
{
    (void)state;
    assert_int_equal(cf_update_next(&nothing, &here), CF_UPDATE_REST);
    struct cf_update update = at(CF_UPDATE_FETCHING);
    assert_int_equal(cf_update_next(&update, &here), CF_UPDATE_FETCH);
    assert_int_equal(after(update, CF_UPDATE_GENUINE).state, CF_UPDATE_FETCHING); /* not all of it is here */
    update = after(update, CF_UPDATE_GOT);
    assert_int_equal(cf_update_next(&update, &here), CF_UPDATE_VERIFY);
    assert_int_equal(after(update, CF_UPDATE_BEGUN).state, CF_UPDATE_FETCHING);
    update = after(update, CF_UPDATE_GENUINE);
    assert_int_equal(cf_update_next(&update, &here), CF_UPDATE_INSTALL);
    assert_int_equal(after(update, CF_UPDATE_NOW).state, CF_UPDATE_VERIFIED);
    update = after(after(update, CF_UPDATE_BEGUN), CF_UPDATE_IN_PLACE);
    assert_int_equal(cf_update_next(&update, &here), CF_UPDATE_AWAIT);
    assert_int_equal(after(update, CF_UPDATE_HEALTHY).state, CF_UPDATE_INSTALLED);
    update = after(update, CF_UPDATE_NOW);
    assert_int_equal(cf_update_next(&update, &here), CF_UPDATE_RESTART);
    const struct cf_machine_facts there = {.version = "1.1", .hardware = "counter-x86", .schema = 18};
    assert_int_equal(cf_update_next(&update, &there), CF_UPDATE_LOOK);
    update = after(update, CF_UPDATE_HEALTHY);
    assert_int_equal(update.state, CF_UPDATE_ACTIVATED);
    assert_int_equal(cf_update_next(&update, &there), CF_UPDATE_REST);
}

static void what_does_not_suit_fails_by_name_and_is_not_fetched(void **state)
{
    (void)state;
    struct cf_update_order order = order_of(1, "0.9");
    assert_int_equal(after_order(nothing, &order).rc, CF_E_UPDATE_OLD);
    order = order_of(1, "1.1");
    order.release.hardware[0] = 'k';
    assert_int_equal(after_order(nothing, &order).rc, CF_E_UPDATE_HARDWARE);
    order = order_of(1, "1.1");
    order.release.schema = order.release.readable_from = 18;
    assert_int_equal(after_order(nothing, &order).rc, CF_E_UPDATE_FORMAT);
    struct cf_update update = after_order(nothing, &order);
    assert_int_equal(cf_update_next(&update, &here), CF_UPDATE_REST);
    order = order_of(1, "1.0.0"); /* it runs: there is nothing to do */
    assert_int_equal(after_order(nothing, &order).state, CF_UPDATE_ACTIVATED);
}

static void another_release_begins_anew_and_none_ends_what_is_under_way(void **state)
{
    static const struct cf_update_order none = {.none = true};
    struct cf_update_order other = order_of(2, "1.2");
    (void)state;
    for (enum cf_update_state s = CF_UPDATE_FETCHING; s <= CF_UPDATE_INSTALLED; s++) {
        struct cf_update update = after_order(at(s), &other);
        assert_int_equal(update.state, CF_UPDATE_FETCHING);
        assert_int_equal(update.fetched, 0);
        assert_int_equal(after_order(at(s), &none).state, CF_UPDATE_IDLE);
    }
    /* The machine goes down: nothing takes that back, and what it is then is asked then. */
    assert_int_equal(after_order(at(CF_UPDATE_ACTIVATING), &other).state, CF_UPDATE_ACTIVATING);
    assert_int_equal(after_order(at(CF_UPDATE_ACTIVATING), &none).state, CF_UPDATE_ACTIVATING);
    assert_int_equal(after_order(at(CF_UPDATE_ACTIVATED), &none).state, CF_UPDATE_ACTIVATED);
}

static void the_same_order_again_changes_the_hour_alone(void **state)
{
    (void)state;
    for (enum cf_update_state s = CF_UPDATE_FETCHING; s <= CF_UPDATE_INSTALLED; s++) {
        struct cf_update_order order = order_of(1, "1.1");
        order.when = CF_UPDATE_AT_MINUTE;
        order.minute = 210;
        struct cf_update before = at(s), update = after_order(before, &order);
        assert_int_equal(update.state, s);
        assert_int_equal(update.fetched, before.fetched);
        assert_int_equal(update.order.minute, 210);
    }
}

static void what_is_not_genuine_is_fetched_again_three_times_in_all(void **state)
{
    (void)state;
    struct cf_update update = after(at(CF_UPDATE_FETCHING), CF_UPDATE_GOT);
    for (int i = 1; i < CF_UPDATE_FETCHES_MAX; i++) {
        update = after(update, CF_UPDATE_ALTERED);
        assert_int_equal(update.state, CF_UPDATE_FETCHING);
        assert_int_equal(update.fetched, 0);
        update = after(update, CF_UPDATE_GOT);
    }
    update = after(update, CF_UPDATE_ALTERED);
    assert_int_equal(update.state, CF_UPDATE_FAILED);
    assert_int_equal(update.rc, CF_E_UPDATE_ALTERED);
}

static void what_cannot_be_installed_is_tried_twice(void **state)
{
    (void)state;
    struct cf_update update = after(at(CF_UPDATE_INSTALLING), CF_UPDATE_NOT_PLACED);
    assert_int_equal(update.state, CF_UPDATE_VERIFIED);
    update = after(after(update, CF_UPDATE_BEGUN), CF_UPDATE_NOT_PLACED);
    assert_int_equal(update.rc, CF_E_UPDATE_INSTALL);
    assert_int_equal(after(at(CF_UPDATE_FETCHING), CF_UPDATE_NO_ROOM).rc, CF_E_UPDATE_SPACE);
    assert_int_equal(after(at(CF_UPDATE_ACTIVATING), CF_UPDATE_NOT_NOW).rc, CF_E_UPDATE_INSTALL);
}

static void after_the_restart_what_runs_decides(void **state)
{
    const struct cf_machine_facts there = {.version = "1.1", .hardware = "counter-x86", .schema = 18};
    struct cf_update update = at(CF_UPDATE_ACTIVATING);
    struct cf_update_event event = {.kind = CF_UPDATE_STARTED, .facts = &here, .boot_id = {1}};
    (void)state;
    assert_int_equal(cf_update_step(&update, &event).state, CF_UPDATE_ACTIVATING); /* the process alone was restarted */
    event.boot_id[0] = 2;
    assert_int_equal(cf_update_step(&update, &event).rc, CF_E_UPDATE_INSTALL); /* the old system: it went back */
    event.facts = &there;
    assert_int_equal(cf_update_step(&update, &event).state, CF_UPDATE_ACTIVATING); /* until it is healthy */
    for (enum cf_update_state s = CF_UPDATE_FETCHING; s <= CF_UPDATE_INSTALLED; s++) {
        update = at(s);
        assert_int_equal(cf_update_step(&update, &event).state, s); /* a power cut is no failure of an update */
    }
}

/* Whatever comes in whatever order: what is written down is read back the same, and no update is installed or
 * restarted into that was not whole and genuine. */
static void any_walk_can_be_written_down_and_read_back(void **state)
{
    unsigned chance = 1;
    (void)state;
    for (int walk = 0; walk < 2000; walk++) {
        struct cf_update update = nothing;
        bool genuine = false;
        for (int i = 0; i < 40; i++) {
            chance = chance * 1103515245u + 12345u;
            uint32_t number = 1 + (chance >> 20) % 3;
            struct cf_update_order order = order_of(number, number == 1 ? "1.1" : number == 2 ? "1.2" : "0.1");
            order.none = (chance >> 24) % 16 == 0;
            struct cf_update_event event = {.kind = (enum cf_update_event_kind)((chance >> 16) % 12),
                                            .order = &order,
                                            .facts = &here,
                                            .boot_id = {(uint8_t)(chance >> 28)},
                                            .fetched = (chance >> 22) % 2 ? SIZE : chance % (2 * SIZE)};
            enum cf_update_state before = update.state;
            update = cf_update_step(&update, &event);
            genuine = update.state == CF_UPDATE_FETCHING ? false : genuine || event.kind == CF_UPDATE_GENUINE;
            assert_true(update.state < CF_UPDATE_VERIFIED || update.state > CF_UPDATE_ACTIVATING || genuine);
            assert_true(update.state <= before + 1 || update.state == CF_UPDATE_FAILED ||
                        update.state == CF_UPDATE_ACTIVATED);
            struct cf_update read;
            struct cf_buf CF_CLEANUP(cf_buf_done) bytes, again;
            cf_buf_init(&bytes, CF_UPDATE_STATE_BYTES_MAX);
            cf_buf_init(&again, CF_UPDATE_STATE_BYTES_MAX);
            assert_int_equal(cf_update_encode(&update, &bytes, NULL), CF_OK);
            assert_int_equal(cf_update_decode(cf_buf_bytes(&bytes), &read, NULL), CF_OK);
            assert_int_equal(cf_update_encode(&read, &again, NULL), CF_OK);
            assert_true(cf_bytes_equal(cf_buf_bytes(&bytes), cf_buf_bytes(&again)));
        }
    }
}

static void what_no_step_leads_to_is_not_read(void **state)
{
    struct cf_update update = at(CF_UPDATE_INSTALLED), read;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, CF_UPDATE_STATE_BYTES_MAX);
    (void)state;
    update.fetched = SIZE - 1;
    assert_int_equal(cf_update_encode(&update, &bytes, NULL), CF_OK);
    assert_int_not_equal(cf_update_decode(cf_buf_bytes(&bytes), &read, NULL), CF_OK);
    for (size_t n = 0; n < bytes.n; n++) {
        assert_int_not_equal(cf_update_decode(cf_bytes_of(bytes.p, n), &read, NULL), CF_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_goes_from_one_state_to_the_next_and_skips_none),
        cmocka_unit_test(what_does_not_suit_fails_by_name_and_is_not_fetched),
        cmocka_unit_test(another_release_begins_anew_and_none_ends_what_is_under_way),
        cmocka_unit_test(the_same_order_again_changes_the_hour_alone),
        cmocka_unit_test(what_is_not_genuine_is_fetched_again_three_times_in_all),
        cmocka_unit_test(what_cannot_be_installed_is_tried_twice),
        cmocka_unit_test(after_the_restart_what_runs_decides),
        cmocka_unit_test(any_walk_can_be_written_down_and_read_back),
        cmocka_unit_test(what_no_step_leads_to_is_not_read),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
