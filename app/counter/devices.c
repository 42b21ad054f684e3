/*
 * app/counter/devices.c - see devices.h.
 */
#include "app/counter/devices.h"

#include <stdlib.h>
#include <string.h>

#include "drivers/scanner/scanner.h"

struct entry {
    char identity[CF_PORT_IDENTITY_MAX + 1];
    struct cf_device_seen seen;
};
struct cf_devices {
    struct cf_devices_options options;
    struct cf_usb *usb;
    struct entry entry[CF_DEVICES_SEEN_MAX];
    size_t n_entries;
};

/* --- which there are --------------------------------------------------------------------------------------------- */

/* Where there is no room, one that works no more goes. NULL: all work. */
static struct entry *entry_of(struct cf_devices *devices, const char *identity)
{
    for (size_t i = 0; i < devices->n_entries; i++)
        if (strcmp(devices->entry[i].identity, identity) == 0)
            return &devices->entry[i];
    if (devices->n_entries < CF_DEVICES_SEEN_MAX)
        return &devices->entry[devices->n_entries++];
    for (size_t i = 0; i < devices->n_entries; i++)
        if (devices->entry[i].seen.rc != CF_OK)
            return &devices->entry[i];
    return NULL;
}

static void note(struct cf_devices *devices, const struct cf_port_info *info, enum cf_rc rc)
{
    char identity[CF_PORT_IDENTITY_MAX + 1];
    cf_port_identity(info, identity);
    struct entry *entry = entry_of(devices, identity);
    if (entry == NULL)
        return;
    memcpy(entry->identity, identity, sizeof identity);
    memcpy(entry->seen.name, info->name, sizeof info->name);
    entry->seen.rc = rc;
}

static void tell(const struct cf_devices *devices, const struct cf_device_event *event)
{
    struct cf_error err = {.rc = CF_OK};
    if (event->rc != CF_OK)
        (void)cf_fail(&err, event->rc, "%s", event->why);
    devices->options.told(devices->options.ctx, event->info->name, &err);
}

static void hear(void *ctx, const struct cf_device_event *event)
{
    struct cf_devices *devices = ctx;
    switch (event->kind) {
    case CF_DEVICE_UP:
    case CF_DEVICE_DOWN:
        note(devices, event->info, event->rc);
        tell(devices, event);
        break;
    case CF_DEVICE_TROUBLE:
        if (event->rc != CF_E_DEVICE_LOST && event->rc != CF_E_CODE_SIZE) /* of a scan: the device goes on */
            note(devices, event->info, event->rc);
        tell(devices, event);
        break;
    case CF_DEVICE_SCAN:
        devices->options.scan(devices->options.ctx, event->text);
        break;
    case CF_DEVICE_STATUS:
    case CF_DEVICE_PRINTED:
        break;
    }
}

size_t cf_devices_seen(const struct cf_devices *devices, struct cf_device_seen ret[CF_DEVICES_SEEN_MAX])
{
    for (size_t i = 0; i < devices->n_entries; i++)
        ret[i] = devices->entry[i].seen;
    return devices->n_entries;
}

/* --- begin and end ------------------------------------------------------------------------------------------------ */

enum cf_rc cf_devices_new(const struct cf_devices_options *options, struct cf_devices **ret, struct cf_error *err)
{
    struct cf_devices *devices = calloc(1, sizeof *devices);
    if (devices == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "devices");
    devices->options = *options;
    const struct cf_usb_options usb = {.env = cf_env_system(),
                                       .drivers = cf_scanner_drivers,
                                       .n_drivers = CF_SCANNER_DRIVERS,
                                       .rules = devices->options.rule,
                                       .n_rules = devices->options.n_rules,
                                       .sink = {hear, devices}};
    enum cf_rc rc = cf_usb_new(&usb, &devices->usb, err);
    if (rc != CF_OK) {
        cf_devices_free(devices);
        return rc;
    }
    *ret = devices;
    return CF_OK;
}

void cf_devices_free(struct cf_devices *devices)
{
    if (devices == NULL)
        return;
    cf_usb_free(devices->usb);
    free(devices);
}

int cf_devices_fd(const struct cf_devices *devices)
{
    return cf_usb_fd(devices->usb);
}

void cf_devices_dispatch(struct cf_devices *devices)
{
    cf_usb_dispatch(devices->usb);
}

/* --- how it is told ----------------------------------------------------------------------------------------------- */

static bool parse_hex4(const char *text, uint16_t *ret)
{
    char hex[5] = {0};
    uint8_t bytes[2];
    memcpy(hex, text, 4);
    if (cf_hex_decode(hex, bytes, sizeof bytes, NULL) != CF_OK)
        return false;
    *ret = (uint16_t)(bytes[0] << 8 | bytes[1]);
    return true;
}

bool cf_devices_rule(const char *text, struct cf_devices_options *options)
{
    struct cf_usb_rule rule = {.driver = NULL};
    if (options->n_rules == CF_DEVICES_RULES_MAX || strlen(text) < 11 || text[4] != ':' || text[9] != '=' ||
        !parse_hex4(text, &rule.vendor) || !parse_hex4(text + 5, &rule.product))
        return false;
    for (size_t i = 0; i < CF_SCANNER_DRIVERS; i++)
        if (strcmp(text + 10, cf_scanner_drivers[i]->name) == 0)
            rule.driver = cf_scanner_drivers[i]->name;
    if (rule.driver == NULL && strcmp(text + 10, "none") != 0)
        return false;
    options->rule[options->n_rules++] = rule;
    return true;
}
