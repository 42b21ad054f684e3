/*
 * drivers/port/replay.h - a recording in a device's place.
 *
 * The driver meets the same events in the same order, and must ask for the same things: a driver that acts otherwise
 * than when it was recorded is named with the line. Time is that of the recording; nothing waits.
 */
#ifndef CF_DRIVERS_PORT_REPLAY_H
#define CF_DRIVERS_PORT_REPLAY_H

#include "drivers/port/port.h"

#define CF_REPLAY_BYTES_MAX (64u * 1024u * 1024u)

/* Runs the recorded one of `drivers` to the recording's end. CF_E_DEVICE_RECORDING: not a recording, of none of these
 * drivers, or the driver acts otherwise; CF_E_LIMIT; CF_E_NO_MEMORY. */
enum cf_rc cf_replay(cf_bytes recording, const struct cf_driver *const *drivers, size_t n_drivers,
                     const struct cf_device_sink *sink, struct cf_error *err) CF_MUST_CHECK;

#endif
