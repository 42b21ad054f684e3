/*
 * base/zone.c - see zone.h. Nothing here allocates or reads a clock; thread-safe.
 */
#include "base/zone.h"

#include <string.h>

#define DAY_S INT64_C(86400)
#define OFFSET_S_MAX (24 * 3600 - 1)
#define TURN_HOURS_MAX 167

/* --- dates -------------------------------------------------------------------------------------------------------- */

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days since 1970-01-01. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil. */
static int64_t days_from(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

bool cf_date_days(uint32_t date, int64_t *ret_days)
{
    int64_t year = date / 10000;
    int month = (int)(date / 100 % 100), day = (int)(date % 100);
    if (year > 9999 || month < 1 || month > 12 || day < 1 || day > days_of(year, month))
        return false;
    *ret_days = days_from(year, month, day);
    return true;
}

/* 0 is Sunday; 1970-01-01 was a Thursday. */
static int weekday_of(int64_t days)
{
    int64_t rest = (days + 4) % 7;
    return (int)(rest < 0 ? rest + 7 : rest);
}

struct cf_civil_time cf_civil_at(cf_wall wall, int utc_offset_min)
{
    struct cf_civil_time civil = {.date = cf_wall_date(wall, utc_offset_min)};
    int64_t days = 0, s = cf_wall_s(wall) + (int64_t)utc_offset_min * 60;
    if (!cf_date_days(civil.date, &days))
        return civil;
    int weekday = weekday_of(days);
    int64_t second = s - days * DAY_S; /* beyond a day where the date was clamped */
    civil.weekday = (uint8_t)(weekday == 0 ? 7 : weekday);
    civil.minute = (uint16_t)(second < 0 ? 0 : second >= DAY_S ? 24 * 60 - 1 : second / 60);
    return civil;
}

/* --- the rule ----------------------------------------------------------------------------------------------------- */

static bool take(const char **p, char c)
{
    if (**p != c)
        return false;
    (*p)++;
    return true;
}

/* Three or more letters, or <...> of letters, digits and signs. */
static bool take_name(const char **p)
{
    size_t n = 0;
    if (take(p, '<')) {
        n = strspn(*p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-");
        *p += n;
        return n >= 3 && take(p, '>');
    }
    n = strspn(*p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    *p += n;
    return n >= 3;
}

static bool take_digits(const char **p, int max, int *ret)
{
    int value = 0, n = 0;
    for (; **p >= '0' && **p <= '9' && n < 3; (*p)++, n++)
        value = value * 10 + (**p - '0');
    *ret = value;
    return n > 0 && value <= max;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(const char **p, int hours_max, int32_t *ret_s)
{
    int hours = 0, minutes = 0, seconds = 0;
    bool negative = take(p, '-');
    if (!negative)
        (void)take(p, '+');
    if (!take_digits(p, hours_max, &hours))
        return false;
    if (take(p, ':') && !take_digits(p, 59, &minutes))
        return false;
    if (minutes >= 0 && take(p, ':') && !take_digits(p, 59, &seconds))
        return false;
    *ret_s = (hours * 3600 + minutes * 60 + seconds) * (negative ? -1 : 1);
    return true;
}

/* POSIX counts west of Greenwich; we count east, in whole minutes. */
static bool take_offset(const char **p, int32_t *ret_min)
{
    int32_t west_s = 0;
    if (!take_time(p, 24, &west_s) || west_s > OFFSET_S_MAX || west_s < -OFFSET_S_MAX || west_s % 60 != 0)
        return false;
    *ret_min = -west_s / 60;
    return true;
}

static bool take_turn(const char **p, struct cf_zone_turn *ret)
{
    int month = 0, week = 0, weekday = 0;
    int32_t at_s = 2 * 3600;
    if (!take(p, ',') || !take(p, 'M') || !take_digits(p, 12, &month) || !take(p, '.') || !take_digits(p, 5, &week) ||
        !take(p, '.') || !take_digits(p, 6, &weekday) || month == 0 || week == 0)
        return false;
    if (take(p, '/') && !take_time(p, TURN_HOURS_MAX, &at_s))
        return false;
    *ret = (struct cf_zone_turn){(uint8_t)month, (uint8_t)week, (uint8_t)weekday, at_s};
    return true;
}

static bool take_zone(const char **p, struct cf_zone *zone)
{
    if (!take_name(p) || !take_offset(p, &zone->standard_min))
        return false;
    zone->summer_min = zone->standard_min;
    if (**p == '\0')
        return true;
    zone->has_summer = true;
    if (!take_name(p))
        return false;
    zone->summer_min = zone->standard_min + 60;
    if (**p != ',' && !take_offset(p, &zone->summer_min))
        return false;
    return take_turn(p, &zone->to_summer) && take_turn(p, &zone->to_standard) && **p == '\0' &&
           zone->summer_min > -24 * 60 && zone->summer_min < 24 * 60;
}

enum cf_rc cf_zone_parse(const char *text, struct cf_zone *ret, struct cf_error *err)
{
    struct cf_zone zone = {0};
    const char *p = text;
    if (strnlen(text, CF_ZONE_TEXT_MAX + 1) > CF_ZONE_TEXT_MAX)
        return cf_fail(err, CF_E_RANGE, "a time zone has at most %d characters", CF_ZONE_TEXT_MAX);
    if (!take_zone(&p, &zone))
        return cf_fail(err, CF_E_RANGE,
                       "not a time zone such as CET-1CEST,M3.5.0,M10.5.0/3 (POSIX TZ with M rules), at character %zu",
                       (size_t)(p - text) + 1);
    *ret = zone;
    return CF_OK;
}

/* Seconds since 1970 by the clock on the wall at which the turn of that year comes. */
static int64_t turn_local_s(const struct cf_zone_turn *turn, int64_t year)
{
    int64_t first = days_from(year, turn->month, 1);
    int day = 1 + (turn->weekday - weekday_of(first) + 7) % 7 + (turn->week - 1) * 7;
    while (day > days_of(year, turn->month))
        day -= 7;
    return (first + day - 1) * DAY_S + turn->at_s;
}

int cf_zone_offset_min(const struct cf_zone *zone, cf_wall wall)
{
    if (!zone->has_summer)
        return zone->standard_min;
    int64_t year = cf_wall_date(wall, zone->standard_min) / 10000, s = cf_wall_s(wall);
    /* Each turn is told by the clock before it. */
    int64_t summer_s = turn_local_s(&zone->to_summer, year) - (int64_t)zone->standard_min * 60;
    int64_t standard_s = turn_local_s(&zone->to_standard, year) - (int64_t)zone->summer_min * 60;
    bool summer = summer_s < standard_s ? s >= summer_s && s < standard_s : s >= summer_s || s < standard_s;
    return summer ? zone->summer_min : zone->standard_min;
}
