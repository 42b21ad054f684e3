/*
 * tests/unit/core/rice_test.c - serials packed and read back, and the sizes that were promised for them.
 */
#include <stdlib.h>
#include <string.h>

#include "app/core/redeemed_set.h"
#include "tests/unit/core/core_cmocka.h"

static uint64_t chance = 1;

static uint32_t below(uint32_t n) /* SplitMix64 */
{
    chance += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = chance;
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ z >> 31) % n);
}

/* Packs all serials into blocks, reads each back, and returns how many bytes the blocks' bits took. */
static size_t there_and_back(const uint32_t *serials, size_t n)
{
    static uint8_t room[CF_RICE_BYTES_MAX];
    size_t bytes = 0;
    for (size_t done = 0; done < n;) {
        struct cf_rice_block block;
        struct cf_rice_reader reader;
        size_t taken = 0;
        uint32_t serial;
        cf_rice_encode(serials + done, n - done, room, &block, &taken);
        assert_true(taken > 0 && taken <= n - done);
        assert_true(cf_rice_check(&block));
        cf_rice_begin(&block, &reader);
        for (size_t i = 0; i < taken; i++) {
            assert_true(cf_rice_next(&reader, &serial));
            assert_int_equal(serial, serials[done + i]);
        }
        assert_false(cf_rice_next(&reader, &serial));
        done += taken;
        bytes += block.bits.n;
    }
    return bytes;
}

static void serials_come_back_as_they_were(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint32_t serials[6];
        size_t n;
    } rows[] = {
        {"one", {5}, 1},
        {"the first that there is", {0}, 1},
        {"the last that there is", {UINT32_MAX}, 1},
        {"the widest gap", {0, UINT32_MAX}, 2},
        {"neighbours", {10, 11, 12, 13, 14, 15}, 6},
        {"neighbours and a far one", {0, 1, 2, 3, 4, UINT32_MAX}, 6},
        {"powers of two", {1, 2, 4, 8, 16, 32}, 6},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        (void)there_and_back(rows[i].serials, rows[i].n);
    for (unsigned round = 0; round < 200; round++) {
        static uint32_t serials[5000];
        uint32_t at = below(1000);
        uint32_t mean = 1u << below(20);
        size_t n = 1 + below(5000);
        for (size_t k = 0; k < n; k++) {
            serials[k] = at;
            at += 1 + below(mean);
            if (at < serials[k]) { /* beyond the last serial */
                n = k + 1;
            }
        }
        (void)there_and_back(serials, n);
    }
}

/* The figures of the design: 1 M of 10 M redeemed in at most 0.7 MB, 100,000 of them in at most 0.11 MB, both without
 * any error, which a filter would have. */
static void a_million_of_ten_million_is_as_small_as_promised(void **state)
{
    (void)state;
    uint32_t *serials = malloc(1100000 * sizeof *serials);
    assert_non_null(serials);
    static const struct {
        uint32_t one_in;
        size_t most, n_about;
    } rows[] = {{10, 700000, 1000000}, {100, 110000, 100000}};
    for (size_t r = 0; r < 2; r++) {
        size_t n = 0;
        for (uint32_t serial = 0; serial < 10000000 && n < 1100000; serial++)
            if (below(rows[r].one_in) == 0)
                serials[n++] = serial;
        assert_true(n > rows[r].n_about * 98 / 100 && n < rows[r].n_about * 102 / 100);
        size_t bytes = there_and_back(serials, n);
        assert_true(bytes <= rows[r].most);
    }
    free(serials);
}

/* Whatever bits a block has, it is refused or reads to exactly n serials, and encodes to the same bits. */
static void a_block_of_any_bits_is_refused_or_exact(void **state)
{
    (void)state;
    unsigned taken = 0;
    for (unsigned round = 0; round < 20000; round++) {
        uint8_t bytes[12];
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (uint8_t)below(256);
        size_t size = below(sizeof bytes);
        uint8_t *copy = malloc(size ? size : 1); /* a block of its own, so that a read past the end is seen */
        assert_non_null(copy);
        memcpy(copy, bytes, size);
        struct cf_rice_block block = {.first = below(2) ? below(100) : UINT32_MAX - below(100),
                                      .n = below(12),
                                      .k = (uint8_t)below(34),
                                      .bits = cf_bytes_of(copy, size)};
        if (cf_rice_check(&block)) {
            struct cf_rice_reader reader;
            uint32_t serial, before = 0, n = 0;
            taken++;
            cf_rice_begin(&block, &reader);
            for (; cf_rice_next(&reader, &serial); n++) {
                assert_true(n == 0 || serial > before);
                before = serial;
            }
            assert_int_equal(n, block.n);
        }
        free(copy);
    }
    assert_true(taken > 100);
}

