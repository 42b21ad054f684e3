/*
 * tests/unit/terminal/crash/till_crash_test.c - a disk that is full at any write of a sale, a kill at any instruction.
 *
 * Either the sale is open as it was, or it is committed exactly once with its receipt waiting. The kill is a real one:
 * a child sells, the parent sends SIGKILL after a while or behind a step, and opens the folder again.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/sync_shim.h"
#include "tests/unit/terminal/till_support.h"

/* --- a full disk
 * ------------------------------------------------------------------------------------------------------
 */

static void fill_basket(struct shop *shop)
{
    assert_ok(shop_scan(shop, CREAM));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 1)));
}

/* A return is taken whole or not at all; what was refused for want of room can be taken later. */
static void a_disk_that_is_full_at_any_write_of_a_return_takes_nothing_back(void **state)
{
    struct shop *shop = *state;
    struct cf_sync_shim *shim = cf_sync_shim();
    const struct cf_till_return what = {.receipt = "1"};
    struct cf_till_returned back;
    unsigned refused = 0;
    fill_basket(shop);
    struct cf_till_sold sold = shop_pay_all(shop);
    memset(&back, 0, sizeof back);
    for (uint64_t n = 0; n < 200; n++) {
        shim->full_from = shim->n_writes + 1 + n;
        enum cf_rc rc = cf_till_return(shop->till, &what, &back, &shop->err);
        shim->full_from = 0;
        if (rc == CF_OK)
            break;
        if (rc != CF_E_DISK_FULL)
            fail_msg("with room for %llu writes: %s: %s", (unsigned long long)n, cf_rc_name(rc), shop->err.detail);
        refused++;
        assert_false(shop_last_is(shop, CF_RECORD_RETURN));
        assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
        if (n % 3 == 0)
            shop_restart(shop);
    }
    assert_true(refused > 0);
    assert_int_equal(back.total_minor, sold.total_minor);
    assert_true(shop_last_is(shop, CF_RECORD_RETURN));
    assert_int_equal(back.of.seq, sold.at.seq);
    shop_restart(shop);
    assert_rc(cf_till_return(shop->till, &what, NULL, NULL), CF_E_RETURN_EMPTY);
    shop_verify(shop);
}

/* The disk has room for n more writes, then for none, for n = 0, 1, ... until the sale goes through. */
static void a_disk_that_is_full_at_any_write_of_a_sale_leaves_it_open(void **state)
{
    struct shop *shop = *state;
    struct cf_sync_shim *shim = cf_sync_shim();
    fill_basket(shop);
    int64_t due = shop_due(shop);
    unsigned refused = 0;
    for (uint64_t n = 0; n < 200; n++) {
        struct cf_till_sold sold = {.committed = false};
        shim->full_from = shim->n_writes + 1 + n;
        enum cf_rc rc = shop_pay(shop, CF_TENDER_CASH, 10000, "", &sold);
        shim->full_from = 0;
        if (rc == CF_OK) {
            assert_true(sold.committed);
            break;
        }
        if (rc != CF_E_DISK_FULL)
            fail_msg("with room for %llu writes: %s: %s", (unsigned long long)n, cf_rc_name(rc), shop->err.detail);
        refused++;
        /* Even the note that the money goes back may not have fitted; the cashier gives it back by hand then. */
        if (shop_view(shop).state == CF_CHECKOUT_PAID)
            assert_ok(cf_till_untender(shop->till, &shop->err));
        struct cf_till_view view = shop_view(shop);
        assert_int_equal(view.state, CF_CHECKOUT_SELLING);
        assert_int_equal(view.tenders->n, 0);
        assert_int_equal(view.due_minor, due);
        assert_int_equal(shop_facts(shop), 0);
        if (n % 3 == 0) {
            shop_restart(shop);
            assert_int_equal(shop_view(shop).state, CF_CHECKOUT_SELLING);
            assert_int_equal(shop_due(shop), due);
        }
    }
    assert_true(refused >= 2);
    assert_int_equal(shop_facts(shop), 1);
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_COUPON_SPENT);
    shop_verify(shop);
}

