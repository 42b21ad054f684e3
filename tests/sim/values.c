/*
 * tests/sim/values.c - see values.h.
 */
#include "tests/sim/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/actors.h"
#include "tests/sim/chance.h"
#include "tests/sim/check.h"

#define ON_PERCENT 60
#define ASKS_MAX 8

/* --- the books ---------------------------------------------------------------------------------------------------- */

/* Room for one more of `size` bytes. */
static void *grown(void *p, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return p;
    *cap = *cap ? 2 * *cap : 64;
    p = realloc(p, *cap * size);
    if (!p)
        abort();
    return p;
}

static struct value_account *account_of(struct world *world, uint32_t account)
{
    struct values *values = &world->values;
    for (size_t k = values->n; k-- > 0;)
        if (values->account[k].account == account)
            return &values->account[k];
    values->account = grown(values->account, values->n, &values->cap, sizeof *values->account);
    values->account[values->n] = (struct value_account){.account = account};
    return &values->account[values->n++];
}

static struct value_home *home_of(struct world *world, uint32_t account, uint32_t terminal, uint32_t epoch)
{
    struct values *values = &world->values;
    for (size_t k = values->n_homes; k-- > 0;)
        if (values->home[k].account == account && values->home[k].terminal == terminal &&
            values->home[k].epoch == epoch)
            return &values->home[k];
    values->home = grown(values->home, values->n_homes, &values->homes_cap, sizeof *values->home);
    values->home[values->n_homes] = (struct value_home){.account = account, .terminal = terminal, .epoch = epoch};
    return &values->home[values->n_homes++];
}

static int64_t left_at(const struct value_home *home)
{
    return home->granted_minor - home->spent_minor - home->released_minor;
}

void values_keep_code(struct world *world, uint32_t account, const char *text)
{
    struct value_account *of = account_of(world, account);
    (void)snprintf(of->text, sizeof of->text, "%s", text);
}

/* A card that somebody has the code of; NULL: nobody has one. */
static struct value_account *any_card(struct world *world)
{
    struct values *values = &world->values;
    if (values->n == 0)
        return NULL;
    struct value_account *any = &values->account[sim_chance(world, values->n)];
    return any->text[0] ? any : NULL;
}

/* --- the centre's side -------------------------------------------------------------------------------------------- */

void values_begin(struct world *world)
{
    char body[100];
    int status = 0;
    uint64_t chance = chance_split(world->seed, 4), before = world->chance;
    world->values.on = chance_next(&chance) % 100 < ON_PERCENT;
    if (!world->values.on)
        return;
    world->chance = chance;
    (void)snprintf(body, sizeof body, "{\"cards_per_terminal\":%u,\"points\":10,\"minor\":%u}",
                   2 + (unsigned)sim_chance(world, 6), 90 + (unsigned)sim_chance(world, 20));
    json_decref(central_call(world, "PUT", "/v1/value-terms", body, &status));
    if (status != 200)
        sim_violation(world, "works", "value terms: %d", status);
    world->chance = before;
}

/* Until there is an answer, and now and then once more: the same request is the same deed. */
static json_t *ask(struct world *world, const char *path, const char *body, int *ret_status)
{
    json_t *json = NULL;
    *ret_status = 0;
    for (int n = 0; n < ASKS_MAX && (*ret_status == 0 || sim_percent(world, 15)); n++) {
        json_decref(json);
        json = shoppers_ask(world, "POST", path, body, ret_status);
    }
    if (*ret_status / 100 == 5)
        sim_violation(world, "refusals are of the business", "%s was answered %d", path, *ret_status);
    return json;
}

