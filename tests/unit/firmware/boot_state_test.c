/*
 * tests/unit/firmware/boot_state_test.c - which slot starts next, and a block that no power cut can break.
 */
#include "firmware/boot/boot_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct cf_boot_state *every_state(size_t *n)
{
    static struct cf_boot_state all[2 * 8 * 8];
    size_t at = 0;
    for (int first = 0; first < 2; first++)
        for (int a = 0; a < 8; a++)
            for (int b = 0; b < 8; b++) {
                struct cf_boot_state *state = &all[at++];
                state->first = (enum cf_boot_slot)first;
                state->slot[CF_BOOT_A].permitted = a & 1;
                state->slot[CF_BOOT_A].tries = (uint8_t)(a >> 1);
                state->slot[CF_BOOT_B].permitted = b & 1;
                state->slot[CF_BOOT_B].tries = (uint8_t)(b >> 1);
            }
    *n = at;
    return all;
}

static bool same(const struct cf_boot_state *a, const struct cf_boot_state *b)
{
    for (int i = 0; i < CF_BOOT_SLOTS; i++)
        if (a->slot[i].permitted != b->slot[i].permitted || a->slot[i].tries != b->slot[i].tries)
            return false;
    return a->first == b->first;
}

static void every_state_comes_back_from_its_block(void **state)
{
    (void)state;
    size_t n;
    const struct cf_boot_state *all = every_state(&n);
    for (size_t i = 0; i < n; i++) {
        uint8_t block[CF_BOOT_BLOCK_BYTES];
        struct cf_boot_state back;
        cf_boot_state_format(&all[i], block);
        assert_int_equal(CF_OK, cf_boot_state_parse(block, &back, NULL));
        assert_true(same(&all[i], &back));
    }
}

/* The disk keeps the old or the new of each sector, in any mixture. */
static void a_cut_between_any_two_sectors_leaves_the_old_or_the_new(void **state)
{
    (void)state;
    size_t n;
    const struct cf_boot_state *all = every_state(&n);
    for (size_t from = 0; from < n; from++)
        for (size_t to = 0; to < n; to++)
            for (int kept = 0; kept < 4; kept++) {
                uint8_t before[CF_BOOT_BLOCK_BYTES], after[CF_BOOT_BLOCK_BYTES];
                struct cf_boot_state found;
                cf_boot_state_format(&all[from], before);
                cf_boot_state_format(&all[to], after);
                for (int sector = 0; sector < 2; sector++)
                    if (kept >> sector & 1)
                        memcpy(after + sector * CF_BOOT_SECTOR_BYTES, before + sector * CF_BOOT_SECTOR_BYTES,
                               CF_BOOT_SECTOR_BYTES);
                assert_int_equal(CF_OK, cf_boot_state_parse(after, &found, NULL));
                assert_true(same(&found, &all[from]) || same(&found, &all[to]));
            }
}

