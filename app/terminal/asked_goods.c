/*
 * app/terminal/asked_goods.c - see asked_goods.h.
 */
#include "app/terminal/asked_goods.h"

#include <string.h>

#define TEXT_MAX 65536

void cf_asked_init(struct cf_asked *asked)
{
    memset(asked, 0, sizeof *asked);
    asked->rc = CF_OK;
    cf_buf_init(&asked->text, TEXT_MAX);
}

void cf_asked_done(struct cf_asked *asked)
{
    cf_buf_done(&asked->text);
}

const char *cf_asked_name(enum cf_rc rc)
{
    return rc == CF_E_GOODS_PRICE    ? "price"
           : rc == CF_E_GOODS_AGE    ? "age"
           : rc == CF_E_GOODS_WEIGHT ? "weight"
                                     : "serial";
}

static bool asks(enum cf_rc rc)
{
    return rc == CF_E_GOODS_PRICE || rc == CF_E_GOODS_AGE || rc == CF_E_GOODS_SERIAL || rc == CF_E_GOODS_WEIGHT;
}

enum cf_rc cf_asked_scan(struct cf_asked *asked, struct cf_till *till, cf_bytes text, struct cf_till_scanned *ret,
                         bool *ret_asks, struct cf_error *err)
{
    struct cf_error why;
    bool again = asked->text.n != 0 && text.p == asked->text.p;
    if (!again) {
        asked->answers = (struct cf_till_answers){.has_price = false};
        cf_buf_clear(&asked->text);
    }
    enum cf_rc rc = cf_till_scan_with(till, text, &asked->answers, ret, &why);
    /* An answer that was wrong leaves the question open. */
    *ret_asks = asks(rc) && !(again && rc == asked->rc);
    if (!*ret_asks) {
        if (rc != CF_OK && err != NULL)
            *err = why;
        asked->rc = again && rc != CF_OK ? asked->rc : CF_OK;
        return rc;
    }
    asked->rc = rc;
    if (err != NULL)
        *err = why; /* what it says is shown with the question */
    return again ? CF_OK : cf_buf_append(&asked->text, text.p, text.n, err);
}

static enum cf_rc expects(const struct cf_asked *asked, enum cf_rc rc, struct cf_error *err)
{
    return asked->rc == rc ? CF_OK : cf_fail(err, CF_E_STATE, "no goods ask for it");
}

/* "1990-01-31" as 19900131; 0 if it is none. */
static uint32_t date_of(const char *text)
{
    uint32_t date = 0;
    for (size_t k = 0; k < 10; k++) {
        bool dash = k == 4 || k == 7;
        if (dash ? text[k] != '-' : text[k] < '0' || text[k] > '9')
            return 0;
        date = dash ? date : date * 10 + (uint32_t)(text[k] - '0');
    }
    return text[10] == '\0' ? date : 0;
}

enum cf_rc cf_asked_age(struct cf_asked *asked, const char *text, struct cf_error *err)
{
    enum cf_rc rc = expects(asked, CF_E_GOODS_AGE, err);
    if (rc != CF_OK)
        return rc;
    asked->answers.of_age = strcmp(text, "seen") == 0;
    asked->answers.birth_date = asked->answers.of_age ? 0 : date_of(text);
    if (!asked->answers.of_age && asked->answers.birth_date == 0)
        return cf_fail(err, CF_E_ARGUMENT, "\"seen\", or a date of birth like 1990-01-31");
    return CF_OK;
}

enum cf_rc cf_asked_serial(struct cf_asked *asked, const char *text, struct cf_error *err)
{
    enum cf_rc rc = expects(asked, CF_E_GOODS_SERIAL, err);
    if (rc == CF_OK && strlen(text) >= sizeof asked->serial)
        rc = cf_fail(err, CF_E_GOODS_SERIAL, "more than %d characters", CF_GS1_TEXT_MAX);
    if (rc != CF_OK)
        return rc;
    memcpy(asked->serial, text, strlen(text) + 1);
    asked->answers.serial = asked->serial;
    return CF_OK;
}

enum cf_rc cf_asked_price(struct cf_asked *asked, int64_t price_minor, struct cf_error *err)
{
    enum cf_rc rc = expects(asked, CF_E_GOODS_PRICE, err);
    if (rc == CF_OK) {
        asked->answers.has_price = true;
        asked->answers.price_minor = price_minor;
    }
    return rc;
}

enum cf_rc cf_asked_weight(struct cf_asked *asked, int64_t weight_milli, struct cf_error *err)
{
    enum cf_rc rc = expects(asked, CF_E_GOODS_WEIGHT, err);
    if (rc == CF_OK && (weight_milli < 1 || weight_milli > CF_QTY_MILLI_MAX))
        rc = cf_fail(err, CF_E_QUANTITY, "a weight of %lld g", (long long)weight_milli);
    if (rc == CF_OK)
        asked->answers.weight_milli = weight_milli;
    return rc;
}
