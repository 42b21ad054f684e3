/*
 * drivers/usb/usb.c - see usb.h.
 */
#include "drivers/usb/usb.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "drivers/usb/unit.h"

#define QUEUE_MAX 128 /* comings and goings within one round of libusb's; beyond it everything is compared anew */
#define FREE_WAIT_MS 1000

struct coming {
    libusb_device *device; /* a reference of ours */
    bool arrived;
};
struct cf_usb {
    struct cf_usb_options options;
    libusb_context *context;
    libusb_hotplug_callback_handle hotplug;
    bool has_hotplug, overflowed, stopping;
    int epoll, timer;
    struct coming queue[QUEUE_MAX];
    size_t n_queue;
    struct cf_unit *units;
    size_t n_units;
};

/* ---- libusb's side of the loop ---- */

static void LIBUSB_CALL fd_added(int fd, short events, void *ctx)
{
    struct cf_usb *usb = ctx;
    struct epoll_event event = {.data.fd = fd};
    event.events =
        ((events & POLLIN) != 0 ? (uint32_t)EPOLLIN : 0) | ((events & POLLOUT) != 0 ? (uint32_t)EPOLLOUT : 0);
    (void)epoll_ctl(usb->epoll, EPOLL_CTL_ADD, fd, &event);
}

static void LIBUSB_CALL fd_removed(int fd, void *ctx)
{
    struct cf_usb *usb = ctx;
    (void)epoll_ctl(usb->epoll, EPOLL_CTL_DEL, fd, NULL);
}

/* Only queues: libusb calls it in the middle of its own work. */
static int LIBUSB_CALL plugged(libusb_context *context, libusb_device *device, libusb_hotplug_event event, void *ctx)
{
    struct cf_usb *usb = ctx;
    (void)context;
    if (usb->n_queue == QUEUE_MAX)
        usb->overflowed = true;
    else
        usb->queue[usb->n_queue++] =
            (struct coming){libusb_ref_device(device), event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED};
    return 0;
}

/* ---- devices that come and go ---- */

static bool any_fits(const struct cf_usb *usb, const struct cf_port_info *info)
{
    for (size_t i = 0; i < usb->options.n_drivers; i++)
        if (usb->options.drivers[i]->fits(info))
            return true;
    return false;
}

/* USB HID 1.11, 6.2.1: the class descriptor says how long the report descriptor is. */
static uint16_t report_length(const struct libusb_interface_descriptor *d)
{
    for (int at = 0; at + 9 <= d->extra_length && d->extra[at] >= 2; at += d->extra[at])
        if (d->extra[at + 1] == LIBUSB_DT_HID && d->extra[at] >= 9 && d->extra[at + 6] == LIBUSB_DT_REPORT)
            return (uint16_t)(d->extra[at + 7] | d->extra[at + 8] << 8);
    return 0;
}

static void describe(const struct libusb_interface_descriptor *d, struct cf_port_info *info)
{
    info->interface = info->control_interface = d->bInterfaceNumber;
    info->class_code = d->bInterfaceClass;
    info->subclass = d->bInterfaceSubClass;
    info->protocol = d->bInterfaceProtocol;
    info->report_descriptor_bytes = d->bInterfaceClass == LIBUSB_CLASS_HID ? report_length(d) : 0;
    /* libusb 1.0.26 leaves the number of a device's endpoints as it says though it could read none of them. */
    for (int i = 0; i < d->bNumEndpoints && d->endpoint != NULL; i++) {
        const struct libusb_endpoint_descriptor *e = &d->endpoint[i];
        unsigned type = e->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK;
        bool in = (e->bEndpointAddress & LIBUSB_ENDPOINT_IN) != 0;
        if (type != LIBUSB_TRANSFER_TYPE_BULK && type != LIBUSB_TRANSFER_TYPE_INTERRUPT)
            continue;
        if (in && info->in_endpoint == 0) {
            info->in_endpoint = e->bEndpointAddress;
            info->in_is_interrupt = type == LIBUSB_TRANSFER_TYPE_INTERRUPT;
            info->in_packet_bytes = e->wMaxPacketSize & 0x7ff;
        } else if (!in && info->out_endpoint == 0) {
            info->out_endpoint = e->bEndpointAddress;
        }
    }
}

static void add_unit(struct cf_usb *usb, libusb_device *device, unsigned configuration, const struct cf_port_info *info,
                     cf_mono now)
{
    if (!any_fits(usb, info) || usb->n_units == CF_USB_UNITS_MAX)
        return;
    struct cf_unit *unit = cf_unit_new(&usb->options, device, configuration, info, now);
    if (unit == NULL)
        return;
    unit->next = usb->units;
    usb->units = unit;
    usb->n_units++;
}

