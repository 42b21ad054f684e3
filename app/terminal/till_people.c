/*
 * app/terminal/till_people.c - who stands at the till, and what they may do.
 *
 * All of it is on record (USER, app/core/user.h) before it takes effect: who logged in, each wrong PIN, each override.
 * So a restart neither forgives guesses nor loses who is at the till; a new boot does end a login, and so does a
 * quarter of an hour in which nobody did anything.
 */
#include "app/terminal/till_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plant.h"
#include "base/text.h"

#define OVERRIDE_S 60 /* for what was allowed to be done */

/* --- who ---------------------------------------------------------------------------------------------------------- */

static void nobody(struct cf_till *till)
{
    till->people.is = false;
    till->people.allows = false;
    memcpy(till->cashier, till->nameless, sizeof till->cashier);
}

static void somebody(struct cf_till *till, const struct cf_user *user)
{
    static_assert(sizeof till->cashier == CF_USER_NAME_MAX + 1, "a user's name fits a record");
    till->people.is = true;
    till->people.allows = false;
    till->people.user = *user;
    till->people.active_at = cf_env_mono(till->env);
    cf_user_shown(user, till->cashier);
}

/* Whoever left, or has another role since: as the replica has it now. */
static enum cf_rc look_up_again(struct cf_till *till, uint32_t number, struct cf_error *err)
{
    struct cf_user user;
    enum cf_rc rc = cf_replica_user(till->replica, number, &user, err);
    if (rc == CF_E_USER_UNKNOWN) {
        nobody(till);
        return CF_OK;
    }
    if (rc == CF_OK) {
        cf_mono active_at = till->people.active_at;
        somebody(till, &user);
        till->people.active_at = active_at;
    }
    return rc;
}

enum cf_rc till_load_people(struct cf_till *till, struct cf_error *err)
{
    if (till->trial)
        return CF_OK;
    enum cf_rc rc = cf_replica_user_count(till->replica, &till->people.n_users, err);
    if (rc == CF_OK && till->people.is)
        rc = look_up_again(till, till->people.user.user, err);
    return rc;
}

enum cf_rc till_resume_session(struct cf_till *till, struct cf_error *err)
{
    struct cf_journal_session session;
    uint8_t boot_id[CF_BOOT_ID_BYTES];
    enum cf_rc rc = cf_journal_session(till->journal, &session, err);
    till->env->ops->boot_id(till->env->ctx, boot_id);
    nobody(till);
    if (rc != CF_OK || !session.is || memcmp(boot_id, session.boot_id, sizeof boot_id) != 0)
        return rc;
    till->people.active_at = (cf_mono){session.mono_ms * CF_US_PER_MS};
    return look_up_again(till, session.user, err);
}

static bool is_idle(const struct cf_till *till)
{
    return cf_env_mono(till->env).us - till->people.active_at.us >= CF_TILL_IDLE_S * CF_US_PER_S;
}

void cf_till_user(const struct cf_till *till, struct cf_till_user *ret)
{
    *ret = (struct cf_till_user){.users = till->people.n_users > 0};
    if (!till->people.is || is_idle(till))
        return;
    ret->is = true;
    ret->user = till->people.user.user;
    ret->role = till->people.user.role;
    memcpy(ret->name, till->people.user.name, sizeof ret->name);
    memcpy(ret->shown, till->cashier, sizeof ret->shown);
}

/* --- what is on record ---------------------------------------------------------------------------------------------
 */

static enum cf_rc record_event(struct cf_till *till, const struct cf_user_event *event, struct cf_error *err)
{
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    struct cf_committed at;
    cf_buf_clear(&till->scratch);
    enum cf_rc rc = cf_user_event_encode(event, &till->scratch, err);
    if (rc == CF_OK)
        rc = cf_journal_append(till->journal, CF_RECORD_USER, cf_buf_bytes(&till->scratch), false, &stamp, &at, err);
    if (rc == CF_OK)
        till_note_time(till, at.wall, stamp.time_quality);
    return rc;
}

/* --- PINs ----------------------------------------------------------------------------------------------------------
 */

