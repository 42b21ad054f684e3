/*
 * app/terminal/till_park.c - sales that are put aside: at this till, or at the store's hub for any till of the store.
 *
 * A sale is in one place. Before the hub hears of it, it is parked here with a note that the hub may have it (an
 * offer); once the hub said yes it is there and no longer here. Who takes it journals that it asks, asks, and has it in
 * its own journal before it says so. Whatever is cut short in between is asked about again, by the same key. Of a sale
 * at the hub only what any till can go on with is told: goods, member, changes, discounts by hand; coupons leave it
 * first, and with money on it a sale is not parked at all.
 */
#include "app/terminal/till_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/plant.h"
#include "sync/wire/parked.h"

static_assert(sizeof((struct cf_parked *)0)->label == sizeof((struct cf_journal_parked_note *)0)->label,
              "a label fits");
static_assert(sizeof((struct cf_parked *)0)->user == sizeof((struct cf_till_parked *)0)->user, "a user's name fits");

/* --- what is here ------------------------------------------------------------------------------------------------- */

struct notes {
    size_t n;
    struct cf_journal_parked_note at[CF_TILL_PARKED_HERE_MAX];
};

static enum cf_rc add_note(void *ctx, const struct cf_journal_parked_note *note, struct cf_error *err)
{
    struct notes *notes = ctx;
    (void)err;
    if (notes->n < CF_TILL_PARKED_HERE_MAX)
        notes->at[notes->n++] = *note;
    return CF_OK;
}

static enum cf_rc read_notes(struct cf_till *till, struct notes *ret, struct cf_error *err)
{
    ret->n = 0;
    return cf_journal_parked_notes(till->journal, add_note, ret, err);
}

static struct cf_journal_parked_note *find_note(struct notes *notes, const char *label)
{
    for (size_t i = 0; i < notes->n; i++)
        if (strcmp(notes->at[i].label, label) == 0)
            return &notes->at[i];
    return NULL;
}

/* Of the open sale. */
static void make_note(struct cf_till *till, const char *label, struct cf_journal_parked_note *note)
{
    const struct cf_cart *cart = till->sale.cart;
    memset(note, 0, sizeof *note);
    memcpy(note->label, label, strnlen(label, CF_JOURNAL_LABEL_MAX));
    note->where = CF_JOURNAL_PARKED_HERE;
    memcpy(note->user, till->cashier, sizeof note->user);
    note->at_ms = cf_till_clock(till).best.us / CF_US_PER_MS;
    note->total_minor = till->sale.priced->total_minor;
    for (size_t i = 0; i < cf_cart_count(cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(cart, i);
        if (line->voided)
            continue;
        if (note->n_lines++ == 0)
            memcpy(note->first_line, line->name, sizeof note->first_line);
    }
}

/* May the open sale be put aside now? */
static enum cf_rc begin_park(struct cf_till *till, const char *label, struct cf_error *err)
{
    struct cf_checkout_facts facts = {0};
    enum cf_checkout_state next;
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_PARK, &facts, &next, err);
    if (rc == CF_OK && till->sale.exchange.is)
        rc = cf_fail(err, CF_E_EXCHANGE_OPEN, "an exchange is not parked");
    if (rc == CF_OK && strlen(label) > CF_JOURNAL_LABEL_MAX)
        rc = cf_fail(err, CF_E_ARGUMENT, "a label has at most %d bytes", CF_JOURNAL_LABEL_MAX);
    if (rc == CF_OK)
        rc = till_permit(till, CF_ACT_SELL, NULL, err);
    return rc == CF_OK ? till_settle_ask(till, err) : rc;
}

static enum cf_rc park_as(struct cf_till *till, const struct cf_journal_parked_note *note, struct cf_error *err)
{
    enum cf_rc rc = cf_journal_park_noted(till->journal, note, err);
    if (rc == CF_OK)
        cf_open_sale_clear(&till->sale);
    return rc;
}

enum cf_rc cf_till_park(struct cf_till *till, const char *label, struct cf_error *err)
{
    struct cf_journal_parked_note note;
    enum cf_rc rc = begin_park(till, label, err);
    if (rc != CF_OK)
        return rc;
    make_note(till, label, &note);
    return park_as(till, &note, err);
}

/* --- what was void on them ---------------------------------------------------------------------------------------- */

struct trial {
    struct cf_till *till;
    struct cf_offer_source source;
    struct cf_open_sale sale;
};