static void a_scan_that_cannot_be_kept_is_not_shown(void **state)
{
    struct shop *shop = *state;
    struct cf_sync_shim *shim = cf_sync_shim();
    assert_ok(shop_scan(shop, SOAP));
    shim->full_from = shim->n_writes + 1;
    assert_rc(shop_scan(shop, TEA), CF_E_DISK_FULL);
    assert_rc(cf_till_quantity(shop->till, 0, 2000, &shop->err), CF_E_DISK_FULL);
    assert_rc(cf_till_park(shop->till, "x", &shop->err), CF_E_DISK_FULL);
    assert_rc(cf_till_cancel(shop->till, &shop->err), CF_E_DISK_FULL);
    shim->full_from = 0;
    struct cf_till_view view = shop_view(shop);
    assert_int_equal(view.state, CF_CHECKOUT_SELLING);
    assert_int_equal(cf_cart_count(view.cart), 1);
    assert_int_equal(view.due_minor, 1000);
    shop_restart(shop);
    assert_int_equal(shop_due(shop), 1000);
    (void)shop_pay_all(shop);
    shop_verify(shop);
}

static void a_sync_that_fails_commits_nothing(void **state)
{
    struct shop *shop = *state;
    struct cf_sync_shim *shim = cf_sync_shim();
    fill_basket(shop);
    shim->sync_fails_from = shim->n_fsync + shim->n_fdatasync + 1;
    assert_true(shop_pay(shop, CF_TENDER_CASH, 10000, "", NULL) != CF_OK);
    shim->sync_fails_from = 0;
    shop_restart(shop);
    /* A sync that failed may have been half of one: the sale is open or committed, never both, never twice. */
    if (shop_view(shop).state == CF_CHECKOUT_IDLE)
        assert_int_equal(shop_facts(shop), 1);
    else
        (void)shop_pay_all(shop);
    assert_int_equal(shop_facts(shop), 1);
    shop_verify(shop);
}

/* A cancellation that is cut short after the right was given back: the sale that stays open must not spend it. */
static void a_right_that_was_given_back_is_no_longer_on_the_sale(void **state)
{
    struct shop *shop = *state;
    struct cf_sync_shim *shim = cf_sync_shim();
    bool between = false;
    shop->ask_online = true;
    shop->net_rc = CF_OK;
    shop_restart(shop);
    for (uint64_t n = 0; n < 200; n++) {
        assert_ok(shop_scan(shop, SOAP));
        assert_ok(shop_scan(shop, shop_coupon(LEASED, 100 + (uint32_t)n)));
        uint64_t before = shop_records(shop);
        shim->full_from = shim->n_writes + 1 + n;
        enum cf_rc rc = cf_till_cancel(shop->till, &shop->err);
        shim->full_from = 0;
        if (rc == CF_OK)
            break;
        bool given_back = shop_records(shop) > before;
        between = between || given_back;
        if (n % 2)
            shop_restart(shop);
        if (given_back)
            assert_int_equal(shop_view(shop).n_coupons, 0);
        assert_int_equal(shop_view(shop).state, CF_CHECKOUT_SELLING);
        assert_ok(cf_till_cancel(shop->till, &shop->err));
    }
    assert_true(between); /* one of the cuts was there */
    shop_verify(shop);
}

/* --- the phone relay ---------------------------------------------------------------------------------------------- */

struct endings {
    uint8_t nonce[CF_NONCE_BYTES];
    size_t used, closed;
};

static enum cf_rc count_ending(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                               const struct cf_sha256 *hash, struct cf_error *err)
{
    struct endings *e = ctx;
    uint8_t nonce[CF_NONCE_BYTES];
    (void)body_hash;
    (void)hash;
    if (record->type == CF_RECORD_CHALLENGE) {
        assert_ok(cf_challenge_closed_decode(record->body, nonce, err));
        e->closed += memcmp(nonce, e->nonce, sizeof nonce) == 0;
    } else if (record->type == CF_RECORD_SALE) {
        struct cf_sale *sale = NULL;
        assert_ok(cf_sale_new(&sale, err));
        assert_ok(cf_sale_decode(record->body, sale, err));
        for (size_t i = 0; i < sale->n_redemptions; i++)
            e->used += sale->redemptions[i].source == CF_RIGHT_TICKET &&
                       memcmp(sale->redemptions[i].request_key, e->nonce, sizeof e->nonce) == 0;
        cf_sale_free(sale);
    }
    return CF_OK;
}

static void assert_ended(struct shop *shop, const struct cf_challenge *challenge, bool used)
{
    struct endings e = {.used = 0};
    memcpy(e.nonce, challenge->nonce, sizeof e.nonce);
    assert_ok(cf_journal_read(cf_till_journal(shop->till), 1, 100000, count_ending, &e, &shop->err));
    assert_int_equal(e.used, used);
    assert_int_equal(e.closed, !used);
}

