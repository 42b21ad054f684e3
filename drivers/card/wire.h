/*
 * drivers/card/wire.h - a TCP connection to a device, with a time-out on everything. Blocks; one thread.
 */
#ifndef CF_DRIVERS_CARD_WIRE_H
#define CF_DRIVERS_CARD_WIRE_H

#include "base/bytes.h"
#include "base/time.h"

/* CF_E_PAYMENT_LINK: no such name, refused, or not in time. The descriptor is the caller's to close. */
enum cf_rc cf_wire_connect(const char *host, uint16_t port, cf_duration timeout, int *ret_fd,
                           struct cf_error *err) CF_MUST_CHECK;
/* CF_E_TIMEOUT, CF_E_LINK_DOWN; some of it may have been sent. */
enum cf_rc cf_wire_send(int fd, cf_bytes bytes, cf_duration timeout, struct cf_error *err) CF_MUST_CHECK;
/* Appends what has come, waiting for at least one byte. CF_E_TIMEOUT; CF_E_LINK_DOWN: the other end closed. */
enum cf_rc cf_wire_receive(int fd, cf_duration timeout, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