/* Its goods alone, without a price. What cannot be read takes no part; the sale is not recalled then either. */
static enum cf_rc try_goods(void *ctx, cf_bytes bytes, struct cf_error *err)
{
    struct trial *trial = ctx;
    struct cf_step step;
    (void)err;
    if (cf_step_decode(bytes, &step, NULL) == CF_OK &&
        (step.kind == CF_STEP_LINE || step.kind == CF_STEP_QUANTITY || step.kind == CF_STEP_PRICE ||
         step.kind == CF_STEP_VOID || step.kind == CF_STEP_QUOTE))
        (void)!cf_open_sale_apply(&trial->sale, &step, &trial->source, cf_till_clock(trial->till).best, NULL);
    return CF_OK;
}

static enum cf_rc add_voids_of(struct cf_till *till, const char *label, int64_t *sum_minor, struct cf_error *err)
{
    struct trial trial = {.till = till, .source = till_offers(till, NULL)};
    trial.source.n_campaigns = 0;
    enum cf_rc rc = cf_open_sale_init(&trial.sale, till->settings.currency, err);
    if (rc != CF_OK)
        return rc;
    rc = cf_journal_parked_steps(till->journal, label, try_goods, &trial, err);
    if (rc == CF_OK)
        rc = cf_add_i64(*sum_minor, cf_open_sale_voids(&trial.sale).minor, sum_minor, err);
    cf_open_sale_done(&trial.sale);
    return rc;
}

enum cf_rc till_parked_voids(struct cf_till *till, int64_t *ret_minor, struct cf_error *err)
{
    int64_t sum = 0;
    struct notes *notes = malloc(sizeof *notes);
    if (notes == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "parked sales");
    enum cf_rc rc = read_notes(till, notes, err);
    for (size_t i = 0; rc == CF_OK && i < notes->n; i++)
        if (strcmp(notes->at[i].user, till->cashier) == 0)
            rc = add_voids_of(till, notes->at[i].label, &sum, err);
    free(notes);
    if (rc == CF_OK)
        *ret_minor = sum;
    return rc;
}

/* --- what goes to the hub ----------------------------------------------------------------------------------------- */

/* What any till can go on with. What is left out left no trace in the sale when coupons are off and nothing is paid. */
static bool may_travel(enum cf_step_kind kind)
{
    return kind == CF_STEP_LINE || kind == CF_STEP_MEMBER || kind == CF_STEP_QUANTITY || kind == CF_STEP_PRICE ||
           kind == CF_STEP_VOID || kind == CF_STEP_ANNOUNCE || kind == CF_STEP_MANUAL_DISCOUNT ||
           kind == CF_STEP_OVERRIDE;
}

static bool may_be_left_out(enum cf_step_kind kind)
{
    return kind == CF_STEP_COUPON || kind == CF_STEP_ASK || kind == CF_STEP_REFUSED || kind == CF_STEP_UNCOUPON ||
           kind == CF_STEP_CHALLENGE || kind == CF_STEP_TENDER || kind == CF_STEP_UNTENDER || kind == CF_STEP_PAY ||
           kind == CF_STEP_PAYMENT;
}

struct packing {
    bool writes; /* else it counts */
    size_t n;
    struct cf_cbor_writer w;
};

/* How often the member bought this till alone knows: another one reads its own book. */
static enum cf_rc pack_member(struct packing *packing, struct cf_step *step, struct cf_error *err)
{
    struct cf_buf bytes CF_CLEANUP(cf_buf_done);
    cf_buf_init(&bytes, CF_STEP_BYTES_MAX);
    step->member.basis = (struct cf_visits_basis){.source = CF_VISITS_UNKNOWN};
    step->member.said = step->member.visits = 0;
    step->member.first_purchase = step->member.not_first = false;
    enum cf_rc rc = cf_step_encode(step, &bytes, err);
    if (rc == CF_OK)
        cf_cbor_write_bytes(&packing->w, cf_buf_bytes(&bytes));
    return rc;
}

static enum cf_rc pack_step(void *ctx, cf_bytes bytes, struct cf_error *err)
{
    struct packing *packing = ctx;
    struct cf_step step;
    enum cf_rc rc = cf_step_decode(bytes, &step, err);
    if (rc != CF_OK)
        return rc;
    if (!may_travel(step.kind))
        return may_be_left_out(step.kind)
                   ? CF_OK
                   : cf_fail(err, CF_E_UNSUPPORTED, "what this till alone holds for the sale (step %d)", step.kind);
    if (packing->n++ == CF_PARKED_STEPS_MAX)
        return cf_fail(err, CF_E_LIMIT, "a sale of more than %d steps", CF_PARKED_STEPS_MAX);
    if (packing->writes && step.kind == CF_STEP_MEMBER)
        return pack_member(packing, &step, err);
    if (packing->writes)
        cf_cbor_write_bytes(&packing->w, bytes);
    return CF_OK;
}

