/*
 * tests/usb/fake_usb.h - USB devices that exist only for an unmodified libusb: sysfs and usbfs played by umockdev.
 *
 * The device node is the slave of a PTY: usbfs says "a transfer is done" by POLLOUT, which tcflow holds back and lets
 * go, and "unplugged" by POLLERR, which closing the master gives. Requests are answered in umockdev's own thread; every
 * function here may be called from the test's.
 */
#ifndef CF_TESTS_FAKE_USB_H
#define CF_TESTS_FAKE_USB_H

#include "base/bytes.h"

#define FAKE_INTERFACES_MAX 3

struct fake_interface {
    uint8_t class_code, subclass, protocol;
    uint8_t in, out; /* endpoint addresses; 0: none */
    uint16_t in_bytes;
    bool bulk;
    cf_bytes report;           /* of HID */
    const char *kernel_driver; /* who holds it at first; NULL: nobody */
    bool report_is_late;       /* sysfs shows the report descriptor only after fake_usb_show_report */
};
struct fake_model {
    uint16_t vendor, product;
    const char *serial, *name; /* NULL: none */
    size_t n_interfaces;
    struct fake_interface interface[FAKE_INTERFACES_MAX];
    cf_bytes descriptors; /* instead of those made of the above */
    bool gives_report;    /* GET_REPORT of an input report: the last that was sent */
    bool refuses_control; /* stalls all class requests and descriptors of interfaces */
    cf_bytes device_id;   /* of a printer: what GET_DEVICE_ID gives */
    /* Hears what is written, with the lock held, and gives what the device answers at once on its first IN endpoint. */
    size_t (*wrote)(void *ctx, cf_bytes in, uint8_t *reply, size_t max);
    void *ctx;
};

struct fake_usb;
/* port: 1..; the device is "1-<port>". model is copied, what it points at is not. */
struct fake_usb *fake_usb_plug(const struct fake_model *model, int port);
void fake_usb_unplug(struct fake_usb *fake); /* forgets it */
void fake_usb_show_report(struct fake_usb *fake);

/* Queues what the device sends next on an endpoint: one packet, a halt of the endpoint, or a transfer error. */
void fake_usb_send(struct fake_usb *fake, uint8_t endpoint, const void *p, size_t n);
void fake_usb_halt(struct fake_usb *fake, uint8_t endpoint);
void fake_usb_babble(struct fake_usb *fake, uint8_t endpoint);
void fake_usb_break(struct fake_usb *fake, bool broken);             /* every transfer fails from now on, or no more */
void fake_usb_hold(struct fake_usb *fake, bool held, bool no_paper); /* takes no writes; GET_PORT_STATUS says why */
void fake_usb_occupy(struct fake_usb *fake, bool busy);              /* by another program */

unsigned fake_usb_claims(struct fake_usb *fake);   /* interfaces claimed at the moment, a bit each */
unsigned fake_usb_detached(struct fake_usb *fake); /* interfaces taken from the kernel's drivers, a bit each */
size_t fake_usb_reading(struct fake_usb *fake);    /* reads that wait */
size_t fake_usb_unsent(struct fake_usb *fake);     /* packets that nobody has read */
bool fake_usb_was_asked(struct fake_usb *fake, uint8_t request_type, uint8_t request, uint16_t value);
bool fake_usb_was_opened(struct fake_usb *fake);

/* Is it a real kernel's (tests/kernel), and not a played one's? */
bool fake_usb_is_kernel(void);
/* Runs this very program again under umockdev if it is not yet; false: it cannot. */
bool fake_usb_begin(char **argv);
void fake_usb_end(void);

#endif
