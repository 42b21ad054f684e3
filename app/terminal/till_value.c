/*
 * app/terminal/till_value.c - money on accounts of ours at a till: gift cards and store credit, points; cards that are
 * sold.
 *
 * Three places can say yes. What lies at this terminal alone it spends without asking, and nobody else can. For the
 * rest the centre holds the money under a key that is on the disk before it is asked: the tender that follows carries
 * the key, the sale's record settles it, and a record undoes it if the sale does not come to pass or the answer is
 * missing. So a till never guesses what is left on a card.
 */
#include "app/terminal/till_internal.h"

#include <stdio.h>
#include <string.h>

#include "app/store/replica.h"
#include "base/plant.h"
#include "sync/wire/value.h"

#define DAY_S INT64_C(86400)
#define CARD_VALID_DAYS 365
#define RELEASES_AT_ONCE 16

/* One payment, from the card to the tenders. */
struct paying {
    struct cf_till *till;
    const struct cf_till_value *what;
    enum cf_tender_kind kind;
    struct cf_code code; /* not of POINTS */
    bool up_to;
    int64_t amount_minor;            /* that is wanted */
    int64_t home_minor;              /* of it, from what lies here */
    int64_t home_left;               /* here, beside it */
    uint8_t key[CF_VALUE_KEY_BYTES]; /* of the ask */
    struct cf_value_reply reply;     /* amount_minor 0: nothing was asked, or is held */
};

/* --- what lies here alone ----------------------------------------------------------------------------------------- */

/* None of these overflows: what was spent was there before, or a damaged replica says less. */
static int64_t unspent(const struct cf_home_value *home, const struct cf_value_used *used)
{
    return home->granted_minor + used->issued_minor - (CF_PLANTED(home_spent_again) ? 0 : used->spent_minor) -
           used->released_minor;
}

/* What this terminal may still spend of the account without asking. */
static enum cf_rc home_left(struct cf_till *till, uint32_t account, int64_t *ret, struct cf_error *err)
{
    struct cf_home_value home;
    struct cf_value_used used;
    enum cf_rc rc = cf_replica_home_value(till->replica, account, till->epoch, &home, err);
    if (rc == CF_OK)
        rc = cf_journal_value_used(till->journal, account, &used, err);
    if (rc != CF_OK)
        return rc;
    int64_t left = unspent(&home, &used);
    for (size_t i = 0; i < till->sale.tenders.n; i++) {
        const struct cf_tender *tender = &till->sale.tenders.tender[i];
        if (tender->value.source == CF_VALUE_HOME && tender->value.account == account)
            left -= tender->amount_minor;
    }
    *ret = left > 0 && !till_is_quarantined(till) ? left : 0;
    return CF_OK;
}

