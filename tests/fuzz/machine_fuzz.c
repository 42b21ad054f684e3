/*
 * What goes up of a machine, and what it writes down of an update: 'R' and a report, 'L' and logs, 'H' and the answer,
 * 'S' and a state. What is decoded is encoded to the same bytes again.
 */
#include "app/update/update.h"

#include <assert.h>

static void check_report(cf_bytes bytes)
{
    struct cf_machine_report report;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_MACHINE_BYTES_MAX);
    if (cf_machine_report_decode(bytes, &report, NULL) != CF_OK || report.rc == CF_E_SERVER)
        return; /* an error of a newer version is told in another number */
    enum cf_rc rc = cf_machine_report_encode(&report, &out, NULL);
    assert(rc == CF_OK && cf_bytes_equal(bytes, cf_buf_bytes(&out)));
}

static void check_logs(cf_bytes bytes)
{
    struct cf_logs_sent sent;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_LOGS_BYTES_MAX);
    if (cf_logs_sent_decode(bytes, &sent, NULL) != CF_OK)
        return;
    enum cf_rc rc = cf_logs_sent_encode(&sent, &out, NULL);
    assert(rc == CF_OK && cf_bytes_equal(bytes, cf_buf_bytes(&out)));
}

static void check_state(cf_bytes bytes)
{
    struct cf_update update;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_UPDATE_STATE_BYTES_MAX);
    if (cf_update_decode(bytes, &update, NULL) != CF_OK || update.rc == CF_E_SERVER)
        return;
    enum cf_rc rc = cf_update_encode(&update, &out, NULL);
    assert(rc == CF_OK && cf_bytes_equal(bytes, cf_buf_bytes(&out)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    cf_bytes rest = cf_bytes_of(data + 1, size - 1);
    if (data[0] == 'R')
        check_report(rest);
    else if (data[0] == 'L')
        check_logs(rest);
    else if (data[0] == 'S')
        check_state(rest);
    else if (data[0] == 'H')
        (void)!cf_machine_heard_decode(rest, NULL);
    return 0;
}
