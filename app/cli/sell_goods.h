/*
 * app/cli/sell_goods.h - what goods ask before they are sold, between the step that scans them and those that answer.
 */
#ifndef CF_CLI_SELL_GOODS_H
#define CF_CLI_SELL_GOODS_H

#include "app/terminal/till.h"

struct sell_asked {
    enum cf_rc rc;      /* what is asked for: CF_E_GOODS_PRICE, _AGE or _SERIAL; CF_OK: nothing */
    struct cf_buf text; /* that was scanned */
    struct cf_till_answers answers;
    char serial[CF_GS1_TEXT_MAX + 1];
};

void sell_asked_init(struct sell_asked *asked);
void sell_asked_done(struct sell_asked *asked);
/* Scans, or scans again with what was answered. If the goods ask for something, asked->rc says what, and so does
 * *ret_asks; then CF_OK comes back and nothing is sold yet. */
enum cf_rc sell_goods_scan(struct sell_asked *asked, struct cf_till *till, cf_bytes text, struct cf_till_scanned *ret,
                           bool *ret_asks, struct cf_error *err) CF_MUST_CHECK;
/* "age seen", "age 1990-01-31", "serial TEXT", "price 12.50". CF_E_STATE: nothing asks for it. */
enum cf_rc sell_goods_age(struct sell_asked *asked, const char *text, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc sell_goods_serial(struct sell_asked *asked, const char *text, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc sell_goods_price(struct sell_asked *asked, int64_t price_minor, struct cf_error *err) CF_MUST_CHECK;
const char *sell_asked_name(enum cf_rc rc); /* "price", "age", "serial" */

#endif