/* A number as typed, or what a scanner read from a badge. */
static enum cf_rc find_user(struct cf_till *till, const char *who, struct cf_user *ret, bool *ret_badge,
                            struct cf_error *err)
{
    size_t n = strlen(who);
    *ret_badge = n == 0 || n > 6 || strspn(who, "0123456789") != n;
    if (till->people.n_users == 0)
        return cf_fail(err, CF_E_USER_UNKNOWN, "this store has no users: whoever is there sells");
    if (*ret_badge) {
        struct cf_badge_mark mark = cf_badge_mark_of(cf_bytes_str(who));
        return cf_replica_user_by_badge(till->replica, &mark, ret, err);
    }
    uint32_t number = 0;
    for (size_t i = 0; i < n; i++)
        number = number * 10 + (uint32_t)(who[i] - '0');
    return cf_replica_user(till->replica, number, ret, err);
}

/* How long ago the last wrong PIN was, at least: of another boot all that is known is how long this one lasts. */
static int64_t ago_ms(const struct cf_till *till, const struct cf_journal_wrong_pins *wrong)
{
    uint8_t boot_id[CF_BOOT_ID_BYTES];
    int64_t now_ms = cf_env_mono(till->env).us / CF_US_PER_MS;
    till->env->ops->boot_id(till->env->ctx, boot_id);
    return memcmp(boot_id, wrong->boot_id, sizeof boot_id) == 0 ? now_ms - wrong->mono_ms : now_ms;
}

static enum cf_rc check_pin(struct cf_till *till, const struct cf_user *user, const char *pin, struct cf_error *err)
{
    struct cf_journal_wrong_pins wrong;
    enum cf_rc rc = cf_journal_wrong_pins(till->journal, user->user, &wrong, err);
    if (rc != CF_OK)
        return rc;
    int64_t left_ms = cf_user_wait_s(wrong.n) * 1000 - ago_ms(till, &wrong);
    if (wrong.n > 0 && left_ms > 0)
        return cf_fail(err, CF_E_USER_LOCKED, "user %u, %u wrong PINs: %lld s more", user->user, wrong.n,
                       (long long)((left_ms + 999) / 1000));
    rc = cf_pin_verify(cf_bytes_str(pin), &user->pin, err);
    if (rc != CF_E_USER_PIN)
        return rc;
    struct cf_user_event guess = {.kind = CF_USER_WRONG_PIN, .user = user->user, .role = user->role};
    cf_user_shown(user, guess.shown);
    rc = record_event(till, &guess, err);
    return rc == CF_OK ? cf_fail(err, CF_E_USER_PIN, "user %u, %u in a row", user->user, wrong.n + 1) : rc;
}

/* --- login and lock ------------------------------------------------------------------------------------------------
 */

enum cf_rc cf_till_user_name(struct cf_till *till, const char *who, char ret[CF_CASHIER_MAX + 1], struct cf_error *err)
{
    struct cf_user user;
    bool badge = false;
    enum cf_rc rc = find_user(till, who, &user, &badge, err);
    if (rc == CF_OK)
        snprintf(ret, CF_CASHIER_MAX + 1, "%s", user.name);
    return rc;
}

enum cf_rc cf_till_login(struct cf_till *till, const char *who, const char *pin, struct cf_error *err)
{
    struct cf_user user;
    bool badge = false;
    enum cf_rc rc = till->sale.state == CF_CHECKOUT_IDLE ? till_refresh(till, err) : CF_OK;
    if (rc == CF_OK)
        rc = find_user(till, who, &user, &badge, err);
    if (rc == CF_OK)
        rc = check_pin(till, &user, pin, err);
    if (rc == CF_OK) {
        struct cf_user_event login = {.kind = CF_USER_LOGIN, .user = user.user, .role = user.role, .badge = badge};
        cf_user_shown(&user, login.shown);
        rc = record_event(till, &login, err);
    }
    if (rc == CF_OK)
        somebody(till, &user);
    return rc;
}

enum cf_rc cf_till_lock(struct cf_till *till, struct cf_error *err)
{
    if (!till->people.is)
        return cf_fail(err, CF_E_USER_NONE, "nobody is logged in");
    struct cf_user_event lock = {.kind = CF_USER_LOCK, .user = till->people.user.user, .role = till->people.user.role};
    memcpy(lock.shown, till->cashier, sizeof lock.shown);
    enum cf_rc rc = record_event(till, &lock, err);
    if (rc == CF_OK)
        nobody(till);
    return rc;
}

/* --- why -----------------------------------------------------------------------------------------------------------
 */

static bool is_blank(uint32_t code_point)
{
    return code_point == ' ' || code_point == 0xA0 || code_point == 0x3000; /* also the wide one of Chinese */
}

