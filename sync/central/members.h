/*
 * sync/central/members.h - members: joining, their card, points and tier.
 */
#ifndef CF_CENTRAL_MEMBERS_H
#define CF_CENTRAL_MEMBERS_H

#include "app/core/sale_facts.h"
#include "sync/central/state.h"

/* CF_E_MEMBER_UNKNOWN. */
enum cf_rc cf_member_check(struct cf_central *central, cf_sub sub, unsigned *ret_tier,
                           struct cf_error *err) CF_MUST_CHECK;
/* What a till may see of one for a moment: the name masked, the balance. CF_E_MEMBER_UNKNOWN. */
struct cf_member_seen {
    char masked[CF_NAME_MAX + 1];
    unsigned tier;
    int64_t points;
};
enum cf_rc cf_member_see(struct cf_central *central, cf_sub sub, struct cf_member_seen *ret,
                         struct cf_error *err) CF_MUST_CHECK;
/* What promotions may know of a member, as a card signed now would claim it. */
struct cf_member_known {
    bool is_known; /* there is such a member */
    bool agreed;   /* that cards and promotions say it */
    struct cf_claims claims;
};
enum cf_rc cf_member_facts_get(struct cf_central *central, cf_sub sub, struct cf_member_known *ret,
                               struct cf_error *err) CF_MUST_CHECK;
/* Did a card ever claim it? What it claims now is noted when it changes. */
enum cf_member_said { CF_SAID_BIRTHDAY = 1, CF_SAID_SEGMENT = 2 };
enum cf_rc cf_member_was_said(struct cf_central *central, cf_sub sub, enum cf_member_said what, uint32_t value,
                              bool *ret_said, struct cf_error *err) CF_MUST_CHECK;
/* The {member} of a route's path. CF_E_MEMBER_UNKNOWN. */
struct cf_call;
enum cf_rc cf_member_of_path(const struct cf_call *call, cf_sub *ret, struct cf_error *err) CF_MUST_CHECK;
/* Adds points, raises the tier when it is reached, remembers the highest counter of the member's phone. Inside a
 * transaction. *ret_known is false if there is no such member; then nothing happened. The caller notes the cause
 * (points.h). */
enum cf_rc cf_member_earn(struct cf_central *central, cf_sub sub, int64_t points, uint64_t counter, bool *ret_known,
                          struct cf_error *err) CF_MUST_CHECK;

#endif
