/*
 * app/desk/page.h - what the two screens show at one moment, in words: the cashier's page and the shopper's.
 *
 * No pixels and no toolkit: a view draws a page as it is, and a test reads it. Texts are UTF-8 in the language of
 * whoever is logged in. A page is a value; its long lists (lines, choices) are asked of the desk row by row, since a
 * basket may have 2,000 lines and a screen shows ten.
 */
#ifndef CF_DESK_PAGE_H
#define CF_DESK_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CF_PAGE_TEXT_MAX 256  /* bytes of a sentence; as long as what an error says */
#define CF_PAGE_AMOUNT_MAX 48 /* of a formatted amount */
#define CF_PAGE_ENTRY_MAX 64  /* of what is typed */
#define CF_PAGE_FIELDS_MAX 12
#define CF_PAGE_KEYS_MAX 16
#define CF_PAGE_QR_TEXT_MAX 1024
#define CF_PAGE_QRS_MAX 2

enum cf_page_id {
    CF_PAGE_SIGN_ON, /* nobody is logged in */
    CF_PAGE_LOCKED,  /* the same with a sale open */
    CF_PAGE_IDLE,
    CF_PAGE_LINES,
    CF_PAGE_ASK,      /* goods wait for a price, a serial number or an age */
    CF_PAGE_QUANTITY, /* of the line at hand */
    CF_PAGE_PRICE,
    CF_PAGE_COUPONS,
    CF_PAGE_CASH,
    CF_PAGE_DONE,
    CF_PAGE_PARK,
    CF_PAGE_RECALL,   /* a list of what is parked */
    CF_PAGE_CANCEL,   /* really? */
    CF_PAGE_OVERRIDE, /* somebody else allows what was refused */
    CF_PAGE_SEARCH,   /* goods by a part of their name */
    CF_PAGE_MEMBER,
    CF_PAGE_DISCOUNT, /* by hand, of the line at hand or of the sale; then why */
    CF_PAGE_TENDER,   /* how to pay; what was paid so far */
    CF_PAGE_SLIP,     /* what a card terminal that is not connected printed */
    CF_PAGE_MOBILE,   /* scan the code on the shopper's phone */
    CF_PAGE_GIFT,     /* scan a gift card or store credit */
    CF_PAGE_WAIT,     /* for a card terminal or a provider */
    CF_PAGE_UNKNOWN,  /* nobody knows whether it was paid, or refunded */
    CF_PAGE_DECIDE,   /* a manager says so */
    CF_PAGE_RETURN,   /* which receipt */
    CF_PAGE_RETURN_LINES,
    CF_PAGE_RETURN_WHY,  /* a reason from the store's list, or in words */
    CF_PAGE_OPEN_RETURN, /* goods without a receipt; then why */
    CF_PAGE_PICK_UP,     /* the lines of an order */
    CF_PAGE_MANAGER,
    CF_PAGE_DAY,     /* the X report */
    CF_PAGE_CLOSE,   /* a checklist before the Z report */
    CF_PAGE_CLOSING, /* really? */
    CF_PAGE_CLOSED,
    CF_PAGE_COUNT,  /* the drawer, by denomination */
    CF_PAGE_DRAWER, /* float, paid in, paid out, drop: an amount; then why */
    CF_PAGE_USERS,
    CF_PAGE_DEVICES,
    CF_PAGE_SYNC,
    CF_PAGE_COMMANDS, /* barcodes that do what keys do */
    CF_PAGE_TRANSFER, /* goods that another store has */
    CF_PAGE_REQUESTS, /* goods that were asked for, here and of us */
    CF_PAGE_EXPORT,   /* a day as files */
    CF_PAGE_FIRST,    /* before the first sync there is no other */
    CF_PAGE_WORK,     /* something that takes long, and how far it is */
    CF_PAGES,         /* how many */
};

