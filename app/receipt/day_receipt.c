/*
 * app/receipt/day_receipt.c - see day_receipt.h.
 */
#include "app/receipt/day_receipt.h"

#include <inttypes.h>
#include <stdio.h>

#include "app/receipt/build.h"

#define HEAD_CHARS 16 /* of a chain head: enough to tell two apart by eye */

static void amount_row(struct cf_build *b, const char *name, int64_t minor)
{
    char sum[CF_BUILD_AMOUNT_MAX];
    cf_build_columns(b, 0, cf_build_amount(b, minor, sum), "%s", name);
}

static void count_row(struct cf_build *b, const char *name, uint64_t n)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRIu64, n);
    cf_build_columns(b, 0, text, "%s", name);
}

static void section(struct cf_build *b, const char *title)
{
    cf_build_rule(b);
    cf_build_text(b, CF_ALIGN_LEFT, CF_STYLE_BOLD, title);
}

static void build_sales(struct cf_build *b, const struct cf_totals *t)
{
    char sum[CF_BUILD_AMOUNT_MAX];
    section(b, "Sales 销售");
    count_row(b, "Sales 笔数", t->n_sales);
    amount_row(b, "Gross 毛额", t->gross_minor);
    amount_row(b, "Discounts 优惠", -t->discount_minor);
    amount_row(b, "Tax 税", t->tax_minor);
    cf_money_format_signed((cf_money){t->total_minor, b->currency}, sum);
    cf_build_columns(b, CF_STYLE_BOLD | CF_STYLE_TALL, sum, "TOTAL 合计");
    if (t->rounding_minor != 0)
        amount_row(b, "Rounding 抹零", t->rounding_minor);
    for (int kind = 1; kind <= CF_REPORT_TENDERS_MAX; kind++)
        if (t->tender_minor[kind] != 0)
            amount_row(b, cf_build_tender((enum cf_tender_kind)kind), t->tender_minor[kind]);
    for (size_t i = 0; i < t->n_rates; i++)
        cf_build_columns(b, 0, cf_build_amount(b, t->rate[i].net_minor, sum),
                         "Net at 税率 %" PRIu32 ".%02" PRIu32 " %%", t->rate[i].tax_bp / 100, t->rate[i].tax_bp % 100);
}

static void build_returns(struct cf_build *b, const struct cf_return_totals *t)
{
    if (t->n_returns == 0)
        return;
    section(b, "Returns 退货");
    count_row(b, "Returns 笔数", t->n_returns);
    count_row(b, "of them voids 作废", t->n_voids);
    amount_row(b, "Tax 税", -t->tax_minor);
    amount_row(b, "Refunded 退款", -t->total_minor);
    for (int kind = 1; kind <= CF_REPORT_TENDERS_MAX; kind++)
        if (t->tender_minor[kind] != 0)
            amount_row(b, cf_build_tender((enum cf_tender_kind)kind), -t->tender_minor[kind]);
}

static void build_drawer(struct cf_build *b, const struct cf_day_receipt *facts)
{
    const struct cf_drawer_totals *d = &facts->z->detail.drawer;
    section(b, "Drawer 钱箱");
    amount_row(b, "Float 备用金", d->float_minor);
    amount_row(b, "Paid in 存入", d->paid_in_minor);
    amount_row(b, "Paid out 支出", -d->paid_out_minor);
    amount_row(b, "Drops 缴款", -d->drop_minor);
    amount_row(b, "Expected cash 应有现金", facts->expected_minor);
    count_row(b, "No sale 开钱箱", d->n_no_sale);
    if (d->n_counts == 0)
        return;
    count_row(b, "Counts 清点次数", d->n_counts);
    amount_row(b, "Last counted 末次清点", d->counted_minor);
    amount_row(b, "then expected 当时应有", d->expected_minor);
    amount_row(b, "Variance 差额", d->counted_minor - d->expected_minor);
}

static void build_sums_beside(struct cf_build *b, const struct cf_day_detail *d)
{
    static const char *const names[CF_DAY_SUMS] = {
        [CF_DAY_PICKED_UP] = "Paid online 线上已付",         [CF_DAY_ORDERS_PAID] = "Paid here 到店付款",
        [CF_DAY_CARDS_SOLD] = "Gift cards sold 售出礼品卡",  [CF_DAY_TOPPED_UP] = "Topped up 充值",
        [CF_DAY_CARDS_BACK] = "Cards taken back 礼品卡退款",
    };
    char sum[CF_BUILD_AMOUNT_MAX];
    bool any = false;
    for (size_t i = 0; i < CF_DAY_SUMS; i++) {
        if (d->sums[i].n == 0)
            continue;
        if (!any)
            section(b, "Orders, gift cards 订单与礼品卡");
        any = true;
        cf_build_columns(b, 0, cf_build_amount(b, d->sums[i].minor, sum), "%s %" PRIu64, names[i], d->sums[i].n);
    }
}

