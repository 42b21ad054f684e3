/*
 * drivers/card/zvt.h - the ZVT protocol between a till (ECR) and a card terminal (PT): bytes in, events out.
 *
 * ECR-Interface ZVT-Protocol, PA00P015 (commands, bitmaps) revision 13 and PA00P016 (transport) revision 04, of the
 * Verband der Terminalhersteller: the part that pays, reverses, refunds, repeats the last receipt and closes the day.
 * Over TCP an APDU stands by itself: class, instruction, length (one byte, or FF and two bytes, low one first), data.
 * Knows no sockets and no time. Pure.
 */
#ifndef CF_DRIVERS_CARD_ZVT_H
#define CF_DRIVERS_CARD_ZVT_H

#include "base/bytes.h"

#define CF_ZVT_DATA_MAX 65535
#define CF_ZVT_APDU_MAX (CF_ZVT_DATA_MAX + 5)
#define CF_ZVT_AMOUNT_MAX INT64_C(999999999999)
#define CF_ZVT_PASSWORD_DIGITS 6
#define CF_ZVT_RECEIPTS 10000 /* receipt numbers have four digits, and 0000 is none */

enum cf_zvt_control {
    CF_ZVT_SET_TIME = 0x0401,
    CF_ZVT_STATUS = 0x040f,
    CF_ZVT_INTERMEDIATE = 0x04ff,
    CF_ZVT_REGISTRATION = 0x0600,
    CF_ZVT_AUTHORISATION = 0x0601,
    CF_ZVT_COMPLETION = 0x060f,
    CF_ZVT_ABORT = 0x061e, /* by the terminal */
    CF_ZVT_REPEAT_RECEIPT = 0x0620,
    CF_ZVT_REVERSAL = 0x0630,
    CF_ZVT_REFUND = 0x0631,
    CF_ZVT_END_OF_DAY = 0x0650,
    CF_ZVT_ABORT_COMMAND = 0x06b0, /* by the till */
    CF_ZVT_PRINT_LINE = 0x06d1,
    CF_ZVT_PRINT_BLOCK = 0x06d3,
    CF_ZVT_ACK = 0x8000,
};

struct cf_zvt_apdu {
    uint16_t control;
    cf_bytes data; /* a view into the input */
};
/* The first APDU of what has arrived. *ret_used 0: it is not whole yet. Never fails: any bytes begin an APDU. */
void cf_zvt_apdu_next(cf_bytes in, struct cf_zvt_apdu *ret, size_t *ret_used);
/* Appends. CF_E_LIMIT. */
enum cf_rc cf_zvt_apdu_write(uint16_t control, cf_bytes data, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;

/* What a terminal says of a transaction (04 0F). */
struct cf_zvt_status {
    bool has_result, has_amount, has_receipt, has_trace, has_original, has_tid, has_currency;
    uint8_t result; /* 27; 0: good */
    int64_t amount_minor;
    uint32_t receipt;  /* 87 */
    uint32_t trace;    /* 0B */
    uint32_t original; /* 37: trace of what was reversed */
    uint32_t tid;      /* 29 */
    uint32_t currency; /* 49, ISO 4217 numeric */
    char card[33];     /* 8B: the card's name, ASCII */
};
/* CF_E_PROTOCOL: a bitmap that is not known, ends too early, or holds what is no digit. */
enum cf_rc cf_zvt_status_parse(cf_bytes data, struct cf_zvt_status *ret, struct cf_error *err) CF_MUST_CHECK;
/* What a result code means, for the cashier. */
const char *cf_zvt_result_text(uint8_t result);
/* ISO 4217's number of a currency that ZVT amounts can be in (two decimals); 0: none. */
uint32_t cf_zvt_currency(const char *code);

/* Commands, appended. Passwords are six digits; CF_E_ARGUMENT, CF_E_RANGE. */
enum cf_rc cf_zvt_write_registration(const char *password, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_zvt_write_authorisation(int64_t amount_minor, uint32_t currency, struct cf_buf *ret,
                                      struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_zvt_write_reversal(const char *password, uint32_t receipt, struct cf_buf *ret,
                                 struct cf_error *err) CF_MUST_CHECK;
/* Gives back to a card that is shown: the protocol names no payment of before. */
enum cf_rc cf_zvt_write_refund(const char *password, int64_t amount_minor, uint32_t currency, struct cf_buf *ret,
                               struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_zvt_write_repeat_receipt(const char *password, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_zvt_write_end_of_day(const char *password, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_zvt_write_abort(struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;

/*
 * The conversation that a command begins: each APDU of the terminal in, its acknowledgement out, until it is over.
 */
enum cf_zvt_stage {
    CF_ZVT_SENT,      /* nothing came back yet */
    CF_ZVT_RUNNING,   /* the terminal has taken the command */
    CF_ZVT_REFUSED,   /* it has not (84 xx): over, nothing was done */
    CF_ZVT_COMPLETED, /* over */
    CF_ZVT_ABORTED,   /* over */
};
struct cf_zvt_dialogue {
    enum cf_zvt_stage stage;
    uint8_t code; /* of REFUSED and ABORTED */
    bool has_status;
    struct cf_zvt_status status; /* the last one */
    unsigned n;                  /* APDUs so far */
};
#define CF_ZVT_DIALOGUE_MAX 10000
/* Takes one APDU; what is to be sent back is appended. CF_E_PROTOCOL: it makes no sense, or there is no end of it. */
enum cf_rc cf_zvt_dialogue_take(struct cf_zvt_dialogue *dialogue, const struct cf_zvt_apdu *apdu, struct cf_buf *reply,
                                struct cf_error *err) CF_MUST_CHECK;
bool cf_zvt_dialogue_over(const struct cf_zvt_dialogue *dialogue);

#endif
