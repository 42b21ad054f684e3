/*
 * tests/bench/store/store_bench.c - figures of journal and replica, each beside the floor measured in the same run.
 *
 *   store_bench journal [SALES [DELAY_US]]   sales a second: 10 lines, 2 tenders, 1 coupon, steps, receipt, print mark
 *   store_bench replica [PRODUCTS]           snapshot of a catalogue, opening it, looking up, memory
 *
 * One JSON object a line. Works in a folder of its own below $TMPDIR. The floor of a sale is one 4 KiB write and one
 * fdatasync on the same disk, by turns with the sales; DELAY_US is added to each sync of both.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/store/journal.h"
#include "app/store/replica.h"
#include "base/cbor.h"
#include "tests/support/sync_shim.h"

static void check(enum cf_rc rc, const struct cf_error *err)
{
    if (rc != CF_OK) {
        fprintf(stderr, "store_bench: %s: %s\n", cf_rc_name(rc), err->detail);
        exit(3);
    }
}

static int64_t now_us(void)
{
    return cf_env_mono(cf_env_system()).us;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

struct spread {
    int64_t p50_us, p99_us, sum_us;
};

static struct spread spread_of(int64_t *us, size_t n)
{
    struct spread spread = {0};
    qsort(us, n, sizeof *us, by_size);
    for (size_t k = 0; k < n; k++)
        spread.sum_us += us[k];
    spread.p50_us = us[n / 2];
    spread.p99_us = us[n * 99 / 100];
    return spread;
}

/* --- the journal -------------------------------------------------------------------------------------------------- */

static void fill_sale(struct cf_sale *sale, uint64_t sale_no, struct cf_error *err)
{
    struct cf_sale_line *lines = sale->lines;
    memset(sale, 0, sizeof *sale);
    sale->lines = lines;
    sale->sale_no = sale_no;
    sale->business_day = 20261122;
    snprintf(sale->cashier, sizeof sale->cashier, "Li");
    snprintf(sale->currency.code, sizeof sale->currency.code, "CNY");
    sale->tax_mode = CF_TAX_INCLUSIVE;
    sale->n_lines = 10;
    for (size_t k = 0; k < 10; k++)
        lines[k] =
            (struct cf_sale_line){.product = 1000 + k, .qty_milli = 1000, .unit_price_minor = 500, .tax_bp = 1300};
    lines[0].discount_minor = 100;
    sale->gross_minor = 5000;
    sale->discount_minor = 100;
    sale->n_discounts = 1;
    sale->discounts[0] = (struct cf_sale_discount){5, 1, 0, 100};
    sale->n_redemptions = 1;
    sale->redemptions[0] =
        (struct cf_redemption){5, (uint32_t)(sale_no * 7919 % 1000003), 0, CF_POLICY_LEASED, CF_RIGHT_LEASE, 0, {1}};
    sale->has_member = sale->member_live = true;
    cf_put_be64(sale->member.b, sale_no * UINT64_C(0x9e3779b97f4a7c15));
    sale->member_counter = sale_no;
    sale->total_minor = 4900;
    check(cf_muldiv_round(4900, 1300, 11300, &sale->tax_minor, err), err);
    cf_tenders_init(&sale->tenders, sale->total_minor);
    struct cf_tender card = {.kind = CF_TENDER_CARD, .amount_minor = 1900, .reference = "auth 123456"};
    struct cf_tender cash = {.kind = CF_TENDER_CASH, .amount_minor = 5000, .reference = ""};
    check(cf_tenders_add(&sale->tenders, &card, err), err);
    check(cf_tenders_add(&sale->tenders, &cash, err), err);
    sale->change_minor = cf_tenders_change(&sale->tenders);
}

static enum cf_rc make_receipt(void *ctx, const struct cf_committed *committed, struct cf_buf *ret,
                               struct cf_error *err)
{
    (void)ctx;
    return cf_buf_printf(ret, err, "receipt %" PRIu64 "%1500s", committed->seq, "");
}

/* What the parts of all sales took. */
struct parts {
    int64_t steps_us, commit_us, mark_us;
};

static void sell_one(struct cf_journal *journal, struct cf_sale *sale, struct parts *parts)
{
    struct cf_error err;
    struct cf_committed committed;
    const struct cf_stamp stamp = {{INT64_C(1795331108000000)}, CF_TIME_SYNCED, 42};
    uint8_t step[100] = {1};
    int64_t a = now_us();
    for (int k = 0; k < 14; k++) { /* ten scans, a member, a coupon, two tenders */
        step[1] = (uint8_t)k;
        check(cf_journal_step(journal, cf_bytes_of(step, sizeof step), &err), &err);
    }
    int64_t b = now_us();
    check(cf_journal_commit_sale(journal, sale, &stamp, make_receipt, NULL, &committed, &err), &err);
    int64_t c = now_us();
    check(cf_journal_print_mark(journal, committed.seq, CF_PRINT_DONE, &err), &err);
    parts->steps_us += b - a;
    parts->commit_us += c - b;
    parts->mark_us += now_us() - c;
}

