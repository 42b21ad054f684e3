/*
 * Tests of app/store/journal_forget: what is erased is in no byte of any file, what may not go yet stays, and the chain
 * holds.
 */
#include "tests/store/store_support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER "\xA1\xB2\xC3\xD4\xE5\xF6\x07\x18"
#define MEMBER_NAME "Ms Erasmus"

/* How many files of the folder hold these bytes. */
static unsigned files_with(const char *folder, const void *needle, size_t n)
{
    unsigned hits = 0;
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        struct cf_buf content;
        cf_buf_init(&content, 64u << 20);
        if (entry->d_name[0] != '.' &&
            cf_env_system()->ops->file_read(NULL, in_folder(folder, entry->d_name), &content, NULL) == CF_OK)
            hits += content.n > 0 && memmem(content.p, content.n, needle, n) != NULL;
        cf_buf_done(&content);
    }
    closedir(entries);
    return hits;
}

static cf_sub member(void)
{
    cf_sub sub;
    memcpy(sub.b, MEMBER, CF_SUB_BYTES);
    return sub;
}

static uint64_t sell_to(struct cf_journal *journal, uint64_t sale_no, bool to_member, int64_t wall_s)
{
    struct cf_sale *sale;
    struct cf_committed at;
    struct cf_stamp stamp = test_stamp;
    stamp.wall = cf_wall_from_s(wall_s);
    assert_ok(cf_sale_new(&sale, &err));
    fill_sale(sale, sale_no, 3, 0, 0);
    if (to_member) {
        sale->has_member = sale->member_live = true;
        sale->member = member();
        sale->member_counter = sale_no;
    }
    assert_ok(cf_journal_step(journal, cf_bytes_of(MEMBER "step", 12), &err));
    assert_ok(cf_journal_commit_sale(journal, sale, &stamp, test_receipt, NULL, &at, &err));
    cf_sale_free(sale);
    return at.seq;
}

static uint64_t close_day(struct cf_journal *journal)
{
    struct cf_journal_day day;
    struct cf_committed at;
    struct cf_buf body;
    cf_buf_init(&body, CF_RECORD_BODY_MAX);
    assert_ok(cf_journal_day(journal, 0, &day, &err));
    struct cf_z_report z = {.z_no = day.z_no, .business_day = 20261122, .totals = day.day.totals};
    z.first_seq = day.first_seq;
    z.last_seq = day.last_seq;
    assert_ok(cf_z_report_encode(&z, &body, &err));
    assert_ok(cf_journal_append(journal, CF_RECORD_Z_REPORT, cf_buf_bytes(&body), false, &test_stamp, &at, &err));
    cf_buf_done(&body);
    return at.seq;
}

static uint64_t forget(struct cf_journal *journal, uint64_t acknowledged, size_t n_marks, int64_t sealed_before_s)
{
    struct cf_erase_mark mark = cf_erase_mark_of(member());
    struct cf_journal_forget what = {.acknowledged_seq = acknowledged, .marks = &mark, .n_marks = n_marks};
    uint64_t n = 99;
    if (sealed_before_s > 0)
        what.sealed_before = cf_wall_from_s(sealed_before_s);
    assert_ok(cf_journal_forget(journal, &what, &n, &err));
    return n;
}

static void verify(struct cf_journal *journal, uint64_t n_erased)
{
    struct cf_journal_verdict verdict;
    assert_ok(cf_journal_verify(journal, &verdict, &err));
    assert_int_equal(verdict.n_erased, n_erased);
}

static struct cf_journal_purchases purchases(struct cf_journal *journal, struct cf_journal_since since)
{
    struct cf_journal_purchases ret;
    assert_ok(cf_journal_purchases(journal, member(), &since, &ret, &err));
    return ret;
}

