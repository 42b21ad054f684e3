/*
 * app/core/down.h - what the centre sends down: entries of topics, as CBOR.
 *
 * The centre's log is a list of entries; a topic is the part of it that one kind of reader follows. Within a topic,
 * entries are numbered 1, 2, ... and digest(n) = SHA-256(digest(n-1) || entry n), digest(0) = 32 zero bytes. An entry
 * is one CBOR array that begins with its kind. Applying an entry twice, or a later entry of the same key, is harmless:
 * all state is cumulative or last-writer. Encoded at the centre, decoded by app/store on a till. Pure.
 *
 *   topic      scope      entries
 *   keys       all        KEYSET
 *   prices     a store    STORE, PRODUCT, PRODUCT_GONE
 *   campaigns  all        CAMPAIGN
 *   redeemed   all        REDEEMED, UNREDEEMED, GENERATION; REDEEMED_BLOCK in snapshots and deltas
 *   grants     all        GRANT
 *   leases     a terminal LEASE; STORE_LEASE to the terminal that is its store's hub
 *   results    a terminal RESULT
 *   erasures   all        ERASE
 *   hub        a store    HUB, TERMINAL
 *   users      a store    USER
 *   rules      a store    STORE_RULES, PRICE_LIST
 *   value      a terminal GIFT_CARD, VALUE_BLOCK
 *   orders     a store    ORDER, ORDER_GONE, REQUEST, REQUEST_GONE
 *   machine    a terminal UPDATE, LOGS: release.h
 */
#ifndef CF_CORE_DOWN_H
#define CF_CORE_DOWN_H

#include "app/core/campaign.h"
#include "app/core/code.h"
#include "app/core/erasure.h"
#include "app/core/gs1.h"
#include "app/core/order.h"
#include "app/core/order_request.h"
#include "app/core/price_list.h"
#include "app/core/pricing.h"
#include "app/core/record.h"
#include "app/core/release.h"
#include "app/core/rice.h"
#include "app/core/store_rules.h"
#include "base/zone.h"
#include "app/core/user.h"

enum cf_topic {
    CF_TOPIC_KEYS = 1,
    CF_TOPIC_PRICES = 2,
    CF_TOPIC_CAMPAIGNS = 3,
    CF_TOPIC_REDEEMED = 4,
    CF_TOPIC_GRANTS = 5,
    CF_TOPIC_LEASES = 6,
    CF_TOPIC_RESULTS = 7,
    CF_TOPIC_ERASURES = 8,
    CF_TOPIC_HUB = 9,
    CF_TOPIC_USERS = 10,
    CF_TOPIC_RULES = 11,
    CF_TOPIC_VALUE = 12,
    CF_TOPIC_ORDERS = 13,
    CF_TOPIC_MACHINE = 14,
};
#define CF_TOPICS_MAX 14
const char *cf_topic_name(enum cf_topic topic);
/* The scope of a terminal's topic, as in the table above: its store, itself, or 0 for all. */
uint32_t cf_topic_scope(enum cf_topic topic, uint32_t store, uint32_t terminal);

enum cf_down_kind {
    CF_DOWN_KEYSET = 1,
    CF_DOWN_STORE = 2,
    CF_DOWN_PRODUCT = 3,
    CF_DOWN_PRODUCT_GONE = 4,
    CF_DOWN_CAMPAIGN = 5,
    CF_DOWN_REDEEMED = 6,
    CF_DOWN_GENERATION = 7,
    CF_DOWN_GRANT = 8,
    CF_DOWN_LEASE = 9,
    CF_DOWN_RESULT = 10,
    CF_DOWN_HUB = 11,
    CF_DOWN_STORE_LEASE = 12,
    CF_DOWN_ERASE = 13,
    CF_DOWN_UNREDEEMED = 14,
    CF_DOWN_REDEEMED_BLOCK = 15,
    CF_DOWN_TERMINAL = 16,
    CF_DOWN_STORE_RULES = 18,
    CF_DOWN_PRICE_LIST = 19,
    CF_DOWN_USER = 17,
    CF_DOWN_GIFT_CARD = 20,
    CF_DOWN_ORDER = 21,
    CF_DOWN_ORDER_GONE = 22,
    CF_DOWN_REQUEST = 23,
    CF_DOWN_REQUEST_GONE = 24,
    CF_DOWN_UPDATE = 26,
    CF_DOWN_LOGS = 27,
    CF_DOWN_VALUE_BLOCK = 28,
};

