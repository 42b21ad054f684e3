/*
 * tests/bench/scan_bench.c - a product's barcode to its priced line, on a 200-line cart, in two catalogues in turns.
 *
 * The cart is filled to 200 lines untimed; the next twenty scans are timed, each of a product drawn from the whole
 * catalogue, then the sale is dropped. Ten automatic campaigns are running, so each scan prices the whole cart anew.
 * Both replicas are written out and held in the system's cache, so that no disk is in the figures.
 * Each block has a p99 of its own; of the blocks the median counts, since a neighbour's burst on the machine is no
 * property of the till; for the same reason a scan during which the scheduler gave the processor to another process is
 * left out and counted.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/bench/bench.h"
#include "tests/bench/world.h"

#define BLOCKS 20
#define ROUNDS 15 /* of a block */
#define CART_LINES 200
#define TIMED 20
#define CATALOGUES 2

static unsigned n_interrupted;

struct side {
    struct world world;
    struct cf_till *till;
    struct bench_samples ms;   /* of the block */
    struct bench_samples p50s; /* of the blocks */
    struct bench_samples p99s;
    uint64_t random;
};

/* How often the scheduler took the processor from this process. */
static long times_interrupted(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_nivcsw;
}

static double scan_ms(struct side *side)
{
    char barcode[14];
    struct cf_error err;
    world_barcode(1 + bench_random(&side->random) % side->world.n_products, barcode);
    int64_t from = bench_now_ns();
    enum cf_rc rc = cf_till_scan(side->till, cf_bytes_str(barcode), NULL, &err);
    int64_t to = bench_now_ns();
    bench_check(rc, &err, "scanning goods");
    return (double)(to - from) / 1e6;
}

static void round_of(struct side *side)
{
    struct cf_error err;
    struct cf_till_view view;
    for (size_t i = 0; i < CART_LINES; i++) {
        scan_ms(side);
    }
    for (size_t i = 0; i < TIMED; i++) {
        long before = times_interrupted();
        double ms = scan_ms(side);
        if (times_interrupted() == before) {
            bench_samples_add(&side->ms, ms);
        } else {
            n_interrupted++;
        }
    }
    cf_till_view(side->till, &view);
    if (cf_cart_live_count(view.cart) != CART_LINES + TIMED || view.priced->discount_minor == 0) {
        bench_die("the cart is not what was scanned");
    }
    bench_check(cf_till_cancel(side->till, &err), &err, "cancelling");
    bench_check(cf_till_rest(side->till, &err), &err, "resting");
}

/* Keeps the replica in the system's cache, where it is after a morning of selling: these machines take memory back from
 * caches at any time. */
static void hold_in_cache(const char *dir)
{
    char path[WORLD_PATH_MAX + 16];
    struct stat what;
    snprintf(path, sizeof path, "%s/replica.db", dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0 || fstat(fd, &what) != 0) {
        bench_die("%s cannot be read", path);
    }
    void *pages = mmap(NULL, (size_t)what.st_size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (pages == MAP_FAILED || mlock(pages, (size_t)what.st_size) != 0) {
        puts("# the replica cannot be held in memory: some scans will wait for the disk");
    }
    close(fd);
}

static void side_init(struct side *side, const char *dir, uint64_t n_products)
{
    world_init(&side->world, dir, n_products);
    hold_in_cache(dir);
    side->till = world_open(&side->world);
    side->random = 7;
    bench_samples_init(&side->ms, (size_t)ROUNDS * TIMED);
    bench_samples_init(&side->p50s, BLOCKS);
    bench_samples_init(&side->p99s, BLOCKS);
}

static void side_done(struct side *side)
{
    bench_samples_done(&side->ms);
    bench_samples_done(&side->p50s);
    bench_samples_done(&side->p99s);
    cf_till_close(side->till);
    world_done(&side->world);
}

/* The ratio of the block's two p99. */
static double block_of(struct side sides[CATALOGUES])
{
    double p99[CATALOGUES];
    for (size_t i = 0; i < CATALOGUES; i++) {
        sides[i].ms.n = 0;
    }
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < CATALOGUES; i++) {
            round_of(&sides[i]);
        }
    }
    for (size_t i = 0; i < CATALOGUES; i++) {
        p99[i] = bench_samples_at(&sides[i].ms, 990);
        bench_samples_add(&sides[i].p50s, bench_samples_at(&sides[i].ms, 500));
        bench_samples_add(&sides[i].p99s, p99[i]);
    }
    return p99[1] / p99[0];
}

static void print_p50(struct side *side, const char *what)
{
    bench_print(
        &(struct bench_figure){.row = "scan", .what = what, .unit = "ms", .value = bench_samples_at(&side->p50s, 500)});
}

int main(int argc, char **argv)
{
    static const uint64_t sizes[CATALOGUES] = {20000, 1000000};
    static struct side sides[CATALOGUES];
    struct bench_samples ratios;
    if (argc != 1 + CATALOGUES) {
        bench_die("usage: scan_bench FOLDER-20000 FOLDER-1000000");
    }
    for (size_t i = 0; i < CATALOGUES; i++) {
        side_init(&sides[i], argv[1 + i], sizes[i]);
    }
    bench_samples_init(&ratios, BLOCKS);
    block_of(sides); /* to warm up */
    sides[0].p50s.n = sides[0].p99s.n = sides[1].p50s.n = sides[1].p99s.n = 0;
    for (size_t block = 0; block < BLOCKS; block++) {
        bench_samples_add(&ratios, block_of(sides));
    }
    double small = bench_samples_at(&sides[0].p99s, 500), large = bench_samples_at(&sides[1].p99s, 500);
    double ratio = bench_samples_at(&ratios, 500);
    print_p50(&sides[0], "scan -> priced line, 200-line cart, 20,000 products, p50");
    bench_print(&(struct bench_figure){.row = "scan",
                                       .what = "scan -> priced line, 200-line cart, 20,000 products, p99",
                                       .unit = "ms",
                                       .value = small,
                                       .goal = "<= 2 ms",
                                       .met = small <= 2});
    print_p50(&sides[1], "scan -> priced line, 200-line cart, 1,000,000 products, p50");
    bench_print(&(struct bench_figure){.row = "scan",
                                       .what = "scan -> priced line, 200-line cart, 1,000,000 products, p99",
                                       .unit = "ms",
                                       .value = large,
                                       .floor = "the same with 20,000 products",
                                       .floor_value = small,
                                       .ratio = ratio,
                                       .goal = "median of ratios <= 1.5",
                                       .met = ratio <= 1.5});
    bench_print(&(struct bench_figure){.row = "scan",
                                       .what = "scans left out, interrupted by another process",
                                       .unit = "",
                                       .value = n_interrupted,
                                       .floor = "scans timed",
                                       .floor_value = (BLOCKS + 1) * CATALOGUES * (double)ROUNDS * TIMED});
    bench_samples_done(&ratios);
    for (size_t i = 0; i < CATALOGUES; i++) {
        side_done(&sides[i]);
    }
    return 0;
}