static void floor_one(int fd, uint64_t k)
{
    static uint8_t block[4096];
    memcpy(block, &k, sizeof k);
    if (pwrite(fd, block, sizeof block, (off_t)(k % 1024 * sizeof block)) != (ssize_t)sizeof block ||
        fdatasync(fd) != 0) {
        perror("store_bench: floor");
        exit(3);
    }
}

static void bench_journal(const char *folder, size_t n_sales, uint64_t delay_us)
{
    struct cf_error err;
    struct cf_journal *journal = NULL;
    struct cf_sale *sale = NULL;
    char path[600];
    int64_t *sale_us = calloc(n_sales, sizeof *sale_us);
    int64_t *floor_us = calloc(n_sales, sizeof *floor_us);
    int64_t rest_us = 0;
    struct parts parts = {0};
    const struct cf_journal_identity identity = {11, 1, 3};
    snprintf(path, sizeof path, "%s/floor", folder);
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    for (uint64_t k = 0; k < 1024; k++) { /* written before, as the log is most of the time */
        uint8_t block[4096] = {1};
        if (pwrite(fd, block, sizeof block, (off_t)(k * sizeof block)) < 0)
            exit(3);
    }
    floor_one(fd, 0);
    check(cf_journal_create(folder, &identity, cf_env_system(), &err), &err);
    check(cf_journal_open(folder, CF_JOURNAL_TILL, cf_env_system(), &journal, &err), &err);
    check(cf_sale_new(&sale, &err), &err);
    cf_sync_shim()->delay_us = delay_us;
    uint64_t syncs = cf_sync_shim()->n_fdatasync;
    uint64_t rests = 0;
    for (size_t k = 0; k < n_sales; k++) {
        fill_sale(sale, k + 1, &err);
        int64_t a = now_us();
        sell_one(journal, sale, &parts);
        int64_t b = now_us();
        uint64_t before = cf_sync_shim()->n_fdatasync;
        check(cf_journal_rest(journal, &err), &err);
        rests += cf_sync_shim()->n_fdatasync - before;
        int64_t c = now_us();
        floor_one(fd, k);
        sale_us[k] = b - a;
        rest_us += c - b;
        floor_us[k] = now_us() - c;
    }
    syncs = cf_sync_shim()->n_fdatasync - syncs - n_sales - rests;
    cf_sync_shim()->delay_us = 0;
    struct spread sales = spread_of(sale_us, n_sales);
    struct spread floors = spread_of(floor_us, n_sales);
    double per_s = (double)n_sales * 1e6 / (double)(sales.sum_us + rest_us);
    double floor_per_s = (double)n_sales * 1e6 / (double)floors.sum_us;
    printf("{\"figure\": \"sales a second\", \"delay_us\": %" PRIu64 ", \"sales\": %zu, \"value\": %.1f, "
           "\"floor\": %.1f, \"ratio\": %.3f, \"without_rest\": %.1f, \"p50_us\": %" PRId64 ", \"p99_us\": %" PRId64
           ", \"floor_p50_us\": %" PRId64 ", \"floor_p99_us\": %" PRId64
           ", \"p99_ratio\": %.3f, \"fdatasyncs_a_sale\": %.3f, \"fsyncs\": %" PRIu64
           ", \"steps_us\": %.1f, \"commit_us\": %.1f, \"mark_us\": %.1f}\n",
           delay_us, n_sales, per_s, floor_per_s, per_s / floor_per_s, (double)n_sales * 1e6 / (double)sales.sum_us,
           sales.p50_us, sales.p99_us, floors.p50_us, floors.p99_us, (double)sales.p99_us / (double)floors.p99_us,
           (double)syncs / (double)n_sales, cf_sync_shim()->n_fsync, (double)parts.steps_us / (double)n_sales,
           (double)parts.commit_us / (double)n_sales, (double)parts.mark_us / (double)n_sales);
    cf_journal_close(journal);
    int64_t a = now_us();
    check(cf_journal_open(folder, CF_JOURNAL_TILL, cf_env_system(), &journal, &err), &err);
    printf("{\"figure\": \"open and verify a journal\", \"records\": %zu, \"ms\": %.1f}\n", n_sales,
           (double)(now_us() - a) / 1e3);
    cf_journal_close(journal);
    cf_sale_free(sale);
    close(fd);
    free(sale_us);
    free(floor_us);
}

