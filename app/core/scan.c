/*
 * app/core/scan.c - see scan.h.
 */
#include "app/core/scan.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "app/core/code.h"
#include "app/core/gs1.h"
#include "base/text.h"

#define SKU_MAX 32
#define COMMAND_MAX 64

static const struct {
    char prefix[5];
    enum cf_scan_kind kind;
} own_codes[] = {
    {"MS1:", CF_SCAN_MEMBER_CARD}, {"MC1:", CF_SCAN_MEMBER_CODE}, {"CP1:", CF_SCAN_COUPON}, {"CT1:", CF_SCAN_TICKET},
    {"GC1:", CF_SCAN_VALUE},       {"PU1:", CF_SCAN_ORDER},       {"CQ1:", CF_SCAN_QUOTE},
};

const char *cf_scan_kind_name(enum cf_scan_kind kind)
{
    switch (kind) {
    case CF_SCAN_PRODUCT:
        return "product";
    case CF_SCAN_GS1:
        return "gs1";
    case CF_SCAN_GS1_COUPON:
        return "gs1_coupon";
    case CF_SCAN_PLU:
        return "plu";
    case CF_SCAN_SKU:
        return "sku";
    case CF_SCAN_MEMBER_CARD:
        return "member_card";
    case CF_SCAN_MEMBER_CODE:
        return "member_code";
    case CF_SCAN_COUPON:
        return "coupon";
    case CF_SCAN_TICKET:
        return "ticket";
    case CF_SCAN_VALUE:
        return "gift_card";
    case CF_SCAN_ORDER:
        return "order";
    case CF_SCAN_QUOTE:
        return "quote";
    case CF_SCAN_PAYMENT:
        return "payment";
    case CF_SCAN_COMMAND:
        return "command";
    case CF_SCAN_UNKNOWN:
        return "unknown";
    }
    assert(false && "a scan kind without a name");
    return "";
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_sku_character(uint8_t c)
{
    return is_digit(c) || is_letter(c) || (c != '\0' && strchr("._-/ ", c) != NULL);
}

/* RFC 9285, table 1. */
static bool is_base45_character(uint8_t c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c != '\0' && strchr(" $%*+-./:", c) != NULL);
}

static bool is_printable(uint8_t c)
{
    return c >= 0x20 && c < 0x7F;
}

static bool all(cf_bytes text, bool (*is)(uint8_t c))
{
    for (size_t k = 0; k < text.n; k++)
        if (!is(text.p[k]))
            return false;
    return true;
}

static cf_bytes tail(cf_bytes text, size_t skip)
{
    return cf_bytes_of(text.p + skip, text.n - skip);
}

/* No base45 text of whole bytes ends in a space (its last character stands for at most 32), so this harms no code. */
static cf_bytes trim(cf_bytes text)
{
    while (text.n > 0 && is_space(text.p[0]))
        text = tail(text, 1);
    while (text.n > 0 && is_space(text.p[text.n - 1]))
        text.n--;
    return text;
}

static void unknown(struct cf_scan *scan, enum cf_rc rc)
{
    scan->kind = CF_SCAN_UNKNOWN;
    scan->rc = rc;
}

/* GS1 symbologies: their text is an element string and nothing else (ISO/IEC 15424; ]J1 is GS1 DotCode). */
static bool aim_is_gs1(const char *aim)
{
    return strcmp(aim, "C1") == 0 || strcmp(aim, "d2") == 0 || strcmp(aim, "Q3") == 0 || strcmp(aim, "J1") == 0 ||
           strcmp(aim, "e0") == 0;
}

static void take_gs1(struct cf_scan *scan, enum cf_rc rc, const struct cf_gs1 *gs1)
{
    if (rc != CF_OK) {
        unknown(scan, rc);
        return;
    }
    bool coupon = gs1->coupon_kind != CF_GS1_COUPON_NONE && gs1->gtin.number == 0;
    scan->kind = coupon ? CF_SCAN_GS1_COUPON : CF_SCAN_GS1;
    scan->gs1 = *gs1;
    scan->gtin = gs1->gtin;
    scan->qty_milli = gs1->qty_milli;
}

static void take_gtin(struct cf_scan *scan, cf_bytes digits)
{
    enum cf_rc rc = cf_gtin_parse(digits, &scan->gtin, NULL);
    scan->kind = CF_SCAN_PRODUCT;
    if (rc != CF_OK)
        unknown(scan, rc == CF_E_GTIN_LENGTH ? CF_E_CODE_PREFIX : rc);
}

