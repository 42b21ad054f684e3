/*
 * app/core/demand.h - how much a holder of a lease uses of late: uses, in thousandths, halved every two days.
 *
 * For how much to lend, and what is wanted back; no right hangs on it. Pure: the caller says when.
 */
#ifndef CF_CORE_DEMAND_H
#define CF_CORE_DEMAND_H

#include <stdint.h>

/* What is left of a demand after so long; a clock that went back leaves it as it is. */
int64_t cf_demand_decayed(int64_t demand, int64_t since_us);
/* Twice as many uses as a demand of so many thousandths: what its holder should have at hand. */
int64_t cf_demand_units(int64_t demand_milli);

#endif