/* What a touch on a key, or the key of the keyboard that is printed on it, asks of the desk. */
enum cf_desk_do {
    CF_DO_NOTHING = 0,
    CF_DO_ENTER,
    CF_DO_BACK,  /* Esc: out of here; what was typed, or said, is gone */
    CF_DO_ERASE, /* the last character */
    CF_DO_NEXT,  /* the next line, or choice */
    CF_DO_PREVIOUS,
    CF_DO_PICK, /* the choice `arg` */
    CF_DO_QUANTITY,
    CF_DO_PRICE,
    CF_DO_VOID,
    CF_DO_COUPONS,
    CF_DO_UNTAKE, /* the coupon at hand */
    CF_DO_PARK,
    CF_DO_RECALL,
    CF_DO_CANCEL,
    CF_DO_CASH,
    CF_DO_NOTE, /* cash of `arg` minor units, in one touch */
    CF_DO_UNTENDER,
    CF_DO_LOCK,
    CF_DO_OVERRIDE,
    CF_DO_REPRINT,
    CF_DO_SEEN, /* the shopper is old enough */
    CF_DO_SEARCH,
    CF_DO_MEMBER,
    CF_DO_DISCOUNT,
    CF_DO_WHOLE, /* of the sale, not of the line at hand */
    CF_DO_TENDER,
    CF_DO_CARD,
    CF_DO_MOBILE,
    CF_DO_GIFT,
    CF_DO_POINTS,
    CF_DO_STOP, /* a payment that is waited for */
    CF_DO_QUERY,
    CF_DO_RETRY,
    CF_DO_DECIDE,
    CF_DO_TAKEN, /* the manager's word */
    CF_DO_NOT_TAKEN,
    CF_DO_ELSEWHERE,
    CF_DO_SETTLE,
    CF_DO_RETURN,
    CF_DO_OPEN_RETURN,
    CF_DO_TAKE_BACK, /* what is chosen, or all */
    CF_DO_HAND_OUT,
    CF_DO_MANAGER,
    CF_DO_DAY,
    CF_DO_CLOSE,
    CF_DO_COUNT,
    CF_DO_FLOAT,
    CF_DO_PAID_IN,
    CF_DO_PAID_OUT,
    CF_DO_DROP,
    CF_DO_NO_SALE,
    CF_DO_USERS,
    CF_DO_DEVICES,
    CF_DO_SYNC,
    CF_DO_SEND,
    CF_DO_PRINT, /* the page: a report, the command barcodes */
    CF_DO_COMMANDS,
    CF_DO_LANGUAGE,        /* the next one */
    CF_DO_RELAY,           /* a code for the shopper's phone, where only the centre can honour a coupon */
    CF_DO_EXCHANGE,        /* what is chosen, or all, comes back and pays for other goods; the rest as it was paid */
    CF_DO_EXCHANGE_CREDIT, /* the same, the rest as store credit */
    CF_DO_CARD_DAY,        /* the card terminal closes its own day */
    CF_DO_TARE,            /* what was typed is the weight of what the goods lie in */
    CF_DO_QUOTE,           /* the basket becomes a quotation, for as many days as were typed */
    CF_DO_NO_PAPER,        /* the shopper wants no receipt */
    CF_DO_EXPORT,
    CF_DO_EXPORT_CSV, /* the day at hand, in this form */
    CF_DO_EXPORT_JSON,
    CF_DO_EXPORT_AUDIT,
    CF_DO_SPECIAL,       /* the basket is asked for of the brand's shop, instead of sold */
    CF_DO_TRANSFER,      /* of another store */
    CF_DO_FETCHED_THERE, /* in the store that has them */
    CF_DO_REQUESTS,
    CF_DO_ACCEPT,
    CF_DO_REFUSE,
    CF_DO_GOODS_SENT,
    CF_DO_GOODS_THERE, /* where they are fetched */
    CF_DO_WITHDRAW,
    CF_DOS, /* how many */
};

/* Roles that a style gives colour to; the word on the key says the same. */
enum cf_key_look { CF_KEY_PLAIN, CF_KEY_TENDER, CF_KEY_CONFIRM, CF_KEY_DESTRUCTIVE };
struct cf_page_key {
    enum cf_desk_do act;
    int64_t arg;
    enum cf_key_look look;
    bool enabled;
    char label[CF_PAGE_ENTRY_MAX];
    const char *hint; /* the key of the keyboard that does the same, "F9"; "" for none. The desk's */
};

/* The bar that is always there: what to do now, or what was refused. A refusal stays until Esc or the next good scan.
 */