/* What a campaign gave beside money; the other points are those that any goods earn. */
static void build_points(struct cf_build *b, const struct cf_day_campaign *c)
{
    char points[32];
    if (c->points != 0) {
        (void)snprintf(points, sizeof points, "%" PRId64, c->points);
        cf_build_columns(b, 0, points, "   points given 积分");
    }
    if (c->points_back != 0) {
        (void)snprintf(points, sizeof points, "-%" PRId64, c->points_back);
        cf_build_columns(b, 0, points, "   points taken back 扣回积分");
    }
}

static void build_rights(struct cf_build *b, const struct cf_z_report *z)
{
    const struct cf_day_exposure *e = &z->detail.exposure;
    char sum[CF_BUILD_AMOUNT_MAX];
    section(b, "Coupons and points 优惠券与积分");
    count_row(b, "Coupons redeemed 已用券", z->totals.n_redemptions);
    count_row(b, "Coupons issued 已发券", z->totals.n_issued);
    for (size_t i = 0; i < z->detail.n_campaigns; i++) {
        const struct cf_day_campaign *c = &z->detail.campaigns[i];
        cf_build_columns(b, 0, cf_build_amount(b, -c->amount_minor, sum),
                         " #%" PRIu32 "  %" PRIu64 " ×, %" PRIu64 " in 收, %" PRIu64 " out 发", c->campaign, c->n_uses,
                         c->n_redeemed, c->n_issued);
        build_points(b, c);
    }
    cf_build_columns(b, 0, cf_build_amount(b, e->leased_minor, sum), "Taken on leases 离线额度 %" PRIu64, e->n_leased);
    cf_build_columns(b, 0, cf_build_amount(b, e->risked_minor, sum), "Taken at risk 离线风险 %" PRIu64, e->n_risked);
    (void)snprintf(sum, sizeof sum, "%" PRId64, z->totals.points);
    cf_build_columns(b, 0, sum, "Points given 积分");
    if (z->totals.returned.points != 0) {
        (void)snprintf(sum, sizeof sum, "-%" PRId64, z->totals.returned.points);
        cf_build_columns(b, 0, sum, "Points taken back 扣回积分");
    }
}

static void build_people(struct cf_build *b, const struct cf_day_detail *d)
{
    char sum[CF_BUILD_AMOUNT_MAX];
    if (d->n_users == 0)
        return;
    section(b, "By user 收银员");
    for (size_t i = 0; i < d->n_users; i++) {
        const struct cf_day_user *u = &d->users[i];
        cf_build_columns(b, CF_STYLE_BOLD, cf_build_amount(b, u->sales_minor, sum), "%s  %" PRIu64 " ×",
                         u->user[0] != '\0' ? u->user : "others 其他", u->n_sales);
        if (u->n_returns > 0)
            cf_build_columns(b, 0, cf_build_amount(b, -u->returned_minor, sum),
                             "  returns 退货 %" PRIu64 ", voids 作废 %" PRIu64, u->n_returns, u->n_voids);
        if (u->n_open_returns > 0)
            cf_build_columns(b, 0, cf_build_amount(b, -u->open_returned_minor, sum),
                             "  without receipt 无小票 %" PRIu64, u->n_open_returns);
        if (u->n_void_lines > 0)
            cf_build_columns(b, 0, cf_build_amount(b, u->void_lines_minor, sum), "  void lines 取消行 %" PRIu64,
                             u->n_void_lines);
        if (u->n_cancelled > 0)
            cf_build_columns(b, 0, cf_build_amount(b, u->cancelled_minor, sum), "  cancelled 取消单 %" PRIu64,
                             u->n_cancelled);
        if (u->n_by_hand > 0)
            cf_build_columns(b, 0, cf_build_amount(b, -u->by_hand_minor, sum), "  by hand 手工优惠 %" PRIu64,
                             u->n_by_hand);
        if (u->n_priced > 0)
            cf_build_columns(b, 0, cf_build_amount(b, -u->priced_minor, sum), "  price changes 改价 %" PRIu64,
                             u->n_priced);
        if (u->n_reprints > 0)
            cf_build_columns(b, 0, "", "  reprints 重打 %" PRIu64, u->n_reprints);
        if (u->n_overridden + u->n_allowed > 0)
            cf_build_columns(b, 0, "", "  overrides 授权: had 获 %" PRIu64 ", gave 予 %" PRIu64, u->n_overridden,
                             u->n_allowed);
        if (u->n_no_sale > 0)
            cf_build_columns(b, 0, "", "  no sale 开钱箱 %" PRIu64, u->n_no_sale);
    }
}

