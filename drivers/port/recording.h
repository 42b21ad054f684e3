/*
 * drivers/port/recording.h - a conversation with a device as text, a line for each thing that was asked or happened.
 *
 *   counterfoil-device 1
 *   driver hid-pos
 *   device 1 0c2e 0a07 0100 0 0 03 00 00 81 00 1 64 91      as in struct cf_port_info, numbers of USB in hex
 *   path 1-5:0
 *   serial SN0001
 *   name HID POS Scanner
 *   report 058c0902...                       the report descriptor, if it was known before
 *   0 > control 81 06 2200 0000 512          milliseconds since the first line; asked
 *   3 < control done 058c0902...             happened
 *   3 > listen
 *   912 < in done 020d5d45...
 *
 * It holds what was scanned, so it is as private as the goods and codes in it. Bytes are hex, "-" for none. The pure
 * part: lines to values and back.
 */
#ifndef CF_DRIVERS_PORT_RECORDING_H
#define CF_DRIVERS_PORT_RECORDING_H

#include "drivers/port/port.h"

#define CF_RECORDING_DATA_MAX 65536
#define CF_RECORDING_LINE_MAX (2 * CF_RECORDING_DATA_MAX + 256)
#define CF_RECORDING_HEAD "counterfoil-device 1"

enum cf_recording_kind {
    CF_RECORDING_COMMENT, /* an empty line, or one that begins with '#' */
    CF_RECORDING_HEADER,
    CF_RECORDING_DRIVER,
    CF_RECORDING_DEVICE, /* this and the next four fill a struct cf_port_info, a part each */
    CF_RECORDING_PATH,
    CF_RECORDING_SERIAL,
    CF_RECORDING_NAME,
    CF_RECORDING_REPORT,
    CF_RECORDING_CONTROL,
    CF_RECORDING_LISTEN,
    CF_RECORDING_WRITE,
    CF_RECORDING_WAKE,
    CF_RECORDING_DECLINE,
    CF_RECORDING_FAIL,
    CF_RECORDING_EVENT,
};
struct cf_recording_line {
    enum cf_recording_kind kind;
    uint64_t at_ms;
    struct cf_port_setup setup;      /* of CONTROL */
    uint32_t ms;                     /* of WRITE (its time-out) and WAKE */
    enum cf_rc rc;                   /* of FAIL */
    enum cf_port_event_kind event;   /* of EVENT */
    enum cf_port_status status;      /* of EVENT */
    uint32_t n_written;              /* of EVENT */
    size_t n_data;                   /* of CONTROL, WRITE and EVENT */
    char word[CF_PORT_TEXT_MAX + 1]; /* of DRIVER: its name */
};
/* line: without its end. data has room for CF_RECORDING_DATA_MAX bytes; what the line says of the device is
 * put into *info. CF_E_DEVICE_RECORDING. */
enum cf_rc cf_recording_parse(cf_bytes line, struct cf_recording_line *ret, uint8_t *data, struct cf_port_info *info,
                              struct cf_error *err) CF_MUST_CHECK;
/* Appends the line and its end. info is read where the line tells of the device. CF_E_LIMIT, CF_E_NO_MEMORY. */
enum cf_rc cf_recording_write(const struct cf_recording_line *line, cf_bytes data, const struct cf_port_info *info,
                              struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
