/*
 * drivers/usb/unit.c - see unit.h.
 */
#include "drivers/usb/unit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/usb/sysfs.h"

#define CONTROL_TIMEOUT_MS 1000
#define BULK_BYTES 4096
/* The kernel finds a device before it reads a report descriptor and before its drivers have chosen. */
#define LOOK_FIRST_US (10 * CF_US_PER_MS)
#define SETTLED_US (800 * CF_US_PER_MS)
#define RETRY_FIRST_US (100 * CF_US_PER_MS)
#define RETRY_MOST_US (5 * CF_US_PER_S)

static cf_mono now_of(const struct cf_unit *unit)
{
    return cf_env_mono(unit->options->env);
}

static cf_mono after(cf_mono now, int64_t us)
{
    return (cf_mono){now.us + us};
}

/* ---- what becomes of it ---- */

static void say(struct cf_unit *unit, enum cf_device_event_kind kind, enum cf_rc rc, const char *why)
{
    struct cf_device_event event = {.kind = kind,
                                    .info = &unit->info,
                                    .driver = unit->driver != NULL ? unit->driver->name : "",
                                    .rc = rc,
                                    .why = why,
                                    .at = now_of(unit)};
    unit->options->sink.take(unit->options->sink.ctx, &event);
}

/* What the driver says, with the names that only we know. */
static void pass_on(void *ctx, const struct cf_device_event *event)
{
    struct cf_unit *unit = ctx;
    struct cf_device_event named = *event;
    if (unit->dead && event->kind != CF_DEVICE_PRINTED) /* who gave a job hears of it in any case */
        return;
    named.info = &unit->info;
    named.driver = unit->driver->name;
    named.at = now_of(unit);
    unit->up = unit->up || event->kind == CF_DEVICE_UP;
    unit->options->sink.take(unit->options->sink.ctx, &named);
}

static void cancel(struct libusb_transfer *transfer)
{
    if (transfer != NULL)
        (void)libusb_cancel_transfer(transfer); /* NOT_FOUND: it is not under way, or done already */
}

static void mark_dead(struct cf_unit *unit, enum cf_rc rc, const char *why)
{
    if (unit->dead)
        return;
    unit->dead = true;
    unit->dead_rc = rc;
    unit->wake_at = (cf_mono){0};
    (void)snprintf(unit->dead_why, sizeof unit->dead_why, "%s", why);
    for (size_t i = 0; i < CF_UNIT_INS; i++)
        cancel(unit->in[i]);
    cancel(unit->control);
    cancel(unit->out);
}

/* ---- transfers ---- */

static enum cf_port_status status_of(enum libusb_transfer_status status)
{
    switch (status) {
    case LIBUSB_TRANSFER_COMPLETED:
        return CF_PORT_DONE;
    case LIBUSB_TRANSFER_STALL:
        return CF_PORT_STALL;
    case LIBUSB_TRANSFER_TIMED_OUT:
        return CF_PORT_TIMEOUT;
    case LIBUSB_TRANSFER_OVERFLOW:
        return CF_PORT_BABBLE;
    case LIBUSB_TRANSFER_ERROR:
    case LIBUSB_TRANSFER_CANCELLED:
    case LIBUSB_TRANSFER_NO_DEVICE:
        return CF_PORT_ERROR;
    }
    return CF_PORT_ERROR;
}

static void deliver(struct cf_unit *unit, struct cf_port_event *event)
{
    if (unit->dead)
        return;
    event->at = now_of(unit);
    if (unit->recorder != NULL)
        cf_recorder_event(unit->recorder, event);
    unit->driver->take(unit->driven, event);
}

static bool submit(struct cf_unit *unit, struct libusb_transfer *transfer)
{
    int failed = libusb_submit_transfer(transfer);
    if (failed == 0) {
        unit->in_flight++;
        return true;
    }
    if (failed == LIBUSB_ERROR_NO_DEVICE)
        mark_dead(unit, CF_E_DEVICE_GONE, "it was unplugged");
    else
        mark_dead(unit, CF_E_DEVICE_FAULT, libusb_error_name(failed));
    return false;
}

static void submit_in(struct cf_unit *unit, struct libusb_transfer *transfer)
{
    if (submit(unit, transfer))
        unit->ins_in_flight++;
}