static void a_member_is_erased_once_it_may_be(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    uint64_t own = sell_to(journal, 1, true, 1000);
    (void)sell_to(journal, 2, false, 1000);
    assert_int_equal(forget(journal, 2, 1, 0), 0); /* the day is open: its Z report adds them up */
    uint64_t z = close_day(journal);
    assert_int_equal(forget(journal, 0, 1, 0), 0); /* it is not sent */
    assert_true(files_with(*state, MEMBER, 8) > 0);
    assert_int_equal(forget(journal, z, 1, 0), 1);
    assert_int_equal(files_with(*state, MEMBER, 8), 0); /* the journal, its log, the step that led to the sale */
    char text[40];
    snprintf(text, sizeof text, "receipt of %u", (unsigned)own);
    assert_int_equal(files_with(*state, text, strlen(text)), 0);
    assert_int_equal(files_with(*state, "receipt of 2", 12), 1);
    assert_int_equal(forget(journal, z, 1, 0), 0);
    verify(journal, 1);
    bool known = true;
    uint64_t counter;
    assert_ok(cf_journal_member_counter(journal, member(), &known, &counter, &err));
    assert_false(known);
    assert_int_equal(purchases(journal, (struct cf_journal_since){0, 0, 0}).n, 0);
    struct cf_buf receipt;
    cf_buf_init(&receipt, 1u << 20);
    assert_rc(cf_journal_receipt(journal, own, &receipt, &err), CF_E_NOT_FOUND);
    cf_buf_done(&receipt);
    /* One that was not known of yet comes later. */
    uint64_t late = sell_to(journal, 3, true, 2000);
    z = close_day(journal);
    assert_int_equal(forget(journal, late - 1, 1, 0), 0);
    assert_int_equal(forget(journal, z, 1, 0), 1);
    assert_int_equal(files_with(*state, MEMBER, 8), 0);
    cf_journal_close(journal);
    journal = journal_opened(*state, CF_JOURNAL_TILL);
    verify(journal, 2);
    (void)sell_to(journal, 4, false, 3000);
    cf_journal_close(journal);
    cf_journal_close(journal_opened(*state, CF_JOURNAL_TILL));
}

/* What whoever says how often the member bought had heard of, what they had not, and what nobody here can tell. */
static void purchases_are_counted_until_their_basket_goes(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    static const struct {
        const char *why;
        struct cf_journal_since since;
        uint64_t later, certain;
    } rows[] = {
        {"nothing was heard of", {0, 0, INT64_MAX}, 3, 3},
        {"the first was", {1, 1, INT64_MAX}, 2, 2},
        {"sent, and on that day", {0, 9, 9000000}, 3, 0},
        {"sent, one of the next day", {0, 9, 3000000}, 3, 1},
        {"the last was not sent, the others perhaps heard of", {0, 2, INT64_MAX}, 3, 1},
        {"all of them", {9, 9, 0}, 0, 0},
    };
    (void)sell_to(journal, 1, true, 1000);
    (void)sell_to(journal, 2, true, 2000);
    (void)sell_to(journal, 3, true, 3000);
    uint64_t nobodys = sell_to(journal, 4, false, 4000);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_journal_purchases bought = purchases(journal, rows[i].since);
        print_message("# %s\n", rows[i].why);
        assert_int_equal(bought.n, 3);
        assert_int_equal(bought.later, rows[i].later);
        assert_int_equal(bought.certain, rows[i].certain);
    }
    assert_int_equal(nobodys, 4);
    uint64_t z = close_day(journal);
    assert_int_equal(forget(journal, z, 0, 2500), 2); /* sealed: whoever bought it */
    assert_int_equal(purchases(journal, rows[0].since).n, 1);
    verify(journal, 2);
    cf_journal_close(journal);
}

static void baskets_beyond_the_window_are_sealed(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    for (uint64_t n = 1; n <= 5; n++)
        (void)sell_to(journal, n, false, (int64_t)n * 1000);
    uint64_t z = close_day(journal);
    (void)sell_to(journal, 6, false, 1000); /* of a day that is open, whatever its clock said */
    assert_int_equal(forget(journal, z, 0, 3500), 3);
    assert_int_equal(forget(journal, z, 0, 3500), 0);
    assert_int_equal(files_with(*state, "receipt of 3", 12), 0);
    assert_int_equal(files_with(*state, "receipt of 4", 12), 1);
    verify(journal, 3);
    assert_int_equal(forget(journal, z, 0, 100000), 2);
    struct cf_journal_day day;
    assert_ok(cf_journal_day(journal, 0, &day, &err));
    assert_int_equal(day.day.totals.n_sales, 1);
    verify(journal, 5);
    cf_journal_close(journal);
}