#define CF_PRODUCT_CODES_MAX 8
#define CF_PRODUCT_CODE_MAX 40
#define CF_DOWN_ENTRY_MAX 16384

#define CF_PRODUCT_BATCHES_MAX 16
#define CF_PRODUCT_AGE_MAX 99

/* A product of the catalogue. codes: what scanners read for it, a GTIN as 14 digits, or the shop's own code; '#' and a
 * number without zeros in front is its PLU. */
struct cf_product {
    uint64_t id;
    char name[CF_NAME_MAX + 1];       /* as on the receipt */
    char name_other[CF_NAME_MAX + 1]; /* in the second language, "" if none */
    int64_t price_minor;
    uint32_t tax_bp;
    bool weighed;
    size_t n_categories;
    uint32_t categories[CF_LINE_CATEGORIES_MAX];
    size_t n_codes;
    char codes[CF_PRODUCT_CODES_MAX][CF_PRODUCT_CODE_MAX + 1];
    /* What most goods have not; 0 or false: none. */
    bool open_price;     /* a cashier enters it; price_minor is not asked */
    bool serialised;     /* each piece is sold by its serial number */
    bool reduced;        /* price_minor is below the usual price already */
    bool delivery;       /* no goods but what bringing them costs */
    uint8_t min_age;     /* years */
    uint64_t deposit;    /* the product whose price is this one's deposit, a line of its own */
    int64_t floor_minor; /* no discount brings 1.000 of it below this */
    bool has_member_price;
    int64_t member_price_minor;
    size_t n_recalled;
    char recalled[CF_PRODUCT_BATCHES_MAX][CF_GS1_TEXT_MAX + 1]; /* batches that must not be sold; "*": none may */
};
struct cf_store_settings {
    uint32_t store;
    char name[CF_NAME_MAX + 1];
    char address[CF_NAME_MAX + 1];
    char tax_id[33];
    cf_currency currency;
    enum cf_tax_mode tax_mode;
    int32_t utc_offset_min; /* of the store's civil time, if it has no time zone */
    struct cf_programme programme;
    char time_zone[CF_ZONE_TEXT_MAX + 1]; /* as cf_zone_parse takes it; "": none */
    struct cf_zone zone;                  /* the same, read */
};
/* Minutes that the store's clocks are east of UTC at that instant. */
int cf_store_offset_min(const struct cf_store_settings *store, cf_wall at);
/* Of REDEEMED: these rights are used up. Of UNREDEEMED: a return gave them back. */
struct cf_redeemed {
    uint32_t campaign;
    size_t n;
    uint32_t index[1024]; /* rising */
};
/* Many of them, in few bits. used: as REDEEMED; else as UNREDEEMED. */
struct cf_redeemed_block {
    uint32_t campaign;
    bool used;
    struct cf_rice_block serials; /* checked; its bits are a view into the entry */
};
/* What the centre has found about a record of this terminal; a later one about the same record replaces it. */
struct cf_result {
    uint64_t seq;
    enum cf_rc rc; /* CF_OK: nothing any more */
    char text[128];
};
/* Is it about who may have used a right, for a manager to look at? Else the record itself is at fault, or all is well.
 */
bool cf_result_is_conflict(enum cf_rc rc);
/*
 * What a terminal, or a store through its hub, may spend of a campaign while it is offline. What was granted is
 * cumulative within its epoch and never falls; a right comes back by the holder's own record alone.
 */