enum cf_rc till_accept_reason(const char *said, char *out, size_t cap, struct cf_error *err)
{
    cf_bytes text = cf_bytes_str(said != NULL ? said : "");
    size_t from = text.n, to = 0;
    for (size_t at = 0, next = 0; at < text.n; at = next) {
        next = at;
        if (is_blank(cf_text_next(text, &next)))
            continue;
        from = at < from ? at : from;
        to = next;
    }
    return cf_text_accept(from < to ? cf_bytes_of(text.p + from, to - from) : cf_bytes_str(""), out, cap, err);
}

/* --- what they may do ----------------------------------------------------------------------------------------------
 */

enum cf_rc cf_till_override(struct cf_till *till, const char *who, const char *pin, const char *reason,
                            struct cf_error *err)
{
    struct cf_user by;
    char clean[CF_USER_REASON_MAX + 1];
    bool badge = false;
    enum cf_rc rc = till->people.is ? CF_OK : cf_fail(err, CF_E_USER_NONE, "nobody is logged in to be allowed it");
    if (rc == CF_OK)
        rc = till_accept_reason(reason, clean, sizeof clean, err);
    if (rc == CF_OK && clean[0] == '\0')
        rc = cf_fail(err, CF_E_USER_REASON, "an override has a reason");
    if (rc == CF_OK)
        rc = find_user(till, who, &by, &badge, err);
    if (rc == CF_OK && by.user == till->people.user.user)
        rc = cf_fail(err, CF_E_PERMIT, "nobody allows anything to themselves");
    if (rc == CF_OK)
        rc = check_pin(till, &by, pin, err);
    if (rc != CF_OK)
        return rc;
    till->people.allows = true;
    till->people.by = by;
    till->people.allowed_at = cf_env_mono(till->env);
    memcpy(till->people.reason, clean, sizeof clean);
    return CF_OK;
}

enum cf_rc cf_till_note_reprint(struct cf_till *till, uint64_t seq, struct cf_error *err)
{
    struct cf_user_event reprint = {.kind = CF_USER_REPRINT, .sale_no = seq};
    struct cf_receipt *receipt = NULL;
    enum cf_rc rc = till_permit(till, CF_ACT_REPRINT, NULL, err);
    if (rc == CF_OK)
        rc = cf_till_receipt(till, seq, &receipt, err); /* there is one */
    cf_receipt_free(receipt);
    if (rc != CF_OK)
        return rc;
    memcpy(reprint.shown, till->cashier, sizeof reprint.shown);
    if (till->people.is) {
        reprint.user = till->people.user.user;
        reprint.role = till->people.user.role;
    }
    return record_event(till, &reprint, err);
}

/* An override of an open sale is a step of it as well: the sale's record says so too. */
static enum cf_rc record_within(struct cf_till *till, const struct cf_user_event *event, struct cf_error *err)
{
    struct cf_step step = {.kind = CF_STEP_OVERRIDE};
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    struct cf_offer_source offers = till_offers(till, NULL);
    struct cf_committed at;
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    cf_buf_init(&body, CF_RECORD_BODY_MAX);
    step.override.act = event->act;
    step.override.by = event->by;
    step.override.size = event->size;
    memcpy(step.override.reason, event->reason, sizeof step.override.reason);
    cf_buf_clear(&till->scratch);
    enum cf_rc rc = cf_user_event_encode(event, &body, err);
    if (rc == CF_OK)
        rc = cf_step_encode(&step, &till->scratch, err);
    if (rc == CF_OK)
        rc = cf_journal_append_step(till->journal, CF_RECORD_USER, cf_buf_bytes(&body), cf_buf_bytes(&till->scratch),
                                    &stamp, &at, err);
    if (rc != CF_OK)
        return rc;
    till_note_time(till, at.wall, stamp.time_quality);
    return cf_open_sale_apply(&till->sale, &step, &offers, clock.best, err);
}

