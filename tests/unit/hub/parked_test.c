/*
 * tests/unit/hub/parked_test.c - a sale that is parked at the hub is one till's that takes it, whatever comes late or
 * twice.
 */
#include "sync/wire/parked.h"
#include "tests/unit/hub/hub_world.h"

#include <stdio.h>
#include <string.h>

#define A (&world->till[0])
#define B (&world->till[1])
#define C (&world->till[2])

static struct cf_buf message;

/* The verdict, or the refusal. */
static enum cf_rc park(struct hub_world *world, struct hub_till *till, uint8_t key, const char *label)
{
    struct cf_hub_park park = {.terminal = till->terminal, .epoch = till->epoch};
    enum cf_rc verdict = CF_OK;
    memset(park.sale.key, key, sizeof park.sale.key);
    park.sale.terminal = till->terminal;
    (void)snprintf(park.sale.label, sizeof park.sale.label, "%s", label);
    (void)snprintf(park.sale.first_line, sizeof park.sale.first_line, "Tea");
    (void)snprintf(park.sale.user, sizeof park.sale.user, "anna");
    park.sale.n_lines = 2;
    park.sale.total_minor = 2500;
    park.sale.steps = cf_bytes_str(label); /* the hub does not look into it */
    cf_buf_clear(&message);
    assert_rc(cf_hub_park_encode(&park, &message, NULL), CF_OK);
    enum cf_rc rc = hub_ask(world, till, CF_PATH_HUB_PARK, cf_buf_bytes(&message));
    if (rc == CF_OK)
        assert_rc(cf_hub_verdict_decode(world->frame.body, &verdict, NULL), CF_OK);
    return rc == CF_OK ? verdict : rc;
}

static struct cf_hub_recalled recalled;

static enum cf_rc ask(struct hub_world *world, struct hub_till *till, uint8_t key, enum cf_hub_recall_what what)
{
    struct cf_hub_recall recall = {.terminal = till->terminal, .epoch = till->epoch, .what = what};
    memset(recall.key, key, sizeof recall.key);
    cf_buf_clear(&message);
    assert_rc(cf_hub_recall_encode(&recall, &message, NULL), CF_OK);
    enum cf_rc rc = hub_ask(world, till, CF_PATH_HUB_RECALL, cf_buf_bytes(&message));
    if (rc == CF_OK)
        assert_rc(cf_hub_recalled_decode(world->frame.body, &recalled, NULL), CF_OK);
    return rc == CF_OK ? recalled.rc : rc;
}

static enum cf_rc take(struct hub_world *world, struct hub_till *till, uint8_t key)
{
    return ask(world, till, key, CF_HUB_RECALL_TAKE);
}

static enum cf_rc done(struct hub_world *world, struct hub_till *till, uint8_t key)
{
    return ask(world, till, key, CF_HUB_RECALL_DONE);
}

static size_t waiting(struct hub_world *world, struct hub_till *till)
{
    static struct cf_hub_parked_list list;
    const struct cf_hub_parked_ask all = {till->terminal, till->epoch};
    cf_buf_clear(&message);
    assert_rc(cf_hub_parked_ask_encode(&all, &message, NULL), CF_OK);
    assert_rc(hub_ask(world, till, CF_PATH_HUB_PARKED, cf_buf_bytes(&message)), CF_OK);
    assert_rc(cf_hub_parked_list_decode(world->frame.body, &list, NULL), CF_OK);
    for (size_t i = 0; i < list.n; i++)
        assert_int_equal(list.sales[i].steps.n, 0);
    return list.n;
}

static void a_parked_sale_is_the_first_till_s_that_takes_it(void **state)
{
    struct hub_world *world = *state;
    assert_rc(park(world, A, 1, "bag"), CF_OK);
    assert_int_equal(waiting(world, C), 1);
    assert_rc(take(world, B, 1), CF_OK);
    assert_true(recalled.has_sale);
    assert_string_equal(recalled.sale.label, "bag");
    assert_int_equal(recalled.sale.total_minor, 2500);
    assert_int_equal(recalled.sale.terminal, A->terminal);
    assert_int_equal(recalled.sale.steps.n, 3);
    assert_int_equal(waiting(world, C), 0);
    assert_rc(take(world, C, 1), CF_E_PARKED_TAKEN);
    assert_rc(take(world, A, 1), CF_E_PARKED_TAKEN);
    assert_rc(take(world, B, 1), CF_OK); /* its answer was lost: the same again */
    assert_true(recalled.has_sale);
    assert_rc(hub_reopen(world), CF_OK);
    assert_rc(take(world, B, 1), CF_OK);
    assert_rc(done(world, B, 1), CF_OK);
    assert_rc(done(world, B, 1), CF_OK);
    assert_rc(take(world, B, 1), CF_E_PARKED_TAKEN); /* it is in its journal */
    assert_rc(take(world, C, 1), CF_E_PARKED_TAKEN);
}

