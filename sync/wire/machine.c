/*
 * sync/wire/machine.c - see machine.h.
 */
#include "sync/wire/machine.h"

#include "sync/wire/fields.h"

#define REPORT_FIELDS 15

const char *cf_update_state_name(enum cf_update_state state)
{
    switch (state) {
    case CF_UPDATE_IDLE:
        return "idle";
    case CF_UPDATE_FETCHING:
        return "fetching";
    case CF_UPDATE_VERIFIED:
        return "verified";
    case CF_UPDATE_INSTALLING:
        return "installing";
    case CF_UPDATE_INSTALLED:
        return "installed";
    case CF_UPDATE_ACTIVATING:
        return "activating";
    case CF_UPDATE_ACTIVATED:
        return "activated";
    case CF_UPDATE_FAILED:
        return "failed";
    }
    return "unknown";
}

static void write_update(struct cf_cbor_writer *w, const struct cf_machine_report *report)
{
    cf_cbor_write_array(w, 4);
    cf_cbor_write_uint(w, report->release);
    cf_cbor_write_uint(w, report->state);
    cf_cbor_write_uint(w, (uint64_t)report->rc);
    cf_cbor_write_uint(w, report->fetched);
}

enum cf_rc cf_machine_report_encode(const struct cf_machine_report *report, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    wire_write_opening(&w, REPORT_FIELDS, report->terminal, report->epoch);
    cf_cbor_write_text(&w, report->facts.version);
    cf_cbor_write_text(&w, report->facts.hardware);
    cf_cbor_write_uint(&w, report->facts.schema);
    cf_cbor_write_text(&w, report->slot);
    cf_cbor_write_uint(&w, report->uptime_s);
    cf_cbor_write_array(&w, 2);
    cf_cbor_write_uint(&w, report->disk_free);
    cf_cbor_write_uint(&w, report->disk_size);
    if (report->temperature_mc == CF_TEMPERATURE_UNKNOWN)
        cf_cbor_write_null(&w);
    else
        cf_cbor_write_int(&w, report->temperature_mc);
    cf_cbor_write_uint(&w, report->queue);
    cf_cbor_write_uint(&w, report->watchdog_boots);
    cf_cbor_write_array(&w, report->n_faults);
    for (size_t i = 0; i < report->n_faults; i++)
        cf_cbor_write_text(&w, report->faults[i]);
    write_update(&w, report);
    cf_cbor_write_int(&w, report->logs_until_s);
    return cf_cbor_write_end(&w, err);
}

static void read_temperature(struct cf_cbor_reader *r, int32_t *ret)
{
    int64_t v = 0;
    *ret = CF_TEMPERATURE_UNKNOWN;
    if (cf_cbor_read_null(r) || !cf_cbor_read_int(r, &v))
        return;
    if (v <= INT32_MIN || v > INT32_MAX)
        cf_cbor_read_refuse(r);
    else
        *ret = (int32_t)v;
}

static void read_update(struct cf_cbor_reader *r, struct cf_machine_report *report)
{
    uint64_t state = 0;
    cf_cbor_read_array_of(r, 4);
    report->release = cf_cbor_read_u32(r);
    cf_cbor_read_uint(r, &state, CF_UPDATE_FAILED);
    report->state = (enum cf_update_state)state;
    report->rc = wire_read_rc(r);
    cf_cbor_read_uint(r, &report->fetched, INT64_MAX);
}

enum cf_rc cf_machine_report_decode(cf_bytes bytes, struct cf_machine_report *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_machine_report report;
    memset(&report, 0, sizeof report);
    cf_cbor_read_init(&r, bytes);
    wire_read_opening(&r, REPORT_FIELDS, &report.terminal, &report.epoch);
    (void)cf_cbor_read_cstr(&r, report.facts.version, sizeof report.facts.version);
    (void)cf_cbor_read_cstr(&r, report.facts.hardware, sizeof report.facts.hardware);
    report.facts.schema = cf_cbor_read_u32(&r);
    (void)cf_cbor_read_cstr(&r, report.slot, sizeof report.slot);
    cf_cbor_read_uint(&r, &report.uptime_s, INT64_MAX);
    cf_cbor_read_array_of(&r, 2);
    cf_cbor_read_uint(&r, &report.disk_free, INT64_MAX);
    cf_cbor_read_uint(&r, &report.disk_size, INT64_MAX);
    read_temperature(&r, &report.temperature_mc);
    cf_cbor_read_uint(&r, &report.queue, INT64_MAX);
    report.watchdog_boots = cf_cbor_read_u32(&r);
    (void)cf_cbor_read_array(&r, &report.n_faults, CF_MACHINE_FAULTS_MAX);
    for (size_t i = 0; i < report.n_faults && r.rc == CF_OK; i++)
        (void)cf_cbor_read_cstr(&r, report.faults[i], sizeof report.faults[i]);
    read_update(&r, &report);
    (void)cf_cbor_read_int(&r, &report.logs_until_s);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = report;
    return rc;
}

enum cf_rc cf_logs_sent_encode(const struct cf_logs_sent *sent, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    wire_write_opening(&w, 5, sent->terminal, sent->epoch);
    cf_cbor_write_uint(&w, sent->number);
    cf_cbor_write_bytes(&w, sent->text);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_logs_sent_decode(cf_bytes bytes, struct cf_logs_sent *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_logs_sent sent = {.terminal = 0};
    cf_cbor_read_init(&r, bytes);
    wire_read_opening(&r, 5, &sent.terminal, &sent.epoch);
    sent.number = cf_cbor_read_u32(&r);
    cf_cbor_read_bytes(&r, &sent.text, CF_LOGS_TEXT_MAX);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = sent;
    return rc;
}

enum cf_rc cf_machine_heard_encode(struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 1);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_machine_heard_decode(cf_bytes bytes, struct cf_error *err)
{
    struct cf_cbor_reader r;
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 1);
    wire_read_version(&r);
    return cf_cbor_read_end(&r, err);
}
