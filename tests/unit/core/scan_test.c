/*
 * tests/unit/core/scan_test.c - what a scanned text is, row by row, with the reason why each row is there.
 */
#include "app/core/scan.h"

#include <stdio.h>
#include <string.h>

#include "app/core/code.h"
#include "app/core/gs1.h"
#include "tests/support/shared_data.h"
#include "tests/unit/core/core_cmocka.h"

#define GS "\x1d"

struct row {
    const char *scanned;
    enum cf_scan_kind kind;
    enum cf_rc rc;
    uint64_t gtin;
    int32_t qty_milli;
    const char *why;
};

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        struct cf_scan scan;
        cf_scan_classify(cf_bytes_str(rows[k].scanned), &scan);
        if (scan.kind != rows[k].kind || scan.rc != rows[k].rc || scan.gtin.number != rows[k].gtin ||
            scan.qty_milli != rows[k].qty_milli)
            fail_msg("%s: %s %s %llu %d", rows[k].why, cf_scan_kind_name(scan.kind), cf_rc_name(scan.rc),
                     (unsigned long long)scan.gtin.number, (int)scan.qty_milli);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof(rows)[0])

static void products_are_told_by_their_check_digit(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"6901234567892", CF_SCAN_PRODUCT, CF_OK, 6901234567892, 0, "EAN-13 from a keyboard wedge"},
        {"6901234567892\r\n", CF_SCAN_PRODUCT, CF_OK, 6901234567892, 0, "with the line end that scanners add"},
        {" \t6901234567892 ", CF_SCAN_PRODUCT, CF_OK, 6901234567892, 0, "with white space around"},
        {"]E06901234567892", CF_SCAN_PRODUCT, CF_OK, 6901234567892, 0, "EAN-13 with its identifier"},
        {"]E0 6901234567892", CF_SCAN_PRODUCT, CF_OK, 6901234567892, 0, "and a space between"},
        {"]E00036000291452", CF_SCAN_PRODUCT, CF_OK, 36000291452, 0, "UPC-A, sent as 13 digits"},
        {"036000291452", CF_SCAN_PRODUCT, CF_OK, 36000291452, 0, "UPC-A, sent as 12"},
        {"]E496385074", CF_SCAN_PRODUCT, CF_OK, 96385074, 0, "EAN-8"},
        {"96385074", CF_SCAN_PRODUCT, CF_OK, 96385074, 0, "EAN-8 without identifier"},
        {"]I110614141000415", CF_SCAN_PRODUCT, CF_OK, 10614141000415, 0, "ITF-14 on a case"},
        {"10614141000415", CF_SCAN_PRODUCT, CF_OK, 10614141000415, 0, "GTIN-14"},
        {"6901234567891", CF_SCAN_UNKNOWN, CF_E_GTIN_CHECK, 0, 0, "misread"},
        {"]E06901234567891", CF_SCAN_UNKNOWN, CF_E_GTIN_CHECK, 0, 0, "misread, with identifier"},
        {"12345678", CF_SCAN_UNKNOWN, CF_E_GTIN_CHECK, 0, 0, "8 digits are a GTIN or nothing"},
        {"0000000000000", CF_SCAN_UNKNOWN, CF_E_GTIN_CHECK, 0, 0, "zeros"},
        {"]E0690123456789", CF_SCAN_UNKNOWN, CF_E_GTIN_CHECK, 0, 0, "a lost digit"},
        {"]E012345", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "no EAN has five digits, nor is it a shop's own code"},
        {"]E0", CF_SCAN_UNKNOWN, CF_E_SCAN_EMPTY, 0, 0, "an identifier and nothing else"},
    };
    CHECK_ROWS(rows);
}

