/*
 * tests/unit/cli/export_audit_test.c - what signed each bon, in the audit file: a device, one that failed, or the
 * chain.
 */
#include "app/cli/export.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The tables are files that nobody else sees. */
static struct {
    char name[32];
    char *text;
    size_t n;
    FILE *file;
} tables[EXPORT_TABLES_MAX];

enum cf_rc export_open(struct export *export, size_t table, const char *name, struct cf_error *err)
{
    (void)err;
    assert_true(table < EXPORT_TABLES_MAX);
    (void)snprintf(tables[table].name, sizeof tables[table].name, "%s", name);
    export->table[table] = tables[table].file = open_memstream(&tables[table].text, &tables[table].n);
    return tables[table].file != NULL ? CF_OK : CF_E_NO_MEMORY;
}

static const char *text_of(const char *name)
{
    for (size_t i = 0; i < EXPORT_TABLES_MAX; i++)
        if (strcmp(tables[i].name, name) == 0) {
            assert_int_equal(fflush(tables[i].file), 0);
            return tables[i].text;
        }
    fail_msg("no table %s", name);
    return "";
}

/* The row of a table, from 1, behind its key: what the till and the Z are. */
static void expect_row(const char *name, unsigned no, const char *expected)
{
    static const char key[] = "\"21-1\";\"2026-11-22T20:00:00Z\";7;";
    char row[512] = "";
    const char *at = text_of(name);
    for (unsigned i = 0; i < no && at != NULL; i++) {
        at = strstr(at, "\r\n");
        at = at != NULL ? at + 2 : NULL;
    }
    assert_non_null(at);
    (void)snprintf(row, sizeof row, "%.*s", (int)strcspn(at, "\r"), at);
    if (strncmp(row, key, sizeof key - 1) != 0 || strcmp(row + sizeof key - 1, expected) != 0)
        fail_msg("%s, row %u: %s", name, no, row);
}

static struct bon signed_bon(uint64_t seq, const char *serial)
{
    struct bon bon = {.kind = BON_SALE, .seq = seq, .no = seq, .at = {INT64_C(1795377600000000)}, .hash = "c0ffee"};
    if (serial == NULL)
        return bon;
    bon.fiscal = (struct cf_fiscal_answer){.is = true, .transaction = 10 + seq, .counter = 20 + seq};
    (void)snprintf(bon.fiscal.serial, sizeof bon.fiscal.serial, "%s", serial);
    (void)snprintf(bon.fiscal.signature, sizeof bon.fiscal.signature, "c2ln");
    return bon;
}

static void each_bon_says_what_signed_it_and_when(void **state)
{
    (void)state;
    struct cf_z_report z = {.z_no = 7};
    struct export export = {.z = &z, .terminal = 21, .epoch = 1, .z_at = {INT64_C(1795377600000000)}};
    struct cf_error err;
    memcpy(export.store.currency.code, "EUR", 4);
    assert_int_equal(export_audit.begin(&export, &err), CF_OK);
    struct bon bon = signed_bon(1, "TSE-1");
    bon.fiscal.start_s = INT64_C(1795377598);
    bon.fiscal.end_s = INT64_C(1795377600);
    export_audit.put(&export, &bon);
    bon = signed_bon(2, "TSE-2"); /* a device that tells no times */
    export_audit.put(&export, &bon);
    bon = signed_bon(3, "TSE-1");
    export_audit.put(&export, &bon);
    bon = signed_bon(4, NULL); /* no device: the chain */
    export_audit.put(&export, &bon);
    bon = signed_bon(5, NULL); /* it started, and nobody knows whether it finished */
    bon.fiscal = (struct cf_fiscal_answer){.is = true, .transaction = 15};
    export_audit.put(&export, &bon);
    const char *const name = "transactions_tse.csv";
    expect_row(
        name, 1,
        "\"21-1-000001\";2;11;\"2026-11-22T19:59:58Z\";\"2026-11-22T20:00:00Z\";\"Kassenbeleg-V1\";21;\"c2ln\";\"\"");
    expect_row(name, 2, "\"21-1-000002\";3;12;\"\";\"\";\"Kassenbeleg-V1\";22;\"c2ln\";\"\"");
    expect_row(name, 3, "\"21-1-000003\";2;13;\"\";\"\";\"Kassenbeleg-V1\";23;\"c2ln\";\"\"");
    expect_row(name, 4, "\"21-1-000004\";1;4;\"2026-11-22T20:00:00Z\";\"2026-11-22T20:00:00Z\";\"\";4;\"c0ffee\";\"\"");
    expect_row(name, 5, "\"21-1-000005\";0;15;\"\";\"\";\"Kassenbeleg-V1\";0;\"\";\"TSE ausgefallen\"");
    expect_row("tse.csv", 1, "2;\"TSE-1\";\"\"");
    expect_row("tse.csv", 2, "3;\"TSE-2\";\"\"");
    expect_row("tse.csv", 3, "1;\"21-1\";\"SHA-256\"");
    for (size_t i = 0; i < EXPORT_TABLES_MAX; i++)
        if (tables[i].file != NULL) {
            (void)fclose(tables[i].file);
            free(tables[i].text);
        }
}

static void goods_asked_for_at_more_rates_than_a_bon_holds_do_not_stop_the_export(void **state)
{
    (void)state;
    static struct bon_line lines[CF_CART_LINES_MAX];
    static struct cf_request_record request = {.act = CF_REQUEST_ASK, .n_lines = CF_REPORT_RATES_MAX};
    struct cf_error err;
    for (size_t i = 0; i <= CF_REPORT_RATES_MAX; i++)
        request.lines[i] = (struct cf_request_line){
            .product = 1, .qty_milli = 2000, .unit_price_minor = 1000, .tax_bp = (uint32_t)i * 100};
    struct bon bon = {.lines = lines};
    assert_int_equal(bon_of_request(&request, CF_TAX_INCLUSIVE, &bon, &err), CF_OK);
    assert_int_equal(bon.n_lines, CF_REPORT_RATES_MAX);
    assert_int_equal(bon.total_minor, 2000 * CF_REPORT_RATES_MAX);
    request.n_lines++; /* its sum alone */
    bon = (struct bon){.lines = lines};
    assert_int_equal(bon_of_request(&request, CF_TAX_INCLUSIVE, &bon, &err), CF_OK);
    assert_int_equal(bon.n_lines, 0);
    assert_int_equal(bon.n_rates, 0);
    assert_int_equal(bon.total_minor, 2000 * (CF_REPORT_RATES_MAX + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bon_says_what_signed_it_and_when),
        cmocka_unit_test(goods_asked_for_at_more_rates_than_a_bon_holds_do_not_stop_the_export),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
