/*
 * tests/store/replica_test.c - the replica: opening, broken files, entries applied, snapshots, what the till reads.
 */
#include "tests/store/store_support.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cbor.h"

/* --- entries to apply --------------------------------------------------------------------------------------------- */

#define ENTRIES_MAX 64

struct entries {
    size_t n;
    struct cf_buf buf[ENTRIES_MAX];
    cf_bytes bytes[ENTRIES_MAX];
    struct cf_sha256 digest;
};

static void entries_done(struct entries *entries)
{
    for (size_t k = 0; k < entries->n; k++)
        cf_buf_done(&entries->buf[k]);
    entries->n = 0;
}

static void add_entry(struct entries *entries, const struct cf_down_entry *entry)
{
    size_t k = entries->n++;
    assert_true(k < ENTRIES_MAX);
    cf_buf_init(&entries->buf[k], CF_DOWN_ENTRY_MAX);
    assert_ok(cf_down_encode(entry, &entries->buf[k], &err));
    entries->bytes[k] = cf_buf_bytes(&entries->buf[k]);
    entries->digest = cf_down_digest(&entries->digest, entries->bytes[k]);
}

static void fill_product(struct cf_down_entry *entry, uint64_t id, const char *name, int64_t price_minor,
                         const char *code, const char *other_code)
{
    memset(entry, 0, sizeof *entry);
    entry->kind = CF_DOWN_PRODUCT;
    entry->product.id = id;
    snprintf(entry->product.name, sizeof entry->product.name, "%s", name);
    entry->product.price_minor = price_minor;
    entry->product.tax_bp = 1300;
    entry->product.n_categories = 1;
    entry->product.categories[0] = 7;
    if (code != NULL)
        snprintf(entry->product.codes[entry->product.n_codes++], CF_PRODUCT_CODE_MAX + 1, "%s", code);
    if (other_code != NULL)
        snprintf(entry->product.codes[entry->product.n_codes++], CF_PRODUCT_CODE_MAX + 1, "%s", other_code);
}

static void add_product(struct entries *entries, uint64_t id, const char *name, const char *code,
                        const char *other_code)
{
    struct cf_down_entry entry;
    fill_product(&entry, id, name, 500, code, other_code);
    add_entry(entries, &entry);
}

static void add_gone(struct entries *entries, uint64_t id)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_PRODUCT_GONE, .product_gone = id};
    add_entry(entries, &entry);
}

/* Applies all from `from` on and empties the list; the digest goes on. */
static enum cf_rc apply(struct cf_replica *replica, enum cf_topic topic, uint64_t from, struct entries *entries)
{
    enum cf_rc rc = cf_replica_apply(replica, topic, from, entries->bytes, entries->n, &entries->digest, &err);
    entries_done(entries);
    return rc;
}

static struct cf_replica *opened(const char *folder, enum cf_replica_mode mode)
{
    struct cf_replica *replica = NULL;
    assert_ok(cf_replica_open(folder, mode, &replica, NULL, &err));
    return replica;
}

static void expect_code(struct cf_replica *replica, const char *code, uint64_t id)
{
    struct cf_product product = {.id = 0};
    enum cf_rc rc = cf_replica_product_by_code(replica, cf_bytes_str(code), &product, &err);
    if (id == 0)
        assert_rc(rc, CF_E_PRODUCT_UNKNOWN);
    else
        assert_ok(rc);
    assert_int_equal(product.id, id);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static void a_till_without_a_replica_is_told_to_sync(void **state)
{
    struct cf_replica *replica = NULL;
    assert_rc(cf_replica_open(*state, CF_REPLICA_READ, &replica, NULL, &err), CF_E_REPLICA_NONE);
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    assert_ok(cf_replica_open(*state, CF_REPLICA_READ, &replica, NULL, &err));
    struct cf_store_settings store;
    struct cf_buf keyset;
    uint64_t n = 9;
    cf_buf_init(&keyset, 100);
    assert_rc(cf_replica_store(replica, &store, &err), CF_E_REPLICA_NONE);
    assert_rc(cf_replica_keyset(replica, &keyset, &err), CF_E_REPLICA_NONE);
    assert_ok(cf_replica_product_count(replica, &n, &err));
    assert_int_equal(n, 0);
    cf_replica_close(replica);
    cf_replica_close(sync);
}

static void only_one_sync_writes(void **state)
{
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    struct cf_replica *other = NULL;
    assert_rc(cf_replica_open(*state, CF_REPLICA_SYNC, &other, NULL, &err), CF_E_BUSY);
    cf_replica_close(sync);
    sync = opened(*state, CF_REPLICA_SYNC);
    cf_replica_close(sync);
}

static void a_reader_cannot_apply(void **state)
{
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    struct cf_replica *reader = opened(*state, CF_REPLICA_READ);
    struct cf_sync_state sync_state = {0};
    struct cf_sha256 digest = {{0}};
    uint32_t chunks = 0;
    assert_rc(cf_replica_apply(reader, CF_TOPIC_PRICES, 0, NULL, 0, &digest, &err), CF_E_READ_ONLY);
    assert_rc(cf_replica_set_sync_state(reader, &sync_state, &err), CF_E_READ_ONLY);
    assert_rc(cf_replica_snapshot_begin(reader, CF_TOPIC_PRICES, &digest, &chunks, &err), CF_E_READ_ONLY);
    cf_replica_close(reader);
    cf_replica_close(sync);
}

/* A replica with one product, closed. */
static void make_small(const char *folder)
{
    struct entries entries = {0};
    struct cf_replica *sync = opened(folder, CF_REPLICA_SYNC);
    add_product(&entries, 1, "Tea", "06901234567892", NULL);
    assert_ok(apply(sync, CF_TOPIC_PRICES, 0, &entries));
    cf_replica_close(sync);
}

static void damage_random(const char *path)
{
    static uint8_t noise[20000];
    uint32_t x = 7;
    for (size_t k = 0; k < sizeof noise; k++) {
        x = x * 1664525u + 1013904223u;
        noise[k] = (uint8_t)(x >> 24);
    }
    write_file(path, noise, sizeof noise);
}

static void damage_text(const char *path)
{
    write_file(path, "SQLite format 4, or so\n", 23);
}

static void damage_empty(const char *path)
{
    write_file(path, "", 0);
}

static void damage_truncated(const char *path)
{
    assert_int_equal(truncate(path, (off_t)(file_size(path) / 2)), 0);
}

static void damage_first_page(const char *path)
{
    for (size_t k = 100; k < 400; k++)
        flip_byte(path, k, 0xff);
}

static void damage_pages(const char *path)
{
    size_t n = file_size(path);
    for (size_t at = 4096; at + 8 < n; at += 4096)
        for (size_t k = 0; k < 8; k++)
            flip_byte(path, at + k, 0x5a);
}

static void damage_foreign(const char *path)
{
    /* The application id, at offset 68 of the file's header: somebody else's database. */
    flip_byte(path, 68, 0x11);
}

static void a_broken_replica_is_replaced_by_the_sync_and_refused_by_the_till(void **state)
{
    const struct {
        const char *what;
        void (*damage)(const char *path);
    } rows[] = {
        {"random bytes", damage_random},
        {"text", damage_text},
        {"no byte at all", damage_empty},
        {"half of it", damage_truncated},
        {"the schema's page", damage_first_page},
        {"the head of each other page", damage_pages},
        {"a database of another kind", damage_foreign},
    };
    char path[CF_TEST_PATH_MAX];
    snprintf(path, sizeof path, "%s/replica.db", (const char *)*state);
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        struct cf_replica *replica = NULL;
        struct cf_product product;
        bool rebuilt = false;
        uint64_t n = 9;
        remove(path);
        make_small(*state);
        rows[k].damage(path);
        enum cf_rc rc = cf_replica_open(*state, CF_REPLICA_READ, &replica, NULL, &err);
        if (rc == CF_OK) {
            rc = cf_replica_product_by_code(replica, cf_bytes_str("06901234567892"), &product, &err);
            cf_replica_close(replica);
        }
        if (rc != CF_E_REPLICA_BROKEN)
            fail_msg("%s: the till got %s", rows[k].what, cf_rc_name(rc));
        remove(in_folder(*state, "replica.broken.db"));
        rc = cf_replica_open(*state, CF_REPLICA_SYNC, &replica, &rebuilt, &err);
        if (rc != CF_OK || !rebuilt)
            fail_msg("%s: the sync got %s, rebuilt: %d (%s)", rows[k].what, cf_rc_name(rc), rebuilt, err.detail);
        assert_ok(cf_replica_product_count(replica, &n, &err));
        assert_int_equal(n, 0);
        assert_ok(cf_replica_publish(replica, &err));
        assert_int_equal(access(in_folder(*state, "replica.broken.db"), F_OK), 0);
        cf_replica_close(replica);
    }
}

