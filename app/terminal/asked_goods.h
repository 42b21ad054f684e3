/*
 * app/terminal/asked_goods.h - what goods ask before they are sold, between the step that scans them and those that
 * answer.
 */
#ifndef CF_TERMINAL_ASKED_GOODS_H
#define CF_TERMINAL_ASKED_GOODS_H

#include "app/terminal/till.h"

struct cf_asked {
    enum cf_rc rc;      /* what is asked for: CF_E_GOODS_PRICE, _AGE, _SERIAL or _WEIGHT; CF_OK: nothing */
    struct cf_buf text; /* that was scanned */
    struct cf_till_answers answers;
    char serial[CF_GS1_TEXT_MAX + 1];
};

void cf_asked_init(struct cf_asked *asked);
void cf_asked_done(struct cf_asked *asked);
/* Scans, or scans again with what was answered. If the goods ask for something, asked->rc says what, and so does
 * *ret_asks; then CF_OK comes back and nothing is sold yet. */
enum cf_rc cf_asked_scan(struct cf_asked *asked, struct cf_till *till, cf_bytes text, struct cf_till_scanned *ret,
                         bool *ret_asks, struct cf_error *err) CF_MUST_CHECK;
/* "age seen", "age 1990-01-31", "serial TEXT", "price 12.50", 345 grams. CF_E_STATE: nothing asks for it. */
enum cf_rc cf_asked_age(struct cf_asked *asked, const char *text, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_asked_serial(struct cf_asked *asked, const char *text, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_asked_price(struct cf_asked *asked, int64_t price_minor, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_asked_weight(struct cf_asked *asked, int64_t weight_milli, struct cf_error *err) CF_MUST_CHECK;
const char *cf_asked_name(enum cf_rc rc); /* "price", "age", "serial", "weight" */

#endif
