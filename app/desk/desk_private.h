/*
 * app/desk/desk_private.h - what a desk remembers beside its till, and what its files share. For app/desk only.
 *
 * A page is a row of functions (struct desk_page): what it asks, what its keys are, what Enter and a scan mean on it.
 * desk_sale.c, desk_member.c, desk_pay.c, desk_return.c, desk_park.c, desk_people.c, desk_day.c and desk_state.c have
 * the pages of their parts; desk.c finds the page and passes on what happens.
 */
#ifndef CF_DESK_PRIVATE_H
#define CF_DESK_PRIVATE_H

#include "app/desk/desk.h"
#include "app/desk/language.h"
#include "app/terminal/asked_goods.h"

#define DESK_ENTRY_MAX 2048 /* a scanner that is a keyboard types whole codes */
#define DESK_FOUND_MAX 12
#define DESK_GOODS_MAX 32 /* that come back without a receipt */
#define DESK_LINES_MAX 64 /* of a receipt or an order, to choose from */
#define DESK_FINDINGS_MAX 5
#define DESK_LEASED_MAX 16
#define DESK_CLOSED_MAX 31 /* days to choose from */

/* What is typed one after the other until somebody else has allowed an act, or is logged in. */
enum desk_asks { DESK_ASKS_USER, DESK_ASKS_PIN, DESK_ASKS_REASON };

/* A payment of which a port has not heard yet, or of which it will tell. */
struct desk_wait {
    bool is;
    enum cf_tender_kind kind;
    bool begins; /* the other side is asked whether it is there; then `what` is asked for */
    int64_t amount_minor;
    char code[CF_PAY_CODE_MAX + 1];
    enum cf_desk_do then; /* what was begun: PAY (NOTHING), UNTENDER, RETRY, TAKE_BACK, NOTE */
    bool stopped;         /* the cashier has */
    int64_t until_ms, ask_ms, shown_s;
};

/* A slip of a card terminal that is not connected: what it was asked for is charged before its number is typed. */
struct desk_slip {
    int64_t asked_minor;             /* on the page, or when it was left; 0: no slip is waited for */
    char over[CF_REFERENCE_MAX + 1]; /* of this sale, and more than is due; "": none */
    int64_t over_minor;
};

/* Whom the centre was asked about, and what it said. */
struct desk_member {
    bool asked, told;
    cf_sub sub;
    int64_t again_ms; /* nobody answered: ask again then; 0: an answer is waited for, or there */
    struct cf_desk_member seen;
};

struct desk_return {
    char receipt[CF_PAGE_ENTRY_MAX + 1];
    enum cf_desk_do act; /* how it is taken back: TAKE_BACK, GIFT (as credit), ELSEWHERE (by hand), VOID, EXCHANGE.. */
    char reason[CF_PAGE_ENTRY_MAX + 1]; /* chosen, or typed */
    bool chosen[DESK_LINES_MAX];
    int64_t qty_milli[DESK_LINES_MAX]; /* of a chosen line; 0: all that is left */
    size_t n_lines;
    struct cf_till_sold_line lines[DESK_LINES_MAX];
    size_t n_goods; /* without a receipt */
    struct {
        char code[CF_PAGE_ENTRY_MAX + 1];
        int64_t qty_milli;
    } goods[DESK_GOODS_MAX];
    bool asks_reason;
};

struct desk_day {
    bool card_closes; /* the card terminal was asked to close its day, and has not answered */
    struct cf_till_report report;
    struct cf_drawer_count count;
    bool asks_reason, was_off;
    enum cf_drawer_kind kind;
    int64_t amount_minor;
};

/* Something that takes long, on a page of its own, and what is done once it is over. */
struct desk_work {
    bool shown; /* the page was seen: the next tick may begin */
    bool ready; /* it is over: what comes now is what it was for */
    enum cf_desk_do then;
    int64_t arg;
    enum cf_page_id from; /* where THEN was wanted */
    struct cf_till_reading reading;
};