/* Whether what was allowed covers this act; then it is on record, and used up. */
static enum cf_rc use_override(struct cf_till *till, enum cf_act act, const struct cf_act_size *size,
                               struct cf_error *err)
{
    struct till_people *people = &till->people;
    struct cf_user_event event = {.kind = CF_USER_OVERRIDE,
                                  .user = people->user.user,
                                  .role = people->user.role,
                                  .by = people->by.user,
                                  .by_role = people->by.role,
                                  .act = act,
                                  .size = *size};
    memcpy(event.shown, till->cashier, sizeof event.shown);
    cf_user_shown(&people->by, event.by_shown);
    if (event.size.percent_bp > 10000)
        event.size.percent_bp = 10000;
    enum cf_rc rc = cf_permit_check(people->by.role, act, size, till->settings.currency, err);
    if (rc == CF_OK && till->sale.state != CF_CHECKOUT_IDLE)
        rc = cf_journal_next_sale_no(till->journal, &event.sale_no, err);
    if (rc != CF_OK)
        return rc;
    memcpy(event.reason, people->reason, sizeof event.reason);
    people->allows = false;
    return till->sale.state == CF_CHECKOUT_IDLE ? record_event(till, &event, err) : record_within(till, &event, err);
}

enum cf_rc till_permit(struct cf_till *till, enum cf_act act, const struct cf_act_size *size, struct cf_error *err)
{
    static const struct cf_act_size none = {0};
    struct till_people *people = &till->people;
    const struct cf_act_size *of = size ? size : &none;
    if (people->n_users == 0)
        return cf_permit_check(CF_ROLE_NONE, act, of, till->settings.currency, err);
    if (people->is && is_idle(till))
        nobody(till);
    if (!people->is)
        return cf_fail(err, CF_E_USER_NONE, "%s", cf_act_name(act));
    cf_mono now = cf_env_mono(till->env);
    people->active_at = now;
    enum cf_rc rc = cf_permit_check(people->user.role, act, of, till->settings.currency, err);
    if (CF_PLANTED(permit_unasked))
        return CF_OK;
    if (rc != CF_E_PERMIT || !people->allows)
        return rc;
    if (now.us - people->allowed_at.us >= OVERRIDE_S * CF_US_PER_S) {
        people->allows = false;
        return rc;
    }
    return use_override(till, act, of, err);
}

/* What is taken off by lowering a price: against what the shelf said, so that many small steps are one large one. */
static enum cf_rc size_of_price(const struct cf_cart_line *line, int64_t unit_price_minor, struct cf_act_size *ret,
                                struct cf_error *err)
{
    struct cf_cart_line shelf = *line, changed = *line;
    int64_t was = 0, now = 0, bp = 0;
    if (line->shelf_minor != 0)
        shelf.unit_price_minor = line->shelf_minor;
    changed.unit_price_minor = unit_price_minor;
    enum cf_rc rc = cf_line_gross(&shelf, &was, err);
    if (rc == CF_OK)
        rc = cf_line_gross(&changed, &now, err);
    if (rc != CF_OK || now >= was || now < 0)
        return rc;
    rc = cf_muldiv_round(was - now, 10000, was, &bp, err);
    *ret = (struct cf_act_size){.minor = was - now, .percent_bp = (uint32_t)bp};
    return rc;
}

static bool covers(const struct cf_act_size *allowed, const struct cf_act_size *size)
{
    return allowed->minor >= size->minor && allowed->percent_bp >= size->percent_bp;
}

/* May one of those who gave a discount on this sale give all of it? Whoever left the store since may not. */
static bool giver_may(struct cf_till *till, const struct cf_act_size *size)
{
    const struct cf_hand_discount *given;
    size_t n = cf_cart_discounts(till->sale.cart, &given);
    bool may = false;
    for (size_t i = 0; !may && i < n; i++) {
        struct cf_user user;
        may = given[i].user != 0 && cf_replica_user(till->replica, given[i].user, &user, NULL) == CF_OK &&
              cf_permit_check(user.role, CF_ACT_DISCOUNT, size, till->settings.currency, NULL) == CF_OK;
    }
    return may;
}

enum cf_rc till_permit_tender(struct cf_till *till, struct cf_error *err)
{
    const struct cf_open_sale *sale = &till->sale;
    enum cf_rc rc = till_permit(till, CF_ACT_SELL, NULL, err);
    if (rc != CF_OK || sale->state != CF_CHECKOUT_SELLING || sale->priced->n_hand == 0)
        return rc;
    const struct cf_act_size size = cf_priced_hand_size(sale->cart, sale->priced);
    for (size_t i = 0; i < sale->n_overrides; i++)
        if (sale->overrides[i].act == CF_ACT_DISCOUNT && covers(&sale->overrides[i].size, &size))
            return CF_OK;
    return giver_may(till, &size) ? CF_OK : till_permit(till, CF_ACT_DISCOUNT, &size, err);
}

