/*
 * sync/wire/machine.h - a terminal tells the centre how its machine is (POST /t1/machine), and sends the logs of the
 * last hour that the store agreed to show (POST /t1/logs).
 *
 *   report [1, terminal, epoch, version, hardware, schema, slot, uptime_s, [disk_free, disk_size], temperature_mc |
 * null, queue, watchdog_boots, [fault ...], [release, state, rc, fetched], logs] logs   [1, terminal, epoch, number,
 * text] heard  [1]      the answer to both
 *
 * `logs` says whether a manager has agreed until when (seconds since 1970; 0: no). Nothing of a shopper stands in any
 * of it. Pure.
 */
#ifndef CF_SYNC_MACHINE_H
#define CF_SYNC_MACHINE_H

#include "app/core/release.h"

#define CF_PATH_MACHINE "/t1/machine"
#define CF_PATH_LOGS "/t1/logs"
#define CF_PATH_BUNDLE "/t1/bundle/" /* + 64 hex digits of its SHA-256: GET, a Range of it */
#define CF_MACHINE_BYTES_MAX 4096
#define CF_LOGS_TEXT_MAX (1u << 20)
#define CF_LOGS_BYTES_MAX (CF_LOGS_TEXT_MAX + 64)
#define CF_BUNDLE_PIECE_MAX (1u << 20)
#define CF_MACHINE_FAULTS_MAX 16
#define CF_MACHINE_FAULT_MAX 63
#define CF_MACHINE_SLOT_MAX 15
#define CF_TEMPERATURE_UNKNOWN INT32_MIN

/* Where a machine is with the release that it was told of; it goes through them in this order. Numbers stand in
 * messages: append. */
enum cf_update_state {
    CF_UPDATE_IDLE = 0,
    CF_UPDATE_FETCHING = 1,
    CF_UPDATE_VERIFIED = 2,   /* all of it is here, and it is what was announced */
    CF_UPDATE_INSTALLING = 3, /* into the other slot */
    CF_UPDATE_INSTALLED = 4,  /* waits for the hour */
    CF_UPDATE_ACTIVATING = 5, /* the machine restarts */
    CF_UPDATE_ACTIVATED = 6,  /* it runs, and is healthy */
    CF_UPDATE_FAILED = 7,
};
const char *cf_update_state_name(enum cf_update_state state);

struct cf_machine_report {
    uint32_t terminal, epoch;
    struct cf_machine_facts facts;
    char slot[CF_MACHINE_SLOT_MAX + 1]; /* "A"; "": it has none */
    uint64_t uptime_s, disk_free, disk_size;
    int32_t temperature_mc; /* thousandths of a degree; CF_TEMPERATURE_UNKNOWN */
    uint64_t queue;         /* records that the centre does not have */
    uint32_t watchdog_boots;
    size_t n_faults; /* of devices and of the machine, by name */
    char faults[CF_MACHINE_FAULTS_MAX][CF_MACHINE_FAULT_MAX + 1];
    uint32_t release; /* that it is about; 0: none */
    enum cf_update_state state;
    enum cf_rc rc; /* of FAILED */
    uint64_t fetched;
    int64_t logs_until_s; /* 0: nobody has agreed */
};
enum cf_rc cf_machine_report_encode(const struct cf_machine_report *report, struct cf_buf *ret,
                                    struct cf_error *err) CF_MUST_CHECK;
/* On an error *ret is unchanged. */
enum cf_rc cf_machine_report_decode(cf_bytes bytes, struct cf_machine_report *ret, struct cf_error *err) CF_MUST_CHECK;

struct cf_logs_sent {
    uint32_t terminal, epoch, number;
    cf_bytes text; /* a view */
};
enum cf_rc cf_logs_sent_encode(const struct cf_logs_sent *sent, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_logs_sent_decode(cf_bytes bytes, struct cf_logs_sent *ret, struct cf_error *err) CF_MUST_CHECK;

enum cf_rc cf_machine_heard_encode(struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_machine_heard_decode(cf_bytes bytes, struct cf_error *err) CF_MUST_CHECK;

#endif