enum cf_rc till_check_values(struct cf_till *till, struct cf_error *err)
{
    for (size_t i = 0; i < till->sale.tenders.n; i++) {
        const struct cf_tender *tender = &till->sale.tenders.tender[i];
        struct cf_home_value home;
        struct cf_value_used used;
        int64_t taken = 0;
        /* Whoever was put back to an older state may have sold for this already, also by the centre's word. */
        if (cf_tender_is_value(tender->kind) && till_is_quarantined(till) && !CF_PLANTED(restored_card_pays))
            return cf_fail(err, CF_E_QUARANTINED, "%s", cf_quarantine_text(cf_till_quarantine(till)));
        if (tender->value.source != CF_VALUE_HOME)
            continue;
        enum cf_rc rc = cf_replica_home_value(till->replica, tender->value.account, till->epoch, &home, err);
        if (rc == CF_OK)
            rc = cf_journal_value_used(till->journal, tender->value.account, &used, err);
        if (rc != CF_OK)
            return rc;
        for (size_t k = 0; k < till->sale.tenders.n; k++)
            if (till->sale.tenders.tender[k].value.source == CF_VALUE_HOME &&
                till->sale.tenders.tender[k].value.account == tender->value.account)
                taken += till->sale.tenders.tender[k].amount_minor;
        if (taken > unspent(&home, &used))
            return cf_fail(err, CF_E_VALUE_SHORT, "what lay here of the card is gone meanwhile");
    }
    return CF_OK;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static bool may_ask(struct cf_till *till)
{
    return till->ask_online && cf_env_mono(till->env).us >= till->ask_again_at.us && till_may_doubt(till);
}

static bool was_sent(enum cf_rc rc)
{
    return rc != CF_E_LINK_DOWN && rc != CF_E_TLS && rc != CF_E_CERTIFICATE; /* base/env.h */
}

static enum cf_rc exchange(struct cf_till *till, const struct cf_value_ask *ask, struct cf_value_reply *ret,
                           struct cf_error *err)
{
    struct cf_buf request CF_CLEANUP(cf_buf_done), reply CF_CLEANUP(cf_buf_done);
    cf_buf_init(&request, CF_VALUE_ASK_BYTES_MAX);
    cf_buf_init(&reply, CF_VALUE_ASK_BYTES_MAX);
    int status = 0;
    enum cf_rc rc = cf_value_ask_encode(ask, &request, err);
    if (rc != CF_OK)
        return rc;
    struct cf_net_request post = {
        .method = "POST", .path = CF_PATH_VALUE, .content_type = "application/cbor", .body = cf_buf_bytes(&request)};
    rc = till->env->ops->net_exchange(till->env->ctx, &post, &status, &reply, err);
    if (rc != CF_OK)
        till->ask_again_at.us = cf_env_mono(till->env).us + TILL_ASK_PAUSE_S * CF_US_PER_S;
    else if (status != 200)
        rc = cf_fail(err, CF_E_SERVER, "the centre answered with status %d", status);
    return rc == CF_OK ? cf_value_reply_decode(cf_buf_bytes(&reply), ret, err) : rc;
}

static struct cf_value_ask ask_of(const struct paying *p, enum cf_value_op op, int64_t amount_minor)
{
    const struct cf_till *till = p->till;
    struct cf_value_ask ask = {
        .terminal = till->terminal,
        .epoch = till->epoch,
        .op = op,
        .kind = p->kind,
        .card = p->kind == CF_TENDER_POINTS ? cf_bytes_of(NULL, 0) : cf_bytes_of(p->code.cose, p->code.cose_n),
        .has_member = till->sale.has_member && till->sale.member.live,
        .member = till->sale.member.sub,
        .currency = till->settings.currency,
        .amount_minor = amount_minor,
        .up_to = p->up_to,
        .points = p->kind == CF_TENDER_POINTS ? p->what->points : 0,
    };
    memcpy(ask.key, p->key, sizeof ask.key);
    return ask;
}

static enum cf_rc note_key(struct cf_till *till, const uint8_t key[CF_VALUE_KEY_BYTES], enum cf_tender_kind kind,
                           bool open, struct cf_error *err)
{
    struct cf_step step = {.kind = CF_STEP_VALUE};
    memcpy(step.value.key, key, sizeof step.value.key);
    step.value.kind = kind;
    step.value.open = open;
    return open ? till_take_durably(till, &step, err) : till_take(till, &step, err);
}

/* Says at once what the record says with the next upload; whether it is heard changes nothing. */
static void release_now(struct cf_till *till, const uint8_t key[CF_VALUE_KEY_BYTES], enum cf_tender_kind kind)
{
    struct cf_value_reply reply;
    struct cf_value_ask ask = {.terminal = till->terminal,
                               .epoch = till->epoch,
                               .op = CF_VALUE_RELEASE,
                               .kind = kind,
                               .currency = till->settings.currency};
    memcpy(ask.key, key, sizeof ask.key);
    if (may_ask(till))
        (void)!exchange(till, &ask, &reply, NULL);
}

enum cf_rc till_settle_values(struct cf_till *till, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    while (rc == CF_OK && till->sale.n_owed > 0) {
        const struct cf_owed_value owed = till->sale.owed[0];
        struct cf_void_request request = {.campaign = 0, .index = (uint32_t)owed.kind};
        memcpy(request.request_key, owed.key, sizeof request.request_key);
        if (!CF_PLANTED(held_for_ever))
            rc = till_void_request(till, &request, err);
        if (rc == CF_OK && !CF_PLANTED(held_for_ever))
            release_now(till, owed.key, owed.kind);
        if (rc == CF_OK)
            rc = note_key(till, owed.key, owed.kind, false, err);
    }
    return rc;
}

/* CF_OK: the centre holds p->reply.amount_minor for this sale. CF_E_LINK_DOWN: nobody was asked. Anything else: nothing
 * is held, or a record says that it is to be undone. */
static enum cf_rc ask_centre(struct paying *p, int64_t amount_minor, struct cf_error *err)
{
    struct cf_till *till = p->till;
    struct cf_value_reply reply = {.rc = CF_OK};
    enum cf_rc rc = till_settle_values(till, err);
    if (rc == CF_OK && !may_ask(till))
        return CF_E_LINK_DOWN;
    cf_env_random(till->env, p->key, sizeof p->key);
    if (rc == CF_OK)
        rc = note_key(till, p->key, p->kind, true, err);
    if (rc != CF_OK)
        return rc;
    const struct cf_value_ask ask = ask_of(p, CF_VALUE_TAKE, amount_minor);
    rc = exchange(till, &ask, &reply, err);
    if (rc == CF_OK && reply.rc == CF_OK && reply.amount_minor >= 1 && reply.amount_minor <= amount_minor) {
        p->reply = reply;
        return CF_OK;
    }
    if ((rc == CF_OK && reply.rc != CF_OK) || !was_sent(rc)) {
        enum cf_rc noted = note_key(till, p->key, p->kind, false, err);
        if (noted != CF_OK)
            return noted;
        return rc == CF_OK ? cf_fail(err, reply.rc, "the centre refused it") : CF_E_LINK_DOWN;
    }
    rc = till_settle_values(till, err);
    return rc == CF_OK ? cf_fail(err, CF_E_VALUE_OFFLINE,
                                 "the centre did not answer: what it may have taken goes back with the next sync")
                       : rc;
}

/* --- paying ------------------------------------------------------------------------------------------------------- */

static enum cf_rc read_card(struct paying *p, struct cf_error *err)
{
    struct cf_clock_reading clock = cf_till_clock(p->till);
    enum cf_rc rc = cf_code_decode_text(p->what->code, &p->code, err);
    if (rc == CF_OK && p->code.kind != CF_CODE_VALUE)
        rc = cf_fail(err, CF_E_CODE_PREFIX, "a gift card is expected, this is %s", cf_code_prefix(p->code.kind));
    if (rc == CF_OK && p->what->kind != 0 && p->what->kind != (enum cf_tender_kind)p->code.value.kind)
        rc = cf_fail(err, CF_E_ARGUMENT, "this card is %s",
                     cf_tender_kind_name((enum cf_tender_kind)p->code.value.kind));
    if (rc == CF_OK)
        rc = cf_keyring_verify(p->till->keyring, &p->code, cf_wall_s(clock.best), err);
    if (rc == CF_OK && cf_wall_s(clock.now.lo) > p->code.value.exp_s)
        rc = cf_fail(err, CF_E_VALUE_EXPIRED, "its day is over");
    bool blocked = false;
    if (rc == CF_OK)
        rc = cf_replica_value_blocked(p->till->replica, p->code.value.account, &blocked, err);
    if (rc == CF_OK && blocked)
        rc = cf_fail(err, CF_E_VALUE_BLOCKED, "the centre said so");
    if (rc == CF_OK)
        p->kind = (enum cf_tender_kind)p->code.value.kind;
    return rc;
}

static enum cf_rc read_member(struct paying *p, struct cf_error *err)
{
    const struct cf_open_sale *sale = &p->till->sale;
    p->kind = CF_TENDER_POINTS;
    if (!sale->has_member)
        return cf_fail(err, CF_E_MEMBER_REQUIRED, "whose points?");
    if (!sale->member.live)
        return cf_fail(err, CF_E_MEMBER_STATIC, "a printed card does not spend");
    return p->what->points > 0 ? CF_OK : cf_fail(err, CF_E_TENDER_ZERO, "%lld points", (long long)p->what->points);
}

/* May it be paid so now, and how much? */
static enum cf_rc check(struct paying *p, struct cf_error *err)
{
    struct cf_till *till = p->till;
    struct cf_till_view view;
    struct cf_checkout_facts facts = {.has_goods = cf_cart_live_count(till->sale.cart) > 0};
    enum cf_checkout_state next;
    if (till->training)
        return cf_fail(err, CF_E_TRAINING, "nothing of a shopper's is spent in training");
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_TENDER, &facts, &next, err);
    if (rc == CF_OK)
        rc = till_permit_tender(till, err);
    if (rc == CF_OK)
        rc = p->what->kind == CF_TENDER_POINTS ? read_member(p, err) : read_card(p, err);
    if (rc == CF_OK && till_is_quarantined(till))
        rc = cf_fail(err, CF_E_QUARANTINED, "%s", cf_quarantine_text(cf_till_quarantine(till)));
    if (rc == CF_OK)
        rc = till_check_before_money(till, err);
    if (rc == CF_OK && till->sale.state == CF_CHECKOUT_SELLING) /* what is due may depend on how it is paid */
        rc = cf_till_announce(till, p->kind, err);
    else if (rc == CF_OK)
        rc = cf_open_sale_check_kind(&till->sale, (uint32_t)p->kind, err);
    if (rc != CF_OK)
        return rc;
    cf_till_view(till, &view);
    p->up_to = p->what->amount_minor == 0;
    p->amount_minor = p->up_to ? view.due_minor : p->what->amount_minor;
    if (cf_open_payments_misfit(&till->sale.payments))
        return cf_fail(err, CF_E_PAYMENT_PRICE, "a payment does not fit the price");
    if (p->amount_minor <= 0)
        return cf_fail(err, CF_E_TENDER_ZERO, "a payment of %lld", (long long)p->amount_minor);
    if (p->amount_minor > view.due_minor)
        return cf_fail(err, CF_E_TENDER_OVER, "%lld where %lld is due", (long long)p->amount_minor,
                       (long long)view.due_minor);
    if (till->sale.tenders.n + 2 > CF_TENDERS_MAX)
        return cf_fail(err, CF_E_LIMIT, "a sale has at most %d tenders", CF_TENDERS_MAX);
    return CF_OK;
}

