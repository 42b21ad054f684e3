/*
 * tests/unit/central/api_test.c - what the API refuses, each by its name, and nothing else happens.
 */
#include "tests/unit/central/centre.h"

#include "tests/support/shared_data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define KEY_HEX "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define PROMOTION "\"promotion\":{\"kind\":\"order_percent\",\"percent_bp\":1000}"

static void bad_json_is_refused_by_name(void **state)
{
    struct centre *centre = *state;
    static const struct {
        const char *why;
        const char *body;
        const char *name;
    } rows[] = {
        {"nothing", "", "JSON_SYNTAX"},
        {"no JSON", "hello", "JSON_SYNTAX"},
        {"an end too early", "{\"name\":\"x\"", "JSON_SYNTAX"},
        {"more after the end", "{\"name\":\"x\",\"currency\":\"CNY\"} x", "JSON_SYNTAX"},
        {"a key twice", "{\"name\":\"x\",\"name\":\"y\",\"currency\":\"CNY\"}", "JSON_SYNTAX"},
        {"bytes that are no UTF-8", "{\"name\":\"\xc3\x28\",\"currency\":\"CNY\"}", "JSON_SYNTAX"},
        {"half of a surrogate pair", "{\"name\":\"\\ud800\",\"currency\":\"CNY\"}", "JSON_SYNTAX"},
        {"an array", "[]", "JSON_TYPE"},
        {"a field missing", "{\"name\":\"x\"}", "JSON_TYPE"},
        {"null where a value must be", "{\"name\":null,\"currency\":\"CNY\"}", "JSON_TYPE"},
        {"a field too many", "{\"name\":\"x\",\"currency\":\"CNY\",\"colour\":1}", "JSON_TYPE"},
        {"a number for a text", "{\"name\":1,\"currency\":\"CNY\"}", "JSON_TYPE"},
        {"a text for a number", "{\"name\":\"x\",\"currency\":\"CNY\",\"utc_offset_min\":\"1\"}", "JSON_TYPE"},
        {"a fraction", "{\"name\":\"x\",\"currency\":\"CNY\",\"utc_offset_min\":1.5}", "JSON_TYPE"},
        {"beyond int64", "{\"name\":\"x\",\"currency\":\"CNY\",\"utc_offset_min\":9223372036854775808}", "JSON_RANGE"},
        {"far beyond int64", "{\"name\":\"x\",\"currency\":\"CNY\",\"utc_offset_min\":1e999}", "JSON_RANGE"},
        {"out of its range", "{\"name\":\"x\",\"currency\":\"CNY\",\"utc_offset_min\":841}", "JSON_RANGE"},
        {"an empty name", "{\"name\":\"\",\"currency\":\"CNY\"}", "JSON_RANGE"},
        {"a control character", "{\"name\":\"a\\u001bb\",\"currency\":\"CNY\"}", "ENCODING"},
        {"a line end", "{\"name\":\"a\\nb\",\"currency\":\"CNY\"}", "ENCODING"},
        {"text turned around", "{\"name\":\"a\\u202eb\",\"currency\":\"CNY\"}", "ENCODING"},
        {"no currency", "{\"name\":\"x\",\"currency\":\"yuan\"}", "CURRENCY"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        centre_refuses(centre, "POST", "/v1/stores", rows[i].body, rows[i].name);
    }
    assert_int_equal(centre_count(centre, "/v1/stores", "stores"), 1);
}

static void a_field_that_is_wrong_is_named(void **state)
{
    struct centre *centre = *state;
    int status;
    json_t *json = centre_call(centre, "POST", "/v1/stores", "{\"name\":\"x\",\"currency\":7}", &status);
    assert_non_null(strstr(json_text(json_object_get(json, "error"), "detail"), "currency"));
    json_decref(json);
}

static void nesting_of_ten_thousand_is_refused_before_it_is_parsed(void **state)
{
    struct centre *centre = *state;
    static char body[20001];
    memset(body, '[', 10000);
    memset(body + 10000, ']', 10000);
    centre_refuses(centre, "POST", "/v1/members", body, "JSON_DEPTH");
    memset(body, '[', 20000);
    centre_refuses(centre, "POST", "/v1/members", body, "JSON_DEPTH");
    for (size_t i = 0; i < 20000; i += 5) {
        memcpy(body + i, "{\"a\":", 5);
    }
    centre_refuses(centre, "POST", "/v1/members", body, "JSON_DEPTH");
}

static void a_body_of_ten_megabytes_is_refused(void **state)
{
    struct centre *centre = *state;
    char *body = malloc(10000001);
    memset(body, ' ', 10000000);
    body[10000000] = '\0';
    centre_refuses(centre, "POST", "/v1/members", body, "BODY_SIZE");
    free(body);
}

static void without_the_key_nothing_is_answered(void **state)
{
    struct centre *centre = *state;
    static const char *const keys[] = {NULL, "", "x", "cfk_0000000000000000000000000000000000000000"};
    struct cf_route_info route;
    size_t n_open = 0;
    for (size_t k = 0; cf_central_route(k, &route); k++) {
        if (route.port != CF_PORT_API || strchr(route.path, '{') != NULL) {
            continue;
        }
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
            struct cf_central_request request = {
                .port = CF_PORT_API, .method = route.method, .path = route.path, .api_key = keys[i]};
            cf_central_handle(centre->central, &request, &centre->response);
            if (centre->response.status != 401) {
                n_open++;
            }
        }
    }
    assert_int_equal(n_open, 2 * sizeof keys / sizeof *keys); /* /v1/ca and /v1/enrol */
    struct cf_central_request cross = {.port = CF_PORT_API, .method = "POST", .path = "/t1/pull", .api_key = keys[2]};
    cf_central_handle(centre->central, &cross, &centre->response);
    assert_int_equal(centre->response.status, 404); /* the terminals' routes are not on this port */
}

