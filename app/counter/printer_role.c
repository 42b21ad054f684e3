/*
 * app/counter/printer_role.c - see printer_role.h.
 */
#include "app/counter/printer_role.h"

#include <string.h>

void cf_printer_role_init(struct cf_printer_role *role, const char *identity)
{
    memset(role, 0, sizeof *role);
    if (identity == NULL)
        return;
    role->is_named = true;
    memcpy(role->identity, identity, strnlen(identity, CF_PORT_IDENTITY_MAX));
}

static void forget_spare(struct cf_printer_role *role, const char *identity)
{
    for (size_t i = 0; i < role->n_spares; i++) {
        if (strcmp(role->spare[i], identity) != 0)
            continue;
        role->n_spares--;
        memmove(&role->spare[i], &role->spare[i + 1], (role->n_spares - i) * sizeof role->spare[0]);
        return;
    }
}

bool cf_printer_role_is(const struct cf_printer_role *role, const struct cf_port_info *info)
{
    char identity[CF_PORT_IDENTITY_MAX + 1];
    cf_port_identity(info, identity);
    return strcmp(role->identity, identity) == 0;
}

bool cf_printer_role_take(struct cf_printer_role *role, const struct cf_port_info *info)
{
    char identity[CF_PORT_IDENTITY_MAX + 1];
    cf_port_identity(info, identity);
    if (role->identity[0] == '\0')
        memcpy(role->identity, identity, sizeof identity);
    if (strcmp(role->identity, identity) == 0)
        return true;
    forget_spare(role, identity);
    if (role->n_spares < CF_PRINTER_SPARES_MAX)
        memcpy(role->spare[role->n_spares++], identity, sizeof identity);
    return false;
}

bool cf_printer_role_leave(struct cf_printer_role *role, const struct cf_port_info *info)
{
    char identity[CF_PORT_IDENTITY_MAX + 1];
    cf_port_identity(info, identity);
    forget_spare(role, identity);
    if (role->is_named || strcmp(role->identity, identity) != 0)
        return false;
    role->identity[0] = '\0';
    if (role->n_spares == 0)
        return false;
    memcpy(role->identity, role->spare[0], sizeof role->identity);
    forget_spare(role, role->identity);
    return true;
}