static void arrive(struct cf_usb *usb, libusb_device *device, cf_mono now)
{
    struct libusb_device_descriptor d;
    struct libusb_config_descriptor *config;
    int control_interface = -1;
    for (const struct cf_unit *unit = usb->units; unit != NULL; unit = unit->next)
        if (unit->device == device && !unit->left)
            return;
    if (libusb_get_device_descriptor(device, &d) != 0 || libusb_get_active_config_descriptor(device, &config) != 0)
        return; /* not configured, or not described in a way that can be read: nobody's */
    for (int i = 0; i < config->bNumInterfaces; i++) {
        if (config->interface[i].num_altsetting < 1)
            continue;
        const struct libusb_interface_descriptor *setting = &config->interface[i].altsetting[0];
        struct cf_port_info info = {
            .bus = CF_PORT_USB, .vendor = d.idVendor, .product = d.idProduct, .release = d.bcdDevice};
        describe(setting, &info);
        if (info.class_code == LIBUSB_CLASS_COMM)
            control_interface = info.interface;
        if (info.class_code == LIBUSB_CLASS_DATA && control_interface >= 0)
            info.control_interface = (uint8_t)control_interface;
        add_unit(usb, device, config->bConfigurationValue, &info, now);
    }
    libusb_free_config_descriptor(config);
}

static void leave(struct cf_usb *usb, const libusb_device *device)
{
    for (struct cf_unit *unit = usb->units; unit != NULL; unit = unit->next)
        if (unit->device == device)
            cf_unit_leave(unit);
}

/* More came and went than was noted: what libusb knows now is what there is. */
static void compare_all(struct cf_usb *usb, cf_mono now)
{
    libusb_device **list = NULL;
    ssize_t n = libusb_get_device_list(usb->context, &list);
    if (n < 0)
        return;
    for (struct cf_unit *unit = usb->units; unit != NULL; unit = unit->next) {
        bool there = false;
        for (ssize_t i = 0; i < n; i++)
            there = there || list[i] == unit->device;
        if (!there)
            cf_unit_leave(unit);
    }
    for (ssize_t i = 0; i < n; i++)
        arrive(usb, list[i], now);
    libusb_free_device_list(list, 1);
}

static void take_queue(struct cf_usb *usb, cf_mono now)
{
    for (size_t i = 0; i < usb->n_queue; i++) {
        struct coming *c = &usb->queue[i];
        if (c->arrived && !usb->stopping)
            arrive(usb, c->device, now);
        else
            leave(usb, c->device);
        libusb_unref_device(c->device);
    }
    usb->n_queue = 0;
    if (usb->overflowed) {
        usb->overflowed = false;
        compare_all(usb, now);
    }
}

/* ---- the loop ---- */

static void step_units(struct cf_usb *usb, cf_mono now)
{
    for (struct cf_unit **at = &usb->units; *at != NULL;) {
        struct cf_unit *unit = *at;
        if (cf_unit_step(unit, usb->units, now)) {
            at = &unit->next;
        } else {
            *at = unit->next;
            usb->n_units--;
            cf_unit_free(unit);
        }
    }
}

static void arm(struct cf_usb *usb, cf_mono now)
{
    int64_t first_us = INT64_MAX;
    struct timeval tv;
    for (const struct cf_unit *unit = usb->units; unit != NULL; unit = unit->next) {
        cf_mono due;
        if (cf_unit_due(unit, &due) && due.us - now.us < first_us)
            first_us = due.us - now.us;
    }
    if (libusb_get_next_timeout(usb->context, &tv) == 1) {
        int64_t us = (int64_t)tv.tv_sec * CF_US_PER_S + tv.tv_usec;
        first_us = us < first_us ? us : first_us;
    }
    struct itimerspec when = {0};
    if (first_us != INT64_MAX) {
        first_us = first_us > 0 ? first_us : 1;
        when.it_value.tv_sec = first_us / CF_US_PER_S;
        when.it_value.tv_nsec = first_us % CF_US_PER_S * 1000;
    }
    (void)timerfd_settime(usb->timer, 0, &when, NULL);
}

void cf_usb_dispatch(struct cf_usb *usb)
{
    struct timeval none = {0, 0};
    uint64_t fired;
    (void)!read(usb->timer, &fired, sizeof fired);
    (void)libusb_handle_events_timeout_completed(usb->context, &none, NULL);
    cf_mono now = cf_env_mono(usb->options.env);
    take_queue(usb, now);
    step_units(usb, now);
    arm(usb, cf_env_mono(usb->options.env));
}

int cf_usb_fd(const struct cf_usb *usb)
{
    return usb->epoll;
}

/* ---- begin and end ---- */

static enum cf_rc watch(struct cf_usb *usb, struct cf_error *err)
{
    struct epoll_event event = {.events = EPOLLIN};
    usb->epoll = epoll_create1(EPOLL_CLOEXEC);
    usb->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    event.data.fd = usb->timer;
    if (usb->epoll < 0 || usb->timer < 0 || epoll_ctl(usb->epoll, EPOLL_CTL_ADD, usb->timer, &event) != 0)
        return cf_fail_errno(err, errno, "USB");
    const struct libusb_pollfd **fds = libusb_get_pollfds(usb->context);
    if (fds == NULL)
        return cf_fail(err, CF_E_DEVICE_FAULT, "libusb has nothing to wait for");
    for (size_t i = 0; fds[i] != NULL; i++)
        fd_added(fds[i]->fd, fds[i]->events, usb);
    libusb_free_pollfds(fds);
    libusb_set_pollfd_notifiers(usb->context, fd_added, fd_removed, usb);
    return CF_OK;
}

