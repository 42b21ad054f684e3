/* tests/drivers/scale/scales.h - report descriptors of HID scales, and their reports. */
#ifndef CF_TESTS_SCALES_H
#define CF_TESTS_SCALES_H

#include "base/bytes.h"

#define SCALE_REPORT_BYTES 6
/* As postal scales and checkout scales declare it: report 3 with status, unit, power of ten, 16 bits of weight. */
cf_bytes scale_descriptor(void);
/* Without report ids, its parts in another order, a weight of 32 bits with a sign, statuses counted from 0. */
cf_bytes scale_descriptor_other(void);
/* A scale that declares no unit. */
cf_bytes scale_descriptor_no_unit(void);
enum scale_status {
    SCALE_FAULT = 1,
    SCALE_ZERO,
    SCALE_MOVING,
    SCALE_STABLE,
    SCALE_UNDER,
    SCALE_OVER,
    SCALE_CALIBRATE,
    SCALE_REZERO
};
enum scale_unit { SCALE_MG = 1, SCALE_G, SCALE_KG, SCALE_CARAT, SCALE_OZ = 11, SCALE_LB = 12 };
void scale_report(uint8_t ret[SCALE_REPORT_BYTES], unsigned status, unsigned unit, int exponent, unsigned weight);

#endif