static void LIBUSB_CALL on_in(struct libusb_transfer *transfer)
{
    struct cf_unit *unit = transfer->user_data;
    unit->in_flight--;
    unit->ins_in_flight--;
    if (unit->dead || (unit->halted && transfer->status == LIBUSB_TRANSFER_CANCELLED))
        return;
    if (transfer->status == LIBUSB_TRANSFER_NO_DEVICE) {
        mark_dead(unit, CF_E_DEVICE_GONE, "it was unplugged");
        return;
    }
    if (transfer->status == LIBUSB_TRANSFER_STALL) {
        /* Freeing the endpoint waits for the device: not here, and not before the other read is back. */
        unit->halted = true;
        for (size_t i = 0; i < CF_UNIT_INS; i++)
            cancel(unit->in[i]);
        return;
    }
    struct cf_port_event event = {.kind = CF_PORT_IN,
                                  .status = status_of(transfer->status),
                                  .data = cf_bytes_of(transfer->buffer, (size_t)transfer->actual_length)};
    if (event.status == CF_PORT_DONE)
        unit->n_failures = 0;
    deliver(unit, &event);
    if (!unit->dead && !unit->halted)
        submit_in(unit, transfer);
}

static void LIBUSB_CALL on_control(struct libusb_transfer *transfer)
{
    struct cf_unit *unit = transfer->user_data;
    unit->in_flight--;
    unit->control_busy = false;
    if (transfer->status == LIBUSB_TRANSFER_NO_DEVICE)
        mark_dead(unit, CF_E_DEVICE_GONE, "it was unplugged");
    bool reads = (transfer->buffer[0] & LIBUSB_ENDPOINT_IN) != 0;
    struct cf_port_event event = {
        .kind = CF_PORT_CONTROL_DONE,
        .status = status_of(transfer->status),
        .data = cf_bytes_of(transfer->buffer + LIBUSB_CONTROL_SETUP_SIZE, reads ? (size_t)transfer->actual_length : 0)};
    deliver(unit, &event);
}

static void LIBUSB_CALL on_out(struct libusb_transfer *transfer)
{
    struct cf_unit *unit = transfer->user_data;
    unit->in_flight--;
    unit->out_busy = false;
    if (transfer->status == LIBUSB_TRANSFER_NO_DEVICE)
        mark_dead(unit, CF_E_DEVICE_GONE, "it was unplugged");
    struct cf_port_event event = {
        .kind = CF_PORT_WRITTEN, .status = status_of(transfer->status), .n_written = (uint32_t)transfer->actual_length};
    deliver(unit, &event);
}

/* ---- the port that the driver has ---- */

static void port_control(void *ctx, const struct cf_port_setup *setup, cf_bytes out)
{
    struct cf_unit *unit = ctx;
    assert(!unit->control_busy && setup->length <= CF_PORT_CONTROL_MAX);
    if (unit->dead)
        return;
    libusb_fill_control_setup(unit->control_bytes, setup->request_type, setup->request, setup->value, setup->index,
                              setup->length);
    assert((setup->request_type & LIBUSB_ENDPOINT_IN) != 0 || out.n == setup->length);
    if (out.n > 0)
        memcpy(unit->control_bytes + LIBUSB_CONTROL_SETUP_SIZE, out.p, out.n);
    libusb_fill_control_transfer(unit->control, unit->handle, unit->control_bytes, on_control, unit,
                                 CONTROL_TIMEOUT_MS);
    unit->control_busy = submit(unit, unit->control);
}

static void port_listen(void *ctx)
{
    struct cf_unit *unit = ctx;
    assert(!unit->listening);
    unit->listening = true;
    for (size_t i = 0; i < CF_UNIT_INS && !unit->dead; i++)
        submit_in(unit, unit->in[i]);
}

static void port_write(void *ctx, cf_bytes bytes, uint32_t timeout_ms)
{
    struct cf_unit *unit = ctx;
    assert(!unit->out_busy && bytes.n <= CF_PORT_WRITE_MAX && unit->out_bytes != NULL);
    if (unit->dead)
        return;
    memcpy(unit->out_bytes, bytes.p, bytes.n);
    libusb_fill_bulk_transfer(unit->out, unit->handle, unit->info.out_endpoint, unit->out_bytes, (int)bytes.n, on_out,
                              unit, timeout_ms);
    unit->out_busy = submit(unit, unit->out);
}

static void port_wake(void *ctx, uint32_t after_ms)
{
    struct cf_unit *unit = ctx;
    if (!unit->dead)
        unit->wake_at = after_ms == 0 ? (cf_mono){0} : after(now_of(unit), after_ms * CF_US_PER_MS);
}

static void port_decline(void *ctx)
{
    mark_dead(ctx, CF_OK, "");
}

