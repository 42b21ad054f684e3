/*
 * Tests of app/core/incarnation: which journals are in order, and why the others are not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/core/incarnation.h"

#define T 7u
#define E 3u

static void the_one_that_sold_last_is_told_from_copies_and_older_ones(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        struct cf_incarnation_facts facts;
        enum cf_quarantine_why want;
        uint64_t next;
    } rows[] = {
        {"a fresh till: no mark, no start", {T, E, 0, 0, CF_MARK_NONE, {0}, true}, 0, 1},
        {"a till of a version without starts: records, no mark", {T, E, 0, 55, CF_MARK_NONE, {0}, true}, 0, 1},
        {"a mark of the epoch before", {T, E, 0, 0, CF_MARK_FOUND, {T, E - 1, 12, 11, true, 90, {{0}}}, false}, 0, 13},
        {"a mark of the terminal that this machine was",
         {T, E, 0, 0, CF_MARK_FOUND, {T + 1, E + 4, 12, 11, true, 90, {{0}}}, false},
         0,
         13},
        {"closed and started again", {T, E, 5, 40, CF_MARK_FOUND, {T, E, 5, 4, true, 40, {{0}}}, true}, 0, 6},
        {"a mark whose last notes a power cut took",
         {T, E, 5, 40, CF_MARK_FOUND, {T, E, 5, 4, true, 33, {{0}}}, true},
         0,
         6},
        {"cut short before the START record", {T, E, 4, 40, CF_MARK_FOUND, {T, E, 5, 4, false, 40, {{0}}}, true}, 0, 5},
        {"cut short before the first START record",
         {T, E, 0, 0, CF_MARK_FOUND, {T, E, 1, 0, false, 0, {{0}}}, true},
         0,
         1},
        {"cut short after the START record, before the mark was settled",
         {T, E, 5, 41, CF_MARK_FOUND, {T, E, 5, 4, false, 40, {{0}}}, true},
         0,
         6},
        {"the mark is gone", {T, E, 5, 40, CF_MARK_NONE, {0}, true}, CF_QUARANTINE_MARK_GONE, 0},
        {"the mark cannot be read", {T, E, 5, 40, CF_MARK_DAMAGED, {0}, true}, CF_QUARANTINE_MARK_DAMAGED, 0},
        {"nor at a first start", {T, E, 0, 0, CF_MARK_DAMAGED, {0}, true}, CF_QUARANTINE_MARK_DAMAGED, 0},
        {"the folder of two starts ago",
         {T, E, 3, 30, CF_MARK_FOUND, {T, E, 5, 4, true, 40, {{0}}}, false},
         CF_QUARANTINE_RESTORED,
         0},
        {"the folder as it was when this start began: as if the start had been cut short, but it was not",
         {T, E, 4, 40, CF_MARK_FOUND, {T, E, 5, 4, true, 41, {{0}}}, false},
         CF_QUARANTINE_RESTORED,
         0},
        {"the folder of earlier in this very start",
         {T, E, 5, 40, CF_MARK_FOUND, {T, E, 5, 4, true, 44, {{0}}}, false},
         CF_QUARANTINE_RESTORED,
         0},
        {"the folder of before a start that was cut short, and sold on by another",
         {T, E, 4, 41, CF_MARK_FOUND, {T, E, 5, 4, false, 40, {{0}}}, true},
         CF_QUARANTINE_RESTORED,
         0},
        {"the folder of just after enrolment",
         {T, E, 0, 0, CF_MARK_FOUND, {T, E, 1, 0, true, 9, {{0}}}, false},
         CF_QUARANTINE_RESTORED,
         0},
        {"the folder of two starts before one that was cut short",
         {T, E, 3, 30, CF_MARK_FOUND, {T, E, 5, 4, false, 40, {{0}}}, false},
         CF_QUARANTINE_RESTORED,
         0},
        {"the mark of two starts ago",
         {T, E, 5, 40, CF_MARK_FOUND, {T, E, 3, 2, true, 30, {{0}}}, true},
         CF_QUARANTINE_MARK_OLD,
         0},
        {"the folder of the epoch before, beside the new mark",
         {T, E, 5, 40, CF_MARK_FOUND, {T, E + 1, 6, 0, true, 1, {{0}}}, false},
         CF_QUARANTINE_MARK_OTHER,
         0},
        {"just enrolled in the epoch before, beside the new mark",
         {T, E, 0, 0, CF_MARK_FOUND, {T, E + 1, 6, 0, true, 1, {{0}}}, false},
         CF_QUARANTINE_MARK_OTHER,
         0},
        {"the mark of the epoch before, put back",
         {T, E, 5, 40, CF_MARK_FOUND, {T, E - 1, 6, 0, true, 1, {{0}}}, false},
         CF_QUARANTINE_MARK_OTHER,
         0},
        {"another till's mark",
         {T, E, 5, 40, CF_MARK_FOUND, {T + 1, E, 5, 4, true, 40, {{0}}}, false},
         CF_QUARANTINE_MARK_OTHER,
         0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t next = 0;
        enum cf_quarantine_why got = cf_incarnation_judge(&rows[i].facts, &next);
        if (got != rows[i].want || next != rows[i].next)
            fail_msg("%s: \"%s\", next %llu", rows[i].why, cf_quarantine_text(got), (unsigned long long)next);
    }
}

static void every_reason_has_a_text_of_its_own(void **state)
{
    (void)state;
    for (int why = 0; why <= CF_QUARANTINE_WHY_MAX; why++)
        for (int other = 0; other < why; other++)
            assert_string_not_equal(cf_quarantine_text((enum cf_quarantine_why)why),
                                    cf_quarantine_text((enum cf_quarantine_why)other));
}

static void the_bodies_come_out_as_they_went_in(void **state)
{
    (void)state;
    struct cf_start start = {.version = "1.2.3", .incarnation = 1234567}, start_back;
    struct cf_quarantine quarantine = {CF_QUARANTINE_RESTORED, 5, 9}, quarantine_back;
    struct cf_buf buf;
    cf_buf_init(&buf, 256);
    assert_int_equal(cf_start_encode(&start, &buf, NULL), CF_OK);
    assert_int_equal(cf_start_decode(cf_buf_bytes(&buf), &start_back, NULL), CF_OK);
    assert_string_equal(start_back.version, "1.2.3");
    assert_int_equal(start_back.incarnation, 1234567);
    for (size_t n = 0; n < buf.n; n++)
        assert_int_not_equal(cf_start_decode(cf_bytes_of(buf.p, n), &start_back, NULL), CF_OK);
    cf_buf_clear(&buf);
    assert_int_equal(cf_quarantine_encode(&quarantine, &buf, NULL), CF_OK);
    assert_int_equal(cf_quarantine_decode(cf_buf_bytes(&buf), &quarantine_back, NULL), CF_OK);
    assert_memory_equal(&quarantine, &quarantine_back, sizeof quarantine);
    for (size_t n = 0; n < buf.n; n++)
        assert_int_not_equal(cf_quarantine_decode(cf_bytes_of(buf.p, n), &quarantine_back, NULL), CF_OK);
    assert_int_not_equal(cf_quarantine_decode(cf_bytes_of("\x83\x00\x05\x09", 4), &quarantine_back, NULL), CF_OK);
    cf_buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_that_sold_last_is_told_from_copies_and_older_ones),
        cmocka_unit_test(every_reason_has_a_text_of_its_own),
        cmocka_unit_test(the_bodies_come_out_as_they_went_in),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
