/*
 * Tests of app/store/incarnation_file: what is intended is there whole, what is settled may be lost, and damage is
 * named.
 */
#include "tests/store/store_support.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/store/incarnation.h"

static struct cf_incarnation_file *file;
static struct cf_incarnation_store store;

static int file_setup(void **state)
{
    if (folder_setup(state) != 0 || cf_incarnation_file_new(*state, cf_env_system(), &file, NULL) != CF_OK)
        return -1;
    store = cf_incarnation_file_store(file);
    return 0;
}

static int file_teardown(void **state)
{
    (void)unlink(cf_incarnation_file_path(file));
    cf_incarnation_file_free(file);
    return folder_teardown(state);
}

static struct cf_incarnation_mark mark_of(uint64_t incarnation, uint64_t seq)
{
    struct cf_incarnation_mark mark = {
        .terminal = 7, .epoch = 3, .incarnation = incarnation, .before = incarnation - 1, .seq = seq};
    memset(mark.hash.digest, (int)seq, sizeof mark.hash.digest);
    return mark;
}

static enum cf_mark_found read_back(struct cf_incarnation_mark *ret)
{
    enum cf_mark_found found = CF_MARK_DAMAGED;
    assert_int_equal(store.ops->read(store.ctx, &found, ret, NULL), CF_OK);
    return found;
}

static void what_is_intended_and_settled_is_read_back(void **state)
{
    (void)state;
    struct cf_incarnation_mark back;
    struct cf_incarnation_mark mark = mark_of(5, 40);
    assert_int_equal(read_back(&back), CF_MARK_NONE);
    assert_int_equal(store.ops->intend(store.ctx, &mark, NULL), CF_OK);
    assert_int_equal(read_back(&back), CF_MARK_FOUND);
    assert_false(back.settled);
    assert_int_equal(back.incarnation, 5);
    assert_int_equal(back.before, 4);
    assert_int_equal(back.seq, 40);
    for (uint64_t seq = 41; seq < 50; seq++) {
        mark = mark_of(5, seq);
        store.ops->settle(store.ctx, &mark);
        assert_int_equal(read_back(&back), CF_MARK_FOUND);
        assert_true(back.settled);
        assert_int_equal(back.seq, seq);
        assert_memory_equal(back.hash.digest, mark.hash.digest, CF_SHA256_BYTES);
    }
    mark = mark_of(6, 49);
    assert_int_equal(store.ops->intend(store.ctx, &mark, NULL), CF_OK);
    assert_int_equal(read_back(&back), CF_MARK_FOUND);
    assert_false(back.settled); /* what was settled belongs to the start before */
    assert_int_equal(back.incarnation, 6);
}

/* Any byte of the file is flipped, or torn off: either the intent stands, or the file is called damaged; nothing is
 * ever read that was not written. */
static void damage_is_called_so_or_changes_nothing(void **state)
{
    (void)state;
    uint8_t bytes[1024];
    struct cf_incarnation_mark back;
    struct cf_incarnation_mark mark = mark_of(5, 40);
    assert_int_equal(store.ops->intend(store.ctx, &mark, NULL), CF_OK);
    mark = mark_of(5, 44);
    store.ops->settle(store.ctx, &mark);
    int fd = open(cf_incarnation_file_path(file), O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, bytes, sizeof bytes, 0), sizeof bytes);
    unsigned damaged = 0, unsettled = 0;
    for (size_t at = 0; at < sizeof bytes; at++) {
        uint8_t other = bytes[at] ^ 0x10;
        assert_int_equal(pwrite(fd, &other, 1, (off_t)at), 1);
        enum cf_mark_found found = read_back(&back);
        if (found == CF_MARK_DAMAGED) {
            damaged++;
        } else {
            assert_int_equal(found, CF_MARK_FOUND);
            assert_int_equal(back.incarnation, 5);
            assert_int_equal(back.seq, back.settled ? 44 : 40);
            unsettled += !back.settled;
        }
        assert_int_equal(pwrite(fd, &bytes[at], 1, (off_t)at), 1);
    }
    assert_int_equal(damaged, 88);
    assert_int_equal(unsettled, 88);
    for (off_t n = 1023; n >= 0; n -= 31) {
        assert_int_equal(ftruncate(fd, n), 0);
        assert_int_equal(read_back(&back), CF_MARK_DAMAGED);
    }
    assert_int_equal(pwrite(fd, bytes, sizeof bytes, 0), sizeof bytes);
    assert_int_equal(pwrite(fd, bytes, 1, sizeof bytes), 1); /* longer than it may be */
    assert_int_equal(read_back(&back), CF_MARK_DAMAGED);
    close(fd);
}

static void it_may_have_another_place_that_the_folder_remembers(void **state)
{
    char place[4200];
    struct cf_incarnation_file *other;
    snprintf(place, sizeof place, "%s.elsewhere", (const char *)*state);
    assert_int_equal(cf_incarnation_file_place(*state, "relative", cf_env_system(), NULL), CF_E_ARGUMENT);
    assert_int_equal(cf_incarnation_file_place(*state, place, cf_env_system(), NULL), CF_OK);
    assert_int_equal(cf_incarnation_file_new(*state, cf_env_system(), &other, NULL), CF_OK);
    assert_string_equal(cf_incarnation_file_path(other), place);
    cf_incarnation_file_free(other);
    assert_int_equal(cf_incarnation_file_place(*state, NULL, cf_env_system(), NULL), CF_OK);
    assert_int_equal(cf_incarnation_file_new(*state, cf_env_system(), &other, NULL), CF_OK);
    assert_string_equal(cf_incarnation_file_path(other), cf_incarnation_file_path(file));
    cf_incarnation_file_free(other);
}

int main(void)
{
#define with_file(test) cmocka_unit_test_setup_teardown(test, file_setup, file_teardown)
    const struct CMUnitTest tests[] = {
        with_file(what_is_intended_and_settled_is_read_back),
        with_file(damage_is_called_so_or_changes_nothing),
        with_file(it_may_have_another_place_that_the_folder_remembers),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
