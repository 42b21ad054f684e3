/*
 * tests/store/store_support.c - what the store's tests share; see store_support.h.
 */
#include "tests/store/store_support.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct cf_error err;
const struct cf_stamp test_stamp = {{INT64_C(1795331108000000)}, CF_TIME_SYNCED, 42};

/* --- files -------------------------------------------------------------------------------------------------------- */

int folder_setup(void **state)
{
    const char *tmp = getenv("TMPDIR");
    char *folder = malloc(CF_TEST_PATH_MAX);
    assert_non_null(folder);
    snprintf(folder, CF_TEST_PATH_MAX, "%s/cf-store-XXXXXX", tmp != NULL ? tmp : "/tmp");
    assert_non_null(mkdtemp(folder));
    *state = folder;
    return 0;
}

int folder_teardown(void **state)
{
    char *folder = *state;
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        remove(in_folder(folder, entry->d_name)); /* no folders in it but itself and its parent */
    }
    closedir(entries);
    rmdir(folder);
    free(folder);
    return 0;
}

const char *in_folder(const char *folder, const char *name)
{
    static char paths[4][CF_TEST_PATH_MAX + 64];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

void write_file(const char *path, const void *p, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    const uint8_t *at = p;
    while (n > 0) {
        ssize_t done = write(fd, at, n);
        assert_true(done > 0);
        at += done;
        n -= (size_t)done;
    }
    close(fd);
}

void copy_file(const char *from, const char *to)
{
    static uint8_t block[1 << 16];
    int in = open(from, O_RDONLY);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(in >= 0 && out >= 0);
    for (;;) {
        ssize_t n = read(in, block, sizeof block);
        assert_true(n >= 0);
        if (n == 0)
            break;
        assert_int_equal(write(out, block, (size_t)n), n);
    }
    close(in);
    close(out);
}

size_t file_size(const char *path)
{
    struct stat what;
    return stat(path, &what) == 0 ? (size_t)what.st_size : 0;
}

void flip_byte(const char *path, size_t at, uint8_t mask)
{
    uint8_t byte = 0;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
    byte ^= mask;
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
    close(fd);
}

/* --- the environment ---------------------------------------------------------------------------------------------- */

static int64_t ticks;

static cf_wall wall_now(void *ctx)
{
    (void)ctx;
    return (cf_wall){INT64_C(1795331108000000) + ++ticks * CF_US_PER_MS};
}

static cf_mono mono_now(void *ctx)
{
    (void)ctx;
    return (cf_mono){++ticks * CF_US_PER_MS};
}

static void boot_id(void *ctx, uint8_t ret_id[CF_BOOT_ID_BYTES])
{
    (void)ctx;
    memset(ret_id, 0xb0, CF_BOOT_ID_BYTES);
}

static void random_bytes(void *ctx, void *p, size_t n)
{
    static uint32_t x = 1;
    (void)ctx;
    for (size_t k = 0; k < n; k++) {
        x = x * 1664525u + 1013904223u;
        ((uint8_t *)p)[k] = (uint8_t)(x >> 24);
    }
}

const struct cf_env *test_env(void)
{
    static const struct cf_env_ops ops = {
        .wall_now = wall_now,
        .mono_now = mono_now,
        .boot_id = boot_id,
        .random = random_bytes,
    };
    static const struct cf_env env = {&ops, NULL};
    return &env;
}

/* --- journals ----------------------------------------------------------------------------------------------------- */

struct cf_journal *journal_opened(const char *folder, enum cf_journal_mode mode)
{
    struct cf_journal *journal = NULL;
    assert_ok(cf_journal_open(folder, mode, test_env(), &journal, &err));
    return journal;
}

struct cf_journal *journal_made(const char *folder)
{
    struct cf_journal_identity identity = {TEST_TERMINAL, 1, TEST_STORE};
    assert_ok(cf_journal_create(folder, &identity, test_env(), &err));
    return journal_opened(folder, CF_JOURNAL_TILL);
}

void fill_sale(struct cf_sale *sale, uint64_t sale_no, size_t n_lines, uint32_t campaign, uint32_t index)
{
    struct cf_sale_line *lines = sale->lines;
    memset(sale, 0, sizeof *sale);
    sale->lines = lines;
    sale->sale_no = sale_no;
    sale->business_day = 20261122;
    snprintf(sale->cashier, sizeof sale->cashier, "Li");
    snprintf(sale->currency.code, sizeof sale->currency.code, "CNY");
    sale->tax_mode = CF_TAX_INCLUSIVE;
    sale->n_lines = n_lines;
    for (size_t k = 0; k < n_lines; k++)
        lines[k] =
            (struct cf_sale_line){.product = 1000 + k, .qty_milli = 1000, .unit_price_minor = 500, .tax_bp = 1300};
    sale->gross_minor = (int64_t)n_lines * 500;
    if (campaign != 0) {
        lines[0].discount_minor = 100;
        sale->discount_minor = 100;
        sale->n_discounts = 1;
        sale->discounts[0] = (struct cf_sale_discount){campaign, 1, 0, 100};
        sale->n_redemptions = 1;
        sale->redemptions[0] =
            (struct cf_redemption){campaign, index, 0, CF_POLICY_LEASED, CF_RIGHT_LEASE, 0, {(uint8_t)index}};
    }
    sale->total_minor = sale->gross_minor - sale->discount_minor;
    assert_int_equal(cf_muldiv_round(sale->total_minor, 1300, 11300, &sale->tax_minor, NULL), CF_OK);
    cf_tenders_init(&sale->tenders, sale->total_minor);
    struct cf_tender card = {.kind = CF_TENDER_CARD, .amount_minor = 100, .reference = "ref 1"};
    struct cf_tender cash = {.kind = CF_TENDER_CASH, .amount_minor = sale->total_minor - 100 + 50, .reference = ""};
    assert_ok(cf_tenders_add(&sale->tenders, &card, &err));
    assert_ok(cf_tenders_add(&sale->tenders, &cash, &err));
    sale->change_minor = cf_tenders_change(&sale->tenders);
}

enum cf_rc test_receipt(void *ctx, const struct cf_committed *committed, struct cf_buf *ret, struct cf_error *error)
{
    (void)ctx;
    return cf_buf_printf(ret, error, "receipt of %llu%1500s", (unsigned long long)committed->seq, "end");
}

enum cf_rc sell(struct cf_journal *journal, uint64_t sale_no, size_t n_lines, uint32_t campaign, uint32_t index,
                struct cf_committed *ret)
{
    struct cf_sale *sale = NULL;
    struct cf_committed committed;
    char step[100];
    memset(step, 's', sizeof step);
    assert_ok(cf_sale_new(&sale, &err));
    fill_sale(sale, sale_no, n_lines, campaign, index);
    enum cf_rc rc = CF_OK;
    for (size_t k = 0; rc == CF_OK && k < n_lines + (campaign != 0) + 2; k++) {
        snprintf(step, sizeof step, "step %zu of sale %llu", k, (unsigned long long)sale_no);
        rc = cf_journal_step(journal, cf_bytes_of(step, sizeof step), &err);
    }
    if (rc == CF_OK)
        rc = cf_journal_commit_sale(journal, sale, &test_stamp, test_receipt, NULL, &committed, &err);
    if (rc == CF_OK && ret != NULL)
        *ret = committed;
    cf_sale_free(sale);
    return rc;
}

static enum cf_rc count_step(void *ctx, cf_bytes step, struct cf_error *error)
{
    (void)step;
    (void)error;
    (*(size_t *)ctx)++;
    return CF_OK;
}

size_t count_steps(struct cf_journal *journal)
{
    size_t n = 0;
    assert_ok(cf_journal_steps(journal, count_step, &n, &err));
    return n;
}
