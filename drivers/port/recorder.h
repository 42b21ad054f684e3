/*
 * drivers/port/recorder.h - stands between a driver and its port and writes down what each does.
 *
 * Whoever runs the driver gives it cf_recorder_port instead of the port, and shows each event to cf_recorder_event
 * before the driver takes it. A recorder that fails (its sink is full) stops writing; the device does not notice.
 */
#ifndef CF_DRIVERS_PORT_RECORDER_H
#define CF_DRIVERS_PORT_RECORDER_H

#include "drivers/port/port.h"

/* Takes whole lines. false: no more, please. */
struct cf_recording_sink {
    bool (*take)(void *ctx, cf_bytes lines);
    void *ctx;
};
struct cf_recorder;

/* Writes the head at once. below and sink are copied, info is not kept. CF_E_NO_MEMORY. */
enum cf_rc cf_recorder_new(const struct cf_port_info *info, const char *driver, const struct cf_port *below,
                           const struct cf_recording_sink *sink, cf_mono now, struct cf_recorder **ret,
                           struct cf_error *err) CF_MUST_CHECK;
void cf_recorder_free(struct cf_recorder *recorder); /* accepts NULL */
struct cf_port cf_recorder_port(struct cf_recorder *recorder);
void cf_recorder_event(struct cf_recorder *recorder, const struct cf_port_event *event);

#endif
