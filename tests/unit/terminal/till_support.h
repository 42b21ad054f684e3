/*
 * tests/unit/terminal/till_support.h - a small shop: a till over real files in a folder of its own, a replica filled as
 * the sync would fill it, a clock and a network that the test commands.
 *
 * Aborts the test on any failure that the test did not ask for. Till 21 of store 301; the keys are keys_support.h's.
 */
#ifndef CF_TESTS_TERMINAL_TILL_SUPPORT_H
#define CF_TESTS_TERMINAL_TILL_SUPPORT_H

#include "app/core/down.h"
#include "tests/unit/terminal/accounts_support.h"
#include "app/store/replica.h"
#include "app/terminal/till.h"
#include "tests/unit/terminal/terminal_cmocka.h"
#include "sync/wire/hub.h"
#include "sync/wire/quote_ask.h"

#define SHOP_TILL 21u
#define SHOP_STORE 301u
#define SHOP_PATH_MAX 512

/* Campaigns of the shop; their coupons take 3.00 off unless it says otherwise. */
#define LEASED 12u /* three rights on lease; 20 % off from 50.00 on */
#define PINNED 13u
#define ONLINE_ONLY 14u
#define ISSUED 15u      /* leased; a coupon of it is on each receipt from 20.00 on, serials 1000..1004 */
#define OTHER_STORE 16u /* leased, not for this store */
#define EARLY 17u       /* leased, begins tomorrow */
#define ENDED 18u       /* leased, ended yesterday */
#define LENIENT 19u     /* leased, accepted when the clock is in doubt */
#define ONLINE_SHOP 22u /* leased, not for stores */
#define STOPPED 23u     /* leased, stopped by marketing */
#define NO_LEASE 24u    /* leased, and this till has none */
#define RISKY 25u       /* optimistic; 10.00 may be risked */
#define CASHED 26u      /* leased in money as well: three rights, 7.00 */
#define DAILY 27u       /* three rights on lease, two of them a day */
#define AUTOMATIC 20u   /* 10 % off category 7, without a coupon */

/* Goods: GTIN, price, what they are. */
#define CREAM "6901234567892" /* 39.90, category 7 */
#define SOAP "4006381333931"  /* 10.00 */
#define TEA "5901234123457"   /* 25.00 */
#define GIFT "9780201379624"  /* 0.00 */
#define APPLES "SKU-7"        /* 12.80 a kilogram, weighed */

struct shop {
    char dir[SHOP_PATH_MAX];
    struct cf_till *till;
    uint32_t epoch;
    struct cf_error err; /* of the call at hand */

    /* the clock */
    int64_t wall_us, mono_us;
    uint8_t boot;
    /* the network: what it answers, and what it was asked */
    bool ask_online;
    enum cf_rc net_rc; /* of the exchange */
    int net_status;
    enum cf_rc net_reply;                     /* of the centre, if the exchange works */
    const struct cf_sale_reply *sale_reply;   /* of whoever is asked for a sale; NULL: it is not known there */
    const struct cf_quote_reply *quote_reply; /* of the centre, if it is asked for a quotation; NULL: it has none */
    unsigned hub_asked;                       /* for a sale */
    struct cf_sale_ref asked_sale;
    unsigned asked;
    uint8_t asked_key[16];
    /* the store's hub, as long as hub_epoch is not 0: what it answers, and what it was asked */
    uint32_t hub_epoch;
    enum cf_rc lan_rc;      /* of the exchange */
    enum cf_rc lan_verdict; /* on a claim */
    enum cf_rc lan_refusal; /* of the message itself; CF_OK: none */
    struct cf_hub_witness lan_witness;
    unsigned claimed, released;
    uint8_t claimed_key[16], released_key[16];
    struct cf_hub_frame lan_asked; /* but for its body */
    int64_t lan_lowered;           /* what it ever lowered of each campaign, once it is asked to */
    int64_t lan_lowered_minor;     /* the same in money */
    int64_t lan_keep;              /* what it was asked to keep of the first one */
    unsigned givebacks;
    /* what the hub answers to other messages; NULL: there are none */
    enum cf_rc (*lan_more)(struct shop *shop, const char *path, cf_bytes body, struct cf_buf *ret);
    void *lan_ctx;
    unsigned lan_silent_from; /* from that message of these on the answer is lost; 0: never */
    unsigned lan_n_more;
    uint32_t random;
    struct accounts *accounts; /* who keeps gift cards; NULL: nobody */
    struct cf_pay_port card, mobile;
    struct cf_fiscal_port fiscal;
    int64_t variance_limit_minor;                   /* of the till's configuration */
    const struct cf_incarnation_store *incarnation; /* NULL: the file beside the folder */
};