static enum cf_rc begin(struct cf_usb *usb, struct cf_error *err)
{
    int failed = libusb_init(&usb->context);
    if (failed != 0) {
        usb->context = NULL;
        return cf_fail(err, failed == LIBUSB_ERROR_ACCESS ? CF_E_DEVICE_RIGHTS : CF_E_DEVICE_FAULT,
                       "the USB cannot be used: %s", libusb_error_name(failed));
    }
    enum cf_rc rc = watch(usb, err);
    if (rc != CF_OK)
        return rc;
    failed = libusb_hotplug_register_callback(
        usb->context, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT, LIBUSB_HOTPLUG_ENUMERATE,
        LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, plugged, usb, &usb->hotplug);
    if (failed != 0)
        return cf_fail(err, CF_E_DEVICE_FAULT, "devices that come cannot be noticed: %s", libusb_error_name(failed));
    usb->has_hotplug = true;
    arm(usb, (cf_mono){0});
    struct itimerspec at_once = {.it_value.tv_nsec = 1}; /* what is there already waits in the queue */
    (void)timerfd_settime(usb->timer, 0, &at_once, NULL);
    return CF_OK;
}

enum cf_rc cf_usb_new(const struct cf_usb_options *options, struct cf_usb **ret, struct cf_error *err)
{
    struct cf_usb *usb = calloc(1, sizeof *usb);
    if (usb == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "USB");
    usb->options = *options;
    usb->epoll = usb->timer = -1;
    enum cf_rc rc = begin(usb, err);
    if (rc != CF_OK) {
        cf_usb_free(usb);
        return rc;
    }
    *ret = usb;
    return CF_OK;
}

/* Until no transfer is under way: libusb writes into their buffers as long as one is. */
static bool close_all(struct cf_usb *usb)
{
    usb->stopping = true;
    for (struct cf_unit *unit = usb->units; unit != NULL; unit = unit->next)
        cf_unit_stop(unit);
    cf_mono until = {cf_env_mono(usb->options.env).us + FREE_WAIT_MS * CF_US_PER_MS};
    for (;;) {
        cf_usb_dispatch(usb);
        int64_t left_us = until.us - cf_env_mono(usb->options.env).us;
        if (usb->units == NULL || left_us <= 0)
            return usb->units == NULL;
        struct pollfd p = {.fd = usb->epoll, .events = POLLIN};
        (void)poll(&p, 1, (int)(left_us / CF_US_PER_MS) + 1);
    }
}

void cf_usb_free(struct cf_usb *usb)
{
    if (usb == NULL)
        return;
    if (usb->has_hotplug)
        libusb_hotplug_deregister_callback(usb->context, usb->hotplug);
    if (usb->context != NULL) {
        if (!close_all(usb))
            return; /* the kernel keeps a transfer: its buffer must stay, so everything does */
        libusb_set_pollfd_notifiers(usb->context, NULL, NULL, NULL);
        libusb_exit(usb->context);
    }
    if (usb->epoll >= 0)
        close(usb->epoll);
    if (usb->timer >= 0)
        close(usb->timer);
    free(usb);
}

enum cf_rc cf_usb_print(struct cf_usb *usb, const char *identity, uint64_t id, cf_bytes bytes, struct cf_error *err)
{
    char its[CF_PORT_IDENTITY_MAX + 1];
    for (struct cf_unit *unit = usb->units; unit != NULL; unit = unit->next) {
        if (unit->state != CF_UNIT_OPEN || unit->dead || !unit->up || unit->driver->print == NULL)
            continue;
        cf_port_identity(&unit->info, its);
        if (strcmp(its, identity) != 0)
            continue;
        enum cf_rc rc = unit->driver->print(unit->driven, id, bytes, err);
        arm(usb, cf_env_mono(usb->options.env));
        return rc;
    }
    return cf_fail(err, CF_E_PRINTER_OFF, "%s is not connected", identity);
}

void cf_usb_each(const struct cf_usb *usb, void (*see)(void *ctx, const struct cf_usb_seen *seen), void *ctx)
{
    for (const struct cf_unit *unit = usb->units; unit != NULL; unit = unit->next) {
        struct cf_usb_seen seen = {.info = &unit->info, .use = CF_USB_LOOKED_AT};
        if (unit->state == CF_UNIT_ALONE)
            seen.use = unit->driver != NULL ? CF_USB_CHOSEN : CF_USB_LEFT_ALONE;
        else if (unit->state == CF_UNIT_OPEN)
            seen.use = CF_USB_USED;
        else if (unit->n_failures > 0)
            seen.use = CF_USB_FAILED;
        seen.driver = seen.use >= CF_USB_CHOSEN && unit->driver != NULL ? unit->driver->name : NULL;
        see(ctx, &seen);
    }
}
