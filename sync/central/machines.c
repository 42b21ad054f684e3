/*
 * sync/central/machines.c - what terminals say of their machines (POST /t1/machine), what the centre shows of it, and
 * the logs of the last hour, which come only where the store has agreed.
 *
 * There is no way from here into a machine: it is told what to run, and asked for logs; both it does by itself or not.
 */
#include "sync/central/down_log.h"
#include "sync/central/handlers.h"
#include "sync/central/places.h"
#include "sync/central/rollout.h"
#include "sync/wire/machine.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASKED_FOR_S 3600
#define LINE_CAP 1024

/* --- what a terminal says ----------------------------------------------------------------------------------------- */

static bool is_text(const struct cf_value *value, const char *text)
{
    return cf_bytes_equal(value->b, cf_bytes_str(text));
}

/* Is there anything in it that a roll-out goes by? */
static enum cf_rc is_news(struct cf_central *central, const struct cf_machine_report *report, bool *ret,
                          struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_MACHINE_GET, CF_ARGS(cf_v_int(report->terminal)), row, &found, err);
    *ret = rc == CF_OK &&
           (!found || row[0].i != report->epoch || !is_text(&row[1], report->facts.version) ||
            !is_text(&row[2], report->facts.hardware) || row[3].i != report->facts.schema ||
            row[4].i != report->release || row[5].i != (int64_t)report->state || row[6].i != (int64_t)report->rc);
    return rc;
}

static enum cf_rc take_report(struct cf_central *central, const struct cf_machine_report *report, cf_bytes bytes,
                              struct cf_error *err)
{
    struct cf_log_head head;
    bool news = false;
    enum cf_rc rc = cf_log_get_active(central, report->terminal, report->epoch, &head, err);
    if (rc == CF_OK) {
        rc = is_news(central, report, &news, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_run(
            central->store, CF_Q_MACHINE_PUT,
            CF_ARGS(cf_v_int(report->terminal), cf_v_int(report->epoch), cf_v_int(cf_central_now(central).us),
                    cf_v_text(report->facts.version), cf_v_text(report->facts.hardware), cf_v_int(report->facts.schema),
                    cf_v_int(report->release), cf_v_int(report->state), cf_v_int(report->rc), cf_v_bytes(bytes)),
            err);
    }
    return rc == CF_OK && news ? cf_rollouts_advance(central, err) : rc;
}

static enum cf_rc answer_heard(struct cf_reply *reply, struct cf_error *err)
{
    reply->content_type = "application/cbor";
    return cf_machine_heard_encode(reply->bytes, err);
}

static enum cf_rc check_caller(const struct cf_call *call, uint32_t terminal, uint32_t epoch, struct cf_error *err)
{
    bool same = terminal == call->request->terminal && epoch == call->request->epoch;
    return same ? CF_OK : cf_fail(err, CF_E_CERTIFICATE, "it is of another terminal or epoch");
}

enum cf_rc cf_handle_machine_report(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                    struct cf_error *err)
{
    struct cf_machine_report report;
    struct cf_error why;
    if (call->request->body.n > CF_MACHINE_BYTES_MAX ||
        cf_machine_report_decode(call->request->body, &report, &why) != CF_OK) {
        return cf_fail(err, CF_E_PROTOCOL, "a report that cannot be read");
    }
    enum cf_rc rc = check_caller(call, report.terminal, report.epoch, err);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_end(central, take_report(central, &report, call->request->body, err), err);
    return rc == CF_OK ? answer_heard(reply, err) : rc;
}

/* --- what is shown of it ------------------------------------------------------------------------------------------ */

static void set_report(json_t *json, const struct cf_machine_report *report)
{
    json_t *faults = json_array();
    cf_json_set_text(json, "version", report->facts.version);
    cf_json_set_text(json, "hardware", report->facts.hardware);
    cf_json_set_int(json, "schema", report->facts.schema);
    cf_json_set_text(json, "slot", report->slot);
    cf_json_set_int(json, "uptime_s", (int64_t)report->uptime_s);
    cf_json_set_int(json, "disk_free", (int64_t)report->disk_free);
    cf_json_set_int(json, "disk_size", (int64_t)report->disk_size);
    if (report->temperature_mc != CF_TEMPERATURE_UNKNOWN) {
        cf_json_set_int(json, "temperature_mc", report->temperature_mc);
    }
    cf_json_set_int(json, "queue", (int64_t)report->queue);
    cf_json_set_int(json, "watchdog_boots", report->watchdog_boots);
    for (size_t i = 0; i < report->n_faults; i++) {
        (void)json_array_append_new(faults, json_string(report->faults[i]));
    }
    cf_json_set(json, "faults", faults);
    cf_json_set_int(json, "release", report->release);
    cf_json_set_text(json, "update", cf_update_state_name(report->state));
    cf_json_set_text(json, "update_error", report->rc == CF_OK ? "" : cf_rc_name(report->rc));
    cf_json_set_int(json, "fetched", (int64_t)report->fetched);
    if (report->logs_until_s > 0) {
        cf_json_set_instant(json, "logs_until", (cf_wall){report->logs_until_s * CF_US_PER_S});
    }
}

static enum cf_rc list_machine(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_machine_report report;
    json_t *json = json_object();
    cf_json_set_int(json, "terminal", row[0].i);
    cf_json_set_int(json, "store", row[1].i);
    cf_json_set(json, "label", json_stringn((const char *)row[2].b.p, row[2].b.n));
    cf_json_set_int(json, "epoch", row[3].i);
    if (row[12].kind == CF_VALUE_INT) {
        cf_json_set_int(json, "told", row[12].i);
    }
    if (row[4].kind == CF_VALUE_INT && cf_machine_report_decode(row[11].b, &report, NULL) == CF_OK) {
        cf_json_set_instant(json, "heard", (cf_wall){row[4].i});
        set_report(json, &report);
    }
    return json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

enum cf_rc cf_handle_machine_list(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                  struct cf_error *err)
{
    return cf_call_list(central, call, "store", CF_Q_MACHINE_LIST, list_machine, "machines", reply, err);
}

/* --- logs --------------------------------------------------------------------------------------------------------- */

static enum cf_rc ask_logs(struct cf_central *central, uint32_t terminal, int64_t *ret_number, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    int64_t now_us = cf_central_now(central).us, until_us = now_us + ASKED_FOR_S * CF_US_PER_S;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_TERMINAL_GET, CF_ARGS(cf_v_int(terminal)), row, &found, err);
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_NOT_FOUND, "terminal %lu", (unsigned long)terminal);
    }
    if (rc == CF_OK) {
        rc = cf_store_run(central->store, CF_Q_MACHINE_LOGS_DROP, CF_ARGS(cf_v_int(now_us)), err);
    }
    if (rc == CF_OK) {
        rc = cf_store_insert(central->store, CF_Q_MACHINE_LOGS_ADD,
                             CF_ARGS(cf_v_int(terminal), cf_v_int(now_us), cf_v_int(until_us)), ret_number, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_down_entry entry = {.kind = CF_DOWN_LOGS};
    entry.logs = (struct cf_logs_ask){.number = (uint32_t)*ret_number, .until_s = until_us / CF_US_PER_S};
    return cf_down_append(central, CF_TOPIC_MACHINE, terminal, CF_DOWN_LOGS, &entry, err);
}

enum cf_rc cf_handle_machine_logs_ask(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                      struct cf_error *err)
{
    uint64_t terminal = 0;
    int64_t number = 0;
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &terminal, err);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_end(central, ask_logs(central, (uint32_t)terminal, &number, err), err);
    if (rc == CF_OK) {
        reply->status = 202;
        reply->json = json_object();
        cf_json_set_int(reply->json, "number", number);
    }
    return rc;
}

