/*
 * app/core/day.h - a business day in detail, beside its totals (report.h): who did what, by the hour, by campaign, what
 * was taken without asking anybody, and the drawer.
 *
 * Folded from the day's records in their order, at the till and again at the centre, so that both must come out equal.
 * Bounded: what does not fit a list is added to its last row, which stands for all others. Pure.
 */
#ifndef CF_CORE_DAY_H
#define CF_CORE_DAY_H

#include "app/core/drawer.h"
#include "app/core/open_return.h"
#include "app/core/record.h"
#include "app/core/sale_return.h"
#include "app/core/user.h"
#include "base/cbor.h"

#define CF_DAY_HOURS 24
#define CF_DAY_USERS_MAX 64
#define CF_DAY_CAMPAIGNS_MAX 128
#define CF_DAY_NAME_MAX CF_USER_NAME_MAX

struct cf_day_user {
    char user[CF_DAY_NAME_MAX + 1]; /* as on records; "": all others */
    uint64_t n_sales;
    int64_t sales_minor;
    uint64_t n_returns, n_voids; /* voids of whole sales, among the returns */
    int64_t returned_minor;
    uint64_t n_cancelled;
    int64_t cancelled_minor; /* what the goods of cancelled sales came to */
    uint64_t n_void_lines;
    int64_t void_lines_minor;
    uint64_t n_overridden; /* times that somebody else allowed something */
    uint64_t n_allowed;    /* times that they allowed something */
    uint64_t n_no_sale;
    /* What tills of before did not count. */
    uint64_t n_by_hand; /* discounts by hand on their sales */
    int64_t by_hand_minor;
    uint64_t n_reprints;
    uint64_t n_open_returns; /* without a receipt; among the returns */
    int64_t open_returned_minor;
    uint64_t n_priced; /* lines sold at another price than the shelf's; Z reports before CF_Z_VERSION_PRICES lack it */
    int64_t priced_minor; /* what that took off; a dearer one takes off nothing */
};
struct cf_day_campaign {
    uint32_t campaign; /* 0: all others */
    uint64_t n_uses;   /* discounts that it gave */
    int64_t amount_minor;
    uint64_t n_redeemed, n_issued, n_given_back;
    int64_t points,
        points_back; /* that it gave, and that returns took back; Z reports before CF_Z_VERSION_POINTS lack them */
};
struct cf_day_hour {
    uint64_t n_sales;
    int64_t total_minor;
};
/* Rights spent that nobody was asked about: what the shop stands for until the records are sent. */
struct cf_day_exposure {
    uint64_t n_leased; /* from the till's own lease, or one of the hub's: counted beforehand */
    int64_t leased_minor;
    uint64_t n_risked; /* at the campaign's risk */
    int64_t risked_minor;
};
/* What is told beside sales and returns, and what it came to. */
enum cf_day_sums {
    CF_DAY_PICKED_UP,   /* orders, or parts of them, paid online and handed out: no revenue of the till */
    CF_DAY_ORDERS_PAID, /* paid and handed out by sales of the day, and among these */
    /* Z reports before CF_Z_VERSION_POINTS lack what follows. */
    CF_DAY_CARDS_SOLD, /* gift cards, by sales of the day: among these, and no revenue */
    CF_DAY_TOPPED_UP,  /* money put on cards that there were before: the same */
    CF_DAY_CARDS_BACK, /* what was on cards, given back in cash: among the returns */
    CF_DAY_SUMS,
};
struct cf_day_sum {
    uint64_t n;
    int64_t minor;
};
struct cf_day_detail {
    int32_t utc_offset_min; /* by which the hours are reckoned: given, not folded */
    uint64_t n_cancelled;
    int64_t cancelled_minor;
    struct cf_day_sum sums[CF_DAY_SUMS];
    struct cf_drawer_totals drawer;
    struct cf_day_exposure exposure;
    struct cf_day_hour hour[CF_DAY_HOURS];
    size_t n_users;
    struct cf_day_user users[CF_DAY_USERS_MAX]; /* by name */
    size_t n_campaigns;
    struct cf_day_campaign campaigns[CF_DAY_CAMPAIGNS_MAX]; /* by number */
};

/* CF_E_OVERFLOW; then *detail holds a part of it. `wall_ms` as in the record. */
enum cf_rc cf_day_add_sale(struct cf_day_detail *detail, const struct cf_sale *sale, int64_t wall_ms,
                           struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_day_add_return(struct cf_day_detail *detail, const struct cf_return *r,
                             struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_day_add_open_return(struct cf_day_detail *detail, const struct cf_open_return *r,
                                  struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_day_add_drawer(struct cf_day_detail *detail, const struct cf_drawer_event *event,
                             struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_day_add_user(struct cf_day_detail *detail, const struct cf_user_event *event,
                           struct cf_error *err) CF_MUST_CHECK;
/* The body of a CANCELLED record: [sale_no, n_lines, gross_minor], since there are users [..., user], and if anything
 * was void before it was cancelled [..., user, n_void_lines, void_lines_minor]. */
struct cf_cancelled {
    uint64_t sale_no;
    uint32_t n_lines;
    int64_t gross_minor;            /* what the goods that were still on it came to */
    char user[CF_DAY_NAME_MAX + 1]; /* "": not said, as where there were no users before */
    uint32_t n_void_lines;          /* as of a sale (struct cf_sale_people) */
    int64_t void_lines_minor;
};
enum cf_rc cf_cancelled_encode(const struct cf_cancelled *cancelled, struct cf_buf *ret,
                               struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_cancelled_decode(cf_bytes bytes, struct cf_cancelled *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_day_add_cancelled(struct cf_day_detail *detail, const struct cf_cancelled *cancelled,
                                struct cf_error *err) CF_MUST_CHECK;

enum cf_rc cf_day_add_sum(struct cf_day_detail *detail, enum cf_day_sums what, int64_t amount_minor,
                          struct cf_error *err) CF_MUST_CHECK;

/* What of a day a report tells beside what each does, since its version does. */
struct cf_day_told {
    bool prices; /* changed prices, by user */
    bool points; /* by campaign; and what was put on gift cards, and given back of them */
};
bool cf_day_equal(const struct cf_day_detail *a, const struct cf_day_detail *b, struct cf_day_told told);
bool cf_day_has_prices(const struct cf_day_detail *detail);
bool cf_day_has_points(const struct cf_day_detail *detail);

/* As a part of a Z report; the reader's errors are sticky, and it refuses lists that are not in order. */
void cf_day_write(const struct cf_day_detail *detail, struct cf_cbor_writer *w);
void cf_day_read(struct cf_cbor_reader *r, struct cf_day_detail *ret);

#endif