struct cf_desk {
    struct cf_till *till;
    struct cf_desk_ports ports;
    char place[CF_PAGE_ENTRY_MAX];
    char join[CF_DESK_JOIN_MAX + 1];                                  /* "": nowhere */
    char language[CF_DESK_LANGUAGE_CAP], house[CF_DESK_LANGUAGE_CAP]; /* spoken now; of who has chosen none */
    bool seen_user;
    uint32_t seen; /* whose language it is, as last looked at; 0: nobody's */
    bool online;
    uint64_t unsent;
    cf_wall online_since; /* 0: it is not */
    int64_t now_ms, touched_ms, look_ms, rest_ms;

    enum cf_page_id over; /* a page on top of what the till's state says; CF_PAGE_LINES: none */
    char entry[DESK_ENTRY_MAX + 1];
    size_t n_entry;
    bool entry_over;  /* more was typed than there is room for */
    uint32_t line_no; /* at hand; 0: the last that is not void */
    size_t choice;    /* at hand, on a page with choices */
    struct cf_page_bar bar;
    enum cf_page_tone tone;
    uint32_t n_tones;

    enum desk_asks asks;
    char user[CF_PAGE_ENTRY_MAX + 1], pin[CF_PAGE_ENTRY_MAX + 1];
    struct cf_asked asked; /* goods that wait for an answer */
    int64_t tare_milli;    /* of those that are weighed */
    enum cf_rc scale_rc;   /* as last seen */
    int32_t scale_g;
    /* What was refused for want of a permit, to be done once somebody allows it: on that page, with that entry. */
    enum cf_desk_do refused_act;
    int64_t refused_arg;
    enum cf_page_id refused_page;
    char refused_entry[CF_PAGE_ENTRY_MAX + 1];

    bool resumed; /* after a start, until the first tick says what time it is */
    bool done;    /* `sold` is on the screens until the next customer */
    struct cf_till_sold sold;
    int64_t received_minor;
    bool has_paper; /* the receipt was printed */
    uint64_t printed_seq;
    uint64_t asked_seq; /* of this sale the shopper is asked whether she wants the receipt; 0: of none */
    bool asked_doubt;   /* it may have been printed before a restart */
    bool no_paper;      /* she wants none */
    bool has_last;      /* a sale of this run: for the page between sales */
    int64_t last_total_minor, last_change_minor;
    struct cf_page_qr qrs[CF_PAGE_QRS_MAX]; /* of the sale's receipt */
    size_t n_qrs;
    bool has_relay;
    char relay[CF_CHALLENGE_TEXT_MAX];

    struct desk_member member;
    struct desk_wait wait;
    struct desk_slip slip;
    enum cf_desk_do decision;
    bool whole;                           /* of a discount by hand */
    char discount[CF_PAGE_ENTRY_MAX + 1]; /* what was typed; then its reason is */
    size_t n_found;
    struct cf_product *found;      /* DESK_FOUND_MAX, once something was looked for */
    struct cf_till_parked *parked; /* CF_TILL_PARKED_MAX, once they were asked for */
    size_t n_parked, n_held;
    bool hub_heard;
    struct desk_return back;
    struct desk_day day;
    struct desk_work work;
    struct cf_first_sync first; /* without a till */
    char request_who[CF_PAGE_ENTRY_MAX + 1];
    size_t n_requests;
    struct cf_till_request *requests; /* CF_TILL_PAGE_MAX, once they were asked for */
    bool exporting;
    struct cf_desk_exporting export_state;
    size_t n_closed;
    struct cf_till_closed closed[DESK_CLOSED_MAX]; /* the newest first */
    struct cf_till_link link;
    size_t n_leased, n_findings;
    struct cf_till_leased leased[DESK_LEASED_MAX];
    struct cf_till_finding findings[DESK_FINDINGS_MAX];
    uint64_t sending_from; /* acknowledged when SEND was touched */
    bool sending;
    size_t n_devices;
    struct cf_desk_device devices[CF_DESK_DEVICES_MAX];
    char keys[CF_DOS][CF_DESK_KEY_MAX + 1]; /* of the keyboard, by act */
};

/* --- pages ----------------------------------------------------------------------------------------------------------
 */