static json_t *lines_json(cf_bytes text)
{
    json_t *lines = json_array();
    for (size_t at = 0; at < text.n;) {
        char line[LINE_CAP];
        const uint8_t *end = memchr(text.p + at, '\n', text.n - at);
        size_t n = end != NULL ? (size_t)(end - text.p) - at : text.n - at;
        (void)cf_text_clean(cf_bytes_of(text.p + at, n), line, sizeof line);
        (void)json_array_append_new(lines, json_string(line));
        at += n + 1;
    }
    return lines;
}

/* Of the newest that were asked for; gone when the hour that they were asked for is over. */
enum cf_rc cf_handle_machine_logs_get(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                      struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    uint64_t terminal = 0;
    bool found = false;
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &terminal, err);
    if (rc == CF_OK) {
        rc =
            cf_store_row(central->store, CF_Q_MACHINE_LOGS_GET, CF_ARGS(cf_v_int((int64_t)terminal)), row, &found, err);
    }
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_NOT_FOUND, "nobody asked for logs of terminal %llu", (unsigned long long)terminal);
    }
    if (rc == CF_OK && (row[4].kind == CF_VALUE_NULL || row[2].i < cf_central_now(central).us)) {
        rc = cf_fail(err, CF_E_LOGS_CONSENT, "%s", row[3].kind == CF_VALUE_NULL ? "nothing has come" : "they are gone");
    }
    if (rc == CF_OK) {
        reply->json = json_object();
        cf_json_set_int(reply->json, "number", row[0].i);
        cf_json_set_instant(reply->json, "came", (cf_wall){row[3].i});
        cf_json_set(reply->json, "lines", lines_json(row[4].b));
    }
    return rc;
}

static enum cf_rc take_logs(struct cf_central *central, const struct cf_logs_sent *sent, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    int64_t now_us = cf_central_now(central).us;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_MACHINE_LOGS_GET, CF_ARGS(cf_v_int(sent->terminal)), row, &found, err);
    if (rc == CF_OK && (!found || row[0].i != sent->number || row[2].i < now_us)) {
        return cf_fail(err, CF_E_NOT_FOUND, "nobody asks for these logs");
    }
    return rc == CF_OK ? cf_store_run(central->store, CF_Q_MACHINE_LOGS_CAME,
                                      CF_ARGS(cf_v_int(sent->number), cf_v_int(now_us), cf_v_bytes(sent->text)), err)
                       : rc;
}

enum cf_rc cf_handle_machine_logs(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                  struct cf_error *err)
{
    struct cf_logs_sent sent;
    struct cf_error why;
    if (cf_logs_sent_decode(call->request->body, &sent, &why) != CF_OK) {
        return cf_fail(err, CF_E_PROTOCOL, "logs that cannot be read");
    }
    enum cf_rc rc = check_caller(call, sent.terminal, sent.epoch, err);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_end(central, take_logs(central, &sent, err), err);
    return rc == CF_OK ? answer_heard(reply, err) : rc;
}