static void issue(struct world *world)
{
    char body[200];
    int status;
    int64_t amount_minor = 500 + (int64_t)sim_chance(world, 80) * 100;
    const char *kind = sim_percent(world, 30) ? "store_credit" : "gift_card";
    (void)snprintf(body, sizeof body,
                   "{\"amount_minor\":%lld,\"currency\":\"CNY\",\"kind\":\"%s\",\"request_id\":\"card-%llx\"}",
                   (long long)amount_minor, kind, (unsigned long long)sim_chance(world, UINT64_MAX));
    json_t *json = ask(world, "/v1/gift-cards", body, &status);
    sim_log(world, "a %s of %lld: %d", kind, (long long)amount_minor, status);
    if (status == 201) {
        uint32_t account = (uint32_t)json_integer_value(json_object_get(json, "account"));
        values_keep_code(world, account, json_string_value(json_object_get(json, "code")));
        account_of(world, account)->issued_minor += amount_minor;
    }
    json_decref(json);
}

static void bring_home(struct world *world, const struct value_account *card)
{
    char path[80], body[200];
    int status;
    const struct node *node = &world->node[sim_chance(world, world->scale.tills)];
    int64_t amount_minor = 100 + (int64_t)sim_chance(world, 30) * 100;
    (void)snprintf(path, sizeof path, "/v1/gift-cards/%u/home", card->account);
    (void)snprintf(body, sizeof body, "{\"terminal\":%u,\"amount_minor\":%lld,\"request_id\":\"home-%llx\"}",
                   node->terminal, (long long)amount_minor, (unsigned long long)sim_chance(world, UINT64_MAX));
    json_decref(ask(world, path, body, &status));
    sim_log(world, "%lld of card %u are to lie at till %u: %d", (long long)amount_minor, card->account, node->number,
            status);
    if (status == 200)
        home_of(world, card->account, node->terminal, node->epoch)->granted_minor += amount_minor;
}

static void recall(struct world *world, const struct value_account *card)
{
    char path[80], body[60];
    int status = 0;
    const struct node *node = &world->node[sim_chance(world, world->scale.tills)];
    (void)snprintf(path, sizeof path, "/v1/gift-cards/%u/recall", card->account);
    (void)snprintf(body, sizeof body, "{\"terminal\":%u}", node->terminal);
    json_decref(ask(world, path, body, &status));
    sim_log(world, "till %u is to give up card %u: %d", node->number, card->account, status);
}

static void spent(struct world *world, struct value_account *card, int64_t amount_minor, const char *where)
{
    card->spent_minor += amount_minor;
    world->count.values++;
    if (card->spent_minor > card->issued_minor + card->allowance_minor && !world->values.loose)
        sim_violation(world, "12: spent <= what was put on the card",
                      "card %u: %lld spent (%s) of %lld, and copies may add %lld", card->account,
                      (long long)card->spent_minor, where, (long long)card->issued_minor,
                      (long long)card->allowance_minor);
}

static void spend_online(struct world *world, const struct value_account *card)
{
    char body[CF_CODE_TEXT_MAX + 200];
    int status;
    uint32_t account = card->account;
    int64_t amount_minor = 100 + (int64_t)sim_chance(world, 40) * 100;
    (void)snprintf(body, sizeof body,
                   "{\"code\":\"%s\",\"amount_minor\":%lld,\"currency\":\"CNY\",\"order\":\"W\","
                   "\"request_id\":\"spend-%llx\"}",
                   card->text, (long long)amount_minor, (unsigned long long)sim_chance(world, UINT64_MAX));
    json_decref(ask(world, "/v1/gift-cards/spend", body, &status));
    sim_log(world, "card %u pays %lld online: %d", account, (long long)amount_minor, status);
    if (status == 200)
        spent(world, account_of(world, account), amount_minor, "online");
}

static void block(struct world *world, const struct value_account *card)
{
    char path[80];
    int status = 0;
    bool blocked = sim_percent(world, 40);
    (void)snprintf(path, sizeof path, "/v1/gift-cards/%u/block", card->account);
    world->n_blocked += blocked ? 1u : 0u; /* a till that has not heard pays what lies there, and the centre says so */
    json_decref(ask(world, path, blocked ? "{\"blocked\":true}" : "{\"blocked\":false}", &status));
    sim_log(world, "card %u is %s: %d", card->account, blocked ? "blocked" : "good again", status);
}