typedef enum cf_rc (*walk_fn)(struct cf_till *till, const char *label, struct packing *packing, struct cf_error *err);

static enum cf_rc walk_open(struct cf_till *till, const char *label, struct packing *packing, struct cf_error *err)
{
    (void)label;
    return cf_journal_steps(till->journal, pack_step, packing, err);
}

static enum cf_rc walk_parked(struct cf_till *till, const char *label, struct packing *packing, struct cf_error *err)
{
    return cf_journal_parked_steps(till->journal, label, pack_step, packing, err);
}

static enum cf_rc pack(struct cf_till *till, walk_fn walk, const char *label, struct cf_buf *ret, struct cf_error *err)
{
    struct packing packing = {.writes = false};
    enum cf_rc rc = walk(till, label, &packing, err);
    if (rc != CF_OK)
        return rc;
    cf_buf_clear(ret);
    cf_cbor_write_init(&packing.w, ret);
    cf_cbor_write_array(&packing.w, packing.n);
    packing.n = 0;
    packing.writes = true;
    rc = walk(till, label, &packing, err);
    return rc == CF_OK ? cf_cbor_write_end(&packing.w, err) : rc;
}

static enum cf_rc list_at_hub(struct cf_till *till, struct cf_hub_parked_list *ret, struct cf_error *err)
{
    const struct cf_hub_parked_ask ask = {till->terminal, till->epoch};
    struct cf_buf body CF_CLEANUP(cf_buf_done), reply CF_CLEANUP(cf_buf_done);
    cf_buf_init(&body, CF_HUB_MESSAGE_MAX);
    cf_buf_init(&reply, CF_PARKED_LIST_BYTES_MAX);
    if (!till_may_ask_hub(till))
        return cf_fail(err, CF_E_LINK_DOWN, "the store's hub does not answer");
    enum cf_rc rc = cf_hub_parked_ask_encode(&ask, &body, err);
    if (rc == CF_OK)
        rc = till_ask_hub_parked(till, CF_PATH_HUB_PARKED, cf_buf_bytes(&body), &reply, err);
    return rc == CF_OK ? cf_hub_parked_list_decode(cf_buf_bytes(&reply), ret, err) : rc;
}

static const struct cf_parked *find_parked(const struct cf_hub_parked_list *list, const char *label)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->sales[i].label, label) == 0)
            return &list->sales[i];
    return NULL;
}

/* --- giving ------------------------------------------------------------------------------------------------------- */

/* Asks the hub to take what stands here as offered. CF_OK: it has it; CF_E_PARKED_NONE and other verdicts: it has not;
 * CF_E_LINK_DOWN: it was surely not asked; anything else: nobody knows. */
static enum cf_rc offer(struct cf_till *till, const struct cf_journal_parked_note *note, bool *ret_answered,
                        struct cf_error *err)
{
    struct cf_hub_park park = {.terminal = till->terminal, .epoch = till->epoch};
    struct cf_buf steps CF_CLEANUP(cf_buf_done), body CF_CLEANUP(cf_buf_done), reply CF_CLEANUP(cf_buf_done);
    enum cf_rc verdict = CF_OK;
    *ret_answered = false;
    cf_buf_init(&steps, CF_PARKED_BYTES_MAX);
    cf_buf_init(&body, CF_PARKED_MESSAGE_MAX);
    cf_buf_init(&reply, CF_HUB_MESSAGE_MAX);
    enum cf_rc rc = pack(till, walk_parked, note->label, &steps, err);
    if (rc != CF_OK)
        return rc;
    park.sale = (struct cf_parked){.terminal = till->terminal,
                                   .at_ms = note->at_ms,
                                   .n_lines = note->n_lines,
                                   .total_minor = note->total_minor,
                                   .steps = cf_buf_bytes(&steps)};
    memcpy(park.sale.key, note->key, sizeof park.sale.key);
    memcpy(park.sale.label, note->label, sizeof park.sale.label);
    memcpy(park.sale.user, note->user, sizeof park.sale.user);
    memcpy(park.sale.first_line, note->first_line, sizeof park.sale.first_line);
    rc = cf_hub_park_encode(&park, &body, err);
    if (rc == CF_OK)
        rc = till_ask_hub_parked(till, CF_PATH_HUB_PARK, cf_buf_bytes(&body), &reply, err);
    if (rc == CF_OK)
        rc = cf_hub_verdict_decode(cf_buf_bytes(&reply), &verdict, err);
    if (rc != CF_OK)
        return rc;
    *ret_answered = true;
    return verdict == CF_OK ? CF_OK : cf_fail(err, verdict, "the store's hub did not take it");
}