/* How much of it lies here, and who is asked for the rest. No record takes more at once than a card can be sold with.
 */
static enum cf_rc gather(struct paying *p, struct cf_error *err)
{
    int64_t left = 0;
    enum cf_rc rc = CF_OK;
    if (p->kind != CF_TENDER_POINTS && p->amount_minor > CF_VALUE_MINOR_MAX)
        p->amount_minor = CF_VALUE_MINOR_MAX;
    if (p->kind != CF_TENDER_POINTS)
        rc = home_left(p->till, p->code.value.account, &left, err);
    if (rc != CF_OK)
        return rc;
    p->home_minor = left < p->amount_minor ? left : p->amount_minor;
    p->home_left = left - p->home_minor;
    int64_t rest = p->amount_minor - p->home_minor;
    if (rest == 0)
        return CF_OK;
    rc = ask_centre(p, rest, err);
    bool here_will_do = p->up_to && p->home_minor > 0;
    if (rc == CF_E_LINK_DOWN)
        return here_will_do ? CF_OK
                            : cf_fail(err, CF_E_VALUE_OFFLINE, "%lld of it lie at this till", (long long)p->home_minor);
    return (rc == CF_E_VALUE_EMPTY || rc == CF_E_VALUE_UNKNOWN) && here_will_do ? CF_OK : rc;
}

