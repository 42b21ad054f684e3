/*
 * sync/central/value.h - accounts of money: gift cards, store credit; and points as money.
 *
 * issued + over = balance + homed + held + spent, by a CHECK of the schema on every write. Money of an account is spent
 * by a sale of a till that asked (held first), by a terminal at which it was homed, or by the online shop; it comes
 * back by evidence alone: the record that undoes a request, the home's own record that gives it up, a return. `over` is
 * what tills spent that was not there: a fact, with its conflict; what becomes free pays it first. Inside a
 * transaction.
 */
#ifndef CF_CENTRAL_VALUE_H
#define CF_CENTRAL_VALUE_H

#include "app/core/open_return.h"
#include "sync/central/ledger.h"
#include "sync/wire/value.h"

#define CF_VALUE_NOT_TOLD (-1)
struct cf_value_terms {
    int64_t cards_per_terminal, valid_days;
    struct cf_points_rate rate;
    int64_t next_account;
};
struct cf_value_account {
    uint32_t id;
    enum cf_gift_kind kind;
    cf_currency currency;
    int64_t exp_s;
    bool blocked;
    int64_t origin; /* the record that gave it out; 0: the centre; CF_VALUE_NOT_TOLD */
    int64_t issued, balance, homed, held, spent, over;
    int64_t at_us;
};
enum cf_rc cf_value_terms_get(struct cf_central *central, struct cf_value_terms *ret,
                              struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_value_terms_put(struct cf_central *central, const struct cf_value_terms *terms,
                              struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_value_account_get(struct cf_central *central, uint32_t id, struct cf_value_account *ret, bool *ret_found,
                                struct cf_error *err) CF_MUST_CHECK;
/* Brings it to its normal form: while it is overdrawn nothing is free. */
enum cf_rc cf_value_account_put(struct cf_central *central, struct cf_value_account *account,
                                struct cf_error *err) CF_MUST_CHECK;
/* May it be spent now, in this currency? CF_E_VALUE_EXPIRED, _VALUE_BLOCKED, _VALUE_UNKNOWN (nobody told of it yet),
 * CF_E_CURRENCY. */
enum cf_rc cf_value_account_judge(struct cf_central *central, const struct cf_value_account *account,
                                  cf_currency currency, struct cf_error *err) CF_MUST_CHECK;

/* Takes for the terminal under the key, or gives back, or tells: sync/wire/value.h. The rc of a rule is an error. */
enum cf_rc cf_value_ask(struct cf_central *central, const struct cf_value_ask *ask, struct cf_value_reply *ret,
                        struct cf_error *err) CF_MUST_CHECK;
/* The till's record undoes the key: as cf_redeem_void. */
enum cf_rc cf_value_void(struct cf_central *central, const struct cf_log *log, const uint8_t key[CF_VALUE_KEY_BYTES],
                         struct cf_error *err) CF_MUST_CHECK;
/* What a sale says of accounts: cards that it sold, tenders that it took. */
enum cf_rc cf_value_sale(struct cf_central *central, const struct cf_log *log, uint64_t record,
                         const struct cf_sale *sale, struct cf_error *err) CF_MUST_CHECK;
/* A terminal gave a card out, on whatever record. */
enum cf_rc cf_value_card_out(struct cf_central *central, const struct cf_log *log, uint64_t record,
                             const struct cf_value_card *card, cf_currency currency,
                             struct cf_error *err) CF_MUST_CHECK;
/* Money was put on a card: it lies at the terminal until that gives it up. */
enum cf_rc cf_value_top_up(struct cf_central *central, const struct cf_log *log, uint64_t record,
                           const struct cf_sale_line *line, cf_currency currency, struct cf_error *err) CF_MUST_CHECK;
/* What was on a card was given back in cash. */
enum cf_rc cf_value_card_back(struct cf_central *central, const struct cf_log *log, uint64_t record,
                              const struct cf_card_back *card, cf_currency currency,
                              struct cf_error *err) CF_MUST_CHECK;
/* A home gives up. *ret_what: CF_E_RECORD if it does not hold that. */
enum cf_rc cf_value_release(struct cf_central *central, const struct cf_log *log,
                            const struct cf_value_release *release, enum cf_rc *ret_what, struct cf_error *why,
                            struct cf_error *err) CF_MUST_CHECK;
/* A return of the sale refunds to the accounts that paid: never more than each gave. Depends on which returns there
 * are, not on their order. */
enum cf_rc cf_value_refund(struct cf_central *central, uint64_t sale_id, uint64_t id, const struct cf_sale *sale,
                           const struct cf_return *back, struct cf_error *err) CF_MUST_CHECK;

/* A range of account numbers for the till, if its newest is half used: at its enrolment, after its records. */
enum cf_rc cf_value_range(struct cf_central *central, const struct cf_log *log, const cf_public_key *till_key,
                          struct cf_error *err) CF_MUST_CHECK;
/* Its grant, for the ring; false if there is none of this id. */
enum cf_rc cf_value_range_cose(struct cf_central *central, cf_kid grant_id, cf_bytes *ret, bool *ret_found,
                               struct cf_error *err) CF_MUST_CHECK;
/* Moves from the balance to the terminal alone, and tells it. CF_E_VALUE_SHORT. `keep`: as the entry says. */
enum cf_rc cf_value_home(struct cf_central *central, struct cf_value_account *account, const struct cf_log *log,
                         int64_t amount_minor, struct cf_error *err) CF_MUST_CHECK;
/* Asks the terminal to give up what it has not spent. */
/* Every till at which money of it lies hears that it is blocked, or not any more. */
enum cf_rc cf_value_tell_block(struct cf_central *central, const struct cf_value_account *account,
                               struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_value_recall(struct cf_central *central, const struct cf_value_account *account, const struct cf_log *log,
                           struct cf_error *err) CF_MUST_CHECK;

#endif