/* UPC-E to the UPC-A that it stands for (GS1 General Specifications 5.2.2.4, zero suppression): number system, six
 * digits, check digit of the long form. */
static void expand_upce(const uint8_t in[8], uint8_t out[12])
{
    const uint8_t *d = in + 1;
    memset(out, '0', 12);
    out[0] = in[0];
    out[1] = d[0];
    out[2] = d[1];
    out[11] = in[7];
    if (d[5] <= '2') {
        out[3] = d[5];
        memcpy(out + 8, d + 2, 3);
    } else if (d[5] == '3') {
        out[3] = d[2];
        memcpy(out + 9, d + 3, 2);
    } else if (d[5] == '4') {
        memcpy(out + 3, d + 2, 2);
        out[10] = d[4];
    } else {
        memcpy(out + 3, d + 2, 3);
        out[10] = d[5];
    }
}

/*
 * The EAN/UPC family. ]E0 says "13 digits, whatever of EAN-13, UPC-A and UPC-E it was" (ISO/IEC 15424), and ]E4 says
 * EAN-8. Many scanners send the eight digits of a UPC-E under ]E0 all the same: they cannot be an EAN-8, so number
 * system 0 or 1 is read as UPC-E. Without an identifier (or under another) eight digits are always a GTIN-8: a UPC-E
 * then looks the same, and a guess could sell the wrong goods. A 2- or 5-digit add-on (issue number, price) is dropped.
 */
static void classify_ean(struct cf_scan *scan)
{
    cf_bytes digits = scan->text;
    const uint8_t *addon = digits.n != 0 ? memchr(digits.p, ']', digits.n) : NULL;
    if (addon != NULL) { /* "]E0<13 digits>]E2<5 digits>": the add-on as a packet of its own */
        cf_bytes rest = tail(digits, (size_t)(addon - digits.p));
        bool two = rest.n == 5 && memcmp(rest.p, "]E1", 3) == 0;
        bool five = rest.n == 8 && memcmp(rest.p, "]E2", 3) == 0;
        if ((two || five) && all(tail(rest, 3), is_digit))
            digits.n -= rest.n;
    } else if (scan->aim[1] == '3' && (digits.n == 15 || digits.n == 18)) {
        digits.n = 13; /* ]E3: the add-on follows in the same packet */
    }
    /* ]E1 and ]E2 are an add-on without its symbol. */
    if (scan->aim[1] == '1' || scan->aim[1] == '2' || digits.n == 0 || !all(digits, is_digit)) {
        unknown(scan, CF_E_CODE_PREFIX);
        return;
    }
    if (scan->aim[1] == '0' && digits.n == 8 && digits.p[0] <= '1') {
        uint8_t upca[12];
        expand_upce(digits.p, upca);
        take_gtin(scan, cf_bytes_of(upca, sizeof upca));
        return;
    }
    take_gtin(scan, digits);
}

/* What a shopper's wallet shows to be paid from: 18 digits from 10 to 15 (WeChat Pay), 16 to 24 from 25 to 30 (Alipay).
 * Both publish these ranges to merchants in their documents of "code payment" (micropay, bar code pay). */
static bool is_payment(cf_bytes digits)
{
    if (digits.n < 16 || digits.n > 24)
        return false;
    int first_two = (digits.p[0] - '0') * 10 + (digits.p[1] - '0');
    return (first_two >= 25 && first_two <= 30) || (digits.n == 18 && first_two >= 10 && first_two <= 15);
}

static void classify_digits(struct cf_scan *scan)
{
    cf_bytes text = scan->text;
    struct cf_gs1 gs1 = {0};
    if (text.n == 8 || (text.n >= 12 && text.n <= 14))
        take_gtin(scan, text);
    else if (is_payment(text))
        scan->kind = CF_SCAN_PAYMENT;
    else if (text.n >= 16 && text.p[0] == '0' && text.p[1] == '1' && cf_gs1_parse_elements(text, &gs1, NULL) == CF_OK)
        take_gs1(scan, CF_OK, &gs1);
    else if (text.n <= SKU_MAX)
        scan->kind = CF_SCAN_SKU;
    else
        unknown(scan, CF_E_CODE_SIZE);
}

