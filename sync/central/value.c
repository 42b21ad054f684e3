/*
 * sync/central/value.c - see value.h: accounts, their homes and ranges. Tills are in value_till.c, the API in
 * value_api.c.
 */
#include "sync/central/value_private.h"

#include "sync/central/down_log.h"
#include "sync/central/issuers.h"

#include <stdio.h>
#include <string.h>

#define DAY_S INT64_C(86400)
#define BLOCK_KEYS (INT64_C(1) << 32) /* behind those of accounts */
#define TERMINALS_AT_ONCE 256         /* one card lies at two or three */
#define RANGE_OPEN_DAYS 365           /* in which a till gives out the numbers of a range */

/* --- terms and accounts ------------------------------------------------------------------------------------------- */

enum cf_rc cf_value_terms_get(struct cf_central *central, struct cf_value_terms *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_VALUE_TERMS_GET, CF_NO_ARGS, row, &found, err);
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_INTERNAL, "the terms of accounts are missing");
    }
    if (rc == CF_OK) {
        *ret = (struct cf_value_terms){row[0].i, row[1].i, {row[2].i, row[3].i}, row[4].i};
    }
    return rc;
}

enum cf_rc cf_value_terms_put(struct cf_central *central, const struct cf_value_terms *terms, struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_VALUE_TERMS_PUT,
                        CF_ARGS(cf_v_int(terms->cards_per_terminal), cf_v_int(terms->valid_days),
                                cf_v_int(terms->rate.points), cf_v_int(terms->rate.minor),
                                cf_v_int(terms->next_account)),
                        err);
}

enum cf_rc cf_value_account_get(struct cf_central *central, uint32_t id, struct cf_value_account *ret, bool *ret_found,
                                struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    enum cf_rc rc = cf_store_row(central->store, CF_Q_VALUE_ACCOUNT_GET, CF_ARGS(cf_v_int(id)), row, ret_found, err);
    if (rc != CF_OK || !*ret_found) {
        return rc;
    }
    *ret = (struct cf_value_account){.id = id,
                                     .kind = (enum cf_gift_kind)row[0].i,
                                     .exp_s = row[2].i,
                                     .blocked = row[3].i != 0,
                                     .origin = row[4].i,
                                     .issued = row[5].i,
                                     .balance = row[6].i,
                                     .homed = row[7].i,
                                     .held = row[8].i,
                                     .spent = row[9].i,
                                     .over = row[10].i,
                                     .at_us = row[11].i};
    if (row[1].b.n != 3) {
        return cf_fail(err, CF_E_INTERNAL, "the currency of account %lu", (unsigned long)id);
    }
    memcpy(ret->currency.code, row[1].b.p, 3);
    return CF_OK;
}

enum cf_rc cf_value_account_put(struct cf_central *central, struct cf_value_account *a, struct cf_error *err)
{
    int64_t paid = a->over < a->balance ? a->over : a->balance;
    a->over -= paid;
    a->balance -= paid;
    return cf_store_run(central->store, CF_Q_VALUE_ACCOUNT_PUT,
                        CF_ARGS(cf_v_int(a->id), cf_v_int(a->kind), cf_v_text(a->currency.code), cf_v_int(a->exp_s),
                                cf_v_int(a->blocked), cf_v_int(a->origin), cf_v_int(a->issued), cf_v_int(a->balance),
                                cf_v_int(a->homed), cf_v_int(a->held), cf_v_int(a->spent), cf_v_int(a->over),
                                cf_v_int(a->at_us)),
                        err);
}

enum cf_rc cf_value_account_judge(struct cf_central *central, const struct cf_value_account *account,
                                  cf_currency currency, struct cf_error *err)
{
    char mask[CF_VALUE_MASK_MAX];
    cf_value_mask(account->id, mask);
    if (account->origin == CF_VALUE_NOT_TOLD) {
        return cf_fail(err, CF_E_VALUE_UNKNOWN, "card %s", mask);
    }
    if (account->blocked) {
        return cf_fail(err, CF_E_VALUE_BLOCKED, "card %s", mask);
    }
    if (account->exp_s < cf_wall_s(cf_central_now(central))) {
        return cf_fail(err, CF_E_VALUE_EXPIRED, "card %s", mask);
    }
    if (!cf_currency_equal(account->currency, currency)) {
        return cf_fail(err, CF_E_CURRENCY, "card %s is in %.3s", mask, account->currency.code);
    }
    return CF_OK;
}

