/*
 * drivers/port/port.c - see port.h.
 */
#include "drivers/port/port.h"

#include <stdio.h>
#include <string.h>

void cf_port_identity(const struct cf_port_info *info, char ret[CF_PORT_IDENTITY_MAX + 1])
{
    bool named = info->serial[0] != '\0';
    if (info->bus != CF_PORT_USB)
        (void)snprintf(ret, CF_PORT_IDENTITY_MAX + 1, "%s", info->path);
    else
        (void)snprintf(ret, CF_PORT_IDENTITY_MAX + 1, "%04x:%04x%c%s", info->vendor, info->product, named ? '/' : '@',
                       named ? info->serial : info->path);
}

void cf_port_text(cf_bytes said, char ret[CF_PORT_TEXT_MAX + 1])
{
    size_t n = 0;
    while (said.n > 0 && (said.p[said.n - 1] == '\n' || said.p[said.n - 1] == ' '))
        said.n--;
    for (size_t i = 0; i < said.n && n < CF_PORT_TEXT_MAX; i++)
        ret[n++] = said.p[i] < 0x20 || said.p[i] > 0x7e ? '?' : (char)said.p[i];
    ret[n] = '\0';
}

const char *cf_port_status_name(enum cf_port_status status)
{
    switch (status) {
    case CF_PORT_DONE:
        return "done";
    case CF_PORT_STALL:
        return "stall";
    case CF_PORT_TIMEOUT:
        return "timeout";
    case CF_PORT_BABBLE:
        return "babble";
    case CF_PORT_ERROR:
        return "error";
    }
    return "error";
}
