/*
 * app/terminal/till_people.c - who stands at the till, and what they may do.
 */
#include "app/terminal/till_internal.h"

enum cf_rc till_permit(struct cf_till *till, enum cf_act act, const struct cf_act_size *size, struct cf_error *err)
{
    static const struct cf_act_size none = {0};
    return cf_permit_check(CF_ROLE_NONE, act, size ? size : &none, till->settings.currency, err);
}