static enum cf_rc is_here(struct cf_till *till, struct cf_journal_parked_note *note, struct cf_error *err)
{
    note->where = CF_JOURNAL_PARKED_HERE;
    note->hub_epoch = 0;
    memset(note->key, 0, sizeof note->key);
    return cf_journal_park_note(till->journal, note, err);
}

/* Offers it and settles what came of it. *ret_why: CF_OK at the hub; CF_E_PARKED_DOUBT; else it is here. */
static enum cf_rc hand_over(struct cf_till *till, struct cf_journal_parked_note *note, enum cf_rc *ret_why,
                            struct cf_error *err)
{
    bool answered = false;
    struct cf_error why = {.rc = CF_OK};
    enum cf_rc rc = offer(till, note, &answered, &why);
    *ret_why = rc;
    if (rc == CF_OK && !CF_PLANTED(parked_stays_here))
        return cf_journal_park_given(till->journal, note->label, err);
    if (answered || rc == CF_E_LINK_DOWN || rc == CF_E_LIMIT || rc == CF_E_UNSUPPORTED)
        return is_here(till, note, err);
    *ret_why = CF_E_PARKED_DOUBT;
    till->parked_unsettled = true;
    return CF_OK;
}

/* Could all of it go to the hub? Looked at before coupons are taken off for it. */
static enum cf_rc check_travels(struct cf_till *till, const char *label, struct cf_error *err)
{
    struct packing packing = {.writes = false};
    struct cf_hub_parked_list *list = malloc(sizeof *list);
    if (list == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "parked sales");
    enum cf_rc rc = list_at_hub(till, list, err);
    if (rc == CF_OK && find_parked(list, label) != NULL)
        rc = cf_fail(err, CF_E_EXISTS, "a sale is parked as \"%s\" already", label);
    else if (rc == CF_OK && list->n == CF_PARKED_MAX)
        rc = cf_fail(err, CF_E_LIMIT, "%d sales are parked at the hub", CF_PARKED_MAX);
    else if (rc != CF_OK)
        rc = cf_fail(err, CF_E_LINK_DOWN, "the store's hub does not answer");
    free(list);
    return rc == CF_OK ? walk_open(till, label, &packing, err) : rc;
}

static enum cf_rc fits_message(struct cf_till *till, struct cf_error *err)
{
    struct cf_buf steps CF_CLEANUP(cf_buf_done);
    cf_buf_init(&steps, CF_PARKED_BYTES_MAX);
    return pack(till, walk_open, "", &steps, err);
}

enum cf_rc cf_till_park_at_hub(struct cf_till *till, const char *label, struct cf_till_handed *ret,
                               struct cf_error *err)
{
    struct cf_till_handed handed = {.where = CF_TILL_PARKED_HERE};
    struct cf_journal_parked_note note;
    struct cf_error why = {.rc = CF_OK};
    enum cf_rc rc = begin_park(till, label, err);
    if (rc != CF_OK)
        return rc;
    handed.why = check_travels(till, label, &why);
    if (handed.why == CF_OK)
        handed.why = fits_message(till, &why);
    if (handed.why == CF_E_EXISTS)
        return cf_fail(err, CF_E_EXISTS, "%s", why.detail);
    if (handed.why == CF_OK) {
        handed.n_coupons = till->sale.n_coupons;
        rc = till_give_back_coupons(till, true, err);
        if (rc == CF_OK)
            rc = till_settle_ask(till, err);
    }
    if (rc != CF_OK)
        return rc;
    make_note(till, label, &note);
    if (handed.why == CF_OK) {
        note.where = CF_JOURNAL_PARKED_OFFERED;
        note.hub_epoch = till->hub_entry.hub_epoch;
        cf_env_random(till->env, note.key, sizeof note.key);
    }
    rc = park_as(till, &note, err);
    if (rc == CF_OK && handed.why == CF_OK) {
        enum cf_rc kept = hand_over(till, &note, &handed.why, &why);
        till->parked_unsettled = till->parked_unsettled || kept != CF_OK; /* whatever it is, it is settled later */
        if (handed.why == CF_OK)
            handed.where = CF_TILL_PARKED_AT_HUB;
        else if (handed.why == CF_E_PARKED_DOUBT)
            handed.where = CF_TILL_PARKED_IN_DOUBT;
        (void)!till_close_challenges(till, NULL); /* else at the next rest or start */
    }
    if (rc == CF_OK && ret)
        *ret = handed;
    return rc;
}

/* --- taking ------------------------------------------------------------------------------------------------------- */