/* --- homes -------------------------------------------------------------------------------------------------------- */

struct home {
    int64_t granted, spent, returned;
    int64_t keep; /* of what it was told of */
    int64_t own;  /* part of granted: cards that it gave out itself, of which it is not told */
};

static enum cf_rc get_home(struct cf_central *central, uint32_t account, uint64_t log, struct home *ret,
                           struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_VALUE_HOME_GET,
                                 CF_ARGS(cf_v_int(account), cf_v_int((int64_t)log)), row, &found, err);
    if (rc == CF_OK) {
        *ret = found ? (struct home){row[0].i, row[1].i, row[2].i, row[3].i, row[4].i} : (struct home){0, 0, 0, 0, 0};
    }
    return rc;
}

static enum cf_rc put_home(struct cf_central *central, uint32_t account, uint64_t log, const struct home *home,
                           struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_VALUE_HOME_PUT,
                        CF_ARGS(cf_v_int(account), cf_v_int((int64_t)log), cf_v_int(home->granted),
                                cf_v_int(home->spent), cf_v_int(home->returned), cf_v_int(home->keep),
                                cf_v_int(home->own)),
                        err);
}

static enum cf_rc tell_home(struct cf_central *central, const struct cf_value_account *account,
                            const struct cf_log *log, const struct home *home, struct cf_error *err)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_GIFT_CARD};
    entry.home = (struct cf_home_value){.kind = account->kind,
                                        .account = account->id,
                                        .epoch = log->epoch,
                                        .granted_minor = home->granted - home->own,
                                        .keep_minor = home->keep,
                                        .exp_s = account->exp_s};
    return cf_down_append(central, CF_TOPIC_VALUE, log->terminal, account->id, &entry, err);
}

/* A key of its own: the newest entry of each is kept. */
static enum cf_rc tell_block(struct cf_central *central, const struct cf_value_account *account, uint32_t terminal,
                             struct cf_error *err)
{
    const struct cf_down_entry entry = {.kind = CF_DOWN_VALUE_BLOCK, .value_block = {account->id, account->blocked}};
    return cf_down_append(central, CF_TOPIC_VALUE, terminal, BLOCK_KEYS + account->id, &entry, err);
}

struct told {
    struct cf_central *central;
    size_t n;
    uint32_t terminal[TERMINALS_AT_ONCE];
};

static enum cf_rc add_active(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct told *told = ctx;
    (void)err;
    if (row[2].i == CF_LOG_ACTIVE && told->n < TERMINALS_AT_ONCE) {
        told->terminal[told->n++] = (uint32_t)row[0].i;
    }
    return CF_OK;
}

enum cf_rc cf_value_tell_block(struct cf_central *central, const struct cf_value_account *account, struct cf_error *err)
{
    struct told told = {.central = central};
    enum cf_rc rc =
        cf_store_each(central->store, CF_Q_VALUE_HOME_LIST, CF_ARGS(cf_v_int(account->id)), add_active, &told, err);
    for (size_t i = 0; i < told.n && rc == CF_OK; i++) {
        rc = tell_block(central, account, told.terminal[i], err);
    }
    return rc;
}

