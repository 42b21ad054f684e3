/*
 * tests/torture/hub_power_test.c - the power of a store's hub goes, or its process ends, at any write of any message:
 * what it answered stands, no right is a second till's, and what is lent and given back is never more than was leased.
 *
 * The tills are on other machines: what they journalled stays. An honest hub is never set apart by a cut. And the mark
 * of a till, synced between sales, outlives one.
 */
#include "tests/unit/hub/hub_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/store/incarnation.h"
#include "tests/support/disk.h"

#define SEEDS 12
#define CUTS 25
#define ASKS 40
#define CAMPAIGN 7u
#define LEASE 40
#define RIGHTS 24u

struct till_book {
    int64_t granted, returned; /* as answered; as journalled */
    bool is_pending;           /* a record that the hub has not confirmed */
    struct cf_buf record;      /* in its batch */
};
struct book {
    struct hub_world *world;
    struct cf_disk *disk;
    uint64_t chance;
    struct till_book till[HUB_TILLS];
    unsigned holder[RIGHTS];  /* till + 1 */
    uint8_t key[RIGHTS];      /* of the hold */
    int64_t gone;             /* given back to the centre, as answered */
    unsigned answered, moved; /* asks; sub-lease returns and givebacks that were answered */
};

static struct book book;

static uint64_t draw(uint64_t n)
{
    book.chance = book.chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (book.chance >> 33) % n;
}

static bool is_running(void)
{
    return !cf_disk_is_off(book.disk);
}

static void check_lease(void)
{
    int64_t out = book.gone;
    for (size_t k = 0; k < HUB_TILLS; k++)
        out += book.till[k].granted - book.till[k].returned;
    if (out > LEASE)
        fail_msg("%lld units are lent or given back, of %d", (long long)out, LEASE);
}

/* --- what tills ask ----------------------------------------------------------------------------------------------- */

static void claim_one(size_t k)
{
    uint32_t index = (uint32_t)draw(RIGHTS);
    bool own = book.holder[index] == k + 1;
    uint8_t key = own ? book.key[index] : (uint8_t)(1 + k * RIGHTS + index);
    enum cf_rc rc = hub_claim(book.world, &book.world->till[k], key, CAMPAIGN, index);
    if (rc == CF_OK) {
        if (book.holder[index] != 0 && !own)
            fail_msg("right %u is till %u's, and now till %zu's", index, book.holder[index] - 1, k);
        book.holder[index] = (unsigned)k + 1;
        book.key[index] = key;
    } else if (own && rc == CF_E_COUPON_SPENT) {
        fail_msg("right %u is not till %zu's any more", index, k);
    }
}

static void lend_some(size_t k)
{
    struct till_book *till = &book.till[k];
    int64_t left = till->granted - till->returned;
    int64_t granted = hub_sublease(book.world, &book.world->till[k], CAMPAIGN, left, left + (int64_t)draw(8));
    if (granted < 0)
        return;
    if (granted < till->granted)
        fail_msg("till %zu was granted %lld, and now %lld", k, (long long)till->granted, (long long)granted);
    till->granted = granted;
}

/* The till's journal has it before the hub hears of it, and brings it until the hub says that it is there. */
static void give_back(size_t k)
{
    struct till_book *till = &book.till[k];
    struct hub_till *asking = &book.world->till[k];
    static struct cf_batch batch;
    int64_t left = till->granted - till->returned;
    if (!till->is_pending && left > 0) {
        int64_t units = 1 + (int64_t)draw((uint64_t)left);
        batch_begin(asking, &batch);
        const struct cf_hub_lease_return given = {book.world->hub_epoch, {CAMPAIGN, units, 0}};
        make_sublease_return(asking, &batch, &given);
        batch_sign(asking, &batch, &till->record);
        till->returned += units;
        till->is_pending = true;
    }
    if (!till->is_pending || hub_ask(book.world, asking, CF_PATH_HUB_RECORDS, cf_buf_bytes(&till->record)) != CF_OK)
        return;
    till->is_pending = draw(4) == 0; /* the answer is lost: it comes again */
    book.moved += !till->is_pending;
}

static void lower(void)
{
    int64_t gone = hub_giveback(book.world, &book.world->till[0], CAMPAIGN, LEASE - book.gone - (int64_t)draw(3));
    if (gone < 0)
        return;
    if (gone < book.gone)
        fail_msg("the hub gave back %lld, and now says %lld", (long long)book.gone, (long long)gone);
    book.moved += gone > book.gone;
    book.gone = gone;
}

static void ask(void)
{
    size_t k = (size_t)draw(HUB_TILLS);
    switch (draw(8)) {
    case 0:
    case 1:
    case 2:
        claim_one(k);
        break;
    case 3:
    case 4:
    case 5:
        lend_some(k);
        break;
    case 6:
        give_back(k);
        break;
    default:
        if (draw(4) == 0)
            lower();
        break;
    }
    check_lease();
    book.answered++;
}