static enum cf_rc ask_recall(struct cf_till *till, const uint8_t key[CF_REQUEST_KEY_BYTES],
                             enum cf_hub_recall_what what, struct cf_buf *reply, struct cf_hub_recalled *ret,
                             struct cf_error *err)
{
    struct cf_hub_recall recall = {.terminal = till->terminal, .epoch = till->epoch, .what = what};
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    cf_buf_init(&body, CF_HUB_MESSAGE_MAX);
    memcpy(recall.key, key, sizeof recall.key);
    enum cf_rc rc = cf_hub_recall_encode(&recall, &body, err);
    if (rc == CF_OK)
        rc = till_ask_hub_parked(till, CF_PATH_HUB_RECALL, cf_buf_bytes(&body), reply, err);
    return rc == CF_OK ? cf_hub_recalled_decode(cf_buf_bytes(reply), ret, err) : rc;
}

/* The hub need not keep it for us any more. If this does not arrive, it forgets it in its own time. */
static void tell_done(struct cf_till *till, const uint8_t key[CF_REQUEST_KEY_BYTES])
{
    struct cf_hub_recalled recalled;
    struct cf_buf reply CF_CLEANUP(cf_buf_done);
    cf_buf_init(&reply, CF_PARKED_MESSAGE_MAX);
    (void)!ask_recall(till, key, CF_HUB_RECALL_DONE, &reply, &recalled, NULL);
}

/* Steps from another till: each can be read, and together they make a sale. Else this till could not open again. */
static enum cf_rc unpack(struct cf_till *till, cf_bytes packed, cf_bytes **ret, size_t *ret_n, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_open_sale trial;
    struct cf_offer_source source = till_offers(till, NULL);
    size_t n = 0;
    cf_bytes *steps = calloc(CF_PARKED_STEPS_MAX, sizeof *steps);
    enum cf_rc rc =
        steps ? cf_open_sale_init(&trial, till->settings.currency, err) : cf_fail(err, CF_E_NO_MEMORY, "a parked sale");
    if (rc != CF_OK) {
        free(steps);
        return rc;
    }
    source.n_campaigns = 0;
    cf_cbor_read_init(&r, packed);
    (void)cf_cbor_read_array(&r, &n, CF_PARKED_STEPS_MAX);
    for (size_t i = 0; i < n && r.rc == CF_OK; i++)
        (void)cf_cbor_read_bytes(&r, &steps[i], CF_STEP_BYTES_MAX);
    rc = cf_cbor_read_end(&r, err);
    for (size_t i = 0; rc == CF_OK && i < n; i++) {
        struct cf_step step;
        rc = cf_step_decode(steps[i], &step, err);
        if (rc == CF_OK && !may_travel(step.kind))
            rc = cf_fail(err, CF_E_UNSUPPORTED, "step %d", step.kind);
        if (rc == CF_OK)
            rc = cf_open_sale_apply(&trial, &step, &source, cf_till_clock(till).best, err);
    }
    cf_open_sale_done(&trial);
    if (rc != CF_OK) {
        free(steps);
        return cf_fail(err, CF_E_UNSUPPORTED, "the parked sale cannot be read here: update this till");
    }
    *ret = steps;
    *ret_n = n;
    return CF_OK;
}

/* It came: into our journal, and then the hub hears so. A name that is taken here gets a sign behind it. */
static enum cf_rc keep_came(struct cf_till *till, const struct cf_parked *sale,
                            char ret_label[CF_JOURNAL_LABEL_MAX + 1], struct cf_error *err)
{
    struct cf_journal_parked_note note = {.where = CF_JOURNAL_PARKED_HERE,
                                          .at_ms = sale->at_ms,
                                          .n_lines = sale->n_lines,
                                          .total_minor = sale->total_minor};
    cf_bytes *steps = NULL;
    size_t n_steps = 0;
    memcpy(note.label, sale->label, sizeof note.label);
    memcpy(note.user, sale->user, sizeof note.user);
    memcpy(note.first_line, sale->first_line, sizeof note.first_line);
    enum cf_rc rc = unpack(till, sale->steps, &steps, &n_steps, err);
    if (rc != CF_OK)
        return rc;
    rc = cf_journal_take_came(till->journal, sale->key, &note, steps, n_steps, err);
    for (char mark = '2'; rc == CF_E_EXISTS && mark <= '9'; mark++) {
        size_t end = strnlen(sale->label, CF_JOURNAL_LABEL_MAX - 2);
        memcpy(note.label, sale->label, end);
        memcpy(note.label + end, (const char[]){'~', mark, '\0'}, 3);
        rc = cf_journal_take_came(till->journal, sale->key, &note, steps, n_steps, err);
    }
    free(steps);
    if (rc != CF_OK)
        return rc;
    memcpy(ret_label, note.label, sizeof note.label);
    tell_done(till, sale->key);
    return CF_OK;
}

/* What came cannot be read here: another till may go on with it. As long as the hub did not hear that, it is asked for
 * again, and let go again. False: the journal is broken. */
