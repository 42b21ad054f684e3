/*
 * base/zone.h - a store's civil time: a fixed offset, or a rule of two offsets a year (daylight saving).
 *
 * The rule is the TZ string of POSIX.1 (Base Definitions, 8.3) with "M" dates, which is also the last line of each file
 * of the time zone database: "CET-1CEST,M3.5.0,M10.5.0/3". So till and centre judge by the same few bytes, without a
 * database that one of them may have of another year. What a zone had before its present rule is not known. Pure.
 */
#ifndef CF_BASE_ZONE_H
#define CF_BASE_ZONE_H

#include "base/time.h"

#define CF_ZONE_TEXT_MAX 63

/* The instant of a year at which an offset ends: at_s seconds after midnight by the clock before it. */
struct cf_zone_turn {
    uint8_t month;   /* 1..12 */
    uint8_t week;    /* 1..5; 5: the last */
    uint8_t weekday; /* 0 is Sunday */
    int32_t at_s;    /* may lie days off: -167 h..167 h */
};
struct cf_zone {
    int32_t standard_min; /* minutes east of UTC */
    bool has_summer;
    int32_t summer_min;
    struct cf_zone_turn to_summer, to_standard;
};

/* CF_E_RANGE: not such a string, or an offset of a day or of seconds; the detail says where it ends to be one. */
enum cf_rc cf_zone_parse(const char *text, struct cf_zone *ret, struct cf_error *err) CF_MUST_CHECK;
/* Minutes east of UTC at that instant. */
int cf_zone_offset_min(const struct cf_zone *zone, cf_wall wall);

/* What clock and calendar on the wall show. */
struct cf_civil_time {
    uint32_t date;   /* 20261122 */
    uint8_t weekday; /* 1 is Monday, 7 Sunday, as in ISO 8601 */
    uint16_t minute; /* of the day: 0..1439 */
};
struct cf_civil_time cf_civil_at(cf_wall wall, int utc_offset_min);
/* Days since 1970-01-01 of a date such as 20261122; false if there is no such day. */
bool cf_date_days(uint32_t date, int64_t *ret_days);

#endif