static void damage_that_a_till_meets_makes_a_running_sync_open_again(void **state)
{
    struct entries entries = {0};
    bool replaced = true;
    bool changed = true;
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    add_product(&entries, 1, "Tea", "06901234567892", NULL);
    assert_ok(apply(sync, CF_TOPIC_PRICES, 0, &entries));
    cf_replica_close(sync);
    sync = opened(*state, CF_REPLICA_SYNC);
    assert_ok(cf_replica_changed(sync, &replaced, &changed, &err));
    assert_false(replaced || changed);
    damage_pages(in_folder(*state, "replica.db"));
    struct cf_replica *reader = NULL;
    struct cf_product product;
    enum cf_rc rc = cf_replica_open(*state, CF_REPLICA_READ, &reader, NULL, &err);
    if (rc == CF_OK)
        rc = cf_replica_product_by_code(reader, cf_bytes_str("06901234567892"), &product, &err);
    assert_rc(rc, CF_E_REPLICA_BROKEN);
    assert_ok(cf_replica_changed(sync, &replaced, &changed, &err));
    assert_true(replaced);
    cf_replica_close(sync);
    bool rebuilt = false;
    assert_ok(cf_replica_open(*state, CF_REPLICA_SYNC, &sync, &rebuilt, &err));
    assert_true(rebuilt);
    assert_ok(cf_replica_changed(sync, &replaced, &changed, &err));
    assert_false(replaced);
    assert_ok(cf_replica_publish(sync, &err));
    assert_ok(cf_replica_changed(sync, &replaced, &changed, &err));
    assert_false(replaced);
    if (reader != NULL) {
        assert_ok(cf_replica_changed(reader, &replaced, &changed, &err));
        assert_true(replaced && changed);
    }
    cf_replica_close(reader);
    cf_replica_close(sync);
}