/* Ours if the prefix is, to the letter: a "cp1:" or a "CP2:" is no code of this version. */
static bool classify_own(struct cf_scan *scan)
{
    cf_bytes text = scan->text;
    if (text.n < 4)
        return false;
    for (size_t k = 0; k < sizeof own_codes / sizeof own_codes[0]; k++) {
        if (memcmp(text.p, own_codes[k].prefix, 4) == 0) {
            scan->kind = own_codes[k].kind;
            if (text.n >= CF_CODE_TEXT_MAX)
                unknown(scan, CF_E_CODE_SIZE);
            else if (text.n == 4 || !all(tail(text, 4), is_base45_character))
                unknown(scan, CF_E_BASE45);
            return true;
        }
    }
    if (memcmp(text.p, "CF:", 3) == 0) {
        scan->kind = CF_SCAN_COMMAND;
        if (text.n > COMMAND_MAX)
            unknown(scan, CF_E_CODE_SIZE);
        else if (!all(text, is_printable))
            unknown(scan, CF_E_ENCODING);
        return true;
    }
    return false;
}

static bool classify_gs1(struct cf_scan *scan)
{
    cf_bytes text = scan->text;
    struct cf_gs1 gs1 = {0};
    if (cf_gs1_is_link(text)) {
        take_gs1(scan, cf_gs1_parse_link(text, &gs1, NULL), &gs1);
        return true;
    }
    if (text.p[0] == '(') {
        take_gs1(scan, cf_gs1_parse_brackets(text, &gs1, NULL), &gs1);
        return true;
    }
    if (aim_is_gs1(scan->aim) || memchr(text.p, CF_GS1_SEPARATOR, text.n) != NULL) {
        take_gs1(scan, cf_gs1_parse_elements(text, &gs1, NULL), &gs1);
        return true;
    }
    /* Scanners set to send neither identifier nor separator: believed only if all of it fits and the GTIN is right. */
    if (text.n > 16 && memcmp(text.p, "01", 2) == 0 && !all(text, is_digit) &&
        cf_gs1_parse_elements(text, &gs1, NULL) == CF_OK) {
        take_gs1(scan, CF_OK, &gs1);
        return true;
    }
    return false;
}

/* What a cashier types after '#', the number of goods that carry no barcode: 4011 is a banana (IFPS). */
static bool classify_plu(struct cf_scan *scan)
{
    cf_bytes text = scan->text;
    if (text.p[0] != '#' || text.n < 2 || text.n > 7 || !all(tail(text, 1), is_digit))
        return false;
    for (size_t k = 1; k < text.n; k++)
        scan->plu = scan->plu * 10 + (uint32_t)(text.p[k] - '0');
    scan->kind = CF_SCAN_PLU;
    if (scan->plu == 0)
        unknown(scan, CF_E_CODE_PREFIX);
    return true;
}

static bool is_text(cf_bytes text)
{
    for (size_t k = 0; k < text.n; k++) {
        bool separator = text.p[k] == CF_GS1_SEPARATOR;
        if ((text.p[k] < 0x20 && !separator) || text.p[k] == 0x7F)
            return false;
    }
    return cf_text_is_utf8(text);
}

static void classify_rest(struct cf_scan *scan)
{
    if (!all(scan->text, is_sku_character))
        unknown(scan, CF_E_CODE_PREFIX);
    else if (scan->text.n > SKU_MAX)
        unknown(scan, CF_E_CODE_SIZE);
    else
        scan->kind = CF_SCAN_SKU;
}

void cf_scan_classify(cf_bytes scanned, struct cf_scan *ret)
{
    struct cf_scan scan = {.kind = CF_SCAN_UNKNOWN, .text = trim(scanned)};
    if (scan.text.n >= 3 && scan.text.p[0] == ']' && is_letter(scan.text.p[1]) &&
        (is_digit(scan.text.p[2]) || is_letter(scan.text.p[2]))) {
        scan.aim[0] = (char)scan.text.p[1];
        scan.aim[1] = (char)scan.text.p[2];
        scan.text = trim(tail(scan.text, 3));
    }
    if (scan.text.n == 0) {
        unknown(&scan, CF_E_SCAN_EMPTY);
    } else if (scanned.n > CF_SCAN_TEXT_MAX) {
        unknown(&scan, CF_E_CODE_SIZE);
    } else if (!is_text(scan.text)) {
        unknown(&scan, CF_E_ENCODING);
    } else if (classify_own(&scan) || classify_plu(&scan) || classify_gs1(&scan)) {
        /* sorted */
    } else if (scan.aim[0] == 'E') {
        classify_ean(&scan);
    } else if (all(scan.text, is_digit)) {
        classify_digits(&scan);
    } else {
        classify_rest(&scan);
    }
    *ret = scan;
}
