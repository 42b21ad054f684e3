/*
 * app/cli/sell_script.c - see sell_script.h.
 */
#include "app/cli/sell_script.h"

#include <ctype.h>
#include <string.h>

static const struct {
    const char *name;
    const char *takes;
    size_t least, most; /* words; most 0: the rest as it is */
    bool tail;          /* the last word is the rest of the line, blanks and all */
} verbs[] = {
    [SELL_NOTHING] = {"", "", 0, 0, false},
    [SELL_SCAN] = {"scan", "scan TEXT", 1, 0, false},
    [SELL_SCAN_IMAGE] = {"scan-image", "scan-image FILE", 1, 0, false},
    [SELL_MEMBER] = {"member", "member TEXT", 1, 0, false},
    [SELL_COUPON] = {"coupon", "coupon TEXT", 1, 0, false},
    [SELL_UNCOUPON] = {"uncoupon", "uncoupon [COUPON]", 0, 1, false},
    [SELL_RELAY] = {"relay", "relay [FILE]", 0, 1, false},
    [SELL_QUANTITY] = {"quantity", "quantity N [LINE]", 1, 2, false},
    [SELL_PRICE] = {"price", "price AMOUNT [LINE]", 1, 2, false},
    [SELL_DISCOUNT] = {"discount", "discount PERCENT%|AMOUNT|none LINE|last|sale REASON", 2, 3, true},
    [SELL_VOID] = {"void", "void [LINE]", 0, 1, false},
    [SELL_TENDER] = {"tender", "tender cash|card|mobile AMOUNT|due [REFERENCE|CURRENCY]", 2, 3, false},
    [SELL_UNTENDER] = {"untender", "untender", 0, 1, false},
    [SELL_CANCEL] = {"cancel", "cancel", 0, 1, false},
    [SELL_PARK] = {"park", "park LABEL [here]", 1, 2, false},
    [SELL_PARKED] = {"parked", "parked", 0, 1, false},
    [SELL_RECALL] = {"recall", "recall LABEL", 1, 1, false},
    [SELL_TOTAL] = {"total", "total [cash|card|mobile]", 0, 1, false},
    [SELL_REPRINT] = {"reprint", "reprint RECEIPT", 1, 1, false},
    [SELL_RETURN] = {"return", "return RECEIPT [LINE [QUANTITY]] [as-credit]", 1, 4, false},
    [SELL_VOID_SALE] = {"void-sale", "void-sale RECEIPT", 1, 1, false},
    [SELL_RETURN_GOODS] = {"return-goods", "return-goods CODE[*QUANTITY][,CODE ...] REASON", 2, 2, true},
    [SELL_EXCHANGE] = {"exchange", "exchange RECEIPT [LINE[=QUANTITY],...] [as-credit]", 1, 3, false},
    [SELL_CREDIT_GOODS] = {"credit-goods", "credit-goods CODE[*QUANTITY][,CODE ...] REASON", 2, 2, true},
    [SELL_PAY_QUERY] = {"pay-query", "pay-query", 0, 1, false},
    [SELL_PAY_RETRY] = {"pay-retry", "pay-retry [CODE]", 0, 1, false},
    [SELL_PAY_DECIDE] = {"pay-decide", "pay-decide taken|not-taken|elsewhere MANAGER REASON", 1, 0, false},
    [SELL_SETTLE] = {"settle", "settle", 0, 1, false},
    [SELL_CARD_CLOSE] = {"card-close", "card-close", 0, 1, false},
    [SELL_AGE] = {"age", "age seen|YYYY-MM-DD", 1, 1, false},
    [SELL_SERIAL] = {"serial", "serial TEXT", 1, 1, false},
    [SELL_WEIGH] = {"weigh", "weigh [TARE]", 0, 1, false},
    [SELL_PLU] = {"plu", "plu NUMBER", 1, 1, false},
    [SELL_LOGIN] = {"login", "login USER PIN", 2, 2, false},
    [SELL_LOCK] = {"lock", "lock", 0, 1, false},
    [SELL_OVERRIDE] = {"override", "override USER PIN REASON", 3, 3, true},
    [SELL_FLOAT] = {"float", "float AMOUNT [REASON]", 1, 2, true},
    [SELL_PAID_IN] = {"paid-in", "paid-in AMOUNT REASON", 2, 2, true},
    [SELL_PAID_OUT] = {"paid-out", "paid-out AMOUNT REASON", 2, 2, true},
    [SELL_DROP] = {"drop", "drop AMOUNT [REASON]", 1, 2, true},
    [SELL_NO_SALE] = {"no-sale", "no-sale REASON", 1, 1, true},
    [SELL_PICKUP] = {"pickup", "pickup CODE", 1, 0, false},
    [SELL_HAND_OUT] = {"hand-out", "hand-out [LINE[=QUANTITY],...]", 0, 1, false},
    [SELL_ORDER] = {"order", "order NUMBER", 1, 1, false},
    [SELL_PAY_ORDER] = {"pay-order", "pay-order [LINE[=QUANTITY],...]", 0, 1, false},
    [SELL_ORDERS] = {"orders", "orders", 0, 1, false},
    [SELL_SPECIAL] = {"special", "special [NAME, PHONE]", 0, 1, true},
    [SELL_TRANSFER] = {"transfer", "transfer STORE here|there [NAME, PHONE]", 2, 3, true},
    [SELL_REQUESTS] = {"requests", "requests", 0, 1, false},
    [SELL_ANSWER] = {"answer", "answer ORDER|SLIP accept|refuse|send|ready|withdraw [REASON]", 2, 3, true},
    [SELL_GIFT_CARD] = {"giftcard", "giftcard AMOUNT|due CODE", 1, 0, false},
    [SELL_CREDIT] = {"credit", "credit AMOUNT|due CODE", 1, 0, false},
    [SELL_POINTS] = {"points", "points N", 1, 1, false},
    [SELL_CARD] = {"sell-card", "sell-card AMOUNT", 1, 1, false},
    [SELL_TOP_UP] = {"top-up", "top-up AMOUNT CODE", 1, 0, false},
    [SELL_REFUND_CARD] = {"refund-card", "refund-card REASON CODE", 1, 0, false},
    [SELL_BALANCE] = {"balance", "balance CODE", 1, 0, false},
    [SELL_QUOTE] = {"quote", "quote [DAYS]", 0, 1, false},
    [SELL_UNQUOTE] = {"unquote", "unquote CODE|NUMBER [today] [seen]", 1, 3, false},
    [SELL_QUOTES] = {"quotes", "quotes", 0, 1, false},
    [SELL_X_REPORT] = {"x-report", "x-report", 0, 1, false},
    [SELL_COUNT] = {"count", "count PIECES [REASON], PIECES as 100x3,50x2", 1, 2, true},
};

