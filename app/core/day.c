/*
 * app/core/day.c - see day.h.
 *
 *   [utc_offset_min, [n_cancelled, cancelled_minor],
 *    [float, paid_in, paid_out, drop, n_no_sale, n_counts, counted, expected],
 *    [n_leased, leased_minor, n_risked, risked_minor],
 *    [[hour, n_sales, total_minor] ...],                                        hours without a sale are left out
 *    [[user, n_sales, sales_minor, n_returns, n_voids, returned_minor, n_cancelled, cancelled_minor, n_void_lines,
 *      void_lines_minor, n_overridden, n_allowed, n_no_sale] ...],               and, of who did any of that,
 *                                                                                [.., n_by_hand, by_hand_minor,
 *      n_reprints], [.., n_open_returns, open_returned_minor], [.., n_priced, priced_minor]
 *    [[campaign, n_uses, amount_minor, n_redeemed, n_issued, n_given_back] ...],  and, of which gave points, [..,
 * points, points_back] {key: [n, minor] ...}]      sums of enum cf_day_sums, from key 1; only those that say
 * something
 */
#include "app/core/day.h"

#include <string.h>

#include "app/core/order.h"

#define DETAIL_FIELDS 7
#define DRAWER_FIELDS 8
#define USER_FIELDS 13
#define USER_MORE_FIELDS 16
#define USER_OPEN_FIELDS 18
#define USER_PRICE_FIELDS 20
#define CAMPAIGN_FIELDS 6
#define CAMPAIGN_POINT_FIELDS 8
#define CANCELLED_FIELDS 3
#define CANCELLED_USER_FIELDS 4
#define CANCELLED_VOID_FIELDS 6
#define UTC_OFFSET_MIN_MAX (18 * 60)

/* --- rows ----------------------------------------------------------------------------------------------------------
 */

/* What is told and settles nothing: a day is not to be kept open by it. */
static void add_told(int64_t *sum, int64_t more)
{
    *sum = more > INT64_MAX - *sum ? INT64_MAX : *sum + more;
}

/* The last row but one that is free stands for all others; it has the name that sorts first. */
static struct cf_day_user *user_row(struct cf_day_detail *detail, const char *name)
{
    size_t at = 0;
    if (name[0] == '\0')
        name = "?";
    while (at < detail->n_users && strcmp(detail->users[at].user, name) < 0)
        at++;
    if (at < detail->n_users && strcmp(detail->users[at].user, name) == 0)
        return &detail->users[at];
    if (detail->n_users >= CF_DAY_USERS_MAX - 1) {
        if (detail->users[0].user[0] == '\0')
            return &detail->users[0];
        name = "";
        at = 0;
    }
    memmove(&detail->users[at + 1], &detail->users[at], (detail->n_users - at) * sizeof detail->users[0]);
    detail->users[at] = (struct cf_day_user){.n_sales = 0};
    size_t n = strnlen(name, CF_DAY_NAME_MAX);
    memcpy(detail->users[at].user, name, n);
    detail->n_users++;
    return &detail->users[at];
}

static struct cf_day_campaign *campaign_row(struct cf_day_detail *detail, uint32_t campaign)
{
    size_t at = 0;
    while (at < detail->n_campaigns && detail->campaigns[at].campaign < campaign)
        at++;
    if (at < detail->n_campaigns && detail->campaigns[at].campaign == campaign)
        return &detail->campaigns[at];
    if (detail->n_campaigns >= CF_DAY_CAMPAIGNS_MAX - 1) {
        if (detail->campaigns[0].campaign == 0)
            return &detail->campaigns[0];
        campaign = 0;
        at = 0;
    }
    memmove(&detail->campaigns[at + 1], &detail->campaigns[at],
            (detail->n_campaigns - at) * sizeof detail->campaigns[0]);
    detail->campaigns[at] = (struct cf_day_campaign){.campaign = campaign};
    detail->n_campaigns++;
    return &detail->campaigns[at];
}