static void upc_e_is_expanded_only_where_it_is_certain(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"]E004252614", CF_SCAN_PRODUCT, CF_OK, 42100005264, 0, "UPC-E 0 425261 4, last digit 1"},
        {"]E001234505", CF_SCAN_PRODUCT, CF_OK, 12000003455, 0, "last digit 0"},
        {"]E001234531", CF_SCAN_PRODUCT, CF_OK, 12300000451, 0, "last digit 3"},
        {"]E001234543", CF_SCAN_PRODUCT, CF_OK, 12340000053, 0, "last digit 4"},
        {"]E001234565", CF_SCAN_PRODUCT, CF_OK, 12345000065, 0, "last digit 6"},
        {"]E011234562", CF_SCAN_PRODUCT, CF_OK, 112345000062, 0, "number system 1"},
        {"]E004252615", CF_SCAN_UNKNOWN, CF_E_GTIN_CHECK, 0, 0, "a wrong check digit"},
        {"04252614", CF_SCAN_UNKNOWN, CF_E_GTIN_CHECK, 0, 0, "without identifier it may be EAN-8: no guess is made"},
        {"]E404252614", CF_SCAN_UNKNOWN, CF_E_GTIN_CHECK, 0, 0, "]E4 says EAN-8"},
        {"]E096385074", CF_SCAN_PRODUCT, CF_OK, 96385074, 0, "UPC-E begins with 0 or 1: an EAN-8 badly labelled"},
        {"]E00042100005264", CF_SCAN_PRODUCT, CF_OK, 42100005264, 0, "the same product as the standard wants it sent"},
    };
    CHECK_ROWS(rows);
}

static void add_ons_are_dropped(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"]E3978020137962412345", CF_SCAN_PRODUCT, CF_OK, 9780201379624, 0, "a book with five more digits"},
        {"]E3978020137962412", CF_SCAN_PRODUCT, CF_OK, 9780201379624, 0, "a magazine with two"},
        {"]E09780201379624]E212345", CF_SCAN_PRODUCT, CF_OK, 9780201379624, 0, "the add-on as a packet of its own"},
        {"]E09780201379624]E112", CF_SCAN_PRODUCT, CF_OK, 9780201379624, 0, "of two digits"},
        {"]E09780201379624]E2123", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "cut short"},
        {"]E09780201379624]Q0123", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "two symbols in one packet"},
        {"]E212345", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "an add-on alone is no shop's own code"},
        {"]E112", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "nor that of two digits"},
        {"]E3978020137962312345", CF_SCAN_UNKNOWN, CF_E_GTIN_CHECK, 0, 0, "misread before its add-on"},
    };
    CHECK_ROWS(rows);
}