static struct cf_challenge challenge(struct shop *shop)
{
    char text[CF_CHALLENGE_TEXT_MAX];
    struct cf_challenge read;
    assert_ok(cf_till_challenge(shop->till, text, &shop->err));
    assert_ok(cf_challenge_decode_text(cf_bytes_str(text), &read, &shop->err));
    return read;
}

static void scan_ticket(struct shop *shop, const struct cf_challenge *asked, uint32_t index)
{
    struct cf_ticket ticket = {.campaign = ONLINE_ONLY, .index = index, .till = SHOP_TILL, .exp_s = TEST_NOW_S + 3600};
    struct cf_code code;
    char text[CF_CODE_TEXT_MAX];
    memcpy(ticket.nonce, asked->nonce, sizeof ticket.nonce);
    assert_ok(cf_ticket_sign(&ticket, KID_ALL, test_key(ISSUER), &code, NULL));
    assert_ok(cf_code_text(&code, text, NULL));
    assert_ok(shop_scan(shop, text));
}

/* Sold or cancelled, and the disk full at any write of that: what was shown to a phone ends once. */
static void a_challenge_ends_once_wherever_the_disk_is_full(void **state)
{
    struct shop *shop = *state;
    struct cf_sync_shim *shim = cf_sync_shim();
    unsigned cut = 0;
    for (uint64_t n = 0; n < 400; n++) {
        bool sells = n % 2 == 0;
        assert_ok(shop_scan(shop, SOAP));
        struct cf_challenge used = challenge(shop), unused = challenge(shop);
        scan_ticket(shop, &used, (uint32_t)n);
        shim->full_from = shim->n_writes + 1 + n / 2;
        enum cf_rc rc =
            sells ? shop_pay(shop, CF_TENDER_CASH, 10000, "", NULL) : cf_till_cancel(shop->till, &shop->err);
        bool whole = rc == CF_OK && shim->n_writes < shim->full_from;
        shim->full_from = 0;
        cut += !whole;
        shop_restart(shop);
        if (rc != CF_OK) {
            assert_int_equal(shop_view(shop).n_coupons, 1);
            if (sells)
                (void)shop_pay_all(shop);
            else
                assert_ok(cf_till_cancel(shop->till, &shop->err));
        }
        assert_ended(shop, &used, sells);
        assert_ended(shop, &unused, false);
        if (whole && !sells)
            break;
    }
    assert_true(cut >= 4);
    shop_verify(shop);
}

static void a_challenge_that_could_not_be_kept_is_not_shown(void **state)
{
    struct shop *shop = *state;
    struct cf_sync_shim *shim = cf_sync_shim();
    char text[CF_CHALLENGE_TEXT_MAX] = "";
    uint8_t open[CF_JOURNAL_CHALLENGES_MAX][CF_NONCE_BYTES];
    size_t n_open = 0;
    for (uint64_t n = 0; n < 100; n++) {
        shim->full_from = shim->n_writes + 1 + n;
        enum cf_rc rc = cf_till_challenge(shop->till, text, &shop->err);
        shim->full_from = 0;
        if (rc == CF_OK)
            break;
        assert_rc(rc, CF_E_DISK_FULL);
        assert_int_equal(text[0], '\0');
        assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    }
    assert_true(text[0] != '\0');
    assert_ok(cf_journal_challenges(cf_till_journal(shop->till), open, &n_open, &shop->err));
    assert_int_equal(n_open, 1);
    shop_verify(shop);
}

/* No answer, and no room to note it: whatever the shopper does next, the right stays in doubt. */
static void a_doubt_that_could_not_be_noted_is_noted_before_it_is_forgotten(void **state)
{
    struct shop *shop = *state;
    struct cf_sync_shim *shim = cf_sync_shim();
    shop->ask_online = true;
    shop_restart(shop);
    for (uint32_t way = 0; way < 4; way++) {
        bool between = false;
        for (uint64_t n = 0; n < 40; n++) {
            const char *text = shop_coupon(LEASED, 1000 * way + (uint32_t)n);
            assert_ok(shop_scan(shop, SOAP));
            shop->mono_us += 31 * CF_US_PER_S;
            shop->net_rc = CF_E_TIMEOUT;
            unsigned asked = shop->asked;
            shim->full_from = shim->n_writes + 1 + n;
            enum cf_rc rc = shop_scan(shop, text);
            shim->full_from = 0;
            bool sent = shop->asked > asked;
            between = between || (rc == CF_E_DISK_FULL && sent);
            shop->net_rc = CF_E_LINK_DOWN;
            if (way == 1)
                assert_ok(shop_scan(shop, shop_coupon(PINNED, (uint32_t)n))); /* another coupon is no answer */
            if (way == 2)
                assert_ok(cf_till_cancel(shop->till, &shop->err));
            else if (way == 3)
                shop_restart(shop);
            if (way != 2)
                (void)shop_pay_all(shop);
            if (sent)
                assert_rc(shop_scan(shop, text), CF_E_COUPON_ONLINE);
            assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
            if (rc == CF_E_COUPON_ONLINE)
                break;
        }
        assert_true(between); /* sent, and not noted */
    }
    shop_verify(shop);
}

