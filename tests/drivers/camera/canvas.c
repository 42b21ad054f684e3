/*
 * tests/drivers/camera/canvas.c - bar codes from their specifications (GS1 General Specifications 5.2, 5.4).
 */
#include "tests/drivers/camera/canvas.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "app/receipt/qr.h"

#define QUIET_ZONE 11 /* modules: the widest that any of these asks for */

struct canvas canvas_new(uint32_t width, uint32_t height, size_t stride)
{
    struct canvas canvas = {.grey = calloc(stride, height), .width = width, .height = height, .stride = stride};
    assert(canvas.grey != NULL && stride >= width);
    for (uint32_t y = 0; y < height; y++) {
        memset(canvas.grey + y * stride, 255, width);
    }
    return canvas;
}

void canvas_done(struct canvas *canvas)
{
    free(canvas->grey);
}

struct cf_frame canvas_frame(const struct canvas *canvas)
{
    return (struct cf_frame){
        .grey = canvas->grey, .width = canvas->width, .height = canvas->height, .stride = canvas->stride};
}

static void dark(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t width, uint32_t height)
{
    assert(x + width <= canvas->width && y + height <= canvas->height);
    for (uint32_t row = y; row < y + height; row++) {
        memset(canvas->grey + row * canvas->stride + x, 0, width);
    }
}

/* A bar code on its way: the next free dot. */
struct bars {
    struct canvas *canvas;
    uint32_t x, y, module, height;
};

/* "101": dark, light, dark */
static void put_modules(struct bars *bars, const char *modules)
{
    for (; *modules != '\0'; modules++) {
        if (*modules == '1') {
            dark(bars->canvas, bars->x, bars->y, bars->module, bars->height);
        }
        bars->x += bars->module;
    }
}

/* Sets A (odd, left), B (even, left) and C (right) of the EAN/UPC digits. */
static void put_digit(struct bars *bars, char digit, char set)
{
    static const char *const c[] = {"1110010", "1100110", "1101100", "1000010", "1011100",
                                    "1001110", "1010000", "1000100", "1001000", "1110100"};
    const char *right = c[digit - '0'];
    char modules[8] = "";
    for (size_t i = 0; i < 7; i++) {
        modules[i] = set == 'C' ? right[i] : set == 'A' ? (right[i] == '1' ? '0' : '1') : right[6 - i];
    }
    put_modules(bars, modules);
}

static struct bars begin(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t module, uint32_t height)
{
    return (struct bars){canvas, x + QUIET_ZONE * module, y, module, height};
}

void canvas_ean13(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t module, uint32_t height, const char *digits)
{
    static const char *const sets[] = {"AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB",
                                       "ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA"};
    struct bars bars = begin(canvas, x, y, module, height);
    assert(strlen(digits) == 13);
    put_modules(&bars, "101");
    for (size_t i = 0; i < 6; i++) {
        put_digit(&bars, digits[1 + i], sets[digits[0] - '0'][i]);
    }
    put_modules(&bars, "01010");
    for (size_t i = 0; i < 6; i++) {
        put_digit(&bars, digits[7 + i], 'C');
    }
    put_modules(&bars, "101");
}

void canvas_ean8(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t module, uint32_t height, const char *digits)
{
    struct bars bars = begin(canvas, x, y, module, height);
    assert(strlen(digits) == 8);
    put_modules(&bars, "101");
    for (size_t i = 0; i < 4; i++) {
        put_digit(&bars, digits[i], 'A');
    }
    put_modules(&bars, "01010");
    for (size_t i = 4; i < 8; i++) {
        put_digit(&bars, digits[i], 'C');
    }
    put_modules(&bars, "101");
}

void canvas_upce(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t module, uint32_t height, const char *digits)
{
    /* By check digit, for number system 0. */
    static const char *const sets[] = {"BBBAAA", "BBABAA", "BBAABA", "BBAAAB", "BABBAA",
                                       "BAABBA", "BAAABB", "BABABA", "BABAAB", "BAABAB"};
    struct bars bars = begin(canvas, x, y, module, height);
    assert(strlen(digits) == 8 && digits[0] == '0');
    put_modules(&bars, "101");
    for (size_t i = 0; i < 6; i++) {
        put_digit(&bars, digits[1 + i], sets[digits[7] - '0'][i]);
    }
    put_modules(&bars, "010101");
}

/* Widths of bars and spaces by value, ISO/IEC 15417 table 1. */
static const char *const code128[] = {
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213", "221312",
    "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132", "221231", "213212",
    "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211", "212123", "212321", "232121",
    "111323", "131123", "131321", "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331",
    "132131", "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131", "311123",
    "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111", "111224", "111422", "121124",
    "121421", "141122", "141221", "112214", "112412", "122114", "122411", "142112", "142211", "241211", "221114",
    "413111", "241112", "134111", "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112",
    "421211", "212141", "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311",
    "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112"};
#define START_B 104u
#define FNC1 102u
#define STOP 106u

static void put_value(struct bars *bars, unsigned value)
{
    const char *widths = code128[value];
    for (size_t i = 0; widths[i] != '\0'; i++) {
        for (int k = 0; k < widths[i] - '0'; k++) {
            put_modules(bars, i % 2 == 0 ? "1" : "0");
        }
    }
}

void canvas_code128(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t module, uint32_t height, bool gs1,
                    const char *text)
{
    struct bars bars = begin(canvas, x, y, module, height);
    unsigned sum = START_B, position = 1;
    put_value(&bars, START_B);
    if (gs1) {
        put_value(&bars, FNC1);
        sum += position++ * FNC1;
    }
    for (; *text != '\0'; text++) {
        unsigned value = (unsigned)(*text - ' ');
        put_value(&bars, value);
        sum += position++ * value;
    }
    put_value(&bars, sum % 103);
    put_value(&bars, STOP);
}

void canvas_qr(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t module, cf_bytes text)
{
    static struct cf_qr qr;
    enum cf_rc rc = cf_qr_make(text, CF_QR_M, &qr, NULL);
    assert(rc == CF_OK);
    for (uint32_t i = 0; i < qr.side * qr.side; i++) {
        if (qr.module[i] != 0) {
            dark(canvas, x + (CF_QR_QUIET_ZONE + i % qr.side) * module, y + (CF_QR_QUIET_ZONE + i / qr.side) * module,
                 module, module);
        }
    }
}