static void port_fail(void *ctx, enum cf_rc rc, const char *why)
{
    mark_dead(ctx, rc, why);
}

/* ---- opening ---- */

static bool make_transfers(struct cf_unit *unit)
{
    size_t packet = unit->info.in_packet_bytes > 0 ? unit->info.in_packet_bytes : 64;
    size_t n = unit->info.in_is_interrupt ? packet : (BULK_BYTES + packet - 1) / packet * packet;
    bool good = true;
    for (size_t i = 0; i < CF_UNIT_INS; i++) {
        unit->in[i] = libusb_alloc_transfer(0);
        unit->in_bytes[i] = malloc(n);
        good = good && unit->in[i] != NULL && unit->in_bytes[i] != NULL;
        if (good && unit->info.in_is_interrupt)
            libusb_fill_interrupt_transfer(unit->in[i], unit->handle, unit->info.in_endpoint, unit->in_bytes[i], (int)n,
                                           on_in, unit, 0);
        else if (good)
            libusb_fill_bulk_transfer(unit->in[i], unit->handle, unit->info.in_endpoint, unit->in_bytes[i], (int)n,
                                      on_in, unit, 0);
    }
    unit->control = libusb_alloc_transfer(0);
    unit->out = libusb_alloc_transfer(0);
    unit->out_bytes = unit->info.out_endpoint != 0 ? malloc(CF_PORT_WRITE_MAX) : NULL;
    return good && unit->control != NULL && unit->out != NULL &&
           (unit->info.out_endpoint == 0 || unit->out_bytes != NULL);
}

static void free_transfers(struct cf_unit *unit)
{
    assert(unit->in_flight == 0);
    for (size_t i = 0; i < CF_UNIT_INS; i++) {
        libusb_free_transfer(unit->in[i]);
        free(unit->in_bytes[i]);
        unit->in[i] = NULL;
        unit->in_bytes[i] = NULL;
    }
    libusb_free_transfer(unit->control);
    libusb_free_transfer(unit->out);
    free(unit->out_bytes);
    unit->control = unit->out = NULL;
    unit->out_bytes = NULL;
}

static void close_handle(struct cf_unit *unit)
{
    free_transfers(unit);
    cf_recorder_free(unit->recorder);
    unit->recorder = NULL;
    if (unit->handle != NULL) {
        /* Gives it back to the kernel's driver if it was taken from there; of a device that is gone this fails. */
        (void)libusb_release_interface(unit->handle, unit->info.interface);
        if (unit->info.control_interface != unit->info.interface)
            (void)libusb_release_interface(unit->handle, unit->info.control_interface);
        libusb_close(unit->handle);
        unit->handle = NULL;
    }
}

static enum cf_rc claim(struct cf_unit *unit, bool may_take, struct cf_error *err)
{
    int failed = libusb_open(unit->device, &unit->handle);
    if (failed == 0) {
        (void)libusb_set_auto_detach_kernel_driver(unit->handle, may_take ? 1 : 0);
        failed = libusb_claim_interface(unit->handle, unit->info.interface);
    } else {
        unit->handle = NULL;
    }
    if (failed == 0 && unit->info.control_interface != unit->info.interface)
        failed = libusb_claim_interface(unit->handle, unit->info.control_interface);
    switch (failed) {
    case 0:
        return CF_OK;
    case LIBUSB_ERROR_BUSY:
        return cf_fail(err, CF_E_DEVICE_BUSY, "another program holds it");
    case LIBUSB_ERROR_ACCESS:
        return cf_fail(err, CF_E_DEVICE_RIGHTS, "it may not be opened");
    case LIBUSB_ERROR_NO_DEVICE:
    case LIBUSB_ERROR_NOT_FOUND:
        return cf_fail(err, CF_E_DEVICE_GONE, "it was unplugged");
    case LIBUSB_ERROR_NO_MEM:
        return cf_fail(err, CF_E_NO_MEMORY, "device");
    default:
        return cf_fail(err, CF_E_DEVICE_FAULT, "it does not open: %s", libusb_error_name(failed));
    }
}

static enum cf_rc start(struct cf_unit *unit, struct cf_error *err)
{
    static const struct cf_port_ops ops = {port_control, port_listen, port_write, port_wake, port_decline, port_fail};
    struct cf_port port = {&ops, unit};
    struct cf_device_sink sink = {pass_on, unit};
    struct cf_recording_sink tape;
    if (!make_transfers(unit))
        return cf_fail(err, CF_E_NO_MEMORY, "device");
    if (unit->options->record != NULL && unit->options->record(unit->options->record_ctx, &unit->info, &tape)) {
        enum cf_rc rc =
            cf_recorder_new(&unit->info, unit->driver->name, &port, &tape, now_of(unit), &unit->recorder, err);
        if (rc != CF_OK)
            return rc;
        port = cf_recorder_port(unit->recorder);
    }
    unit->state = CF_UNIT_OPEN;
    return unit->driver->start(&unit->info, &port, &sink, &unit->driven, err);
}