static struct cf_step tender_step(const struct paying *p, enum cf_value_source source)
{
    const struct cf_till *till = p->till;
    bool centre = source == CF_VALUE_CENTRE;
    struct cf_step step = {.kind = CF_STEP_TENDER};
    step.tender.tender.kind = p->kind;
    step.tender.tender.amount_minor = centre ? p->reply.amount_minor : p->home_minor;
    step.tender.tender.value = (struct cf_tender_value){
        .source = source,
        .account = p->kind == CF_TENDER_POINTS ? 0 : p->code.value.account,
        .points = centre ? p->reply.points : 0,
        .left_minor = centre ? p->reply.left_minor + p->home_left : CF_VALUE_LEFT_UNKNOWN,
    };
    if (centre)
        memcpy(step.tender.tender.value.key, p->key, sizeof p->key);
    step.tender.cash = cf_store_rules_cash(&till->rules, till->settings.currency);
    step.tender.priced_at_ms =
        (till->sale.state == CF_CHECKOUT_SELLING ? cf_till_clock(p->till).best.us : till->sale.priced_at.us) /
        CF_US_PER_MS;
    return step;
}

/* What the centre holds is kept before the sale is committed: it stays on the sale if that fails. */
static enum cf_rc put_centre(struct paying *p, struct cf_till_sold *ret, struct cf_error *err)
{
    struct cf_till *till = p->till;
    const struct cf_step step = tender_step(p, CF_VALUE_CENTRE);
    enum cf_rc rc = till_take(till, &step, err);
    if (rc != CF_OK) {
        enum cf_rc back = till_settle_values(till, NULL); /* it is owed: now, or at the next start */
        return back == CF_OK || cf_rc_class(rc) != CF_CLASS_REFUSED ? rc : back;
    }
    return till->sale.state == CF_CHECKOUT_PAID ? till_commit(till, ret, err) : CF_OK;
}

