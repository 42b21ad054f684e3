/*
 * app/core/reason.h - builds the one-line explanations of pricing: plain English with signs of money.
 *
 * Private to app/core. Appends in pieces and never overruns: what does not fit is cut at a character boundary. Pure.
 */
#ifndef CF_CORE_REASON_H
#define CF_CORE_REASON_H

#include "app/core/pricing.h"

/* How amounts of a currency look, looked up once for many. */
struct cf_money_form {
    const char *sign; /* or the code */
    const char *gap;  /* between a code and the amount */
    unsigned digits;
};
struct cf_money_form cf_money_form_of(cf_currency currency);

/* Writes into text[CF_REASON_MAX + 1], which is NUL-terminated at all times. */
struct cf_reason {
    char *text;
    size_t n;
    const struct cf_money_form *form;
};

/* The form must outlive the reason. */
void cf_reason_init(struct cf_reason *reason, char text[CF_REASON_MAX + 1], const struct cf_money_form *form);
void cf_reason_text(struct cf_reason *reason, const char *text);
void cf_reason_money(struct cf_reason *reason, int64_t minor);         /* "¥12.50", "-¥0.05" */
void cf_reason_percent(struct cf_reason *reason, uint32_t percent_bp); /* "20%", "12.5%" */
void cf_reason_quantity(struct cf_reason *reason, int64_t qty_milli);  /* "3", "0.345" */
void cf_reason_date(struct cf_reason *reason, cf_wall at);             /* "2026-11-22T07:05:09Z" */

#endif