/* --- folding -------------------------------------------------------------------------------------------------------
 */

static size_t hour_of(int64_t wall_ms, int32_t utc_offset_min)
{
    int64_t minutes = wall_ms / 60000 - (wall_ms % 60000 < 0) + utc_offset_min;
    int64_t of_day = minutes % (24 * 60);
    return (size_t)((of_day < 0 ? of_day + 24 * 60 : of_day) / 60);
}

static enum cf_rc add_rights(struct cf_day_detail *detail, const struct cf_sale *sale, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < sale->n_discounts; i++) {
        struct cf_day_campaign *row = campaign_row(detail, sale->discounts[i].campaign);
        row->n_uses++;
        rc = cf_add_i64(row->amount_minor, sale->discounts[i].amount_minor, &row->amount_minor, err);
    }
    for (size_t i = 0; rc == CF_OK && i < sale->n_redemptions; i++) {
        const struct cf_redemption *r = &sale->redemptions[i];
        int64_t value = cf_sale_redemption_value(sale, i);
        campaign_row(detail, r->campaign)->n_redeemed++;
        if (r->source == CF_RIGHT_LEASE || r->source == CF_RIGHT_SUBLEASE) {
            detail->exposure.n_leased++;
            rc = cf_add_i64(detail->exposure.leased_minor, value, &detail->exposure.leased_minor, err);
        } else if (r->source == CF_RIGHT_RISK) {
            detail->exposure.n_risked++;
            rc = cf_add_i64(detail->exposure.risked_minor, value, &detail->exposure.risked_minor, err);
        }
    }
    for (size_t i = 0; i < sale->n_issued; i++)
        campaign_row(detail, sale->issued[i].campaign)->n_issued++;
    for (size_t i = 0; i < sale->n_points_by; i++)
        add_told(&campaign_row(detail, sale->points_by[i].campaign)->points, sale->points_by[i].points);
    return rc;
}

/* Lines whose price somebody changed, and by how much they are cheaper for it. */
static enum cf_rc add_prices(struct cf_day_user *user, const struct cf_sale *sale, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < sale->n_lines; i++) {
        const struct cf_sale_line *line = &sale->lines[i];
        int64_t was = 0, is = 0;
        if (line->shelf_minor == 0 || line->shelf_minor == line->unit_price_minor)
            continue;
        user->n_priced++;
        rc = cf_muldiv_round(line->shelf_minor, line->qty_milli, 1000, &was, err);
        if (rc == CF_OK)
            rc = cf_muldiv_round(line->unit_price_minor, line->qty_milli, 1000, &is, err);
        if (rc == CF_OK && was > is)
            add_told(&user->priced_minor, was - is);
    }
    return rc;
}

enum cf_rc cf_day_add_sale(struct cf_day_detail *detail, const struct cf_sale *sale, int64_t wall_ms,
                           struct cf_error *err)
{
    struct cf_day_user *user = user_row(detail, sale->cashier);
    struct cf_day_hour *hour = &detail->hour[hour_of(wall_ms, detail->utc_offset_min)];
    struct cf_pick_up taken;
    user->n_sales++;
    user->n_void_lines += sale->people.n_void_lines;
    user->n_by_hand += sale->n_by_hand;
    hour->n_sales++;
    enum cf_rc rc = cf_add_i64(user->sales_minor, sale->total_minor, &user->sales_minor, err);
    add_told(&user->void_lines_minor, sale->people.void_lines_minor);
    if (rc == CF_OK)
        rc = cf_add_i64(user->by_hand_minor, cf_sale_by_hand(sale), &user->by_hand_minor, err);
    if (rc == CF_OK)
        rc = add_prices(user, sale, err);
    if (rc == CF_OK)
        rc = cf_add_i64(hour->total_minor, sale->total_minor, &hour->total_minor, err);
    for (size_t i = 0; rc == CF_OK && i < sale->n_lines; i++)
        if (sale->lines[i].product == CF_PRODUCT_GIFT_CARD)
            rc = cf_day_add_sum(detail, cf_sale_line_tops_up(&sale->lines[i]) ? CF_DAY_TOPPED_UP : CF_DAY_CARDS_SOLD,
                                sale->lines[i].unit_price_minor, err);
    if (rc == CF_OK && cf_pick_up_of_sale(sale, &taken))
        rc = cf_day_add_sum(detail, CF_DAY_ORDERS_PAID, taken.amount_minor, err);
    return rc == CF_OK ? add_rights(detail, sale, err) : rc;
}

