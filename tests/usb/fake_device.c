/*
 * tests/usb/fake_device.c - see fake_device.h.
 */
#include "tests/usb/fake_device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum packet_kind { PACKET_DATA, PACKET_HALT, PACKET_BABBLE };
struct fake_packet {
    struct fake_packet *next;
    uint8_t endpoint;
    enum packet_kind kind;
    size_t at, n;
    uint8_t bytes[FAKE_PACKET_MAX];
};

void fake_device_init(struct fake_device *device, const struct fake_model *model)
{
    pthread_mutex_init(&device->lock, NULL);
    device->model = *model;
}

void fake_device_done(struct fake_device *device)
{
    for (struct fake_packet *p = device->packets, *next; p != NULL; p = next) {
        next = p->next;
        free(p);
    }
    pthread_mutex_destroy(&device->lock);
}

/* ---- what a back end asks of it ---- */

void fake_device_note(struct fake_device *device, const uint8_t setup[8])
{
    if (device->n_asked == FAKE_ASKED_MAX)
        return;
    device->asked[device->n_asked].type = setup[0];
    device->asked[device->n_asked].request = setup[1];
    device->asked[device->n_asked++].value = (uint16_t)(setup[2] | setup[3] << 8);
}

static int give(const uint8_t setup[8], const void *p, size_t n, uint8_t *ret)
{
    size_t room = (size_t)(setup[6] | setup[7] << 8), part = n < room ? n : room;
    if (part > 0)
        memcpy(ret, p, part);
    return (int)part;
}

int fake_device_answer(const struct fake_device *device, const uint8_t setup[8], uint8_t *ret)
{
    const struct fake_model *model = &device->model;
    size_t room = (size_t)(setup[6] | setup[7] << 8), interface = setup[4];
    if (model->refuses_control)
        return -EPIPE;
    if (setup[0] == 0x81 && setup[1] == 6 && setup[3] == 0x22 && interface < model->n_interfaces)
        return give(setup, model->interface[interface].report.p, model->interface[interface].report.n, ret);
    if (setup[0] == 0xa1 && setup[1] == 0 && model->device_id.n > 0) /* USB Printer Class 1.1, 4.2 */
        return give(setup, model->device_id.p, model->device_id.n, ret);
    if (setup[0] == 0xa1 && setup[1] == 1 && setup[3] == 1 && model->gives_report && device->n_last > 0)
        return give(setup, device->last, device->n_last, ret); /* USB HID 1.11, 7.2.1 */
    if (setup[0] == 0xa1 && setup[1] == 1 && room == 1)
        return give(setup, device->no_paper ? "\x30" : "\x18", 1, ret);
    return (setup[0] & 0x80) == 0 ? (int)room : -EPIPE;
}

static void append(struct fake_device *device, struct fake_packet *packet)
{
    struct fake_packet **at = &device->packets;
    while (*at != NULL)
        at = &(*at)->next;
    *at = packet;
}

bool fake_device_write(struct fake_device *device, cf_bytes bytes)
{
    if (device->held)
        return false;
    struct fake_packet *packet = device->model.wrote != NULL ? calloc(1, sizeof *packet) : NULL;
    if (packet == NULL)
        return true;
    packet->endpoint = device->model.interface[0].in;
    packet->n = device->model.wrote(device->model.ctx, bytes, packet->bytes, sizeof packet->bytes);
    if (packet->n > 0)
        append(device, packet);
    else
        free(packet);
    return true;
}

bool fake_device_read(struct fake_device *device, uint8_t endpoint, uint8_t *to, size_t room, int *ret_status,
                      size_t *ret_n)
{
    uint32_t bit = 1u << (endpoint & 15);
    struct fake_packet **at = &device->packets;
    *ret_n = 0;
    *ret_status = -EPIPE;
    if ((device->halted & bit) != 0)
        return true;
    while (*at != NULL && (*at)->endpoint != endpoint)
        at = &(*at)->next;
    struct fake_packet *packet = *at;
    if (packet == NULL)
        return false;
    if (packet->kind == PACKET_HALT)
        device->halted |= bit;
    *ret_status = packet->kind == PACKET_HALT ? -EPIPE : packet->kind == PACKET_BABBLE ? -EOVERFLOW : 0;
    size_t left = packet->n - packet->at;
    *ret_n = left < room ? left : room;
    memcpy(to, packet->bytes + packet->at, *ret_n);
    packet->at += *ret_n;
    if (packet->at == packet->n) {
        *at = packet->next;
        free(packet);
    }
    return true;
}

/* ---- what a test asks of it; not locked ---- */

static struct fake_device *lock(struct fake_usb *fake)
{
    struct fake_device *device = fake_usb_device(fake);
    pthread_mutex_lock(&device->lock);
    return device;
}

static void pump_and_unlock(struct fake_usb *fake)
{
    fake_usb_pump(fake);
    pthread_mutex_unlock(&fake_usb_device(fake)->lock);
}

static void queue(struct fake_usb *fake, uint8_t endpoint, enum packet_kind kind, const void *p, size_t n)
{
    struct fake_packet *packet = calloc(1, sizeof *packet);
    if (packet == NULL || n > sizeof packet->bytes)
        abort();
    packet->endpoint = endpoint;
    packet->kind = kind;
    packet->n = n;
    memcpy(packet->bytes, p, n);
    struct fake_device *device = lock(fake);
    if (kind == PACKET_DATA) {
        device->n_last = n;
        memcpy(device->last, p, n);
    }
    append(device, packet);
    pump_and_unlock(fake);
}

void fake_usb_send(struct fake_usb *fake, uint8_t endpoint, const void *p, size_t n)
{
    queue(fake, endpoint, PACKET_DATA, p, n);
}

void fake_usb_halt(struct fake_usb *fake, uint8_t endpoint)
{
    queue(fake, endpoint, PACKET_HALT, "", 0);
}

void fake_usb_babble(struct fake_usb *fake, uint8_t endpoint)
{
    queue(fake, endpoint, PACKET_BABBLE, "", 0);
}

void fake_usb_break(struct fake_usb *fake, bool broken)
{
    lock(fake)->broken = broken;
    pump_and_unlock(fake);
}

void fake_usb_hold(struct fake_usb *fake, bool held, bool no_paper)
{
    struct fake_device *device = lock(fake);
    device->held = held;
    device->no_paper = no_paper;
    pump_and_unlock(fake);
}

size_t fake_usb_unsent(struct fake_usb *fake)
{
    size_t n = 0;
    struct fake_device *device = lock(fake);
    for (const struct fake_packet *p = device->packets; p != NULL; p = p->next)
        n++;
    pthread_mutex_unlock(&device->lock);
    return n;
}

bool fake_usb_was_asked(struct fake_usb *fake, uint8_t request_type, uint8_t request, uint16_t value)
{
    bool found = false;
    struct fake_device *device = lock(fake);
    for (size_t i = 0; i < device->n_asked; i++)
        found = found || (device->asked[i].type == request_type && device->asked[i].request == request &&
                          device->asked[i].value == value);
    pthread_mutex_unlock(&device->lock);
    return found;
}
