/*
 * sync/central/points.c - see points.h.
 */
#include "sync/central/points.h"

#include "sync/central/members.h"

enum cf_rc cf_points_note(struct cf_central *central, cf_sub sub, int64_t points, enum cf_points_cause cause,
                          uint64_t ref, struct cf_error *err)
{
    if (points == 0) {
        return CF_OK;
    }
    return cf_store_run(central->store, CF_Q_POINTS_ADD,
                        CF_ARGS(cf_v_int(cause), cf_v_int((int64_t)ref), cf_v_int(cf_sub_number(sub)), cf_v_int(points),
                                cf_v_int(cf_central_now(central).us)),
                        err);
}

enum cf_rc cf_points_move(struct cf_central *central, cf_sub sub, int64_t points, bool may_be_negative,
                          enum cf_points_cause cause, uint64_t ref, struct cf_error *err)
{
    uint64_t changed = 0;
    unsigned tier;
    enum cf_rc rc = cf_member_check(central, sub, &tier, err);
    if (rc == CF_OK) {
        rc = cf_store_change(central->store, CF_Q_MEMBER_POINTS_MOVE,
                             CF_ARGS(cf_v_int(cf_sub_number(sub)), cf_v_int(points), cf_v_int(may_be_negative)),
                             &changed, err);
    }
    if (rc == CF_OK && changed == 0) {
        rc = cf_fail(err, CF_E_POINTS, "%lld are asked for", (long long)-points);
    }
    return rc == CF_OK ? cf_points_note(central, sub, points, cause, ref, err) : rc;
}
