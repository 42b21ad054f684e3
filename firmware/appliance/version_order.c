/*
 * firmware/appliance/version_order.c - see version_order.h.
 */
#include "firmware/appliance/version_order.h"

#include <stdint.h>

#define DIGITS_MAX 18

static enum cf_rc parse(const char *text, int64_t ret[CF_VERSION_PARTS_MAX], struct cf_error *err)
{
    int64_t parts[CF_VERSION_PARTS_MAX] = {-1, -1, -1, -1};
    const char *at = text;
    for (int i = 0; i < CF_VERSION_PARTS_MAX; i++) {
        int64_t value = 0;
        int digits = 0;
        for (; *at >= '0' && *at <= '9' && digits < DIGITS_MAX; at++, digits++)
            value = value * 10 + (*at - '0');
        if (digits == 0)
            break;
        parts[i] = value;
        if (*at == '\0') {
            for (int k = 0; k < CF_VERSION_PARTS_MAX; k++)
                ret[k] = parts[k];
            return CF_OK;
        }
        if (*at++ != '.')
            break;
    }
    return cf_fail(err, CF_E_ARGUMENT, "%s is no version", text);
}

enum cf_rc cf_version_compare(const char *a, const char *b, int *ret, struct cf_error *err)
{
    int64_t left[CF_VERSION_PARTS_MAX], right[CF_VERSION_PARTS_MAX];
    enum cf_rc rc = parse(a, left, err);
    if (rc == CF_OK)
        rc = parse(b, right, err);
    if (rc != CF_OK)
        return rc;
    int order = 0;
    for (int i = 0; i < CF_VERSION_PARTS_MAX && order == 0; i++)
        order = left[i] < right[i] ? -1 : left[i] > right[i];
    *ret = order;
    return CF_OK;
}
