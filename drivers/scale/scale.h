/*
 * drivers/scale/scale.h - the scales that this till can drive, as drivers over a port.
 *
 * What lies on a scale comes as CF_DEVICE_WEIGHT, whenever it is another than before: rc CF_OK and grams if it is at
 * rest, above zero and within what the scale may weigh, else why nothing can be sold by it: CF_E_SCALE_... . A scale
 * that says nothing for a while has no weight, whatever it said last.
 */
#ifndef CF_DRIVERS_SCALE_SCALE_H
#define CF_DRIVERS_SCALE_SCALE_H

#include "drivers/port/port.h"

#define CF_WEIGHT_G_MAX 1000000 /* a tonne: no scale on a counter weighs more */

extern const struct cf_driver cf_scale_hid;    /* "hid-scale": HID point of sale, usage page 0x8D */
extern const struct cf_driver cf_scale_toledo; /* "toledo": asked by "W" over a serial port */

/* What a scale says at a moment. */
struct cf_weight {
    enum cf_rc rc;    /* CF_OK, or CF_E_SCALE_... */
    int32_t weight_g; /* 1..CF_WEIGHT_G_MAX if CF_OK, else 0 */
    const char *why;  /* if not: in plain words */
};
/* At rest with `count` times 10^exponent of a unit that is unit_g_num / unit_g_den grams (den > 0); to the nearest
 * gram, halves up. What is zero, below it or too much for a counter is that. */
struct cf_weight cf_weight_at_rest(int64_t count, int exponent, int64_t unit_g_num, int64_t unit_g_den);
struct cf_weight cf_weight_none(enum cf_rc rc, const char *why);

/* What both drivers have and do alike; the first member of their own structs. */
struct cf_scale {
    const struct cf_port_info *info;
    struct cf_port port;
    struct cf_device_sink sink;
    bool up, has_said;
    struct cf_weight said;
    unsigned n_silent; /* times that it did not answer, one after the other */
};
void cf_scale_init(struct cf_scale *scale, const struct cf_port_info *info, const struct cf_port *port,
                   const struct cf_device_sink *sink);
/* It works: UP, the first time; and WEIGHT if that is news. */
void cf_scale_say(struct cf_scale *scale, const struct cf_weight *weight, cf_mono at);
/* It did not answer: after some of these it has no weight. */
void cf_scale_silent(struct cf_scale *scale, cf_mono at);

#endif
