/*
 * app/cli/sell_script.h - one line of a `counterfoil sell` script, taken apart.
 *
 *   [label:] verb argument...      # a line that begins with # is a comment
 *
 * Of scan, member and coupon the rest of the line is the text, spaces and all, since base45 has a space. Pure.
 */
#ifndef CF_CLI_SELL_SCRIPT_H
#define CF_CLI_SELL_SCRIPT_H

#include "base/bytes.h"

enum sell_verb {
    SELL_NOTHING, /* a blank line or a comment */
    SELL_SCAN,
    SELL_SCAN_IMAGE,
    SELL_MEMBER,
    SELL_COUPON,
    SELL_UNCOUPON,
    SELL_RELAY,
    SELL_QUANTITY,
    SELL_PRICE,
    SELL_DISCOUNT,
    SELL_VOID,
    SELL_TENDER,
    SELL_UNTENDER,
    SELL_CANCEL,
    SELL_PARK,
    SELL_RECALL,
    SELL_PARKED,
    SELL_TOTAL,
    SELL_REPRINT,
    SELL_RETURN,
    SELL_VOID_SALE,
    SELL_RETURN_GOODS,
    SELL_CREDIT_GOODS,
    SELL_EXCHANGE,
    SELL_PAY_QUERY,
    SELL_PAY_RETRY,
    SELL_PAY_DECIDE,
    SELL_SETTLE,
    SELL_CARD_CLOSE,
    SELL_AGE,
    SELL_SERIAL,
    SELL_WEIGH,
    SELL_PLU,
    SELL_LOGIN,
    SELL_LOCK,
    SELL_OVERRIDE,
    SELL_FLOAT,
    SELL_PAID_IN,
    SELL_PAID_OUT,
    SELL_DROP,
    SELL_NO_SALE,
    SELL_COUNT,
    SELL_PICKUP,
    SELL_HAND_OUT,
    SELL_PAY_ORDER,
    SELL_ORDERS,
    SELL_SPECIAL,
    SELL_TRANSFER,
    SELL_REQUESTS,
    SELL_ANSWER,
    SELL_ORDER,
    SELL_GIFT_CARD,
    SELL_CREDIT,
    SELL_POINTS,
    SELL_CARD,
    SELL_TOP_UP,
    SELL_REFUND_CARD,
    SELL_BALANCE,
    SELL_QUOTE,
    SELL_UNQUOTE,
    SELL_QUOTES,
    SELL_X_REPORT,
};

#define SELL_WORDS_MAX 4
#define SELL_WORD_MAX 127

struct sell_step {
    char label[SELL_WORD_MAX + 1]; /* "" if none */
    enum sell_verb verb;
    cf_bytes rest; /* of the line, after verb and one space; a view into it */
    size_t n_words;
    char word[SELL_WORDS_MAX][SELL_WORD_MAX + 1]; /* the rest, by spaces; not for the verbs that take it whole */
};

const char *sell_verb_name(enum sell_verb verb);
const char *sell_verb_takes(enum sell_verb verb); /* "giftcard AMOUNT|due CODE" */
/* CF_E_ARGUMENT: no such verb, too many or too few words; the detail says what the verb takes. */
enum cf_rc sell_step_parse(cf_bytes line, struct sell_step *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
