/*
 * tests/store/journal_test.c - the journal: opening, the open sale, records, what follows from them, receipts.
 */
#include "tests/store/store_support.h"

#include <stdio.h>
#include <string.h>

#include "app/core/lease_return.h"
#include "base/cbor.h"

/* --- opening ------------------------------------------------------------------------------------------------------ */

static void a_folder_without_a_journal_says_so(void **state)
{
    struct cf_journal *journal = NULL;
    assert_rc(cf_journal_open(*state, CF_JOURNAL_TILL, test_env(), &journal, &err), CF_E_JOURNAL_NONE);
    assert_rc(cf_journal_open(*state, CF_JOURNAL_READ, test_env(), &journal, &err), CF_E_JOURNAL_NONE);
    assert_null(journal);
}

static void a_new_journal_knows_whose_it_is(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_journal_identity identity;
    struct cf_journal_head head;
    cf_journal_identity(journal, &identity);
    assert_int_equal(identity.terminal, TEST_TERMINAL);
    assert_int_equal(identity.epoch, 1);
    assert_int_equal(identity.store, TEST_STORE);
    assert_ok(cf_journal_head(journal, &head, &err));
    assert_int_equal(head.seq, 0);
    struct cf_sha256 start = cf_record_chain_start(TEST_TERMINAL, 1);
    assert_memory_equal(head.hash.digest, start.digest, CF_SHA256_BYTES);
    cf_journal_close(journal);
}

static void two_tills_cannot_open_one_journal(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_journal *second = NULL;
    assert_rc(cf_journal_open(*state, CF_JOURNAL_TILL, test_env(), &second, &err), CF_E_JOURNAL_LOCKED);
    struct cf_journal *reader = journal_opened(*state, CF_JOURNAL_READ);
    cf_journal_close(journal);
    journal = journal_opened(*state, CF_JOURNAL_TILL);
    cf_journal_close(reader);
    cf_journal_close(journal);
}

static void a_journal_is_made_once_an_epoch_and_the_older_one_is_kept(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    assert_ok(sell(journal, 1, 2, 0, 0, NULL));
    struct cf_journal_identity identity = {TEST_TERMINAL, 2, TEST_STORE};
    assert_rc(cf_journal_create(*state, &identity, test_env(), &err), CF_E_JOURNAL_LOCKED);
    cf_journal_close(journal);
    identity.epoch = 1;
    assert_rc(cf_journal_create(*state, &identity, test_env(), &err), CF_E_EXISTS);
    identity.epoch = 2;
    assert_ok(cf_journal_create(*state, &identity, test_env(), &err));
    assert_true(file_size(in_folder(*state, "journal-1.db")) > 0);
    struct cf_journal_head head;
    journal = journal_opened(*state, CF_JOURNAL_TILL);
    assert_ok(cf_journal_head(journal, &head, &err));
    assert_int_equal(head.seq, 0);
    cf_journal_close(journal);
}

static void a_new_epoch_keeps_a_broken_journal_aside(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    cf_journal_close(journal);
    write_file(in_folder(*state, "journal.db"), "not a database at all", 21);
    assert_rc(cf_journal_open(*state, CF_JOURNAL_TILL, test_env(), &journal, &err), CF_E_JOURNAL_BROKEN);
    struct cf_journal_identity identity = {TEST_TERMINAL, 2, TEST_STORE};
    assert_ok(cf_journal_create(*state, &identity, test_env(), &err));
    cf_journal_close(journal_opened(*state, CF_JOURNAL_TILL));
}

