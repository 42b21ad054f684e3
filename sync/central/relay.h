/*
 * sync/central/relay.h - the phone relay at the centre: what a till's log says of a challenge that it had shown.
 *
 * Inside a transaction.
 */
#ifndef CF_CENTRAL_RELAY_H
#define CF_CENTRAL_RELAY_H

#include "app/core/challenge.h"
#include "sync/central/ledger.h"

/* The challenge ended without a sale that used it: what was taken for it is given back, and nothing can be taken for it
 * any more. */
enum cf_rc cf_relay_closed(struct cf_central *central, const struct cf_log *log, const uint8_t nonce[CF_NONCE_BYTES],
                           struct cf_error *err) CF_MUST_CHECK;

#endif