static void gs1_codes_give_item_and_quantity(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"]C10106901234567892", CF_SCAN_GS1, CF_OK, 6901234567892, 0, "GS1-128 with a GTIN alone"},
        {"]d20106901234567892"
         "17261231"
         "10LOT7" GS "21S1",
         CF_SCAN_GS1, CF_OK, 6901234567892, 0, "DataMatrix"},
        {"]Q301069012345678923103000195", CF_SCAN_GS1, CF_OK, 6901234567892, 195, "0.195 kg"},
        {"]e00106901234567892"
         "3102000195",
         CF_SCAN_GS1, CF_OK, 6901234567892, 1950, "1.95 kg"},
        {"]e00106901234567892"
         "3100000002",
         CF_SCAN_GS1, CF_OK, 6901234567892, 2000, "2 kg"},
        {"]e00106901234567892"
         "3105123456",
         CF_SCAN_GS1, CF_OK, 6901234567892, 1235, "1.23456 kg, to the gram"},
        {"]e00106901234567892"
         "3105000049",
         CF_SCAN_UNKNOWN, CF_E_QUANTITY, 0, 0, "half a gram rounds to nothing"},
        {"]e00106901234567892"
         "3103000000",
         CF_SCAN_UNKNOWN, CF_E_QUANTITY, 0, 0, "no weight"},
        {"]e00106901234567892"
         "3100999999",
         CF_SCAN_UNKNOWN, CF_E_QUANTITY, 0, 0, "a thousand tonnes"},
        {"]e00106901234567892"
         "3106000195",
         CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "310n ends at 5"},
        {"]C10106901234567892"
         "3012",
         CF_SCAN_GS1, CF_OK, 6901234567892, 12000, "a count of 12 (AI 30)"},
        {"]C10106901234567892"
         "3712",
         CF_SCAN_GS1, CF_OK, 6901234567892, 12000, "a count of 12 (AI 37)"},
        {"]C10106901234567892"
         "3099999999",
         CF_SCAN_UNKNOWN, CF_E_QUANTITY, 0, 0, "more than a sale holds"},
        {"]C10106901234567892"
         "300",
         CF_SCAN_UNKNOWN, CF_E_QUANTITY, 0, 0, "none"},
        {"]C10106901234567892"
         "305" GS "3103000195",
         CF_SCAN_GS1, CF_OK, 6901234567892, 195, "weight goes before count"},
        {"]C10106901234567892"
         "305" GS "376",
         CF_SCAN_UNKNOWN, CF_E_QUANTITY, 0, 0, "two counts that differ"},
        {"]C10106901234567892"
         "3103000195"
         "3922"
         "1250",
         CF_SCAN_GS1, CF_OK, 6901234567892, 195, "weight and amount"},
        {"]C1" GS "0106901234567892" GS "10A", CF_SCAN_GS1, CF_OK, 6901234567892, 0,
         "separators that need not be there"},
        {"]C110LOT7" GS "0106901234567892", CF_SCAN_GS1, CF_OK, 6901234567892, 0, "the GTIN last"},
        {GS "0106901234567892", CF_SCAN_GS1, CF_OK, 6901234567892, 0, "FNC1 sent, identifier not"},
        {"0106901234567892"
         "10LOT7" GS "21S1",
         CF_SCAN_GS1, CF_OK, 6901234567892, 0, "no identifier"},
        {"0106901234567892"
         "10LOT7",
         CF_SCAN_GS1, CF_OK, 6901234567892, 0, "neither identifier nor separator"},
        {"010690123456789217261231", CF_SCAN_GS1, CF_OK, 6901234567892, 0, "and digits only"},
        {"(01)06901234567892", CF_SCAN_GS1, CF_OK, 6901234567892, 0, "in brackets"},
        {"(01)06901234567892(3103)000195(10)A(B", CF_SCAN_GS1, CF_OK, 6901234567892, 195, "a bracket in a value"},
        {"(01) 06901234567892", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "a space inside"},
        {"(01)6901234567892", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "AI 01 has 14 digits"},
        {"(01)06901234567891", CF_SCAN_UNKNOWN, CF_E_GTIN_CHECK, 0, 0, "misread"},
        {"(1)06901234567892", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "an AI of one digit"},
        {"(011)06901234567892", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "AI 01 with a digit too many"},
        {"(01)06901234567892(01)04006381333931", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "two products"},
        {"(01)06901234567892(01)06901234567892", CF_SCAN_GS1, CF_OK, 6901234567892, 0, "the same twice is allowed"},
        {"(00)106141411234567897", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "a pallet, no trade item"},
        {"(02)06901234567892(37)24", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "what is inside a pallet is not sold"},
        {"(10)", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "an empty value"},
        {"(", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "a bracket"},
        {"]C10106901234567891", CF_SCAN_UNKNOWN, CF_E_GTIN_CHECK, 0, 0, "misread"},
        {"]C1010690123456789", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "cut short"},
        {"]C10106901234567892"
         "29ABC",
         CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "an AI that does not exist"},
        {"]C10106901234567892"
         "10",
         CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "an AI without a value"},
        {"]C10106901234567892"
         "17ABCDEF",
         CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "a date of letters"},
        {"]C10106901234567892"
         "10123456789012345678901",
         CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "a lot of 21"},
        {"]C1ABC", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "GS1 by its identifier, but not by its text"},
    };
    CHECK_ROWS(rows);
}

static void digital_links_give_item_and_quantity(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"https://id.gs1.org/01/06901234567892", CF_SCAN_GS1, CF_OK, 6901234567892, 0, "as printed on goods"},
        {"HTTPS://ID.GS1.ORG/01/06901234567892", CF_SCAN_GS1, CF_OK, 6901234567892, 0, "in capitals: a smaller QR"},
        {"https://example.com/shop/01/06901234567892/10/LOT7?17=261231", CF_SCAN_GS1, CF_OK, 6901234567892, 0,
         "a path"},
        {"https://example.com/01/06901234567892?3103=000195", CF_SCAN_GS1, CF_OK, 6901234567892, 195, "0.195 kg"},
        {"https://example.com/01/06901234567892?a=b&30=3&c", CF_SCAN_GS1, CF_OK, 6901234567892, 3000, "a count"},
        {"https://example.com/01/06901234567892/?#top", CF_SCAN_GS1, CF_OK, 6901234567892, 0, "empty parts"},
        {"https://example.com/01/036000291452", CF_SCAN_GS1, CF_OK, 36000291452, 0, "12 digits: older links"},
        {"https://example.com/01/06901234567891", CF_SCAN_UNKNOWN, CF_E_GTIN_CHECK, 0, 0, "misread"},
        {"https://example.com/01/06901234567892?3103=0", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0,
         "a weight of one digit"},
        {"https://example.com/01/06901234567892?30=0", CF_SCAN_UNKNOWN, CF_E_QUANTITY, 0, 0, "none of it"},
        {"https://example.com/2026/01/20260121", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "a date in an address"},
        {"https://example.com/01", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "no value"},
        {"https://example.com/?x=/01/06901234567892", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "not in the path"},
        {"https://01/06901234567892", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "01 is the host here"},
        {"https:///01/06901234567892", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "no host"},
        {"https://", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "no address"},
        {"https://u.wechat.com/EAbc", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "another QR on the counter"},
        {"ftp://example.com/01/06901234567892", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "not of the web"},
    };
    CHECK_ROWS(rows);
}