/* The basket went first; what tells that she was here goes when she is to be forgotten. */
static void who_is_in_a_sealed_basket_is_forgotten(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    (void)sell_to(journal, 1, true, 1000);
    uint64_t z = close_day(journal);
    assert_int_equal(forget(journal, z, 0, 3500), 1);
    assert_true(files_with(*state, MEMBER, 8) > 0); /* her counter */
    assert_int_equal(forget(journal, z, 1, 3500), 0);
    assert_int_equal(files_with(*state, MEMBER, 8), 0);
    verify(journal, 1);
    cf_journal_close(journal);
    cf_journal_close(journal_opened(*state, CF_JOURNAL_TILL));
}

static void so_is_who_was_in_one_of_an_epoch_before(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    (void)sell_to(journal, 1, true, 1000);
    uint64_t z = close_day(journal);
    assert_int_equal(forget(journal, z, 0, 3500), 1);
    cf_journal_close(journal);
    struct cf_journal_identity next = {TEST_TERMINAL, 2, TEST_STORE};
    assert_ok(cf_journal_create(*state, &next, test_env(), &err));
    journal = journal_opened(*state, CF_JOURNAL_TILL);
    assert_int_equal(files_with(*state, MEMBER, 8), 1);
    assert_int_equal(forget(journal, 0, 1, 0), 0);
    assert_int_equal(files_with(*state, MEMBER, 8), 0);
    cf_journal_close(journal);
}

/* A counter that follows from a record stays as long as that: else the journal would not verify. */
static void a_counter_stays_with_a_record_that_may_not_go_yet(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    (void)sell_to(journal, 1, true, 1000);
    assert_int_equal(forget(journal, 0, 1, 0), 0);
    verify(journal, 0);
    uint64_t z = close_day(journal);
    assert_int_equal(forget(journal, z, 1, 0), 1);
    assert_int_equal(files_with(*state, MEMBER, 8), 0);
    cf_journal_close(journal);
}

/* Of a day that was closed before nothing is new: only the log holds what she was about to buy. */
static void a_cancelled_sale_goes_from_the_log(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    struct cf_committed at;
    struct cf_cancelled cancelled = {.sale_no = 2, .gross_minor = 100};
    cf_buf_init(&body, CF_RECORD_BODY_MAX);
    (void)sell_to(journal, 1, false, 1000);
    uint64_t z = close_day(journal);
    assert_int_equal(forget(journal, z, 1, 0), 0);
    assert_ok(cf_journal_step(journal, cf_bytes_of(MEMBER "step", 12), &err));
    assert_ok(cf_cancelled_encode(&cancelled, &body, &err));
    assert_ok(cf_journal_append(journal, CF_RECORD_CANCELLED, cf_buf_bytes(&body), true, &test_stamp, &at, &err));
    assert_true(files_with(*state, MEMBER, 8) > 0);
    assert_int_equal(forget(journal, z, 1, 0), 0);
    assert_int_equal(files_with(*state, MEMBER, 8), 0);
    cf_journal_close(journal);
}

/* A reader in the middle of a page keeps the log: the next call empties it. */
static void a_reader_only_delays_it(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    (void)sell_to(journal, 1, true, 1000);
    uint64_t z = close_day(journal);
    struct cf_journal *reader = journal_opened(*state, CF_JOURNAL_READ);
    struct cf_journal_head head;
    assert_ok(cf_journal_head(reader, &head, &err));
    assert_int_equal(forget(journal, z, 1, 0), 1);
    cf_journal_close(reader);
    assert_int_equal(forget(journal, z, 1, 0), 0);
    assert_int_equal(files_with(*state, MEMBER, 8), 0);
    cf_journal_close(journal);
}

static void journals_of_epochs_before_are_treated_too(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    (void)sell_to(journal, 1, true, 1000);
    (void)close_day(journal);
    cf_journal_close(journal);
    struct cf_journal_identity next = {TEST_TERMINAL, 2, TEST_STORE};
    assert_ok(cf_journal_create(*state, &next, test_env(), &err));
    journal = journal_opened(*state, CF_JOURNAL_TILL);
    assert_true(files_with(*state, MEMBER, 8) == 1);
    assert_int_equal(forget(journal, 0, 1, 0), 1);
    assert_int_equal(files_with(*state, MEMBER, 8), 0);
    cf_journal_close(journal);
}