/* --- the replica -------------------------------------------------------------------------------------------------- */

/* GTIN-like, in no order. */
static void code_of(uint64_t id, char code[15])
{
    uint64_t x = id * UINT64_C(0x9e3779b97f4a7c15);
    snprintf(code, 15, "%014" PRIu64, (x ^ x >> 32) % UINT64_C(100000000000000));
}

static void fill_product(struct cf_down_entry *entry, uint64_t id)
{
    memset(&entry->product, 0, sizeof entry->product);
    entry->kind = CF_DOWN_PRODUCT;
    entry->product.id = id;
    snprintf(entry->product.name, sizeof entry->product.name, "Product number %" PRIu64, id);
    snprintf(entry->product.name_other, sizeof entry->product.name_other, "\xe5\x95\x86\xe5\x93\x81 %" PRIu64, id);
    entry->product.price_minor = (int64_t)(id % 100000);
    entry->product.tax_bp = 1300;
    entry->product.n_categories = 2;
    entry->product.categories[0] = (uint32_t)(id % 100);
    entry->product.categories[1] = (uint32_t)(id % 1000);
    entry->product.n_codes = 1;
    code_of(id, entry->product.codes[0]);
}

/* A chunk of products first .. first+n-1, as far as they fit. */
static uint64_t fill_chunk(struct cf_buf *chunk, uint64_t first, uint64_t last, struct cf_error *err)
{
    static struct cf_down_entry entry;
    struct cf_buf entries;
    struct cf_cbor_writer w;
    uint64_t id = first;
    cf_buf_init(&entries, 1 << 20);
    while (id <= last && entries.n < 1000000) {
        fill_product(&entry, id++);
        check(cf_down_encode(&entry, &entries, err), err);
    }
    cf_buf_clear(chunk);
    cf_cbor_write_init(&w, chunk);
    cf_cbor_write_array(&w, id - first);
    check(cf_cbor_write_end(&w, err), err);
    check(cf_buf_append(chunk, entries.p, entries.n, err), err);
    cf_buf_done(&entries);
    return id;
}

static long resident_kb(const char *what)
{
    char line[200];
    long kb = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, what, strlen(what)) == 0)
            kb = strtol(line + strlen(what), NULL, 10);
    }
    if (status != NULL)
        fclose(status);
    return kb;
}

static void load_products(const char *folder, uint64_t n_products)
{
    struct cf_error err;
    struct cf_replica *replica = NULL;
    struct cf_buf chunk;
    const struct cf_sha256 manifest = {{1}};
    const struct cf_topic_state state = {n_products, {{2}}};
    uint32_t n_chunks = 0;
    int64_t stage_us = 0;
    cf_buf_init(&chunk, 2 << 20);
    check(cf_replica_open(folder, CF_REPLICA_SYNC, &replica, NULL, &err), &err);
    check(cf_replica_snapshot_begin(replica, CF_TOPIC_PRICES, &manifest, &n_chunks, &err), &err);
    for (uint64_t id = 1; id <= n_products;) {
        id = fill_chunk(&chunk, id, n_products, &err);
        int64_t a = now_us();
        check(cf_replica_snapshot_chunk(replica, CF_TOPIC_PRICES, n_chunks++, cf_buf_bytes(&chunk), &err), &err);
        stage_us += now_us() - a;
    }
    int64_t a = now_us();
    check(cf_replica_snapshot_swap(replica, CF_TOPIC_PRICES, n_chunks, NULL, &state, &err), &err);
    int64_t swap_us = now_us() - a;
    printf("{\"figure\": \"snapshot of products\", \"products\": %" PRIu64 ", \"chunks\": %u, \"stage_s\": %.2f, "
           "\"swap_s\": %.2f, \"a_second\": %.0f, \"peak_resident_kb\": %ld}\n",
           n_products, n_chunks, (double)stage_us / 1e6, (double)swap_us / 1e6,
           (double)n_products * 1e6 / (double)(stage_us + swap_us), resident_kb("VmHWM:"));
    cf_replica_close(replica);
    cf_buf_done(&chunk);
}

