/*
 * tests/unit/central/rollout_test.c - a release reaches first a hundredth of the terminals, then the rest; and stops.
 */
#include "tests/unit/central/centre.h"

#include "sync/wire/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define TILLS 220
#define HARDWARE "counter-x86"

static struct till tills[TILLS];

static void enrol(struct centre *centre, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        till_enrol(centre, &tills[i], centre->store_id);
    }
}

static void leave(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        till_done(&tills[i]);
    }
}

static int send_report(struct centre *centre, const struct till *till, const struct cf_machine_report *report)
{
    struct cf_buf body;
    cf_buf_init(&body, CF_MACHINE_BYTES_MAX);
    assert_int_equal(cf_machine_report_encode(report, &body, NULL), CF_OK);
    int status = centre_terminal_call(centre, till, "POST", CF_PATH_MACHINE, cf_buf_bytes(&body));
    cf_buf_done(&body);
    return status;
}

static void reports(struct centre *centre, const struct till *till, const char *version, uint32_t release,
                    enum cf_update_state state)
{
    struct cf_machine_report report = {
        .terminal = till->terminal,
        .epoch = till->epoch,
        .facts = {.hardware = HARDWARE, .schema = 17},
        .temperature_mc = CF_TEMPERATURE_UNKNOWN,
        .release = release,
        .state = state,
        .rc = state == CF_UPDATE_FAILED ? CF_E_UPDATE_INSTALL : CF_OK,
    };
    (void)snprintf(report.facts.version, sizeof report.facts.version, "%s", version);
    assert_int_equal(send_report(centre, till, &report), 200);
}

/* The release that it was told to run last; 0: none, or to keep what runs. */
static uint32_t told(struct centre *centre, const struct till *till)
{
    static struct cf_down_entry entries[64];
    size_t n = centre_pulled(centre, till, CF_TOPIC_MACHINE, entries, 64);
    return n == 0 || entries[n - 1].update.none ? 0 : entries[n - 1].update.release.number;
}

static size_t count_told(struct centre *centre, size_t n, uint32_t release)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        count += told(centre, &tills[i]) == release;
    }
    return count;
}

