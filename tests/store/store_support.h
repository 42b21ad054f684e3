/*
 * tests/store/store_support.h - a folder of a test's own, an environment that repeats itself, sales and entries.
 */
#ifndef CF_TESTS_STORE_SUPPORT_H
#define CF_TESTS_STORE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/store/journal.h"
#include "app/store/replica.h"

/* Fails the test with the error's own words. */
#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        enum cf_rc rc_ = (call);                                                                                       \
        if (rc_ != CF_OK)                                                                                              \
            fail_msg("%s: %s: %s", #call, cf_rc_name(rc_), err.detail);                                                \
    } while (0)
#define assert_rc(call, expected)                                                                                      \
    do {                                                                                                               \
        enum cf_rc rc_ = (call);                                                                                       \
        if (rc_ != (expected))                                                                                         \
            fail_msg("%s: %s, not %s: %s", #call, cf_rc_name(rc_), cf_rc_name(expected), err.detail);                  \
    } while (0)

extern struct cf_error err; /* of the call at hand */

#define CF_TEST_PATH_MAX 512
/* A fresh empty folder below $TMPDIR, as each test's state; the teardown removes it with all in it. */
int folder_setup(void **state);
int folder_teardown(void **state);
/* "FOLDER/name"; valid until the next call but three. */
const char *in_folder(const char *folder, const char *name);
void copy_file(const char *from, const char *to);
size_t file_size(const char *path); /* 0 if there is none */
/* XORs one byte of a file. */
void flip_byte(const char *path, size_t at, uint8_t mask);
/* Opens for writing, cuts or fills. */
void write_file(const char *path, const void *p, size_t n);

/* A clock that moves a millisecond with each look, random bytes that are not. */
const struct cf_env *test_env(void);

#define TEST_TERMINAL 11u
#define TEST_STORE 3u
/* A new journal of epoch 1 in the folder, opened for the till. */
struct cf_journal *journal_made(const char *folder);
struct cf_journal *journal_opened(const char *folder, enum cf_journal_mode mode);

/*
 * A sale whose sums add up: n_lines pieces at 5.00 with 13 % tax inside, paid by card (1.00) and cash. If
 * `campaign` is not 0, coupon `index` of it takes 1.00 off.
 */
void fill_sale(struct cf_sale *sale, uint64_t sale_no, size_t n_lines, uint32_t campaign, uint32_t index);
/* Steps, sale, receipt "receipt of SEQ" (padded to about 1500 bytes): as a till does it. */
enum cf_rc sell(struct cf_journal *journal, uint64_t sale_no, size_t n_lines, uint32_t campaign, uint32_t index,
                struct cf_committed *ret);
enum cf_rc test_receipt(void *ctx, const struct cf_committed *committed, struct cf_buf *ret, struct cf_error *error);
extern const struct cf_stamp test_stamp;
size_t count_steps(struct cf_journal *journal);

#endif
