/*
 * app/desk/desk_private.h - what a desk remembers beside its till. For app/desk only.
 */
#ifndef CF_DESK_PRIVATE_H
#define CF_DESK_PRIVATE_H

#include "app/desk/desk.h"
#include "app/desk/language.h"
#include "app/terminal/asked_goods.h"

/* What is typed one after the other until somebody else has allowed an act, or is logged in. */
enum cf_desk_asks { CF_ASKS_USER, CF_ASKS_PIN, CF_ASKS_REASON };

struct cf_desk {
    struct cf_till *till;
    struct cf_desk_ports ports;
    char place[CF_PAGE_ENTRY_MAX];
    bool online;
    uint64_t unsent;
    int64_t now_ms, touched_ms, look_ms; /* the last tick; the last act; when to look at the link again */

    enum cf_page_id over; /* a page on top of what the till's state says; CF_PAGE_LINES: none */
    char entry[CF_PAGE_ENTRY_MAX + 1];
    size_t n_entry;
    uint32_t line_no; /* at hand; 0: the last that is not void */
    size_t choice;    /* at hand, on a page with choices */
    struct cf_page_bar bar;

    enum cf_desk_asks asks;
    char user[CF_PAGE_ENTRY_MAX + 1], pin[CF_PAGE_ENTRY_MAX + 1];
    struct cf_asked asked; /* goods that wait for an answer */
    /* What was refused for want of a permit, to be done once somebody allows it. */
    enum cf_desk_do refused_act;
    int64_t refused_arg;
    char refused_entry[CF_PAGE_ENTRY_MAX + 1];

    bool done; /* `sold` is on the screens until the next customer */
    struct cf_till_sold sold;
    int64_t received_minor;
    bool has_paper; /* the receipt was printed */
};

/* Which page the cashier sees. */
enum cf_page_id cf_desk_page(const struct cf_desk *desk);
/* The line that the next quantity, price or void is about: NULL if there is none. */
const struct cf_cart_line *cf_desk_line_at_hand(const struct cf_desk *desk, const struct cf_till_view *view);
/* "¥12.50" */
const char *cf_desk_money(const struct cf_desk *desk, int64_t minor, char ret[CF_PAGE_AMOUNT_MAX]);

#endif