/* --- cuts --------------------------------------------------------------------------------------------------------- */

static bool stopped;

static void note_stop(void *ctx, enum cf_disk_stop stop)
{
    (void)ctx;
    (void)stop;
    stopped = true;
}

static void run_until_stopped(void)
{
    enum cf_disk_stop stop = draw(3) == 0 ? CF_DISK_KILL : CF_DISK_CUT;
    stopped = false;
    cf_disk_stop_at(book.disk, 1 + draw(120), stop, note_stop, NULL);
    for (unsigned n = 0; n < ASKS && !stopped && is_running(); n++)
        ask();
    cf_disk_stop_at(book.disk, 0, stop, NULL, NULL);
    hub_shut(book.world);
    if (stop == CF_DISK_CUT || draw(2) == 0)
        cf_disk_cut(book.disk);
}

static void go_on(enum cf_disk_fate fate)
{
    if (!is_running())
        cf_disk_restart(book.disk, fate);
    cf_disk_as(book.disk, 0);
    enum cf_rc rc = hub_reopen(book.world);
    if (rc != CF_OK)
        fail_msg("after a cut the hub does not start: %s", err.detail);
}

static void run_history(uint64_t seed)
{
    char folder[CF_DISK_PATH_MAX + 8];
    memset(&book, 0, sizeof book);
    book.chance = seed * 977 + 1;
    book.disk = cf_disk_new(seed);
    (void)snprintf(folder, sizeof folder, "%s/hub", cf_disk_path(book.disk));
    assert_int_equal(mkdir(folder, 0700), 0);
    book.world = hub_world_in(folder);
    for (size_t k = 0; k < HUB_TILLS; k++)
        cf_buf_init(&book.till[k].record, CF_BATCH_BYTES_MAX);
    down_store_lease(book.world, CAMPAIGN, 1, LEASE);
    cf_replica_close(book.world->replica); /* what came down lasts: only the hub writes from here on */
    book.world->replica = NULL;
    hub_shut(book.world);
    cf_disk_cut(book.disk);
    go_on(CF_DISK_KEEP);
    for (unsigned cut = 0; cut < CUTS; cut++) {
        run_until_stopped();
        go_on(CF_DISK_ANY);
    }
    hub_world_free(book.world);
    for (size_t k = 0; k < HUB_TILLS; k++)
        cf_buf_done(&book.till[k].record);
    cf_disk_free(book.disk);
}

static void what_a_hub_answered_outlives_any_cut(void **state)
{
    unsigned answered = 0, moved = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        run_history(seed);
        answered += book.answered;
        moved += book.moved;
    }
    print_message("# %u cuts, %u asks, %u answers that moved something back\n", SEEDS * CUTS, answered, moved);
    assert_true(moved > SEEDS);
}

/* --- a till's mark ------------------------------------------------------------------------------------------------ */

static void a_mark_that_was_synced_between_sales_outlives_a_cut(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct cf_disk *disk = cf_disk_new(seed);
        struct cf_incarnation_file *file = NULL;
        struct cf_incarnation_mark mark = {.terminal = 11, .epoch = 1, .incarnation = 3, .seq = 5}, found = {0};
        enum cf_mark_found kind = CF_MARK_NONE;
        char folder[CF_DISK_PATH_MAX + 8];
        (void)snprintf(folder, sizeof folder, "%s/till", cf_disk_path(disk));
        assert_int_equal(mkdir(folder, 0700), 0);
        assert_ok(cf_incarnation_file_new(folder, cf_env_system(), &file, &err));
        struct cf_incarnation_store store = cf_incarnation_file_store(file);
        assert_ok(store.ops->intend(store.ctx, &mark, &err));
        for (mark.seq = 6; mark.seq <= 8; mark.seq++)
            store.ops->settle(store.ctx, &mark);
        store.ops->sync(store.ctx); /* the till rests */
        mark.settled = true;
        store.ops->settle(store.ctx, &mark); /* one sale more */
        cf_disk_cut(disk);
        cf_disk_restart(disk, seed % 2 ? CF_DISK_LOSE : CF_DISK_ANY);
        assert_ok(store.ops->read(store.ctx, &kind, &found, &err));
        assert_int_equal(kind, CF_MARK_FOUND);
        assert_true(found.settled && found.seq >= 8);
        cf_incarnation_file_free(file);
        cf_disk_free(disk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_hub_answered_outlives_any_cut),
        cmocka_unit_test(a_mark_that_was_synced_between_sales_outlives_a_cut),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("a hub's power", tests, NULL, NULL);
}
