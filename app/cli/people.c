/*
 * app/cli/people.c - see people.h.
 */
#include "app/cli/people.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 32

static enum cf_rc parse_pieces(const char *text, size_t n, cf_currency currency, struct cf_drawer_count *count,
                               struct cf_error *err)
{
    char word[WORD_MAX + 1], *end;
    cf_money value;
    if (n > WORD_MAX)
        return cf_fail(err, CF_E_ARGUMENT, "pieces are VALUExNUMBER");
    memcpy(word, text, n);
    word[n] = '\0';
    char *times = strchr(word, 'x');
    if (!times || times[1] < '0' || times[1] > '9')
        return cf_fail(err, CF_E_ARGUMENT, "\"%s\" is not VALUExNUMBER", word);
    *times = '\0';
    errno = 0;
    unsigned long pieces = strtoul(times + 1, &end, 10);
    if (errno || *end || pieces > CF_PIECES_MAX)
        return cf_fail(err, CF_E_ARGUMENT, "\"%s\" is no number of pieces", times + 1);
    enum cf_rc rc = cf_money_parse(word, currency, &value, err);
    return rc == CF_OK ? cf_drawer_count_add(count, currency, value.minor, (uint32_t)pieces, err) : rc;
}

enum cf_rc cli_parse_count(const char *text, cf_currency currency, struct cf_drawer_count *ret, struct cf_error *err)
{
    struct cf_drawer_count count = {.n = 0};
    enum cf_rc rc = CF_OK;
    if (strcmp(text, "none") != 0)
        for (const char *at = text; rc == CF_OK && at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
            rc = parse_pieces(at, strcspn(at, ","), currency, &count, err);
    if (rc == CF_OK)
        *ret = count;
    return rc;
}

static enum cf_drawer_kind kind_of(enum sell_verb verb)
{
    switch ((int)verb) {
    case SELL_FLOAT:
        return CF_DRAWER_FLOAT;
    case SELL_PAID_IN:
        return CF_DRAWER_PAID_IN;
    case SELL_PAID_OUT:
        return CF_DRAWER_PAID_OUT;
    case SELL_DROP:
        return CF_DRAWER_DROP;
    case SELL_COUNT:
        return CF_DRAWER_COUNT;
    default:
        return CF_DRAWER_NO_SALE;
    }
}

enum cf_rc cli_drawer_step(struct cf_till *till, enum sell_verb verb, const char *amount, const char *reason,
                           struct cf_till_drawer *ret, struct cf_error *err)
{
    cf_currency currency = cf_till_store(till)->currency;
    enum cf_drawer_kind kind = kind_of(verb);
    struct cf_drawer_count count;
    cf_money money = {.minor = 0};
    enum cf_rc rc = CF_OK;
    if (kind == CF_DRAWER_COUNT) {
        rc = cli_parse_count(amount, currency, &count, err);
        return rc == CF_OK ? cf_till_count(till, &count, reason, ret, err) : rc;
    }
    if (kind != CF_DRAWER_NO_SALE)
        rc = cf_money_parse(amount, currency, &money, err);
    return rc == CF_OK ? cf_till_drawer(till, kind, money.minor, reason, ret, err) : rc;
}

json_t *cli_drawer_json(const struct cf_till_drawer *drawer, const char *receipt_no)
{
    const struct cf_drawer_event *event = &drawer->event;
    json_t *object = json_pack("{s:s, s:I, s:s, s:I, s:s, s:s}", "kind", cf_drawer_kind_name(event->kind), "seq",
                               (json_int_t)drawer->at.seq, "receipt", receipt_no, "amount_minor",
                               (json_int_t)event->amount_minor, "user", event->user, "reason", event->reason);
    if (event->kind == CF_DRAWER_COUNT && drawer->sees_expected)
        json_object_update_new(object,
                               json_pack("{s:I, s:I}", "expected_minor", (json_int_t)event->expected_minor,
                                         "variance_minor", (json_int_t)(event->amount_minor - event->expected_minor)));
    return object;
}

json_t *cli_user_json(const struct cf_till *till)
{
    struct cf_till_user user;
    cf_till_user(till, &user);
    json_t *object = json_pack("{s:b, s:b}", "users", user.users, "logged_in", user.is);
    if (user.is)
        json_object_update_new(object, json_pack("{s:I, s:s, s:s, s:s}", "user", (json_int_t)user.user, "role",
                                                 cf_role_name(user.role), "name", user.name, "shown", user.shown));
    return object;
}

void cli_print_drawer(const struct cf_till_drawer *drawer, cf_currency currency, const char *receipt_no)
{
    const struct cf_drawer_event *event = &drawer->event;
    char text[CF_MONEY_TEXT_MAX];
    cf_money_format_signed((cf_money){event->amount_minor, currency}, text);
    printf("%s: %s, slip %s", cf_drawer_kind_name(event->kind), text, receipt_no);
    if (event->kind != CF_DRAWER_COUNT || !drawer->sees_expected)
        return;
    cf_money_format_signed((cf_money){event->expected_minor, currency}, text);
    printf(", expected %s", text);
    cf_money_format_signed((cf_money){event->amount_minor - event->expected_minor, currency}, text);
    printf(", variance %s", text);
}

void cli_print_user(const struct cf_till *till)
{
    struct cf_till_user user;
    cf_till_user(till, &user);
    if (user.is)
        printf("%u %s, %s", user.user, user.name, cf_role_name(user.role));
    else
        printf("%s", user.users ? "nobody is logged in" : "this store has no users");
}