enum cf_bar_kind { CF_BAR_PROMPT, CF_BAR_NEWS, CF_BAR_REFUSED };
/* What just happened, to be heard too: it always stands in words on the page. */
enum cf_page_tone { CF_TONE_NONE, CF_TONE_GOOD, CF_TONE_REFUSED };
struct cf_page_bar {
    enum cf_bar_kind kind;
    char what[CF_PAGE_TEXT_MAX];
    char why[CF_PAGE_TEXT_MAX]; /* "" for a prompt */
};

struct cf_page_field {
    char label[CF_PAGE_ENTRY_MAX];
    char value[CF_PAGE_AMOUNT_MAX];
    bool large; /* the figure that counts here: the change, when cash was paid */
};

/* One row of the basket. */
struct cf_page_line {
    uint32_t line_no;
    char name[CF_PAGE_TEXT_MAX];
    char terms[CF_PAGE_TEXT_MAX];    /* "2 × ¥39.90" */
    char amount[CF_PAGE_AMOUNT_MAX]; /* after what is taken off */
    char off[CF_PAGE_AMOUNT_MAX];    /* "−¥19.50"; "" if nothing */
    char off_why[CF_PAGE_TEXT_MAX];  /* what took it off, in words */
    bool is_void, at_hand;
};

/* One row of a list to choose from: a parked sale, a coupon. */
struct cf_page_choice {
    char title[CF_PAGE_TEXT_MAX];
    char detail[CF_PAGE_TEXT_MAX];
    char value[CF_PAGE_AMOUNT_MAX];
    bool good, at_hand; /* good: a coupon that takes something off */
};

struct cf_cashier_page {
    enum cf_page_id id;
    char place[CF_PAGE_ENTRY_MAX]; /* "Till 1" */
    char who[CF_PAGE_ENTRY_MAX];
    bool online, training;
    bool modal; /* to be seen as one question that wants an answer first: a manager's PIN, Z, a payment in doubt */
    uint64_t unsent;
    struct cf_page_bar bar;
    enum cf_page_tone tone;              /* the last one */
    uint32_t n_tones;                    /* so far: one more is a new one */
    int progress_percent;                /* of long work; below 0: there is none */
    char entry_label[CF_PAGE_ENTRY_MAX]; /* what is typed now; "" if nothing is asked for */
    char entry[CF_PAGE_ENTRY_MAX + 1];   /* a PIN as dots */
    size_t n_fields;
    struct cf_page_field fields[CF_PAGE_FIELDS_MAX];
    size_t n_keys;
    struct cf_page_key keys[CF_PAGE_KEYS_MAX];
    size_t n_lines, n_choices;
    char items[CF_PAGE_ENTRY_MAX]; /* "3 items" */
    char saved[CF_PAGE_AMOUNT_MAX];
    char member[CF_PAGE_ENTRY_MAX];
    char total[CF_PAGE_AMOUNT_MAX];
};

/* A code for the shopper's phone: to join, to pay, for the online shop, the receipt. */
struct cf_page_qr {
    char text[CF_PAGE_QR_TEXT_MAX]; /* what the code says */
    char hint[CF_PAGE_TEXT_MAX];    /* what it is for */
};

enum cf_shopper_look { CF_SHOPPER_CLOSED, CF_SHOPPER_WELCOME, CF_SHOPPER_BASKET, CF_SHOPPER_PAY, CF_SHOPPER_THANKS };
struct cf_shopper_page {
    enum cf_shopper_look look;
    char store[CF_PAGE_TEXT_MAX]; /* whose counter this is */
    char title[CF_PAGE_TEXT_MAX];
    char hint[CF_PAGE_TEXT_MAX];
    size_t n_lines; /* as the cashier's, without what is void */
    char items[CF_PAGE_ENTRY_MAX];
    char saved[CF_PAGE_AMOUNT_MAX];
    char points[CF_PAGE_ENTRY_MAX];
    char member[CF_PAGE_ENTRY_MAX];
    char total[CF_PAGE_AMOUNT_MAX];
    size_t n_fields;
    struct cf_page_field fields[CF_PAGE_FIELDS_MAX];
    size_t n_qrs;
    struct cf_page_qr qrs[CF_PAGE_QRS_MAX];
};

#endif
