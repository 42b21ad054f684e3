/*
 * app/core/permit.c - the table of who may do what; see permit.h. Pure; thread-safe.
 */
#include "app/core/permit.h"

#include <string.h>

#define ROLES 4
#define ALL_BP 10000u
#define NO                                                                                                             \
    {                                                                                                                  \
        false, 0, 0                                                                                                    \
    }
#define YES                                                                                                            \
    {                                                                                                                  \
        true, INT64_MAX, ALL_BP                                                                                        \
    }
#define UP_TO(minor)                                                                                                   \
    {                                                                                                                  \
        true, (minor), ALL_BP                                                                                          \
    }
#define OFF(minor, bp)                                                                                                 \
    {                                                                                                                  \
        true, (minor), (bp)                                                                                            \
    }

static const struct {
    const char *name;
    struct cf_permit of[ROLES]; /* cashier, supervisor, manager, technician */
} acts[CF_ACTS_MAX + 1] = {
    [CF_ACT_SELL] = {"sell", {YES, YES, YES, NO}},
    [CF_ACT_VOID_LINE] = {"void line", {UP_TO(20000), YES, YES, NO}},
    [CF_ACT_CANCEL_SALE] = {"cancel sale", {UP_TO(50000), YES, YES, NO}},
    [CF_ACT_VOID_SALE] = {"void sale", {NO, UP_TO(100000), YES, NO}},
    [CF_ACT_PRICE] = {"price override", {NO, OFF(50000, 2000), YES, NO}},
    [CF_ACT_DISCOUNT] = {"discount", {OFF(5000, 500), OFF(50000, 2000), YES, NO}},
    [CF_ACT_RETURN] = {"return", {UP_TO(50000), UP_TO(200000), YES, NO}},
    [CF_ACT_RETURN_BLIND] = {"return without receipt", {NO, UP_TO(20000), YES, NO}},
    [CF_ACT_NO_SALE] = {"no sale", {NO, YES, YES, NO}},
    [CF_ACT_FLOAT] = {"float", {YES, YES, YES, NO}},
    [CF_ACT_PAID_IN] = {"paid in", {YES, YES, YES, NO}},
    [CF_ACT_PAID_OUT] = {"paid out", {NO, UP_TO(20000), YES, NO}},
    [CF_ACT_DROP] = {"drop", {YES, YES, YES, NO}},
    [CF_ACT_COUNT] = {"count", {YES, YES, YES, NO}},
    [CF_ACT_SEE_VARIANCE] = {"see the variance", {NO, NO, YES, NO}},
    [CF_ACT_X_REPORT] = {"X report", {NO, YES, YES, NO}},
    [CF_ACT_Z_REPORT] = {"Z report", {NO, YES, YES, NO}},
    [CF_ACT_REPRINT] = {"reprint", {YES, YES, YES, NO}},
    [CF_ACT_PAYMENT_DECIDE] = {"decide on a payment", {NO, NO, YES, NO}},
    [CF_ACT_CREDIT] = {"give credit", {NO, UP_TO(20000), YES, NO}},
    [CF_ACT_TRAINING] = {"training", {NO, YES, YES, YES}},
    [CF_ACT_SETTINGS] = {"settings", {NO, NO, YES, YES}},
    [CF_ACT_EXPORT] = {"export", {NO, NO, YES, YES}},
    [CF_ACT_AGE] = {"confirm the age", {YES, YES, YES, NO}},
    [CF_ACT_CARD_BACK] = {"take a card back", {NO, UP_TO(20000), YES, NO}},
    [CF_ACT_LOGS] = {"show logs", {NO, NO, YES, NO}},
    [CF_ACT_RESET] = {"reset with unsent records", {NO, NO, YES, NO}},
    [CF_ACT_VOIDS] = {"voids of a day", {UP_TO(50000), YES, YES, NO}},
};
static const char *const roles[ROLES + 1] = {"none", "cashier", "supervisor", "manager", "technician"};

struct cf_permit cf_permit_of(enum cf_role role, enum cf_act act)
{
    static const struct cf_permit no = NO, yes = YES;
    if (act < 1 || act > CF_ACTS_MAX)
        return no;
    if (role == CF_ROLE_NONE)
        return yes;
    return role >= 1 && role <= ROLES ? acts[act].of[role - 1] : no;
}

/* In hundredths, as the table counts. A currency without parts counts its own units: 200 of them are little. */
static int64_t in_hundredths(int64_t minor, cf_currency currency)
{
    int64_t scale = 1;
    for (unsigned digits = cf_currency_digits(currency); digits > 2; digits--)
        scale *= 10;
    return minor / scale + (minor % scale != 0);
}

enum cf_rc cf_permit_check(enum cf_role role, enum cf_act act, const struct cf_act_size *size, cf_currency currency,
                           struct cf_error *err)
{
    struct cf_permit permit = cf_permit_of(role, act);
    if (!permit.may)
        return cf_fail(err, CF_E_PERMIT, "%s: not by a %s alone", cf_act_name(act), cf_role_name(role));
    if (permit.up_to_minor != INT64_MAX && in_hundredths(size->minor, currency) > permit.up_to_minor)
        return cf_fail(err, CF_E_PERMIT, "%s: a %s may do it up to %lld.%02lld", cf_act_name(act), cf_role_name(role),
                       (long long)(permit.up_to_minor / 100), (long long)(permit.up_to_minor % 100));
    if (size->percent_bp > permit.up_to_bp)
        return cf_fail(err, CF_E_PERMIT, "%s: a %s may take off up to %u.%02u %%", cf_act_name(act), cf_role_name(role),
                       permit.up_to_bp / 100, permit.up_to_bp % 100);
    return CF_OK;
}

const char *cf_role_name(enum cf_role role)
{
    return role >= 0 && role <= ROLES ? roles[role] : "unknown";
}

bool cf_role_parse(const char *name, enum cf_role *ret)
{
    for (int role = 1; role <= ROLES; role++)
        if (strcmp(name, roles[role]) == 0) {
            *ret = (enum cf_role)role;
            return true;
        }
    return false;
}

const char *cf_act_name(enum cf_act act)
{
    return act >= 1 && act <= CF_ACTS_MAX ? acts[act].name : "unknown";
}
