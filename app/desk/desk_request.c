/*
 * app/desk/desk_request.c - goods that the store has not: asked for instead of sold, of the brand's shop or of another
 * store; and the list of what was asked for, here and of us, with what may be said of it.
 */
#include "app/desk/desk_private.h"

#include <stdlib.h>
#include <string.h>

/* --- asking for them ------------------------------------------------------------------------------------------------
 */

/* "Li Na, 138 0013 8000": a name, and how to be told. A number alone is both: a screen has no letters. */
static bool parse_who(const char *text, char name[CF_REQUEST_NAME_MAX + 1], char reach[CF_REQUEST_NAME_MAX + 1])
{
    const char *comma = strchr(text, ',');
    size_t n = comma != NULL ? (size_t)(comma - text) : strlen(text);
    const char *rest = comma != NULL                         ? comma + 1 + strspn(comma + 1, " ")
                       : strpbrk(text, "0123456789") != NULL ? text
                                                             : "";
    if (n > CF_REQUEST_NAME_MAX || strlen(rest) > CF_REQUEST_NAME_MAX) {
        return false;
    }
    desk_put(name, CF_REQUEST_NAME_MAX + 1, "%.*s", (int)n, text);
    desk_put(reach, CF_REQUEST_NAME_MAX + 1, "%s", rest);
    return true;
}

static void ask_goods(struct cf_desk *desk, const char *who, uint32_t store, bool there)
{
    char name[CF_REQUEST_NAME_MAX + 1], reach[CF_REQUEST_NAME_MAX + 1];
    char what[CF_PAGE_TEXT_MAX], total[CF_PAGE_AMOUNT_MAX];
    struct cf_till_asked asked;
    struct cf_error err;
    if (!parse_who(who, name, reach)) {
        desk_say_no(desk, _("That name is too long."), "");
        return;
    }
    const struct cf_till_asking asking = {.asked = store, .there = there, .name = name, .reach = reach};
    enum cf_rc rc = cf_till_ask_goods(desk->till, &asking, &asked, &err);
    desk_outcome(desk, rc, &err, store == 0 ? CF_DO_SPECIAL : CF_DO_ENTER, 0);
    if (rc != CF_OK) {
        return;
    }
    desk->line_no = 0;
    desk_tone(desk, true);
    desk_put(what, sizeof what, _("Asked for: %s"), desk_money(desk, asked.total_minor, total));
    desk_say(desk, what, _("It is paid when it is fetched"));
    desk_print(desk, asked.at.seq, false);
}

bool desk_request_ask(struct cf_desk *desk, enum cf_desk_do act)
{
    if (act == CF_DO_SPECIAL) {
        ask_goods(desk, desk->entry, 0, false);
    } else if (act == CF_DO_TRANSFER) {
        desk_put(desk->request_who, sizeof desk->request_who, "%s", desk->entry);
        desk_enter(desk, CF_PAGE_TRANSFER);
    }
    return act == CF_DO_SPECIAL || act == CF_DO_TRANSFER;
}

static const char *prompt_transfer(const struct cf_desk *desk)
{
    (void)desk;
    return _("Which store has the goods, and where are they fetched?");
}

static const char *asks_store(const struct cf_desk *desk)
{
    (void)desk;
    return _("Store number");
}

static void fill_transfer(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    desk_key(desk, page, CF_DO_ENTER, _("Fetched here"), CF_KEY_CONFIRM, desk->n_entry > 0);
    desk_key(desk, page, CF_DO_FETCHED_THERE, _("Fetched there"), CF_KEY_PLAIN, desk->n_entry > 0);
    desk_back_key(desk, page);
}

static void transfer(struct cf_desk *desk, bool there)
{
    bool number = desk->n_entry > 0 && desk->n_entry <= 9 && strspn(desk->entry, "0123456789") == desk->n_entry;
    unsigned long store = number ? strtoul(desk->entry, NULL, 10) : 0;
    if (store == 0) {
        desk_clear_entry(desk);
        desk_say_no(desk, _("That is no number of a store."), "");
        return;
    }
    ask_goods(desk, desk->request_who, (uint32_t)store, there);
}

static void enter_transfer(struct cf_desk *desk)
{
    transfer(desk, false);
}

static bool act_transfer(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    if (act == CF_DO_FETCHED_THERE) {
        transfer(desk, true);
    }
    return act == CF_DO_FETCHED_THERE;
}

const struct desk_page desk_page_transfer = {
    .prompt = prompt_transfer, .asks = asks_store, .fill = fill_transfer, .enter = enter_transfer, .act = act_transfer};

/* --- what was asked for ---------------------------------------------------------------------------------------------
 */

static void load(struct cf_desk *desk)
{
    struct cf_till_request_page page = {0};
    struct cf_error err;
    desk->n_requests = 0;
    if (desk->requests == NULL) {
        desk->requests = calloc(CF_TILL_PAGE_MAX, sizeof *desk->requests);
    }
    enum cf_rc rc = desk->requests == NULL
                        ? cf_fail(&err, CF_E_NO_MEMORY, "a list")
                        : cf_till_requests(desk->till, &page, desk->requests, &desk->n_requests, &err);
    if (rc != CF_OK) {
        desk->n_requests = 0;
        desk_say_refused(desk, &err);
    }
    desk->choice = desk->choice < desk->n_requests ? desk->choice : 0;
}

void desk_requests_open(struct cf_desk *desk)
{
    desk->done = false;
    desk_enter(desk, CF_PAGE_REQUESTS);
    load(desk);
}

static const struct cf_till_request *at_hand(const struct cf_desk *desk)
{
    return desk->choice < desk->n_requests ? &desk->requests[desk->choice] : NULL;
}