enum cf_rc cf_day_add_return(struct cf_day_detail *detail, const struct cf_return *r, struct cf_error *err)
{
    struct cf_day_user *user = user_row(detail, r->cashier);
    user->n_returns++;
    user->n_voids += r->is_void;
    for (size_t i = 0; i < r->n_rights; i++)
        campaign_row(detail, r->rights[i].campaign)->n_given_back += r->rights[i].fate == CF_ON_RETURN_GIVE_BACK;
    for (size_t i = 0; i < r->n_points_by; i++)
        add_told(&campaign_row(detail, r->points_by[i].campaign)->points_back, r->points_by[i].points);
    return cf_add_i64(user->returned_minor, r->total_minor, &user->returned_minor, err);
}

enum cf_rc cf_day_add_open_return(struct cf_day_detail *detail, const struct cf_open_return *r, struct cf_error *err)
{
    struct cf_day_user *user = user_row(detail, r->cashier);
    user->n_returns++;
    enum cf_rc rc = cf_add_i64(user->returned_minor, r->total_minor, &user->returned_minor, err);
    if (rc == CF_OK && r->has_card)
        return cf_day_add_sum(detail, CF_DAY_CARDS_BACK, r->total_minor, err);
    user->n_open_returns++;
    return rc == CF_OK ? cf_add_i64(user->open_returned_minor, r->total_minor, &user->open_returned_minor, err) : rc;
}

enum cf_rc cf_day_add_drawer(struct cf_day_detail *detail, const struct cf_drawer_event *event, struct cf_error *err)
{
    if (event->kind == CF_DRAWER_NO_SALE)
        user_row(detail, event->user)->n_no_sale++;
    return cf_drawer_add(&detail->drawer, event, err);
}

enum cf_rc cf_day_add_user(struct cf_day_detail *detail, const struct cf_user_event *event, struct cf_error *err)
{
    (void)err;
    if (event->kind == CF_USER_OVERRIDE) {
        user_row(detail, event->shown)->n_overridden++;
        user_row(detail, event->by_shown)->n_allowed++;
    } else if (event->kind == CF_USER_REPRINT) {
        user_row(detail, event->shown)->n_reprints++;
    }
    return CF_OK;
}

enum cf_rc cf_day_add_cancelled(struct cf_day_detail *detail, const struct cf_cancelled *cancelled,
                                struct cf_error *err)
{
    struct cf_day_user *user = user_row(detail, cancelled->user);
    user->n_cancelled++;
    detail->n_cancelled++;
    user->n_void_lines += cancelled->n_void_lines;
    add_told(&user->void_lines_minor, cancelled->void_lines_minor);
    enum cf_rc rc = cf_add_i64(user->cancelled_minor, cancelled->gross_minor, &user->cancelled_minor, err);
    return rc == CF_OK ? cf_add_i64(detail->cancelled_minor, cancelled->gross_minor, &detail->cancelled_minor, err)
                       : rc;
}

enum cf_rc cf_day_add_sum(struct cf_day_detail *detail, enum cf_day_sums what, int64_t amount_minor,
                          struct cf_error *err)
{
    detail->sums[what].n++;
    return cf_add_i64(detail->sums[what].minor, amount_minor, &detail->sums[what].minor, err);
}

/* --- equality ------------------------------------------------------------------------------------------------------
 */