static void try_again_later(struct cf_unit *unit, cf_mono now)
{
    int64_t us = RETRY_FIRST_US << (unit->n_failures < 6 ? unit->n_failures : 6);
    unit->state = CF_UNIT_WAITING;
    unit->look_at = after(now, us < RETRY_MOST_US ? us : RETRY_MOST_US);
    unit->n_failures++;
}

static void reset(struct cf_unit *unit)
{
    unit->up = unit->dead = unit->halted = unit->listening = false;
    unit->control_busy = unit->out_busy = false;
    unit->dead_rc = CF_OK;
    unit->wake_at = (cf_mono){0};
    unit->driven = NULL;
}

static void open_unit(struct cf_unit *unit, bool may_take, cf_mono now)
{
    struct cf_error err = {0};
    reset(unit);
    enum cf_rc rc = claim(unit, may_take, &err);
    if (rc == CF_OK)
        rc = start(unit, &err);
    if (rc == CF_OK)
        return;
    if (unit->in_flight > 0) { /* a driver that asked before it failed */
        mark_dead(unit, rc, err.detail);
        return;
    }
    close_handle(unit);
    if (unit->n_failures == 0 && rc != CF_E_DEVICE_GONE)
        say(unit, CF_DEVICE_TROUBLE, rc, err.detail);
    try_again_later(unit, now);
}

/* ---- choosing ---- */

static const struct cf_usb_rule *rule_of(const struct cf_unit *unit)
{
    for (size_t i = 0; i < unit->options->n_rules; i++) {
        const struct cf_usb_rule *rule = &unit->options->rules[i];
        if (rule->vendor == unit->info.vendor && rule->product == unit->info.product)
            return rule;
    }
    return NULL;
}

static enum cf_driver_match choose(struct cf_unit *unit)
{
    const struct cf_usb_rule *rule = rule_of(unit);
    enum cf_driver_match best = CF_MATCH_NO;
    for (size_t i = 0; i < unit->options->n_drivers; i++) {
        const struct cf_driver *driver = unit->options->drivers[i];
        if (!driver->fits(&unit->info))
            continue;
        enum cf_driver_match match = rule == NULL ? driver->match(&unit->info)
                                     : rule->driver != NULL && strcmp(rule->driver, driver->name) == 0 ? CF_MATCH_YES
                                                                                                       : CF_MATCH_NO;
        if (match > best) {
            best = match;
            unit->driver = driver;
        }
    }
    return best;
}

static void forget_serial_of_a_twin(struct cf_unit *unit, const struct cf_unit *all)
{
    for (const struct cf_unit *other = all; other != NULL; other = other->next)
        if (other != unit && other->device != unit->device && !other->left && other->info.vendor == unit->info.vendor &&
            other->info.product == unit->info.product && strcmp(other->info.serial, unit->info.serial) == 0)
            unit->info.serial[0] = '\0';
}

static void look(struct cf_unit *unit, const struct cf_unit *all, cf_mono now)
{
    cf_sysfs_look(unit->place, unit->configuration, &unit->info);
    forget_serial_of_a_twin(unit, all);
    unit->info.settled = cf_mono_since(now, unit->plugged_at).us >= SETTLED_US;
    enum cf_driver_match match = choose(unit);
    if (unit->options->look_only && match >= CF_MATCH_ASK) {
        unit->state = CF_UNIT_ALONE;
        return;
    }
    switch (match) {
    case CF_MATCH_NO:
        unit->state = CF_UNIT_ALONE;
        unit->driver = NULL;
        break;
    case CF_MATCH_LATER:
        unit->look_at = after(now, LOOK_FIRST_US << (unit->n_looks < 5 ? unit->n_looks : 5));
        unit->n_looks++;
        break;
    case CF_MATCH_ASK:
        open_unit(unit, false, now);
        break;
    case CF_MATCH_YES:
        open_unit(unit, true, now);
        break;
    }
}

/* ---- its life ---- */

