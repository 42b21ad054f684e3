/*
 * tests/bench/sale_bench.c - sales committed, beside a loop that only writes as many bytes and syncs them.
 *
 * A sale is 10 lines, a coupon and two tenders. It is sold once by a till, and what the till gave the journal (steps,
 * record, receipt) is then given to the journal again and again, with another number and another right each time: so
 * the journal is measured without pricing and signatures. The whole sale through the till is a figure of its own.
 * The floor writes the bytes of a sale in one piece into a file that is there already, as a write-ahead log is, and
 * calls fdatasync; a second floor writes one page, for information. The disk is the sync shim: as it is ("raw"), or 5
 * ms slower ("+5 ms"), since disks here lie.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/bench.h"
#include "tests/bench/world.h"
#include "tests/support/sync_shim.h"

#define LINES 10
#define STEPS_MAX 16
#define LOG_BYTES (16u << 20)
#define FLOOR_BYTES_MAX (1u << 20)
#define PAGE_BYTES 4096
#define ROUNDS_MAX 16

/* What a till gave the journal for one sale. */
struct template
{
    size_t n_steps;
    struct cf_buf steps[STEPS_MAX];
    struct cf_sale *sale;
    struct cf_buf receipt;
};
struct floor {
    int fd;
    size_t n;  /* bytes of a sale, as they are written on average */
    size_t at; /* in the file */
    uint8_t bytes[FLOOR_BYTES_MAX];
};
struct bench {
    struct world world;
    struct cf_till *till;
    struct cf_journal *journal; /* the till's */
    struct template template;
    struct floor floor;
    uint32_t next_index;
    char coupon[CF_CODE_TEXT_MAX];
    uint64_t syncs_least, syncs_most; /* of one sale */
};

/* --- syncs -------------------------------------------------------------------------------------------------------- */

static uint64_t syncs(void)
{
    return cf_sync_shim()->n_fsync + cf_sync_shim()->n_fdatasync;
}

static void count(struct bench *bench, uint64_t n)
{
    bench->syncs_least = n < bench->syncs_least ? n : bench->syncs_least;
    bench->syncs_most = n > bench->syncs_most ? n : bench->syncs_most;
}

static uint64_t bytes_written(void)
{
    char line[128];
    unsigned long long n = 0;
    FILE *io = fopen("/proc/self/io", "re");
    while (io != NULL && fgets(line, sizeof line, io) != NULL) {
        if (strncmp(line, "wchar: ", 7) == 0) {
            n = strtoull(line + 7, NULL, 10);
        }
    }
    if (io == NULL || n == 0) {
        bench_die("/proc/self/io does not tell what was written");
    }
    fclose(io);
    return n;
}

/* --- a sale through the till ----------------------------------------------------------------------------------- */

static void ring_up(struct bench *bench)
{
    char barcode[14];
    struct cf_error err;
    for (uint64_t k = 1; k <= LINES; k++) {
        world_barcode(1 + (bench->next_index * 31 + k * 7) % bench->world.n_products, barcode);
        bench_check(cf_till_scan(bench->till, cf_bytes_str(barcode), NULL, &err), &err, "goods");
    }
    bench_check(cf_till_scan(bench->till, cf_bytes_str(bench->coupon), NULL, &err), &err, "coupon");
    struct cf_tender card = {.kind = CF_TENDER_CARD, .amount_minor = 500, .reference = "POS 004711 8831"};
    struct cf_till_sold sold = {0};
    bench_check(cf_till_tender(bench->till, &card, &sold, &err), &err, "card");
}

static uint64_t pay_rest(struct bench *bench)
{
    struct cf_till_view view;
    struct cf_till_sold sold = {0};
    struct cf_error err;
    cf_till_view(bench->till, &view);
    struct cf_tender cash = {.kind = CF_TENDER_CASH, .amount_minor = view.due_minor + 37};
    bench_check(cf_till_tender(bench->till, &cash, &sold, &err), &err, "cash");
    if (!sold.committed) {
        bench_die("the sale was not committed");
    }
    return sold.at.seq;
}

static void new_coupon(struct bench *bench)
{
    world_coupon(&bench->world, bench->next_index++, bench->coupon);
}

