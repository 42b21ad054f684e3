/*
 * tests/store/kill_test.c - a till killed at any instruction: its journal opens, verifies, and holds no half sale.
 */
#include "tests/store/store_support.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 100

/* Sells until it is killed; says each committed seq after it was committed. */
static void sell_for_ever(const char *folder, int say_fd)
{
    struct cf_journal *journal = NULL;
    uint64_t next = 0;
    if (cf_journal_open(folder, CF_JOURNAL_TILL, test_env(), &journal, NULL) != CF_OK ||
        cf_journal_steps_clear(journal, NULL) != CF_OK || cf_journal_next_sale_no(journal, &next, NULL) != CF_OK) {
        _exit(9);
    }
    for (;; next++) {
        struct cf_committed committed;
        if (cf_journal_step(journal, cf_bytes_str("scan"), NULL) != CF_OK) {
            _exit(7);
        }
        if (next % 4 == 0) {
            usleep(3000); /* the shopper looks for her purse: else a slow disk makes every kill fall into its sync */
        }
        if (sell(journal, next, 1 + next % 12, next % 3 == 0 ? 0 : 5, (uint32_t)next, &committed) != CF_OK ||
            write(say_fd, &committed.seq, sizeof committed.seq) != (ssize_t)sizeof committed.seq ||
            (next % 2 == 0 && cf_journal_print_mark(journal, committed.seq, CF_PRINT_DONE, NULL) != CF_OK) ||
            cf_journal_rest(journal, NULL) != CF_OK) {
            _exit(8);
        }
    }
}

/* The last seq that the child said, after it was killed some milliseconds into its work. */
static uint64_t kill_a_till(const char *folder, useconds_t after_us)
{
    int said[2];
    uint64_t seq = 0;
    uint64_t last = 0;
    int status = 0;
    assert_int_equal(pipe(said), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(said[0]);
        sell_for_ever(folder, said[1]);
    }
    close(said[1]);
    assert_int_equal(read(said[0], &last, sizeof last), sizeof last); /* it is under way, however slow the machine */
    usleep(after_us);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status)); /* else it met an error of its own */
    while (read(said[0], &seq, sizeof seq) == (ssize_t)sizeof seq)
        last = seq;
    close(said[0]);
    return last;
}

struct sales_seen {
    struct cf_journal *journal;
    struct cf_sale *sale;
    uint64_t n;
};

/* Each record is a whole sale, with its receipt and its right. */
static enum cf_rc check_sale(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                             const struct cf_sha256 *hash, struct cf_error *error)
{
    (void)body_hash;
    (void)hash;
    struct sales_seen *seen = ctx;
    struct cf_buf receipt;
    bool spent = false;
    cf_buf_init(&receipt, 10000);
    assert_int_equal(record->type, CF_RECORD_SALE);
    assert_ok(cf_sale_decode(record->body, seen->sale, error));
    assert_ok(cf_journal_receipt(seen->journal, record->seq, &receipt, error));
    if (seen->sale->n_redemptions > 0) {
        assert_ok(cf_journal_is_spent(seen->journal, 5, seen->sale->redemptions[0].index, &spent, error));
        assert_true(spent);
    }
    cf_buf_done(&receipt);
    seen->n++;
    return CF_OK;
}

static void a_till_killed_anywhere_has_whole_sales_only(void **state)
{
    uint32_t x = 4711;
    struct sales_seen seen = {0};
    uint64_t with_steps = 0;
    uint64_t with_receipt = 0;
    assert_ok(cf_sale_new(&seen.sale, &err));
    cf_journal_close(journal_made(*state));
    for (int round = 0; round < ROUNDS; round++) {
        x = x * 1664525u + 1013904223u;
        uint64_t said = kill_a_till(*state, (x >> 8) % 20000);
        struct cf_journal_head head;
        struct cf_journal_verdict verdict;
        uint64_t waiting = 0;
        /* Opening verifies all of it. */
        seen.journal = journal_opened(*state, CF_JOURNAL_TILL);
        assert_ok(cf_journal_head(seen.journal, &head, &err));
        assert_true(head.seq == said || head.seq == said + 1);
        seen.n = 0;
        uint64_t from = head.seq > 50 ? head.seq - 50 : 1;
        assert_ok(cf_journal_read(seen.journal, from, 1000, check_sale, &seen, &err));
        with_steps += count_steps(seen.journal) > 0;
        with_receipt += cf_journal_print_waiting(seen.journal, &waiting, &err) == CF_OK;
        if (round % 20 == 19)
            assert_ok(cf_journal_verify(seen.journal, &verdict, &err));
        cf_journal_close(seen.journal);
    }
    print_message("# killed %d times: %llu with an open sale, %llu with a receipt waiting\n", ROUNDS,
                  (unsigned long long)with_steps, (unsigned long long)with_receipt);
    assert_true(with_steps > 0 && with_receipt > 0);
    cf_sale_free(seen.sale);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_till_killed_anywhere_has_whole_sales_only, folder_setup, folder_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
