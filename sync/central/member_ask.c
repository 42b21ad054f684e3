/*
 * sync/central/member_ask.c - a till asks who a member is, to show it for a moment: a masked name, points, and how many
 * coupons are good at that till today. See sync/wire/member_ask.h.
 *
 * Whoever knows the pseudonym has seen the member's card or phone: it is 8 random bytes, and nothing lists them to
 * tills.
 */
#include "sync/central/handlers.h"
#include "sync/central/members.h"
#include "sync/central/places.h"
#include "sync/wire/member_ask.h"

#include "base/text.h"

#include <string.h>

#define DAY_S INT64_C(86400)
#define MINUTE_S INT64_C(60)

struct asking {
    struct cf_central *central;
    uint32_t store;
    struct cf_member_reply *reply;
};

static bool takes_part(const struct asking *a, const struct cf_campaign *terms)
{
    int64_t now_us = cf_central_now(a->central).us;
    bool always = terms->from.us == 0 && terms->to.us == 0;
    return !terms->stopped && (terms->channels & CF_CHANNEL_STORE) != 0 && cf_campaign_has_store(terms, a->store) &&
           (always || (now_us >= terms->from.us && now_us < terms->to.us));
}

static enum cf_rc add_coupons(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    const struct asking *a = ctx;
    struct cf_member_reply *reply = a->reply;
    struct cf_account *account;
    enum cf_rc rc = cf_ledger_account(a->central, (uint32_t)row[0].i, &account, err);
    if (rc != CF_OK || !takes_part(a, &account->terms)) {
        return rc;
    }
    uint32_t n = row[1].i < UINT16_MAX ? (uint32_t)row[1].i : UINT16_MAX; /* of each of 64 at most */
    reply->usable += n;
    if (reply->n_coupons < CF_MEMBER_COUPONS_MAX) {
        struct cf_member_coupons *coupons = &reply->coupons[reply->n_coupons++];
        (void)cf_text_clean(cf_bytes_str(account->terms.name), coupons->name, sizeof coupons->name);
        coupons->n = n;
    }
    return CF_OK;
}

/* A coupon is good until its last day is over where it is used. */
static enum cf_rc day_begins(struct cf_central *central, uint32_t store, int64_t *ret_s, struct cf_error *err)
{
    struct cf_store_settings settings;
    enum cf_rc rc = cf_store_settings_get(central, store, &settings, err);
    if (rc == CF_OK) {
        int64_t offset_s = cf_store_offset_min(&settings, cf_central_now(central)) * MINUTE_S;
        int64_t now_s = cf_wall_s(cf_central_now(central));
        *ret_s = now_s - (now_s + offset_s) % DAY_S;
    }
    return rc;
}

/* How often they bought, of members who agreed that promotions may know. */
static enum cf_rc add_visits(struct cf_central *central, cf_sub sub, const struct cf_log_head *head,
                             struct cf_member_reply *reply, struct cf_error *err)
{
    struct cf_member_known member;
    enum cf_rc rc = cf_member_facts_get(central, sub, &member, err);
    if (rc != CF_OK) {
        return rc;
    }
    reply->has_visits = true;
    reply->knows_visits = member.agreed;
    reply->purchases = member.claims.purchases;
    reply->heard_seq = head->seq;
    reply->at_s = cf_wall_s(cf_central_now(central));
    return CF_OK;
}

static enum cf_rc answer(struct cf_central *central, const struct cf_member_ask *ask, struct cf_member_reply *reply,
                         struct cf_error *err)
{
    struct cf_log_head head;
    struct cf_member_seen seen;
    struct asking asking = {.central = central, .reply = reply};
    int64_t today_s = 0;
    enum cf_rc rc = cf_log_get(central, ask->terminal, ask->epoch, &head, err);
    if (rc == CF_OK && head.log.state != CF_LOG_ACTIVE) {
        rc = cf_fail(err, CF_E_FENCED, "terminal %lu, epoch %lu", (unsigned long)ask->terminal,
                     (unsigned long)ask->epoch);
    }
    if (rc == CF_OK) {
        rc = cf_member_see(central, ask->member, &seen, err);
    }
    if (rc == CF_OK) {
        asking.store = head.log.store;
        rc = day_begins(central, asking.store, &today_s, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    if (ask->visits) {
        rc = add_visits(central, ask->member, &head, reply, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    (void)cf_text_clean(cf_bytes_str(seen.masked), reply->shown, sizeof reply->shown);
    reply->tier = (uint8_t)seen.tier;
    reply->points = seen.points;
    return cf_store_each(central->store, CF_Q_MEMBER_USABLE,
                         CF_ARGS(cf_v_int(cf_sub_number(ask->member)), cf_v_int(today_s), cf_v_int(ask->terminal),
                                 cf_v_int(asking.store)),
                         add_coupons, &asking, err);
}

enum cf_rc cf_handle_till_member(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                 struct cf_error *err)
{
    struct cf_member_ask ask;
    struct cf_member_reply told = {.rc = CF_OK};
    if (cf_member_ask_decode(call->request->body, &ask, NULL) != CF_OK) {
        return cf_fail(err, CF_E_PROTOCOL, "the ask has not the shape of one");
    }
    if (ask.terminal != call->request->terminal || ask.epoch != call->request->epoch) {
        return cf_fail(err, CF_E_CERTIFICATE, "it is of another terminal or epoch");
    }
    enum cf_rc rc = answer(central, &ask, &told, err);
    cf_ledger_forget(central); /* read outside a transaction: nothing is dirty, and nothing is kept */
    if (rc == CF_E_FENCED || (rc != CF_OK && cf_rc_class(rc) == CF_CLASS_BROKEN)) {
        return rc;
    }
    told.rc = rc; /* nobody of that pseudonym is an answer */
    reply->content_type = "application/cbor";
    return cf_member_reply_encode(&told, reply->bytes, err);
}