static void addresses_and_methods_that_are_not_there_are_named(void **state)
{
    struct centre *centre = *state;
    static const struct {
        const char *method, *path, *name;
    } rows[] = {
        {"GET", "/", "NOT_FOUND"},
        {"GET", "", "NOT_FOUND"},
        {"GET", "/v1/store", "NOT_FOUND"},
        {"GET", "/v1/stores/", "NOT_FOUND"},
        {"GET", "/v1/members/", "NOT_FOUND"},
        {"GET", "/v1/members/a/b", "NOT_FOUND"},
        {"GET", "/v1/members/xyz", "MEMBER_UNKNOWN"},
        {"GET", "/v1/members/0011223344556677", "MEMBER_UNKNOWN"},
        {"GET", "/v1/campaigns/0", "NOT_FOUND"},
        {"GET", "/v1/campaigns/-1", "NOT_FOUND"},
        {"GET", "/v1/campaigns/99999999999999999999", "NOT_FOUND"},
        {"GET", "/v1/campaigns/5", "CAMPAIGN_UNKNOWN"},
        {"PATCH", "/v1/campaigns/5", "JSON_SYNTAX"},
        {"GET", "/v1/reports/terminals/77", "NOT_FOUND"},
        {"GET", "/v1/sales", "ARGUMENT"},
        {"GET", "/v1/sales?terminal=x", "ARGUMENT"},
        {"GET", "/v1/sales?terminal=77", "NOT_FOUND"},
        {"GET", "/v1/catalogue", "ARGUMENT"},
        {"GET", "/v1/catalogue?store=99", "STORE_UNKNOWN"},
        {"GET", "/v1/alarms?after=-1", "ARGUMENT"},
        {"DELETE", "/v1/stores", "METHOD"},
        {"PUT", "/v1/members", "METHOD"},
        {"other", "/v1/health", "METHOD"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        centre_refuses(centre, rows[i].method, rows[i].path, NULL, rows[i].name);
    }
}

static void campaigns_that_contradict_themselves_are_refused(void **state)
{
    struct centre *centre = *state;
    static const struct {
        const char *why, *body, *name;
    } rows[] = {
        {"no budget", "{\"name\":\"x\",\"policy\":\"leased\"," PROMOTION "}", "JSON_TYPE"},
        {"so many a day of what is not counted",
         "{\"name\":\"x\",\"policy\":\"automatic\",\"per_day\":1," PROMOTION "}", "JSON_TYPE"},
        {"risk without a bound", "{\"name\":\"x\",\"policy\":\"optimistic\",\"budget\":1," PROMOTION "}", "JSON_TYPE"},
        {"risk of a lease", "{\"name\":\"x\",\"policy\":\"leased\",\"budget\":1,\"risk_budget_minor\":5," PROMOTION "}",
         "JSON_TYPE"},
        {"a limit a day that tills at risk cannot keep",
         "{\"name\":\"x\",\"policy\":\"optimistic\",\"budget\":1,\"risk_budget_minor\":5,\"per_day\":3," PROMOTION "}",
         "UNSUPPORTED"},
        {"a member's day that tills apart cannot count",
         "{\"name\":\"x\",\"policy\":\"leased\",\"budget\":1,\"per_member_day\":1," PROMOTION "}", "UNSUPPORTED"},
        {"money of which nobody knows what a use costs",
         "{\"name\":\"x\",\"policy\":\"leased\",\"budget\":1,\"budget_minor\":100,"
         "\"promotion\":{\"kind\":\"order_percent\",\"percent_bp\":1000}}",
         "JSON_TYPE"},
        {"no such policy", "{\"name\":\"x\",\"policy\":\"maybe\",\"budget\":1," PROMOTION "}", "JSON_TYPE"},
        {"a budget of none", "{\"name\":\"x\",\"policy\":\"leased\",\"budget\":0," PROMOTION "}", "JSON_RANGE"},
        {"no such channel",
         "{\"name\":\"x\",\"policy\":\"leased\",\"budget\":1,\"channels\":[\"phone\"]," PROMOTION "}", "JSON_TYPE"},
        {"no channel", "{\"name\":\"x\",\"policy\":\"leased\",\"budget\":1,\"channels\":[]," PROMOTION "}",
         "JSON_RANGE"},
        {"no such store", "{\"name\":\"x\",\"policy\":\"leased\",\"budget\":1,\"stores\":[9]," PROMOTION "}",
         "STORE_UNKNOWN"},
        {"an end before its start",
         "{\"name\":\"x\",\"policy\":\"leased\",\"budget\":1,\"from\":\"2026-12-02\",\"to\":\"2026-12-01\"," PROMOTION
         "}",
         "JSON_RANGE"},
        {"no instant", "{\"name\":\"x\",\"policy\":\"leased\",\"budget\":1,\"from\":\"soon\"," PROMOTION "}",
         "JSON_TYPE"},
        {"no such kind",
         "{\"name\":\"x\",\"policy\":\"leased\",\"budget\":1,\"promotion\":{\"kind\":\"no_such_kind\"}}", "JSON_TYPE"},
        {"more than all",
         "{\"name\":\"x\",\"policy\":\"leased\",\"budget\":1,\"promotion\":{\"kind\":\"order_percent\",\"percent_bp\":"
         "10001}}",
         "JSON_RANGE"},
        {"nothing off",
         "{\"name\":\"x\",\"policy\":\"leased\",\"budget\":1,\"promotion\":{\"kind\":\"order_percent\"}}", "RANGE"},
        {"a field that is not there",
         "{\"name\":\"x\",\"policy\":\"leased\",\"budget\":1,\"promotion\":{\"kind\":\"order_percent\",\"percent\":1}}",
         "JSON_TYPE"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        centre_refuses(centre, "POST", "/v1/campaigns", rows[i].body, rows[i].name);
    }
    assert_int_equal(centre_count(centre, "/v1/campaigns", "campaigns"), 0);
    (void)centre_campaign(centre, "leased", 5, "");
    centre_refuses(centre, "PATCH", "/v1/campaigns/1", "{\"policy\":\"pinned\"}", "JSON_TYPE");
    centre_refuses(centre, "PATCH", "/v1/campaigns/1", "{\"budget\":4}", "RANGE");
    json_t *json = centre_expect(centre, "GET", "/v1/campaigns/1", NULL, 200);
    assert_int_equal(json_int(json, "version"), 1);
    json_decref(json);
}

static void a_catalogue_is_taken_whole_or_not_at_all(void **state)
{
    struct centre *centre = *state;
    static const struct {
        const char *why, *lines, *name;
    } rows[] = {
        {"a wrong check digit", "{\"code\":\"4006381333932\",\"name\":\"x\",\"price_minor\":1}", "GTIN_CHECK"},
        {"no price", "{\"code\":\"A\",\"name\":\"x\"}", "JSON_TYPE"},
        {"a price below zero", "{\"code\":\"A\",\"name\":\"x\",\"price_minor\":-1}", "JSON_RANGE"},
        {"no code", "{\"name\":\"x\",\"price_minor\":1}", "JSON_TYPE"},
        {"a code that is too long",
         "{\"code\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"name\":\"x\",\"price_minor\":1}", "JSON_RANGE"},
        {"too many categories", "{\"code\":\"A\",\"name\":\"x\",\"price_minor\":1,\"categories\":[1,2,3,4,5,6,7,8,9]}",
         "JSON_RANGE"},
        {"not JSON", "A;x;1", "JSON_SYNTAX"},
    };
    char body[512];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)snprintf(body, sizeof body, "{\"code\":\"GOOD%zu\",\"name\":\"good\",\"price_minor\":1}\n%s\n", i,
                       rows[i].lines);
        centre_refuses(centre, "POST", "/v1/catalogue?store=1", body, rows[i].name);
    }
    json_t *json = centre_expect(centre, "GET", "/v1/catalogue?store=1", NULL, 200);
    assert_int_equal(json_int(json, "products"), 1);
    json_decref(json);
    static const char lines[] = "{\"code\":\"A\",\"name\":\"x\",\"price_minor\":1}\r\n\n"
                                "{\"codes\":[\"B\",\"40063813\",\"96385074\"],\"name\":\"y\",\"price_minor\":2}";
    centre_refuses(centre, "POST", "/v1/catalogue?store=1", lines, "GTIN_CHECK");
    static const char good[] = "{\"code\":\"A\",\"name\":\"x\",\"price_minor\":1}\r\n\n"
                               "{\"codes\":[\"B\",\"96385074\"],\"name\":\"y\",\"price_minor\":2}";
    json = centre_expect(centre, "POST", "/v1/catalogue?store=1", good, 200);
    assert_int_equal(json_int(json, "changed"), 2);
    json_decref(json);
    json = centre_expect(centre, "POST", "/v1/catalogue?store=1", good, 200);
    assert_int_equal(json_int(json, "products"), 2);
    assert_int_equal(json_int(json, "changed"), 0); /* the same again says nothing new to the tills */
    json_decref(json);
}