struct desk_page {
    /* What to do on this page when nothing else is to be said, and how what is typed is called ("": nothing is typed).
     */
    const char *(*prompt)(const struct cf_desk *desk);
    const char *(*asks)(const struct cf_desk *desk);
    /* Fields, keys and the number of choices. */
    void (*fill)(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page);
    /* Enter. `empty_too`: also with nothing typed. */
    void (*enter)(struct cf_desk *desk);
    bool empty_too;
    /* A choice; a scan (NULL: goods, members and coupons as ever). */
    void (*choice)(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret);
    void (*scan)(struct cf_desk *desk, cf_bytes text);
    /* An act on this page. False: what it does everywhere. May be NULL. */
    bool (*act)(struct cf_desk *desk, enum cf_desk_do act, int64_t arg);
};
extern const struct desk_page desk_page_sign_on, desk_page_override;                              /* desk_people.c */
extern const struct desk_page desk_page_idle, desk_page_lines, desk_page_ask, desk_page_quantity, /* desk_sale.c */
    desk_page_price, desk_page_coupons, desk_page_cancel, desk_page_search, desk_page_discount;
extern const struct desk_page desk_page_member;                                                   /* desk_member.c */
extern const struct desk_page desk_page_tender, desk_page_cash, desk_page_slip, desk_page_mobile, /* desk_pay.c */
    desk_page_gift, desk_page_done;
extern const struct desk_page desk_page_wait, desk_page_unknown, desk_page_decide;            /* desk_wait.c */
extern const struct desk_page desk_page_return, desk_page_return_lines, desk_page_return_why, /* desk_return.c */
    desk_page_open_return, desk_page_pick_up;
extern const struct desk_page desk_page_park, desk_page_recall;                                     /* desk_park.c */
extern const struct desk_page desk_page_manager, desk_page_day, desk_page_close, desk_page_closing, /* desk_day.c */
    desk_page_closed, desk_page_count, desk_page_drawer, desk_page_users;
extern const struct desk_page desk_page_devices, desk_page_sync, desk_page_commands; /* desk_state.c */
extern const struct desk_page desk_page_transfer, desk_page_requests;                /* desk_request.c */
extern const struct desk_page desk_page_export;                                      /* desk_export.c */
extern const struct desk_page desk_page_first;                                       /* desk_first.c */
extern const struct desk_page desk_page_work;                                        /* desk_work.c */

const struct desk_page *desk_page_of(enum cf_page_id id);
/* Which page the cashier sees. */
enum cf_page_id desk_page_now(const struct cf_desk *desk);

/* --- saying and moving (desk.c) -------------------------------------------------------------------------------------
 */

void desk_tone(struct cf_desk *desk, bool good);
void desk_say_nothing(struct cf_desk *desk);
void desk_say(struct cf_desk *desk, const char *what, const char *why);
void desk_say_refused(struct cf_desk *desk, const struct cf_error *err);
/* A refusal of the desk's own, in words of whoever reads it. */
void desk_say_no(struct cf_desk *desk, const char *what, const char *why);
void desk_clear_entry(struct cf_desk *desk);
/* To a page; or back to what the till's state says. */
void desk_enter(struct cf_desk *desk, enum cf_page_id page);
void desk_leave(struct cf_desk *desk);
/*
 * The outcome of a call. CF_OK: back to the sale, and nothing is said. Else a refusal is said; one for want of a permit
 * is remembered with its act and what was typed, so that it can be done once somebody allows it.
 */
void desk_outcome(struct cf_desk *desk, enum cf_rc rc, const struct cf_error *err, enum cf_desk_do act, int64_t arg);
/* Only the remembering. */
void desk_remember(struct cf_desk *desk, enum cf_rc rc, enum cf_desk_do act, int64_t arg);
void desk_do_again(struct cf_desk *desk);

/* Whoever signed on, or left, has a language. */
void desk_look_at_user(struct cf_desk *desk);
void desk_next_language(struct cf_desk *desk);

/* --- of the parts ---------------------------------------------------------------------------------------------------
 */

