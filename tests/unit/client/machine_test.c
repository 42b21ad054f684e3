/*
 * tests/unit/client/machine_test.c - the machine ends, whatever it is told.
 */
#include "sync/client/machine.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static uint64_t chance;

static unsigned one_of(unsigned n)
{
    chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(chance >> 33) % n;
}

static enum cf_topic any_topic(void)
{
    return (enum cf_topic)one_of(CF_TOPICS_MAX + 1);
}

/* Something that may come of the action, drawn by lot: mostly useless. */
static struct cf_sync_event any_outcome(const struct cf_sync_machine *m, const struct cf_sync_action *action)
{
    struct cf_sync_event event = {.acknowledged = one_of(20), .recorded = one_of(20), .topic = any_topic()};
    if (one_of(40) == 0)
        return (struct cf_sync_event){.kind = CF_SYNC_FAILED, .rc = CF_E_LINK_DOWN};
    switch (action->kind) {
    case CF_SYNC_DO_LOOK:
        event.kind = CF_SYNC_LOOKED;
        event.recorded = m->recorded > 0 ? m->recorded : 10;
        event.acknowledged = one_of(2) * event.recorded;
        break;
    case CF_SYNC_DO_ASK:
    case CF_SYNC_DO_SEND:
        event.kind = one_of(3) == 0 ? CF_SYNC_GAP : CF_SYNC_ACKNOWLEDGED;
        break;
    case CF_SYNC_DO_PULL:
        event.kind = CF_SYNC_PULLED;
        event.n_pages = one_of(4);
        event.n_manifests = one_of(3);
        event.more = one_of(2) == 0;
        break;
    case CF_SYNC_DO_STORE:
        event.kind = one_of(2) == 0 ? CF_SYNC_PAGE_DOUBTED : CF_SYNC_PAGE_DISORDERED;
        break;
    case CF_SYNC_DO_BEGIN:
        event.kind = one_of(3) == 0 ? CF_SYNC_PAGE_DOUBTED : CF_SYNC_BEGUN;
        event.chunk = one_of(3);
        event.n_chunks = one_of(4);
        break;
    case CF_SYNC_DO_FETCH:
        event.kind = CF_SYNC_CHUNK_GONE;
        break;
    case CF_SYNC_DO_SWAP:
        event = (struct cf_sync_event){.kind = CF_SYNC_FAILED, .rc = CF_E_PAGE};
        break;
    case CF_SYNC_DO_COMPLETE:
        event.kind = CF_SYNC_COMPLETED;
        break;
    case CF_SYNC_DO_STOP:
        fail();
    }
    return event;
}

static void a_centre_that_brings_nothing_ends_the_run(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 20000; seed++) {
        chance = seed;
        struct cf_sync_machine m = {.phase = CF_SYNC_IDLE};
        struct cf_sync_event event = {.kind = CF_SYNC_START, .legs = one_of(8), .has_keys = one_of(2) == 0};
        struct cf_sync_action action = cf_sync_step(&m, &event);
        unsigned steps = 0;
        for (; action.kind != CF_SYNC_DO_STOP; steps++) {
            if (steps > 2000)
                fail_msg("seed %u does not end", seed);
            event = any_outcome(&m, &action);
            action = cf_sync_step(&m, &event);
        }
        assert_int_equal(m.phase, CF_SYNC_STOPPED);
    }
}

static void a_run_without_legs_ends_at_once(void **state)
{
    (void)state;
    struct cf_sync_machine m = {.phase = CF_SYNC_IDLE};
    const struct cf_sync_event event = {.kind = CF_SYNC_START};
    struct cf_sync_action action = cf_sync_step(&m, &event);
    assert_int_equal(action.kind, CF_SYNC_DO_STOP);
    assert_int_equal(action.rc, CF_OK);
}

static void being_set_apart_is_said_even_if_the_pull_fails_too(void **state)
{
    (void)state;
    struct cf_sync_machine m = {.phase = CF_SYNC_IDLE};
    const struct cf_sync_event events[] = {
        {.kind = CF_SYNC_START, .legs = CF_SYNC_LEG_PUSH | CF_SYNC_LEG_PULL, .has_keys = true},
        {.kind = CF_SYNC_LOOKED, .recorded = 5, .acknowledged = 3},
        {.kind = CF_SYNC_SET_APART, .rc = CF_E_FORK},
        {.kind = CF_SYNC_FAILED, .rc = CF_E_LINK_DOWN},
    };
    static const enum cf_sync_action_kind want[] = {CF_SYNC_DO_LOOK, CF_SYNC_DO_SEND, CF_SYNC_DO_PULL, CF_SYNC_DO_STOP};
    struct cf_sync_action action = {.kind = CF_SYNC_DO_STOP};
    for (size_t i = 0; i < 4; i++) {
        action = cf_sync_step(&m, &events[i]);
        assert_int_equal(action.kind, want[i]);
    }
    assert_int_equal(action.rc, CF_E_FORK);
}

/* As with a clock that is years off: the manifest is not believed, so nobody knows of which topic it is, and the centre
 * gives it each time. */
static void a_manifest_that_is_never_believed_ends_the_run(void **state)
{
    (void)state;
    struct cf_sync_machine m = {.phase = CF_SYNC_IDLE};
    struct cf_sync_event event = {.kind = CF_SYNC_START, .legs = CF_SYNC_LEG_PULL, .has_keys = true};
    struct cf_sync_action action = cf_sync_step(&m, &event);
    for (unsigned n = 0; action.kind != CF_SYNC_DO_STOP; n++) {
        assert_true(n < 100);
        event = action.kind == CF_SYNC_DO_PULL
                    ? (struct cf_sync_event){.kind = CF_SYNC_PULLED, .n_manifests = 1}
                    : (struct cf_sync_event){.kind = CF_SYNC_PAGE_DOUBTED, .topic = (enum cf_topic)0};
        action = cf_sync_step(&m, &event);
    }
    assert_int_equal(action.rc, CF_E_PAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_centre_that_brings_nothing_ends_the_run),
        cmocka_unit_test(a_run_without_legs_ends_at_once),
        cmocka_unit_test(a_manifest_that_is_never_believed_ends_the_run),
        cmocka_unit_test(being_set_apart_is_said_even_if_the_pull_fails_too),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
