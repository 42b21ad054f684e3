/*
 * app/terminal/till_member.c - from a member's card or phone to what promotions may ask about its member.
 *
 * How often somebody bought before is known where somebody says so: the centre, when it is asked; or the card in a
 * phone, as of a day. A printed card says nothing of it: it claims what was so when it was printed, for as long as the
 * paper lasts. To what was said the till adds what it sold since by its own book. Where it cannot tell whether the
 * source had heard of a sale of its own, or nobody said anything, it is not known, and what is not known is not given.
 */
#include "app/terminal/till_internal.h"

#include <string.h>

#include "sync/wire/member_ask.h"

#define DAY_S 86400
#define DAY_MS (INT64_C(1000) * DAY_S)
#define CLAIMS_FRESH_DAYS 1
#define ASKS_VISITS ((unsigned)CF_FACT_VISITS | (unsigned)CF_FACT_FIRST)

/* --- the code ----------------------------------------------------------------------------------------------------- */

static enum cf_rc judge_card(const struct cf_code *code, const struct cf_clock_reading *clock,
                             struct cf_step_member *ret, struct cf_error *err)
{
    *ret = (struct cf_step_member){.sub = code->card.sub, .tier = code->card.tier};
    return cf_card_judge(&code->card, clock->now, err);
}

static enum cf_rc judge_live(struct cf_till *till, const struct cf_code *code, const struct cf_clock_reading *clock,
                             struct cf_step_member *ret, struct cf_error *err)
{
    const struct cf_member_code *member = &code->member;
    /* A code that lives for a minute says nothing to a clock that may be a month off. */
    if (clock->quality == CF_TIME_UNKNOWN)
        return cf_fail(err, CF_E_CLOCK_DOUBT, "a live member code needs a clock that was set since it was in doubt");
    struct cf_member_facts facts = {.now = clock->now, .till = till->terminal};
    enum cf_rc rc =
        cf_journal_member_counter(till->journal, member->card.sub, &facts.has_last_counter, &facts.last_counter, err);
    if (rc != CF_OK)
        return rc;
    *ret = (struct cf_step_member){
        .live = true, .sub = member->card.sub, .counter = member->counter, .tier = member->card.tier};
    return cf_member_code_judge(member, &facts, err);
}

/* --- who says how often they bought ------------------------------------------------------------------------------- */

/* Nobody is asked what no promotion asks for. */
static bool is_asked_for(const struct cf_till *till)
{
    for (size_t i = 0; i < till->n_campaigns; i++)
        if (!till->campaigns[i]->stopped && (cf_promotion_asks(&till->campaigns[i]->promotion) & ASKS_VISITS) != 0)
            return true;
    return false;
}

/* It takes nothing there: without an answer the till goes by what it has. */
static enum cf_rc ask_centre(struct cf_till *till, cf_sub sub, struct cf_member_reply *ret, struct cf_error *err)
{
    const struct cf_member_ask ask = {till->terminal, till->epoch, sub, true};
    struct cf_buf request CF_CLEANUP(cf_buf_done), reply CF_CLEANUP(cf_buf_done);
    int status = 0;
    cf_buf_init(&request, CF_MEMBER_ASK_BYTES_MAX);
    cf_buf_init(&reply, CF_MEMBER_REPLY_BYTES_MAX);
    enum cf_rc rc = cf_member_ask_encode(&ask, &request, err);
    if (rc != CF_OK)
        return rc;
    struct cf_net_request post = {
        .method = "POST", .path = CF_PATH_MEMBER, .content_type = "application/cbor", .body = cf_buf_bytes(&request)};
    rc = till->env->ops->net_exchange(till->env->ctx, &post, &status, &reply, err);
    if (rc != CF_OK)
        till->ask_again_at.us = cf_env_mono(till->env).us + TILL_ASK_PAUSE_S * CF_US_PER_S;
    else if (status != 200)
        rc = cf_fail(err, CF_E_SERVER, "the centre answered with status %d", status);
    return rc == CF_OK ? cf_member_reply_decode(cf_buf_bytes(&reply), ret, err) : rc;
}

static bool hear_centre(struct cf_till *till, struct cf_step_member *member)
{
    struct cf_member_reply reply;
    if (!till->ask_online || cf_env_mono(till->env).us < till->ask_again_at.us || !is_asked_for(till) ||
        ask_centre(till, member->sub, &reply, NULL) != CF_OK || reply.rc != CF_OK || !reply.knows_visits)
        return false;
    member->basis =
        (struct cf_visits_basis){.source = CF_VISITS_CENTRE, .as_of = reply.at_s, .heard_seq = reply.heard_seq};
    member->said = reply.purchases;
    return true;
}

