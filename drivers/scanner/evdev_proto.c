/*
 * drivers/scanner/evdev_proto.c - see evdev_proto.h.
 */
#include "drivers/scanner/evdev_proto.h"

#include <linux/input.h>
#include <string.h>

#define USAGE_OTHER 0x3a /* F1, for all that no scanner types */

/* HID Usage Tables, 10, of the codes that scanners type; the same table as the kernel's hid-input, read backwards. */
static const uint8_t usages[] = {
    [KEY_A] = 0x04,         [KEY_B] = 0x05,          [KEY_C] = 0x06,          [KEY_D] = 0x07,
    [KEY_E] = 0x08,         [KEY_F] = 0x09,          [KEY_G] = 0x0a,          [KEY_H] = 0x0b,
    [KEY_I] = 0x0c,         [KEY_J] = 0x0d,          [KEY_K] = 0x0e,          [KEY_L] = 0x0f,
    [KEY_M] = 0x10,         [KEY_N] = 0x11,          [KEY_O] = 0x12,          [KEY_P] = 0x13,
    [KEY_Q] = 0x14,         [KEY_R] = 0x15,          [KEY_S] = 0x16,          [KEY_T] = 0x17,
    [KEY_U] = 0x18,         [KEY_V] = 0x19,          [KEY_W] = 0x1a,          [KEY_X] = 0x1b,
    [KEY_Y] = 0x1c,         [KEY_Z] = 0x1d,          [KEY_1] = 0x1e,          [KEY_2] = 0x1f,
    [KEY_3] = 0x20,         [KEY_4] = 0x21,          [KEY_5] = 0x22,          [KEY_6] = 0x23,
    [KEY_7] = 0x24,         [KEY_8] = 0x25,          [KEY_9] = 0x26,          [KEY_0] = 0x27,
    [KEY_ENTER] = 0x28,     [KEY_TAB] = 0x2b,        [KEY_SPACE] = 0x2c,      [KEY_MINUS] = 0x2d,
    [KEY_EQUAL] = 0x2e,     [KEY_LEFTBRACE] = 0x2f,  [KEY_RIGHTBRACE] = 0x30, [KEY_BACKSLASH] = 0x31,
    [KEY_SEMICOLON] = 0x33, [KEY_APOSTROPHE] = 0x34, [KEY_GRAVE] = 0x35,      [KEY_COMMA] = 0x36,
    [KEY_DOT] = 0x37,       [KEY_SLASH] = 0x38,      [KEY_CAPSLOCK] = 0x39,   [KEY_NUMLOCK] = 0x53,
    [KEY_KPSLASH] = 0x54,   [KEY_KPASTERISK] = 0x55, [KEY_KPMINUS] = 0x56,    [KEY_KPPLUS] = 0x57,
    [KEY_KPENTER] = 0x58,   [KEY_KP1] = 0x59,        [KEY_KP2] = 0x5a,        [KEY_KP3] = 0x5b,
    [KEY_KP4] = 0x5c,       [KEY_KP5] = 0x5d,        [KEY_KP6] = 0x5e,        [KEY_KP7] = 0x5f,
    [KEY_KP8] = 0x60,       [KEY_KP9] = 0x61,        [KEY_KP0] = 0x62,        [KEY_KPDOT] = 0x63,
    [KEY_LEFTCTRL] = 0xe0,  [KEY_LEFTSHIFT] = 0xe1,  [KEY_LEFTALT] = 0xe2,    [KEY_LEFTMETA] = 0xe3,
    [KEY_RIGHTCTRL] = 0xe4, [KEY_RIGHTSHIFT] = 0xe5, [KEY_RIGHTALT] = 0xe6,   [KEY_RIGHTMETA] = 0xe7,
};

void cf_evdev_init(struct cf_evdev *evdev)
{
    memset(evdev, 0, sizeof *evdev);
    cf_wedge_init(&evdev->wedge);
}

static void hold(uint8_t *keys, uint8_t usage)
{
    uint8_t *free_place = memchr(keys, 0, CF_WEDGE_REPORT_BYTES - 2);
    if (free_place != NULL && memchr(keys, usage, CF_WEDGE_REPORT_BYTES - 2) == NULL)
        *free_place = usage;
}

static void let_go(uint8_t *keys, uint8_t usage)
{
    uint8_t *place = memchr(keys, usage, CF_WEDGE_REPORT_BYTES - 2);
    if (place != NULL)
        *place = 0;
}

unsigned cf_evdev_take(struct cf_evdev *evdev, uint16_t type, uint16_t code, int32_t value)
{
    uint8_t usage = code < sizeof usages && usages[code] != 0 ? usages[code] : USAGE_OTHER;
    if (type == EV_SYN && code == SYN_DROPPED) {
        memset(evdev->report, 0, sizeof evdev->report);
        evdev->lost = true;
        return cf_wedge_take(&evdev->wedge, cf_bytes_of("", 1)) |
               cf_wedge_take(&evdev->wedge, cf_bytes_of(evdev->report, sizeof evdev->report));
    }
    if (type == EV_SYN && code == SYN_REPORT)
        evdev->lost = false;
    if (type != EV_KEY || evdev->lost || value > 1) /* a key that repeats is held, and typed once */
        return CF_SCANNER_NONE;
    if (usage >= 0xe0) {
        uint8_t bit = (uint8_t)(1u << (usage - 0xe0));
        evdev->report[0] = (uint8_t)(value != 0 ? evdev->report[0] | bit : evdev->report[0] & ~bit);
    } else if (value != 0) {
        hold(evdev->report + 2, usage);
    } else {
        let_go(evdev->report + 2, usage);
    }
    return cf_wedge_take(&evdev->wedge, cf_bytes_of(evdev->report, sizeof evdev->report));
}
