/*
 * sync/central/grants.h - ranges of coupons that a till may issue by itself, as signed grants.
 *
 * Inside a transaction only (state.h).
 */
#ifndef CF_CENTRAL_GRANTS_H
#define CF_CENTRAL_GRANTS_H

#include "sync/central/ledger.h"

/* A new range of the account's campaign for the till with this key, told to all. No-op for a campaign without issuing,
 * stopped, or not for the log's store. */
enum cf_rc cf_grant_issue(struct cf_central *central, struct cf_account *account, const struct cf_log *log,
                          const cf_public_key *till_key, struct cf_error *err) CF_MUST_CHECK;
/* Puts the grant with this id into the ring, if there is one and it is not there yet. */
enum cf_rc cf_grant_load(struct cf_central *central, cf_kid grant_id, struct cf_error *err) CF_MUST_CHECK;

#endif