static void hear_card(const struct cf_card *card, struct cf_step_member *member)
{
    if (!card->has_claims || !member->live)
        return;
    member->basis = (struct cf_visits_basis){.source = CF_VISITS_CARD, .as_of = card->claims.as_of_day};
    member->said = card->claims.purchases;
}

/* --- and what this till sold since -------------------------------------------------------------------------------- */

/* Of a card's day and the day after, by a clock that was set: a claim of before says too little of today. */
static bool is_fresh(struct cf_till *till, const struct cf_visits_basis *basis)
{
    struct cf_clock_reading clock = cf_till_clock(till);
    return basis->source == CF_VISITS_CENTRE ||
           (clock.quality != CF_TIME_UNKNOWN && cf_wall_s(clock.best) / DAY_S <= basis->as_of + CLAIMS_FRESH_DAYS);
}

/* What the source had heard of, and what it had not, as far as this till can tell. A hub may have told the centre more
 * than this till knows of. */
static enum cf_rc find_since(struct cf_till *till, const struct cf_visits_basis *basis, struct cf_journal_since *ret,
                             struct cf_error *err)
{
    if (basis->source != CF_VISITS_CARD) {
        *ret = (struct cf_journal_since){basis->heard_seq, basis->heard_seq, INT64_MAX};
        return CF_OK;
    }
    const bool direct = till->hub_entry.terminal == 0 || till->hub_entry.terminal == till->terminal;
    enum cf_rc rc = till_hear_sync(till, err);
    ret->sent_seq = direct ? till->sync.sent_seq : INT64_MAX;
    ret->after_ms = (basis->as_of + 1) * DAY_MS;
    return rc == CF_OK ? cf_replica_acknowledged_before(till->replica, till->epoch, basis->as_of, &ret->known_seq, err)
                       : rc;
}

/* Which visit is this, by whoever's word member->basis has? */
static enum cf_rc count_visits(struct cf_till *till, struct cf_step_member *member, struct cf_error *err)
{
    struct cf_journal_since since;
    struct cf_journal_purchases own;
    uint64_t counter = 0;
    bool was_here = false;
    member->visits = 0;
    member->first_purchase = false;
    member->basis.own = 0;
    enum cf_rc rc = find_since(till, &member->basis, &since, err);
    if (rc == CF_OK)
        rc = cf_journal_purchases(till->journal, member->sub, &since, &own, err);
    if (rc == CF_OK)
        rc = cf_journal_member_counter(till->journal, member->sub, &was_here, &counter, err);
    if (rc != CF_OK)
        return rc;
    bool told = member->basis.source != CF_VISITS_UNKNOWN && is_fresh(till, &member->basis);
    uint64_t visits = member->said + own.certain + 1;
    member->not_first = member->said > 0 || own.later > 0 || (!told && (own.n > 0 || was_here));
    if (!told || own.certain != own.later || visits > CF_VISITS_MAX)
        return CF_OK;
    member->basis.own = (uint32_t)own.certain;
    member->visits = (uint32_t)visits;
    member->first_purchase = visits == 1;
    return CF_OK;
}

/* --- the use cases ------------------------------------------------------------------------------------------------ */

enum cf_rc till_scan_member(struct cf_till *till, const struct cf_code *code, struct cf_error *err)
{
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_step step = {.kind = CF_STEP_MEMBER};
    const bool live = code->kind == CF_CODE_MEMBER;
    const struct cf_card *card = live ? &code->member.card : &code->card;
    enum cf_rc rc = cf_keyring_verify(till->keyring, code, cf_wall_s(clock.best), err);
    if (rc != CF_OK)
        return rc;
    rc = live ? judge_live(till, code, &clock, &step.member, err) : judge_card(code, &clock, &step.member, err);
    if (rc != CF_OK)
        return rc;
    if (card->has_claims) {
        step.member.birthday = card->claims.birthday;
        step.member.n_segments = card->claims.n_segments;
        memcpy(step.member.segments, card->claims.segments, sizeof step.member.segments);
    }
    if (!hear_centre(till, &step.member))
        hear_card(card, &step.member);
    rc = count_visits(till, &step.member, err);
    if (rc == CF_OK)
        rc = till_take(till, &step, err);
    return rc == CF_OK ? till_reprice(till, err) : rc;
}

enum cf_rc till_recount_visits(struct cf_till *till, struct cf_error *err)
{
    struct cf_step step = {.kind = CF_STEP_MEMBER, .member = till->sale.member};
    if (!till->sale.has_member)
        return CF_OK;
    enum cf_rc rc = count_visits(till, &step.member, err);
    bool same = step.member.visits == till->sale.member.visits &&
                step.member.first_purchase == till->sale.member.first_purchase &&
                step.member.not_first == till->sale.member.not_first;
    return rc == CF_OK && !same ? till_take(till, &step, err) : rc;
}
