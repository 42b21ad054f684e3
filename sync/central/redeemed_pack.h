/*
 * sync/central/redeemed_pack.h - very many redeemed rights in few entries: what REDEEMED and UNREDEEMED entries come to
 * in the end, as REDEEMED_BLOCK entries.
 *
 * Memory is a bit a serial, up to the highest of each campaign. One thread.
 */
#ifndef CF_CENTRAL_REDEEMED_PACK_H
#define CF_CENTRAL_REDEEMED_PACK_H

#include "app/core/down.h"

struct cf_redeemed_pack;

/* changes: the entries follow on a state that the reader has, so what was given back has to be said as well. */
enum cf_rc cf_redeemed_pack_new(bool changes, struct cf_redeemed_pack **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_redeemed_pack_free(struct cf_redeemed_pack *pack);
/* In the order of the log. *ret_taken: false for an entry of another kind, which is not in the pack. */
enum cf_rc cf_redeemed_pack_add(struct cf_redeemed_pack *pack, cf_bytes entry, bool *ret_taken,
                                struct cf_error *err) CF_MUST_CHECK;
/* The blocks, by campaign. The entry is valid during the call; an error of `each` ends the walk and is returned. */
typedef enum cf_rc (*cf_redeemed_pack_fn)(void *ctx, cf_bytes entry, struct cf_error *err);
enum cf_rc cf_redeemed_pack_each(struct cf_redeemed_pack *pack, cf_redeemed_pack_fn each, void *ctx,
                                 struct cf_error *err) CF_MUST_CHECK;

#endif