/* Nobody can sell them, cancel them or recall them any more. */
static void sales_that_an_epoch_left_open_or_parked_go_with_her(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_journal_parked_note note = {.label = MEMBER_NAME, .where = CF_JOURNAL_PARKED_HERE, .first_line = "Tea"};
    struct cf_journal_taking taking = {.key = {1}, .label = MEMBER_NAME};
    (void)sell_to(journal, 1, false, 1000);
    (void)close_day(journal);
    for (unsigned k = 0; k < 200; k++) /* more than a page */
        assert_ok(cf_journal_step(journal, cf_bytes_of(MEMBER "parked", 14), &err));
    assert_ok(cf_journal_park_noted(journal, &note, &err));
    assert_ok(cf_journal_take(journal, &taking, &err));
    for (unsigned k = 0; k < 200; k++)
        assert_ok(cf_journal_step(journal, cf_bytes_of(MEMBER "open", 12), &err));
    cf_journal_close(journal);
    struct cf_journal_identity next = {TEST_TERMINAL, 2, TEST_STORE};
    assert_ok(cf_journal_create(*state, &next, test_env(), &err));
    journal = journal_opened(*state, CF_JOURNAL_TILL);
    assert_int_equal(forget(journal, 0, 0, 0), 0); /* nobody is to be forgotten: it stays as it was left */
    assert_int_equal(files_with(*state, MEMBER, 8), 1);
    assert_int_equal(forget(journal, 0, 1, 0), 0);
    assert_int_equal(files_with(*state, MEMBER, 8), 0);
    assert_int_equal(files_with(*state, MEMBER_NAME, strlen(MEMBER_NAME)), 0);
    assert_int_equal(files_with(*state, "receipt of 1", 12), 1); /* what was sold stands */
    cf_journal_close(journal);
}

/* A parked sale of this epoch is recalled and paid: it stays until then. */
static void a_sale_that_is_parked_now_stays(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    assert_ok(cf_journal_step(journal, cf_bytes_of(MEMBER "parked", 14), &err));
    assert_ok(cf_journal_park(journal, "her", &err));
    assert_ok(cf_journal_step(journal, cf_bytes_of(MEMBER "open", 12), &err));
    assert_int_equal(forget(journal, 0, 1, 0), 0);
    assert_ok(cf_journal_steps_clear(journal, &err));
    assert_ok(cf_journal_recall(journal, "her", &err));
    cf_journal_close(journal);
}

static void put(const char *folder, const char *name)
{
    assert_ok(cf_env_system()->ops->file_replace(NULL, in_folder(folder, name), cf_bytes_of("..." MEMBER "..", 13),
                                                 0600, &err));
}

/* What is in it nobody can say; for a week it is left to whoever can still read some of it. */
static void broken_journals_go_a_week_after_they_were_set_aside(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_erase_mark mark = cf_erase_mark_of(member());
    struct cf_journal_forget what = {.marks = &mark};
    uint64_t n;
    put(*state, "journal-broken-5000000.db");
    put(*state, "journal-broken-5000000.db-wal");
    put(*state, "journal-broken-5604800.db");
    put(*state, "journal-broken-9000000.db"); /* by a clock that was wrong */
    what.now = cf_wall_from_s(5604800);
    assert_ok(cf_journal_forget(journal, &what, &n, &err)); /* nobody is to be forgotten */
    what.n_marks = 1;
    what.now.us = 0;
    assert_ok(cf_journal_forget(journal, &what, &n, &err)); /* it is not known what time it is */
    assert_int_equal(files_with(*state, MEMBER, 8), 4);
    what.now = cf_wall_from_s(5604800);
    assert_ok(cf_journal_forget(journal, &what, &n, &err));
    assert_int_equal(files_with(*state, MEMBER, 8), 1);
    what.now = cf_wall_from_s(5604800 + CF_JOURNAL_BROKEN_KEEP_S);
    assert_ok(cf_journal_forget(journal, &what, &n, &err));
    assert_int_equal(files_with(*state, MEMBER, 8), 0);
    cf_journal_close(journal);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        test(a_member_is_erased_once_it_may_be),
        test(purchases_are_counted_until_their_basket_goes),
        test(baskets_beyond_the_window_are_sealed),
        test(a_cancelled_sale_goes_from_the_log),
        test(a_reader_only_delays_it),
        test(journals_of_epochs_before_are_treated_too),
        test(sales_that_an_epoch_left_open_or_parked_go_with_her),
        test(a_sale_that_is_parked_now_stays),
        test(who_is_in_a_sealed_basket_is_forgotten),
        test(so_is_who_was_in_one_of_an_epoch_before),
        test(a_counter_stays_with_a_record_that_may_not_go_yet),
        test(broken_journals_go_a_week_after_they_were_set_aside),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