enum cf_rc cf_value_home(struct cf_central *central, struct cf_value_account *account, const struct cf_log *log,
                         int64_t amount_minor, struct cf_error *err)
{
    struct home home;
    if (amount_minor > account->balance) {
        return cf_fail(err, CF_E_VALUE_SHORT, "%lld are left", (long long)account->balance);
    }
    enum cf_rc rc = get_home(central, account->id, log->id, &home, err);
    if (rc == CF_OK) {
        rc = cf_add_i64(home.granted, amount_minor, &home.granted, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    home.keep = home.granted - home.own; /* all of it, until it is recalled */
    account->balance -= amount_minor;
    account->homed += amount_minor;
    rc = put_home(central, account->id, log->id, &home, err);
    if (rc == CF_OK) {
        rc = cf_value_account_put(central, account, err);
    }
    return rc == CF_OK ? tell_home(central, account, log, &home, err) : rc;
}

enum cf_rc cf_value_recall(struct cf_central *central, const struct cf_value_account *account, const struct cf_log *log,
                           struct cf_error *err)
{
    struct home home;
    enum cf_rc rc = get_home(central, account->id, log->id, &home, err);
    if (rc != CF_OK || home.granted == 0) {
        return rc;
    }
    home.keep = 0;
    rc = put_home(central, account->id, log->id, &home, err);
    return rc == CF_OK ? tell_home(central, account, log, &home, err) : rc;
}

enum cf_rc cf_value_release(struct cf_central *central, const struct cf_log *log,
                            const struct cf_value_release *release, enum cf_rc *ret_what, struct cf_error *why,
                            struct cf_error *err)
{
    struct cf_value_account account;
    struct home home = {0, 0, 0, 0, 0};
    bool found = false;
    enum cf_rc rc = cf_value_account_get(central, release->account, &account, &found, err);
    if (rc == CF_OK && found) {
        rc = get_home(central, release->account, log->id, &home, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    /* A log that was set apart may have a twin that spent it: then nothing comes back. */
    if (!found || log->state != CF_LOG_ACTIVE || home.granted - home.spent - home.returned < release->amount_minor) {
        *ret_what = cf_fail(why, CF_E_RECORD, "gives up %lld of account %lu, which it does not hold",
                            (long long)release->amount_minor, (unsigned long)release->account);
        return CF_OK;
    }
    home.returned += release->amount_minor;
    account.homed -= release->amount_minor;
    account.balance += release->amount_minor;
    rc = put_home(central, account.id, log->id, &home, err);
    return rc == CF_OK ? cf_value_account_put(central, &account, err) : rc;
}

/* --- cards that tills give out ------------------------------------------------------------------------------------ */

/* Is the card's number one that this log may give out? */
static enum cf_rc check_range(struct cf_central *central, const struct cf_log *log, const struct cf_value_card *card,
                              bool *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    const struct cf_value id = cf_v_int(cf_get_be32(card->grant_id.b));
    enum cf_rc rc = cf_store_row(central->store, CF_Q_VALUE_RANGE_GET, CF_ARGS(id), row, &found, err);
    *ret = rc == CF_OK && found && (uint64_t)row[0].i == log->id && card->account >= row[1].i &&
           card->account <= row[2].i && card->exp_s <= row[3].i;
    return rc == CF_OK && *ret ? cf_store_run(central->store, CF_Q_VALUE_RANGE_ISSUED,
                                              CF_ARGS(id, cf_v_int(card->account - row[1].i + 1)), err)
                               : rc;
}

/* More lies at the terminal by its own record: it knows itself, and nothing is told. */
static enum cf_rc add_own(struct cf_central *central, uint32_t account, const struct cf_log *log, int64_t amount_minor,
                          struct cf_error *err)
{
    struct home home;
    enum cf_rc rc = get_home(central, account, log->id, &home, err);
    if (rc != CF_OK) {
        return rc;
    }
    home.granted += amount_minor;
    home.own += amount_minor;
    return put_home(central, account, log->id, &home, err);
}

enum cf_rc cf_value_card_out(struct cf_central *central, const struct cf_log *log, uint64_t record,
                             const struct cf_value_card *card, cf_currency currency, struct cf_error *err)
{
    struct cf_value_account account;
    bool good, found;
    enum cf_rc rc = check_range(central, log, card, &good, err);
    if (rc == CF_OK) {
        rc = cf_value_account_get(central, card->account, &account, &found, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    if (!good || (found && account.origin != CF_VALUE_NOT_TOLD)) {
        return cf_central_alarm(central, record, CF_E_VALUE_SPENT,
                                good ? "a gift card of a number that was given out before"
                                     : "a gift card of a number that this till was not granted",
                                err);
    }
    if (!found) {
        account = (struct cf_value_account){.id = card->account, .at_us = cf_central_now(central).us};
    }
    account.kind = card->kind;
    account.currency = currency;
    account.exp_s = card->exp_s;
    account.origin = (int64_t)record;
    account.issued += card->amount_minor;
    int64_t *to = card->homed ? &account.homed : &account.balance;
    *to += card->amount_minor;
    rc = cf_value_account_put(central, &account, err);
    return rc == CF_OK && card->homed ? add_own(central, account.id, log, card->amount_minor, err) : rc;
}

/* A card that nobody told of yet may be told of later, by another log; then this is on it. */
enum cf_rc cf_value_top_up(struct cf_central *central, const struct cf_log *log, uint64_t record,
                           const struct cf_sale_line *line, cf_currency currency, struct cf_error *err)
{
    struct cf_value_account account;
    bool found;
    enum cf_rc rc = cf_value_account_get(central, line->extra.account, &account, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (found && !cf_currency_equal(account.currency, currency)) {
        return cf_central_alarm(central, record, CF_E_CURRENCY,
                                "money of another currency was put on a gift card: it is on none", err);
    }
    if (!found) {
        account = (struct cf_value_account){.id = line->extra.account,
                                            .kind = CF_GIFT_CARD,
                                            .currency = currency,
                                            .origin = CF_VALUE_NOT_TOLD,
                                            .at_us = cf_central_now(central).us};
        rc = cf_central_alarm(central, record, CF_E_VALUE_UNKNOWN, "money was put on a gift card that nobody told of",
                              err);
    }
    account.issued += line->unit_price_minor;
    account.homed += line->unit_price_minor;
    if (rc == CF_OK) {
        rc = cf_value_account_put(central, &account, err);
    }
    return rc == CF_OK ? add_own(central, account.id, log, line->unit_price_minor, err) : rc;
}

static enum cf_rc add_range(struct cf_central *central, const struct cf_log *log, const struct cf_grant *grant,
                            struct cf_error *err)
{
    struct cf_code code;
    const struct cf_issuer *issuer = &central->issuer[CF_ISSUER_GRANT];
    uint32_t id = cf_get_be32(grant->grant_id.b);
    enum cf_rc rc = cf_grant_sign(grant, issuer->kid, issuer->key, &code, err);
    if (rc != CF_OK) {
        return rc;
    }
    cf_bytes cose = cf_bytes_of(code.cose, code.cose_n);
    rc = cf_store_run(central->store, CF_Q_VALUE_RANGE_ADD,
                      CF_ARGS(cf_v_int(id), cf_v_int((int64_t)log->id), cf_v_int(grant->first), cf_v_int(grant->last),
                              cf_v_int(grant->exp_s), cf_v_bytes(cose)),
                      err);
    struct cf_down_entry entry = {.kind = CF_DOWN_GRANT, .grant = cose};
    return rc == CF_OK ? cf_down_append(central, CF_TOPIC_GRANTS, 0, id, &entry, err) : rc;
}

/* An id that no key of the set, no grant of coupons and no other range has. */
static enum cf_rc new_range_id(struct cf_central *central, cf_kid *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool taken = true;
    enum cf_rc rc = CF_OK;
    while (rc == CF_OK && taken) {
        cf_env_random(central->env, ret->b, sizeof ret->b);
        const struct cf_value id = cf_v_int(cf_get_be32(ret->b));
        taken = cf_issuers_has(central->issuers, *ret);
        if (!taken) {
            rc = cf_store_row(central->store, CF_Q_ISSUE_RANGE_GET, CF_ARGS(id), row, &taken, err);
        }
        if (rc == CF_OK && !taken) {
            rc = cf_store_row(central->store, CF_Q_VALUE_RANGE_GET, CF_ARGS(id), row, &taken, err);
        }
    }
    return rc;
}

enum cf_rc cf_value_range(struct cf_central *central, const struct cf_log *log, const cf_public_key *till_key,
                          struct cf_error *err)
{
    struct cf_value_terms terms;
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_value_terms_get(central, &terms, err);
    if (rc != CF_OK || terms.cards_per_terminal == 0 || log->state != CF_LOG_ACTIVE ||
        terms.next_account + terms.cards_per_terminal > UINT32_MAX) {
        return rc;
    }
    rc = cf_store_row(central->store, CF_Q_VALUE_RANGE_NEWEST, CF_ARGS(cf_v_int((int64_t)log->id)), row, &found, err);
    if (rc != CF_OK || (found && (row[1].i - row[0].i + 1 - row[2].i) * 2 > terms.cards_per_terminal)) {
        return rc;
    }
    struct cf_grant grant = {.till = log->terminal,
                             .till_key = *till_key,
                             .campaign = CF_GRANT_OF_ACCOUNTS,
                             .first = (uint32_t)terms.next_account,
                             .last = (uint32_t)(terms.next_account + terms.cards_per_terminal - 1),
                             .exp_s =
                                 cf_wall_s(cf_central_now(central)) + (terms.valid_days + RANGE_OPEN_DAYS) * DAY_S};
    rc = new_range_id(central, &grant.grant_id, err);
    if (rc == CF_OK) {
        rc = add_range(central, log, &grant, err);
    }
    terms.next_account += terms.cards_per_terminal;
    return rc == CF_OK ? cf_value_terms_put(central, &terms, err) : rc;
}

enum cf_rc cf_value_range_cose(struct cf_central *central, cf_kid grant_id, cf_bytes *ret, bool *ret_found,
                               struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    enum cf_rc rc = cf_store_row(central->store, CF_Q_VALUE_RANGE_COSE, CF_ARGS(cf_v_int(cf_get_be32(grant_id.b))), row,
                                 ret_found, err);
    if (rc == CF_OK && *ret_found) {
        *ret = row[0].b;
    }
    return rc;
}

/* --- what a sale took --------------------------------------------------------------------------------------------- */

/* What nothing was set aside for: from the balance as far as that goes, then overdrawn. */
static void spend_uncovered(struct cf_value_account *account, int64_t amount_minor)
{
    int64_t there = account->balance < amount_minor ? account->balance : amount_minor;
    account->balance -= there;
    account->over += amount_minor - there;
    account->spent += amount_minor;
}

/* Of a till that had not heard, or that did not ask; or it paid before, and that was told late. A manager looks. */
static enum cf_rc say_blocked(struct cf_central *central, const struct cf_value_account *account, uint64_t record,
                              int64_t amount_minor, struct cf_error *err)
{
    char mask[CF_VALUE_MASK_MAX], text[160];
    cf_value_mask(account->id, mask);
    (void)snprintf(text, sizeof text, "card %s is blocked, and %lld of it that lay at this till are paid", mask,
                   (long long)amount_minor);
    return cf_central_alarm(central, record, CF_E_VALUE_BLOCKED, text, err);
}

static enum cf_rc spend_home(struct cf_central *central, const struct cf_log *log, struct cf_value_account *account,
                             uint64_t record, int64_t amount_minor, int64_t *ret_uncovered, struct cf_error *err)
{
    struct home home;
    enum cf_rc rc = get_home(central, account->id, log->id, &home, err);
    if (rc != CF_OK) {
        return rc;
    }
    int64_t left = home.granted - home.spent - home.returned, covered = left < amount_minor ? left : amount_minor;
    home.spent += covered;
    account->homed -= covered;
    account->spent += covered;
    if (account->blocked) {
        rc = say_blocked(central, account, record, amount_minor, err);
    }
    *ret_uncovered = amount_minor - covered;
    return rc == CF_OK && covered > 0 ? put_home(central, account->id, log->id, &home, err) : rc;
}

enum cf_rc cf_value_spend(struct cf_central *central, const struct cf_log *log, uint64_t record, size_t tender_no,
                          const struct cf_tender *tender, cf_currency currency, int64_t held_minor, bool *ret_uncovered,
                          struct cf_error *err)
{
    struct cf_value_account account;
    int64_t uncovered = 0;
    bool found;
    enum cf_rc rc = cf_value_account_get(central, tender->value.account, &account, &found, err);
    if (rc == CF_OK && !found) {
        account = (struct cf_value_account){.id = tender->value.account,
                                            .kind = (enum cf_gift_kind)tender->kind,
                                            .currency = currency,
                                            .origin = CF_VALUE_NOT_TOLD,
                                            .at_us = cf_central_now(central).us};
        rc = cf_value_account_put(central, &account, err); /* its homes refer to it */
    }
    if (rc == CF_OK && tender->value.source == CF_VALUE_HOME) {
        rc = spend_home(central, log, &account, record, tender->amount_minor, &uncovered, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    if (tender->value.source == CF_VALUE_CENTRE) {
        int64_t covered = held_minor < tender->amount_minor ? held_minor : tender->amount_minor;
        account.held -= held_minor;
        account.balance += held_minor - covered; /* a till takes all that is held, or says so by undoing it */
        account.spent += covered;
        uncovered = tender->amount_minor - covered;
    }
    if (uncovered > 0) {
        spend_uncovered(&account, uncovered);
    }
    *ret_uncovered = uncovered > 0;
    rc = cf_value_account_put(central, &account, err);
    return rc == CF_OK
               ? cf_store_run(central->store, CF_Q_VALUE_USE_ADD,
                              CF_ARGS(cf_v_int((int64_t)record), cf_v_int((int64_t)tender_no), cf_v_int(account.id),
                                      cf_v_int(tender->kind), cf_v_int(tender->amount_minor),
                                      cf_v_int(tender->value.points), cf_v_int(uncovered)),
                              err)
               : rc;
}