void values_happen(struct world *world)
{
    const struct value_account *card = world->values.on ? any_card(world) : NULL;
    uint64_t x = sim_chance(world, 100);
    if (!world->values.on)
        return;
    if (!card || x < 35)
        issue(world);
    else if (x < 60)
        bring_home(world, card);
    else if (x < 72)
        recall(world, card);
    else if (x < 95)
        spend_online(world, card);
    else
        block(world, card);
}

/* --- at a till ---------------------------------------------------------------------------------------------------- */

void values_pay(struct node *node, struct cf_till_sold *ret)
{
    struct world *world = node->world;
    struct cf_till_view view;
    struct cf_error err = {.rc = CF_OK};
    char text[CF_CODE_TEXT_MAX];
    struct cf_till_value what = {.amount_minor = sim_percent(world, 40) ? 100 : 0};
    const struct value_account *card = any_card(world);
    cf_till_view(node->till, &view);
    if (view.has_member && view.member_live && sim_percent(world, 50)) {
        what.kind = CF_TENDER_POINTS;
        what.points = 1 + (int64_t)sim_chance(world, 100);
        card = NULL;
    } else if (!card) {
        return;
    } else {
        memcpy(text, card->text, sizeof text);
        what.code = cf_bytes_str(text);
    }
    uint32_t account = card ? card->account : 0;
    enum cf_rc rc = cf_till_value(node->till, &what, ret, NULL, &err);
    if (card)
        sim_log(world, "till %u is paid by card %u: %s", node->number, account, cf_rc_name(rc));
    else
        sim_log(world, "till %u is paid with points: %s", node->number, cf_rc_name(rc));
    if (rc != CF_OK && cf_rc_class(rc) != CF_CLASS_REFUSED)
        sim_violation(world, "refusals are of the business", "till %u: a card pays: %s: %s", node->number,
                      cf_rc_name(rc), err.detail);
}

void values_buy_card(struct node *node)
{
    struct world *world = node->world;
    struct cf_error err = {.rc = CF_OK};
    enum cf_rc rc = cf_till_sell_card(node->till, 500 + (int64_t)sim_chance(world, 30) * 100, NULL, &err);
    sim_log(world, "till %u sells a card: %s", node->number, cf_rc_name(rc));
    if (rc != CF_OK && cf_rc_class(rc) != CF_CLASS_REFUSED)
        sim_violation(world, "refusals are of the business", "till %u: selling a card: %s: %s", node->number,
                      cf_rc_name(rc), err.detail);
}

/* --- what committed records say ----------------------------------------------------------------------------------- */

static void saw_card(struct node *node, const struct cf_value_card *card)
{
    struct world *world = node->world;
    struct value_account *account = account_of(world, card->account);
    if (account->issued_minor > 0 && world->truth.copies == 0)
        sim_violation(world, "a card is given out once", "till %u gave out card %u again", node->number, card->account);
    account->issued_minor += card->amount_minor;
    if (card->homed)
        home_of(world, card->account, node->terminal, node->epoch)->granted_minor += card->amount_minor;
}

/* What the centre holds under a key is one sale's. */
static void saw_key(struct node *node, const uint8_t key[CF_VALUE_KEY_BYTES])
{
    struct world *world = node->world;
    struct values *values = &world->values;
    for (size_t k = 0; k < values->n_keys && world->truth.copies == 0; k++)
        if (memcmp(values->key[k], key, CF_VALUE_KEY_BYTES) == 0)
            sim_violation(world, "what is held is held for one sale", "till %u sold twice under one key", node->number);
    values->key = grown(values->key, values->n_keys, &values->keys_cap, sizeof *values->key);
    memcpy(values->key[values->n_keys++], key, CF_VALUE_KEY_BYTES);
}

static void saw_home(struct node *node, uint32_t account)
{
    const struct value_home *home = home_of(node->world, account, node->terminal, node->epoch);
    if (left_at(home) < 0 && !node->copied)
        sim_violation(node->world, "12: what lies at a till is spent once",
                      "till %u: card %u: %lld spent and %lld given up of %lld", node->number, account,
                      (long long)home->spent_minor, (long long)home->released_minor, (long long)home->granted_minor);
}

