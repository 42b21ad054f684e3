/*
 * sync/central/value_private.h - shared by the value*.c files and nobody else.
 */
#ifndef CF_CENTRAL_VALUE_PRIVATE_H
#define CF_CENTRAL_VALUE_PRIVATE_H

#include "sync/central/value.h"

/* A sale took it from the account, of which held_minor were held for it. *ret_uncovered: there was less than that. */
enum cf_rc cf_value_spend(struct cf_central *central, const struct cf_log *log, uint64_t record, size_t tender_no,
                          const struct cf_tender *tender, cf_currency currency, int64_t held_minor, bool *ret_uncovered,
                          struct cf_error *err) CF_MUST_CHECK;

#endif
