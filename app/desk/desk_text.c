/*
 * app/desk/desk_text.c - texts and parts of pages that several pages share, and the keys of the keyboard.
 */
#include "app/desk/desk_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define ELLIPSIS_FROM 8 /* bytes of room: in less, what is cut says more than that it is */

/* --- figures --------------------------------------------------------------------------------------------------------
 */

/* As much of it as there is room for, and an ellipsis. */
static void put_cut(const char *clean, size_t room, char *ret)
{
    static const char ellipsis[] = "…";
    size_t n = room - (sizeof ellipsis - 1);
    while (n > 0 && ((unsigned char)clean[n] & 0xC0) == 0x80) { /* in the middle of a character */
        n--;
    }
    memcpy(ret, clean, n);
    memcpy(ret + n, ellipsis, sizeof ellipsis);
}

void desk_put(char *ret, size_t cap, const char *format, ...)
{
    char text[CF_PAGE_QR_TEXT_MAX], clean[3 * CF_PAGE_QR_TEXT_MAX]; /* a byte that is replaced becomes three */
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t n = cf_text_clean(cf_bytes_str(text), clean, sizeof clean);
    if (n < cap) {
        memcpy(ret, clean, n + 1);
    } else if (cap > ELLIPSIS_FROM) {
        put_cut(clean, cap - 1, ret);
    } else {
        (void)cf_text_clean(cf_bytes_str(text), ret, cap);
    }
}

const char *desk_money(const struct cf_desk *desk, int64_t minor, char ret[CF_PAGE_AMOUNT_MAX])
{
    _Static_assert(CF_PAGE_AMOUNT_MAX >= CF_MONEY_TEXT_MAX, "an amount fits");
    cf_money_format_signed((cf_money){minor, cf_till_store(desk->till)->currency}, ret);
    return ret;
}

void desk_quantity(int64_t qty_milli, char *ret, size_t n)
{
    if (qty_milli % 1000 == 0) {
        snprintf(ret, n, "%lld", (long long)(qty_milli / 1000));
    } else {
        snprintf(ret, n, "%lld.%03lld", (long long)(qty_milli / 1000), (long long)(qty_milli % 1000));
    }
}

enum cf_rc desk_parse_milli(const char *text, int64_t *ret, struct cf_error *err)
{
    /* A quantity has three digits after the point, like the dinar. */
    cf_money thousandths;
    enum cf_rc rc = cf_money_parse(text, (cf_currency){"KWD"}, &thousandths, NULL);
    if (rc != CF_OK) {
        return cf_fail(err, CF_E_QUANTITY, "\"%.32s\" is not a quantity", text);
    }
    *ret = thousandths.minor;
    return CF_OK;
}

enum cf_rc desk_parse_money(const struct cf_desk *desk, int64_t *ret_minor, struct cf_error *err)
{
    cf_money amount;
    enum cf_rc rc = cf_money_parse(desk->entry, cf_till_store(desk->till)->currency, &amount, err);
    if (rc == CF_OK) {
        *ret_minor = amount.minor;
    }
    return rc;
}

void desk_time(const struct cf_desk *desk, cf_wall at, char *ret, size_t n)
{
    char text[CF_WALL_TEXT_MAX], now[CF_WALL_TEXT_MAX];
    cf_wall today = cf_till_clock(desk->till).best;
    if (at.us == 0) {
        snprintf(ret, n, "%s", "?");
        return;
    }
    cf_wall_format(at, cf_store_offset_min(cf_till_store(desk->till), at), text);
    cf_wall_format(today, cf_store_offset_min(cf_till_store(desk->till), today), now);
    if (strncmp(text, now, 10) == 0) {
        snprintf(ret, n, "%.5s", text + 11);
    } else {
        snprintf(ret, n, "%.10s %.5s", text, text + 11);
    }
}

void desk_date(uint32_t day, char ret[CF_PAGE_AMOUNT_MAX])
{
    desk_put(ret, CF_PAGE_AMOUNT_MAX, "%04u-%02u-%02u", day / 10000, day / 100 % 100, day % 100);
}