static bool has_prices(const struct cf_day_user *user)
{
    return user->n_priced != 0 || user->priced_minor != 0;
}

static bool user_equal(const struct cf_day_user *a, const struct cf_day_user *b)
{
    return strcmp(a->user, b->user) == 0 && a->n_sales == b->n_sales && a->sales_minor == b->sales_minor &&
           a->n_returns == b->n_returns && a->n_voids == b->n_voids && a->returned_minor == b->returned_minor &&
           a->n_cancelled == b->n_cancelled && a->cancelled_minor == b->cancelled_minor &&
           a->n_void_lines == b->n_void_lines && a->void_lines_minor == b->void_lines_minor &&
           a->n_overridden == b->n_overridden && a->n_allowed == b->n_allowed && a->n_no_sale == b->n_no_sale &&
           a->n_by_hand == b->n_by_hand && a->by_hand_minor == b->by_hand_minor && a->n_reprints == b->n_reprints &&
           a->n_open_returns == b->n_open_returns && a->open_returned_minor == b->open_returned_minor;
}

static bool prices_equal(const struct cf_day_user *a, const struct cf_day_user *b)
{
    return a->n_priced == b->n_priced && a->priced_minor == b->priced_minor;
}

static bool campaign_equal(const struct cf_day_campaign *a, const struct cf_day_campaign *b)
{
    return a->campaign == b->campaign && a->n_uses == b->n_uses && a->amount_minor == b->amount_minor &&
           a->n_redeemed == b->n_redeemed && a->n_issued == b->n_issued && a->n_given_back == b->n_given_back;
}

static bool has_points(const struct cf_day_campaign *row)
{
    return row->points != 0 || row->points_back != 0;
}

static bool points_equal(const struct cf_day_campaign *a, const struct cf_day_campaign *b)
{
    return a->points == b->points && a->points_back == b->points_back;
}

bool cf_day_has_points(const struct cf_day_detail *detail)
{
    for (size_t i = CF_DAY_CARDS_SOLD; i < CF_DAY_SUMS; i++)
        if (detail->sums[i].n != 0)
            return true;
    for (size_t i = 0; i < detail->n_campaigns; i++)
        if (has_points(&detail->campaigns[i]))
            return true;
    return false;
}

bool cf_day_has_prices(const struct cf_day_detail *detail)
{
    for (size_t i = 0; i < detail->n_users; i++)
        if (has_prices(&detail->users[i]))
            return true;
    return false;
}

bool cf_day_equal(const struct cf_day_detail *a, const struct cf_day_detail *b, struct cf_day_told told)
{
    const struct cf_day_exposure *x = &a->exposure, *y = &b->exposure;
    bool equal = a->utc_offset_min == b->utc_offset_min && a->n_cancelled == b->n_cancelled &&
                 a->cancelled_minor == b->cancelled_minor && cf_drawer_totals_equal(&a->drawer, &b->drawer) &&
                 x->n_leased == y->n_leased && x->leased_minor == y->leased_minor && x->n_risked == y->n_risked &&
                 x->risked_minor == y->risked_minor && a->n_users == b->n_users && a->n_campaigns == b->n_campaigns;
    for (size_t i = 0; equal && i < (told.points ? CF_DAY_SUMS : CF_DAY_CARDS_SOLD); i++)
        equal = a->sums[i].n == b->sums[i].n && a->sums[i].minor == b->sums[i].minor;
    for (size_t i = 0; equal && i < CF_DAY_HOURS; i++)
        equal = a->hour[i].n_sales == b->hour[i].n_sales && a->hour[i].total_minor == b->hour[i].total_minor;
    for (size_t i = 0; equal && i < a->n_users; i++)
        equal = user_equal(&a->users[i], &b->users[i]) && (!told.prices || prices_equal(&a->users[i], &b->users[i]));
    for (size_t i = 0; equal && i < a->n_campaigns; i++)
        equal = campaign_equal(&a->campaigns[i], &b->campaigns[i]) &&
                (!told.points || points_equal(&a->campaigns[i], &b->campaigns[i]));
    return equal;
}

