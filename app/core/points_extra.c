/*
 * app/core/points_extra.c - see points_extra.h.
 */
#include "app/core/points_extra.h"

#include <inttypes.h>

void cf_points_given_write(const struct cf_points_given *given, size_t n, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, n);
    for (size_t i = 0; i < n; i++) {
        cf_cbor_write_array(w, 2);
        cf_cbor_write_uint(w, given[i].campaign);
        cf_cbor_write_int(w, given[i].points);
    }
}

void cf_points_given_read(struct cf_cbor_reader *r, struct cf_points_given ret[CF_EFFECTS_MAX], size_t *ret_n)
{
    (void)cf_cbor_read_array(r, ret_n, CF_EFFECTS_MAX);
    for (size_t i = 0; i < *ret_n; i++) {
        (void)cf_cbor_read_array_of(r, 2);
        ret[i].campaign = cf_cbor_read_u32(r);
        (void)cf_cbor_read_int(r, &ret[i].points);
    }
}

enum cf_rc cf_points_given_check(const struct cf_points_given *given, size_t n, int64_t all, struct cf_error *err)
{
    int64_t sum = 0;
    if (n > CF_EFFECTS_MAX)
        return cf_fail(err, CF_E_RECORD, "points of %zu campaigns", n);
    for (size_t i = 0; i < n; i++)
        if (given[i].points < 1 || given[i].campaign == 0 || (i > 0 && given[i - 1].campaign >= given[i].campaign) ||
            cf_add_i64(sum, given[i].points, &sum, NULL) != CF_OK || sum > all)
            return cf_fail(err, CF_E_RECORD, "%" PRId64 " points of campaign %" PRIu32 ", of %" PRId64 " in all",
                           given[i].points, given[i].campaign, all);
    return CF_OK;
}

enum cf_rc cf_points_given_compare(const struct cf_points_given *recorded, size_t n_recorded,
                                   const struct cf_points_given *made, size_t n_made, struct cf_error *err)
{
    size_t n = n_recorded > n_made ? n_recorded : n_made;
    for (size_t i = 0; i < n; i++) {
        struct cf_points_given a = i < n_recorded ? recorded[i] : (struct cf_points_given){made[i].campaign, 0};
        struct cf_points_given b = i < n_made ? made[i] : (struct cf_points_given){recorded[i].campaign, 0};
        if (a.campaign != b.campaign || a.points != b.points)
            return cf_fail(err, CF_E_RECORD,
                           "points of campaign %" PRIu32 ": %" PRId64 " are in the record, and when reckoned again "
                           "%" PRId64 " of campaign %" PRIu32,
                           a.campaign, a.points, b.points, b.campaign);
    }
    return CF_OK;
}