static uint32_t add_release(struct centre *centre, const char *version)
{
    char path[300];
    struct cf_release release = {.hardware = HARDWARE, .schema = 18, .readable_from = 17};
    (void)snprintf(path, sizeof path, "%s/bundle", centre->dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fprintf(file, "the system %s", version);
    assert_int_equal(fclose(file), 0);
    (void)snprintf(release.version, sizeof release.version, "%s", version);
    assert_int_equal(cf_central_release_add(centre->central, path, &release, NULL), CF_OK);
    assert_int_equal(unlink(path), 0);
    return release.number;
}

static uint32_t begin(struct centre *centre, uint32_t release, const char *more)
{
    char body[160];
    (void)snprintf(body, sizeof body, "{\"release\": %lu%s}", (unsigned long)release, more);
    json_t *json = centre_expect(centre, "POST", "/v1/rollouts", body, 201);
    uint32_t number = (uint32_t)json_int(json, "rollout");
    json_decref(json);
    return number;
}

static json_t *shown(struct centre *centre, uint32_t number)
{
    json_t *json = centre_expect(centre, "GET", "/v1/rollouts", NULL, 200);
    json_t *one = json_incref(json_array_get(json_object_get(json, "rollouts"), number - 1));
    json_decref(json);
    return one;
}

static bool is_stopped(struct centre *centre, uint32_t number)
{
    json_t *json = shown(centre, number);
    bool stopped = strcmp(json_text(json, "state"), "stopped") == 0;
    json_decref(json);
    return stopped;
}

static void the_first_hundredth_goes_before_the_rest(void **state)
{
    struct centre *centre = *state;
    enrol(centre, TILLS);
    for (size_t i = 0; i < TILLS; i++) {
        reports(centre, &tills[i], "1.0", 0, CF_UPDATE_IDLE);
    }
    uint32_t release = add_release(centre, "1.1");
    (void)begin(centre, release, "");
    assert_int_equal(count_told(centre, TILLS, release), 3); /* of 220 */
    /* Two of the three run it: nobody else is told. */
    size_t done = 0;
    for (size_t i = 0; i < TILLS && done < 2; i++) {
        if (told(centre, &tills[i]) == release) {
            reports(centre, &tills[i], "1.1", release, CF_UPDATE_ACTIVATED);
            done++;
        }
    }
    assert_int_equal(count_told(centre, TILLS, release), 3);
    for (size_t i = 0; i < TILLS; i++) {
        if (told(centre, &tills[i]) == release) {
            reports(centre, &tills[i], "1.1", release, CF_UPDATE_ACTIVATED);
        }
    }
    assert_int_equal(count_told(centre, TILLS, release), TILLS);
    leave(TILLS);
}

static void one_failure_among_the_first_stops_it_and_takes_it_back(void **state)
{
    struct centre *centre = *state;
    enrol(centre, TILLS);
    for (size_t i = 0; i < TILLS; i++) {
        reports(centre, &tills[i], "1.0", 0, CF_UPDATE_IDLE);
    }
    uint32_t release = add_release(centre, "1.1");
    uint32_t rollout = begin(centre, release, "");
    for (size_t i = 0; i < TILLS; i++) {
        if (told(centre, &tills[i]) == release) {
            reports(centre, &tills[i], "1.0", release, CF_UPDATE_FAILED);
            break;
        }
    }
    assert_true(is_stopped(centre, rollout));
    assert_int_equal(count_told(centre, TILLS, release), 0);
    json_t *alarms = centre_alarms(centre);
    assert_int_equal(json_object_size(alarms), 1);
    json_decref(alarms);
    leave(TILLS);
}

/* Later a few may fail: a counter whose disk is full says nothing about the release. */
static void more_than_a_hundredth_of_failures_stops_it_later(void **state)
{
    struct centre *centre = *state;
    enrol(centre, TILLS);
    for (size_t i = 0; i < TILLS; i++) {
        reports(centre, &tills[i], "1.0", 0, CF_UPDATE_IDLE);
    }
    uint32_t release = add_release(centre, "1.1");
    uint32_t rollout = begin(centre, release, "");
    json_decref(centre_expect(centre, "PATCH", "/v1/rollouts/1", "{\"widen\": true}", 200));
    assert_int_equal(count_told(centre, TILLS, release), TILLS);
    for (size_t i = 0; i < 3; i++) {
        assert_false(is_stopped(centre, rollout));
        reports(centre, &tills[i], "1.0", release, CF_UPDATE_FAILED);
    }
    assert_true(is_stopped(centre, rollout)); /* two of 220 might, the third may not */
    leave(TILLS);
}

static void a_share_is_of_the_same_terminals_and_grows(void **state)
{
    struct centre *centre = *state;
    uint32_t before[TILLS], n_before = 0;
    enrol(centre, TILLS);
    for (size_t i = 0; i < TILLS; i++) {
        reports(centre, &tills[i], "1.0", 0, CF_UPDATE_IDLE);
    }
    uint32_t release = add_release(centre, "1.1");
    (void)begin(centre, release, ", \"percent_bp\": 1000");
    json_decref(centre_expect(centre, "PATCH", "/v1/rollouts/1", "{\"widen\": true}", 200));
    for (uint32_t i = 0; i < TILLS; i++) {
        if (told(centre, &tills[i]) == release) {
            before[n_before++] = i;
        }
    }
    assert_in_range(n_before, 8, 40); /* a tenth, as the hash has it */
    json_decref(centre_expect(centre, "PATCH", "/v1/rollouts/1", "{\"percent_bp\": 5000}", 200));
    assert_in_range(count_told(centre, TILLS, release), 80, 140);
    for (uint32_t i = 0; i < n_before; i++) {
        assert_int_equal(told(centre, &tills[before[i]]), release);
    }
    leave(TILLS);
}

static void whoever_it_does_not_suit_is_not_told(void **state)
{
    struct centre *centre = *state;
    static const struct {
        const char *version, *hardware, *why;
        uint32_t schema;
        bool suits;
    } rows[] = {
        {"1.0", HARDWARE, "older, of the format before", 17, true},
        {"1.1", HARDWARE, "runs it", 18, false},
        {"1.2", HARDWARE, "newer: no downgrade", 18, false},
        {"1.0", "kiosk-arm", "other hardware", 17, false},
        {"1.0", HARDWARE, "could not read it after a rollback", 16, false},
        {"1.0", HARDWARE, "already beyond its format", 19, false},
        {"", "", "a till on a Debian of its own", 17, false},
    };
    size_t n = sizeof rows / sizeof rows[0];
    enrol(centre, n + 1); /* the last one never says anything */
    for (size_t i = 0; i < n; i++) {
        struct cf_machine_report report = {
            .terminal = tills[i].terminal, .epoch = tills[i].epoch, .facts = {.schema = rows[i].schema}};
        (void)snprintf(report.facts.version, sizeof report.facts.version, "%s", rows[i].version);
        (void)snprintf(report.facts.hardware, sizeof report.facts.hardware, "%s", rows[i].hardware);
        assert_int_equal(send_report(centre, &tills[i], &report), 200);
    }
    uint32_t release = add_release(centre, "1.1");
    (void)begin(centre, release, "");
    json_decref(centre_expect(centre, "PATCH", "/v1/rollouts/1", "{\"widen\": true}", 200));
    for (size_t i = 0; i < n; i++) {
        if ((told(centre, &tills[i]) == release) != rows[i].suits) {
            fail_msg("%s", rows[i].why);
        }
    }
    assert_int_equal(told(centre, &tills[n]), 0);
    leave(n + 1);
}

static void a_machine_speaks_for_itself_alone(void **state)
{
    struct centre *centre = *state;
    enrol(centre, 2);
    struct cf_machine_report report = {.terminal = tills[1].terminal, .epoch = tills[1].epoch};
    assert_int_equal(send_report(centre, &tills[0], &report), 403);
    report.terminal = tills[0].terminal;
    report.epoch = tills[0].epoch;
    assert_int_equal(send_report(centre, &tills[0], &report), 200);
    till_enrol_again(centre, &tills[0]);
    assert_int_not_equal(send_report(centre, &tills[0], &report), 200); /* what was replaced says nothing */
    assert_int_equal(centre_terminal_call(centre, &tills[1], "POST", CF_PATH_MACHINE, cf_bytes_str("nonsense")), 400);
    leave(2);
}

static void logs_come_once_asked_for_and_go_after_their_hour(void **state)
{
    struct centre *centre = *state;
    char path[64];
    struct cf_buf body;
    struct cf_logs_sent sent = {.number = 1, .text = cf_bytes_str("a\nb\n")};
    enrol(centre, 1);
    sent.terminal = tills[0].terminal;
    sent.epoch = tills[0].epoch;
    cf_buf_init(&body, CF_LOGS_BYTES_MAX);
    assert_int_equal(cf_logs_sent_encode(&sent, &body, NULL), CF_OK);
    assert_int_equal(centre_terminal_call(centre, &tills[0], "POST", CF_PATH_LOGS, cf_buf_bytes(&body)), 404);
    (void)snprintf(path, sizeof path, "/v1/machines/%lu/logs", (unsigned long)tills[0].terminal);
    json_decref(centre_expect(centre, "POST", path, NULL, 202));
    centre_refuses(centre, "GET", path, NULL, "LOGS_CONSENT");
    assert_int_equal(centre_terminal_call(centre, &tills[0], "POST", CF_PATH_LOGS, cf_buf_bytes(&body)), 200);
    json_decref(centre_expect(centre, "GET", path, NULL, 200));
    centre->now.us += INT64_C(3601) * CF_US_PER_S;
    centre_refuses(centre, "GET", path, NULL, "LOGS_CONSENT");
    assert_int_equal(centre_terminal_call(centre, &tills[0], "POST", CF_PATH_LOGS, cf_buf_bytes(&body)), 404);
    cf_buf_done(&body);
    leave(1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, centre_start, centre_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_hundredth_goes_before_the_rest),
        TEST(one_failure_among_the_first_stops_it_and_takes_it_back),
        TEST(more_than_a_hundredth_of_failures_stops_it_later),
        TEST(a_share_is_of_the_same_terminals_and_grows),
        TEST(whoever_it_does_not_suit_is_not_told),
        TEST(a_machine_speaks_for_itself_alone),
        TEST(logs_come_once_asked_for_and_go_after_their_hour),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