/* --- CBOR ----------------------------------------------------------------------------------------------------------
 */

static void write_drawer(const struct cf_drawer_totals *drawer, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, DRAWER_FIELDS);
    cf_cbor_write_int(w, drawer->float_minor);
    cf_cbor_write_int(w, drawer->paid_in_minor);
    cf_cbor_write_int(w, drawer->paid_out_minor);
    cf_cbor_write_int(w, drawer->drop_minor);
    cf_cbor_write_uint(w, drawer->n_no_sale);
    cf_cbor_write_uint(w, drawer->n_counts);
    cf_cbor_write_int(w, drawer->counted_minor);
    cf_cbor_write_int(w, drawer->expected_minor);
}

static void write_hours(const struct cf_day_hour hour[CF_DAY_HOURS], struct cf_cbor_writer *w)
{
    size_t n = 0;
    for (size_t i = 0; i < CF_DAY_HOURS; i++)
        n += hour[i].n_sales > 0;
    cf_cbor_write_array(w, n);
    for (size_t i = 0; i < CF_DAY_HOURS; i++) {
        if (hour[i].n_sales == 0)
            continue;
        cf_cbor_write_array(w, 3);
        cf_cbor_write_uint(w, i);
        cf_cbor_write_uint(w, hour[i].n_sales);
        cf_cbor_write_int(w, hour[i].total_minor);
    }
}

static bool has_more(const struct cf_day_user *user)
{
    return user->n_by_hand != 0 || user->by_hand_minor != 0 || user->n_reprints != 0;
}

static bool has_open(const struct cf_day_user *user)
{
    return user->n_open_returns != 0 || user->open_returned_minor != 0;
}

/* A row is as long as what it says last: there is one encoding. */
static size_t fields_of(const struct cf_day_user *user)
{
    return has_prices(user) ? USER_PRICE_FIELDS
           : has_open(user) ? USER_OPEN_FIELDS
           : has_more(user) ? USER_MORE_FIELDS
                            : USER_FIELDS;
}

static void write_user(const struct cf_day_user *user, struct cf_cbor_writer *w)
{
    size_t n = fields_of(user);
    cf_cbor_write_array(w, n);
    cf_cbor_write_text(w, user->user);
    cf_cbor_write_uint(w, user->n_sales);
    cf_cbor_write_int(w, user->sales_minor);
    cf_cbor_write_uint(w, user->n_returns);
    cf_cbor_write_uint(w, user->n_voids);
    cf_cbor_write_int(w, user->returned_minor);
    cf_cbor_write_uint(w, user->n_cancelled);
    cf_cbor_write_int(w, user->cancelled_minor);
    cf_cbor_write_uint(w, user->n_void_lines);
    cf_cbor_write_int(w, user->void_lines_minor);
    cf_cbor_write_uint(w, user->n_overridden);
    cf_cbor_write_uint(w, user->n_allowed);
    cf_cbor_write_uint(w, user->n_no_sale);
    if (n == USER_FIELDS)
        return;
    cf_cbor_write_uint(w, user->n_by_hand);
    cf_cbor_write_int(w, user->by_hand_minor);
    cf_cbor_write_uint(w, user->n_reprints);
    if (n == USER_MORE_FIELDS)
        return;
    cf_cbor_write_uint(w, user->n_open_returns);
    cf_cbor_write_int(w, user->open_returned_minor);
    if (n == USER_OPEN_FIELDS)
        return;
    cf_cbor_write_uint(w, user->n_priced);
    cf_cbor_write_int(w, user->priced_minor);
}