static double sell_by_till_ms(struct bench *bench)
{
    struct cf_error err;
    new_coupon(bench);
    uint64_t before = syncs();
    int64_t from = bench_now_ns();
    ring_up(bench);
    uint64_t seq = pay_rest(bench);
    bench_check(cf_till_printed(bench->till, seq, CF_PRINT_DONE, &err), &err, "printed");
    int64_t to = bench_now_ns();
    count(bench, syncs() - before);
    return (double)(to - from) / 1e6;
}

/* --- the template --------------------------------------------------------------------------------------------------*/

static enum cf_rc keep_step(void *ctx, cf_bytes step, struct cf_error *err)
{
    struct template *template = ctx;
    if (template->n_steps == STEPS_MAX) {
        bench_die("more than %d steps", STEPS_MAX);
    }
    struct cf_buf *kept = &template->steps[template->n_steps++];
    cf_buf_init(kept, CF_STEP_BYTES_MAX);
    return cf_buf_append(kept, step.p, step.n, err);
}

static enum cf_rc keep_sale(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                            const struct cf_sha256 *hash, struct cf_error *err)
{
    struct template *template = ctx;
    (void)body_hash;
    (void)hash;
    return cf_sale_decode(record->body, template->sale, err);
}

static void take_template(struct bench *bench)
{
    struct template *template = &bench->template;
    struct cf_error err;
    new_coupon(bench);
    ring_up(bench);
    bench_check(cf_journal_steps(bench->journal, keep_step, template, &err), &err, "steps");
    /* The step of the second tender is committed away at once; it is as long as that of the first. */
    const struct cf_buf *card = &template->steps[template->n_steps - 1];
    bench_check(keep_step(template, cf_buf_bytes(card), &err), &err, "the last step");
    uint64_t seq = pay_rest(bench);
    cf_buf_init(&template->receipt, 1u << 20);
    bench_check(cf_sale_new(&template->sale, &err), &err, "sale");
    bench_check(cf_journal_read(bench->journal, seq, 1, keep_sale, template, &err), &err, "the sale's record");
    bench_check(cf_journal_receipt(bench->journal, seq, &template->receipt, &err), &err, "its receipt");
    bench_check(cf_till_printed(bench->till, seq, CF_PRINT_DONE, &err), &err, "printed");
}

static void template_done(struct template *template)
{
    for (size_t i = 0; i < template->n_steps; i++) {
        cf_buf_done(&template->steps[i]);
    }
    cf_buf_done(&template->receipt);
    cf_sale_free(template->sale);
}

/* --- the same sale again, by the journal alone -------------------------------------------------------------------*/

static enum cf_rc give_receipt(void *ctx, const struct cf_committed *committed, struct cf_buf *ret_receipt,
                               struct cf_error *err)
{
    const struct template *template = ctx;
    (void)committed;
    return cf_buf_append(ret_receipt, template->receipt.p, template->receipt.n, err);
}

static double commit_ms(struct bench *bench)
{
    struct template *template = &bench->template;
    struct cf_sale *sale = template->sale;
    struct cf_stamp stamp = {
        .wall = {cf_env_wall(cf_env_system()).us / 1000 * 1000}, .time_quality = CF_TIME_SYNCED, .down_cursor = 42};
    struct cf_committed at;
    struct cf_error err;
    sale->redemptions[0].index = bench->next_index++;
    uint64_t before = syncs();
    int64_t from = bench_now_ns();
    for (size_t i = 0; i < template->n_steps; i++) {
        bench_check(cf_journal_step(bench->journal, cf_buf_bytes(&template->steps[i]), &err), &err, "step");
    }
    bench_check(cf_journal_next_sale_no(bench->journal, &sale->sale_no, &err), &err, "sale number");
    bench_check(cf_journal_commit_sale(bench->journal, sale, &stamp, give_receipt, template, &at, &err), &err, "sale");
    bench_check(cf_journal_print_mark(bench->journal, at.seq, CF_PRINT_DONE, &err), &err, "printed");
    int64_t to = bench_now_ns();
    count(bench, syncs() - before);
    return (double)(to - from) / 1e6;
}

/* --- the floor ---------------------------------------------------------------------------------------------------- */