/* A folder with journal and replica, no till open. */
void shop_init(struct shop *shop);
void shop_done(struct shop *shop);
/* As `from`, which is closed, with a copy of its folder and of the mark beside it. */
void shop_copy(struct shop *shop, const struct shop *from);
/* The file beside the folder that holds the till's incarnation. */
const char *shop_mark_path(const struct shop *shop, char path[SHOP_PATH_MAX + 20]);
/* cmocka fixtures around both, with the till open. */
int shop_setup(void **state);
int shop_teardown(void **state);

enum cf_rc shop_try_open(struct shop *shop);
void shop_open(struct shop *shop);
void shop_close(struct shop *shop);
/* Close and open: what a restart of the process is. */
void shop_restart(struct shop *shop);
/* Also another boot. */
void shop_reboot(struct shop *shop);
/* The till is enrolled again: the next epoch with a journal of its own. The replica is the old one. */
void shop_enrol_again(struct shop *shop);
/* A pull brought all there is. */
void shop_pulled(struct shop *shop);

/* Applies entries to the replica as the sync does. */
void shop_send(struct shop *shop, enum cf_topic topic, const struct cf_down_entry *entry);
void shop_send_bytes(struct shop *shop, enum cf_topic topic, cf_bytes entry); /* whatever they are */
void shop_send_campaign(struct shop *shop, const struct cf_campaign *campaign);
struct cf_campaign shop_campaign(uint32_t id);
void shop_send_redeemed(struct shop *shop, uint32_t campaign, uint32_t index);
/* n grants of another till, with the lowest ids there are. Their signatures are not genuine. */
void shop_send_grants(struct shop *shop, uint32_t n, int64_t exp_s);
/* The store has a hub; what the hub sub-leased to this till. */
void shop_send_hub(struct shop *shop, uint32_t hub_epoch);
void shop_send_sublease(struct shop *shop, uint32_t campaign, uint32_t hub_epoch, int64_t granted);
void shop_send_sublease_of(struct shop *shop, uint32_t campaign, const struct cf_sublease *sublease);
void shop_send_sublease_to_keep(struct shop *shop, uint32_t campaign, uint32_t hub_epoch, int64_t granted,
                                int64_t keep);
/* This till is the hub itself, of a store that was leased so much, and what of it to keep. */
void shop_send_hub_role(struct shop *shop, uint32_t hub_epoch);
void shop_send_store_lease(struct shop *shop, uint32_t campaign, uint32_t hub_epoch, int64_t granted, int64_t keep);
void shop_send_lease(struct shop *shop, uint32_t campaign, int64_t granted);
void shop_send_grant_of(struct shop *shop, const struct cf_lease_grant *lease);
/* What the replica says of the sync: changed by `change`. */
void shop_sync(struct shop *shop, void (*change)(struct shop *shop, struct cf_sync_state *sync));
/* All that is recorded is acknowledged. */
void shop_acknowledge(struct shop *shop);

/* The texts of codes; valid until the next call but seven. */
struct cf_coupon shop_coupon_fields(uint32_t campaign, uint32_t index);
const char *shop_sign_coupon(const struct cf_coupon *coupon, cf_kid kid, enum test_key key);
const char *shop_coupon(uint32_t campaign, uint32_t index); /* bearer, valid for a month; of PINNED: to this till */
const char *shop_bound_coupon(uint32_t campaign, uint32_t index, cf_sub sub);
const char *shop_member(struct shop *shop, uint64_t counter); /* live at the shop's clock */
const char *shop_card(void);

/* What a cashier does. */
enum cf_rc shop_scan(struct shop *shop, const char *text);
enum cf_rc shop_pay(struct shop *shop, enum cf_tender_kind kind, int64_t amount_minor, const char *reference,
                    struct cf_till_sold *ret);
struct cf_till_view shop_view(struct shop *shop);
int64_t shop_due(struct shop *shop);
/* Pays what is due in cash; the sale must commit. */
struct cf_till_sold shop_pay_all(struct shop *shop);
/* One article and cash. */
struct cf_till_sold shop_sell(struct shop *shop, const char *goods);
uint64_t shop_records(struct shop *shop); /* the seq of the newest */
uint64_t shop_facts(struct shop *shop);   /* how many there are but those of starts */
/* The newest record is of that type. */
bool shop_last_is(struct shop *shop, enum cf_record_type type);
/* The sale of a record; free with cf_sale_free. */
struct cf_sale *shop_sale_of(struct shop *shop, uint64_t seq);
void shop_verify(struct shop *shop); /* the journal is sound */

#endif