static enum cf_rc put_home(struct paying *p, struct cf_till_sold *ret, struct cf_error *err)
{
    struct cf_till *till = p->till;
    const struct cf_step step = tender_step(p, CF_VALUE_HOME);
    enum cf_rc rc = till_try(till, &step, err);
    if (rc != CF_OK)
        return rc;
    return till->sale.state == CF_CHECKOUT_PAID ? till_commit(till, ret, err) : till_keep(till, &step, err);
}

enum cf_rc cf_till_value(struct cf_till *till, const struct cf_till_value *what, struct cf_till_sold *ret,
                         struct cf_till_valued *ret_valued, struct cf_error *err)
{
    struct paying p = {.till = till, .what = what};
    struct cf_till_sold sold = {.committed = false};
    enum cf_rc rc = check(&p, err);
    if (rc == CF_OK)
        rc = gather(&p, err);
    if (rc == CF_OK && p.reply.amount_minor > 0)
        rc = put_centre(&p, &sold, err);
    if (rc == CF_OK && p.home_minor > 0)
        rc = put_home(&p, &sold, err);
    if (rc != CF_OK)
        return rc;
    if (ret != NULL)
        *ret = sold;
    if (ret_valued != NULL)
        *ret_valued = (struct cf_till_valued){p.reply.amount_minor + p.home_minor,
                                              p.reply.amount_minor > 0 ? p.reply.left_minor + p.home_left
                                                                       : CF_VALUE_LEFT_UNKNOWN};
    return CF_OK;
}

enum cf_rc cf_till_value_left(struct cf_till *till, cf_bytes code, int64_t *ret_minor, struct cf_error *err)
{
    const struct cf_till_value what = {.code = code};
    struct paying p = {.till = till, .what = &what};
    struct cf_value_reply reply = {.rc = CF_OK};
    int64_t here = 0;
    enum cf_rc rc = read_card(&p, err);
    if (rc == CF_OK)
        rc = home_left(till, p.code.value.account, &here, err);
    if (rc == CF_OK && !may_ask(till))
        rc = cf_fail(err, CF_E_VALUE_OFFLINE, "%lld of it lie at this till", (long long)here);
    if (rc != CF_OK)
        return rc;
    const struct cf_value_ask ask = ask_of(&p, CF_VALUE_BALANCE, 0);
    rc = exchange(till, &ask, &reply, err);
    if (rc == CF_OK && reply.rc != CF_OK && !(reply.rc == CF_E_VALUE_UNKNOWN && here > 0))
        rc = cf_fail(err, reply.rc, "the centre says so");
    if (rc == CF_OK)
        *ret_minor = reply.left_minor + here;
    return rc == CF_E_LINK_DOWN ? cf_fail(err, CF_E_VALUE_OFFLINE, "%lld of it lie at this till", (long long)here) : rc;
}

/* --- cards that are given out ------------------------------------------------------------------------------------- */

/* The number after `more` others; CF_E_VALUE_RANGE if none is left. */
static enum cf_rc next_number(struct cf_till *till, size_t more, cf_wall now, struct cf_value_card *ret,
                              struct cf_error *err)
{
    const struct cf_grant *grant;
    cf_public_key own;
    cf_private_key_public(till->sign_key, &own);
    for (size_t k = 0; (grant = cf_keyring_grant_at(till->keyring, k)); k++) {
        uint32_t count = 0;
        if (grant->campaign != CF_GRANT_OF_ACCOUNTS || grant->till != till->terminal ||
            grant->exp_s <= cf_wall_s(now) || memcmp(own.point, grant->till_key.point, sizeof own.point) != 0)
            continue;
        enum cf_rc rc = cf_journal_issued(till->journal, grant->grant_id, &count, err);
        if (rc != CF_OK)
            return rc;
        uint64_t there = (uint64_t)grant->last - grant->first + 1, used = count;
        if (used + more >= there) {
            more -= (size_t)(there - used); /* the others took those */
            continue;
        }
        ret->grant_id = grant->grant_id;
        ret->account = grant->first + count + (uint32_t)more;
        ret->exp_s = grant->exp_s;
        return CF_OK;
    }
    return cf_fail(err, CF_E_VALUE_RANGE, "till %u", till->terminal);
}

