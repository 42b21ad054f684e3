/*
 * app/core/share.c - see share.h.
 *
 * Pure; thread-safe. About 50 KB of stack where rooms are short.
 */
#include "app/core/share.h"

#include <assert.h>
#include <string.h>

#define FEW 64

/* The general way, by 128 bits. */
static enum cf_rc allocate(int64_t amount, const int64_t *weight, size_t n, int64_t *ret_share, struct cf_error *err)
{
    return cf_allocate(amount, weight, n, ret_share, err);
}

/* cf_allocate where every product fits 64 bits and the parts are few. */
static void allocate_few(uint64_t amount, const int64_t *weight, size_t n, uint64_t sum, int64_t *ret_share)
{
    uint64_t remainder[FEW], rest = amount;
    for (size_t i = 0; i < n; i++) {
        uint64_t product = amount * (uint64_t)weight[i];
        uint64_t whole = product / sum;
        remainder[i] = product - whole * sum;
        ret_share[i] = (int64_t)whole;
        rest -= whole;
    }
    for (; rest > 0; rest--) {
        size_t most = 0;
        for (size_t i = 1; i < n; i++)
            if (remainder[i] > remainder[most])
                most = i;
        ret_share[most]++;
        remainder[most] = 0; /* whoever is left over after the largest was not zero: fewer units than remainders */
    }
}

static enum cf_rc by_remainder(int64_t amount, const int64_t *weight, size_t n, int64_t *ret_share,
                               struct cf_error *err)
{
    uint64_t sum = 0;
    int64_t largest = 0;
    if (n > FEW || amount > INT32_MAX)
        return allocate(amount, weight, n, ret_share, err);
    for (size_t i = 0; i < n; i++) {
        largest = weight[i] > largest ? weight[i] : largest;
        sum += (uint64_t)weight[i];
    }
    if (largest > INT32_MAX || sum == 0)
        return allocate(amount, weight, n, ret_share, err);
    allocate_few((uint64_t)amount, weight, n, sum, ret_share);
    return CF_OK;
}

/* Each line its part rounded down; what is over goes to the lines from one end on, as far as their room goes. */
static enum cf_rc by_end(int64_t amount, const int64_t *weight, const int64_t *room, size_t n, bool last,
                         int64_t *ret_share, struct cf_error *err)
{
    int64_t sum = 0, rest = amount;
    for (size_t i = 0; i < n; i++)
        sum += weight[i];
    for (size_t i = 0; i < n; i++) {
        ret_share[i] = 0;
        if (sum == 0)
            continue;
        unsigned __int128 product = (unsigned __int128)(uint64_t)amount * (uint64_t)weight[i];
        int64_t part = (int64_t)(product / (uint64_t)sum);
        ret_share[i] = part < room[i] ? part : room[i];
        rest -= ret_share[i];
    }
    for (size_t k = 0; k < n && rest > 0; k++) {
        size_t i = last ? n - 1 - k : k;
        int64_t more = room[i] - ret_share[i];
        more = more < rest ? more : rest;
        ret_share[i] += more;
        rest -= more;
    }
    if (rest != 0)
        return cf_fail(err, CF_E_RANGE, "%lld more than the lines have room for", (long long)rest);
    return CF_OK;
}

/* Some part was more than its room: those keep their room, and the others share what is left, until all fit. */
static enum cf_rc within_room(int64_t amount, const int64_t *weight, const int64_t *room, size_t n, int64_t *ret_share,
                              struct cf_error *err)
{
    uint16_t at[CF_CART_LINES_MAX];
    int64_t part[CF_CART_LINES_MAX], some[CF_CART_LINES_MAX];
    size_t left = n;
    for (size_t i = 0; i < n; i++)
        at[i] = (uint16_t)i;
    while (left > 0 && amount > 0) {
        int64_t sum = 0;
        for (size_t i = 0; i < left; i++)
            sum += some[i] = weight[at[i]];
        for (size_t i = 0; sum == 0 && i < left; i++)
            some[i] = room[at[i]];
        enum cf_rc rc = by_remainder(amount, some, left, part, err);
        if (rc != CF_OK)
            return rc;
        size_t kept = 0;
        int64_t full = 0;
        for (size_t i = 0; i < left; i++) {
            if (part[i] > room[at[i]]) {
                ret_share[at[i]] = room[at[i]];
                full += room[at[i]];
            } else {
                ret_share[at[i]] = part[i];
                at[kept++] = at[i];
            }
        }
        if (kept == left)
            return CF_OK;
        left = kept;
        amount -= full;
        for (size_t i = 0; i < left; i++)
            ret_share[at[i]] = 0;
    }
    if (amount != 0)
        return cf_fail(err, CF_E_RANGE, "%lld more than the lines have room for", (long long)amount);
    return CF_OK;
}

static enum cf_rc share_forward(int64_t amount, const int64_t *weight, const int64_t *room, size_t n, enum cf_share how,
                                int64_t *ret_share, struct cf_error *err)
{
    if (how != CF_SHARE_REMAINDER)
        return by_end(amount, weight, room, n, how == CF_SHARE_LAST, ret_share, err);
    enum cf_rc rc = by_remainder(amount, weight, n, ret_share, NULL);
    bool fits = rc == CF_OK;
    for (size_t i = 0; fits && i < n; i++)
        fits = ret_share[i] <= room[i];
    return fits ? CF_OK : within_room(amount, weight, room, n, ret_share, err);
}

enum cf_rc cf_share_out(int64_t amount, const int64_t *weight, const int64_t *room, size_t n, enum cf_share how,
                        enum cf_ties ties, int64_t *ret_share, struct cf_error *err)
{
    assert(n <= CF_CART_LINES_MAX && amount >= 0);
    if (amount == 0) {
        memset(ret_share, 0, n * sizeof *ret_share);
        return CF_OK;
    }
    if (ties == CF_TIES_FIRST)
        return share_forward(amount, weight, room, n, how, ret_share, err);
    int64_t weight_back[CF_CART_LINES_MAX], room_back[CF_CART_LINES_MAX], share_back[CF_CART_LINES_MAX];
    for (size_t i = 0; i < n; i++) {
        weight_back[i] = weight[n - 1 - i];
        room_back[i] = room[n - 1 - i];
    }
    enum cf_share mirrored = how;
    if (how != CF_SHARE_REMAINDER)
        mirrored = how == CF_SHARE_LAST ? CF_SHARE_FIRST : CF_SHARE_LAST;
    enum cf_rc rc = share_forward(amount, weight_back, room_back, n, mirrored, share_back, err);
    for (size_t i = 0; rc == CF_OK && i < n; i++)
        ret_share[n - 1 - i] = share_back[i];
    return rc;
}