/* Goods, a member, a coupon, an order, a code to pay with. */
void desk_scan_any(struct cf_desk *desk, cf_bytes text);
/* A code that was typed, as if it had been scanned. */
const char *desk_asks_code(const struct cf_desk *desk);
void desk_enter_code(struct cf_desk *desk);
/* Who the sale's member is, for the cashier and for herself: "王**, tier 2"; "" for none. */
void desk_member(const struct cf_desk *desk, const struct cf_till_view *view, char ret[CF_PAGE_ENTRY_MAX]);
void desk_member_shopper(const struct cf_desk *desk, const struct cf_till_view *view, char ret[CF_PAGE_ENTRY_MAX]);
/* At a tick: asks who a new member is, and hears of it. True: something changed. */
bool desk_member_look(struct cf_desk *desk);
/* The line that the next quantity, price or void is about: NULL if there is none. */
const struct cf_cart_line *desk_line_at_hand(const struct cf_desk *desk, const struct cf_till_view *view);
bool desk_sale_act(struct cf_desk *desk, enum cf_desk_do act, int64_t arg);
bool desk_pay_act(struct cf_desk *desk, enum cf_desk_do act, int64_t arg);
bool desk_day_act(struct cf_desk *desk, enum cf_desk_do act, int64_t arg);
bool desk_state_act(struct cf_desk *desk, enum cf_desk_do act, int64_t arg);
bool desk_return_act(struct cf_desk *desk, enum cf_desk_do act, int64_t arg);
bool desk_park_act(struct cf_desk *desk, enum cf_desk_do act, int64_t arg);
/* The sale is in the journal: the drawer, the paper and the screens come after. */
void desk_sold(struct cf_desk *desk, const struct cf_till_sold *sold, int64_t received_minor);
void desk_sold_resume(struct cf_desk *desk);
/* At each change: once the page of a sale is left, nobody has asked for its receipt. */
void desk_paper_look(struct cf_desk *desk);
/* Any other record with a slip is. */
void desk_print(struct cf_desk *desk, uint64_t seq, bool copy);
/* --- goods that are sold by weight (desk_weigh.c) --- */
/* What lies on the scale, and the tare. */
void desk_weigh_fill(struct cf_desk *desk, struct cf_cashier_page *page);
/* The weight that was typed, or with nothing typed what the scale has. */
enum cf_rc desk_weigh_answer(struct cf_desk *desk, const char *text, struct cf_error *err);
void desk_weigh_tare(struct cf_desk *desk);
/* At a tick. True: the scale has something else to show. */
bool desk_weigh_look(struct cf_desk *desk);

/* What came of a call that may have asked a payer: sold, still to pay, to be waited for, or refused. */
void desk_paid(struct cf_desk *desk, enum cf_rc rc, const struct cf_till_sold *sold, enum cf_tender_kind kind,
               enum cf_desk_do then, const struct cf_error *err);
void desk_pay_cash(struct cf_desk *desk, int64_t amount_minor);
/* Whoever is being asked just now; CARD if nobody is. */
enum cf_tender_kind desk_busy_kind(const struct cf_desk *desk);
/* Goods came back: whoever has to give money back for them may have to be waited for. */
void desk_refunds(struct cf_desk *desk, const struct cf_till_returned *back);
/* Asks for a card or mobile payment; amount 0: all that is due. */
void desk_pay(struct cf_desk *desk, enum cf_tender_kind kind, int64_t amount_minor, const char *code);
/* At a tick: whoever is asked for a payment may have answered. True: something changed. */
bool desk_wait_look(struct cf_desk *desk);
/* After a start: a payment may be waited for. */
void desk_wait_resume(struct cf_desk *desk);
void desk_take_back(struct cf_desk *desk);
void desk_order_came(struct cf_desk *desk);
/* At a tick: the card terminal may have closed its day. True: something changed. */
bool desk_card_day_look(struct cf_desk *desk);
/* --- what takes long (desk_work.c) --- */
/* Are the receipts of the day read, as far as it takes any time? Else a page says how far that is, and the act is done
 * again once they are. `always`: the page is shown for a moment all the same. */