/* Pieces that are not weighed, and each weighed line as one: what a shopper counts on the belt. */
static unsigned long count_items(const struct cf_cart *cart)
{
    int64_t n = 0;
    for (size_t i = 0; i < cf_cart_count(cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(cart, i);
        if (!line->voided) {
            n += line->weighed ? 1 : line->qty_milli / 1000;
        }
    }
    return (unsigned long)n;
}

void desk_items(const struct cf_desk *desk, const struct cf_till_view *view, char ret[CF_PAGE_ENTRY_MAX])
{
    unsigned long n = count_items(view->cart);
    char amount[CF_PAGE_AMOUNT_MAX], came[CF_PAGE_ENTRY_MAX];
    desk_put(ret, CF_PAGE_ENTRY_MAX, cf_text_of_n("%lu item", "%lu items", n), n);
    if (view->exchange_minor > 0) {
        desk_put(came, sizeof came, _("%s came back"), desk_money(desk, view->exchange_minor, amount));
        size_t at = strlen(ret);
        desk_put(ret + at, CF_PAGE_ENTRY_MAX - at, " · %s", came);
    }
}

int64_t desk_difference(const struct cf_till_view *view)
{
    int64_t total_minor = view->priced->total_minor;
    bool rest = view->exchange_minor > total_minor; /* of which nothing else can be paid */
    return rest ? total_minor - view->exchange_minor : view->due_minor;
}

const char *desk_tender_name(enum cf_tender_kind kind)
{
    switch ((int)kind) {
    case CF_TENDER_CASH:
        return _("Cash");
    case CF_TENDER_CARD:
        return _("Card");
    case CF_TENDER_MOBILE:
        return _("Mobile");
    case CF_TENDER_GIFT_CARD:
        return _("Gift card");
    case CF_TENDER_STORE_CREDIT:
        return _("Store credit");
    case CF_TENDER_POINTS:
        return _("Points");
    case CF_TENDER_EXCHANGE:
        return _("Exchange");
    default:
        return _("Other");
    }
}

/* --- parts of a page ------------------------------------------------------------------------------------------------
 */

void desk_key(struct cf_desk *desk, struct cf_cashier_page *page, enum cf_desk_do act, const char *label,
              enum cf_key_look look, bool enabled)
{
    if (page->n_keys == CF_PAGE_KEYS_MAX) {
        return;
    }
    struct cf_page_key *key = &page->keys[page->n_keys++];
    *key = (struct cf_page_key){.act = act, .look = look, .enabled = enabled, .hint = desk->keys[act]};
    desk_put(key->label, sizeof key->label, "%s", label);
}

void desk_back_key(struct cf_desk *desk, struct cf_cashier_page *page)
{
    desk_key(desk, page, CF_DO_BACK, _("Back"), CF_KEY_PLAIN, true);
}

void desk_field(struct cf_page_field fields[CF_PAGE_FIELDS_MAX], size_t *n, const char *label, const char *value,
                bool large)
{
    if (*n == CF_PAGE_FIELDS_MAX) {
        return;
    }
    struct cf_page_field *field = &fields[(*n)++];
    desk_put(field->label, sizeof field->label, "%s", label);
    desk_put(field->value, sizeof field->value, "%s", value);
    field->large = large;
}

void desk_money_field(const struct cf_desk *desk, struct cf_page_field fields[CF_PAGE_FIELDS_MAX], size_t *n,
                      const char *label, int64_t minor, bool large)
{
    char text[CF_PAGE_AMOUNT_MAX];
    desk_field(fields, n, label, desk_money(desk, minor, text), large);
}

void desk_tender_fields(const struct cf_desk *desk, const struct cf_till_view *view,
                        struct cf_page_field fields[CF_PAGE_FIELDS_MAX], size_t *n)
{
    desk_money_field(desk, fields, n, _("Total"), view->priced->total_minor, false);
    if (view->exchange_minor > 0 && view->tenders->n == 0) { /* it is the first tender as soon as there is another */
        desk_money_field(desk, fields, n, _("Came back"), -view->exchange_minor, false);
    }
    for (size_t i = 0; i < view->tenders->n && i + 2 < CF_PAGE_FIELDS_MAX; i++) {
        const struct cf_tender *tender = &view->tenders->tender[i];
        desk_money_field(desk, fields, n, desk_tender_name(tender->kind), -tender->amount_minor, false);
    }
    int64_t difference_minor = desk_difference(view);
    if (difference_minor < 0) {
        desk_money_field(desk, fields, n, _("To give back"), -difference_minor, true);
    } else {
        desk_money_field(desk, fields, n, _("Due"), view->due_minor, true);
    }
}

/* What came back, and where the rest of it went: what is handed over is the figure that counts. */
static void given_fields(const struct cf_desk *desk, struct cf_page_field fields[CF_PAGE_FIELDS_MAX], size_t *n)
{
    const struct cf_till_returned *back = &desk->sold.back;
    char label[CF_PAGE_ENTRY_MAX];
    desk_money_field(desk, fields, n, _("Came back"), -back->total_minor, false);
    for (size_t i = 0; i < back->n_tenders; i++) {
        bool cash = back->tenders[i].kind == CF_TENDER_CASH;
        desk_put(label, sizeof label, _("Given back: %s"), desk_tender_name(back->tenders[i].kind));
        desk_money_field(desk, fields, n, label, back->tenders[i].amount_minor, cash);
    }
    if (back->has_credit) {
        desk_put(label, sizeof label, _("Given back: %s"), desk_tender_name(CF_TENDER_STORE_CREDIT));
        desk_money_field(desk, fields, n, label, back->credit.amount_minor, true);
    }
}

void desk_done_fields(const struct cf_desk *desk, struct cf_page_field fields[CF_PAGE_FIELDS_MAX], size_t *n)
{
    desk_money_field(desk, fields, n, _("Total"), desk->sold.total_minor, false);
    if (desk->received_minor > 0) {
        desk_money_field(desk, fields, n, _("Received"), desk->received_minor, false);
    }
    if (desk->sold.exchanged) {
        given_fields(desk, fields, n);
    }
    if (!desk->sold.exchanged || desk->sold.change_minor > 0) {
        desk_money_field(desk, fields, n, _("Change"), desk->sold.change_minor, true);
    }
}

/* --- the keyboard ---------------------------------------------------------------------------------------------------
 */

/* What stands in a keys file and on command barcodes, and the key that it is on unless somebody says otherwise. One key
 * may do several things as long as no page has two of them. */
static const struct {
    enum cf_desk_do act;
    const char *name, *key;
} names[] = {
    {CF_DO_ENTER, "enter", "Enter"},      {CF_DO_BACK, "back", "Esc"},
    {CF_DO_NEXT, "next", "Down"},         {CF_DO_PREVIOUS, "previous", "Up"},
    {CF_DO_LOCK, "lock", "F1"},           {CF_DO_LANGUAGE, "language", "Home"},
    {CF_DO_REPRINT, "reprint", "F2"},     {CF_DO_SEEN, "seen", "F2"},
    {CF_DO_SEARCH, "search", "Ins"},      {CF_DO_COUPONS, "coupons", "F3"},
    {CF_DO_MEMBER, "member", "Tab"},      {CF_DO_PARK, "park", "F4"},
    {CF_DO_RECALL, "recall", "F5"},       {CF_DO_QUANTITY, "quantity", "F6"},
    {CF_DO_PRICE, "price", "F7"},         {CF_DO_DISCOUNT, "discount", "Del"},
    {CF_DO_WHOLE, "whole", "F2"},         {CF_DO_VOID, "void", "F8"},
    {CF_DO_UNTAKE, "take-off", "F8"},     {CF_DO_UNTENDER, "give-back", "F8"},
    {CF_DO_CASH, "cash", "F9"},           {CF_DO_NOTE, "note", ""},
    {CF_DO_TENDER, "pay", "F10"},         {CF_DO_CARD, "card", "F3"},
    {CF_DO_MOBILE, "mobile", "F4"},       {CF_DO_GIFT, "gift", "F5"},
    {CF_DO_POINTS, "points", "F6"},       {CF_DO_OVERRIDE, "allow", "F11"},
    {CF_DO_MANAGER, "manager", "PgUp"},   {CF_DO_CANCEL, "cancel", "F12"},
    {CF_DO_STOP, "stop", "F12"},          {CF_DO_QUERY, "query", "F2"},
    {CF_DO_RETRY, "retry", "F3"},         {CF_DO_DECIDE, "decide", "F11"},
    {CF_DO_TAKEN, "taken", "F2"},         {CF_DO_NOT_TAKEN, "not-taken", "F3"},
    {CF_DO_ELSEWHERE, "elsewhere", "F4"}, {CF_DO_SETTLE, "settle", "F9"},
    {CF_DO_RETURN, "return", "PgDn"},     {CF_DO_OPEN_RETURN, "no-receipt", "F3"},
    {CF_DO_TAKE_BACK, "take-back", "F9"}, {CF_DO_HAND_OUT, "hand-out", "F9"},
    {CF_DO_RELAY, "relay", "F4"},         {CF_DO_DAY, "x-report", "F2"},
    {CF_DO_CLOSE, "z-report", "F12"},     {CF_DO_COUNT, "count", "F3"},
    {CF_DO_FLOAT, "float", "F4"},         {CF_DO_PAID_IN, "paid-in", "F5"},
    {CF_DO_PAID_OUT, "paid-out", "F6"},   {CF_DO_DROP, "drop", "F7"},
    {CF_DO_NO_SALE, "no-sale", "F8"},     {CF_DO_USERS, "users", "F9"},
    {CF_DO_DEVICES, "devices", "F10"},    {CF_DO_SYNC, "sync", "Ins"},
    {CF_DO_SEND, "send", "F9"},           {CF_DO_PRINT, "print", "F10"},
    {CF_DO_COMMANDS, "commands", "Del"},  {CF_DO_EXCHANGE, "exchange", "F6"},
    {CF_DO_CARD_DAY, "card-day", "F4"},   {CF_DO_EXCHANGE_CREDIT, "exchange-credit", "F7"},
    {CF_DO_TARE, "tare", "F4"},           {CF_DO_QUOTE, "quote", "F9"},
    {CF_DO_NO_PAPER, "no-paper", "F3"},   {CF_DO_EXPORT, "export", "End"},
    {CF_DO_EXPORT_CSV, "csv", "F9"},      {CF_DO_EXPORT_JSON, "json", "F3"},
    {CF_DO_EXPORT_AUDIT, "audit", "F4"},  {CF_DO_SPECIAL, "special", "F6"},
    {CF_DO_TRANSFER, "transfer", "F7"},   {CF_DO_FETCHED_THERE, "fetched-there", "F9"},
    {CF_DO_REQUESTS, "requests", "F1"},   {CF_DO_ACCEPT, "accept", "F9"},
    {CF_DO_REFUSE, "refuse", "F8"},       {CF_DO_GOODS_SENT, "sent", "F6"},
    {CF_DO_GOODS_THERE, "ready", "F7"},   {CF_DO_WITHDRAW, "withdraw", "F12"},
};
#define N_NAMES (sizeof names / sizeof names[0])

const char *desk_act_name(enum cf_desk_do act)
{
    for (size_t i = 0; i < N_NAMES; i++) {
        if (names[i].act == act) {
            return names[i].name;
        }
    }
    return "";
}

enum cf_desk_do desk_act_named(const char *name, size_t n)
{
    for (size_t i = 0; i < N_NAMES; i++) {
        if (strlen(names[i].name) == n && memcmp(names[i].name, name, n) == 0) {
            return names[i].act;
        }
    }
    return CF_DO_NOTHING;
}

void desk_keys_default(struct cf_desk *desk)
{
    for (size_t i = 0; i < N_NAMES; i++) {
        snprintf(desk->keys[names[i].act], sizeof desk->keys[0], "%s", names[i].key);
    }
}

static bool is_key(const char *key, size_t n)
{
    static const char *const keys[] = {"F1",   "F2",  "F3",  "F4",    "F5",  "F6",  "F7",   "F8",   "F9",
                                       "F10",  "F11", "F12", "Esc",   "Ins", "Del", "End",  "Home", "PgUp",
                                       "PgDn", "Tab", "Up",  "Enter", "+",   "*",   "Down", "-",    "/"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strlen(keys[i]) == n && memcmp(keys[i], key, n) == 0) {
            return true;
        }
    }
    return false;
}

