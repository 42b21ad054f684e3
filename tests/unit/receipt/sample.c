/*
 * tests/unit/receipt/sample.c - the sale of sample.h.
 */
#include "tests/unit/receipt/sample.h"

#include <stdlib.h>
#include <string.h>

const char sample_coupon[] =
    "CP1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8WY04AC*WIFN0AHCD8KD97TK0F90KECTHGWJC0F"
    "DC:5AIA%G7X+AQB9746HS80:54IBQF60R6$A80X6S1BTYACG6M+9XG8KIAWNA91AY%67092L4WJCT3EHS";

static void set_lines(struct sample *s)
{
    static const struct {
        const char *name;
        int64_t qty_milli, unit_minor, discount_minor;
        uint32_t tax_bp;
        bool weighed;
    } goods[] = {
        {"Hydrating Face Cream 50 ml 保湿面霜", 2000, 12900, 5160, 1300, false},
        {"Green Tea Facial Mask with Hyaluronic Acid, box of ten 绿茶玻尿酸面膜十片装礼盒", 1000, 8990, 1798, 1300,
         false},
        {"Bananas 香蕉", 1345, 1280, 0, 900, true},
        {"Rice 5 kg 东北大米", 1000, 4580, 0, 900, false},
        {"Cotton pads 化妆棉", 3000, 650, 390, 1300, false},
        {"Paper bag 纸袋", 1000, 30, 0, 1300, false},
    };
    for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++) {
        s->sale_lines[i] = (struct cf_sale_line){.product = 1000 + i,
                                                 .qty_milli = goods[i].qty_milli,
                                                 .unit_price_minor = goods[i].unit_minor,
                                                 .discount_minor = goods[i].discount_minor,
                                                 .tax_bp = goods[i].tax_bp};
        s->lines[i] = (struct cf_receipt_line){.name = goods[i].name, .weighed = goods[i].weighed};
        s->sale.n_lines = i + 1;
    }
    s->sale.lines = s->sale_lines;
}

/* gross 258.00 + 89.90 + 17.22 + 45.80 + 19.50 + 0.30 = 430.72; discounts 71.58 + 1.90 = 73.48 */
static void set_sums(struct sample *s)
{
    s->sale.gross_minor = 43072;
    s->sale.discount_minor = 7348;
    s->sale.total_minor = 35724;
    s->sale.tax_minor = 3905;
    s->sale.n_discounts = 2;
    s->sale.discounts[0] =
        (struct cf_sale_discount){.campaign = 12, .version = 1, .redemption = 0, .amount_minor = 6958};
    s->sale.discounts[1] =
        (struct cf_sale_discount){.campaign = 40, .version = 3, .redemption = -1, .amount_minor = 390};
    s->reasons[0] = "Skin care 护肤品八折: -¥69.58 (20% of ¥347.90)";
    s->reasons[1] = "¥1.30 off each pack of cotton pads: -¥3.90";
    s->sale.n_redemptions = 1;
    s->sale.redemptions[0] =
        (struct cf_redemption){.campaign = 12, .index = 34567, .policy = CF_POLICY_LEASED, .source = CF_RIGHT_LEASE};
    s->coupons_used[0] = "Winter skin care";
    s->sale.tenders.total_minor = 35724;
    s->sale.tenders.n = 2;
    s->sale.tenders.tender[0] =
        (struct cf_tender){.kind = CF_TENDER_CARD, .amount_minor = 20000, .reference = "UP-9920-448812"};
    s->sale.tenders.tender[1] = (struct cf_tender){.kind = CF_TENDER_CASH, .amount_minor = 20000};
    s->sale.change_minor = 4276;
}

void sample_init(struct sample *s)
{
    memset(s, 0, sizeof *s);
    set_lines(s);
    set_sums(s);
    s->sale.currency = (cf_currency){"CNY"};
    s->sale.tax_mode = CF_TAX_INCLUSIVE;
    memcpy(s->sale.cashier, "Li Na 李娜", sizeof "Li Na 李娜");
    s->sale.has_member = true;
    s->sale.member_live = true;
    s->sale.member = (cf_sub){{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x9A, 0xBC}};
    s->sale.points = 428;
    s->issued[0] = (struct cf_receipt_coupon){
        .qr_text = sample_coupon, .caption = "¥20 off your next order online 网店满减二十元", .exp_s = 1798732799};
    s->store = (struct cf_store_info){.name = "Lumière 光美集",
                                      .address = "88 Nanjing Road East, Shanghai 上海市南京东路88号",
                                      .terminal_label = "Till 1",
                                      .tax_id = "91310000MA1FL0000X",
                                      .utc_offset_min = 480};
    s->facts = (struct cf_sale_receipt){.store = &s->store,
                                        .sale = &s->sale,
                                        .lines = s->lines,
                                        .discount_reasons = s->reasons,
                                        .coupons_used = s->coupons_used,
                                        .coupons_issued = s->issued,
                                        .n_coupons_issued = 1,
                                        .terminal = 1001,
                                        .epoch = 1,
                                        .seq = 42,
                                        .at = {INT64_C(1795331109000000)},
                                        .chain_tag = "a1b2c3d4e5f60718"};
}

struct cf_receipt *sample_receipt(void)
{
    static struct sample sample;
    struct cf_receipt *receipt = NULL;
    sample_init(&sample);
    if (cf_sale_receipt_build(&sample.facts, &receipt, NULL) != CF_OK) {
        abort();
    }
    return receipt;
}

void sample_base45(char *text, size_t n, uint32_t seed)
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        text[i] = alphabet[(seed >> 16) % 45];
    }
    text[n] = '\0';
}
