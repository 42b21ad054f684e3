/*
 * sync/wire/parked.h - sales that are parked at the store's hub, so that any till of the store can go on with them.
 *
 * Messages in the frame of hub.h:
 *
 *   /h1/park    [1, terminal, epoch, SALE]                  -> verdict
 *   /h1/recall  [1, terminal, epoch, key(16), what]         -> [1, rc, null | SALE]
 *               what: 1 take it, 2 it is in this till's journal: forget it, 3 this till cannot go on with it: it waits
 *               for another again
 *   /h1/parked  [1, terminal, epoch]                        -> [1, [SALE ...]], without their steps
 *   SALE        [key(16), terminal, label, user, at_ms, n_lines, total_minor, first_line, steps bytes]
 *   steps       [step bytes ...] as app/terminal/step.h has them; the hub does not look into it
 *
 * Decoding makes views into the input and allocates nothing. Pure.
 */
#ifndef CF_SYNC_WIRE_PARKED_H
#define CF_SYNC_WIRE_PARKED_H

#include "sync/wire/hub.h"

#define CF_PATH_HUB_PARK "/h1/park"
#define CF_PATH_HUB_RECALL "/h1/recall"
#define CF_PATH_HUB_PARKED "/h1/parked"

#define CF_PARKED_LABEL_MAX 64
#define CF_PARKED_USER_MAX 32
#define CF_PARKED_BYTES_MAX (256u << 10) /* steps of one sale */
#define CF_PARKED_STEPS_MAX 8192
#define CF_PARKED_MAX 200 /* that wait at a hub */
#define CF_PARKED_MESSAGE_MAX (CF_PARKED_BYTES_MAX + 1024)
#define CF_PARKED_LIST_BYTES_MAX (CF_PARKED_MAX * 512 + 64)

struct cf_parked {
    uint8_t key[CF_REQUEST_KEY_BYTES]; /* made by whoever parked it; names it for good */
    uint32_t terminal;                 /* that parked it */
    char label[CF_PARKED_LABEL_MAX + 1];
    char user[CF_PARKED_USER_MAX + 1]; /* who parked it, as on records */
    int64_t at_ms;
    uint32_t n_lines;
    int64_t total_minor;
    char first_line[CF_NAME_MAX + 1];
    cf_bytes steps; /* a view */
};

struct cf_hub_park {
    uint32_t terminal, epoch;
    struct cf_parked sale;
};
enum cf_hub_recall_what { CF_HUB_RECALL_TAKE = 1, CF_HUB_RECALL_DONE = 2, CF_HUB_RECALL_BACK = 3 };
struct cf_hub_recall {
    uint32_t terminal, epoch;
    uint8_t key[CF_REQUEST_KEY_BYTES];
    enum cf_hub_recall_what what;
};
struct cf_hub_recalled {
    enum cf_rc rc; /* CF_OK, CF_E_PARKED_NONE, CF_E_PARKED_TAKEN */
    bool has_sale;
    struct cf_parked sale;
};
struct cf_hub_parked_ask {
    uint32_t terminal, epoch;
};
struct cf_hub_parked_list {
    size_t n;
    struct cf_parked sales[CF_PARKED_MAX];
};

enum cf_rc cf_hub_park_encode(const struct cf_hub_park *park, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_park_decode(cf_bytes bytes, struct cf_hub_park *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_recall_encode(const struct cf_hub_recall *recall, struct cf_buf *ret,
                                struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_recall_decode(cf_bytes bytes, struct cf_hub_recall *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_recalled_encode(const struct cf_hub_recalled *recalled, struct cf_buf *ret,
                                  struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_recalled_decode(cf_bytes bytes, struct cf_hub_recalled *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_parked_ask_encode(const struct cf_hub_parked_ask *ask, struct cf_buf *ret,
                                    struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_parked_ask_decode(cf_bytes bytes, struct cf_hub_parked_ask *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_parked_list_encode(const struct cf_hub_parked_list *list, struct cf_buf *ret,
                                     struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_parked_list_decode(cf_bytes bytes, struct cf_hub_parked_list *ret,
                                     struct cf_error *err) CF_MUST_CHECK;

#endif
