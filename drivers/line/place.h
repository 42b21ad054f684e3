/*
 * drivers/line/place.h - where a line leads, as text and opened. Private to the folder.
 */
#ifndef CF_DRIVERS_LINE_PLACE_H
#define CF_DRIVERS_LINE_PLACE_H

#include <sys/socket.h>

#include "drivers/port/port.h"

struct cf_place {
    enum cf_port_bus bus;            /* CF_PORT_STREAM, CF_PORT_TTY or CF_PORT_INPUT */
    char path[CF_PORT_TEXT_MAX + 1]; /* as it was given, less the speed */
    unsigned bits_per_second;        /* of a serial port */
    struct sockaddr_storage address;
    socklen_t address_bytes;
};
/* CF_E_ARGUMENT: it is none of the forms of line.h. */
enum cf_rc cf_place_parse(const char *text, struct cf_place *ret, struct cf_error *err) CF_MUST_CHECK;
/* A descriptor that never blocks. *ret_connecting: it is writable when the connection stands or failed. CF_E_DEVICE_...
 */
enum cf_rc cf_place_open(const struct cf_place *place, int *ret_fd, bool *ret_connecting,
                         struct cf_error *err) CF_MUST_CHECK;
/* Before a serial port is closed. in_mid_write: what did not go out yet is thrown away, else closing would wait for
 * somebody to read it. */
void cf_place_leave(int fd, bool in_mid_write);
/* Of an open keyboard: whose it is. False: it is none. */
bool cf_place_look(int fd, struct cf_port_info *info);
/* From now on nobody else hears of its keys, until it is closed. CF_E_DEVICE_BUSY: somebody has it already. */
enum cf_rc cf_place_grab(int fd, struct cf_error *err) CF_MUST_CHECK;

#endif
