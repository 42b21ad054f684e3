/*
 * drivers/scale/toledo_proto.h - what a scale answers to "W", in; weights out.
 *
 * The protocol that Mettler Toledo calls 8217, which most checkout scales can speak. Source: the DIVA scale's service
 * manual (PSC Magellan 8500 service manual, public), 6.1.3.2 and 6.1.4.3: the till sends "W"; the answer is STX, the
 * weight as "WW.WWW" in kilograms or "WW.WW" in pounds, "N" after it if a tare is off, and CR; or STX, "?", a byte of
 * status bits and CR when there is no weight to be had. Seven bits and even parity, or eight and none. Pure.
 */
#ifndef CF_DRIVERS_SCALE_TOLEDO_PROTO_H
#define CF_DRIVERS_SCALE_TOLEDO_PROTO_H

#include "drivers/scale/scale.h"

#define CF_TOLEDO_ANSWER_MAX 16

struct cf_toledo {
    bool parity; /* seven bits and even parity, else eight and none */
    bool open, damaged;
    size_t n;
    char answer[CF_TOLEDO_ANSWER_MAX];
};
void cf_toledo_init(struct cf_toledo *toledo, bool parity);
/* "W" as this line sends it. */
uint8_t cf_toledo_question(const struct cf_toledo *toledo);
/* True: it ended an answer that means something, and *ret is what. What is damaged or none is passed over. */
bool cf_toledo_take(struct cf_toledo *toledo, uint8_t byte, struct cf_weight *ret);

#endif