static void a_reader_may_not_write(void **state)
{
    struct cf_journal *till = journal_made(*state);
    struct cf_journal *reader = journal_opened(*state, CF_JOURNAL_READ);
    struct cf_committed committed;
    assert_rc(cf_journal_step(reader, cf_bytes_str("x"), &err), CF_E_READ_ONLY);
    assert_rc(cf_journal_steps_clear(reader, &err), CF_E_READ_ONLY);
    assert_rc(cf_journal_park(reader, "x", &err), CF_E_READ_ONLY);
    assert_rc(cf_journal_recall(reader, "x", &err), CF_E_READ_ONLY);
    assert_rc(cf_journal_rest(reader, &err), CF_E_READ_ONLY);
    assert_rc(cf_journal_print_mark(reader, 1, CF_PRINT_DONE, &err), CF_E_READ_ONLY);
    assert_rc(cf_journal_append(reader, CF_RECORD_START, cf_bytes_str("x"), false, &test_stamp, &committed, &err),
              CF_E_READ_ONLY);
    cf_journal_close(reader);
    cf_journal_close(till);
}

/* --- the open sale ------------------------------------------------------------------------------------------------ */

struct seen {
    size_t n;
    char text[16][32];
};

static enum cf_rc see_step(void *ctx, cf_bytes step, struct cf_error *error)
{
    (void)error;
    struct seen *seen = ctx;
    snprintf(seen->text[seen->n++], sizeof seen->text[0], "%.*s", (int)step.n, (const char *)step.p);
    return CF_OK;
}

static void steps_come_back_in_order_after_a_restart(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    const char *const texts[] = {"scan 690", "", "quantity 3"};
    for (size_t k = 0; k < 3; k++)
        assert_ok(cf_journal_step(journal, cf_bytes_str(texts[k]), &err));
    cf_journal_close(journal);
    journal = journal_opened(*state, CF_JOURNAL_TILL);
    assert_ok(cf_journal_step(journal, cf_bytes_str("after"), &err));
    struct seen seen = {0};
    assert_ok(cf_journal_steps(journal, see_step, &seen, &err));
    assert_int_equal(seen.n, 4);
    for (size_t k = 0; k < 3; k++)
        assert_string_equal(seen.text[k], texts[k]);
    assert_string_equal(seen.text[3], "after");
    assert_ok(cf_journal_steps_clear(journal, &err));
    assert_int_equal(count_steps(journal), 0);
    cf_journal_close(journal);
}

static void a_step_has_a_largest_size(void **state)
{
    static uint8_t large[CF_STEP_BYTES_MAX + 1];
    struct cf_journal *journal = journal_made(*state);
    assert_ok(cf_journal_step(journal, cf_bytes_of(large, CF_STEP_BYTES_MAX), &err));
    assert_rc(cf_journal_step(journal, cf_bytes_of(large, CF_STEP_BYTES_MAX + 1), &err), CF_E_LIMIT);
    assert_int_equal(count_steps(journal), 1);
    cf_journal_close(journal);
}

static enum cf_rc stop_at_once(void *ctx, cf_bytes step, struct cf_error *error)
{
    (void)ctx;
    (void)step;
    return cf_fail(error, CF_E_TIMEOUT, "enough");
}

static void an_error_of_the_callback_ends_the_walk(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    assert_ok(cf_journal_step(journal, cf_bytes_str("a"), &err));
    assert_rc(cf_journal_steps(journal, stop_at_once, NULL, &err), CF_E_TIMEOUT);
    assert_ok(cf_journal_step(journal, cf_bytes_str("b"), &err));
    assert_int_equal(count_steps(journal), 2);
    cf_journal_close(journal);
}

static enum cf_rc count_parked(void *ctx, const char *label, uint32_t n_steps, struct cf_error *error)
{
    (void)label;
    (void)error;
    *(uint32_t *)ctx += n_steps;
    return CF_OK;
}