static enum cf_rc may_give_out(const struct cf_till *till, struct cf_error *err)
{
    if (till->training)
        return cf_fail(err, CF_E_TRAINING, "no card is given out in training");
    if (till_is_quarantined(till))
        return cf_fail(err, CF_E_QUARANTINED, "%s", cf_quarantine_text(cf_till_quarantine(till)));
    return CF_OK;
}

enum cf_rc till_value_give_out(struct cf_till *till, enum cf_gift_kind kind, int64_t amount_minor, size_t more,
                               struct cf_value_card *ret, char ret_text[CF_CODE_TEXT_MAX], struct cf_error *err)
{
    struct cf_value_card card = {.kind = kind, .amount_minor = amount_minor, .homed = true};
    struct cf_code code;
    cf_wall now = cf_till_clock(till).best;
    enum cf_rc rc = may_give_out(till, err);
    if (rc == CF_OK)
        rc = next_number(till, more, now, &card, err);
    if (rc != CF_OK)
        return rc;
    int64_t exp_s = cf_wall_s(now) + CARD_VALID_DAYS * DAY_S;
    if (exp_s < card.exp_s)
        card.exp_s = exp_s;
    if (cf_value_card_check(&card, NULL) != CF_OK)
        return cf_fail(err, CF_E_VALUE_CARD, "%lld on one card", (long long)amount_minor);
    rc = cf_value_card_sign(&card, till->sign_key, &code, err);
    if (rc == CF_OK)
        rc = cf_code_text(&code, ret_text, err);
    if (rc == CF_OK)
        *ret = card;
    return rc;
}

void till_value_caption(const struct cf_value_card *card, cf_currency currency, char ret[CF_NAME_MAX + 1])
{
    char mask[CF_VALUE_MASK_MAX], amount[CF_MONEY_TEXT_MAX];
    cf_value_mask(card->account, mask);
    cf_money_format_signed((cf_money){card->amount_minor, currency}, amount);
    (void)snprintf(ret, CF_NAME_MAX + 1, "%s %s %s",
                   card->kind == CF_GIFT_CREDIT ? "Store credit 储值" : "Gift card 礼品卡", mask, amount);
}