static bool let_go(struct cf_till *till, const uint8_t key[CF_REQUEST_KEY_BYTES])
{
    struct cf_hub_recalled recalled;
    struct cf_buf reply CF_CLEANUP(cf_buf_done);
    cf_buf_init(&reply, CF_PARKED_MESSAGE_MAX);
    if (ask_recall(till, key, CF_HUB_RECALL_BACK, &reply, &recalled, NULL) != CF_E_LINK_DOWN)
        return cf_journal_take_none(till->journal, key, NULL) == CF_OK;
    till->parked_unsettled = true;
    return true;
}

/* The ask stands in the journal. What comes is kept here under *ret_label; what surely does not is forgotten. */
static enum cf_rc fetch(struct cf_till *till, const struct cf_journal_taking *taking, bool first,
                        char ret_label[CF_JOURNAL_LABEL_MAX + 1], struct cf_error *err)
{
    struct cf_hub_recalled recalled = {.rc = CF_OK};
    struct cf_error why = {.rc = CF_OK};
    struct cf_buf reply CF_CLEANUP(cf_buf_done);
    cf_buf_init(&reply, CF_PARKED_MESSAGE_MAX);
    enum cf_rc rc = ask_recall(till, taking->key, CF_HUB_RECALL_TAKE, &reply, &recalled, &why);
    if (rc == CF_OK && recalled.rc == CF_OK && recalled.has_sale) {
        rc = keep_came(till, &recalled.sale, ret_label, err);
        if (rc == CF_E_UNSUPPORTED)
            return let_go(till, taking->key) ? rc : CF_E_INTERNAL;
        till->parked_unsettled = till->parked_unsettled || rc != CF_OK;
        return rc;
    }
    if (rc == CF_OK) {
        enum cf_rc verdict = recalled.rc != CF_OK ? recalled.rc : CF_E_PARKED_NONE;
        rc = cf_journal_take_none(till->journal, taking->key, err);
        return rc == CF_OK ? cf_fail(err, verdict, "\"%s\"", taking->label) : rc;
    }
    if (first && rc == CF_E_LINK_DOWN) { /* it was never asked for */
        rc = cf_journal_take_none(till->journal, taking->key, err);
        return rc == CF_OK ? cf_fail(err, CF_E_PARKED_DOUBT, "\"%s\": %s", taking->label, why.detail) : rc;
    }
    till->parked_unsettled = true; /* it may be on its way to us: asked for again */
    return cf_fail(err, CF_E_PARKED_DOUBT, "\"%s\": %s", taking->label, why.detail);
}

static enum cf_rc recall_from_hub(struct cf_till *till, const char *label, char ret_label[CF_JOURNAL_LABEL_MAX + 1],
                                  struct cf_error *err)
{
    struct cf_journal_taking taking = {.hub_epoch = till->hub_entry.hub_epoch};
    struct cf_error why = {.rc = CF_OK};
    struct cf_hub_parked_list *list = malloc(sizeof *list);
    if (list == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "parked sales");
    enum cf_rc rc = list_at_hub(till, list, &why);
    const struct cf_parked *sale = rc == CF_OK ? find_parked(list, label) : NULL;
    if (sale != NULL) {
        memcpy(taking.key, sale->key, sizeof taking.key);
        memcpy(taking.label, sale->label, sizeof taking.label);
    }
    free(list);
    if (rc != CF_OK)
        return cf_fail(err, CF_E_PARKED_NONE, "no sale is parked here as \"%s\"%s", label,
                       till_has_hub(till) ? ", and the store's hub does not answer" : "");
    if (sale == NULL)
        return cf_fail(err, CF_E_PARKED_NONE, "no sale is parked as \"%s\"", label);
    rc = cf_journal_take(till->journal, &taking, err);
    return rc == CF_OK ? fetch(till, &taking, true, ret_label, err) : rc;
}

/*
 * Is the hub that was asked no longer the store's? Then it gives nothing to anybody, and what is here is good. A
 * replica that is older than the question (a power cut takes what it had not synced) does not know, and nothing is good
 * yet.
 */
static bool is_over(const struct cf_till *till, uint32_t hub_epoch)
{
    const struct cf_hub_entry *hub = &till->hub_entry;
    return hub->hub_epoch > hub_epoch || (hub->hub_epoch == hub_epoch && hub->terminal == 0);
}

static bool may_ask(struct cf_till *till, uint32_t hub_epoch)
{
    return till_may_ask_hub(till) && till->hub_entry.hub_epoch == hub_epoch;
}