static void a_parked_sale_comes_back(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    assert_rc(cf_journal_park(journal, "blue bag", &err), CF_E_SALE_NONE);
    assert_ok(cf_journal_step(journal, cf_bytes_str("one"), &err));
    assert_ok(cf_journal_step(journal, cf_bytes_str("two"), &err));
    assert_ok(cf_journal_park(journal, "blue bag", &err));
    assert_int_equal(count_steps(journal), 0);
    assert_ok(cf_journal_step(journal, cf_bytes_str("of another sale"), &err));
    assert_rc(cf_journal_park(journal, "blue bag", &err), CF_E_EXISTS);
    assert_rc(cf_journal_recall(journal, "blue bag", &err), CF_E_SALE_OPEN);
    assert_ok(cf_journal_steps_clear(journal, &err));
    cf_journal_close(journal);
    journal = journal_opened(*state, CF_JOURNAL_TILL);
    uint32_t n = 0;
    assert_ok(cf_journal_parked(journal, count_parked, &n, &err));
    assert_int_equal(n, 2);
    assert_rc(cf_journal_recall(journal, "red bag", &err), CF_E_NOT_FOUND);
    assert_ok(cf_journal_recall(journal, "blue bag", &err));
    struct seen seen = {0};
    assert_ok(cf_journal_steps(journal, see_step, &seen, &err));
    assert_int_equal(seen.n, 2);
    assert_string_equal(seen.text[1], "two");
    assert_rc(cf_journal_recall(journal, "blue bag", &err), CF_E_SALE_OPEN);
    cf_journal_close(journal);
}