struct cf_unit *cf_unit_new(const struct cf_usb_options *options, libusb_device *device, unsigned configuration,
                            const struct cf_port_info *info, cf_mono now)
{
    uint8_t ports[7];
    struct cf_unit *unit = calloc(1, sizeof *unit);
    if (unit == NULL)
        return NULL;
    unit->options = options;
    unit->device = libusb_ref_device(device);
    unit->configuration = configuration;
    unit->info = *info;
    unit->plugged_at = unit->look_at = now;
    int n = libusb_get_port_numbers(device, ports, (int)sizeof ports);
    size_t at = (size_t)snprintf(unit->place, sizeof unit->place, "%u", libusb_get_bus_number(device));
    for (int i = 0; i < n; i++)
        at += (size_t)snprintf(unit->place + at, sizeof unit->place - at, "%c%u", i == 0 ? '-' : '.', ports[i]);
    (void)snprintf(unit->info.path, sizeof unit->info.path, "%.80s:%u", unit->place, info->interface);
    return unit;
}

void cf_unit_free(struct cf_unit *unit)
{
    if (unit == NULL)
        return;
    assert(unit->state != CF_UNIT_OPEN && unit->in_flight == 0 && unit->handle == NULL);
    libusb_unref_device(unit->device);
    free(unit);
}

void cf_unit_leave(struct cf_unit *unit)
{
    unit->left = true;
    if (unit->state == CF_UNIT_OPEN)
        mark_dead(unit, CF_E_DEVICE_GONE, "it was unplugged");
}

void cf_unit_stop(struct cf_unit *unit)
{
    unit->left = true;
    if (unit->state == CF_UNIT_OPEN) {
        mark_dead(unit, CF_OK, "");
        unit->up = false;
    }
}

/* Every read of a halted endpoint is back: free it and go on. */
static void recover(struct cf_unit *unit)
{
    unit->halted = false;
    int failed = libusb_clear_halt(unit->handle, unit->info.in_endpoint);
    if (failed == LIBUSB_ERROR_NO_DEVICE) {
        mark_dead(unit, CF_E_DEVICE_GONE, "it was unplugged");
        return;
    }
    if (failed != 0) {
        mark_dead(unit, CF_E_DEVICE_FAULT, "its endpoint stays halted");
        return;
    }
    struct cf_port_event event = {.kind = CF_PORT_IN, .status = CF_PORT_STALL};
    deliver(unit, &event);
    for (size_t i = 0; i < CF_UNIT_INS && !unit->dead; i++)
        submit_in(unit, unit->in[i]);
}

/* Dead, and nothing is under way any more. */
static void bury(struct cf_unit *unit, cf_mono now)
{
    bool declined = unit->dead_rc == CF_OK;
    if (unit->driven != NULL)
        unit->driver->stop(unit->driven);
    unit->driven = NULL;
    close_handle(unit);
    if (unit->up)
        say(unit, CF_DEVICE_DOWN, unit->dead_rc, unit->dead_why);
    else if (!declined && unit->n_failures == 0 && unit->dead_rc != CF_E_DEVICE_GONE)
        say(unit, CF_DEVICE_TROUBLE, unit->dead_rc, unit->dead_why);
    if (declined) {
        unit->state = CF_UNIT_ALONE;
        unit->driver = NULL;
    } else {
        try_again_later(unit, now);
    }
    reset(unit);
}

bool cf_unit_step(struct cf_unit *unit, const struct cf_unit *all, cf_mono now)
{
    if (unit->state == CF_UNIT_WAITING && !unit->left && now.us >= unit->look_at.us)
        look(unit, all, now);
    if (unit->state == CF_UNIT_OPEN && !unit->dead && unit->halted && unit->ins_in_flight == 0)
        recover(unit);
    if (unit->state == CF_UNIT_OPEN && !unit->dead && unit->wake_at.us != 0 && now.us >= unit->wake_at.us) {
        struct cf_port_event event = {.kind = CF_PORT_WAKE};
        unit->wake_at = (cf_mono){0};
        deliver(unit, &event);
    }
    if (unit->state == CF_UNIT_OPEN && unit->dead && unit->in_flight == 0)
        bury(unit, now);
    return !(unit->left && unit->state != CF_UNIT_OPEN);
}

bool cf_unit_due(const struct cf_unit *unit, cf_mono *ret_at)
{
    if (unit->state == CF_UNIT_WAITING && !unit->left) {
        *ret_at = unit->look_at;
        return true;
    }
    if (unit->state == CF_UNIT_OPEN && !unit->dead && unit->wake_at.us != 0) {
        *ret_at = unit->wake_at;
        return true;
    }
    return false;
}
