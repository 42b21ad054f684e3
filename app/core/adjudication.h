/*
 * app/core/adjudication.h - which of two uses of one right was first?
 *
 * The centre asks it of every right that was used more than once, and the first keeps it. The answer depends on the
 * uses alone, never on which the centre heard of first; docs/adr/0006 says why it is this order. Pure.
 */
#ifndef CF_CORE_ADJUDICATION_H
#define CF_CORE_ADJUDICATION_H

#include "app/core/sale.h"

struct cf_use_rank {
    int64_t at_ms;  /* cf_record_time.order_ms of a till's record; the instant itself at the centre */
    uint32_t place; /* terminal or online channel */
    uint32_t epoch; /* of the terminal's record; 0 online */
    uint64_t seq;
    uint32_t n; /* the how manieth redemption of the record, from 0 */
    uint8_t request_key[CF_REQUEST_KEY_BYTES];
};
/* Below 0: `a` was first. 0 only for what is the same in all of the above. A total order. */
int cf_use_compare(const struct cf_use_rank *a, const struct cf_use_rank *b);

#endif