/* One line, without its end: "act key", or nothing. */
static enum cf_rc take_line(char keys[CF_DOS][CF_DESK_KEY_MAX + 1], const char *line, size_t n, size_t line_no,
                            struct cf_error *err)
{
    size_t n_act = 0, at;
    while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == '\r' || line[n - 1] == '\t')) {
        n--;
    }
    if (n == 0 || line[0] == '#') {
        return CF_OK;
    }
    while (n_act < n && line[n_act] != ' ') {
        n_act++;
    }
    for (at = n_act; at < n && line[at] == ' '; at++) {
    }
    enum cf_desk_do act = desk_act_named(line, n_act);
    if (act == CF_DO_NOTHING || !is_key(line + at, n - at)) {
        return cf_fail(err, CF_E_ARGUMENT, "line %zu of the keys file names no act and key", line_no);
    }
    bool none = n - at == 1 && line[at] == '-';
    snprintf(keys[act], CF_DESK_KEY_MAX + 1, "%.*s", none ? 0 : (int)(n - at), line + at);
    return CF_OK;
}

enum cf_rc cf_desk_keys(struct cf_desk *desk, cf_bytes text, struct cf_error *err)
{
    char keys[CF_DOS][CF_DESK_KEY_MAX + 1];
    const char *at = (const char *)text.p, *end = at + text.n;
    enum cf_rc rc = CF_OK;
    memcpy(keys, desk->keys, sizeof keys);
    for (size_t line_no = 1; rc == CF_OK && at < end; line_no++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop != NULL ? stop : end;
        rc = take_line(keys, at, (size_t)(stop - at), line_no, err);
        at = stop + 1;
    }
    if (rc == CF_OK) {
        memcpy(desk->keys, keys, sizeof keys);
    }
    return rc;
}
