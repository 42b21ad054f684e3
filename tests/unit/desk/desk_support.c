/*
 * tests/unit/desk/desk_support.c - see desk_support.h.
 */
#include "tests/unit/desk/desk_support.h"

#include <stdio.h>
#include <string.h>

#include "app/core/user.h"
#include "app/counter/languages.h"
#include "app/receipt/receipt.h"

static enum cf_rc print(void *ctx, uint64_t seq, bool copy, struct cf_error *err)
{
    struct counter *counter = ctx;
    if (counter->paper_is_out) {
        return cf_fail(err, CF_E_IO, "the printer is out of paper");
    }
    *(copy ? &counter->copies : &counter->printed) += 1;
    return counter->asks ? cf_till_printed(counter->shop.till, seq, CF_PRINT_DONE, err) : CF_OK;
}

static enum cf_rc ask(void *ctx, uint64_t seq, struct cf_error *err)
{
    struct counter *counter = ctx;
    (void)seq;
    counter->asked++;
    return counter->paper_is_out ? cf_fail(err, CF_E_IO, "the drawer's printer is off") : CF_OK;
}

static enum cf_rc skip_paper(void *ctx, uint64_t seq, struct cf_error *err)
{
    struct counter *counter = ctx;
    counter->skipped++;
    return cf_till_printed(counter->shop.till, seq, CF_PRINT_SKIPPED, err);
}

static enum cf_rc print_document(void *ctx, const struct cf_receipt *document, const char *name, struct cf_error *err)
{
    struct counter *counter = ctx;
    (void)err;
    snprintf(counter->document, sizeof counter->document, "%s", name);
    counter->n_blocks = cf_receipt_count(document);
    return CF_OK;
}

static void tone(void *ctx, bool good)
{
    struct counter *counter = ctx;
    *(good ? &counter->good : &counter->bad) += 1;
}

static bool language_of(void *ctx, uint32_t user, char ret[CF_DESK_LANGUAGE_CAP])
{
    const struct counter *counter = ctx;
    return cf_languages_find(cf_env_system(), counter->shop.dir, user, ret);
}

static enum cf_rc keep_language(void *ctx, uint32_t user, const char *language, struct cf_error *err)
{
    const struct counter *counter = ctx;
    return cf_languages_keep(cf_env_system(), counter->shop.dir, user, language, err);
}

static enum cf_rc scale(void *ctx, int32_t *ret_g, struct cf_error *err)
{
    const struct counter *counter = ctx;
    if (counter->scale_rc != CF_OK)
        return cf_fail(err, counter->scale_rc, "the scale of the test");
    *ret_g = counter->scale_g;
    return CF_OK;
}

static enum cf_rc weigh(void *ctx, int32_t tare_g, int32_t *ret_g, struct cf_error *err)
{
    int32_t gross_g = 0;
    enum cf_rc rc = scale(ctx, &gross_g, err);
    if (rc == CF_OK && tare_g >= gross_g)
        return cf_fail(err, CF_E_SCALE_TARE, "%ld g lie on the scale", (long)gross_g);
    if (rc == CF_OK)
        *ret_g = gross_g - tare_g;
    return rc;
}

static enum cf_rc export_day(void *ctx, enum cf_desk_form form, uint32_t z_no, struct cf_error *err)
{
    struct counter *counter = ctx;
    if (counter->export_rc != CF_OK)
        return cf_fail(err, counter->export_rc, "the stick of the test");
    counter->exported++;
    counter->form = form;
    counter->z_no = z_no;
    return CF_OK;
}

static bool exporting(void *ctx, struct cf_desk_exporting *ret)
{
    struct counter *counter = ctx;
    *ret = counter->exporting;
    return counter->export_goes_on;
}

void counter_open(struct counter *counter)
{
    struct cf_desk_ports ports = {.ctx = counter,
                                  .print = print,
                                  .print_document = print_document,
                                  .tone = tone,
                                  .language_of = language_of,
                                  .keep_language = keep_language};
    ports.ask = counter->asks ? ask : NULL;
    ports.skip = counter->asks ? skip_paper : NULL;
    ports.scale = counter->has_scale ? scale : NULL;
    ports.weigh = counter->has_scale ? weigh : NULL;
    ports.export_day = counter->exports ? export_day : NULL;
    ports.exporting = counter->exports ? exporting : NULL;
    ports.card = counter->card;
    ports.mobile = counter->mobile;
    ports.members = counter->members;
    assert_ok(cf_desk_new(counter->shop.till, "Till 1", &ports, &counter->desk, NULL));
}

void counter_send_user(struct counter *counter, uint32_t number, const char *name, enum cf_role role)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_USER};
    entry.user = (struct cf_user){.store = SHOP_STORE, .user = number, .role = role};
    snprintf(entry.user.name, sizeof entry.user.name, "%s", name);
    entry.user.pin.memory_kib = CF_PIN_MEMORY_KIB_MIN; /* a test need not wait */
    entry.user.pin.passes = 1;
    assert_ok(cf_pin_hash(cf_bytes_str(COUNTER_PIN), &entry.user.pin, NULL));
    shop_send(&counter->shop, CF_TOPIC_USERS, &entry);
    assert_ok(cf_till_rest(counter->shop.till, &counter->shop.err));
}

void counter_sign_on(struct counter *counter, const char *number)
{
    counter_enter(counter, number);
    counter_enter(counter, COUNTER_PIN);
}

int counter_setup(void **state)
{
    static struct counter counter;
    memset(&counter, 0, sizeof counter);
    shop_init(&counter.shop);
    shop_open(&counter.shop);
    counter_open(&counter);
    *state = &counter;
    return 0;
}

int counter_teardown(void **state)
{
    struct counter *counter = *state;
    cf_desk_free(counter->desk);
    shop_done(&counter->shop);
    return 0;
}

void counter_restart(struct counter *counter)
{
    cf_desk_free(counter->desk);
    shop_restart(&counter->shop);
    counter_open(counter);
}

unsigned counter_settle(struct counter *counter)
{
    unsigned n = 0;
    for (; cf_desk_is_busy(counter->desk); n++) {
        counter->now_ms += 16;
        cf_desk_tick(counter->desk, counter->now_ms);
    }
    return n;
}

/* What there is to see now; the id of the cashier's page. */
enum cf_page_id counter_look(struct counter *counter)
{
    cf_desk_cashier(counter->desk, &counter->cashier);
    cf_desk_shopper(counter->desk, &counter->shopper);
    return counter->cashier.id;
}

void counter_scan(struct counter *counter, const char *text)
{
    cf_desk_scan(counter->desk, cf_bytes_str(text));
}

void counter_type(struct counter *counter, const char *text)
{
    for (; *text != '\0'; text++) {
        cf_desk_type(counter->desk, *text);
    }
}

void counter_enter(struct counter *counter, const char *text)
{
    counter_type(counter, text);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
}

const struct cf_page_key *counter_key(struct counter *counter, enum cf_desk_do act)
{
    counter_look(counter);
    for (size_t i = 0; i < counter->cashier.n_keys; i++) {
        if (counter->cashier.keys[i].act == act) {
            return &counter->cashier.keys[i];
        }
    }
    return NULL;
}

const char *counter_field(const struct cf_page_field *fields, size_t n, const char *label)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fields[i].label, label) == 0) {
            return fields[i].value;
        }
    }
    return "";
}
