/*
 * sync/central/places.h - stores, online channels and terminals.
 */
#ifndef CF_CENTRAL_PLACES_H
#define CF_CENTRAL_PLACES_H

#include "app/core/down.h"
#include "sync/central/ledger.h"

/* CF_E_STORE_UNKNOWN. */
enum cf_rc cf_store_settings_get(struct cf_central *central, uint32_t store, struct cf_store_settings *ret,
                                 struct cf_error *err) CF_MUST_CHECK;
/* The channel with this id, or, for id 0, the only one there is. CF_E_NOT_FOUND. */
enum cf_rc cf_channel_get(struct cf_central *central, uint32_t id, uint32_t *ret_id, uint32_t *ret_store,
                          struct cf_error *err) CF_MUST_CHECK;
/* "active", "replaced", "fenced". */
const char *cf_log_state_name(enum cf_log_state state);
/* The log of a terminal in an epoch. CF_E_CERTIFICATE if there is none. */
struct cf_log_head {
    struct cf_log log;
    cf_public_key sign_key;
    uint64_t seq;
    struct cf_sha256 head;
};
enum cf_rc cf_log_get(struct cf_central *central, uint32_t terminal, uint32_t epoch, struct cf_log_head *ret,
                      struct cf_error *err) CF_MUST_CHECK;
/* The same of one that nothing is held against; CF_E_STATE of one that was replaced or set apart: there may be copies
 * of it, and each would honour what is made for it. */
enum cf_rc cf_log_get_active(struct cf_central *central, uint32_t terminal, uint32_t epoch, struct cf_log_head *ret,
                             struct cf_error *err) CF_MUST_CHECK;

#endif
