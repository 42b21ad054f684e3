/*
 * app/counter/printer_role.h - which of the printers on the USB gets the receipts.
 *
 * The one that was named, by vendor, product and serial number or port; where none was, the first that worked, as long
 * as it is plugged in. The others are spares: nothing goes to them, but to the first of them once the one is unplugged.
 * A named one is waited for. Pure.
 */
#ifndef CF_COUNTER_PRINTER_ROLE_H
#define CF_COUNTER_PRINTER_ROLE_H

#include "drivers/port/port.h"

#define CF_PRINTER_SPARES_MAX 4

struct cf_printer_role {
    bool is_named;
    char identity[CF_PORT_IDENTITY_MAX + 1]; /* "": none yet */
    char spare[CF_PRINTER_SPARES_MAX][CF_PORT_IDENTITY_MAX + 1];
    size_t n_spares;
};

/* identity: as cf_port_identity says it; NULL: whichever comes first. */
void cf_printer_role_init(struct cf_printer_role *role, const char *identity);
/* It works: is it the one? Else it is a spare from now on. */
bool cf_printer_role_take(struct cf_printer_role *role, const struct cf_port_info *info);
/* Is it the one? */
bool cf_printer_role_is(const struct cf_printer_role *role, const struct cf_port_info *info);
/* It was unplugged. True: it was the one, and `identity`, which was a spare, is it now. */
bool cf_printer_role_leave(struct cf_printer_role *role, const struct cf_port_info *info);

#endif
