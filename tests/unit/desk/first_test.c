/*
 * tests/unit/desk/first_test.c - a desk without a till: what both screens say before the first sync, and that nothing
 * that is typed, scanned or touched then does any harm.
 */
#include <string.h>

#include "tests/unit/desk/desk_support.h"

struct fresh {
    struct cf_desk *desk;
    unsigned sent;
    bool goes_on, refuses;
    struct cf_cashier_page cashier;
    struct cf_shopper_page shopper;
};

static enum cf_rc send(void *ctx, struct cf_error *err)
{
    struct fresh *fresh = ctx;
    fresh->sent++;
    fresh->goes_on = !fresh->refuses;
    return fresh->refuses ? cf_fail(err, CF_E_IO, "no program") : CF_OK;
}

static bool sending(void *ctx)
{
    return ((struct fresh *)ctx)->goes_on;
}

static int setup(void **state)
{
    static struct fresh fresh;
    memset(&fresh, 0, sizeof fresh);
    const struct cf_desk_ports ports = {.ctx = &fresh, .send = send, .sending = sending};
    assert_ok(cf_desk_new(NULL, "Till 7", &ports, &fresh.desk, NULL));
    cf_desk_language(fresh.desk, "en");
    *state = &fresh;
    return 0;
}

static int teardown(void **state)
{
    cf_desk_free(((struct fresh *)*state)->desk);
    return 0;
}

static void look(struct fresh *fresh)
{
    cf_desk_cashier(fresh->desk, &fresh->cashier);
    cf_desk_shopper(fresh->desk, &fresh->shopper);
    assert_int_equal(fresh->cashier.id, CF_PAGE_FIRST);
    assert_int_equal(fresh->shopper.look, CF_SHOPPER_CLOSED);
}

static const char *field(const struct fresh *fresh, const char *label)
{
    return counter_field(fresh->cashier.fields, fresh->cashier.n_fields, label);
}

static void what_has_come_is_told_of_what_was_announced(void **state)
{
    struct fresh *fresh = *state;
    look(fresh);
    assert_string_equal(fresh->cashier.place, "Till 7");
    assert_string_equal(field(fresh, "Goods and prices"), "none yet");
    assert_int_equal(fresh->cashier.progress_percent, -1);
    struct cf_first_sync first = {.last_contact = {1}};
    cf_desk_first(fresh->desk, &first);
    look(fresh);
    assert_string_equal(field(fresh, "Goods and prices"), "on their way");
    first.coming = (struct cf_replica_coming){.is = true, .topic = CF_TOPIC_PRICES, .chunks = 12, .all = 64};
    cf_desk_first(fresh->desk, &first);
    look(fresh);
    assert_string_equal(field(fresh, "Goods and prices"), "12 of 64 parts");
    assert_string_equal(field(fresh, "Done"), "18 %");
    assert_int_equal(fresh->cashier.progress_percent, 18);
    first.coming.chunks = 64;
    cf_desk_first(fresh->desk, &first);
    look(fresh);
    assert_int_equal(fresh->cashier.progress_percent, 100);
    assert_non_null(strstr(fresh->cashier.bar.what, "is being stored"));
}

static void it_is_synced_by_hand_and_told_when_that_failed(void **state)
{
    struct fresh *fresh = *state;
    look(fresh);
    assert_true(cf_desk_press(fresh->desk, "F9"));
    look(fresh);
    assert_int_equal(fresh->sent, 1);
    assert_false(fresh->cashier.keys[0].enabled); /* one at a time */
    cf_desk_act(fresh->desk, CF_DO_SEND, 0);
    assert_int_equal(fresh->sent, 1);
    fresh->goes_on = false;
    assert_true(cf_desk_tick(fresh->desk, 200));
    look(fresh);
    assert_int_equal(fresh->cashier.bar.kind, CF_BAR_REFUSED);
    assert_true(fresh->cashier.keys[0].enabled);
    cf_desk_act(fresh->desk, CF_DO_BACK, 0);
    look(fresh);
    assert_int_equal(fresh->cashier.bar.kind, CF_BAR_PROMPT);
    fresh->refuses = true;
    cf_desk_act(fresh->desk, CF_DO_SEND, 0);
    look(fresh);
    assert_int_equal(fresh->cashier.bar.kind, CF_BAR_REFUSED);
}

static void nothing_else_happens_at_it(void **state)
{
    struct fresh *fresh = *state;
    struct cf_page_line line;
    struct cf_page_choice choice;
    for (int act = 0; act < CF_DOS; act++) {
        if (act != CF_DO_SEND && act != CF_DO_LANGUAGE) {
            cf_desk_act(fresh->desk, (enum cf_desk_do)act, 1);
        }
        cf_desk_type(fresh->desk, '7');
        cf_desk_scan(fresh->desk, cf_bytes_str("CF!cash"));
        cf_desk_scan(fresh->desk, cf_bytes_str("9520000010003"));
        cf_desk_point(fresh->desk, (size_t)act);
        cf_desk_line(fresh->desk, 0, &line);
        cf_desk_shopper_line(fresh->desk, 0, &line);
        cf_desk_choice(fresh->desk, 0, &choice);
        look(fresh);
        assert_string_equal(fresh->cashier.entry, "");
        assert_int_equal(fresh->cashier.n_lines, 0);
    }
    assert_int_equal(fresh->sent, 0);
    assert_false(cf_desk_is_busy(fresh->desk));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_has_come_is_told_of_what_was_announced, setup, teardown),
        cmocka_unit_test_setup_teardown(it_is_synced_by_hand_and_told_when_that_failed, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_else_happens_at_it, setup, teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