static void an_enrolment_code_is_good_once_and_for_a_day(void **state)
{
    struct centre *centre = *state;
    char zero_proof[129];
    memset(zero_proof, '0', 128);
    zero_proof[128] = '\0';
    char body[4096];
    (void)snprintf(body, sizeof body,
                   "{\"secret\":\"0011223344556677\",\"csr\":\"no request\",\"sign_key\":\"" KEY_HEX
                   "\",\"proof\":\"%s\"}",
                   zero_proof);
    centre_refuses(centre, "POST", "/v1/enrol", body, "CERTIFICATE");
    centre_refuses(centre, "POST", "/v1/enrol", "{}", "JSON_TYPE");
    centre_refuses(centre, "POST", "/v1/terminals", "{\"store\":99}", "STORE_UNKNOWN");
    centre_refuses(centre, "POST", "/v1/terminals", "{\"terminal\":99}", "NOT_FOUND");
    centre_refuses(centre, "POST", "/v1/terminals", "{\"terminal\":9,\"store\":1}", "JSON_TYPE");
    struct cf_private_key *key;
    char csr[CF_PEM_MAX], hex[67], proof_hex[129];
    cf_public_key public_key;
    cf_signature proof;
    struct cf_buf message;
    json_t *made = centre_expect(centre, "POST", "/v1/terminals", "{\"store\":1,\"label\":\"A\"}", 201);
    struct cf_enrol_code code;
    assert_int_equal(cf_enrol_code_parse(json_text(made, "enrol_code"), &code, NULL), CF_OK);
    json_decref(made);
    assert_int_equal(cf_private_key_generate(&key, NULL), CF_OK);
    assert_int_equal(cf_x509_request(key, "x", csr, NULL), CF_OK);
    cf_buf_init(&message, 8192);
    assert_int_equal(cf_buf_append_str(&message, "cf-enrol", NULL), CF_OK);
    assert_int_equal(cf_buf_append(&message, code.secret, 8, NULL), CF_OK);
    assert_int_equal(cf_buf_append_str(&message, csr, NULL), CF_OK);
    assert_int_equal(cf_sign(key, cf_buf_bytes(&message), &proof, NULL), CF_OK);
    cf_buf_done(&message);
    cf_private_key_public(key, &public_key);
    cf_private_key_free(key);
    cf_hex_encode(cf_bytes_of(public_key.point, 33), hex);
    char secret[17];
    cf_hex_encode(cf_bytes_of(code.secret, 8), secret);
    for (int good = 0; good < 2; good++) {
        cf_hex_encode(cf_bytes_of(proof.rs, 64), proof_hex);
        if (!good) {
            proof_hex[0] = proof_hex[0] == '0' ? '1' : '0';
        }
        json_t *request =
            json_pack("{s:s,s:s,s:s,s:s}", "secret", secret, "csr", csr, "sign_key", hex, "proof", proof_hex);
        char *text = json_dumps(request, 0);
        if (good) {
            cf_wall now = centre->now;
            centre->now.us += INT64_C(25) * 3600 * CF_US_PER_S;
            centre_refuses(centre, "POST", "/v1/enrol", text, "ENROL_CODE"); /* a day has passed */
            centre->now = now;
            json_decref(centre_expect(centre, "POST", "/v1/enrol", text, 200));
            centre_refuses(centre, "POST", "/v1/enrol", text, "ENROL_USED");
        } else {
            centre_refuses(centre, "POST", "/v1/enrol", text, "CODE_SIGNATURE");
        }
        free(text);
        json_decref(request);
    }
}