static size_t cards_on_sale(const struct cf_till *till)
{
    size_t n = 0;
    for (size_t i = 0; i < cf_cart_count(till->sale.cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(till->sale.cart, i);
        n += !line->voided && line->product == CF_PRODUCT_GIFT_CARD && line->extra.account == 0 ? 1 : 0;
    }
    return n;
}

enum cf_rc cf_till_sell_card(struct cf_till *till, int64_t amount_minor, uint32_t *ret_line_no, struct cf_error *err)
{
    struct cf_step step = {.kind = CF_STEP_LINE};
    struct cf_value_card card;
    size_t more = cards_on_sale(till);
    enum cf_rc rc = may_give_out(till, err);
    if (rc == CF_OK)
        rc = till_permit(till, CF_ACT_SELL, NULL, err);
    if (rc == CF_OK && till->sale.state == CF_CHECKOUT_IDLE)
        rc = till_refresh(till, err);
    if (rc == CF_OK && (amount_minor < 1 || amount_minor > CF_VALUE_MINOR_MAX))
        rc = cf_fail(err, CF_E_VALUE_CARD, "%lld on one card", (long long)amount_minor);
    if (rc == CF_OK && more == CF_SALE_CARDS_MAX)
        rc = cf_fail(err, CF_E_LIMIT, "a sale has at most %d gift cards", CF_SALE_CARDS_MAX);
    if (rc == CF_OK)
        rc = next_number(till, more, cf_till_clock(till).best, &card, err);
    if (rc != CF_OK)
        return rc;
    step.line = (struct cf_cart_line){.product = CF_PRODUCT_GIFT_CARD,
                                      .name = "Gift card 礼品卡",
                                      .qty_milli = 1000,
                                      .unit_price_minor = amount_minor,
                                      .delivery = true, /* no goods: no promotion reaches it */
                                      .floor_minor = amount_minor,
                                      .extra = {.origin = CF_PRICE_ENTERED}};
    rc = till_take(till, &step, err);
    if (rc == CF_OK && ret_line_no != NULL)
        *ret_line_no = cf_open_sale_last_line(&till->sale);
    return rc;
}

/* --- money put on a card that there is, and given back of it -------------------------------------------------------
 */

/* What the open sale puts on it already. */
static int64_t topped_up_here(const struct cf_till *till, uint32_t account)
{
    int64_t sum = 0; /* no line puts on more than one card holds */
    for (size_t i = 0; i < cf_cart_count(till->sale.cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(till->sale.cart, i);
        sum += !line->voided && line->extra.account == account ? line->unit_price_minor : 0;
    }
    return sum;
}

/* Is there such a card, and how much may it take? With a link the centre says; without one that is known of a card of
 * which money lies here, or lay: in this currency. What its code says of its end is enough. */
static enum cf_rc may_top_up(struct paying *p, int64_t amount_minor, struct cf_error *err)
{
    struct cf_till *till = p->till;
    struct cf_value_reply reply = {.rc = CF_OK};
    struct cf_home_value home;
    struct cf_value_used used;
    const struct cf_value_ask ask = ask_of(p, CF_VALUE_BALANCE, 0);
    int64_t here = 0;
    enum cf_rc rc = cf_replica_home_value(till->replica, p->code.value.account, till->epoch, &home, err);
    if (rc == CF_OK)
        rc = cf_journal_value_used(till->journal, p->code.value.account, &used, err);
    if (rc == CF_OK)
        rc = home_left(till, p->code.value.account, &here, err);
    if (rc != CF_OK)
        return rc;
    bool known = home.granted_minor > 0 || used.issued_minor > 0;
    rc = may_ask(till) ? exchange(till, &ask, &reply, err) : CF_E_LINK_DOWN;
    if (rc != CF_OK && !known)
        return cf_fail(err, CF_E_VALUE_OFFLINE, "nothing of it lies at this till");
    if (rc == CF_OK && reply.rc != CF_OK && !(reply.rc == CF_E_VALUE_UNKNOWN && known)) /* not told of it yet */
        return cf_fail(err, reply.rc, "the centre says so");
    int64_t left = here + topped_up_here(till, p->code.value.account) + (rc == CF_OK ? reply.left_minor : 0);
    return amount_minor >= 1 && left <= CF_VALUE_MINOR_MAX - amount_minor
               ? CF_OK
               : cf_fail(err, CF_E_VALUE_CARD, "%lld more on a card with %lld", (long long)amount_minor,
                         (long long)left);
}

enum cf_rc cf_till_top_up(struct cf_till *till, cf_bytes code, int64_t amount_minor, uint32_t *ret_line_no,
                          struct cf_error *err)
{
    const struct cf_till_value what = {.code = code};
    struct paying p = {.till = till, .what = &what};
    struct cf_step step = {.kind = CF_STEP_LINE};
    char mask[CF_VALUE_MASK_MAX];
    enum cf_rc rc = may_give_out(till, err);
    if (rc == CF_OK)
        rc = till_permit(till, CF_ACT_SELL, NULL, err);
    if (rc == CF_OK && till->sale.state == CF_CHECKOUT_IDLE)
        rc = till_refresh(till, err);
    if (rc == CF_OK)
        rc = read_card(&p, err);
    if (rc == CF_OK)
        rc = may_top_up(&p, amount_minor, err);
    if (rc != CF_OK)
        return rc;
    step.line = (struct cf_cart_line){.product = CF_PRODUCT_GIFT_CARD,
                                      .qty_milli = 1000,
                                      .unit_price_minor = amount_minor,
                                      .delivery = true, /* as a card that is sold */
                                      .floor_minor = amount_minor,
                                      .extra = {.origin = CF_PRICE_ENTERED, .account = p.code.value.account}};
    cf_value_mask(p.code.value.account, mask);
    (void)snprintf(step.line.name, sizeof step.line.name, "Top-up 充值 %s", mask);
    rc = till_take(till, &step, err);
    if (rc == CF_OK && ret_line_no != NULL)
        *ret_line_no = cf_open_sale_last_line(&till->sale);
    return rc;
}

enum cf_rc till_value_take_all(struct cf_till *till, cf_bytes code, struct cf_card_back *ret, struct cf_error *err)
{
    const struct cf_till_value what = {.code = code};
    struct paying p = {.till = till, .what = &what, .up_to = true, .amount_minor = CF_VALUE_MINOR_MAX};
    enum cf_rc rc = may_give_out(till, err);
    if (rc == CF_OK)
        rc = till_settle_ask(till, err); /* the commit forgets what was asked before */
    if (rc == CF_OK)
        rc = till_settle_values(till, err);
    if (rc == CF_OK)
        rc = read_card(&p, err);
    if (rc == CF_OK)
        rc = gather(&p, err);
    if (rc == CF_OK && p.home_minor + p.reply.amount_minor == 0)
        rc = cf_fail(err, CF_E_VALUE_EMPTY, "nothing is left on it");
    if (rc != CF_OK)
        return rc;
    *ret = (struct cf_card_back){.kind = p.code.value.kind,
                                 .account = p.code.value.account,
                                 .home_minor = p.home_minor,
                                 .held_minor = p.reply.amount_minor};
    if (ret->held_minor > 0)
        memcpy(ret->key, p.key, sizeof ret->key);
    return CF_OK;
}

/* --- giving up ---------------------------------------------------------------------------------------------------- */

struct releases {
    struct cf_till *till;
    size_t n;
    struct cf_value_release at[RELEASES_AT_ONCE];
};

static void note_release(struct releases *releases, uint32_t account, int64_t amount_minor)
{
    for (size_t i = 0; i < releases->n; i++)
        if (releases->at[i].account == account)
            return;
    if (amount_minor > 0 && releases->n < RELEASES_AT_ONCE)
        releases->at[releases->n++] = (struct cf_value_release){account, amount_minor};
}

/* What is beyond what it is to keep: of what the centre sent down as that says, of a card that it gave out itself all
 * of it until the centre has the record. */
static int64_t beyond(const struct cf_till *till, const struct cf_home_value *home, const struct cf_value_used *used)
{
    int64_t left = unspent(home, used);
    int64_t keep = home->keep_minor < home->granted_minor ? home->keep_minor : home->granted_minor;
    if (used->seq > till->sync.acknowledged_seq)
        keep += used->issued_minor;
    return left - keep;
}

static enum cf_rc look_at_own(void *ctx, const struct cf_value_used *used, struct cf_error *err)
{
    struct releases *releases = ctx;
    struct cf_home_value home;
    enum cf_rc rc = cf_replica_home_value(releases->till->replica, used->account, releases->till->epoch, &home, err);
    if (rc == CF_OK)
        note_release(releases, used->account, beyond(releases->till, &home, used));
    return rc;
}

static enum cf_rc look_at_home(void *ctx, const struct cf_home_value *home, struct cf_error *err)
{
    struct releases *releases = ctx;
    struct cf_value_used used;
    enum cf_rc rc = cf_journal_value_used(releases->till->journal, home->account, &used, err);
    if (rc == CF_OK && (home->keep_minor < home->granted_minor || used.issued_minor > 0)) /* topped up here */
        note_release(releases, home->account, beyond(releases->till, home, &used));
    return rc;
}

static enum cf_rc release(struct cf_till *till, const struct cf_value_release *what, struct cf_error *err)
{
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    struct cf_committed at;
    cf_buf_clear(&till->scratch);
    enum cf_rc rc = cf_value_release_encode(what, &till->scratch, err);
    if (rc == CF_OK)
        rc = cf_journal_append(till->journal, CF_RECORD_VALUE, cf_buf_bytes(&till->scratch), false, &stamp, &at, err);
    if (rc == CF_OK)
        till_note_time(till, at.wall, stamp.time_quality);
    return rc;
}

enum cf_rc till_release_values(struct cf_till *till, struct cf_error *err)
{
    if (!till->look_at_values || till->training || till_is_quarantined(till))
        return CF_OK;
    struct releases releases = {.till = till};
    enum cf_rc rc = cf_journal_values_held(till->journal, look_at_own, &releases, err);
    if (rc == CF_OK)
        rc = cf_replica_home_values(till->replica, till->epoch, look_at_home, &releases, err);
    for (size_t i = 0; rc == CF_OK && i < releases.n; i++)
        rc = release(till, &releases.at[i], err);
    if (rc == CF_OK)
        till->look_at_values = releases.n == RELEASES_AT_ONCE; /* else: with the next news */
    return rc;
}
