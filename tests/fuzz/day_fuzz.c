/* Records of people, the drawer and the day: what is read is written with the same bytes, and can be added up. */
#include "app/core/report.h"

#include <assert.h>
#include <stdlib.h>

static void check_same(const struct cf_buf *out, const uint8_t *data, size_t size)
{
    if (!cf_bytes_equal(cf_buf_bytes(out), cf_bytes_of(data, size)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cf_day_detail detail;
    static struct cf_z_report z;
    struct cf_user_event user;
    struct cf_drawer_event drawer;
    struct cf_cancelled cancelled;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_bytes bytes = cf_bytes_of(data, size);
    cf_buf_init(&out, CF_RECORD_BODY_MAX);
    detail = (struct cf_day_detail){.utc_offset_min = 0};
    if (cf_user_event_decode(bytes, &user, NULL) == CF_OK) {
        assert(cf_user_event_encode(&user, &out, NULL) == CF_OK);
        check_same(&out, data, size);
        assert(cf_day_add_user(&detail, &user, NULL) == CF_OK);
    }
    cf_buf_clear(&out);
    if (cf_drawer_event_decode(bytes, &drawer, NULL) == CF_OK) {
        assert(cf_drawer_event_encode(&drawer, &out, NULL) == CF_OK);
        check_same(&out, data, size);
        assert(cf_day_add_drawer(&detail, &drawer, NULL) == CF_OK);
    }
    cf_buf_clear(&out);
    if (cf_cancelled_decode(bytes, &cancelled, NULL) == CF_OK) {
        assert(cf_cancelled_encode(&cancelled, &out, NULL) == CF_OK);
        check_same(&out, data, size);
    }
    cf_buf_clear(&out);
    if (cf_z_report_decode(bytes, &z, NULL) == CF_OK) {
        assert(cf_z_report_encode(&z, &out, NULL) == CF_OK);
        check_same(&out, data, size);
    }
    return 0;
}