static void a_block_that_says_too_much_or_too_little_is_refused(void **state)
{
    (void)state;
    static const uint32_t serials[] = {3, 8, 30, 31, 90};
    static uint8_t room[CF_RICE_BYTES_MAX + 1];
    struct cf_rice_block good;
    size_t taken;
    cf_rice_encode(serials, 5, room, &good, &taken);
    assert_true(cf_rice_check(&good));
    struct cf_rice_block bad = good;
    bad.n = 0;
    assert_false(cf_rice_check(&bad)); /* nothing */
    bad.n = good.n + 9;
    assert_false(cf_rice_check(&bad)); /* more than the bits hold */
    bad.n = 2;
    assert_false(cf_rice_check(&bad)); /* bytes too many */
    bad = good;
    bad.first = UINT32_MAX - 80;
    assert_false(cf_rice_check(&bad)); /* beyond the last serial */
    bad = good;
    bad.k = CF_RICE_K_MAX + 1;
    assert_false(cf_rice_check(&bad));
    bad = good;
    bad.bits.n++;
    assert_false(cf_rice_check(&bad)); /* a byte of nothing */
    /* Gaps of 4, 21, 0 and 58 with k = 3 are 5 + 6 + 4 + 11 bits, so the last byte is filled with six zeros. */
    assert_int_equal(good.k, 3);
    room[good.bits.n - 1] |= 1;
    assert_false(cf_rice_check(&good));
}

/* --- the set ------------------------------------------------------------------------------------------------------ */

static void a_set_holds_what_was_put_and_no_more(void **state)
{
    (void)state;
    struct cf_redeemed_set set;
    static bool truth[5000];
    cf_redeemed_set_init(&set, 1u << 20);
    assert_false(cf_redeemed_set_has(&set, 0));
    assert_false(cf_redeemed_set_has(&set, UINT32_MAX));
    for (unsigned k = 0; k < 20000; k++) {
        uint32_t serial = below(5000);
        if (below(3) > 0) {
            assert_int_equal(cf_redeemed_set_put(&set, serial, NULL), CF_OK);
            truth[serial] = true;
        } else {
            cf_redeemed_set_remove(&set, serial);
            truth[serial] = false;
        }
    }
    uint64_t from = 0;
    for (uint32_t serial = 0; serial < 5000; serial++) {
        uint32_t next;
        assert_int_equal(cf_redeemed_set_has(&set, serial), truth[serial]);
        if (truth[serial]) {
            assert_true(cf_redeemed_set_next(&set, from, &next));
            assert_int_equal(next, serial);
            from = (uint64_t)serial + 1;
        }
    }
    uint32_t next;
    assert_false(cf_redeemed_set_next(&set, from, &next));
    cf_redeemed_set_done(&set);
}

static void a_set_keeps_to_its_bound(void **state)
{
    (void)state;
    struct cf_redeemed_set set;
    cf_redeemed_set_init(&set, 100);
    assert_int_equal(cf_redeemed_set_put(&set, 799, NULL), CF_OK);
    assert_int_equal(cf_redeemed_set_put(&set, 800, NULL), CF_E_LIMIT);
    assert_int_equal(cf_redeemed_set_put(&set, UINT32_MAX, NULL), CF_E_LIMIT);
    assert_true(cf_redeemed_set_has(&set, 799));
    assert_true(set.bytes <= 100);
    cf_redeemed_set_remove(&set, UINT32_MAX); /* is not there */
    assert_int_equal(cf_redeemed_set_load(&set, 99, cf_bytes_of("\x81", 1), NULL), CF_OK);
    assert_true(cf_redeemed_set_has(&set, 792) && cf_redeemed_set_has(&set, 799));
    assert_int_equal(cf_redeemed_set_load(&set, 100, cf_bytes_of("\x81", 1), NULL), CF_E_LIMIT);
    cf_redeemed_set_done(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serials_come_back_as_they_were),
        cmocka_unit_test(a_million_of_ten_million_is_as_small_as_promised),
        cmocka_unit_test(a_block_of_any_bits_is_refused_or_exact),
        cmocka_unit_test(a_block_that_says_too_much_or_too_little_is_refused),
        cmocka_unit_test(a_set_holds_what_was_put_and_no_more),
        cmocka_unit_test(a_set_keeps_to_its_bound),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
