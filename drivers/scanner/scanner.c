/*
 * drivers/scanner/scanner.c - see scanner.h.
 */
#include "drivers/scanner/scanner.h"

#include <ctype.h>

#define ERRORS_MAX 5

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

void cf_scanner_init(struct cf_scanner *scanner, const struct cf_port_info *info, const struct cf_port *port,
                     const struct cf_device_sink *sink)
{
    *scanner = (struct cf_scanner){.info = info, .port = *port, .sink = *sink};
}

void cf_scanner_listen(struct cf_scanner *scanner, cf_mono at)
{
    scanner->port.ops->listen(scanner->port.ctx);
    cf_device_say(&scanner->sink, CF_DEVICE_UP, (cf_bytes){0}, CF_OK, NULL, at);
}

void cf_scanner_say(const struct cf_scanner *scanner, unsigned result, cf_bytes text, const char *lost, cf_mono at)
{
    const struct cf_device_sink *sink = &scanner->sink;
    if ((result & CF_SCANNER_LOST) != 0)
        cf_device_say(sink, CF_DEVICE_TROUBLE, (cf_bytes){0}, CF_E_DEVICE_LOST, lost, at);
    if ((result & CF_SCANNER_TOO_LONG) != 0)
        cf_device_say(sink, CF_DEVICE_TROUBLE, (cf_bytes){0}, CF_E_CODE_SIZE, "the code is longer than any is", at);
    if ((result & CF_SCANNER_SCAN) != 0)
        cf_device_say(sink, CF_DEVICE_SCAN, text, CF_OK, NULL, at);
}

bool cf_scanner_fails(struct cf_scanner *scanner, bool whole, const char *why)
{
    scanner->n_errors = whole ? 0 : scanner->n_errors + 1;
    if (scanner->n_errors < ERRORS_MAX)
        return false;
    scanner->port.ops->fail(scanner->port.ctx, CF_E_DEVICE_FAULT, why);
    return true;
}