static void at_most_32_sales_are_parked_and_labels_are_text(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    char label[100];
    for (int k = 0; k <= 32; k++) {
        snprintf(label, sizeof label, "basket %d", k);
        assert_ok(cf_journal_step(journal, cf_bytes_str("x"), &err));
        assert_rc(cf_journal_park(journal, label, &err), k < 32 ? CF_OK : CF_E_LIMIT);
    }
    assert_int_equal(count_steps(journal), 1);
    assert_rc(cf_journal_park(journal, "", &err), CF_E_ARGUMENT);
    assert_rc(cf_journal_park(journal, "bell\a", &err), CF_E_ENCODING);
    memset(label, 'l', sizeof label - 1);
    label[99] = '\0';
    assert_rc(cf_journal_park(journal, label, &err), CF_E_LIMIT);
    cf_journal_close(journal);
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static void a_sale_is_recorded_with_all_that_follows(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_sale *sale = NULL;
    struct cf_committed committed;
    cf_kid grant = {{1, 2, 3, 4}};
    assert_ok(cf_sale_new(&sale, &err));
    fill_sale(sale, 7, 10, 5, 900);
    sale->has_member = true;
    sale->member_live = true;
    sale->member = (cf_sub){{9, 9, 9}};
    sale->member_counter = UINT64_MAX - 1;
    sale->n_issued = 1;
    sale->issued[0] = (struct cf_issued){grant, 6, 50000, 1900000000};
    assert_ok(cf_journal_step(journal, cf_bytes_str("x"), &err));
    assert_ok(cf_journal_commit_sale(journal, sale, &test_stamp, test_receipt, NULL, &committed, &err));
    assert_int_equal(committed.seq, 1);
    for (int reopened = 0; reopened < 2; reopened++) {
        bool is = false;
        int64_t spent = 0;
        int64_t returned = 0;
        uint32_t issued = 0;
        uint64_t counter = 0;
        uint64_t next = 0;
        uint64_t waiting = 0;
        assert_int_equal(count_steps(journal), 0);
        assert_ok(cf_journal_is_spent(journal, 5, 900, &is, &err));
        assert_true(is);
        assert_ok(cf_journal_is_spent(journal, 5, 901, &is, &err));
        assert_false(is);
        assert_ok(cf_journal_lease_used(journal, 5, &spent, &returned, &err));
        assert_int_equal(spent, 1);
        assert_int_equal(returned, 0);
        struct cf_lease_used used;
        assert_ok(cf_journal_lease_use(journal, 5, &used, &err));
        assert_true(used.spent == 1 && used.spent_minor == 100 && used.returned_minor == 0);
        assert_ok(cf_journal_day_used(journal, 5, sale->business_day, &spent, &err));
        assert_int_equal(spent, 1);
        assert_ok(cf_journal_day_used(journal, 5, sale->business_day + 1, &spent, &err));
        assert_int_equal(spent, 0);
        assert_ok(cf_journal_issued(journal, grant, &issued, &err));
        assert_int_equal(issued, 1);
        assert_ok(cf_journal_member_counter(journal, sale->member, &is, &counter, &err));
        assert_true(is && counter == UINT64_MAX - 1);
        assert_ok(cf_journal_next_sale_no(journal, &next, &err));
        assert_int_equal(next, 8);
        assert_ok(cf_journal_print_waiting(journal, &waiting, &err));
        assert_int_equal(waiting, 1);
        cf_journal_close(journal);
        journal = journal_opened(*state, reopened == 0 ? CF_JOURNAL_READ : CF_JOURNAL_TILL);
    }
    cf_sale_free(sale);
    cf_journal_close(journal);
}

static void a_right_is_spent_once(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_committed committed = {.seq = 77};
    assert_ok(sell(journal, 1, 3, 5, 1, NULL));
    assert_rc(sell(journal, 2, 3, 5, 1, &committed), CF_E_COUPON_SPENT);
    assert_int_equal(committed.seq, 77);
    assert_int_equal(count_steps(journal), 6); /* the open sale is still there */
    struct cf_journal_head head;
    assert_ok(cf_journal_head(journal, &head, &err));
    assert_int_equal(head.seq, 1);
    assert_ok(cf_journal_steps_clear(journal, &err));
    assert_ok(sell(journal, 2, 3, 5, 2, &committed));
    assert_int_equal(committed.seq, 2);
    struct cf_journal_verdict verdict;
    assert_ok(cf_journal_verify(journal, &verdict, &err));
    cf_journal_close(journal);
}

static void numbers_of_sales_rise(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    assert_ok(sell(journal, 4, 1, 0, 0, NULL));
    assert_rc(sell(journal, 4, 1, 0, 0, NULL), CF_E_STATE);
    assert_rc(sell(journal, 3, 1, 0, 0, NULL), CF_E_STATE);
    assert_ok(sell(journal, 5, 1, 0, 0, NULL));
    cf_journal_close(journal);
}

static void issued_serials_follow_on(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_sale *sale = NULL;
    struct cf_committed committed;
    cf_kid grant = {{7}};
    uint32_t count = 9;
    assert_ok(cf_sale_new(&sale, &err));
    const struct {
        uint32_t index;
        enum cf_rc rc;
    } tries[] = {{100, CF_OK}, {100, CF_E_COUPON_RANGE}, {102, CF_E_COUPON_RANGE}, {101, CF_OK}};
    assert_ok(cf_journal_issued(journal, grant, &count, &err));
    assert_int_equal(count, 0);
    for (size_t k = 0; k < 4; k++) {
        fill_sale(sale, k + 1, 2, 0, 0);
        sale->n_issued = 1;
        sale->issued[0] = (struct cf_issued){grant, 6, tries[k].index, 1900000000};
        assert_rc(cf_journal_commit_sale(journal, sale, &test_stamp, test_receipt, NULL, &committed, &err),
                  tries[k].rc);
    }
    assert_ok(cf_journal_issued(journal, grant, &count, &err));
    assert_int_equal(count, 2);
    cf_sale_free(sale);
    cf_journal_close(journal);
}

static enum cf_rc refusing_receipt(void *ctx, const struct cf_committed *committed, struct cf_buf *ret,
                                   struct cf_error *error)
{
    (void)ctx;
    (void)committed;
    (void)ret;
    return cf_fail(error, CF_E_CODE_SIZE, "no");
}

static void a_receipt_that_cannot_be_made_undoes_the_sale(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_sale *sale = NULL;
    struct cf_committed committed;
    bool spent = true;
    assert_ok(cf_sale_new(&sale, &err));
    fill_sale(sale, 1, 2, 5, 3);
    assert_ok(cf_journal_step(journal, cf_bytes_str("x"), &err));
    assert_rc(cf_journal_commit_sale(journal, sale, &test_stamp, refusing_receipt, NULL, &committed, &err),
              CF_E_CODE_SIZE);
    assert_int_equal(count_steps(journal), 1);
    assert_ok(cf_journal_is_spent(journal, 5, 3, &spent, &err));
    assert_false(spent);
    assert_ok(cf_journal_commit_sale(journal, sale, &test_stamp, test_receipt, NULL, &committed, &err));
    assert_int_equal(committed.seq, 1);
    cf_sale_free(sale);
    cf_journal_close(journal);
}

static void a_sale_whose_sums_are_wrong_is_not_recorded(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_sale *sale = NULL;
    struct cf_committed committed;
    struct cf_journal_head head;
    assert_ok(cf_sale_new(&sale, &err));
    fill_sale(sale, 1, 2, 0, 0);
    sale->total_minor++;
    assert_rc(cf_journal_commit_sale(journal, sale, &test_stamp, test_receipt, NULL, &committed, &err), CF_E_RECORD);
    assert_ok(cf_journal_head(journal, &head, &err));
    assert_int_equal(head.seq, 0);
    cf_sale_free(sale);
    cf_journal_close(journal);
}

static cf_bytes three(struct cf_buf *buf, uint64_t a, uint64_t b, uint64_t c)
{
    struct cf_cbor_writer w;
    cf_buf_clear(buf);
    cf_cbor_write_init(&w, buf);
    cf_cbor_write_array(&w, 3);
    cf_cbor_write_uint(&w, a);
    cf_cbor_write_uint(&w, b);
    cf_cbor_write_uint(&w, c);
    assert_ok(cf_cbor_write_end(&w, &err));
    return cf_buf_bytes(buf);
}

static void what_was_released_cannot_be_spent_at_that_generation(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_committed committed;
    struct cf_buf buf;
    struct cf_sale *sale = NULL;
    bool released = false;
    uint32_t generation = 0;
    cf_buf_init(&buf, 1000);
    assert_ok(cf_sale_new(&sale, &err));
    assert_ok(
        cf_journal_append(journal, CF_RECORD_RELEASED, three(&buf, 5, 8, 2), false, &test_stamp, &committed, &err));
    assert_ok(cf_journal_released(journal, 5, 8, &released, &generation, &err));
    assert_true(released && generation == 2);
    assert_ok(cf_journal_released(journal, 5, 9, &released, &generation, &err));
    assert_false(released);
    fill_sale(sale, 1, 2, 5, 8);
    sale->redemptions[0].generation = 2;
    assert_rc(cf_journal_commit_sale(journal, sale, &test_stamp, test_receipt, NULL, &committed, &err),
              CF_E_COUPON_GENERATION);
    sale->redemptions[0].generation = 3; /* pinned here again */
    assert_ok(cf_journal_commit_sale(journal, sale, &test_stamp, test_receipt, NULL, &committed, &err));
    assert_rc(
        cf_journal_append(journal, CF_RECORD_RELEASED, three(&buf, 5, 8, 3), false, &test_stamp, &committed, &err),
        CF_E_COUPON_SPENT);
    cf_sale_free(sale);
    cf_buf_done(&buf);
    cf_journal_close(journal);
}

static void a_lease_return_adds_up_and_a_cancelled_sale_takes_its_number(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_committed committed;
    struct cf_buf buf;
    int64_t spent = 0;
    int64_t returned = 0;
    uint64_t next = 0;
    cf_buf_init(&buf, 1000);
    for (int k = 0; k < 2; k++)
        assert_ok(cf_journal_append(journal, CF_RECORD_LEASE_RETURN, three(&buf, 5, 4, 70), false, &test_stamp,
                                    &committed, &err));
    assert_rc(cf_journal_append(journal, CF_RECORD_LEASE_RETURN, three(&buf, 5, INT64_MAX, 0), false, &test_stamp,
                                &committed, &err),
              CF_E_OVERFLOW);
    assert_ok(cf_journal_lease_used(journal, 5, &spent, &returned, &err));
    assert_true(spent == 0 && returned == 8);
    struct cf_lease_used used;
    assert_ok(cf_journal_lease_use(journal, 5, &used, &err));
    assert_true(used.returned == 8 && used.returned_minor == 140 && used.spent_minor == 0);
    assert_ok(cf_journal_step(journal, cf_bytes_str("x"), &err));
    assert_ok(
        cf_journal_append(journal, CF_RECORD_CANCELLED, three(&buf, 1, 2, 300), true, &test_stamp, &committed, &err));
    assert_int_equal(committed.seq, 3);
    assert_int_equal(count_steps(journal), 0);
    assert_ok(cf_journal_next_sale_no(journal, &next, &err));
    assert_int_equal(next, 2);
    cf_buf_done(&buf);
    cf_journal_close(journal);
}

static cf_bytes hub_return(struct cf_buf *buf, uint32_t hub_epoch, int64_t units, int64_t minor)
{
    const struct cf_hub_lease_return given = {hub_epoch, {5, units, minor}};
    cf_buf_clear(buf);
    assert_ok(cf_hub_lease_return_encode(&given, buf, &err));
    return cf_buf_bytes(buf);
}

static void what_goes_back_of_sub_leases_is_counted_by_hub_and_found_for_it(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_committed committed;
    struct cf_sublease_used used;
    struct cf_buf buf;
    struct cf_journal_verdict verdict;
    uint64_t seq = 0;
    static const struct {
        enum cf_record_type type;
        uint32_t hub_epoch;
        int64_t units, minor;
    } rows[] = {
        {CF_RECORD_SUBLEASE_RETURN, 1, 2, 0},
        {CF_RECORD_SUBLEASE_RETURN, 2, 3, 900},
        {CF_RECORD_STORE_LEASE_RETURN, 2, 7, 50},
        {CF_RECORD_SUBLEASE_RETURN, 2, 4, 100}, /* once more of the same */
    };
    cf_buf_init(&buf, 100);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        assert_ok(cf_journal_append(journal, rows[k].type,
                                    hub_return(&buf, rows[k].hub_epoch, rows[k].units, rows[k].minor), false,
                                    &test_stamp, &committed, &err));
    assert_ok(cf_journal_sublease_use(journal, 5, 2, &used, &err));
    assert_true(used.spent == 0 && used.returned == 7 && used.store_returned == 7);
    assert_true(used.spent_minor == 0 && used.returned_minor == 1000 && used.store_returned_minor == 50);
    assert_ok(cf_journal_sublease_use(journal, 5, 1, &used, &err));
    assert_true(used.returned == 2 && used.returned_minor == 0);
    static const uint64_t next[] = {2, 2, 4, 4, 0};
    for (uint64_t after = 0; after < 5; after++) {
        assert_ok(cf_journal_next_sublease_return(journal, 2, after, &seq, &err));
        assert_int_equal(seq, next[after]);
    }
    assert_ok(cf_journal_verify(journal, &verdict, &err));
    cf_buf_done(&buf);
    cf_journal_close(journal);
}

static void a_body_of_the_wrong_shape_is_refused(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_committed committed;
    struct cf_journal_head head;
    const struct {
        enum cf_record_type type;
        cf_bytes body;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {CF_RECORD_SALE, cf_bytes_of("\x80", 1), CF_E_ARGUMENT, "sales have a call of their own"},
        {CF_RECORD_Z_REPORT, cf_bytes_of("\x80", 1), CF_E_RECORD, "no Z report"},
        {CF_RECORD_LEASE_RETURN, cf_bytes_of("\x83\x01\x02", 3), CF_E_CBOR_SHORT, "ends early"},
        {CF_RECORD_RELEASED, cf_bytes_of("\x83\x01\x02\x03\x04", 5), CF_E_CBOR_TRAILING, "has a tail"},
        {CF_RECORD_SUBLEASE_RETURN, cf_bytes_of("\x84\x01\x02\x20\x00", 5), CF_E_CBOR_SHAPE, "gives back -1"},
        {CF_RECORD_STORE_LEASE_RETURN, cf_bytes_of("\x83\x01\x02\x03", 4), CF_E_CBOR_SHAPE, "is one of a lease"},
        {CF_RECORD_START, cf_bytes_of("", 0), CF_E_CBOR_SHORT, "is empty"},
        {(enum cf_record_type)99, cf_bytes_of("\x80", 1), CF_E_RECORD, "of no known type"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
        assert_rc(cf_journal_append(journal, rows[k].type, rows[k].body, false, &test_stamp, &committed, &err),
                  rows[k].rc);
    assert_ok(cf_journal_head(journal, &head, &err));
    assert_int_equal(head.seq, 0);
    cf_journal_close(journal);
}

/* --- the business day --------------------------------------------------------------------------------------------- */

static void the_day_begins_after_the_last_z_report(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_journal_day day;
    struct cf_committed committed;
    struct cf_buf body;
    cf_buf_init(&body, 10000);
    assert_ok(cf_journal_day(journal, 0, &day, &err));
    assert_true(day.z_no == 1 && day.first_seq > day.last_seq && day.day.totals.n_sales == 0);
    assert_ok(sell(journal, 1, 3, 0, 0, NULL));
    assert_ok(sell(journal, 2, 2, 5, 1, NULL));
    assert_ok(cf_journal_day(journal, 0, &day, &err));
    assert_true(day.first_seq == 1 && day.last_seq == 2 && day.day.totals.n_sales == 2);
    assert_int_equal(day.day.totals.total_minor, 2400);
    struct cf_z_report z = {.z_no = 1, .business_day = 20261122, .totals = day.day.totals};
    z.first_seq = day.first_seq;
    z.last_seq = day.last_seq;
    assert_ok(cf_z_report_encode(&z, &body, &err));
    assert_ok(
        cf_journal_append(journal, CF_RECORD_Z_REPORT, cf_buf_bytes(&body), false, &test_stamp, &committed, &err));
    assert_rc(cf_journal_append(journal, CF_RECORD_Z_REPORT, cf_buf_bytes(&body), false, &test_stamp, &committed, &err),
              CF_E_STATE);
    assert_ok(sell(journal, 3, 1, 0, 0, NULL));
    assert_ok(cf_journal_day(journal, 0, &day, &err));
    assert_true(day.z_no == 2 && day.first_seq == 4 && day.last_seq == 4 && day.day.totals.n_sales == 1);
    cf_buf_done(&body);
    cf_journal_close(journal);
}

/* --- receipts ----------------------------------------------------------------------------------------------------- */

static void receipts_wait_until_they_are_printed(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    uint64_t seq = 0;
    assert_rc(cf_journal_print_waiting(journal, &seq, &err), CF_E_NOT_FOUND);
    for (uint64_t k = 1; k <= 4; k++)
        assert_ok(sell(journal, k, 1, 0, 0, NULL));
    const enum cf_print_state states[] = {CF_PRINT_DONE, CF_PRINT_UNKNOWN, CF_PRINT_SKIPPED, CF_PRINT_DONE};
    for (uint64_t k = 1; k <= 4; k++) {
        assert_ok(cf_journal_print_waiting(journal, &seq, &err));
        assert_int_equal(seq, k);
        assert_ok(cf_journal_print_mark(journal, seq, states[k - 1], &err));
    }
    assert_rc(cf_journal_print_waiting(journal, &seq, &err), CF_E_NOT_FOUND);
    assert_rc(cf_journal_print_mark(journal, 5, CF_PRINT_DONE, &err), CF_E_NOT_FOUND);
    assert_ok(cf_journal_print_mark(journal, 2, CF_PRINT_WAITING, &err));
    assert_ok(cf_journal_print_waiting(journal, &seq, &err));
    assert_int_equal(seq, 2);
    struct cf_buf receipt;
    const char *text = NULL;
    cf_buf_init(&receipt, 10000);
    assert_ok(cf_journal_receipt(journal, 3, &receipt, &err));
    assert_ok(cf_buf_cstr(&receipt, &text, &err));
    assert_non_null(strstr(text, "receipt of 3"));
    assert_rc(cf_journal_receipt(journal, 9, &receipt, &err), CF_E_NOT_FOUND);
    cf_buf_done(&receipt);
    cf_journal_close(journal);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

struct reading {
    uint64_t next;
    struct cf_sha256 hash;
};

static enum cf_rc check_chain(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                              const struct cf_sha256 *hash, struct cf_error *error)
{
    (void)error;
    struct reading *reading = ctx;
    assert_int_equal(record->seq, reading->next++);
    assert_int_equal(record->terminal, TEST_TERMINAL);
    struct cf_sha256 expected = cf_record_body_hash(record);
    assert_memory_equal(expected.digest, body_hash->digest, CF_SHA256_BYTES);
    expected = cf_record_chain(&reading->hash, record, body_hash);
    assert_memory_equal(expected.digest, hash->digest, CF_SHA256_BYTES);
    reading->hash = *hash;
    return CF_OK;
}

static void records_are_read_in_order_across_pages(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    for (uint64_t k = 1; k <= 150; k++)
        assert_ok(sell(journal, k, 1 + k % 5, 0, 0, NULL));
    struct cf_journal *reader = journal_opened(*state, CF_JOURNAL_READ);
    struct reading reading = {1, cf_record_chain_start(TEST_TERMINAL, 1)};
    assert_ok(cf_journal_read(reader, 1, 100, check_chain, &reading, &err));
    assert_int_equal(reading.next, 101);
    assert_ok(cf_journal_read(reader, 101, 1000, check_chain, &reading, &err));
    assert_int_equal(reading.next, 151);
    assert_ok(cf_journal_read(reader, 151, 10, check_chain, &reading, &err));
    assert_rc(cf_journal_read(reader, 0, 10, check_chain, &reading, &err), CF_E_RANGE);
    struct cf_journal_verdict verdict;
    assert_ok(cf_journal_verify(reader, &verdict, &err));
    assert_int_equal(verdict.n_records, 150);
    assert_int_equal(verdict.first_bad_seq, 0);
    assert_memory_equal(verdict.head.hash.digest, reading.hash.digest, CF_SHA256_BYTES);
    cf_journal_close(reader);
    cf_journal_close(journal);
}

#define test(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_folder_without_a_journal_says_so),
        test(a_new_journal_knows_whose_it_is),
        test(two_tills_cannot_open_one_journal),
        test(a_journal_is_made_once_an_epoch_and_the_older_one_is_kept),
        test(a_new_epoch_keeps_a_broken_journal_aside),
        test(a_reader_may_not_write),
        test(steps_come_back_in_order_after_a_restart),
        test(a_step_has_a_largest_size),
        test(an_error_of_the_callback_ends_the_walk),
        test(a_parked_sale_comes_back),
        test(at_most_32_sales_are_parked_and_labels_are_text),
        test(a_sale_is_recorded_with_all_that_follows),
        test(a_right_is_spent_once),
        test(numbers_of_sales_rise),
        test(issued_serials_follow_on),
        test(a_receipt_that_cannot_be_made_undoes_the_sale),
        test(a_sale_whose_sums_are_wrong_is_not_recorded),
        test(what_was_released_cannot_be_spent_at_that_generation),
        test(a_lease_return_adds_up_and_a_cancelled_sale_takes_its_number),
        test(what_goes_back_of_sub_leases_is_counted_by_hub_and_found_for_it),
        test(a_body_of_the_wrong_shape_is_refused),
        test(the_day_begins_after_the_last_z_report),
        test(receipts_wait_until_they_are_printed),
        test(records_are_read_in_order_across_pages),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
