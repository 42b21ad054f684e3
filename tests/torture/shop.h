/*
 * tests/torture/shop.h - two machines on model disks (tests/support/disk.h): a till with its sync, and the centre.
 *
 * All that decides is the shipped code. One seed makes one history: clocks, chance and loss come from it, and so does
 * what a power cut leaves. What was promised - a receipt on paper, an acknowledgement, an order's answer - is written
 * down by book.h, outside of both machines. Single-threaded; one shop at a time.
 */
#ifndef CF_TESTS_TORTURE_SHOP_H
#define CF_TESTS_TORTURE_SHOP_H

#include <jansson.h>

#include "app/terminal/link.h"
#include "app/terminal/till.h"
#include "sync/central/central.h"
#include "sync/client/client.h"
#include "tests/support/disk.h"

#define TORTURE_PROMISES_MAX 1024
#define TORTURE_ORDERS_MAX 512
#define TORTURE_COUPONS_MAX 256
#define TORTURE_STATES_MAX 64
#define TORTURE_LINES 40
#define TORTURE_LINE_MAX 160

/* Mistakes planted in the machines or their use: each must be found. */
enum torture_fault {
    TORTURE_NONE,
    TORTURE_JOURNAL_NORMAL, /* the journal commits with synchronous=NORMAL */
    TORTURE_JOURNAL_OFF,
    TORTURE_CENTRE_NORMAL,
    TORTURE_CENTRE_OFF,
    TORTURE_TILL_DISK_LIES, /* says that it synced and did not */
    TORTURE_PRINT_FIRST,    /* the receipt is on paper before the commit */
    TORTURE_PRINT_TWICE,    /* what was perhaps not printed is printed again without the mark of a copy */
    TORTURE_ANSWER_FIRST,   /* the centre's answer is on its way before the centre has it */
    TORTURE_FAULTS
};
const char *torture_fault_name(enum torture_fault fault);

enum torture_campaign { TORTURE_LEASED, TORTURE_ONLINE_ONLY, TORTURE_CAMPAIGNS };

/* A record that somebody was told of, or that was found after a cut. */
struct promise {
    uint64_t seq;
    struct cf_sha256 hash;
    bool is_sale;               /* or a return: it has a receipt */
    unsigned originals, copies; /* of its receipt, on paper */
    bool has_receipt;
    struct cf_sha256 receipt; /* what the paper says; of the first one */
};
struct order {
    char body[CF_CODE_TEXT_MAX + 256];
    struct cf_buf answer;
};
struct book {
    size_t n_promises;
    struct promise promise[TORTURE_PROMISES_MAX];
    uint64_t acknowledged_seq; /* told to the till's sync */
    struct cf_sha256 acknowledged_head;
    size_t n_orders;
    struct order order[TORTURE_ORDERS_MAX];
    size_t n_coupons;
    struct {
        uint32_t campaign, index;
        char text[CF_CODE_TEXT_MAX];
    } coupon[TORTURE_COUPONS_MAX];
    /* Where the open sale may stand after a cut: each gross total since the last record, with its state. */
    size_t n_states;
    int64_t states[TORTURE_STATES_MAX];
    bool step_under_way; /* the cut fell into a step: where it leads is not known */
    bool tender_under_way;
};

struct shop {
    uint64_t seed, chance;
    enum torture_fault fault;
    int64_t now_us;
    unsigned loss_percent;
    bool no_returns; /* a history that an older version could have had */

    struct cf_disk *centre_disk;
    struct cf_env centre_env;
    struct cf_member_store *store;
    struct cf_central *central;
    struct cf_central_response response;
    char api_key[CF_API_KEY_TEXT_MAX];

    struct cf_disk *till_disk;
    struct cf_env till_env;
    uint32_t terminal, epoch, store_id, channel;
    struct cf_private_key *key;
    cf_public_key roots[2];
    uint32_t boot;
    int64_t booted_us;
    struct cf_till *till;
    struct cf_keyring *ring;
    struct cf_link *link;
    struct cf_sync *sync;

    uint32_t campaign[TORTURE_CAMPAIGNS];
    int64_t budget[TORTURE_CAMPAIGNS];
    char member[2 * CF_SUB_BYTES + 1];
    char card[CF_CODE_TEXT_MAX];
    struct book book;

    bool failed, quiet, print_log;
    uint64_t n_events;
    char lines[TORTURE_LINES][TORTURE_LINE_MAX];
    struct {
        unsigned cuts_till, cuts_centre, sales, returns, found_after_cut, copies, cycles, orders, rebuilt;
    } count;
};

uint64_t shop_chance(struct shop *shop, uint64_t below);
bool shop_percent(struct shop *shop, unsigned percent);
void shop_log(struct shop *shop, const char *format, ...) CF_PRINTF(2, 3);
/* A promise was broken: prints the end of the history. Only the first is told. */
void shop_violation(struct shop *shop, const char *format, ...) CF_PRINTF(2, 3);

/* A centre with goods, campaigns and a member, and an enrolled till that synced once; no power is lost. The disks are
 * images: shop_begin copies them. */
void shop_origin_make(struct shop *origin);
void shop_origin_done(struct shop *origin);
void shop_begin(struct shop *shop, const struct shop *origin, uint64_t seed, enum torture_fault fault);
void shop_end(struct shop *shop);

/* A call of the API; NULL if the centre died before it answered. The caller's to json_decref. */
json_t *shop_call(struct shop *shop, const char *method, const char *path, const char *body, int *ret_status);

/* Machines. Opening says CF_OK, or what went wrong; a cut in the middle of it is no mistake. */
enum cf_rc shop_open_till(struct shop *shop, struct cf_error *err) CF_MUST_CHECK;
void shop_close_till(struct shop *shop);
enum cf_rc shop_open_centre(struct shop *shop, struct cf_error *err) CF_MUST_CHECK;
void shop_close_centre(struct shop *shop);
bool shop_till_is_on(const struct shop *shop);
bool shop_centre_is_on(const struct shop *shop);
const char *shop_till_dir(const struct shop *shop);
const char *shop_centre_path(const struct shop *shop, const char *name); /* valid until the next call */

extern struct cf_error shop_err;
/* For calls that must succeed unless the till's machine loses its power in them. */
#define shop_must(shop, call)                                                                                          \
    do {                                                                                                               \
        enum cf_rc shop_rc_ = (call);                                                                                  \
        if (shop_rc_ != CF_OK && shop_till_is_on(shop))                                                                \
            shop_violation(shop, "%s: %s: %s", #call, cf_rc_name(shop_rc_), shop_err.detail);                          \
    } while (0)

#endif