static void write_campaign(const struct cf_day_campaign *row, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, has_points(row) ? CAMPAIGN_POINT_FIELDS : CAMPAIGN_FIELDS);
    cf_cbor_write_uint(w, row->campaign);
    cf_cbor_write_uint(w, row->n_uses);
    cf_cbor_write_int(w, row->amount_minor);
    cf_cbor_write_uint(w, row->n_redeemed);
    cf_cbor_write_uint(w, row->n_issued);
    cf_cbor_write_uint(w, row->n_given_back);
    if (has_points(row)) {
        cf_cbor_write_int(w, row->points);
        cf_cbor_write_int(w, row->points_back);
    }
}

static size_t count_sums(const struct cf_day_detail *detail)
{
    size_t n = 0;
    for (size_t i = 0; i < CF_DAY_SUMS; i++)
        n += detail->sums[i].n > 0 ? 1 : 0;
    return n;
}

static void write_sums(const struct cf_day_detail *detail, struct cf_cbor_writer *w)
{
    cf_cbor_write_map(w, count_sums(detail));
    for (size_t i = 0; i < CF_DAY_SUMS; i++) {
        if (detail->sums[i].n == 0)
            continue;
        cf_cbor_write_uint(w, i + 1);
        cf_cbor_write_array(w, 2);
        cf_cbor_write_uint(w, detail->sums[i].n);
        cf_cbor_write_int(w, detail->sums[i].minor);
    }
}

void cf_day_write(const struct cf_day_detail *detail, struct cf_cbor_writer *w)
{
    bool has_sums = count_sums(detail) > 0;
    cf_cbor_write_array(w, DETAIL_FIELDS + (has_sums ? 1 : 0));
    cf_cbor_write_int(w, detail->utc_offset_min);
    cf_cbor_write_array(w, 2);
    cf_cbor_write_uint(w, detail->n_cancelled);
    cf_cbor_write_int(w, detail->cancelled_minor);
    write_drawer(&detail->drawer, w);
    cf_cbor_write_array(w, 4);
    cf_cbor_write_uint(w, detail->exposure.n_leased);
    cf_cbor_write_int(w, detail->exposure.leased_minor);
    cf_cbor_write_uint(w, detail->exposure.n_risked);
    cf_cbor_write_int(w, detail->exposure.risked_minor);
    write_hours(detail->hour, w);
    cf_cbor_write_array(w, detail->n_users);
    for (size_t i = 0; i < detail->n_users; i++)
        write_user(&detail->users[i], w);
    cf_cbor_write_array(w, detail->n_campaigns);
    for (size_t i = 0; i < detail->n_campaigns; i++)
        write_campaign(&detail->campaigns[i], w);
    if (has_sums)
        write_sums(detail, w);
}

static uint64_t read_count(struct cf_cbor_reader *r)
{
    uint64_t v = 0;
    (void)cf_cbor_read_uint(r, &v, INT64_MAX);
    return v;
}

static int64_t read_amount(struct cf_cbor_reader *r)
{
    uint64_t v = 0;
    (void)cf_cbor_read_uint(r, &v, INT64_MAX);
    return (int64_t)v;
}

static void read_drawer(struct cf_cbor_reader *r, struct cf_drawer_totals *drawer)
{
    (void)cf_cbor_read_array_of(r, DRAWER_FIELDS);
    drawer->float_minor = read_amount(r);
    drawer->paid_in_minor = read_amount(r);
    drawer->paid_out_minor = read_amount(r);
    drawer->drop_minor = read_amount(r);
    drawer->n_no_sale = read_count(r);
    drawer->n_counts = read_count(r);
    drawer->counted_minor = read_amount(r);
    (void)cf_cbor_read_int(r, &drawer->expected_minor);
}

static void read_hours(struct cf_cbor_reader *r, struct cf_day_hour hour[CF_DAY_HOURS])
{
    size_t n = 0;
    uint64_t next = 0;
    (void)cf_cbor_read_array(r, &n, CF_DAY_HOURS);
    for (size_t i = 0; i < n; i++) {
        uint64_t at = 0;
        (void)cf_cbor_read_array_of(r, 3);
        if (!cf_cbor_read_uint(r, &at, CF_DAY_HOURS - 1))
            return;
        hour[at].n_sales = read_count(r);
        hour[at].total_minor = read_amount(r);
        if (at < next || hour[at].n_sales == 0)
            cf_cbor_read_refuse(r);
        next = at + 1;
    }
}

