/*
 * tests/unit/central/centre.h - a centre in a folder of its own, with a clock that the test sets, and tills that talk
 * to it without HTTP.
 */
#ifndef CF_TESTS_UNIT_CENTRAL_CENTRE_H
#define CF_TESTS_UNIT_CENTRAL_CENTRE_H

#include "app/core/down.h"
#include "app/core/sale.h"
#include "sync/central/central.h"
#include "sync/wire/redeem.h"
#include "sync/wire/wire.h"

#include <jansson.h>

#define PRODUCT_PRICE INT64_C(1000)
#define PRODUCT_TAX_BP 1300
#define PRODUCT_CODE "4006381333931"
#define PRODUCT_ID UINT64_C(4006381333931)
#define CENTRE_START_S INT64_C(1795000000)

struct centre {
    char dir[256];
    struct cf_env env;
    cf_wall now;
    uint64_t chance; /* state of the repeatable randomness */
    struct cf_member_store *store;
    struct cf_central *central;
    char api_key[CF_API_KEY_TEXT_MAX];
    struct cf_central_response response;
    struct cf_sale *sale; /* scratch */
    uint32_t store_id, channel_id;
};
/* What a till's clocks say when it writes a record. */
struct till_clock {
    uint8_t boot;
    int64_t mono_ms, wall_ms;
    enum cf_time_quality quality;
    uint64_t down_cursor;
};
struct till {
    const struct till_clock *clock; /* of the next record; NULL: right, and synced */
    uint32_t terminal, epoch;
    struct cf_private_key *sign_key;
    uint64_t seq;          /* of the newest record */
    struct cf_sha256 head; /* after it */
    uint64_t sale_no;
};

/* setup and teardown of cmocka: *state is a struct centre with one store, one channel and one product. */
int centre_start(void **state);
int centre_stop(void **state);
/* Closes and opens it again on the same files. */
void centre_restart(struct centre *centre);
/* A number below n. */
uint32_t centre_chance(struct centre *centre, uint32_t n);

/* One call of the API; `body` may be NULL. The answer is the caller's to json_decref. */
json_t *centre_call(struct centre *centre, const char *method, const char *path, const char *body, int *ret_status);
json_t *centre_call_as(struct centre *centre, const char *method, const char *path, const char *body,
                       const char *idempotency_key, int *ret_status);
/* The call must answer this status. */
json_t *centre_expect(struct centre *centre, const char *method, const char *path, const char *body, int status);
/* The call must be refused by this name. */
void centre_refuses(struct centre *centre, const char *method, const char *path, const char *body, const char *name);
int64_t json_int(const json_t *object, const char *name);
const char *json_text(const json_t *object, const char *name);

/* 10 % off everything. extra: more fields as JSON text that begins with a comma, or "". */
uint32_t centre_campaign(struct centre *centre, const char *policy, int64_t budget, const char *extra);
struct figures {
    int64_t budget, free, outstanding, spent, stranded, over;
};
struct figures centre_figures(struct centre *centre, uint32_t campaign);
/* The sum holds, and leases, reserves and uses add up to it. */
void centre_adds_up(struct centre *centre, uint32_t campaign);
/* The alarms there are, by what they say and of which record: {text: how many}. The caller's to json_decref. */
json_t *centre_alarms(struct centre *centre);
int64_t centre_count(struct centre *centre, const char *path, const char *list);

void till_enrol(struct centre *centre, struct till *till, uint32_t store);
void till_enrol_again(struct centre *centre, struct till *till);
void till_done(struct till *till);

/* What a till sells: n_lines of the product, and what it redeems and issues. */
struct sold {
    size_t n_lines;
    bool has_coupon;
    uint32_t campaign, index, generation;
    enum cf_policy policy;
    enum cf_right_source source; /* 0: as the policy has it */
    uint32_t hub_epoch;
    uint8_t request_key[CF_REQUEST_KEY_BYTES];
    bool has_member;
    cf_sub member;
    bool issues;
    struct cf_issued issued;
    size_t n_of_category;                /* this many of its lines, the first ones, were of category 3; 0: all */
    int64_t rounding_minor;              /* of its cash */
    void (*forge)(struct cf_sale *sale); /* what else its record says; NULL: nothing */
    int64_t cents_off;                   /* added to discount of the first line behind the till's back: a wrong sum */
};
void till_sale(struct centre *centre, struct till *till, const struct sold *sold, struct cf_buf *ret_body);

/* A batch under construction: records are appended to the till's own history. */
struct upload {
    struct cf_batch batch;
    struct cf_buf bodies[CF_BATCH_RECORDS_MAX];
};
struct upload *upload_new(const struct till *till);
void upload_free(struct upload *upload);
void upload_add(struct centre *centre, struct till *till, struct upload *upload, enum cf_record_type type,
                cf_bytes body);
void upload_sale(struct centre *centre, struct till *till, struct upload *upload, const struct sold *sold);
/* Signs and sends; the answer is decoded into `ret` (its views are valid until the next call). Gives the status. */
int upload_send(struct centre *centre, const struct till *till, struct upload *upload, struct cf_answer *ret,
                struct cf_refusal *ret_refusal);
/* The same for raw bytes. */
int centre_terminal_call(struct centre *centre, const struct till *till, const char *method, const char *path,
                         cf_bytes body);

/* One sale, sent at once, and taken without a result. */
void till_sells(struct centre *centre, struct till *till, const struct sold *sold);

/* The entries of a topic that a till without any gets, newest last. */
size_t centre_pulled(struct centre *centre, const struct till *till, enum cf_topic topic, struct cf_down_entry *ret,
                     size_t max);

#endif
