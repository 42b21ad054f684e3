/*
 * app/desk/desk.h - the cashier's desk: what keys, touches and scans do, and what both screens show. No screen in it.
 *
 * One desk over one till (app/terminal/till.h). A view passes on what was pressed and draws the two pages; it decides
 * nothing. The desk decides which page comes next and what is asked for; money and goods are the till's, which has
 * everything in its journal before a call returns, so a desk that is made anew after a kill shows the same sale.
 * Nothing here fails: a refusal is a bar on the page. One thread.
 */
#ifndef CF_DESK_DESK_H
#define CF_DESK_DESK_H

#include "app/desk/page.h"
#include "app/terminal/till.h"

/* What a desk has done beside its pages. Both may be NULL. */
struct cf_desk_ports {
    void *ctx;
    /* Prints the receipt of a record and says to the till how that went. CF_OK, or why there is no paper. */
    enum cf_rc (*print)(void *ctx, uint64_t seq, bool copy, struct cf_error *err);
    void (*tone)(void *ctx, bool good);
};

struct cf_desk;

/* `till` and what the ports point to stay the caller's and outlive the desk. Free with cf_desk_free. CF_E_NO_MEMORY. */
enum cf_rc cf_desk_new(struct cf_till *till, const char *place, const struct cf_desk_ports *ports, struct cf_desk **ret,
                       struct cf_error *err) CF_MUST_CHECK;
void cf_desk_free(struct cf_desk *desk);

/* --- what happens at it --------------------------------------------------------------------------------------------
 */

void cf_desk_act(struct cf_desk *desk, enum cf_desk_do act, int64_t arg);
/* One printable character of a keyboard or keypad. */
void cf_desk_type(struct cf_desk *desk, char character);
/* A scanned text of any kind, on whatever page. */
void cf_desk_scan(struct cf_desk *desk, cf_bytes text);
/* A line of the basket, or a choice, was touched. */
void cf_desk_point(struct cf_desk *desk, size_t row);
/* What is known of the link and of the queue, until the next look at what the sync left word of. */
void cf_desk_link(struct cf_desk *desk, bool online, uint64_t unsent);
/* Time passes; call it several times a second. `now_ms` of a clock that only goes forward. Looks after payments that
 * are waited for, the link, the thanks that become a welcome after 10 s, and the till's rest between sales. True:
 * something on the pages may have changed. */
bool cf_desk_tick(struct cf_desk *desk, int64_t now_ms);
/* A key of the keyboard by its name: "F9", "Esc", "Enter", "Up", "Down", "Backspace", "Ins", "Del", "Home", "End",
 * "PgUp", "PgDn", "Tab". Whatever is printed on a key of the page (its hint), and it is not grey; else what that key
 * does on every page. False: nothing. */
bool cf_desk_press(struct cf_desk *desk, const char *key);

/* --- what is seen --------------------------------------------------------------------------------------------------
 */

void cf_desk_cashier(struct cf_desk *desk, struct cf_cashier_page *ret);
void cf_desk_shopper(struct cf_desk *desk, struct cf_shopper_page *ret);
/* row < n_lines of the cashier's page. */
void cf_desk_line(struct cf_desk *desk, size_t row, struct cf_page_line *ret);
/* row < n_lines of the shopper's page. */
void cf_desk_shopper_line(struct cf_desk *desk, size_t row, struct cf_page_line *ret);
/* row < n_choices. */
void cf_desk_choice(struct cf_desk *desk, size_t row, struct cf_page_choice *ret);

#endif
