/*
 * app/core/share.h - shares a discount over lines in proportion, by largest remainder, none beyond its room.
 *
 * As cf_allocate, and to the cent the same where no room is short; faster for the sizes of a basket. Private to
 * app/core. Pure.
 */
#ifndef CF_CORE_SHARE_H
#define CF_CORE_SHARE_H

#include "app/core/promotion.h"

/*
 * amount <= the sum of room; 0 <= weight[i], and where all weights of lines that have room left are zero their room
 * takes the weights' place. n <= CF_CART_LINES_MAX. ret_share may not overlap the inputs.
 */
enum cf_rc cf_share_out(int64_t amount, const int64_t *weight, const int64_t *room, size_t n, enum cf_share how,
                        enum cf_ties ties, int64_t *ret_share, struct cf_error *err) CF_MUST_CHECK;

#endif