static void floor_init(struct bench *bench)
{
    struct floor *floor = &bench->floor;
    char path[WORLD_PATH_MAX + 16];
    const unsigned sales = 20;
    uint64_t before = bytes_written();
    for (unsigned i = 0; i < sales; i++) {
        commit_ms(bench);
    }
    floor->n = (size_t)((bytes_written() - before) / sales);
    if (floor->n > FLOOR_BYTES_MAX) {
        bench_die("a sale writes %zu bytes", floor->n);
    }
    snprintf(path, sizeof path, "%s/floor.log", bench->world.dir);
    floor->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    memset(floor->bytes, 0x5a, sizeof floor->bytes);
    for (size_t at = 0; at < LOG_BYTES; at += FLOOR_BYTES_MAX) {
        if (pwrite(floor->fd, floor->bytes, FLOOR_BYTES_MAX, (off_t)at) != FLOOR_BYTES_MAX) {
            bench_die("%s cannot be written", path);
        }
    }
    fsync(floor->fd);
}

static double floor_ms(struct floor *floor, size_t n)
{
    int64_t from = bench_now_ns();
    floor->at = floor->at + n > LOG_BYTES ? 0 : floor->at;
    ssize_t done = pwrite(floor->fd, floor->bytes, n, (off_t)floor->at);
    if (done != (ssize_t)n || fdatasync(floor->fd) != 0) {
        bench_die("the floor's file cannot be written");
    }
    floor->at += n;
    return (double)(bench_now_ns() - from) / 1e6;
}

/* --- figures ------------------------------------------------------------------------------------------------------ */

struct course {
    const char *disk; /* "+5 ms" */
    uint64_t delay_us;
    unsigned rounds, sales; /* of a round: enough for a checkpoint */
    double goal;            /* of the rate, as a part of the floor's */
    bool by_till, p99_counts;
};
struct result {
    struct bench_samples rate, floor_rate, rate_ratio, p99, floor_p99, p99_ratio, page_rate, page_ratio;
};

/* One round: a run of sales with the rest that comes between them, then as many turns of the floor. */
static void round_of(struct bench *bench, const struct course *course, struct result *result)
{
    struct bench_samples ours, floor;
    struct cf_error err;
    bench_samples_init(&ours, course->sales);
    bench_samples_init(&floor, course->sales);
    int64_t from = bench_now_ns();
    for (unsigned i = 0; i < course->sales; i++) {
        bench_samples_add(&ours, course->by_till ? sell_by_till_ms(bench) : commit_ms(bench));
        bench_check(cf_till_rest(bench->till, &err), &err, "resting");
    }
    int64_t middle = bench_now_ns();
    for (unsigned i = 0; i < course->sales; i++) {
        bench_samples_add(&floor, floor_ms(&bench->floor, bench->floor.n));
    }
    int64_t to = bench_now_ns();
    for (unsigned i = 0; i < course->sales; i++) {
        floor_ms(&bench->floor, PAGE_BYTES);
    }
    double page_rate = course->sales * 1e9 / (double)(bench_now_ns() - to);
    double rate = course->sales * 1e9 / (double)(middle - from);
    double floor_rate = course->sales * 1e9 / (double)(to - middle);
    double p99 = bench_samples_at(&ours, 990), floor_p99 = bench_samples_at(&floor, 990);
    bench_samples_add(&result->rate, rate);
    bench_samples_add(&result->floor_rate, floor_rate);
    bench_samples_add(&result->rate_ratio, rate / floor_rate);
    bench_samples_add(&result->page_rate, page_rate);
    bench_samples_add(&result->page_ratio, rate / page_rate);
    bench_samples_add(&result->p99, p99);
    bench_samples_add(&result->floor_p99, floor_p99);
    bench_samples_add(&result->p99_ratio, p99 / floor_p99);
    bench_samples_done(&ours);
    bench_samples_done(&floor);
}