static void a_members_device_key_must_be_on_the_curve(void **state)
{
    struct centre *centre = *state;
    centre_refuses(centre, "POST", "/v1/members",
                   "{\"name\":\"x\",\"device_key\":"
                   "\"020000000000000000000000000000000000000000000000000000000000000001\"}",
                   "JSON_RANGE");
    centre_refuses(centre, "POST", "/v1/members", "{\"name\":\"x\",\"device_key\":\"02\"}", "JSON_TYPE");
}

static void order_lines_are_checked(void **state)
{
    struct centre *centre = *state;
    static const struct {
        const char *order, *name;
    } rows[] = {
        {"{\"lines\":[]}", "SALE_EMPTY"},
        {"{\"lines\":[{\"code\":\"nope\",\"qty_milli\":1000}]}", "PRODUCT_UNKNOWN"},
        {"{\"lines\":[{\"product\":12,\"qty_milli\":1000}]}", "PRODUCT_UNKNOWN"},
        {"{\"lines\":[{\"code\":\"" PRODUCT_CODE "\",\"product\":12,\"qty_milli\":1000}]}", "JSON_TYPE"},
        {"{\"lines\":[{\"code\":\"" PRODUCT_CODE "\",\"qty_milli\":0}]}", "JSON_RANGE"},
        {"{\"lines\":[{\"code\":\"" PRODUCT_CODE "\",\"qty_milli\":1500}]}", "QUANTITY"},
        {"{\"lines\":[1]}", "JSON_TYPE"},
        {"{\"lines\":7}", "JSON_TYPE"},
        {"{}", "JSON_TYPE"},
        {"{\"store\":99,\"lines\":[]}", "STORE_UNKNOWN"},
    };
    (void)centre_campaign(centre, "online_only", 5, "");
    json_t *claimed = centre_expect(centre, "POST", "/v1/coupons/claim", "{\"campaign\":1}", 201);
    char body[1024];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)snprintf(body, sizeof body, "{\"code\":\"%s\",\"request_id\":\"r\",\"order\":%s}",
                       json_text(claimed, "code"), rows[i].order);
        centre_refuses(centre, "POST", "/v1/coupons/redeem", body, rows[i].name);
    }
    json_decref(claimed);
    assert_int_equal(centre_figures(centre, 1).spent, 0);
}