static int disk_setup(void **state)
{
    memset(cf_sync_shim(), 0, sizeof *cf_sync_shim());
    return shop_setup(state);
}

static int disk_teardown(void **state)
{
    memset(cf_sync_shim(), 0, sizeof *cf_sync_shim());
    return shop_teardown(state);
}

/* --- a kill
 * -----------------------------------------------------------------------------------------------------------
 */

#define N_STEPS 8

static struct shop untouched; /* copied for each kill */
static char coupon[CF_CODE_TEXT_MAX];

static int kill_setup(void **state)
{
    (void)state;
    shop_init(&untouched);
    snprintf(coupon, sizeof coupon, "%s", shop_coupon(LEASED, 1));
    return 0;
}

static int kill_teardown(void **state)
{
    (void)state;
    shop_done(&untouched);
    return 0;
}

/* The script of a sale: each step is one call of the till's. */
static enum cf_rc do_step(struct shop *shop, unsigned step)
{
    switch (step) {
    case 0:
        return shop_scan(shop, CREAM);
    case 1:
        return shop_scan(shop, TEA);
    case 2:
        return shop_scan(shop, coupon);
    case 3:
        return cf_till_quantity(shop->till, 2, 2000, &shop->err);
    case 4:
        return shop_scan(shop, SOAP);
    case 5:
        return cf_till_void(shop->till, 3, &shop->err);
    case 6:
        return shop_pay(shop, CF_TENDER_CARD, 1000, "A-1", NULL);
    default:
        return shop_pay(shop, CF_TENDER_CASH, 10000, "", NULL);
    }
}

/* How far a reopened till has come in the script, 0 .. N_STEPS; fails the test on anything that is no prefix of it. */
static unsigned progress_of(struct shop *shop)
{
    struct cf_till_view view = shop_view(shop);
    uint64_t records = shop_facts(shop);
    if (view.state == CF_CHECKOUT_IDLE)
        return records ? N_STEPS : 0;
    assert_int_equal(records, 0);
    size_t lines = cf_cart_count(view.cart);
    if (view.state == CF_CHECKOUT_TENDERING) {
        assert_int_equal(view.tenders->n, 1);
        return 7;
    }
    assert_int_equal(view.state, CF_CHECKOUT_SELLING);
    if (lines == 3)
        return cf_cart_at(view.cart, 2)->voided ? 6 : 5;
    assert_in_range(lines, 1, 2);
    if (lines == 1)
        return 1;
    if (view.n_coupons == 0)
        return 2;
    return cf_cart_at(view.cart, 1)->qty_milli == 2000 ? 4 : 3;
}

static void sell_in_child(struct shop *shop, int told, int go)
{
    char byte;
    shop_open(shop);
    if (write(told, "o", 1) != 1 || read(go, &byte, 1) != 1)
        _exit(3);
    for (unsigned step = 0; step < N_STEPS; step++) {
        if (do_step(shop, step) != CF_OK)
            _exit(2);
        byte = (char)('0' + step);
        if (write(told, &byte, 1) != 1)
            _exit(3);
    }
    pause(); /* until it is killed */
    _exit(4);
}

static void sleep_us(int64_t us)
{
    struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    (void)nanosleep(&time, NULL);
}

/* Runs the script in a child and kills it: behind step `after` if that is below N_STEPS + 1, else after us. Returns how
 * many steps it had told of. */
