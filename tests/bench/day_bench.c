/*
 * tests/bench/day_bench.c - a Z report over 20,000 sales, beside reading their records and doing nothing with them.
 *
 * One sale of 10 lines and two tenders is made by a till; the journal is given it again and again, with another number
 * each time. X reports fold the same records and write nothing, so they are what is measured, in turns with the floor;
 * the Z itself, which can be made once, closes the bench.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench.h"
#include "tests/bench/world.h"

#define SALES 20000
#define LINES 10
#define ROUNDS 7
#define GOAL_MS 2000

static enum cf_rc make_receipt(void *ctx, const struct cf_committed *committed, struct cf_buf *ret_receipt,
                               struct cf_error *err)
{
    (void)ctx;
    (void)committed;
    return cf_buf_append(ret_receipt, "receipt", 7, err);
}

/* Sells once; the record's sale into *ret. */
static void sell_one(const struct world *world, struct cf_till *till, struct cf_sale *ret)
{
    struct cf_error err;
    char barcode[14];
    struct cf_till_sold sold = {0};
    struct cf_till_view view;
    for (uint64_t k = 1; k <= LINES; k++) {
        world_barcode(1 + k * 7 % world->n_products, barcode);
        bench_check(cf_till_scan(till, cf_bytes_str(barcode), NULL, &err), &err, "goods");
    }
    const struct cf_tender card = {.kind = CF_TENDER_CARD, .amount_minor = 500, .reference = "POS 004711 8831"};
    bench_check(cf_till_tender(till, &card, &sold, &err), &err, "card");
    cf_till_view(till, &view);
    const struct cf_tender cash = {.kind = CF_TENDER_CASH, .amount_minor = view.due_minor + 37};
    bench_check(cf_till_tender(till, &cash, &sold, &err), &err, "cash");
    bench_check(cf_journal_sale(cf_till_journal(till), sold.at.seq, ret, &err), &err, "the sale");
}

static void sell_many(struct cf_till *till, struct cf_sale *sale, const struct world *world)
{
    struct cf_error err;
    struct cf_committed at;
    struct cf_journal *journal = cf_till_journal(till);
    struct cf_stamp stamp = {.wall = world->now, .time_quality = CF_TIME_SYNCED};
    for (uint64_t i = 1; i < SALES; i++) {
        sale->sale_no++;
        stamp.wall.us += CF_US_PER_S;
        bench_check(cf_journal_commit_sale(journal, sale, &stamp, make_receipt, NULL, &at, &err), &err, "commit");
        bench_check(cf_journal_print_mark(journal, at.seq, CF_PRINT_DONE, &err), &err, "printed");
        if (i % 64 == 0)
            bench_check(cf_journal_rest(journal, &err), &err, "rest");
    }
}

static enum cf_rc look(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                       const struct cf_sha256 *hash, struct cf_error *err)
{
    (void)body_hash;
    (void)hash;
    (void)err;
    *(uint64_t *)ctx += record->body.n;
    return CF_OK;
}

static double read_ms(struct cf_till *till)
{
    struct cf_error err;
    uint64_t bytes = 0;
    int64_t from = bench_now_ns();
    bench_check(cf_journal_read(cf_till_journal(till), 1, SIZE_MAX, look, &bytes, &err), &err, "read");
    return (double)(bench_now_ns() - from) / 1e6;
}

/* By a till that was just opened: one that has read its day has only the rest to read. */
static double report_ms(struct cf_till **till, const struct world *world, bool z)
{
    static struct cf_till_report report;
    struct cf_error err;
    cf_till_close(*till);
    *till = world_open(world);
    int64_t from = bench_now_ns();
    bench_check(z ? cf_till_z_report(*till, &report, &err) : cf_till_x_report(*till, &report, &err), &err, "report");
    double ms = (double)(bench_now_ns() - from) / 1e6;
    if (report.z.totals.n_sales != SALES)
        bench_die("%llu sales in the report", (unsigned long long)report.z.totals.n_sales);
    return ms;
}

int main(int argc, char **argv)
{
    struct world world;
    struct cf_sale *sale;
    struct bench_samples report, floor, ratio;
    struct cf_error err;
    if (argc != 2)
        bench_die("usage: day_bench EMPTY-FOLDER");
    world_init(&world, argv[1], 1000);
    struct cf_till *till = world_open(&world);
    bench_check(cf_sale_new(&sale, &err), &err, "sale");
    sell_one(&world, till, sale);
    sell_many(till, sale, &world);
    bench_samples_init(&report, ROUNDS);
    bench_samples_init(&floor, ROUNDS);
    bench_samples_init(&ratio, ROUNDS);
    for (int i = 0; i < ROUNDS; i++) {
        double floor_ms = read_ms(till), ms = report_ms(&till, &world, false);
        bench_samples_add(&floor, floor_ms);
        bench_samples_add(&report, ms);
        bench_samples_add(&ratio, ms / floor_ms);
    }
    double ms = bench_samples_at(&report, 500);
    bench_print(&(struct bench_figure){.row = "day",
                                       .what = "X report over 20,000 sales of 10 lines, median",
                                       .unit = "ms",
                                       .value = ms,
                                       .floor = "their records read",
                                       .floor_value = bench_samples_at(&floor, 500),
                                       .ratio = bench_samples_at(&ratio, 500)});
    ms = report_ms(&till, &world, true);
    bench_print(&(struct bench_figure){.row = "day",
                                       .what = "Z report over 20,000 sales of 10 lines, committed",
                                       .unit = "ms",
                                       .value = ms,
                                       .floor = "their records read",
                                       .floor_value = bench_samples_at(&floor, 500),
                                       .goal = "<= 2,000 ms",
                                       .met = ms <= GOAL_MS});
    bench_samples_done(&report);
    bench_samples_done(&floor);
    bench_samples_done(&ratio);
    cf_sale_free(sale);
    cf_till_close(till);
    world_done(&world);
    return 0;
}