static void build_hours(struct cf_build *b, const struct cf_day_detail *d)
{
    char sum[CF_BUILD_AMOUNT_MAX];
    section(b, "By hour 时段");
    for (size_t i = 0; i < CF_DAY_HOURS; i++)
        if (d->hour[i].n_sales > 0)
            cf_build_columns(b, 0, cf_build_amount(b, d->hour[i].total_minor, sum), "%02zu:00  %" PRIu64 " ×", i,
                             d->hour[i].n_sales);
}

static void build_parked(struct cf_build *b, const struct cf_day_receipt *facts)
{
    char sum[CF_BUILD_AMOUNT_MAX], at[CF_WALL_TEXT_MAX];
    if (facts->n_parked == 0)
        return;
    section(b, "Parked, and stay 挂单");
    for (size_t i = 0; i < facts->n_parked; i++) {
        const struct cf_day_parked *parked = &facts->parked[i];
        at[0] = '\0';
        if (parked->at.us != 0)
            cf_wall_format(parked->at, facts->store->utc_offset_min, at);
        cf_build_columns(b, 0, cf_build_amount(b, parked->total_minor, sum), "%s  %s %.16s", parked->label,
                         cf_build_or_empty(parked->user), at);
    }
}

static void build_head(struct cf_build *b, const char *name, uint64_t seq, const struct cf_sha256 *head)
{
    char hex[2 * CF_SHA256_BYTES + 1];
    cf_hex_encode(cf_bytes_of(head->digest, CF_SHA256_BYTES), hex);
    hex[HEAD_CHARS] = '\0';
    cf_build_columns(b, 0, hex, "%s %" PRIu64, name, seq);
}

static void build_log(struct cf_build *b, const struct cf_day_receipt *facts)
{
    const struct cf_z_report *z = facts->z;
    char text[32];
    section(b, facts->heads_agree ? "Recorded = sent = acknowledged 已全部上传" : "Not all is sent 尚未全部上传");
    build_head(b, "Recorded 记录", facts->recorded_seq, &z->recorded_head);
    (void)snprintf(text, sizeof text, "%" PRIu64, z->sent_seq);
    cf_build_columns(b, 0, text, "Sent 已发");
    build_head(b, "Acknowledged 确认", z->acknowledged_seq, &z->acknowledged_head);
}

enum cf_rc cf_day_receipt_build(const struct cf_day_receipt *facts, struct cf_receipt **ret, struct cf_error *err)
{
    const struct cf_z_report *z = facts->z;
    struct cf_build b = {.currency = facts->currency, .err = err};
    char day[32];
    const struct cf_build_head head = {.store = facts->store,
                                       .title = facts->is_z ? "Z REPORT 日结" : "X REPORT 中期报表",
                                       .terminal = facts->terminal,
                                       .epoch = facts->epoch,
                                       .seq = facts->seq,
                                       .at = facts->at,
                                       .cashier = facts->cashier};
    b.rc = cf_receipt_new(&b.receipt, err);
    if (b.rc != CF_OK)
        return b.rc;
    cf_build_head(&b, &head);
    (void)snprintf(day, sizeof day, "%" PRIu32, z->business_day);
    cf_build_columns(&b, CF_STYLE_BOLD, day, "Business day 营业日, Z %" PRIu32, z->z_no);
    (void)snprintf(day, sizeof day, "%" PRIu64 "-%" PRIu64, z->first_seq, z->last_seq);
    cf_build_columns(&b, 0, day, "Records 记录");
    build_sales(&b, &z->totals);
    build_returns(&b, &z->totals.returned);
    build_drawer(&b, facts);
    build_rights(&b, z);
    build_sums_beside(&b, &facts->z->detail);
    build_people(&b, &z->detail);
    build_hours(&b, &z->detail);
    build_parked(&b, facts);
    build_log(&b, facts);
    cf_build_rule(&b);
    cf_build_foot(&b, NULL, facts->chain_tag);
    return cf_build_end(&b, ret);
}
