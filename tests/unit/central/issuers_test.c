/*
 * tests/unit/central/issuers_test.c - keys of the centre are rotated: fresh ones sign when their time has come, what
 * the old ones signed stays genuine, and nobody but a root puts a set into force.
 */
#include "tests/unit/central/centre.h"

#include "app/core/code.h"
#include "base/crypto/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define DAY_S INT64_C(86400)

static struct cf_private_key *root_of(const struct centre *centre, int which)
{
    char path[320], pem[CF_PEM_MAX] = "";
    struct cf_private_key *root = NULL;
    (void)snprintf(path, sizeof path, "%s/offline-roots/root-%d.key.pem", centre->dir, which);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(pem, 1, sizeof pem - 1, file) > 0);
    (void)fclose(file);
    assert_int_equal(cf_private_key_from_pem(pem, &root, NULL), CF_OK);
    return root;
}

static enum cf_rc rotate_by(struct centre *centre, const struct cf_private_key *root, int64_t lead_s, uint64_t *version)
{
    return cf_central_rotate_keys(centre->central, centre->dir, root, lead_s, version, NULL);
}

static void rotate(struct centre *centre, int which_root, int64_t lead_s, uint64_t version)
{
    uint64_t got = 0;
    struct cf_private_key *root = root_of(centre, which_root);
    assert_int_equal(rotate_by(centre, root, lead_s, &got), CF_OK);
    assert_int_equal(got, version);
    cf_private_key_free(root);
}

static void passes(struct centre *centre, int64_t s)
{
    centre->now.us += s * CF_US_PER_S;
}

static struct cf_code claimed(struct centre *centre, uint32_t campaign)
{
    char body[64];
    struct cf_code code;
    (void)snprintf(body, sizeof body, "{\"campaign\":%lu}", (unsigned long)campaign);
    json_t *json = centre_expect(centre, "POST", "/v1/coupons/claim", body, 201);
    assert_int_equal(cf_code_decode_text(cf_bytes_str(json_text(json, "code")), &code, NULL), CF_OK);
    json_decref(json);
    return code;
}

static void redeems(struct centre *centre, const struct cf_code *code, int request, int status)
{
    char text[CF_CODE_TEXT_MAX], body[CF_CODE_TEXT_MAX + 200];
    assert_int_equal(cf_code_text(code, text, NULL), CF_OK);
    (void)snprintf(body, sizeof body,
                   "{\"code\":\"%s\",\"channel\":%lu,\"request_id\":\"order-%d\",\"order\":{\"lines\":[{\"product\":"
                   "%llu,\"qty_milli\":1000}]}}",
                   text, (unsigned long)centre->channel_id, request, (unsigned long long)PRODUCT_ID);
    json_decref(centre_expect(centre, "POST", "/v1/coupons/redeem", body, status));
}

static void fresh_keys_sign_when_their_time_has_come(void **state)
{
    struct centre *centre = *state;
    uint32_t campaign = centre_campaign(centre, "online_only", 10, "");
    struct cf_code first = claimed(centre, campaign);
    rotate(centre, 1, 14 * DAY_S, 2);
    struct cf_code during = claimed(centre, campaign);
    assert_true(cf_kid_equal(first.kid, during.kid)); /* tills that are offline know only that one */
    passes(centre, 14 * DAY_S - 1);
    during = claimed(centre, campaign);
    assert_true(cf_kid_equal(first.kid, during.kid));
    passes(centre, 1);
    struct cf_code after = claimed(centre, campaign);
    assert_false(cf_kid_equal(first.kid, after.kid));
    centre_restart(centre);
    struct cf_code again = claimed(centre, campaign);
    assert_true(cf_kid_equal(after.kid, again.kid));
    redeems(centre, &first, 1, 200); /* what the old key signed stays genuine */
    redeems(centre, &after, 2, 200);
}

static void a_restart_within_the_lead_changes_nothing(void **state)
{
    struct centre *centre = *state;
    uint32_t campaign = centre_campaign(centre, "online_only", 10, "");
    struct cf_code first = claimed(centre, campaign);
    rotate(centre, 2, DAY_S, 2); /* either root */
    rotate(centre, 1, 2 * DAY_S, 3);
    centre_restart(centre);
    struct cf_code second = claimed(centre, campaign);
    assert_true(cf_kid_equal(first.kid, second.kid));
    passes(centre, DAY_S);
    struct cf_code third = claimed(centre, campaign);
    passes(centre, DAY_S);
    struct cf_code fourth = claimed(centre, campaign);
    assert_false(cf_kid_equal(first.kid, third.kid));
    assert_false(cf_kid_equal(third.kid, fourth.kid));
    redeems(centre, &first, 1, 200);
    redeems(centre, &third, 2, 200);
    redeems(centre, &fourth, 3, 200);
}

static void only_a_root_puts_keys_into_force(void **state)
{
    struct centre *centre = *state;
    uint64_t version = 77;
    struct cf_private_key *other = NULL, *root = root_of(centre, 1);
    assert_int_equal(cf_private_key_generate(&other, NULL), CF_OK);
    assert_int_equal(rotate_by(centre, other, 0, &version), CF_E_ARGUMENT);
    assert_int_equal(rotate_by(centre, root, -1, &version), CF_E_RANGE);
    assert_int_equal(rotate_by(centre, root, (CF_LEAD_DAYS_MAX + 1) * DAY_S, &version), CF_E_RANGE);
    assert_int_equal(version, 77);
    cf_private_key_free(other);
    cf_private_key_free(root);
    rotate(centre, 1, 0, 2);
}

static void keys_that_are_over_leave_the_set(void **state)
{
    struct centre *centre = *state;
    struct cf_private_key *root = root_of(centre, 1);
    uint64_t version = 1;
    enum cf_rc rc = CF_OK;
    while (rc == CF_OK)
        rc = rotate_by(centre, root, 0, &version);
    assert_int_equal(rc, CF_E_LIMIT); /* all of them are valid still */
    uint32_t campaign = centre_campaign(centre, "online_only", 10, "");
    (void)claimed(centre, campaign);
    passes(centre, 460 * DAY_S);
    assert_int_equal(rotate_by(centre, root, 0, &version), CF_OK);
    cf_private_key_free(root);
    campaign = centre_campaign(centre, "online_only", 10, "");
    struct cf_code code = claimed(centre, campaign);
    redeems(centre, &code, 1, 200);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fresh_keys_sign_when_their_time_has_come, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(a_restart_within_the_lead_changes_nothing, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(only_a_root_puts_keys_into_force, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(keys_that_are_over_leave_the_set, centre_start, centre_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
