/*
 * tests/unit/desk/desk_support.h - a counter: a desk over a whole till of the terminal's tests, and who stands at it.
 */
#ifndef CF_TESTS_DESK_SUPPORT_H
#define CF_TESTS_DESK_SUPPORT_H

#include "app/desk/desk.h"
#include "app/desk/language.h"
#include "tests/unit/terminal/till_support.h"

struct counter {
    struct shop shop;
    struct cf_desk *desk;
    unsigned printed, copies, good, bad;
    bool paper_is_out;
    bool asks; /* before counter_open: receipts are printed for who asks for one */
    unsigned asked, skipped;
    bool has_scale;
    enum cf_rc scale_rc;
    int32_t scale_g;
    char document[64]; /* printed last that was no record, and how long it was */
    size_t n_blocks;
    int64_t now_ms; /* of counter_settle */
    bool exports;   /* before counter_open: days become files */
    enum cf_rc export_rc;
    enum cf_desk_form form; /* asked for last, and of which day */
    uint32_t z_no;
    unsigned exported;
    bool export_goes_on;
    struct cf_desk_exporting exporting;
    struct cf_desk_payer card, mobile;
    struct cf_desk_members members; /* before counter_open; ctx is the counter */
    struct cf_cashier_page cashier;
    struct cf_shopper_page shopper;
};

#define COUNTER_TEST(name) cmocka_unit_test_setup_teardown(name, counter_setup, counter_teardown)
int counter_setup(void **state);
int counter_teardown(void **state);
#define COUNTER_PIN "271828"
/* From now on the shop has users, and this one is one of them. */
void counter_send_user(struct counter *counter, uint32_t number, const char *name, enum cf_role role);
void counter_sign_on(struct counter *counter, const char *number);
/* A desk over the shop's till. */
void counter_open(struct counter *counter);
/* What a kill and a new start are. */
void counter_restart(struct counter *counter);
/* Ticks until nothing is done in steps any more; how often. */
unsigned counter_settle(struct counter *counter);
/* What there is to see now; the id of the cashier's page. */
enum cf_page_id counter_look(struct counter *counter);
void counter_scan(struct counter *counter, const char *text);
void counter_type(struct counter *counter, const char *text);
void counter_enter(struct counter *counter, const char *text);
/* The key of the cashier's page that does this; NULL: there is none. */
const struct cf_page_key *counter_key(struct counter *counter, enum cf_desk_do act);
const char *counter_field(const struct cf_page_field *fields, size_t n, const char *label);

#endif
