/*
 * app/core/demand.c - see demand.h.
 */
#include "app/core/demand.h"

#include "base/money.h"
#include "base/time.h"

#define HALF_LIFE_US (INT64_C(2) * 86400 * CF_US_PER_S)

/* Within a half-life a straight line: nobody needs it better. */
int64_t cf_demand_decayed(int64_t demand, int64_t since_us)
{
    int64_t fall = 0;
    if (since_us <= 0)
        return demand;
    if (since_us / HALF_LIFE_US > 62)
        return 0;
    demand >>= since_us / HALF_LIFE_US;
    return cf_muldiv_round(demand, since_us % HALF_LIFE_US, 2 * HALF_LIFE_US, &fall, NULL) == CF_OK ? demand - fall
                                                                                                    : demand;
}

int64_t cf_demand_units(int64_t demand_milli)
{
    return (2 * demand_milli + 999) / 1000;
}