static void own_codes_are_told_by_their_prefix(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"MS1:6BF", CF_SCAN_MEMBER_CARD, CF_OK, 0, 0, "a printed card"},
        {"MC1:6BF", CF_SCAN_MEMBER_CODE, CF_OK, 0, 0, "a phone"},
        {"CP1:6BF", CF_SCAN_COUPON, CF_OK, 0, 0, "a coupon"},
        {"CT1:6BF", CF_SCAN_TICKET, CF_OK, 0, 0, "a claim ticket"},
        {"]Q1CP1:6BF\r", CF_SCAN_COUPON, CF_OK, 0, 0, "QR, with its identifier and a line end"},
        {"CP1:6B $%*+-./:", CF_SCAN_COUPON, CF_OK, 0, 0, "the signs of base45"},
        {"CP1:", CF_SCAN_UNKNOWN, CF_E_BASE45, 0, 0, "nothing after the prefix"},
        {"CP1:6bf", CF_SCAN_UNKNOWN, CF_E_BASE45, 0, 0, "lower case: a keyboard layout or caps lock gone wrong"},
        {"CP1:6B\xc3\x9f", CF_SCAN_UNKNOWN, CF_E_BASE45, 0, 0, "a letter that base45 has not"},
        {"CP1:6B\x01", CF_SCAN_UNKNOWN, CF_E_ENCODING, 0, 0, "a control character"},
        {"cp1:6BF", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "a prefix in lower case"},
        {"CP2:6BF", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "a later version"},
        {"GR1:6BF", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "grants travel by sync, not by scanner"},
        {"CF:OPEN DRAWER", CF_SCAN_COMMAND, CF_OK, 0, 0, "a command of this till"},
        {"CF:\xe4\xbd\xa0", CF_SCAN_UNKNOWN, CF_E_ENCODING, 0, 0, "commands are ASCII"},
        {"cf:open", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "a command in lower case"},
    };
    CHECK_ROWS(rows);
}

static void payment_codes_are_told_by_length_and_first_digits(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"100000000000000001", CF_SCAN_PAYMENT, CF_OK, 0, 0, "WeChat Pay, 10"},
        {"]C0159999999999999999", CF_SCAN_PAYMENT, CF_OK, 0, 0, "WeChat Pay, 15, Code 128"},
        {"160000000000000001", CF_SCAN_SKU, CF_OK, 0, 0, "16 is neither"},
        {"10000000000000001", CF_SCAN_SKU, CF_OK, 0, 0, "17 digits from 10"},
        {"2500000000000001", CF_SCAN_PAYMENT, CF_OK, 0, 0, "Alipay, 16 digits, 25"},
        {"302345678901234567890123", CF_SCAN_PAYMENT, CF_OK, 0, 0, "Alipay, 24 digits, 30"},
        {"3023456789012345678901234", CF_SCAN_SKU, CF_OK, 0, 0, "25 digits"},
        {"250000000000001", CF_SCAN_SKU, CF_OK, 0, 0, "15 digits"},
        {"310000000000000001", CF_SCAN_SKU, CF_OK, 0, 0, "31"},
        {"]C13012" GS "0106901234567892", CF_SCAN_GS1, CF_OK, 6901234567892, 12000, "GS1 that begins with 30"},
    };
    CHECK_ROWS(rows);
}

