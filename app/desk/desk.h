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
#include "app/terminal/first_sync.h"
#include "app/terminal/till.h"

#define CF_DESK_KEY_MAX 9
#define CF_DESK_DEVICES_MAX 8
#define CF_DESK_LANGUAGE_CAP 8       /* "zh_CN" */
#define CF_DESK_COMMAND_PREFIX "CF!" /* what a barcode begins with that does what a key does: "CF!cash" */

/* Whoever takes card or mobile payments for the till without stopping it: its port answers "unknown" at once, and here
 * is said when there is more to be heard. With state NULL calls of the till wait for the answer themselves. */
enum cf_desk_payer_state { CF_DESK_PAYER_IDLE, CF_DESK_PAYER_BUSY, CF_DESK_PAYER_ANSWERED };
struct cf_desk_payer {
    bool is; /* somebody takes such payments here */
    void *ctx;
    enum cf_desk_payer_state (*state)(void *ctx);
    void (*stop)(void *ctx); /* what goes on shall end, soon; how it ended is heard as any answer */
};
struct cf_desk_device {
    char name[CF_PAGE_ENTRY_MAX];
    char state[CF_PAGE_TEXT_MAX];
    bool good;
};

/* Who a member is, as the centre tells it for the eyes of who stands here: the name masked. Asked beside us, kept in
 * memory as long as the sale has that member, written nowhere. */
#define CF_DESK_MEMBER_COUPONS_MAX 6
struct cf_desk_member {
    char shown[CF_PAGE_ENTRY_MAX];
    int64_t points;
    unsigned long n_usable; /* coupons that are good here today */
    size_t n_coupons;       /* of the campaigns with the most */
    struct {
        char name[CF_PAGE_TEXT_MAX];
        unsigned long n;
    } coupons[CF_DESK_MEMBER_COUPONS_MAX];
};
enum cf_desk_heard { CF_DESK_HEARD_NOTHING, CF_DESK_HEARD, CF_DESK_HEARD_NOBODY, CF_DESK_HEARD_FAILED };
struct cf_desk_members {
    void (*ask)(void *ctx, cf_sub member); /* a newer question takes the place of an older one */
    /* NOTHING: not yet; NOBODY: the centre knows of no such member; FAILED: it does not answer, and is asked again. */
    enum cf_desk_heard (*look)(void *ctx, struct cf_desk_member *ret);
    void (*forget)(void *ctx);
};

/* A day that becomes files beside the till. */
enum cf_desk_form { CF_FORM_CSV, CF_FORM_JSON, CF_FORM_AUDIT };
struct cf_desk_exporting {
    uint64_t done, all;          /* records; all 0: not known yet */
    enum cf_rc rc;               /* once it is over */
    char name[CF_PAGE_TEXT_MAX]; /* of the folder that it makes */
};

/* What a desk has done beside its pages. Any may be NULL: it is not done. */
struct cf_desk_ports {
    void *ctx;
    /* Prints the receipt of a record and says to the till how that went. CF_OK, or why there is no paper. */
    enum cf_rc (*print)(void *ctx, uint64_t seq, bool copy, struct cf_error *err);
    /* Where a sale's receipt is printed for who asks for one. `ask`, instead of print: what is done with each sale all
     * the same, the drawer. `skip`: nobody wants it, and the till is told so. NULL: each is printed. */
    enum cf_rc (*ask)(void *ctx, uint64_t seq, struct cf_error *err);
    enum cf_rc (*skip)(void *ctx, uint64_t seq, struct cf_error *err);
    /* Is it under way, and cf_desk_printed to come? NULL: what print says is the end of it. */
    bool (*printing)(void *ctx, uint64_t seq);
    /* A document that is no record. */
    enum cf_rc (*print_document)(void *ctx, const struct cf_receipt *document, const char *name, struct cf_error *err);
    /* The scale: what lies on it now; and the same less the tare, to sell by. CF_E_SCALE_... ; NULL: there is none. */
    enum cf_rc (*scale)(void *ctx, int32_t *ret_g, struct cf_error *err);
    enum cf_rc (*weigh)(void *ctx, int32_t tare_g, int32_t *ret_g, struct cf_error *err);
    /* Two tones, beside what the page says; for whoever does not draw. */
    void (*tone)(void *ctx, bool good);
    struct cf_desk_payer card, mobile;
    struct cf_desk_members members; /* without ask: nobody is asked */
    /* Sends what is unsent, now and beside us; `sending` until it has ended. */
    enum cf_rc (*send)(void *ctx, struct cf_error *err);
    bool (*sending)(void *ctx);
    /* Writes the day that Z report z_no closed (0: the open one) beside us; `exporting` until it has ended. */
    enum cf_rc (*export_day)(void *ctx, enum cf_desk_form form, uint32_t z_no, struct cf_error *err);
    bool (*exporting)(void *ctx, struct cf_desk_exporting *ret);
    size_t (*devices)(void *ctx, struct cf_desk_device ret[CF_DESK_DEVICES_MAX]);
    /* Which language a user wanted last, here (0: whoever sells where there are no users); false: none. And keeps one.
     */
    bool (*language_of)(void *ctx, uint32_t user, char ret[CF_DESK_LANGUAGE_CAP]);
    enum cf_rc (*keep_language)(void *ctx, uint32_t user, const char *language, struct cf_error *err);
};