static void apply_pages(const char *folder, uint64_t n_products)
{
    enum { PAGE = 1000, PAGES = 50 };
    static struct cf_down_entry entry;
    static cf_bytes bytes[PAGE];
    struct cf_error err;
    struct cf_replica *replica = NULL;
    struct cf_topic_state state;
    int64_t us = 0;
    check(cf_replica_open(folder, CF_REPLICA_SYNC, &replica, NULL, &err), &err);
    check(cf_replica_topic(replica, CF_TOPIC_PRICES, &state, &err), &err);
    for (uint64_t page = 0; page < PAGES; page++) {
        struct cf_buf entries;
        size_t at[PAGE + 1] = {0};
        cf_buf_init(&entries, 1 << 20);
        for (size_t k = 0; k < PAGE; k++) { /* price changes all over the catalogue */
            fill_product(&entry, (page * PAGE + k) * 7919 % n_products + 1);
            entry.product.price_minor++;
            check(cf_down_encode(&entry, &entries, &err), &err);
            at[k + 1] = entries.n;
        }
        for (size_t k = 0; k < PAGE; k++) {
            bytes[k] = cf_bytes_of(entries.p + at[k], at[k + 1] - at[k]);
            state.digest = cf_down_digest(&state.digest, bytes[k]);
        }
        int64_t a = now_us();
        check(cf_replica_apply(replica, CF_TOPIC_PRICES, state.version, bytes, PAGE, &state.digest, &err), &err);
        us += now_us() - a;
        state.version += PAGE;
        cf_buf_done(&entries);
    }
    printf("{\"figure\": \"price changes in pages of 1000\", \"products\": %" PRIu64 ", \"a_second\": %.0f}\n",
           n_products, PAGE * (double)PAGES * 1e6 / (double)us);
    cf_replica_close(replica);
}

static void look_up(const char *folder, uint64_t n_products)
{
    enum { LOOK_UPS = 20000 };
    static int64_t us[LOOK_UPS];
    static struct cf_product product;
    struct cf_error err;
    struct cf_replica *replica = NULL;
    char code[15];
    int64_t a = now_us();
    check(cf_replica_open(folder, CF_REPLICA_READ, &replica, NULL, &err), &err);
    int64_t open_us = now_us() - a;
    for (uint64_t k = 0; k < LOOK_UPS; k++) {
        code_of(k * 7919 % n_products + 1, code);
        int64_t b = now_us();
        check(cf_replica_product_by_code(replica, cf_bytes_str(code), &product, &err), &err);
        us[k] = now_us() - b;
    }
    int64_t changed_us = now_us();
    for (int k = 0; k < 1000; k++) {
        bool replaced, changed;
        check(cf_replica_changed(replica, &replaced, &changed, &err), &err);
    }
    changed_us = now_us() - changed_us;
    struct spread spread = spread_of(us, LOOK_UPS);
    printf("{\"figure\": \"product by code\", \"products\": %" PRIu64 ", \"open_ms\": %.2f, \"mean_us\": %.2f, "
           "\"p50_us\": %" PRId64 ", \"p99_us\": %" PRId64 ", \"changed_us\": %.2f, \"peak_resident_kb\": %ld}\n",
           n_products, (double)open_us / 1e3, (double)spread.sum_us / LOOK_UPS, spread.p50_us, spread.p99_us,
           (double)changed_us / 1000, resident_kb("VmHWM:"));
    cf_replica_close(replica);
}

/* Each part in a process of its own, so that its memory is its own. */
static void apart(void (*part)(const char *folder, uint64_t n), const char *folder, uint64_t n)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        part(folder, n);
        fflush(stdout);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        exit(3);
}

int main(int argc, char **argv)
{
    const char *tmp = getenv("TMPDIR");
    char folder[512];
    char command[600];
    snprintf(folder, sizeof folder, "%s/cf-bench-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (argc < 2 || mkdtemp(folder) == NULL) {
        fprintf(stderr, "store_bench: journal [SALES [DELAY_US]] | replica [PRODUCTS]\n");
        return 2;
    }
    uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    if (strcmp(argv[1], "journal") == 0) {
        bench_journal(folder, n > 0 ? n : 2000, argc > 3 ? strtoull(argv[3], NULL, 10) : 0);
    } else {
        n = n > 0 ? n : 1000000;
        apart(load_products, folder, n);
        apart(apply_pages, folder, n);
        apart(look_up, folder, n);
    }
    static const char *const files[] = {"floor",          "journal.db",     "journal.db-wal",
                                        "journal.db-shm", "journal.lock",   "replica.db",
                                        "replica.db-wal", "replica.db-shm", "replica.lock"};
    for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
        snprintf(command, sizeof command, "%s/%s", folder, files[k]);
        unlink(command);
    }
    rmdir(folder);
    return 0;
}