static void a_block_that_is_not_ours_is_not_believed(void **state)
{
    (void)state;
    static const struct {
        const char *why, *lines;
    } rows[] = {
        {"nothing is said", ""},
        {"a field is missing", "ORDER=A B\nA_OK=1\nA_TRY=0\nB_OK=1\n"},
        {"a field is said twice", "ORDER=A B\nA_OK=1\nA_OK=1\nA_TRY=0\nB_OK=1\nB_TRY=0\n"},
        {"a field of somebody else", "ORDER=A B\nA_OK=1\nA_TRY=0\nB_OK=1\nB_TRY=0\nsaved_entry=0\n"},
        {"more tries than there are", "ORDER=A B\nA_OK=1\nA_TRY=4\nB_OK=1\nB_TRY=0\n"},
        {"a permission that is no yes and no no", "ORDER=A B\nA_OK=2\nA_TRY=0\nB_OK=1\nB_TRY=0\n"},
        {"an order of one", "ORDER=A\nA_OK=1\nA_TRY=0\nB_OK=1\nB_TRY=0\n"},
        {"a slot twice", "ORDER=A A\nA_OK=1\nA_TRY=0\nB_OK=1\nB_TRY=0\n"},
        {"an empty value", "ORDER=\nA_OK=1\nA_TRY=0\nB_OK=1\nB_TRY=0\n"},
        {"a line without an end", "ORDER=A B\nA_OK=1\nA_TRY=0\nB_OK=1\nB_TRY=0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t block[CF_BOOT_BLOCK_BYTES];
        struct cf_boot_state kept = {.first = CF_BOOT_B};
        memset(block, '#', sizeof block);
        int n = snprintf((char *)block, sizeof block, "# GRUB Environment Block\n%s", rows[i].lines);
        block[n] = '#';
        if (cf_boot_state_parse(block, &kept, NULL) == CF_OK)
            fail_msg("%s", rows[i].why);
        assert_int_equal(CF_BOOT_B, kept.first);
    }
    uint8_t noise[CF_BOOT_BLOCK_BYTES] = {0};
    struct cf_boot_state none;
    assert_int_equal(CF_E_CBOR_SHAPE, cf_boot_state_parse(noise, &none, NULL));
}

static void a_slot_that_never_becomes_healthy_is_left_after_three_tries(void **state)
{
    (void)state;
    struct cf_boot_state boot = cf_boot_state_new();
    cf_boot_make_primary(&boot, CF_BOOT_B);
    for (int i = 0; i < CF_BOOT_TRIES_MAX; i++)
        assert_int_equal(CF_BOOT_B, cf_boot_start(&boot));
    assert_false(cf_boot_slot_is_good(&boot, CF_BOOT_B));
    assert_int_equal(CF_BOOT_A, cf_boot_start(&boot));
    cf_boot_mark(&boot, CF_BOOT_A, true);
    assert_int_equal(CF_BOOT_A, cf_boot_start(&boot));
}

static void a_slot_that_is_healthy_starts_for_ever(void **state)
{
    (void)state;
    struct cf_boot_state boot = cf_boot_state_new();
    for (int i = 0; i < 100; i++) {
        assert_int_equal(CF_BOOT_A, cf_boot_start(&boot));
        cf_boot_mark(&boot, CF_BOOT_A, true);
    }
}

/* The slot that is being written must not start, whoever pulls the plug. */
static void a_slot_that_is_being_written_does_not_start(void **state)
{
    (void)state;
    struct cf_boot_state boot = cf_boot_state_new();
    boot.first = CF_BOOT_B;
    cf_boot_mark(&boot, CF_BOOT_B, false);
    assert_int_equal(CF_BOOT_A, cf_boot_primary(&boot));
    assert_int_equal(CF_BOOT_A, cf_boot_start(&boot));
}

static void a_machine_without_a_good_slot_goes_on_trying(void **state)
{
    (void)state;
    size_t n;
    const struct cf_boot_state *all = every_state(&n);
    for (size_t i = 0; i < n; i++) {
        struct cf_boot_state boot = all[i];
        enum cf_boot_slot next = cf_boot_primary(&boot);
        for (int start = 0; start < 20; start++) {
            enum cf_boot_slot slot = cf_boot_start(&boot);
            assert_true(start > 0 || slot == next);
            assert_true(boot.slot[slot].tries >= 1 && boot.slot[slot].tries <= CF_BOOT_TRIES_MAX);
        }
    }
}

static void the_file_is_written_in_place(void **state)
{
    (void)state;
    char folder[] = "/tmp/cf-boot-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/grubenv", folder);
    struct cf_boot_state boot = cf_boot_state_new(), back;
    assert_int_equal(CF_E_NOT_FOUND, cf_boot_file_write(path, &boot, NULL));
    assert_int_equal(CF_OK, cf_boot_file_create(path, NULL));
    assert_int_equal(CF_E_EXISTS, cf_boot_file_create(path, NULL));
    struct stat before, after;
    assert_int_equal(0, stat(path, &before));
    cf_boot_make_primary(&boot, CF_BOOT_B);
    assert_int_equal(CF_OK, cf_boot_file_write(path, &boot, NULL));
    assert_int_equal(0, stat(path, &after));
    assert_true(before.st_ino == after.st_ino && after.st_size == CF_BOOT_BLOCK_BYTES);
    assert_int_equal(CF_OK, cf_boot_file_read(path, &back, NULL));
    assert_true(same(&boot, &back));

    assert_int_equal(0, truncate(path, 0)); /* what grub-editenv may leave */
    assert_int_equal(CF_E_CBOR_SHAPE, cf_boot_file_read(path, &back, NULL));
    assert_int_equal(CF_E_CBOR_SHAPE, cf_boot_file_write(path, &boot, NULL));
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_comes_back_from_its_block),
        cmocka_unit_test(a_cut_between_any_two_sectors_leaves_the_old_or_the_new),
        cmocka_unit_test(a_block_that_is_not_ours_is_not_believed),
        cmocka_unit_test(a_slot_that_never_becomes_healthy_is_left_after_three_tries),
        cmocka_unit_test(a_slot_that_is_healthy_starts_for_ever),
        cmocka_unit_test(a_slot_that_is_being_written_does_not_start),
        cmocka_unit_test(a_machine_without_a_good_slot_goes_on_trying),
        cmocka_unit_test(the_file_is_written_in_place),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
