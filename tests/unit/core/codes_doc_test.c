/*
 * tests/unit/core/codes_doc_test.c - the example bytes of docs/codes.md are those that the code makes.
 *
 * Signatures are deterministic, so a change of any format, key or field shows here.
 */
#include "tests/unit/core/keys_support.h"

#include <string.h>

#include "app/core/cose.h"
#include "base/env.h"
#include "tests/unit/core/core_cmocka.h"

static struct cf_buf page;

static int read_page(void **state)
{
    (void)state;
    const struct cf_env *env = cf_env_system();
    cf_buf_init(&page, 100000);
    return env->ops->file_read(env->ctx, CF_SOURCE_DIR "/docs/codes.md", &page, NULL) == CF_OK ? 0 : -1;
}

static int drop_page(void **state)
{
    (void)state;
    cf_buf_done(&page);
    test_keys_done();
    return 0;
}

/* Is this a line of the page? */
static void assert_on_page(const char *what, const char *line)
{
    const char *text;
    assert_rc(cf_buf_cstr(&page, &text, NULL), CF_OK);
    if (strstr(text, line) == NULL)
        fail_msg("docs/codes.md has another %s than:\n%s", what, line);
}

static void assert_hex_on_page(const char *what, cf_bytes bytes)
{
    static char hex[2 * 1024 + 1];
    assert_true(bytes.n <= 1024);
    cf_hex_encode(bytes, hex);
    assert_on_page(what, hex);
}

static void each_kind_is_shown_as_bytes_and_as_text(void **state)
{
    (void)state;
    for (size_t k = 0; k < TEST_SAMPLES; k++) {
        struct cf_code code = test_sample(k);
        char text[CF_CODE_TEXT_MAX];
        assert_rc(cf_code_text(&code, text, NULL), CF_OK);
        assert_hex_on_page(test_sample_name(k), cf_bytes_of(code.cose, code.cose_n));
        assert_on_page(test_sample_name(k), text);
    }
}

static void a_coupon_of_a_later_epoch_is_shown(void **state)
{
    (void)state;
    struct cf_coupon coupon = test_coupon();
    char text[CF_CODE_TEXT_MAX];
    coupon.home_epoch = 2;
    struct cf_code code = test_sign_coupon(&coupon, KID_ALL, ISSUER);
    assert_rc(cf_code_text(&code, text, NULL), CF_OK);
    assert_hex_on_page("coupon of epoch 2", cf_bytes_of(code.cose, code.cose_n));
    assert_on_page("coupon of epoch 2", text);
}

static void the_signed_bytes_and_the_keys_are_shown(void **state)
{
    (void)state;
    struct cf_code code = test_sample(3);
    struct cf_cose cose;
    assert_rc(cf_cose_split(cf_bytes_of(code.cose, code.cose_n), &cose, NULL), CF_OK);
    uint8_t bytes[CF_CODE_BYTES_MAX + 1];
    struct cf_buf message;
    cf_buf_init_fixed(&message, bytes, CF_CODE_BYTES_MAX);
    assert_rc(cf_cose_signed_bytes("CP1", cose.protected_header, cose.payload, &message, NULL), CF_OK);
    assert_hex_on_page("Sig_structure", cf_buf_bytes(&message));
    static const enum test_key shown[] = {ISSUER, DEVICE, TILL};
    for (size_t k = 0; k < sizeof shown / sizeof shown[0]; k++) {
        cf_public_key key = test_public(shown[k]);
        assert_hex_on_page("public key", cf_bytes_of(key.point, sizeof key.point));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_is_shown_as_bytes_and_as_text),
        cmocka_unit_test(a_coupon_of_a_later_epoch_is_shown),
        cmocka_unit_test(the_signed_bytes_and_the_keys_are_shown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, read_page, drop_page);
}