/* What the user voided since the last Z report: on sales that are done or cancelled, on those that are parked here, and
 * on the open one. */
static enum cf_rc voids_of_day(struct cf_till *till, int64_t *ret, struct cf_error *err)
{
    const struct cf_journal_day *day = NULL;
    int64_t sum = cf_open_sale_voids(&till->sale).minor, parked = 0;
    enum cf_rc rc = till_day(till, &day, err);
    if (rc == CF_OK)
        rc = till_parked_voids(till, &parked, err);
    if (rc == CF_OK)
        rc = cf_add_i64(sum, parked, &sum, err);
    for (size_t i = 0; rc == CF_OK && i < day->day.detail.n_users; i++)
        if (strcmp(day->day.detail.users[i].user, till->cashier) == 0)
            rc = cf_add_i64(sum, day->day.detail.users[i].void_lines_minor, &sum, err);
    if (rc == CF_OK)
        *ret = sum;
    return rc;
}

/* Many small voids are one large one, over all sales of a day. One that somebody else allowed is not asked for twice.
 */
static enum cf_rc permit_void(struct cf_till *till, const struct cf_act_size *size, struct cf_error *err)
{
    struct till_people *people = &till->people;
    struct cf_act_size all = {0};
    bool allowed = people->allows;
    enum cf_rc rc = till_permit(till, CF_ACT_VOID_LINE, size, err);
    bool by_other = allowed && !people->allows;
    if (rc != CF_OK || by_other || !people->is || size->minor == 0 ||
        cf_permit_of(people->user.role, CF_ACT_VOIDS).up_to_minor == INT64_MAX)
        return rc;
    rc = voids_of_day(till, &all.minor, err);
    if (rc == CF_OK)
        rc = cf_add_i64(all.minor, size->minor, &all.minor, err);
    return rc == CF_OK ? till_permit(till, CF_ACT_VOIDS, &all, err) : rc;
}

/* Fewer pieces of a line: the others are void. More of one whose price somebody lowered: more is taken off. */
static enum cf_rc permit_quantity(struct cf_till *till, const struct cf_cart_line *line, int64_t qty_milli,
                                  struct cf_error *err)
{
    struct cf_act_size size = {0};
    struct cf_cart_line fewer = *line;
    if (qty_milli > line->qty_milli && qty_milli <= CF_QTY_MILLI_MAX && line->shelf_minor != 0) {
        fewer.qty_milli = qty_milli;
        enum cf_rc more_rc = size_of_price(&fewer, line->unit_price_minor, &size, err);
        if (more_rc != CF_OK || size.minor > 0)
            return more_rc != CF_OK ? more_rc : till_permit(till, CF_ACT_PRICE, &size, err);
    }
    if (qty_milli <= 0 || qty_milli >= line->qty_milli)
        return till_permit(till, CF_ACT_SELL, NULL, err);
    fewer.qty_milli = line->qty_milli - qty_milli;
    enum cf_rc rc = cf_line_gross(&fewer, &size.minor, err);
    return rc == CF_OK ? permit_void(till, &size, err) : rc;
}

/* Goods without a price of their own (0) get one at the counter: that is selling. */
enum cf_rc till_permit_change(struct cf_till *till, enum cf_step_kind kind, uint32_t line_no, int64_t value,
                              struct cf_error *err)
{
    struct cf_act_size size = {0};
    if (line_no == 0 || line_no > cf_cart_count(till->sale.cart))
        return till_permit(till, CF_ACT_SELL, NULL, err);
    const struct cf_cart_line *line = cf_cart_at(till->sale.cart, line_no - 1);
    if (line->voided)
        return till_permit(till, CF_ACT_SELL, NULL, err); /* it will be refused for that */
    if (kind == CF_STEP_QUANTITY)
        return permit_quantity(till, line, value, err);
    if (kind == CF_STEP_VOID) {
        enum cf_rc rc = cf_line_gross(line, &size.minor, err);
        return rc == CF_OK ? permit_void(till, &size, err) : rc;
    }
    if (line->unit_price_minor == 0 && line->shelf_minor == 0)
        return till_permit(till, CF_ACT_SELL, NULL, err);
    enum cf_rc rc = size_of_price(line, value, &size, err);
    return rc == CF_OK ? till_permit(till, CF_ACT_PRICE, &size, err) : rc;
}
