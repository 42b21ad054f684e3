/*
 * app/update/update.h - what a machine does about an update: a pure machine of states, events and actions.
 *
 * idle → fetching → verified → installing → installed → activating → activated, or failed. What it holds is written
 * down after each event as one durable step (state_file.h), so that a power cut leaves the state before the event or
 * the one after it; each action may be done again. It decides nothing by itself that the centre did not announce, and
 * takes no update that cf_release_suits refuses. Pure.
 */
#ifndef CF_UPDATE_UPDATE_H
#define CF_UPDATE_UPDATE_H

#include "base/env.h"
#include "sync/wire/machine.h"

#define CF_UPDATE_FETCHES_MAX 3  /* times that what came is not what was announced */
#define CF_UPDATE_INSTALLS_MAX 2 /* times that installing it fails */

struct cf_update {
    enum cf_update_state state;
    struct cf_update_order order;      /* none: nothing was ever announced */
    uint64_t fetched;                  /* bytes that are on the disk for good */
    enum cf_rc rc;                     /* of FAILED */
    uint32_t tries;                    /* of what is being done now */
    uint8_t boot_id[CF_BOOT_ID_BYTES]; /* in which it went to ACTIVATING */
};

enum cf_update_event_kind {
    CF_UPDATE_ORDERED, /* what the centre says now; said again and again */
    CF_UPDATE_STARTED, /* this process began: perhaps after a restart of the machine */
    CF_UPDATE_GOT,     /* so many bytes are on the disk for good */
    CF_UPDATE_NO_ROOM,
    CF_UPDATE_GENUINE,    /* the whole is what was announced */
    CF_UPDATE_ALTERED,    /* it is not */
    CF_UPDATE_BEGUN,      /* to be installed */
    CF_UPDATE_IN_PLACE,   /* it was installed */
    CF_UPDATE_NOT_PLACED, /* it was not */
    CF_UPDATE_NOW,        /* the hour has come, and nobody sells */
    CF_UPDATE_NOT_NOW,    /* the machine could not be restarted */
    CF_UPDATE_HEALTHY,    /* the system that runs is fit to sell */
};
struct cf_update_event {
    enum cf_update_event_kind kind;
    const struct cf_update_order *order;  /* of ORDERED */
    const struct cf_machine_facts *facts; /* of ORDERED and STARTED */
    uint8_t boot_id[CF_BOOT_ID_BYTES];    /* of STARTED and NOW */
    uint64_t fetched;                     /* of GOT */
};

enum cf_update_action {
    CF_UPDATE_REST,    /* nothing is to be done; a bundle that lies about goes */
    CF_UPDATE_FETCH,   /* from `fetched` on */
    CF_UPDATE_VERIFY,  /* the whole */
    CF_UPDATE_INSTALL, /* into the other slot */
    CF_UPDATE_AWAIT,   /* the hour */
    CF_UPDATE_RESTART, /* into the other slot */
    CF_UPDATE_LOOK,    /* whether the system that runs is healthy */
};

/* An event that means nothing in a state changes nothing. */
struct cf_update cf_update_step(const struct cf_update *update, const struct cf_update_event *event);
/* `facts` of what runs, and the boot it runs in. */
enum cf_update_action cf_update_next(const struct cf_update *update, const struct cf_machine_facts *facts);

/* What is written down. Decoding refuses what no step leads to (CF_E_CBOR_*). */
#define CF_UPDATE_STATE_BYTES_MAX 512
enum cf_rc cf_update_encode(const struct cf_update *update, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_update_decode(cf_bytes bytes, struct cf_update *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