bool desk_read_first(struct cf_desk *desk, enum cf_desk_do then, int64_t arg, bool always);
/* At a tick: the next step. True: something changed. */
bool desk_work_look(struct cf_desk *desk);
bool desk_closes_day(const struct cf_desk *desk);
/* --- before the first sync (desk_first.c): no till, and one page --- */
void desk_first_act(struct cf_desk *desk, enum cf_desk_do act);
bool desk_first_tick(struct cf_desk *desk);
void desk_first_cashier(struct cf_desk *desk, struct cf_cashier_page *ret);
void desk_first_shopper(struct cf_shopper_page *ret);
/* A field for what is on its way, and how far it is; -1: nothing is. */
int desk_coming(const struct cf_replica_coming *coming, struct cf_cashier_page *page);
/* --- goods that the store has not (desk_request.c) --- */
/* On the page where a sale is put aside; false: it is another act. */
bool desk_request_ask(struct cf_desk *desk, enum cf_desk_do act);
void desk_requests_open(struct cf_desk *desk);
/* --- a day as files (desk_export.c) --- */
void desk_export_open(struct cf_desk *desk);
/* At a tick. True: something changed. */
bool desk_export_look(struct cf_desk *desk);
/* How many sales are parked here. */
void desk_count_held(struct cf_desk *desk);
/* What the sync has left word of. True: the pages say something else now. */
bool desk_look_at_link(struct cf_desk *desk);
bool desk_look_at_sending(struct cf_desk *desk);
int desk_sending_percent(const struct cf_desk *desk);

/* --- texts and parts of pages (desk_text.c) -------------------------------------------------------------------------
 */

/* Formats, cuts at a character and takes out what does not belong on a screen. */
void desk_put(char *ret, size_t cap, const char *format, ...) CF_PRINTF(3, 4);
const char *desk_money(const struct cf_desk *desk, int64_t minor, char ret[CF_PAGE_AMOUNT_MAX]);
void desk_quantity(int64_t qty_milli, char *ret, size_t n); /* "3", "0.345" */
/* "2", "0.345": thousandths. */
enum cf_rc desk_parse_milli(const char *text, int64_t *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc desk_parse_money(const struct cf_desk *desk, int64_t *ret_minor, struct cf_error *err) CF_MUST_CHECK;
/* "14:05" of the store's day; "21 Nov 14:05" of another. */
void desk_time(const struct cf_desk *desk, cf_wall at, char *ret, size_t n);
/* "2026-11-22" of 20261122. */
void desk_date(uint32_t day, char ret[CF_PAGE_AMOUNT_MAX]);
/* "3 items"; of an exchange what came back for them too. */
void desk_items(const struct cf_desk *desk, const struct cf_till_view *view, char ret[CF_PAGE_ENTRY_MAX]);
/* What is still to pay once the goods of an exchange have paid; below zero: what the shopper gets back. */
int64_t desk_difference(const struct cf_till_view *view);
const char *desk_tender_name(enum cf_tender_kind kind);
void desk_key(struct cf_desk *desk, struct cf_cashier_page *page, enum cf_desk_do act, const char *label,
              enum cf_key_look look, bool enabled);
void desk_back_key(struct cf_desk *desk, struct cf_cashier_page *page);
void desk_field(struct cf_page_field fields[CF_PAGE_FIELDS_MAX], size_t *n, const char *label, const char *value,
                bool large);
void desk_money_field(const struct cf_desk *desk, struct cf_page_field fields[CF_PAGE_FIELDS_MAX], size_t *n,
                      const char *label, int64_t minor, bool large);
/* The fields of a sale that is done, on both screens. */
void desk_done_fields(const struct cf_desk *desk, struct cf_page_field fields[CF_PAGE_FIELDS_MAX], size_t *n);
/* How the tenders on the sale add up: fields. */
void desk_tender_fields(const struct cf_desk *desk, const struct cf_till_view *view,
                        struct cf_page_field fields[CF_PAGE_FIELDS_MAX], size_t *n);
/* An act by its name in the keys file and on command barcodes; CF_DO_NOTHING: none. */
enum cf_desk_do desk_act_named(const char *name, size_t n);
const char *desk_act_name(enum cf_desk_do act);
void desk_keys_default(struct cf_desk *desk);

#endif