/* A name that is taken comes back as it was; one that is not is refused; neither lets a control byte through. */
static void naughty_names_are_kept_or_refused(void **state)
{
    struct centre *centre = *state;
    struct cf_buf text;
    size_t at = 0, taken = 0;
    cf_bytes line;
    cf_buf_init(&text, 4u << 20);
    if (!cf_shared_data_read("strings/blns.txt", &text)) {
        print_message("# the list of naughty strings is not here\n");
        cf_buf_done(&text);
        skip();
    }
    while (cf_shared_data_line(cf_buf_bytes(&text), &at, &line)) {
        int status;
        json_t *request =
            json_pack("{s:o?,s:s}", "name", json_stringn((const char *)line.p, line.n), "device_key", KEY_HEX);
        if (request == NULL) {
            continue; /* not even JSON can carry it */
        }
        char *body = json_dumps(request, 0);
        json_t *answer = centre_call(centre, "POST", "/v1/members", body, &status);
        assert_true(status == 201 || status == 400 || status == 422);
        if (status == 201) {
            assert_string_equal(json_text(answer, "name"), json_text(request, "name"));
            taken++;
        }
        for (size_t i = 0; i < centre->response.body.n; i++) {
            assert_true(centre->response.body.p[i] >= 0x20 && centre->response.body.p[i] != 0x7f);
        }
        free(body);
        json_decref(answer);
        json_decref(request);
    }
    assert_true(taken > 100);
    cf_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, centre_start, centre_stop)
        TEST(bad_json_is_refused_by_name),
        TEST(a_field_that_is_wrong_is_named),
        TEST(nesting_of_ten_thousand_is_refused_before_it_is_parsed),
        TEST(a_body_of_ten_megabytes_is_refused),
        TEST(without_the_key_nothing_is_answered),
        TEST(addresses_and_methods_that_are_not_there_are_named),
        TEST(campaigns_that_contradict_themselves_are_refused),
        TEST(a_catalogue_is_taken_whole_or_not_at_all),
        TEST(an_enrolment_code_is_good_once_and_for_a_day),
        TEST(a_members_device_key_must_be_on_the_curve),
        TEST(order_lines_are_checked),
        TEST(naughty_names_are_kept_or_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