static void what_its_till_cannot_read_waits_for_another(void **state)
{
    struct hub_world *world = *state;
    assert_rc(park(world, A, 1, "bag"), CF_OK);
    assert_rc(take(world, B, 1), CF_OK);
    assert_rc(ask(world, C, 1, CF_HUB_RECALL_BACK), CF_E_PARKED_TAKEN); /* not theirs to let go */
    assert_rc(take(world, C, 1), CF_E_PARKED_TAKEN);
    assert_rc(ask(world, B, 1, CF_HUB_RECALL_BACK), CF_OK);
    assert_rc(ask(world, B, 1, CF_HUB_RECALL_BACK), CF_E_PARKED_NONE); /* again: nobody has it */
    assert_rc(take(world, C, 1), CF_OK);
    assert_true(recalled.has_sale && recalled.sale.steps.n == 3 && memcmp(recalled.sale.steps.p, "bag", 3) == 0);
    assert_rc(ask(world, B, 1, CF_HUB_RECALL_BACK), CF_E_PARKED_TAKEN); /* what comes late takes it from nobody */
    assert_rc(done(world, C, 1), CF_OK);
    assert_rc(ask(world, C, 1, CF_HUB_RECALL_BACK), CF_E_PARKED_TAKEN); /* it was theirs, and is over */
    assert_rc(ask(world, C, 9, CF_HUB_RECALL_BACK), CF_E_PARKED_NONE);
}

static void what_comes_late_or_twice_neither_brings_a_sale_back_nor_takes_one_away(void **state)
{
    struct hub_world *world = *state;
    assert_rc(park(world, A, 1, "bag"), CF_OK);
    assert_rc(park(world, A, 1, "bag"), CF_OK);
    assert_int_equal(waiting(world, A), 1);
    assert_rc(park(world, B, 1, "other"), CF_E_PARKED_NONE); /* another's key is another's */
    assert_rc(take(world, B, 1), CF_OK);
    assert_rc(park(world, A, 1, "bag"), CF_OK); /* the till may forget its own: B has it */
    assert_rc(done(world, B, 1), CF_OK);
    assert_rc(park(world, A, 1, "bag"), CF_OK);
    assert_int_equal(waiting(world, A), 0);
    /* A till takes its own back: its offer, come late, is not a second sale, and it keeps what it has. */
    assert_rc(park(world, A, 2, "hat"), CF_OK);
    assert_rc(take(world, A, 2), CF_OK);
    assert_rc(park(world, A, 2, "hat"), CF_E_PARKED_NONE);
    assert_rc(done(world, A, 2), CF_OK);
    assert_rc(park(world, A, 2, "hat"), CF_E_PARKED_NONE);
    /* A till that asks for what never came keeps it: the message that comes later takes nothing. */
    assert_rc(take(world, A, 3), CF_E_PARKED_NONE);
    assert_rc(park(world, A, 3, "coat"), CF_E_PARKED_NONE);
    assert_int_equal(waiting(world, A), 0);
    assert_rc(done(world, B, 9), CF_E_PARKED_NONE); /* of nothing */
    assert_rc(park(world, B, 9, "shoes"), CF_OK);
    assert_rc(done(world, C, 9), CF_E_PARKED_NONE); /* nobody took it */
    assert_int_equal(waiting(world, A), 1);
}

static void a_label_is_one_sale_and_there_are_only_so_many(void **state)
{
    struct hub_world *world = *state;
    char label[16];
    assert_rc(park(world, A, 1, "bag"), CF_OK);
    assert_rc(park(world, B, 2, "bag"), CF_E_EXISTS);
    assert_rc(take(world, C, 1), CF_OK);
    assert_rc(park(world, B, 2, "bag"), CF_OK); /* what was taken leaves its name */
    for (uint8_t key = 3; key <= CF_PARKED_MAX + 1; key++) {
        (void)snprintf(label, sizeof label, "bag %u", key);
        assert_rc(park(world, A, key, label), CF_OK);
    }
    assert_int_equal(waiting(world, A), CF_PARKED_MAX);
    assert_rc(park(world, A, 250, "one more"), CF_E_LIMIT);
}