static void read_user(struct cf_cbor_reader *r, struct cf_day_user *user)
{
    size_t n = 0;
    (void)cf_cbor_read_array(r, &n, USER_PRICE_FIELDS);
    (void)cf_cbor_read_cstr(r, user->user, sizeof user->user);
    user->n_sales = read_count(r);
    user->sales_minor = read_amount(r);
    user->n_returns = read_count(r);
    user->n_voids = read_count(r);
    user->returned_minor = read_amount(r);
    user->n_cancelled = read_count(r);
    user->cancelled_minor = read_amount(r);
    user->n_void_lines = read_count(r);
    user->void_lines_minor = read_amount(r);
    user->n_overridden = read_count(r);
    user->n_allowed = read_count(r);
    user->n_no_sale = read_count(r);
    if (n > USER_FIELDS) {
        user->n_by_hand = read_count(r);
        user->by_hand_minor = read_amount(r);
        user->n_reprints = read_count(r);
    }
    if (n > USER_MORE_FIELDS) {
        user->n_open_returns = read_count(r);
        user->open_returned_minor = read_amount(r);
    }
    if (n > USER_OPEN_FIELDS) {
        user->n_priced = read_count(r);
        user->priced_minor = read_amount(r);
    }
    if (n != fields_of(user))
        cf_cbor_read_refuse(r);
}

static void read_campaign(struct cf_cbor_reader *r, struct cf_day_campaign *row)
{
    size_t n = 0;
    (void)cf_cbor_read_array(r, &n, CAMPAIGN_POINT_FIELDS);
    row->campaign = cf_cbor_read_u32(r);
    row->n_uses = read_count(r);
    row->amount_minor = read_amount(r);
    row->n_redeemed = read_count(r);
    row->n_issued = read_count(r);
    row->n_given_back = read_count(r);
    if (n > CAMPAIGN_FIELDS) {
        row->points = read_amount(r);
        row->points_back = read_amount(r);
    }
    if (n != (has_points(row) ? CAMPAIGN_POINT_FIELDS : CAMPAIGN_FIELDS)) /* there is one encoding */
        cf_cbor_read_refuse(r);
}

static void read_sums(struct cf_cbor_reader *r, struct cf_day_detail *ret)
{
    size_t n = 0;
    uint64_t key = 0, last = 0;
    if (cf_cbor_read_map(r, &n, CF_DAY_SUMS) && n == 0)
        cf_cbor_read_refuse(r);
    for (size_t i = 0; i < n && r->rc == CF_OK; i++, last = key) {
        if (!cf_cbor_read_uint(r, &key, CF_DAY_SUMS))
            return;
        if (key <= last) {
            cf_cbor_read_refuse(r);
            return;
        }
        struct cf_day_sum *sum = &ret->sums[key - 1];
        (void)cf_cbor_read_array_of(r, 2);
        sum->n = read_count(r);
        sum->minor = read_amount(r);
        if (sum->n == 0)
            cf_cbor_read_refuse(r);
    }
}