/* Of a sale that the hub may have: it comes back, or is gone. */
static enum cf_rc take_back(struct cf_till *till, struct cf_journal_parked_note *note, struct cf_error *err)
{
    struct cf_hub_recalled recalled = {.rc = CF_OK};
    struct cf_error why = {.rc = CF_OK};
    struct cf_buf reply CF_CLEANUP(cf_buf_done);
    uint8_t key[CF_REQUEST_KEY_BYTES];
    cf_buf_init(&reply, CF_PARKED_MESSAGE_MAX);
    memcpy(key, note->key, sizeof key);
    if (is_over(till, note->hub_epoch))
        return is_here(till, note, err);
    if (!may_ask(till, note->hub_epoch))
        return cf_fail(err, CF_E_PARKED_DOUBT, "\"%s\" was on its way to the hub", note->label);
    if (ask_recall(till, key, CF_HUB_RECALL_TAKE, &reply, &recalled, &why) != CF_OK)
        return cf_fail(err, CF_E_PARKED_DOUBT, "\"%s\" was on its way to the hub: %s", note->label, why.detail);
    if (recalled.rc == CF_OK || recalled.rc == CF_E_PARKED_NONE) {
        enum cf_rc rc = is_here(till, note, err);
        if (rc == CF_OK && recalled.rc == CF_OK)
            tell_done(till, key);
        return rc;
    }
    enum cf_rc rc = cf_journal_park_given(till->journal, note->label, err);
    return rc == CF_OK ? cf_fail(err, recalled.rc, "\"%s\"", note->label) : rc;
}

enum cf_rc cf_till_recall(struct cf_till *till, const char *label, struct cf_error *err)
{
    struct cf_checkout_facts facts = {0};
    enum cf_checkout_state next;
    char here[CF_JOURNAL_LABEL_MAX + 1] = "";
    struct notes *notes = malloc(sizeof *notes);
    if (notes == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "parked sales");
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_RECALL, &facts, &next, err);
    if (rc == CF_OK)
        rc = till_permit(till, CF_ACT_SELL, NULL, err);
    if (rc == CF_OK)
        rc = read_notes(till, notes, err);
    struct cf_journal_parked_note *note = rc == CF_OK ? find_note(notes, label) : NULL;
    if (note != NULL) {
        memcpy(here, note->label, sizeof here);
        if (note->where == CF_JOURNAL_PARKED_OFFERED)
            rc = take_back(till, note, err);
    } else if (rc == CF_OK) {
        rc = recall_from_hub(till, label, here, err);
    }
    free(notes);
    if (rc == CF_OK)
        rc = cf_journal_recall(till->journal, here, err);
    if (rc == CF_OK)
        rc = till_replay(till, err);
    return rc == CF_OK ? till_recount_visits(till, err) : rc;
}

/* --- what was cut short ------------------------------------------------------------------------------------------- */

struct takings {
    size_t n;
    struct cf_journal_taking at[CF_TILL_PARKED_HERE_MAX];
};

static enum cf_rc add_taking(void *ctx, const struct cf_journal_taking *taking, struct cf_error *err)
{
    struct takings *takings = ctx;
    (void)err;
    if (takings->n < CF_TILL_PARKED_HERE_MAX)
        takings->at[takings->n++] = *taking;
    return CF_OK;
}

enum cf_rc till_find_parked(struct cf_till *till, struct cf_error *err)
{
    struct takings takings = {.n = 0};
    struct notes *notes = malloc(sizeof *notes);
    if (notes == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "parked sales");
    enum cf_rc rc = read_notes(till, notes, err);
    till->parked_unsettled = false;
    for (size_t i = 0; rc == CF_OK && i < notes->n; i++)
        till->parked_unsettled = till->parked_unsettled || notes->at[i].where == CF_JOURNAL_PARKED_OFFERED;
    free(notes);
    if (rc == CF_OK)
        rc = cf_journal_takings(till->journal, add_taking, &takings, err);
    till->parked_unsettled = till->parked_unsettled || takings.n > 0;
    return rc;
}

static enum cf_rc settle_offers(struct cf_till *till, struct cf_error *err)
{
    enum cf_rc why = CF_OK;
    struct notes *notes = malloc(sizeof *notes);
    if (notes == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "parked sales");
    enum cf_rc rc = read_notes(till, notes, err);
    for (size_t i = 0; rc == CF_OK && i < notes->n; i++) {
        struct cf_journal_parked_note *note = &notes->at[i];
        if (note->where != CF_JOURNAL_PARKED_OFFERED)
            continue;
        if (is_over(till, note->hub_epoch))
            rc = is_here(till, note, err);
        else if (may_ask(till, note->hub_epoch))
            rc = hand_over(till, note, &why, err);
    }
    free(notes);
    return rc;
}