static void who_is_set_apart_or_somebody_else_parks_nothing(void **state)
{
    struct hub_world *world = *state;
    assert_rc(park(world, A, 1, "bag"), CF_OK);
    down_terminal(world, B->terminal, B->epoch, true, B->key);
    assert_rc(take(world, B, 1), CF_E_FENCED);
    assert_rc(park(world, B, 2, "hat"), CF_E_FENCED);
    struct cf_hub_recall recall = {.terminal = C->terminal, .epoch = C->epoch, .what = CF_HUB_RECALL_TAKE};
    memset(recall.key, 1, sizeof recall.key);
    cf_buf_clear(&message);
    assert_rc(cf_hub_recall_encode(&recall, &message, NULL), CF_OK);
    assert_rc(hub_ask(world, A, CF_PATH_HUB_RECALL, cf_buf_bytes(&message)), CF_E_CERTIFICATE); /* in C's name */
    assert_int_equal(waiting(world, A), 1);
}

static void sales_that_are_over_are_forgotten_and_those_that_wait_are_not(void **state)
{
    struct hub_world *world = *state;
    struct cf_hub_store *store;
    assert_rc(park(world, A, 1, "bag"), CF_OK);
    assert_rc(park(world, A, 2, "hat"), CF_OK);
    assert_rc(take(world, B, 1), CF_OK);
    assert_rc(done(world, B, 1), CF_OK);
    hub_shut(world);
    assert_rc(cf_hub_store_open(world->folder, &store, NULL), CF_OK);
    assert_rc(cf_hub_store_prune(store, (cf_wall){INT64_MAX}, NULL), CF_OK);
    cf_hub_store_close(store);
    assert_rc(hub_reopen(world), CF_OK);
    assert_int_equal(waiting(world, B), 1);
    assert_rc(take(world, B, 2), CF_OK);
}

static void no_message_however_broken_parks_anything(void **state)
{
    struct hub_world *world = *state;
    static const char *const paths[] = {CF_PATH_HUB_PARK, CF_PATH_HUB_RECALL, CF_PATH_HUB_PARKED};
    assert_rc(park(world, A, 1, "bag"), CF_OK);
    struct cf_buf whole;
    cf_buf_init(&whole, CF_PARKED_MESSAGE_MAX);
    assert_rc(cf_buf_append(&whole, message.p, message.n, NULL), CF_OK);
    for (size_t n = 0; n < whole.n; n++)
        for (size_t i = 0; i < 3; i++)
            assert_rc(hub_ask(world, A, paths[i], cf_bytes_of(whole.p, n)), CF_E_PROTOCOL);
    assert_rc(hub_ask(world, A, CF_PATH_HUB_RECALL, cf_buf_bytes(&whole)), CF_E_PROTOCOL);
    cf_buf_done(&whole);
    assert_rc(park(world, A, 2, ""), CF_E_PROTOCOL); /* without a name nobody could recall it */
    assert_int_equal(waiting(world, A), 1);
}

static int make_room(void **state)
{
    (void)state;
    cf_buf_init(&message, CF_PARKED_MESSAGE_MAX);
    return 0;
}

static int free_room(void **state)
{
    (void)state;
    cf_buf_done(&message);
    return 0;
}

#define IN_A_HUB(test) cmocka_unit_test_setup_teardown(test, hub_setup, hub_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HUB(a_parked_sale_is_the_first_till_s_that_takes_it),
        IN_A_HUB(what_its_till_cannot_read_waits_for_another),
        IN_A_HUB(what_comes_late_or_twice_neither_brings_a_sale_back_nor_takes_one_away),
        IN_A_HUB(a_label_is_one_sale_and_there_are_only_so_many),
        IN_A_HUB(who_is_set_apart_or_somebody_else_parks_nothing),
        IN_A_HUB(sales_that_are_over_are_forgotten_and_those_that_wait_are_not),
        IN_A_HUB(no_message_however_broken_parks_anything),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("parked", tests, make_room, free_room);
}