void cf_day_read(struct cf_cbor_reader *r, struct cf_day_detail *ret)
{
    int64_t offset = 0;
    size_t fields = 0;
    memset(ret, 0, sizeof *ret);
    if (cf_cbor_read_array(r, &fields, DETAIL_FIELDS + 1) && fields < DETAIL_FIELDS)
        cf_cbor_read_refuse(r);
    if (cf_cbor_read_int(r, &offset) && (offset < -UTC_OFFSET_MIN_MAX || offset > UTC_OFFSET_MIN_MAX))
        cf_cbor_read_refuse(r);
    ret->utc_offset_min = (int32_t)offset;
    (void)cf_cbor_read_array_of(r, 2);
    ret->n_cancelled = read_count(r);
    ret->cancelled_minor = read_amount(r);
    read_drawer(r, &ret->drawer);
    (void)cf_cbor_read_array_of(r, 4);
    ret->exposure.n_leased = read_count(r);
    ret->exposure.leased_minor = read_amount(r);
    ret->exposure.n_risked = read_count(r);
    ret->exposure.risked_minor = read_amount(r);
    read_hours(r, ret->hour);
    (void)cf_cbor_read_array(r, &ret->n_users, CF_DAY_USERS_MAX);
    for (size_t i = 0; i < ret->n_users; i++) {
        read_user(r, &ret->users[i]);
        if (i > 0 && strcmp(ret->users[i - 1].user, ret->users[i].user) >= 0)
            cf_cbor_read_refuse(r);
    }
    (void)cf_cbor_read_array(r, &ret->n_campaigns, CF_DAY_CAMPAIGNS_MAX);
    for (size_t i = 0; i < ret->n_campaigns; i++) {
        read_campaign(r, &ret->campaigns[i]);
        if (i > 0 && ret->campaigns[i - 1].campaign >= ret->campaigns[i].campaign)
            cf_cbor_read_refuse(r);
    }
    if (fields > DETAIL_FIELDS)
        read_sums(r, ret);
}

/* --- cancelled sales -----------------------------------------------------------------------------------------------
 */

enum cf_rc cf_cancelled_encode(const struct cf_cancelled *cancelled, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    bool has_void = cancelled->n_void_lines > 0;
    bool has_user = has_void || cancelled->user[0] != '\0';
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, has_void ? CANCELLED_VOID_FIELDS : has_user ? CANCELLED_USER_FIELDS : CANCELLED_FIELDS);
    cf_cbor_write_uint(&w, cancelled->sale_no);
    cf_cbor_write_uint(&w, cancelled->n_lines);
    cf_cbor_write_int(&w, cancelled->gross_minor);
    if (has_user)
        cf_cbor_write_text(&w, cancelled->user);
    if (has_void) {
        cf_cbor_write_uint(&w, cancelled->n_void_lines);
        cf_cbor_write_int(&w, cancelled->void_lines_minor);
    }
    enum cf_rc rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

enum cf_rc cf_cancelled_decode(cf_bytes bytes, struct cf_cancelled *ret, struct cf_error *err)
{
    struct cf_cancelled cancelled;
    struct cf_cbor_reader r;
    size_t n = 0;
    uint64_t v = 0;
    memset(&cancelled, 0, sizeof cancelled);
    cf_cbor_read_init(&r, bytes);
    if (cf_cbor_read_array(&r, &n, CANCELLED_VOID_FIELDS) && n != CANCELLED_FIELDS && n != CANCELLED_USER_FIELDS &&
        n != CANCELLED_VOID_FIELDS)
        cf_cbor_read_refuse(&r);
    (void)cf_cbor_read_uint(&r, &cancelled.sale_no, INT64_MAX);
    (void)cf_cbor_read_uint(&r, &v, CF_CART_LINES_MAX);
    cancelled.n_lines = (uint32_t)v;
    (void)cf_cbor_read_int(&r, &cancelled.gross_minor);
    if (n > CANCELLED_FIELDS)
        (void)cf_cbor_read_cstr(&r, cancelled.user, sizeof cancelled.user);
    if (n == CANCELLED_USER_FIELDS && cancelled.user[0] == '\0') /* there is one encoding */
        cf_cbor_read_refuse(&r);
    if (n == CANCELLED_VOID_FIELDS && cf_cbor_read_uint(&r, &v, CF_CART_LINES_MAX)) {
        cancelled.n_void_lines = (uint32_t)v;
        cancelled.void_lines_minor = read_amount(&r);
        if (v == 0)
            cf_cbor_read_refuse(&r);
    }
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = cancelled;
    return rc;
}