static enum cf_rc settle_takings(struct cf_till *till, struct cf_error *err)
{
    struct takings takings = {.n = 0};
    char label[CF_JOURNAL_LABEL_MAX + 1];
    enum cf_rc rc = cf_journal_takings(till->journal, add_taking, &takings, err);
    for (size_t i = 0; rc == CF_OK && i < takings.n; i++) {
        struct cf_error why = {.rc = CF_OK};
        if (is_over(till, takings.at[i].hub_epoch))
            rc = cf_journal_take_none(till->journal, takings.at[i].key, err);
        else if (may_ask(till, takings.at[i].hub_epoch))
            rc = fetch(till, &takings.at[i], false, label, &why);
        if (rc != CF_OK && cf_rc_class(rc) == CF_CLASS_REFUSED)
            rc = CF_OK; /* it does not come, or not yet */
        else if (rc != CF_OK && why.rc != CF_OK)
            rc = cf_fail(err, why.rc, "%s", why.detail);
    }
    return rc;
}

enum cf_rc till_settle_parked(struct cf_till *till, struct cf_error *err)
{
    if (!till->parked_unsettled)
        return CF_OK;
    enum cf_rc rc = settle_offers(till, err);
    if (rc == CF_OK)
        rc = settle_takings(till, err);
    return rc == CF_OK ? till_find_parked(till, err) : rc;
}

/* --- the list ----------------------------------------------------------------------------------------------------- */

static struct cf_till_parked of_note(const struct cf_till *till, const struct cf_journal_parked_note *note)
{
    struct cf_till_parked parked = {.where = note->where == CF_JOURNAL_PARKED_OFFERED ? CF_TILL_PARKED_IN_DOUBT
                                                                                      : CF_TILL_PARKED_HERE,
                                    .terminal = till->terminal,
                                    .at = {note->at_ms * CF_US_PER_MS},
                                    .n_lines = note->n_lines,
                                    .total_minor = note->total_minor};
    static_assert(sizeof parked.label == sizeof note->label, "a label is a label");
    memcpy(parked.label, note->label, sizeof parked.label);
    memcpy(parked.user, note->user, sizeof parked.user);
    memcpy(parked.first_line, note->first_line, sizeof parked.first_line);
    return parked;
}

static struct cf_till_parked of_hub(const struct cf_parked *sale)
{
    struct cf_till_parked parked = {.where = CF_TILL_PARKED_AT_HUB,
                                    .terminal = sale->terminal,
                                    .at = {sale->at_ms * CF_US_PER_MS},
                                    .n_lines = sale->n_lines,
                                    .total_minor = sale->total_minor};
    memcpy(parked.label, sale->label, sizeof parked.label);
    memcpy(parked.user, sale->user, sizeof parked.user);
    memcpy(parked.first_line, sale->first_line, sizeof parked.first_line);
    return parked;
}

enum cf_rc till_parked_here(struct cf_till *till, struct cf_till_parked ret[CF_TILL_PARKED_HERE_MAX], size_t *ret_n,
                            struct cf_error *err)
{
    struct notes *notes = malloc(sizeof *notes);
    if (notes == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "parked sales");
    enum cf_rc rc = read_notes(till, notes, err);
    *ret_n = 0;
    for (size_t i = 0; rc == CF_OK && i < notes->n; i++)
        ret[(*ret_n)++] = of_note(till, &notes->at[i]);
    free(notes);
    return rc;
}

enum cf_rc cf_till_parked(struct cf_till *till, struct cf_till_parked ret[CF_TILL_PARKED_MAX], size_t *ret_n,
                          bool *ret_hub, struct cf_error *err)
{
    size_t n = 0;
    struct cf_hub_parked_list *list = malloc(sizeof *list);
    if (list == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "parked sales");
    enum cf_rc rc = till->sale.state == CF_CHECKOUT_IDLE ? till_settle_parked(till, err) : CF_OK;
    if (rc == CF_OK)
        rc = till_parked_here(till, ret, &n, err);
    *ret_hub = rc == CF_OK && list_at_hub(till, list, NULL) == CF_OK;
    for (size_t i = 0; *ret_hub && i < list->n && n < CF_TILL_PARKED_MAX; i++) {
        bool doubled = false; /* an offer that did arrive */
        for (size_t k = 0; k < n; k++)
            doubled =
                doubled || (ret[k].where == CF_TILL_PARKED_IN_DOUBT && list->sales[i].terminal == till->terminal &&
                            strcmp(ret[k].label, list->sales[i].label) == 0);
        if (!doubled)
            ret[n++] = of_hub(&list->sales[i]);
    }
    free(list);
    if (rc == CF_OK)
        *ret_n = n;
    return rc;
}