static void damage_row(const char *path, const char *which)
{
    sqlite3 *file = NULL;
    char sql[96];
    (void)snprintf(sql, sizeof sql, "UPDATE product SET entry = x'ff00' WHERE id = %s", which);
    assert_int_equal(sqlite3_open(path, &file), SQLITE_OK);
    assert_int_equal(sqlite3_exec(file, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(file);
}

/* The structure of the file is whole: only who reads the row finds out. */
static void a_damaged_row_that_a_till_meets_makes_the_sync_build_another_replica(void **state)
{
    struct entries entries = {0}, again = {0};
    struct cf_replica *replica = NULL, *till = NULL;
    struct cf_product product;
    bool rebuilt = true, replaced = true, changed = true;
    uint64_t n = 9;
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    add_product(&entries, 1, "Tea", "06901234567892", NULL);
    add_product(&entries, 2, "Soap", "06901234567908", NULL);
    assert_ok(apply(sync, CF_TOPIC_PRICES, 0, &entries));
    cf_replica_close(sync);
    damage_row(in_folder(*state, "replica.db"), "1");
    assert_ok(cf_replica_open(*state, CF_REPLICA_SYNC, &replica, &rebuilt, &err));
    assert_false(rebuilt); /* nobody met it yet */
    cf_replica_close(replica);
    till = opened(*state, CF_REPLICA_READ);
    assert_rc(cf_replica_product_by_code(till, cf_bytes_str("06901234567892"), &product, &err), CF_E_REPLICA_BROKEN);
    for (int k = 0; k < 2; k++) { /* there is no link, and there is still none */
        assert_ok(cf_replica_open(*state, CF_REPLICA_SYNC, &replica, &rebuilt, &err));
        assert_true(rebuilt);
        assert_ok(cf_replica_product_count(replica, &n, &err));
        assert_int_equal(n, 0);
        cf_replica_close(replica);
        assert_ok(cf_replica_changed(till, &replaced, &changed, &err));
        assert_false(replaced || changed);
        expect_code(till, "06901234567908", 2); /* what is whole is sold */
    }
    assert_ok(cf_replica_open(*state, CF_REPLICA_SYNC, &replica, &rebuilt, &err));
    add_product(&again, 1, "Tea", "06901234567892", NULL);
    add_product(&again, 2, "Soap", "06901234567908", NULL);
    assert_ok(apply(replica, CF_TOPIC_PRICES, 0, &again));
    cf_replica_close(replica); /* it has come; a kill before anybody saw it loses nothing of it */
    assert_ok(cf_replica_open(*state, CF_REPLICA_SYNC, &replica, &rebuilt, &err));
    assert_ok(cf_replica_product_count(replica, &n, &err));
    assert_int_equal(n, 2);
    assert_ok(cf_replica_publish(replica, &err));
    assert_ok(cf_replica_publish(replica, &err)); /* again is nothing */
    assert_ok(cf_replica_changed(till, &replaced, &changed, &err));
    assert_true(replaced && changed);
    cf_replica_close(till);
    till = opened(*state, CF_REPLICA_READ);
    expect_code(till, "06901234567892", 1);
    cf_replica_close(till);
    cf_replica_close(replica);
    assert_ok(cf_replica_open(*state, CF_REPLICA_SYNC, &replica, &rebuilt, &err));
    assert_false(rebuilt); /* once for each time that it is met */
    cf_replica_close(replica);
}

static void what_was_whole_when_the_power_went_takes_the_place(void **state)
{
    struct cf_replica *replica = NULL;
    bool rebuilt = true;
    make_small(*state);
    assert_int_equal(rename(in_folder(*state, "replica.db"), in_folder(*state, "replica.next.db")), 0);
    assert_ok(cf_replica_open(*state, CF_REPLICA_SYNC, &replica, &rebuilt, &err));
    assert_false(rebuilt);
    expect_code(replica, "06901234567892", 1);
    cf_replica_close(replica);
}

/* What has come stands in the log until it is moved into the file, for which the disk may have no room. */
static void another_replica_that_the_disk_has_no_room_for_takes_no_place(void **state)
{
    struct entries entries = {0}, again = {0};
    struct cf_replica *replica = NULL, *till = NULL;
    struct rlimit before;
    bool rebuilt = false;
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    add_product(&entries, 1, "Tea", "06901234567892", NULL);
    add_product(&entries, 2, "Soap", "06901234567908", NULL);
    assert_ok(apply(sync, CF_TOPIC_PRICES, 0, &entries));
    cf_replica_close(sync);
    damage_row(in_folder(*state, "replica.db"), "1");
    till = opened(*state, CF_REPLICA_READ);
    struct cf_product product;
    assert_rc(cf_replica_product_by_code(till, cf_bytes_str("06901234567892"), &product, &err), CF_E_REPLICA_BROKEN);
    assert_ok(cf_replica_open(*state, CF_REPLICA_SYNC, &replica, &rebuilt, &err));
    assert_true(rebuilt);
    add_product(&again, 1, "Tea", "06901234567892", NULL);
    add_product(&again, 2, "Soap", "06901234567908", NULL);
    assert_ok(apply(replica, CF_TOPIC_PRICES, 0, &again));

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit full = {.rlim_cur = 1, .rlim_max = before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
    enum cf_rc rc = cf_replica_publish(replica, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_DFL);
    assert_true(rc != CF_OK);
    cf_replica_close(till);
    till = opened(*state, CF_REPLICA_READ);
    expect_code(till, "06901234567908", 2); /* what can be read of the old one is sold */
    cf_replica_close(till);

    assert_ok(cf_replica_publish(replica, &err)); /* there is room again */
    cf_replica_close(replica);
    till = opened(*state, CF_REPLICA_READ);
    expect_code(till, "06901234567892", 1);
    cf_replica_close(till);
}

static void a_reader_notices_changes(void **state)
{
    struct entries entries = {0};
    bool replaced = true;
    bool changed = true;
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    struct cf_replica *reader = opened(*state, CF_REPLICA_READ);
    assert_ok(cf_replica_changed(reader, &replaced, &changed, &err));
    assert_false(replaced || changed);
    add_product(&entries, 1, "Tea", "T1", NULL);
    assert_ok(apply(sync, CF_TOPIC_PRICES, 0, &entries));
    assert_ok(cf_replica_changed(reader, &replaced, &changed, &err));
    assert_true(changed && !replaced);
    expect_code(reader, "T1", 1);
    assert_ok(cf_replica_changed(reader, &replaced, &changed, &err));
    assert_false(changed || replaced);
    cf_replica_close(sync);
    write_file(in_folder(*state, "garbage"), "garbage", 7);
    assert_int_equal(rename(in_folder(*state, "garbage"), in_folder(*state, "replica.db")), 0);
    sync = opened(*state, CF_REPLICA_SYNC);
    assert_ok(cf_replica_publish(sync, &err));
    assert_ok(cf_replica_changed(reader, &replaced, &changed, &err));
    assert_true(changed && replaced);
    cf_replica_close(reader);
    reader = opened(*state, CF_REPLICA_READ);
    expect_code(reader, "T1", 0);
    cf_replica_close(reader);
    cf_replica_close(sync);
}

/* --- applying ----------------------------------------------------------------------------------------------------- */

static void products_are_found_by_each_of_their_codes(void **state)
{
    struct entries entries = {0};
    struct cf_product product;
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    add_product(&entries, 1, "Tea", "06901234567892", "T1");
    add_product(&entries, 2, "\xe8\x8c\xb6", "06901234567908", NULL);
    assert_ok(apply(sync, CF_TOPIC_PRICES, 0, &entries));
    expect_code(sync, "06901234567892", 1);
    expect_code(sync, "T1", 1);
    expect_code(sync, "06901234567908", 2);
    expect_code(sync, "t1", 0);
    expect_code(sync, "", 0);
    expect_code(sync, "a code that is longer than any code may be, by far", 0);
    assert_rc(cf_replica_product_by_code(sync, cf_bytes_of("T1\0", 3), &product, &err), CF_E_PRODUCT_UNKNOWN);
    assert_ok(cf_replica_product(sync, 2, &product, &err));
    assert_string_equal(product.name, "\xe8\x8c\xb6");
    assert_true(product.price_minor == 500 && product.tax_bp == 1300 && product.categories[0] == 7);
    assert_rc(cf_replica_product(sync, 3, &product, &err), CF_E_PRODUCT_UNKNOWN);
    assert_rc(cf_replica_product(sync, UINT64_MAX, &product, &err), CF_E_PRODUCT_UNKNOWN);
    cf_replica_close(sync);
}

static void codes_follow_their_product(void **state)
{
    struct entries entries = {0};
    uint64_t n = 0;
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    add_product(&entries, 1, "Tea", "A", "B");
    add_product(&entries, 1, "Tea", "B", "C"); /* A is given up within one page */
    add_product(&entries, 2, "Salt", "D", NULL);
    add_product(&entries, 3, "Oil", "D", NULL); /* takes D over */
    add_product(&entries, 4, "Rice", "E", NULL);
    add_gone(&entries, 4);
    add_gone(&entries, 99); /* never was */
    assert_ok(apply(sync, CF_TOPIC_PRICES, 0, &entries));
    expect_code(sync, "A", 0);
    expect_code(sync, "B", 1);
    expect_code(sync, "C", 1);
    expect_code(sync, "D", 3);
    expect_code(sync, "E", 0);
    add_gone(&entries, 2); /* D is not its own any more */
    add_product(&entries, 5, "Ink", "B", NULL);
    assert_ok(apply(sync, CF_TOPIC_PRICES, 7, &entries));
    expect_code(sync, "D", 3);
    expect_code(sync, "B", 5);
    add_product(&entries, 1, "Tea", NULL, NULL);
    assert_ok(apply(sync, CF_TOPIC_PRICES, 9, &entries));
    expect_code(sync, "B", 5);
    expect_code(sync, "C", 0);
    add_product(&entries, 3, "Oil", "F", NULL);
    add_product(&entries, 6, "Soap", "F", NULL); /* takes F over */
    add_product(&entries, 3, "Oil", "F", NULL);  /* and it is taken back, by the same entry as before */
    add_product(&entries, 6, "Soap, dearer", "F", "G");
    add_product(&entries, 6, "Soap, cheaper", "F", "G");
    assert_ok(apply(sync, CF_TOPIC_PRICES, 10, &entries));
    expect_code(sync, "D", 0);
    expect_code(sync, "F", 6);
    expect_code(sync, "G", 6);
    add_product(&entries, 3, "Oil", "F", NULL);
    assert_ok(apply(sync, CF_TOPIC_PRICES, 15, &entries));
    expect_code(sync, "F", 3);
    assert_ok(cf_replica_product_count(sync, &n, &err));
    assert_int_equal(n, 4);
    cf_replica_close(sync);
}

static void a_page_that_does_not_follow_on_changes_nothing(void **state)
{
    struct entries entries = {0};
    struct cf_topic_state before;
    struct cf_topic_state after;
    uint64_t n = 0;
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    add_product(&entries, 1, "Tea", "A", NULL);
    assert_ok(apply(sync, CF_TOPIC_PRICES, 0, &entries));
    assert_ok(cf_replica_topic(sync, CF_TOPIC_PRICES, &before, &err));
    assert_int_equal(before.version, 1);
    struct cf_sha256 digest = entries.digest;

    add_product(&entries, 2, "Salt", "B", NULL);
    assert_rc(apply(sync, CF_TOPIC_PRICES, 0, &entries), CF_E_PAGE); /* again from the start */
    entries.digest = digest;
    add_product(&entries, 2, "Salt", "B", NULL);
    assert_rc(apply(sync, CF_TOPIC_PRICES, 2, &entries), CF_E_PAGE); /* a gap */
    entries.digest = digest;
    add_product(&entries, 2, "Salt", "B", NULL);
    entries.digest.digest[31] ^= 1;
    assert_rc(apply(sync, CF_TOPIC_PRICES, 1, &entries), CF_E_PAGE); /* another history */
    entries.digest = digest;
    add_product(&entries, 2, "Salt", "B", NULL);
    assert_rc(apply(sync, CF_TOPIC_CAMPAIGNS, 0, &entries), CF_E_PAGE); /* an entry of another topic */
    entries.digest = digest;
    add_product(&entries, 2, "Salt", "B", NULL);
    entries.buf[0].p[entries.buf[0].n - 1] ^= 0x80; /* cannot be read */
    assert_rc(apply(sync, CF_TOPIC_PRICES, 1, &entries), CF_E_PAGE);

    assert_ok(cf_replica_topic(sync, CF_TOPIC_PRICES, &after, &err));
    assert_memory_equal(&before, &after, sizeof before);
    assert_ok(cf_replica_product_count(sync, &n, &err));
    assert_int_equal(n, 1);
    expect_code(sync, "B", 0);
    entries.digest = digest;
    add_product(&entries, 2, "Salt", "B", NULL);
    assert_ok(apply(sync, CF_TOPIC_PRICES, 1, &entries));
    expect_code(sync, "B", 2);
    cf_replica_close(sync);
}

static void redeemed_rights_and_generations_are_known_one_by_one(void **state)
{
    struct entries entries = {0};
    struct cf_down_entry entry = {.kind = CF_DOWN_REDEEMED};
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    const uint32_t indexes[] = {0, 7, 8, 4095, 4096, 99999, UINT32_MAX};
    entry.redeemed.campaign = 5;
    entry.redeemed.n = 7;
    memcpy(entry.redeemed.index, indexes, sizeof indexes);
    add_entry(&entries, &entry);
    entry.redeemed.n = 1;
    entry.redeemed.index[0] = 9;
    add_entry(&entries, &entry); /* onto a page that is there */
    struct cf_down_entry generation = {.kind = CF_DOWN_GENERATION};
    generation.generation.campaign = 5;
    generation.generation.index = 77;
    generation.generation.generation = 3;
    add_entry(&entries, &generation);
    generation.generation.generation = 2; /* never falls */
    add_entry(&entries, &generation);
    assert_ok(apply(sync, CF_TOPIC_REDEEMED, 0, &entries));
    for (uint32_t k = 0; k < 20000; k++) {
        bool redeemed = false;
        uint32_t known = 9;
        bool expected = k == 0 || k == 7 || k == 8 || k == 9 || k == 4095 || k == 4096;
        assert_ok(cf_replica_redeemed(sync, 5, k, &redeemed, &known, &err));
        assert_int_equal(redeemed, expected);
        assert_int_equal(known, k == 77 ? 3 : 0);
    }
    bool redeemed = false;
    uint32_t known = 0;
    assert_ok(cf_replica_redeemed(sync, 5, UINT32_MAX, &redeemed, &known, &err));
    assert_true(redeemed);
    assert_ok(cf_replica_redeemed(sync, 6, 0, &redeemed, &known, &err));
    assert_false(redeemed);
    cf_replica_close(sync);
}

static void leases_never_fall(void **state)
{
    struct entries entries = {0};
    struct cf_down_entry entry = {.kind = CF_DOWN_LEASE};
    struct cf_lease_grant lease;
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    assert_ok(cf_replica_lease(sync, 5, 1, &lease, &err));
    assert_int_equal(lease.granted, 0);
    const int64_t amounts[] = {10, 25, 20};
    for (size_t k = 0; k < 3; k++) {
        entry.lease.campaign = 5;
        entry.lease.epoch = 1;
        entry.lease.granted = amounts[k];
        add_entry(&entries, &entry);
    }
    assert_ok(apply(sync, CF_TOPIC_LEASES, 0, &entries));
    assert_ok(cf_replica_lease(sync, 5, 1, &lease, &err));
    assert_int_equal(lease.granted, 25);
    assert_ok(cf_replica_lease(sync, 5, 2, &lease, &err)); /* of another epoch */
    assert_int_equal(lease.granted, 0);
    /* Read again from the start, as when the centre was restored: what was granted stays. */
    const struct cf_sha256 no_manifest = {{0}};
    const struct cf_topic_state nothing = {.version = 0};
    struct cf_topic_state state_now;
    uint32_t done = 9;
    assert_ok(cf_replica_snapshot_begin(sync, CF_TOPIC_LEASES, &no_manifest, &done, &err));
    assert_int_equal(done, 0);
    assert_ok(cf_replica_snapshot_swap(sync, CF_TOPIC_LEASES, 0, NULL, &nothing, &err));
    assert_ok(cf_replica_topic(sync, CF_TOPIC_LEASES, &state_now, &err));
    assert_int_equal(state_now.version, 0);
    assert_ok(cf_replica_lease(sync, 5, 1, &lease, &err));
    assert_int_equal(lease.granted, 25);
    struct entries again = {0};
    add_entry(&again, &entry);
    assert_ok(apply(sync, CF_TOPIC_LEASES, 0, &again));
    assert_ok(cf_replica_lease(sync, 5, 1, &lease, &err));
    assert_int_equal(lease.granted, 25);
    cf_replica_close(sync);
}

struct seen_campaigns {
    size_t n;
    uint32_t id[4];
    uint32_t version[4];
};

static enum cf_rc see_campaign(void *ctx, const struct cf_campaign *campaign, struct cf_error *error)
{
    (void)error;
    struct seen_campaigns *seen = ctx;
    seen->id[seen->n] = campaign->id;
    seen->version[seen->n++] = campaign->version;
    return CF_OK;
}

static void fill_campaign(struct cf_down_entry *entry, uint32_t id, uint32_t version)
{
    memset(entry, 0, sizeof *entry);
    entry->kind = CF_DOWN_CAMPAIGN;
    struct cf_campaign *campaign = &entry->campaign;
    campaign->id = id;
    campaign->version = version;
    snprintf(campaign->name, sizeof campaign->name, "Spring");
    campaign->policy = CF_POLICY_LEASED;
    campaign->channels = CF_CHANNEL_STORE;
    campaign->promotion.campaign = id;
    campaign->promotion.version = version;
    snprintf(campaign->promotion.name, sizeof campaign->promotion.name, "Spring");
    campaign->promotion.kind = CF_REWARD_ORDER_PERCENT;
    campaign->promotion.percent_bp = 2000;
    campaign->promotion.needs_coupon = true;
}

static void the_last_version_of_a_campaign_counts(void **state)
{
    struct entries entries = {0};
    struct cf_down_entry entry;
    struct seen_campaigns seen = {0};
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    fill_campaign(&entry, 8, 1);
    add_entry(&entries, &entry);
    fill_campaign(&entry, 5, 1);
    add_entry(&entries, &entry);
    fill_campaign(&entry, 8, 2);
    add_entry(&entries, &entry);
    assert_ok(apply(sync, CF_TOPIC_CAMPAIGNS, 0, &entries));
    assert_ok(cf_replica_campaigns(sync, see_campaign, &seen, &err));
    assert_int_equal(seen.n, 2);
    assert_true(seen.id[0] == 5 && seen.id[1] == 8 && seen.version[1] == 2);
    cf_replica_close(sync);
}

struct seen_results {
    uint64_t next;
    size_t n;
};

static enum cf_rc see_result(void *ctx, const struct cf_result *result, struct cf_error *error)
{
    (void)error;
    struct seen_results *seen = ctx;
    assert_int_equal(result->seq, seen->next);
    assert_int_equal(result->rc, CF_E_RECORD);
    seen->next++;
    seen->n++;
    return CF_OK;
}

static void results_are_read_from_any_record_on(void **state)
{
    struct entries entries = {0};
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    for (uint64_t k = 0; k < 150; k++) {
        struct cf_down_entry entry = {.kind = CF_DOWN_RESULT, .result = {k + 1, CF_E_RECORD, "tax differs by 1"}};
        add_entry(&entries, &entry);
        assert_ok(apply(sync, CF_TOPIC_RESULTS, k, &entries));
    }
    struct seen_results seen = {10, 0};
    assert_ok(cf_replica_results(sync, 10, see_result, &seen, &err));
    assert_int_equal(seen.n, 141);
    cf_replica_close(sync);
}

static void the_state_of_the_sync_is_kept(void **state)
{
    struct cf_sync_state a = {
        .sent_seq = 9,
        .acknowledged_seq = 8,
        .acknowledged_head = {{1, 2}},
        .down_cursor = 77,
        .fenced = true,
        .has_time = true,
        .centre_wall = {-5},
        .local_wall = {INT64_MAX},
        .local_mono = {3},
        .boot_id = {4},
        .last_contact = {6},
    };
    struct cf_sync_state b;
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    assert_ok(cf_replica_sync_state(sync, &b, &err));
    assert_true(b.sent_seq == 0 && !b.has_time && !b.fenced);
    assert_ok(cf_replica_set_sync_state(sync, &a, &err));
    cf_replica_close(sync);
    sync = opened(*state, CF_REPLICA_SYNC);
    assert_ok(cf_replica_sync_state(sync, &b, &err));
    assert_true(b.sent_seq == 9 && b.acknowledged_seq == 8 && b.down_cursor == 77 && b.fenced && b.has_time);
    assert_true(b.centre_wall.us == -5 && b.local_wall.us == INT64_MAX && b.local_mono.us == 3);
    assert_true(b.boot_id[0] == 4 && b.last_contact.us == 6 && b.acknowledged_head.digest[1] == 2);
    a.sent_seq = UINT64_MAX;
    assert_rc(cf_replica_set_sync_state(sync, &a, &err), CF_E_RANGE);
    cf_replica_close(sync);
}

/* --- snapshots ---------------------------------------------------------------------------------------------------- */

/* A chunk of the entries in the list, which is emptied. Free with cf_buf_done. */
static struct cf_buf chunk_of(struct entries *entries)
{
    struct cf_buf chunk;
    struct cf_cbor_writer w;
    cf_buf_init(&chunk, 1 << 20);
    cf_cbor_write_init(&w, &chunk);
    cf_cbor_write_array(&w, entries->n);
    for (size_t k = 0; k < entries->n; k++)
        cf_cbor_write_raw(&w, entries->bytes[k]);
    assert_ok(cf_cbor_write_end(&w, &err));
    entries_done(entries);
    return chunk;
}

static void a_snapshot_replaces_a_topic_in_one_step(void **state)
{
    struct entries entries = {0};
    uint32_t done = 9;
    uint64_t n = 0;
    const struct cf_sha256 manifest = {{1}};
    const struct cf_topic_state after = {500, {{5}}};
    struct cf_topic_state now;
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    struct cf_replica *reader = opened(*state, CF_REPLICA_READ);
    add_product(&entries, 1, "Tea", "A", NULL);
    add_product(&entries, 2, "Salt", "B", NULL);
    assert_ok(apply(sync, CF_TOPIC_PRICES, 0, &entries));

    assert_ok(cf_replica_snapshot_begin(sync, CF_TOPIC_PRICES, &manifest, &done, &err));
    assert_int_equal(done, 0);
    add_product(&entries, 2, "Salt", "C", NULL);
    struct cf_buf first = chunk_of(&entries);
    assert_ok(cf_replica_snapshot_chunk(sync, CF_TOPIC_PRICES, 0, cf_buf_bytes(&first), &err));
    cf_replica_close(sync); /* resumes after a restart */
    sync = opened(*state, CF_REPLICA_SYNC);
    assert_ok(cf_replica_snapshot_begin(sync, CF_TOPIC_PRICES, &manifest, &done, &err));
    assert_int_equal(done, 1);
    assert_ok(cf_replica_snapshot_chunk(sync, CF_TOPIC_PRICES, 0, cf_buf_bytes(&first), &err));   /* again: harmless */
    assert_rc(cf_replica_snapshot_swap(sync, CF_TOPIC_PRICES, 2, NULL, &after, &err), CF_E_PAGE); /* not all is there */
    add_product(&entries, 3, "Oil", "D", NULL);
    struct cf_buf second = chunk_of(&entries);
    assert_rc(cf_replica_snapshot_chunk(sync, CF_TOPIC_PRICES, 2, cf_buf_bytes(&second), &err), CF_E_PAGE);
    assert_ok(cf_replica_snapshot_chunk(sync, CF_TOPIC_PRICES, 1, cf_buf_bytes(&second), &err));
    expect_code(reader, "A", 1);
    assert_ok(cf_replica_snapshot_swap(sync, CF_TOPIC_PRICES, 2, NULL, &after, &err));
    expect_code(reader, "A", 0);
    expect_code(reader, "B", 0);
    expect_code(reader, "C", 2);
    expect_code(reader, "D", 3);
    assert_ok(cf_replica_product_count(reader, &n, &err));
    assert_int_equal(n, 2);
    assert_ok(cf_replica_topic(reader, CF_TOPIC_PRICES, &now, &err));
    assert_true(now.version == 500 && now.digest.digest[0] == 5);
    assert_rc(cf_replica_snapshot_swap(sync, CF_TOPIC_PRICES, 2, NULL, &after, &err), CF_E_PAGE); /* it is gone now */
    cf_buf_done(&first);
    cf_buf_done(&second);
    cf_replica_close(reader);
    cf_replica_close(sync);
}

static void redeem_block(struct entries *entries, bool used, const uint32_t *serials, size_t n)
{
    static uint8_t room[CF_RICE_BYTES_MAX];
    struct cf_down_entry entry = {.kind = CF_DOWN_REDEEMED_BLOCK};
    size_t taken = 0;
    entry.redeemed_block = (struct cf_redeemed_block){.campaign = 5, .used = used};
    cf_rice_encode(serials, n, room, &entry.redeemed_block.serials, &taken);
    assert_int_equal(taken, n);
    add_entry(entries, &entry);
}

static void expect_redeemed(struct cf_replica *reader, uint32_t campaign, uint32_t index, bool expected)
{
    bool redeemed = !expected;
    uint32_t known = 9;
    assert_ok(cf_replica_redeemed(reader, campaign, index, &redeemed, &known, &err));
    if (redeemed != expected)
        fail_msg("coupon %u of campaign %u: %d", index, campaign, redeemed);
}

/* The reader keeps whole sets in memory; what the sync writes is known at the next look. */
static void a_reader_hears_of_each_redemption_at_once(void **state)
{
    struct entries entries = {0};
    struct cf_down_entry entry = {.kind = CF_DOWN_REDEEMED};
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    struct cf_replica *reader = opened(*state, CF_REPLICA_READ);
    expect_redeemed(reader, 5, 4096, false);
    redeem_block(&entries, true, (const uint32_t[]){1, 4096, 70000, 9000000}, 4);
    assert_ok(apply(sync, CF_TOPIC_REDEEMED, 0, &entries));
    expect_redeemed(reader, 5, 1, true);
    expect_redeemed(reader, 5, 2, false);
    expect_redeemed(reader, 5, 4096, true);
    expect_redeemed(reader, 5, 9000000, true);
    expect_redeemed(reader, 5, UINT32_MAX, false);
    expect_redeemed(reader, 6, 1, false);
    entry.kind = CF_DOWN_UNREDEEMED; /* a return gave it back */
    entry.redeemed.campaign = 5;
    entry.redeemed.n = 1;
    entry.redeemed.index[0] = 4096;
    add_entry(&entries, &entry);
    redeem_block(&entries, false, (const uint32_t[]){1, 9000000}, 2);
    redeem_block(&entries, true, (const uint32_t[]){2}, 1);
    assert_ok(apply(sync, CF_TOPIC_REDEEMED, 1, &entries));
    expect_redeemed(reader, 5, 4096, false);
    expect_redeemed(reader, 5, 1, false);
    expect_redeemed(reader, 5, 9000000, false);
    expect_redeemed(reader, 5, 2, true);
    expect_redeemed(reader, 5, 70000, true);
    cf_replica_close(reader);
    cf_replica_close(sync);
}

/* More than the memory for sets: the answers are the same. */
static void a_set_that_has_no_room_in_memory_is_read_page_by_page(void **state)
{
    struct entries entries = {0};
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    struct cf_replica *reader = opened(*state, CF_REPLICA_READ);
    redeem_block(&entries, true, (const uint32_t[]){3, 4000000000u, UINT32_MAX}, 3);
    assert_ok(apply(sync, CF_TOPIC_REDEEMED, 0, &entries));
    for (unsigned round = 0; round < 2; round++) {
        expect_redeemed(reader, 5, 3, true);
        expect_redeemed(reader, 5, 4, false);
        expect_redeemed(reader, 5, 4000000000u, true);
        expect_redeemed(reader, 5, UINT32_MAX, true);
    }
    cf_replica_close(reader);
    cf_replica_close(sync);
}

static void changes_go_onto_just_the_state_that_they_follow(void **state)
{
    struct entries entries = {0};
    uint32_t done = 9;
    const struct cf_sha256 manifest = {{3}};
    const struct cf_topic_state after = {500, {{5}}};
    struct cf_topic_state base, now;
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    redeem_block(&entries, true, (const uint32_t[]){1, 2, 3}, 3);
    assert_ok(apply(sync, CF_TOPIC_REDEEMED, 0, &entries));
    assert_ok(cf_replica_topic(sync, CF_TOPIC_REDEEMED, &base, &err));
    assert_ok(cf_replica_snapshot_begin(sync, CF_TOPIC_REDEEMED, &manifest, &done, &err));
    redeem_block(&entries, true, (const uint32_t[]){8}, 1);
    redeem_block(&entries, false, (const uint32_t[]){2}, 1);
    struct cf_buf chunk = chunk_of(&entries);
    assert_ok(cf_replica_snapshot_chunk(sync, CF_TOPIC_REDEEMED, 0, cf_buf_bytes(&chunk), &err));
    struct cf_topic_state other = base;
    other.digest.digest[0] ^= 1; /* another history of the same length */
    assert_rc(cf_replica_snapshot_swap(sync, CF_TOPIC_REDEEMED, 1, &other, &after, &err), CF_E_PAGE);
    expect_redeemed(sync, 5, 8, false);
    assert_ok(cf_replica_snapshot_swap(sync, CF_TOPIC_REDEEMED, 1, &base, &after, &err));
    expect_redeemed(sync, 5, 1, true); /* what was there stays */
    expect_redeemed(sync, 5, 2, false);
    expect_redeemed(sync, 5, 3, true);
    expect_redeemed(sync, 5, 8, true);
    assert_ok(cf_replica_topic(sync, CF_TOPIC_REDEEMED, &now, &err));
    assert_int_equal(now.version, 500);
    cf_buf_done(&chunk);
    cf_replica_close(sync);
}

static void expect_coming(struct cf_replica *replica, bool is, uint32_t chunks, uint32_t all)
{
    struct cf_replica_coming coming;
    assert_ok(cf_replica_coming(replica, &coming, &err));
    assert_int_equal(coming.is, is);
    assert_int_equal(coming.chunks, chunks);
    assert_int_equal(coming.all, all);
    assert_true(!is || coming.topic == CF_TOPIC_PRICES);
}

static void who_looks_on_sees_how_far_a_snapshot_is(void **state)
{
    struct entries entries = {0};
    uint32_t done = 9;
    const struct cf_sha256 manifest = {{1}};
    const struct cf_topic_state after = {500, {{5}}};
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    struct cf_replica *reader = opened(*state, CF_REPLICA_READ);
    expect_coming(reader, false, 0, 0);
    assert_ok(cf_replica_snapshot_begin(sync, CF_TOPIC_PRICES, &manifest, &done, &err));
    expect_coming(reader, false, 0, 0); /* nobody has said how many */
    assert_ok(cf_replica_snapshot_announce(sync, CF_TOPIC_PRICES, 2, &err));
    expect_coming(reader, true, 0, 2);
    add_product(&entries, 1, "Tea", "A", NULL);
    struct cf_buf chunk = chunk_of(&entries);
    assert_ok(cf_replica_snapshot_chunk(sync, CF_TOPIC_PRICES, 0, cf_buf_bytes(&chunk), &err));
    expect_coming(reader, true, 1, 2);
    cf_buf_done(&chunk);
    add_product(&entries, 2, "Salt", "B", NULL);
    chunk = chunk_of(&entries);
    assert_ok(cf_replica_snapshot_chunk(sync, CF_TOPIC_PRICES, 1, cf_buf_bytes(&chunk), &err));
    expect_coming(reader, true, 2, 2);
    assert_ok(cf_replica_snapshot_swap(sync, CF_TOPIC_PRICES, 2, NULL, &after, &err));
    expect_coming(reader, false, 0, 0);
    cf_buf_done(&chunk);
    cf_replica_close(reader);
    cf_replica_close(sync);
}

static void a_snapshot_of_another_manifest_starts_again(void **state)
{
    struct entries entries = {0};
    uint32_t done = 9;
    const struct cf_sha256 one = {{1}};
    const struct cf_sha256 other = {{2}};
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    assert_ok(cf_replica_snapshot_begin(sync, CF_TOPIC_PRICES, &one, &done, &err));
    add_product(&entries, 1, "Tea", "A", NULL);
    struct cf_buf chunk = chunk_of(&entries);
    assert_ok(cf_replica_snapshot_chunk(sync, CF_TOPIC_PRICES, 0, cf_buf_bytes(&chunk), &err));
    assert_ok(cf_replica_snapshot_begin(sync, CF_TOPIC_PRICES, &other, &done, &err));
    assert_int_equal(done, 0);
    cf_buf_done(&chunk);
    cf_replica_close(sync);
}

static void a_chunk_that_is_no_list_of_the_topics_entries_is_refused(void **state)
{
    struct entries entries = {0};
    uint32_t done = 9;
    const struct cf_sha256 manifest = {{1}};
    struct cf_replica *sync = opened(*state, CF_REPLICA_SYNC);
    assert_rc(cf_replica_snapshot_begin(sync, CF_TOPIC_LEASES, &manifest, &done, &err), CF_E_PAGE);
    assert_rc(cf_replica_snapshot_chunk(sync, CF_TOPIC_PRICES, 0, cf_bytes_of("\x80", 1), &err), CF_E_PAGE);
    assert_ok(cf_replica_snapshot_begin(sync, CF_TOPIC_CAMPAIGNS, &manifest, &done, &err));
    add_product(&entries, 1, "Tea", "A", NULL);
    struct cf_buf chunk = chunk_of(&entries);
    const struct {
        cf_bytes content;
        const char *why;
    } rows[] = {
        {cf_buf_bytes(&chunk), "entries of another topic"},
        {cf_bytes_of("", 0), "nothing"},
        {cf_bytes_of("\x81", 1), "ends early"},
        {cf_bytes_of("\x80\x80", 2), "has a tail"},
        {cf_bytes_of("\x81\x80", 2), "an entry without a kind"},
        {cf_bytes_of("\xa0", 1), "a map"},
        {cf_bytes_of("\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9), "a count that is made up"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
        assert_rc(cf_replica_snapshot_chunk(sync, CF_TOPIC_CAMPAIGNS, 0, rows[k].content, &err), CF_E_PAGE);
    assert_ok(cf_replica_snapshot_chunk(sync, CF_TOPIC_CAMPAIGNS, 0, cf_bytes_of("\x80", 1), &err)); /* an empty one */
    cf_buf_done(&chunk);
    cf_replica_close(sync);
}

#define test(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

static void add_list(struct entries *entries, uint32_t list, uint32_t part, unsigned priority, size_t n)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_PRICE_LIST};
    entry.price_list = (struct cf_price_list){
        .terms = {.list = list, .priority = (uint8_t)priority, .tiers = 3, .from = {5000000}}, .part = part, .n = n};
    for (size_t k = 0; k < n; k++) {
        entry.price_list.items[k].product = part * 1000 + k + 1;
        entry.price_list.items[k].price_minor = (int64_t)list * 100;
    }
    add_entry(entries, &entry);
}

static void rules_and_price_lists_are_kept_and_replaced_part_by_part(void **state)
{
    struct cf_replica *replica = opened(*state, CF_REPLICA_SYNC);
    struct entries entries = {0};
    struct cf_store_rules rules;
    struct cf_listed_price listed[4];
    size_t n = 9;
    assert_ok(cf_replica_store_rules(replica, &rules, &err));
    assert_true(rules.n_measures == 0 && rules.tax_rounding == CF_TAX_BY_DOCUMENT); /* the defaults */
    struct cf_down_entry entry = {.kind = CF_DOWN_STORE_RULES};
    cf_store_rules_default(&entry.store_rules);
    entry.store_rules.tax_rounding = CF_TAX_BY_LINE;
    add_entry(&entries, &entry);
    add_list(&entries, 7, 0, 1, 3);
    add_list(&entries, 7, 1, 1, 3);
    add_list(&entries, 8, 0, 5, 1);
    assert_ok(apply(replica, CF_TOPIC_RULES, 0, &entries));
    assert_ok(cf_replica_store_rules(replica, &rules, &err));
    assert_int_equal(rules.tax_rounding, CF_TAX_BY_LINE);
    assert_ok(cf_replica_listed_prices(replica, 1, listed, 4, &n, &err));
    assert_int_equal(n, 2);
    assert_true(listed[0].terms.list == 8 && listed[0].price_minor == 800 && listed[0].terms.priority == 5);
    assert_true(listed[1].terms.list == 7 && listed[1].terms.tiers == 3 && listed[1].terms.from.us == 5000000);
    assert_ok(cf_replica_listed_prices(replica, 1, listed, 1, &n, &err)); /* of more the weightiest */
    assert_true(n == 1 && listed[0].terms.list == 8);
    bool found = false;
    struct cf_listed_price lowest;
    assert_ok(cf_replica_lowest_listed_price(replica, 1, &lowest, &found, &err));
    for (size_t i = 0; i < 2; i++)
        assert_true(found && lowest.price_minor <= listed[i].price_minor);
    assert_ok(cf_replica_lowest_listed_price(replica, UINT64_MAX, &lowest, &found, &err));
    assert_false(found);
    add_list(&entries, 7, 0, 1, 0);
    assert_ok(apply(replica, CF_TOPIC_RULES, 4, &entries));
    assert_ok(cf_replica_listed_prices(replica, 1, listed, 4, &n, &err));
    assert_int_equal(n, 1);
    assert_ok(cf_replica_listed_prices(replica, 1002, listed, 4, &n, &err)); /* the other part is still there */
    assert_int_equal(n, 1);
    assert_ok(cf_replica_listed_prices(replica, UINT64_MAX, listed, 4, &n, &err));
    assert_int_equal(n, 0);
    add_list(&entries, 9, 0, 1, 1);
    entries.digest = (struct cf_sha256){{0}};
    assert_rc(apply(replica, CF_TOPIC_RULES, 5, &entries), CF_E_PAGE); /* all or nothing */
    assert_ok(cf_replica_listed_prices(replica, 1, listed, 4, &n, &err));
    assert_int_equal(n, 1);
    cf_replica_close(replica);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_till_without_a_replica_is_told_to_sync),
        test(rules_and_price_lists_are_kept_and_replaced_part_by_part),
        test(only_one_sync_writes),
        test(a_reader_cannot_apply),
        test(a_broken_replica_is_replaced_by_the_sync_and_refused_by_the_till),
        test(damage_that_a_till_meets_makes_a_running_sync_open_again),
        test(a_damaged_row_that_a_till_meets_makes_the_sync_build_another_replica),
        test(what_was_whole_when_the_power_went_takes_the_place),
        test(another_replica_that_the_disk_has_no_room_for_takes_no_place),
        test(a_reader_notices_changes),
        test(products_are_found_by_each_of_their_codes),
        test(codes_follow_their_product),
        test(a_page_that_does_not_follow_on_changes_nothing),
        test(redeemed_rights_and_generations_are_known_one_by_one),
        test(leases_never_fall),
        test(the_last_version_of_a_campaign_counts),
        test(results_are_read_from_any_record_on),
        test(the_state_of_the_sync_is_kept),
        test(a_snapshot_replaces_a_topic_in_one_step),
        test(who_looks_on_sees_how_far_a_snapshot_is),
        test(a_snapshot_of_another_manifest_starts_again),
        test(a_reader_hears_of_each_redemption_at_once),
        test(a_set_that_has_no_room_in_memory_is_read_page_by_page),
        test(changes_go_onto_just_the_state_that_they_follow),
        test(a_chunk_that_is_no_list_of_the_topics_entries_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
