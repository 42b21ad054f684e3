/*
 * app/core/reason.c - the pieces that explanations are made of.
 *
 * Not for receipts: those format amounts by themselves. Pure; thread-safe.
 */
#include "app/core/reason.h"

#include <string.h>

struct cf_money_form cf_money_form_of(cf_currency currency)
{
    char text[CF_MONEY_TEXT_MAX];
    struct cf_money_form form = {.sign = cf_currency_sign(currency), .gap = "", .digits = cf_currency_digits(currency)};
    cf_money_format_signed((cf_money){1, currency}, text);
    if (strncmp(text, form.sign, strlen(form.sign)) == 0 && text[strlen(form.sign)] == ' ')
        form.gap = " ";
    return form;
}

void cf_reason_init(struct cf_reason *reason, char text[CF_REASON_MAX + 1], const struct cf_money_form *form)
{
    *reason = (struct cf_reason){.text = text, .form = form};
    text[0] = '\0';
}

void cf_reason_text(struct cf_reason *reason, const char *text)
{
    size_t n = strlen(text);
    size_t room = CF_REASON_MAX - reason->n;
    if (n > room) {
        n = room;
        /* Never half a character: step back over UTF-8 continuation bytes. */
        while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
            n--;
    }
    memcpy(reason->text + reason->n, text, n);
    reason->n += n;
    reason->text[reason->n] = '\0';
}

void cf_reason_money(struct cf_reason *reason, int64_t minor)
{
    char text[32];
    size_t at = sizeof text - 1;
    uint64_t left = minor < 0 ? UINT64_C(0) - (uint64_t)minor : (uint64_t)minor;
    text[at] = '\0';
    for (unsigned i = 0; i < reason->form->digits; i++, left /= 10)
        text[--at] = (char)('0' + left % 10);
    if (reason->form->digits > 0)
        text[--at] = '.';
    do {
        text[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left != 0);
    if (minor < 0)
        cf_reason_text(reason, "-");
    cf_reason_text(reason, reason->form->sign);
    cf_reason_text(reason, reason->form->gap);
    cf_reason_text(reason, text + at);
}

/* value / 10^digits without trailing zeros after the point. value >= 0 */
static void append_decimal(struct cf_reason *reason, uint64_t value, unsigned digits)
{
    char text[24];
    size_t at = sizeof text - 1;
    bool seen = false;
    text[at] = '\0';
    for (unsigned i = 0; i < digits; i++, value /= 10) {
        seen = seen || value % 10 != 0;
        if (seen)
            text[--at] = (char)('0' + value % 10);
    }
    if (seen)
        text[--at] = '.';
    do {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    cf_reason_text(reason, text + at);
}

void cf_reason_percent(struct cf_reason *reason, uint32_t percent_bp)
{
    append_decimal(reason, percent_bp, 2);
    cf_reason_text(reason, "%");
}

void cf_reason_quantity(struct cf_reason *reason, int64_t qty_milli)
{
    append_decimal(reason, qty_milli < 0 ? 0 : (uint64_t)qty_milli, 3);
}

void cf_reason_date(struct cf_reason *reason, cf_wall at)
{
    char text[CF_WALL_TEXT_MAX];
    cf_wall_format(at, 0, text);
    cf_reason_text(reason, text);
}