const char *sell_verb_name(enum sell_verb verb)
{
    return verbs[verb].name;
}

const char *sell_verb_takes(enum sell_verb verb)
{
    return verbs[verb].takes;
}

static cf_bytes skip_spaces(cf_bytes text)
{
    while (text.n && (text.p[0] == ' ' || text.p[0] == '\t')) {
        text.p++;
        text.n--;
    }
    return text;
}

/* The first word of *text, which moves past it and one space. CF_E_ARGUMENT if it is too long, or holds a NUL, behind
 * which the rest of it would go unseen. */
static enum cf_rc take_word(cf_bytes *text, char word[SELL_WORD_MAX + 1], struct cf_error *err)
{
    size_t n = 0;
    while (n < text->n && text->p[n] != ' ' && text->p[n] != '\t')
        n++;
    if (n > SELL_WORD_MAX)
        return cf_fail(err, CF_E_ARGUMENT, "a word of %zu characters", n);
    if (memchr(text->p, '\0', n))
        return cf_fail(err, CF_E_ARGUMENT, "a word with a NUL");
    memcpy(word, text->p, n);
    word[n] = '\0';
    text->p += n;
    text->n -= n;
    if (text->n) {
        text->p++;
        text->n--;
    }
    return CF_OK;
}

/* "one:" is a label, "MC1:..." is not: a label is lower case and ends its word. */
static bool is_label(cf_bytes text)
{
    size_t n = 0;
    while (n < text.n && (islower(text.p[n]) || isdigit(text.p[n]) || text.p[n] == '_' || text.p[n] == '-'))
        n++;
    return n > 0 && n < text.n && text.p[n] == ':' && (n + 1 == text.n || text.p[n + 1] == ' ');
}

/* The rest of the line as the last word. */
static enum cf_rc take_tail(cf_bytes rest, char word[SELL_WORD_MAX + 1], struct cf_error *err)
{
    while (rest.n && (rest.p[rest.n - 1] == ' ' || rest.p[rest.n - 1] == '\t'))
        rest.n--;
    if (rest.n > SELL_WORD_MAX || memchr(rest.p, '\0', rest.n))
        return cf_fail(err, CF_E_ARGUMENT, "a text of %zu characters, or with a NUL", rest.n);
    memcpy(word, rest.p, rest.n);
    word[rest.n] = '\0';
    return CF_OK;
}

static enum cf_rc split_rest(struct sell_step *step, struct cf_error *err)
{
    cf_bytes rest = step->rest;
    size_t most = verbs[step->verb].most;
    while (rest.n) {
        rest = skip_spaces(rest);
        if (!rest.n)
            break;
        if (step->n_words == most || step->n_words == SELL_WORDS_MAX)
            return cf_fail(err, CF_E_ARGUMENT, "it takes: %s", verbs[step->verb].takes);
        bool tail = verbs[step->verb].tail && step->n_words + 1 == most;
        enum cf_rc rc =
            tail ? take_tail(rest, step->word[step->n_words], err) : take_word(&rest, step->word[step->n_words], err);
        if (tail)
            rest.n = 0;
        if (rc != CF_OK)
            return rc;
        step->n_words++;
    }
    if (step->n_words < verbs[step->verb].least)
        return cf_fail(err, CF_E_ARGUMENT, "it takes: %s", verbs[step->verb].takes);
    return CF_OK;
}

enum cf_rc sell_step_parse(cf_bytes line, struct sell_step *ret, struct cf_error *err)
{
    struct sell_step step = {0};
    char verb[SELL_WORD_MAX + 1];
    cf_bytes rest = skip_spaces(line);
    enum cf_rc rc = CF_OK;
    if (!rest.n || rest.p[0] == '#') {
        *ret = step;
        return CF_OK;
    }
    if (is_label(rest)) {
        rc = take_word(&rest, step.label, err);
        if (rc != CF_OK)
            return rc;
        step.label[strlen(step.label) - 1] = '\0';
        rest = skip_spaces(rest);
    }
    rc = take_word(&rest, verb, err);
    if (rc != CF_OK)
        return rc;
    step.rest = rest;
    for (size_t i = 1; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verbs[i].name, verb) != 0)
            continue;
        step.verb = (enum sell_verb)i;
        if (verbs[i].most)
            rc = split_rest(&step, err);
        else if (!rest.n)
            rc = cf_fail(err, CF_E_ARGUMENT, "it takes: %s", verbs[i].takes);
        if (rc == CF_OK)
            *ret = step;
        return rc;
    }
    return cf_fail(err, CF_E_ARGUMENT, "there is no step \"%s\"", verb);
}