static void the_rest_is_a_shops_own_code_or_unknown(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"85123A", CF_SCAN_SKU, CF_OK, 0, 0, "letters and digits"},
        {"22423", CF_SCAN_SKU, CF_OK, 0, 0, "digits of no GTIN's length"},
        {"A-1.b_2/c d", CF_SCAN_SKU, CF_OK, 0, 0, "all signs that are allowed"},
        {"]A085123A", CF_SCAN_SKU, CF_OK, 0, 0, "Code 39"},
        {"12345678901234567890123456789012", CF_SCAN_SKU, CF_OK, 0, 0, "32 digits"},
        {"123456789012345678901234567890123", CF_SCAN_UNKNOWN, CF_E_CODE_SIZE, 0, 0, "33 digits"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG", CF_SCAN_UNKNOWN, CF_E_CODE_SIZE, 0, 0, "33 letters"},
        {"", CF_SCAN_UNKNOWN, CF_E_SCAN_EMPTY, 0, 0, "nothing"},
        {" \r\n", CF_SCAN_UNKNOWN, CF_E_SCAN_EMPTY, 0, 0, "white space"},
        {"A\tB", CF_SCAN_UNKNOWN, CF_E_ENCODING, 0, 0, "a tab inside"},
        {"A\x1b[2J", CF_SCAN_UNKNOWN, CF_E_ENCODING, 0, 0, "an escape sequence"},
        {"A\x7f", CF_SCAN_UNKNOWN, CF_E_ENCODING, 0, 0, "DEL"},
        {"A\xff", CF_SCAN_UNKNOWN, CF_E_ENCODING, 0, 0, "no UTF-8"},
        {"\xe4\xbd\xa0\xe5\xa5\xbd", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "Chinese"},
        {"A'; DROP TABLE sale; --", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "a quote"},
        {"WIFI:S:shop;T:WPA;P:secret;;", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "another kind of QR"},
        {"]", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "no identifier yet"},
        {"]E", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "half an identifier"},
        {"]]]", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "no identifier"},
        {GS, CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "a separator alone"},
    };
    CHECK_ROWS(rows);
    struct cf_scan scan;
    cf_scan_classify(cf_bytes_of("A\0B", 3), &scan);
    assert_int_equal(scan.rc, CF_E_ENCODING);
    cf_scan_classify((cf_bytes){NULL, 0}, &scan);
    assert_int_equal(scan.rc, CF_E_SCAN_EMPTY);
}

static void numbers_that_are_typed_and_coupons_of_manufacturers_are_told(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"#4011", CF_SCAN_PLU, CF_OK, 0, 0, "a banana"},
        {"#94011", CF_SCAN_PLU, CF_OK, 0, 0, "an organic one"},
        {"#000007", CF_SCAN_PLU, CF_OK, 0, 0, "zeros in front"},
        {"#0", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "no number"},
        {"#", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "nothing"},
        {"#1234567", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "seven digits"},
        {"#40a1", CF_SCAN_UNKNOWN, CF_E_CODE_PREFIX, 0, 0, "a letter"},
        {"]e08110061414101234527512000", CF_SCAN_GS1_COUPON, CF_OK, 0, 0, "its shape is judged by whoever asks"},
        {"(8112)00614141012345000123456", CF_SCAN_GS1_COUPON, CF_OK, 0, 0, "a paperless one"},
        {"(01)06901234567892(8110)1", CF_SCAN_GS1, CF_OK, 6901234567892, 0, "goods first"},
        {"(01)06901234567892(17)261399", CF_SCAN_UNKNOWN, CF_E_GS1_DATE, 0, 0, "a date that is none"},
    };
    CHECK_ROWS(rows);
    struct cf_scan scan;
    cf_scan_classify(cf_bytes_str("#004011"), &scan);
    assert_int_equal(scan.plu, 4011);
    cf_scan_classify(cf_bytes_str("]C10106901234567892"
                                  "10A1" GS "17261231"),
                     &scan);
    assert_string_equal(scan.gs1.batch, "A1");
    assert_int_equal(scan.gs1.use_by, 261231);
}

static void texts_of_3_kilobytes_are_unknown(void **state)
{
    (void)state;
    static const struct {
        const char *front;
        char fill;
        enum cf_rc rc;
    } rows[] = {
        {"CP1:", 'A', CF_E_CODE_SIZE},         {"", '1', CF_E_CODE_SIZE},       {"", 'A', CF_E_CODE_SIZE},
        {"CF:", 'A', CF_E_CODE_SIZE},          {"", '?', CF_E_CODE_PREFIX},     {"https://", 'a', CF_E_CODE_PREFIX},
        {"https://a/", '/', CF_E_CODE_PREFIX}, {"(01)", '(', CF_E_CODE_PREFIX}, {"]C1", '\x1d', CF_E_CODE_PREFIX},
        {"]C1", '9', CF_E_CODE_PREFIX},        {"]C1", '0', CF_E_CODE_PREFIX},  {"", '\xff', CF_E_ENCODING},
    };
    static char text[5000];
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        memset(text, rows[k].fill, sizeof text);
        memcpy(text, rows[k].front, strlen(rows[k].front));
        struct cf_scan scan;
        cf_scan_classify(cf_bytes_of(text, 3000), &scan);
        assert_int_equal(scan.kind, CF_SCAN_UNKNOWN);
        if (scan.rc != rows[k].rc)
            fail_msg("%s%c...: %s", rows[k].front, rows[k].fill, cf_rc_name(scan.rc));
        cf_scan_classify(cf_bytes_of(text, sizeof text), &scan); /* more than any QR symbol holds */
        assert_int_equal(scan.rc, CF_E_CODE_SIZE);
    }
}

