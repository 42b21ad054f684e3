/*
 * tests/usb/fake_device.h - what a device of fake_usb.h is, whoever plays its wires: what it sends, what it is asked,
 * how it fails.
 *
 * A back end (umockdev's usbfs, the kernel's vhci_hcd) has one in each of its devices, carries transfers, and holds the
 * lock while it calls anything here that does not say otherwise.
 */
#ifndef CF_TESTS_FAKE_DEVICE_H
#define CF_TESTS_FAKE_DEVICE_H

#include <pthread.h>

#include "tests/usb/fake_usb.h"

#define FAKE_ASKED_MAX 256
#define FAKE_PACKET_MAX 4096

struct fake_packet;
struct fake_device {
    pthread_mutex_t lock;
    struct fake_model model;
    bool broken, held, no_paper;
    uint32_t halted; /* a bit an IN endpoint */
    struct fake_packet *packets;
    size_t n_last;
    uint8_t last[FAKE_PACKET_MAX]; /* packet that was sent */
    struct {
        uint8_t type, request;
        uint16_t value;
    } asked[FAKE_ASKED_MAX];
    size_t n_asked;
};

/* The back end's: its device, and "something may have become possible", with the lock held. */
struct fake_device *fake_usb_device(struct fake_usb *fake);
void fake_usb_pump(struct fake_usb *fake);

void fake_device_init(struct fake_device *device, const struct fake_model *model); /* not locked */
void fake_device_done(struct fake_device *device);                                 /* not locked */

/* What it was asked is kept for fake_usb_was_asked. */
void fake_device_note(struct fake_device *device, const uint8_t setup[8]);
/* A request of a class, or for an interface's report descriptor: bytes of the answer in `ret` (at most as many as the
 * request has room for), of one that gives nothing what it has taken; or a negative errno. */
int fake_device_answer(const struct fake_device *device, const uint8_t setup[8], uint8_t *ret);
/* A read: false while there is nothing. Else *ret_n bytes and a status: 0 or a negative errno. */
bool fake_device_read(struct fake_device *device, uint8_t endpoint, uint8_t *to, size_t room, int *ret_status,
                      size_t *ret_n);
/* A write: false while it takes none. */
bool fake_device_write(struct fake_device *device, cf_bytes bytes);

#endif