static unsigned sell_and_kill(struct shop *shop, unsigned after, int64_t us)
{
    int told[2], go[2];
    char byte;
    unsigned done = 0;
    assert_int_equal(pipe(told), 0);
    assert_int_equal(pipe(go), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        sell_in_child(shop, told[1], go[0]);
    close(told[1]);
    close(go[0]);
    assert_int_equal(read(told[0], &byte, 1), 1); /* it is open: only the sale is timed */
    assert_int_equal(write(go[1], "g", 1), 1);
    if (after <= N_STEPS) {
        while (done < after && read(told[0], &byte, 1) == 1)
            done++;
    } else {
        sleep_us(us);
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status)); /* it did not end by itself */
    while (read(told[0], &byte, 1) == 1)
        done++;
    close(told[0]);
    close(go[1]);
    return done;
}

/* What a restarted till must be: where the script was, or one step further; then the sale ends once. */
static void check_after_kill(struct shop *shop, unsigned told)
{
    uint64_t seq = 0;
    shop_open(shop);
    unsigned now = progress_of(shop);
    if (now != told && now != told + 1)
        fail_msg("%u steps were told, the till is at %u", told, now);
    for (unsigned step = now; step < N_STEPS; step++)
        if (do_step(shop, step) != CF_OK)
            fail_msg("step %u after a kill at %u: %s", step, now, shop->err.detail);
    assert_int_equal(shop_facts(shop), 1);
    assert_ok(cf_till_unprinted(shop->till, &seq, &shop->err));
    struct cf_sale *sale = shop_sale_of(shop, seq);
    assert_int_equal(sale->sale_no, 1);
    assert_int_equal(sale->n_lines, 2);
    assert_int_equal(sale->n_redemptions, 1);
    assert_int_equal(sale->tenders.n, 2);
    cf_sale_free(sale);
    assert_rc(shop_scan(shop, coupon), CF_E_COUPON_SPENT);
    shop_verify(shop);
    shop_close(shop);
}

static void a_kill_behind_any_step_loses_nothing_that_was_shown(void **state)
{
    (void)state;
    for (unsigned after = 0; after <= N_STEPS; after++) {
        struct shop shop;
        shop_copy(&shop, &untouched);
        unsigned told = sell_and_kill(&shop, after, 0);
        assert_true(told >= after);
        check_after_kill(&shop, told);
        shop_done(&shop);
    }
}

static int64_t now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void a_kill_at_any_moment_leaves_one_sale(void **state)
{
    (void)state;
    const int kills = 200;
    unsigned cut[N_STEPS + 1] = {0}, middles = 0;
    struct shop shop;
    shop_copy(&shop, &untouched);
    shop_open(&shop);
    int64_t began = now_us();
    for (unsigned step = 0; step < N_STEPS; step++)
        assert_ok(do_step(&shop, step));
    int64_t whole_us = now_us() - began;
    shop_done(&shop);
    for (int k = 0; k < kills; k++) {
        shop_copy(&shop, &untouched);
        unsigned told = sell_and_kill(&shop, N_STEPS + 1, whole_us * k / (kills * 9 / 10));
        cut[told]++;
        check_after_kill(&shop, told);
        shop_done(&shop);
    }
    for (unsigned k = 0; k <= N_STEPS; k++)
        middles += cut[k] > 0;
    print_message("# 200 kills over %lld us; told of 0..8 steps:", (long long)whole_us);
    for (unsigned k = 0; k <= N_STEPS; k++)
        print_message(" %u", cut[k]);
    print_message("\n");
    assert_true(middles >= 3); /* the kills were spread over the sale */
}

int main(void)
{
#define killed(test) cmocka_unit_test_setup_teardown(test, kill_setup, kill_teardown)
#define on_disk(test) cmocka_unit_test_setup_teardown(test, disk_setup, disk_teardown)
    const struct CMUnitTest tests[] = {
        on_disk(a_disk_that_is_full_at_any_write_of_a_sale_leaves_it_open),
        on_disk(a_disk_that_is_full_at_any_write_of_a_return_takes_nothing_back),
        on_disk(a_scan_that_cannot_be_kept_is_not_shown),
        on_disk(a_sync_that_fails_commits_nothing),
        on_disk(a_doubt_that_could_not_be_noted_is_noted_before_it_is_forgotten),
        on_disk(a_right_that_was_given_back_is_no_longer_on_the_sale),
        on_disk(a_challenge_ends_once_wherever_the_disk_is_full),
        on_disk(a_challenge_that_could_not_be_kept_is_not_shown),
        killed(a_kill_behind_any_step_loses_nothing_that_was_shown),
        killed(a_kill_at_any_moment_leaves_one_sale),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_keys_done();
    return failed;
}