static void the_view_and_the_identifier_are_given(void **state)
{
    (void)state;
    static const char scanned[] = "  ]Q1 CP1:6BF \r\n";
    struct cf_scan scan;
    cf_scan_classify(cf_bytes_str(scanned), &scan);
    assert_string_equal(scan.aim, "Q1");
    assert_int_equal(scan.text.n, 7);
    assert_ptr_equal(scan.text.p, scanned + 6);
    cf_scan_classify(cf_bytes_str("6901234567892"), &scan);
    assert_string_equal(scan.aim, "");
}

/* The official list: every AI must be measured as it says, or a code would be cut in the wrong places. */
static void shared_gs1_dictionary_agrees_with_our_table(void **state)
{
    (void)state;
    struct cf_buf file;
    cf_buf_init(&file, 1000000);
    if (!cf_shared_data_read("gs1/gs1-syntax-dictionary.txt", &file)) {
        skip();
    }
    cf_bytes line;
    size_t checked = 0;
    for (size_t at = 0; cf_shared_data_line(cf_buf_bytes(&file), &at, &line);) {
        size_t digits = 0;
        while (digits < line.n && line.p[digits] >= '0' && line.p[digits] <= '9')
            digits++;
        if (digits < 2)
            continue;
        unsigned fixed;
        unsigned ai_digits = cf_gs1_ai_digits(line.p, &fixed);
        const uint8_t *space = memchr(line.p, ' ', line.n);
        const uint8_t *comment = memchr(line.p, '#', line.n);
        size_t flags_n = (size_t)((comment != NULL ? comment : line.p + line.n) - space);
        char flags[16] = "";
        memcpy(flags, space, flags_n < 15 ? flags_n : 15); /* "*?" means: predefined length, no separator */
        bool predefined = strchr(flags, '*') != NULL;
        if (ai_digits != digits || predefined != (fixed != 0))
            fail_msg("AI %.*s: %u digits, fixed %u", (int)digits, (const char *)line.p, ai_digits, fixed);
        checked++;
    }
    assert_in_range(checked, 200, 1000);
    cf_buf_done(&file);
}

static void shared_naughty_strings_are_sorted_without_harm(void **state)
{
    (void)state;
    struct cf_buf file;
    cf_buf_init(&file, 1000000);
    if (!cf_shared_data_read("strings/blns.txt", &file)) {
        skip();
    }
    cf_bytes line;
    for (size_t at = 0; cf_shared_data_line(cf_buf_bytes(&file), &at, &line);) {
        struct cf_scan scan;
        cf_scan_classify(line, &scan);
        assert_int_equal(scan.kind == CF_SCAN_UNKNOWN, scan.rc != CF_OK);
        assert_true(scan.kind == CF_SCAN_UNKNOWN || scan.kind == CF_SCAN_SKU);
        struct cf_code code;
        assert_int_not_equal(cf_code_decode_text(line, &code, NULL), CF_OK);
    }
    cf_buf_done(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_told_by_their_check_digit),
        cmocka_unit_test(upc_e_is_expanded_only_where_it_is_certain),
        cmocka_unit_test(add_ons_are_dropped),
        cmocka_unit_test(gs1_codes_give_item_and_quantity),
        cmocka_unit_test(digital_links_give_item_and_quantity),
        cmocka_unit_test(own_codes_are_told_by_their_prefix),
        cmocka_unit_test(payment_codes_are_told_by_length_and_first_digits),
        cmocka_unit_test(the_rest_is_a_shops_own_code_or_unknown),
        cmocka_unit_test(numbers_that_are_typed_and_coupons_of_manufacturers_are_told),
        cmocka_unit_test(texts_of_3_kilobytes_are_unknown),
        cmocka_unit_test(the_view_and_the_identifier_are_given),
        cmocka_unit_test(shared_gs1_dictionary_agrees_with_our_table),
        cmocka_unit_test(shared_naughty_strings_are_sorted_without_harm),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