void values_saw_sale(struct node *node, const struct cf_sale *sale)
{
    struct world *world = node->world;
    for (size_t k = 0; k < sale->n_cards; k++)
        saw_card(node, &sale->cards[k].card);
    for (size_t k = 0; k < sale->tenders.n; k++) {
        const struct cf_tender *tender = &sale->tenders.tender[k];
        if (!cf_tender_is_value(tender->kind))
            continue;
        if (tender->value.source == CF_VALUE_CENTRE)
            saw_key(node, tender->value.key);
        if (tender->kind == CF_TENDER_POINTS) {
            truth_points(world, sale->member, -tender->value.points);
            continue;
        }
        if (tender->value.source == CF_VALUE_HOME) {
            home_of(world, tender->value.account, node->terminal, node->epoch)->spent_minor += tender->amount_minor;
            saw_home(node, tender->value.account);
        }
        spent(world, account_of(world, tender->value.account), tender->amount_minor,
              tender->value.source == CF_VALUE_HOME ? "of what lay at the till" : "by the centre's word");
    }
}

void values_saw_release(struct node *node, const struct cf_value_release *release)
{
    home_of(node->world, release->account, node->terminal, node->epoch)->released_minor += release->amount_minor;
    saw_home(node, release->account);
}

/* The part of the points that had paid, as docs/value.md has it: rounded once of all that went back so far. */
static int64_t points_of(const struct cf_tender *tender, int64_t part_minor)
{
    int64_t share = 0;
    if (part_minor == tender->amount_minor)
        return tender->value.points;
    if (cf_muldiv_round(tender->value.points, part_minor, tender->amount_minor, &share, NULL) != CF_OK)
        abort();
    return share;
}

/* Never more than the tender took, however often and wherever goods come back. */
void values_saw_return(struct node *node, const struct cf_return *back, struct sold *sold, const struct cf_sale *of)
{
    struct world *world = node->world;
    for (size_t k = 0; k < back->n_tenders; k++) {
        const struct cf_return_tender *part = &back->tenders[k];
        if (!cf_tender_is_value(part->kind))
            continue;
        world->values.loose |= !sold;
        if (!sold || part->tender_no == 0 || part->tender_no > of->tenders.n)
            continue;
        const struct cf_tender *tender = &of->tenders.tender[part->tender_no - 1];
        int64_t *so_far = &sold->given_back_minor[part->tender_no - 1], before = *so_far;
        *so_far += part->amount_minor;
        *so_far = *so_far < tender->amount_minor ? *so_far : tender->amount_minor;
        if (tender->kind == CF_TENDER_POINTS)
            truth_points(world, of->member, points_of(tender, *so_far) - points_of(tender, before));
        else
            account_of(world, tender->value.account)->spent_minor -= *so_far - before;
    }
}

void values_allow_copy(const struct node *node)
{
    struct world *world = node->world;
    struct values *values = &world->values;
    for (size_t k = 0; k < values->n_homes; k++)
        if (values->home[k].terminal == node->terminal && values->home[k].epoch == node->epoch)
            account_of(world, values->home[k].account)->allowance_minor += left_at(&values->home[k]);
    for (size_t k = 0; k < values->n; k++)
        values->account[k].allowance_minor += check_held(node, values->account[k].account);
}

/* What lies where and what was spent, by the tills' records and by the centre's books. */
void values_check(struct world *world)
{
    struct values *values = &world->values;
    bool all_told = world->truth.copies == 0 && world->count.restores == 0 && world->count.enrolled == 0;
    for (size_t k = 0; k < values->n && all_told && !values->loose && !world->failed; k++) {
        const struct value_account *card = &values->account[k];
        int64_t homed_minor = 0;
        for (size_t i = 0; i < values->n_homes; i++)
            if (values->home[i].account == card->account)
                homed_minor += left_at(&values->home[i]);
        check_account(world, card->account, card->issued_minor, card->spent_minor, homed_minor);
    }
}
