/*
 * tests/bench/coupon_bench.c - a coupon's text to accepted or refused at an offline till, beside one bare verification.
 *
 * The floor is mbedtls_ecdsa_verify with the key and the hash ready: what any program that verifies by Debian's mbedTLS
 * has to spend. Half of the coupons are genuine, half are forged; each is shown once, then again.
 */
#include "tests/bench/bare.h"
#include "tests/bench/bench.h"
#include "tests/bench/world.h"

#define ROUNDS 400
#define SALE_COUPONS 8 /* then the sale is dropped: a sale takes at most CF_SALE_COUPONS_MAX */

static double scan_ms(struct cf_till *till, const char *text, enum cf_rc expected)
{
    struct cf_error err = {0};
    int64_t from = bench_now_ns();
    enum cf_rc rc = cf_till_scan(till, cf_bytes_str(text), NULL, &err);
    int64_t to = bench_now_ns();
    if (rc != expected) {
        bench_die("a coupon: %s (%s), not %s", cf_rc_name(rc), err.detail, cf_rc_name(expected));
    }
    return (double)(to - from) / 1e6;
}

/* The same right, signed by a key that is not ours: the text is as long and as well formed. */
static void forged(const struct world *world, uint32_t index, char text[CF_CODE_TEXT_MAX])
{
    struct world thief = *world;
    thief.issuer = world->till_key;
    world_coupon(&thief, index, text);
}

static void open_sale(struct cf_till *till, bool first)
{
    struct cf_error err;
    char barcode[14];
    if (!first) {
        bench_check(cf_till_cancel(till, &err), &err, "cancelling");
    }
    for (uint64_t k = 1; k <= 10; k++) {
        world_barcode(k, barcode);
        bench_check(cf_till_scan(till, cf_bytes_str(barcode), NULL, &err), &err, "goods");
    }
}

struct samples {
    struct bench_samples bare, accepted, refused, again, ratio_accepted, ratio_refused;
};

static void measure(const struct world *world, struct cf_till *till, struct bare *bare, struct samples *to)
{
    char text[CF_CODE_TEXT_MAX];
    for (uint32_t round = 0; round < ROUNDS; round++) {
        if (round % SALE_COUPONS == 0) {
            open_sale(till, round == 0);
        }
        double bare_ms = bare_verify_ms(bare);
        forged(world, round, text);
        double refused_ms = scan_ms(till, text, CF_E_CODE_SIGNATURE);
        double refused_again_ms = scan_ms(till, text, CF_E_CODE_SIGNATURE);
        world_coupon(world, round, text);
        double accepted_ms = scan_ms(till, text, CF_OK);
        double accepted_again_ms = scan_ms(till, text, CF_E_COUPON_TWICE);
        if (round < SALE_COUPONS) {
            continue; /* the first verification by a key makes its table */
        }
        bench_samples_add(&to->bare, bare_ms);
        bench_samples_add(&to->accepted, accepted_ms);
        bench_samples_add(&to->refused, refused_ms);
        bench_samples_add(&to->again, refused_again_ms);
        bench_samples_add(&to->again, accepted_again_ms);
        bench_samples_add(&to->ratio_accepted, accepted_ms / bare_ms);
        bench_samples_add(&to->ratio_refused, refused_ms / bare_ms);
    }
}

static void report(struct samples *samples, uint64_t verifications)
{
    double bare_ms = bench_samples_at(&samples->bare, 500);
    struct bench_figure figure = {
        .row = "coupon",
        .unit = "ms",
        .floor = "one mbedtls_ecdsa_verify",
        .floor_value = bare_ms,
        .goal = "median of ratios <= 1.15",
    };
    figure.what = "coupon text -> accepted offline, p50";
    figure.value = bench_samples_at(&samples->accepted, 500);
    figure.ratio = bench_samples_at(&samples->ratio_accepted, 500);
    figure.met = figure.ratio <= 1.15;
    bench_print(&figure);
    figure.what = "coupon text -> refused (forged), p50";
    figure.value = bench_samples_at(&samples->refused, 500);
    figure.ratio = bench_samples_at(&samples->ratio_refused, 500);
    figure.met = figure.ratio <= 1.15;
    bench_print(&figure);
    figure.what = "the same coupon shown again, p50";
    figure.value = bench_samples_at(&samples->again, 500);
    figure.ratio = figure.value / bare_ms;
    figure.goal = NULL;
    bench_print(&figure);
    bench_print(&(struct bench_figure){
        .row = "coupon",
        .what = "verifications of 800 coupons, each shown twice",
        .unit = "calls",
        .value = (double)verifications,
        .floor = "distinct coupons",
        .floor_value = 2 * ROUNDS,
        .goal = "a repeated code costs no second one",
        .met = verifications == 2 * ROUNDS,
    });
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        bench_die("usage: coupon_bench EMPTY-FOLDER");
    }
    struct world world;
    struct bare bare;
    struct samples samples;
    world_init(&world, argv[1], 20000);
    struct cf_till *till = world_open(&world);
    bare_init(&bare, world.issuer);
    struct bench_samples *all[] = {&samples.bare,  &samples.accepted,       &samples.refused,
                                   &samples.again, &samples.ratio_accepted, &samples.ratio_refused};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        bench_samples_init(all[i], 2 * ROUNDS);
    }
    uint64_t before = cf_keyring_verifications(cf_till_keyring(till));
    measure(&world, till, &bare, &samples);
    report(&samples, cf_keyring_verifications(cf_till_keyring(till)) - before);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        bench_samples_done(all[i]);
    }
    bare_done(&bare);
    cf_till_close(till);
    world_done(&world);
    return 0;
}