struct cf_lease_grant {
    uint32_t campaign;
    uint32_t epoch; /* of the terminal; of the hub in a STORE_LEASE */
    int64_t granted;
    int64_t granted_minor; /* money, for a campaign that is money_limited; else 0 */
    uint32_t per_day;      /* its share of the campaign's per_day; 0: no such limit */
    int64_t keep;          /* the holder gives back what it holds unspent beyond this many units */
};
#define CF_HUB_HOST_MAX 64
/* Which terminal of a store is its hub. A new assignment is a new hub epoch, and fences the one before. */
struct cf_hub_entry {
    uint32_t store;
    uint32_t hub_epoch;      /* 1, 2, ... of this store */
    uint32_t terminal;       /* 0: the store has no hub any more */
    uint32_t terminal_epoch; /* its certificate's */
    char host[CF_HUB_HOST_MAX + 1];
    uint16_t port;
};
/* A terminal of the store, for its hub: whose signature its records carry, and may it still spend? */
struct cf_terminal_entry {
    uint32_t terminal;
    uint32_t epoch;
    bool fenced;
    cf_public_key sign_key;
};
/* What of an account lies at this terminal alone: it may spend that without asking, and nobody else may. Cumulative
 * within its epoch and never falling; it comes back by the terminal's own record. */
struct cf_home_value {
    enum cf_gift_kind kind;
    uint32_t account;
    uint32_t epoch;
    int64_t granted_minor;
    int64_t keep_minor; /* it gives back what it holds unspent beyond this */
    int64_t exp_s;
};
/* Of an account of which money lies at this terminal: nothing of it is to be paid or given out. */
struct cf_value_block {
    uint32_t account;
    bool blocked; /* false: it is good again */
};
/* Up to this generation nothing of the order may be handed out in this store (any more). */
struct cf_order_gone {
    uint32_t order;
    uint32_t generation;
    bool handed_out; /* else it was cancelled, or moved elsewhere */
};
/* There is nothing to do about it any more for anybody of this store. */
struct cf_request_gone {
    uint32_t number;
    struct cf_sale_ref of; /* its sale_no is not kept */
};
struct cf_down_entry {
    enum cf_down_kind kind;
    union {
        cf_bytes keyset; /* COSE, a view into the entry */
        struct cf_store_settings store;
        struct cf_product product;
        uint64_t product_gone;
        struct cf_campaign campaign;
        struct cf_redeemed redeemed; /* and UNREDEEMED */
        struct cf_redeemed_block redeemed_block;
        struct {
            uint32_t campaign, index, generation;
        } generation;
        cf_bytes grant;              /* COSE, a view into the entry */
        struct cf_lease_grant lease; /* and STORE_LEASE */
        struct cf_hub_entry hub;
        struct cf_terminal_entry terminal;
        struct cf_erase_mark erase; /* whatever is known of this member here is to be forgotten */
        struct cf_result result;
        struct cf_store_rules store_rules;
        struct cf_price_list price_list;
        struct cf_user user;
        struct cf_home_value home;
        struct cf_value_block value_block;
        cf_bytes order; /* as cf_order_encode has it, checked; a view into the entry */
        struct cf_order_gone order_gone;
        cf_bytes request; /* as cf_request_view_encode has it, checked; a view into the entry */
        struct cf_request_gone request_gone;
        struct cf_update_order update;
        struct cf_logs_ask logs;
    };
};

/* Refuses what cf_down_decode would refuse: CF_E_RANGE, CF_E_LIMIT, CF_E_ENCODING. On an error `ret` is unchanged. */
enum cf_rc cf_down_encode(const struct cf_down_entry *entry, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
/* CF_E_CBOR_*; checks ranges and text. */
enum cf_rc cf_down_decode(cf_bytes bytes, struct cf_down_entry *ret, struct cf_error *err) CF_MUST_CHECK;
/* Must goods of this batch ("": not known) not be sold? */
bool cf_product_is_recalled(const struct cf_product *product, const char *batch);
/* Letters, digits and what stands between them in names and addresses; "" too. */
bool cf_hub_host_is_plausible(const char *host);
struct cf_sha256 cf_down_digest(const struct cf_sha256 *previous, cf_bytes entry);

#endif