struct cf_desk;

/* `till` NULL: it cannot be opened before the first sync. Then there is one page, which says what cf_desk_first was
 * told; once a till can be opened, make another desk. `till` and what the ports point to stay the caller's and outlive
 * the desk. Free with cf_desk_free. CF_E_NO_MEMORY. */
enum cf_rc cf_desk_new(struct cf_till *till, const char *place, const struct cf_desk_ports *ports, struct cf_desk **ret,
                       struct cf_error *err) CF_MUST_CHECK;
void cf_desk_free(struct cf_desk *desk);
/*
 * Which key of the keyboard does what, as a text: lines "ACT KEY" ("cash F9"), '#' begins a comment; a key that is "-"
 * is none. Whatever is not named stays as it is. Acts and keys: docs/desk.md. CF_E_ARGUMENT with the line; then nothing
 * changed.
 */
enum cf_rc cf_desk_keys(struct cf_desk *desk, cf_bytes text, struct cf_error *err) CF_MUST_CHECK;
/* Where shoppers become members: a code on their page between sales, instead of what the store's settings say.
 * CF_E_ARGUMENT: no "https://..." of printable characters, or too long. */
#define CF_DESK_JOIN_MAX CF_JOIN_URL_MAX
enum cf_rc cf_desk_join(struct cf_desk *desk, const char *url, struct cf_error *err) CF_MUST_CHECK;
/* The language of whoever has chosen none: "en", "zh_CN". LANGUAGE changes it, as far as there are catalogues: for who
 * is logged in, until they choose another one; on the page for signing on, for whoever comes next. */
void cf_desk_language(struct cf_desk *desk, const char *language);

/* --- what happens at it --------------------------------------------------------------------------------------------
 */

void cf_desk_act(struct cf_desk *desk, enum cf_desk_do act, int64_t arg);
/* One printable character of a keyboard or keypad. */
void cf_desk_type(struct cf_desk *desk, char character);
/* A scanned text of any kind, on whatever page. */
void cf_desk_scan(struct cf_desk *desk, cf_bytes text);
/* A device beside the desk failed, or lost what it was given: a bar, on whatever page. What was done is still told: the
 * trouble is then added to it. */
void cf_desk_trouble(struct cf_desk *desk, const struct cf_error *err);
/* How the printing of a record that was under way ended: err->rc CF_OK, or why there is no paper. */
void cf_desk_printed(struct cf_desk *desk, uint64_t seq, const struct cf_error *err);
/* A line of the basket, or a choice, was touched. */
void cf_desk_point(struct cf_desk *desk, size_t row);
/* What is known of the link and of the queue, until the next look at what the sync left word of. */
void cf_desk_link(struct cf_desk *desk, bool online, uint64_t unsent);
/* How far the first sync is. Of a desk without a till. */
void cf_desk_first(struct cf_desk *desk, const struct cf_first_sync *first);
/* Time passes; call it several times a second. `now_ms` of a clock that only goes forward. Looks after payments that
 * are waited for, the link, the thanks that become a welcome after 10 s, and the till's rest between sales. True:
 * something on the pages may have changed. */
bool cf_desk_tick(struct cf_desk *desk, int64_t now_ms);
/* Is something being done in steps, one a tick? Then tick again as soon as the pages were drawn. */
bool cf_desk_is_busy(const struct cf_desk *desk);
/* A key of the keyboard by its name: "F1".."F12", "Esc", "Enter", "Up", "Down", "Backspace", "Ins", "Del", "Home",
 * "End", "PgUp", "PgDn", "Tab", "+", "-", "*", "/". Whatever is printed on a key of the page (its hint) that is not
 * grey; else what that key does on every page. False: nothing. */
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
