/*
 * drivers/scanner/scanner.c - see scanner.h.
 */
#include "drivers/scanner/scanner.h"

#include <ctype.h>

const struct cf_driver *const cf_scanner_drivers[CF_SCANNER_DRIVERS] = {&cf_scanner_hid_pos, &cf_scanner_serial,
                                                                        &cf_scanner_wedge};

bool cf_scanner_is_makers(uint16_t vendor)
{
    static const uint16_t makers[] = {
        0x0536, /* Hand Held Products, now Honeywell */
        0x05e0, /* Symbol Technologies, now Zebra */
        0x05f9, /* PSC Scanning, now Datalogic */
        0x065a, /* Optoelectronics: Opticon */
        0x080c, /* Datalogic */
        0x0c2e, /* Metrologic Instruments, now Honeywell */
        0x1eab, /* Fujian Newland Computer */
        0x23d0, /* Youjie, of Honeywell */
    };
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++)
        if (makers[i] == vendor)
            return true;
    return false;
}

bool cf_scanner_is_aim(const uint8_t *three)
{
    return three[0] == ']' && isalpha(three[1]) && isalnum(three[2]);
}
