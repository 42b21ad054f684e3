/* What scanners that type, by themselves or by a keyboard of the kernel's, and scanners on a line send: the first byte
 * says which, 0xff in it lets time pass. */
#include "drivers/scanner/evdev_proto.h"
#include "drivers/scanner/serial_proto.h"
#include "drivers/scanner/wedge_proto.h"

#include <stdlib.h>

static void type(cf_bytes in)
{
    static struct cf_wedge wedge;
    cf_wedge_init(&wedge);
    while (in.n > 0) {
        size_t n = in.n < CF_WEDGE_REPORT_BYTES ? in.n : CF_WEDGE_REPORT_BYTES;
        unsigned result = in.p[0] == 0xff ? cf_wedge_gap(&wedge) : cf_wedge_take(&wedge, cf_bytes_of(in.p, n));
        if ((result & CF_SCANNER_SCAN) != 0 && (wedge.n == 0 || wedge.n > CF_SCANNER_TEXT_MAX))
            abort();
        in = cf_bytes_of(in.p + n, in.n - n);
    }
}

/* Type, code in two bytes, value: four bytes an event. */
static void press(cf_bytes in)
{
    static struct cf_evdev evdev;
    cf_evdev_init(&evdev);
    for (; in.n >= 4; in = cf_bytes_of(in.p + 4, in.n - 4)) {
        unsigned result = in.p[0] == 0xff ? cf_wedge_gap(&evdev.wedge)
                                          : cf_evdev_take(&evdev, in.p[0], (uint16_t)(in.p[1] | in.p[2] << 8), in.p[3]);
        if ((result & CF_SCANNER_SCAN) != 0 && (evdev.wedge.n == 0 || evdev.wedge.n > CF_SCANNER_TEXT_MAX))
            abort();
    }
}

static void send(cf_bytes in)
{
    static struct cf_serial_scan scan;
    cf_serial_scan_init(&scan);
    while (in.n > 0) {
        size_t used = 1;
        enum cf_scanner_result result =
            in.p[0] == 0xff ? cf_serial_scan_gap(&scan) : cf_serial_scan_take(&scan, in, &used);
        if (used == 0 || used > in.n)
            abort();
        if (result == CF_SCANNER_SCAN && (scan.n == 0 || scan.n > CF_SCANNER_TEXT_MAX))
            abort();
        in = cf_bytes_of(in.p + used, in.n - used);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] == 0xfe)
        press(cf_bytes_of(data + 1, size - 1));
    else if (data[0] % 2 == 0)
        type(cf_bytes_of(data + 1, size - 1));
    else
        send(cf_bytes_of(data + 1, size - 1));
    return 0;
}