static bool may(const struct cf_desk *desk, enum cf_request_act act)
{
    const struct cf_till_request *request = at_hand(desk);
    return request != NULL && (request->may & 1u << act) != 0;
}

static const char *prompt_requests(const struct cf_desk *desk)
{
    return desk->n_requests == 0 ? _("Nothing is asked for. A special order is made where a sale is parked")
                                 : _("Goods that were asked for. To refuse, type why first");
}

static const char *asks_reason(const struct cf_desk *desk)
{
    return may(desk, CF_REQUEST_REFUSE) ? _("Reason") : "";
}

static const char *state_name(const struct cf_till_request *request)
{
    static const char *const names[] = {
        [CF_REQUEST_ASKED] = N_("asked for"), [CF_REQUEST_ACCEPTED] = N_("accepted"),
        [CF_REQUEST_SENT] = N_("on its way"), [CF_REQUEST_READY] = N_("ready to be fetched"),
        [CF_REQUEST_REFUSED] = N_("refused"), [CF_REQUEST_WITHDRAWN] = N_("withdrawn"),
        [CF_REQUEST_OVER] = N_("over"),
    };
    return request->number == 0 ? _("the centre has not heard of it yet") : _(names[request->state]);
}

static void choose_request(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    char which[CF_PAGE_ENTRY_MAX], more[CF_PAGE_ENTRY_MAX] = "", at[CF_PAGE_AMOUNT_MAX], store[CF_PAGE_ENTRY_MAX] = "";
    if (row >= desk->n_requests) {
        return;
    }
    const struct cf_till_request *request = &desk->requests[row];
    if (request->number != 0) {
        desk_put(which, sizeof which, _("Order %lu"), (unsigned long)request->number);
    } else {
        desk_put(which, sizeof which, _("Slip %llu"), (unsigned long long)request->of.seq);
    }
    if (request->n_lines > 1) {
        desk_put(more, sizeof more, cf_text_of_n("%lu more", "%lu more", request->n_lines - 1),
                 (unsigned long)(request->n_lines - 1));
    }
    if (request->asked != 0) {
        desk_put(store, sizeof store, _("store %lu asks store %lu"), (unsigned long)request->asking,
                 (unsigned long)request->asked);
    }
    desk_time(desk, cf_wall_from_s(request->asked_s), at, sizeof at);
    desk_put(ret->title, sizeof ret->title, "%s · %s%s%s", which, request->first, more[0] != '\0' ? " · " : "", more);
    desk_put(ret->detail, sizeof ret->detail, "%s%s%s · %s%s%s%s%s", state_name(request),
             request->reason[0] != '\0' ? ": " : "", request->reason, at, store[0] != '\0' ? " · " : "", store,
             request->name[0] != '\0' ? " · " : "", request->name);
    ret->good = request->state != CF_REQUEST_REFUSED;
}

static void fill_requests(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    page->n_choices = desk->n_requests;
    desk_key(desk, page, CF_DO_ACCEPT, _("Accept"), CF_KEY_CONFIRM, may(desk, CF_REQUEST_ACCEPT));
    desk_key(desk, page, CF_DO_REFUSE, _("Refuse"), CF_KEY_DESTRUCTIVE,
             may(desk, CF_REQUEST_REFUSE) && desk->n_entry > 0);
    desk_key(desk, page, CF_DO_GOODS_SENT, _("Sent"), CF_KEY_PLAIN, may(desk, CF_REQUEST_SEND));
    desk_key(desk, page, CF_DO_GOODS_THERE, _("Ready to fetch"), CF_KEY_PLAIN, may(desk, CF_REQUEST_ARRIVE));
    desk_key(desk, page, CF_DO_WITHDRAW, _("Withdraw"), CF_KEY_DESTRUCTIVE, may(desk, CF_REQUEST_WITHDRAW));
    desk_back_key(desk, page);
}

static void answer(struct cf_desk *desk, enum cf_request_act act, enum cf_desk_do wanted)
{
    struct cf_committed at;
    struct cf_error err;
    const struct cf_till_request *request = at_hand(desk);
    if (!may(desk, act) || (act == CF_REQUEST_REFUSE && desk->n_entry == 0)) {
        return;
    }
    const char *reason = act == CF_REQUEST_REFUSE ? desk->entry : "";
    enum cf_rc rc = cf_till_answer_request(desk->till, request->number, &request->of, act, reason, &at, &err);
    if (rc != CF_OK) {
        desk_remember(desk, rc, wanted, 0);
        desk_clear_entry(desk);
        desk_say_refused(desk, &err);
        return;
    }
    desk_clear_entry(desk);
    desk_tone(desk, true);
    desk_say(desk, _("Recorded"), _("The centre tells whoever it concerns"));
    load(desk);
}

static bool act_requests(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    static const struct {
        enum cf_desk_do act;
        enum cf_request_act says;
    } acts[] = {
        {CF_DO_ACCEPT, CF_REQUEST_ACCEPT},     {CF_DO_REFUSE, CF_REQUEST_REFUSE},
        {CF_DO_GOODS_SENT, CF_REQUEST_SEND},   {CF_DO_GOODS_THERE, CF_REQUEST_ARRIVE},
        {CF_DO_WITHDRAW, CF_REQUEST_WITHDRAW},
    };
    (void)arg;
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (acts[i].act == act) {
            answer(desk, acts[i].says, act);
            return true;
        }
    }
    return false;
}

const struct desk_page desk_page_requests = {.prompt = prompt_requests,
                                             .asks = asks_reason,
                                             .fill = fill_requests,
                                             .choice = choose_request,
                                             .act = act_requests};
