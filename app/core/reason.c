/*
 * app/core/reason.c - the pieces that explanations are made of.
 *
 * Not for receipts: those format amounts by themselves. Pure; thread-safe.
 */
#include "app/core/reason.h"

#include <string.h>

void cf_reason_init(struct cf_reason *reason, char text[CF_REASON_MAX + 1], cf_currency currency)
{
    *reason = (struct cf_reason){.text = text, .currency = currency};
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
    char text[CF_MONEY_TEXT_MAX];
    cf_money_format_signed((cf_money){minor, reason->currency}, text);
    cf_reason_text(reason, text);
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