static void print_course(const struct course *course, struct result *result)
{
    char what[128], goal[64];
    double ratio = bench_samples_at(&result->rate_ratio, 500), p99 = bench_samples_at(&result->p99_ratio, 500);
    snprintf(what, sizeof what, "%s, disk %s, median of rounds",
             course->by_till ? "whole sales through the till (coupon verified, priced)" : "sales committed",
             course->disk);
    snprintf(goal, sizeof goal, "median of ratios >= %.1f", course->goal);
    bench_print(&(struct bench_figure){.row = "sale",
                                       .what = what,
                                       .unit = "/s",
                                       .value = bench_samples_at(&result->rate, 500),
                                       .floor = "as many bytes in one write + fdatasync",
                                       .floor_value = bench_samples_at(&result->floor_rate, 500),
                                       .ratio = ratio,
                                       .goal = course->goal > 0 ? goal : NULL,
                                       .met = ratio >= course->goal});
    bench_print(&(struct bench_figure){.row = "sale",
                                       .what = what,
                                       .unit = "/s",
                                       .value = bench_samples_at(&result->rate, 500),
                                       .floor = "one page in one write + fdatasync",
                                       .floor_value = bench_samples_at(&result->page_rate, 500),
                                       .ratio = bench_samples_at(&result->page_ratio, 500)});
    snprintf(what, sizeof what, "%s, disk %s, p99", course->by_till ? "a whole sale" : "a sale", course->disk);
    bench_print(&(struct bench_figure){.row = "sale",
                                       .what = what,
                                       .unit = "ms",
                                       .value = bench_samples_at(&result->p99, 500),
                                       .floor = "p99 of the floor",
                                       .floor_value = bench_samples_at(&result->floor_p99, 500),
                                       .ratio = p99,
                                       .goal = course->p99_counts ? "median of ratios <= 1.5" : NULL,
                                       .met = p99 <= 1.5});
}

static void run(struct bench *bench, const struct course *course)
{
    struct result result;
    struct bench_samples *all[] = {&result.rate,      &result.floor_rate, &result.rate_ratio, &result.p99,
                                   &result.floor_p99, &result.p99_ratio,  &result.page_rate,  &result.page_ratio};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        bench_samples_init(all[i], ROUNDS_MAX);
    }
    cf_sync_shim()->delay_us = course->delay_us;
    for (unsigned round = 0; round < course->rounds; round++) {
        round_of(bench, course, &result);
    }
    cf_sync_shim()->delay_us = 0;
    print_course(course, &result);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        bench_samples_done(all[i]);
    }
}

int main(int argc, char **argv)
{
    static const struct course courses[] = {
        {.disk = "+5 ms", .delay_us = 5000, .rounds = 7, .sales = 200, .goal = 0.9, .p99_counts = true},
        {.disk = "raw", .rounds = 11, .sales = 400, .goal = 0.4},
        {.disk = "+5 ms", .delay_us = 5000, .rounds = 3, .sales = 200, .by_till = true},
        {.disk = "raw", .rounds = 5, .sales = 400, .by_till = true},
    };
    if (argc != 2) {
        bench_die("usage: sale_bench EMPTY-FOLDER");
    }
    struct bench *bench = calloc(1, sizeof *bench);
    if (bench == NULL) {
        bench_die("no memory");
    }
    world_init(&bench->world, argv[1], 20000);
    bench->till = world_open(&bench->world);
    bench->journal = cf_till_journal(bench->till);
    take_template(bench);
    floor_init(bench);
    bench->syncs_least = UINT64_MAX;
    bench->syncs_most = 0;
    for (size_t i = 0; i < sizeof courses / sizeof *courses; i++) {
        run(bench, &courses[i]);
    }
    bench_print(&(struct bench_figure){.row = "sale",
                                       .what = "fdatasync calls of one sale, the most of all sales above",
                                       .unit = "calls",
                                       .value = (double)bench->syncs_most,
                                       .floor = "the least",
                                       .floor_value = (double)bench->syncs_least,
                                       .goal = "exactly 1",
                                       .met = bench->syncs_most == 1 && bench->syncs_least == 1});
    bench_print(&(struct bench_figure){
        .row = "sale", .what = "bytes that a sale writes", .unit = "kB", .value = (double)bench->floor.n / 1000});
    template_done(&bench->template);
    close(bench->floor.fd);
    cf_till_close(bench->till);
    world_done(&bench->world);
    free(bench);
    return 0;
}
