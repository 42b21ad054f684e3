/*
 * drivers/scanner/wedge_proto.c - see wedge_proto.h.
 */
#include "drivers/scanner/wedge_proto.h"

#include <string.h>

#define MOD_CTRL 0x11u
#define MOD_SHIFT 0x22u
#define MOD_OTHERS 0xccu /* Alt and the logo keys */
#define ROLLOVER 0x01
#define KEY_FIRST 0x04
#define KEY_ENTER 0x28
#define KEY_TAB 0x2b
#define KEY_CAPS 0x39
#define KEY_NUM_LOCK 0x53
#define KEY_PAD_ENTER 0x58
#define KEY_MODIFIERS 0xe0

/* Usages from KEY_FIRST on: as they are, then with Shift. ' ' is Space alone; '\0' is no character. */
static const char plain[] = "abcdefghijklmnopqrstuvwxyz1234567890\0\0\0\0 -=[]\\#;'`,./";
static const char shifted[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ!@#$%^&*()\0\0\0\0 _+{}|~:\"~<>?";
static const char pad[] = "/*-+\0"
                          "1234567890."; /* from 0x54 on */

static uint8_t character(uint8_t usage, uint8_t modifiers)
{
    size_t at = usage - (size_t)KEY_FIRST;
    bool shift = (modifiers & MOD_SHIFT) != 0;
    char c = '\0';
    if ((modifiers & MOD_OTHERS) != 0)
        return 0;
    if (usage >= 0x54 && usage < 0x54 + sizeof pad - 1)
        return (modifiers & MOD_CTRL) != 0 ? 0 : (uint8_t)pad[usage - 0x54];
    if (at < sizeof plain - 1)
        c = shift ? shifted[at] : plain[at];
    if ((modifiers & MOD_CTRL) == 0)
        return (uint8_t)c;
    /* Control characters as on a terminal: GS, which separates the parts of a GS1 code, is Ctrl and ']'. */
    if ((c >= 'a' && c <= 'z') || (c >= '@' && c <= '_'))
        return (uint8_t)(c & 0x1f);
    return 0;
}

void cf_wedge_init(struct cf_wedge *wedge)
{
    memset(wedge, 0, sizeof *wedge);
}

bool cf_wedge_is_open(const struct cf_wedge *wedge)
{
    return wedge->next_damaged || (!wedge->ended && (wedge->n > 0 || wedge->damaged || wedge->too_long));
}

static unsigned end(struct cf_wedge *wedge)
{
    unsigned result = CF_SCANNER_NONE;
    if (wedge->damaged)
        result = CF_SCANNER_LOST;
    else if (wedge->too_long)
        result = CF_SCANNER_TOO_LONG;
    else if (wedge->n > 0)
        result = CF_SCANNER_SCAN;
    wedge->ended = true; /* the text stays until the next key */
    return result;
}

static void begin(struct cf_wedge *wedge)
{
    wedge->damaged = wedge->next_damaged;
    wedge->too_long = wedge->ended = wedge->next_damaged = false;
    wedge->n = 0;
}

/* A key that went down. */
static unsigned press(struct cf_wedge *wedge, uint8_t usage, uint8_t modifiers)
{
    if (usage == KEY_CAPS || usage == KEY_NUM_LOCK || usage >= KEY_MODIFIERS)
        return CF_SCANNER_NONE;
    if (wedge->ended)
        begin(wedge);
    if (usage == KEY_ENTER || usage == KEY_PAD_ENTER || usage == KEY_TAB)
        return end(wedge);
    uint8_t c = usage >= KEY_FIRST ? character(usage, modifiers) : 0;
    if (c == 0)
        wedge->damaged = true;
    else if (wedge->n == sizeof wedge->text)
        wedge->too_long = true;
    else
        wedge->text[wedge->n++] = c;
    return CF_SCANNER_NONE;
}

unsigned cf_wedge_take(struct cf_wedge *wedge, cf_bytes report)
{
    unsigned result = CF_SCANNER_NONE;
    if (report.n < CF_WEDGE_REPORT_BYTES) {
        if (wedge->ended)
            begin(wedge);
        wedge->damaged = report.n > 0 || wedge->damaged;
        return CF_SCANNER_NONE;
    }
    const uint8_t *keys = report.p + 2;
    for (size_t i = 0; i < sizeof wedge->held; i++) {
        if (keys[i] == 0 || memchr(wedge->held, keys[i], sizeof wedge->held) != NULL)
            continue;
        if (result != CF_SCANNER_NONE) { /* a key beside the one that ends */
            wedge->next_damaged = true;
            break;
        }
        result = press(wedge, keys[i], report.p[0]);
    }
    memcpy(wedge->held, keys, sizeof wedge->held);
    return result;
}

unsigned cf_wedge_gap(struct cf_wedge *wedge)
{
    if (!cf_wedge_is_open(wedge))
        return CF_SCANNER_NONE;
    if (wedge->ended)
        begin(wedge);
    return end(wedge);
}
