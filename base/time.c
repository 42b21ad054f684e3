/*
 * base/time.c - instants as text and as civil dates (proleptic Gregorian calendar). Pure; thread-safe.
 *
 * The clock is not here: see env.h. Neither are time zones: a caller gives an offset.
 */
#include "base/time.h"

#include <assert.h>
#include <stdio.h>

#define DAY_S INT64_C(86400)
#define OFFSET_MIN_MAX (24 * 60 - 1)
#define FIRST_S INT64_C(-62167219200) /* 0000-01-01T00:00:00 */
#define LAST_S INT64_C(253402300799)  /* 9999-12-31T23:59:59 */

struct civil {
    int year;
    int month;
    int day;
};

/* Both conversions: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil, civil_from_days.
 * They count in eras of 400 years that begin on 1 March, so that a leap day ends its year. */
static int64_t days_from_civil(struct civil date)
{
    int64_t year = date.year - (date.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static struct civil civil_from_days(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    return (struct civil){.year = (int)(year_of_era + era * 400 + (month <= 2)),
                          .month = (int)month,
                          .day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1)};
}

/* Seconds as a clock with that offset shows them, within the years 0000 to 9999. */
static int64_t local_s(cf_wall wall, int utc_offset_min)
{
    assert(utc_offset_min >= -OFFSET_MIN_MAX && utc_offset_min <= OFFSET_MIN_MAX);
    int64_t s = cf_wall_s(wall) + utc_offset_min * 60;
    return s < FIRST_S ? FIRST_S : s > LAST_S ? LAST_S : s;
}

static int64_t day_of(int64_t s)
{
    return s / DAY_S - (s % DAY_S < 0);
}

void cf_wall_format(cf_wall wall, int utc_offset_min, char text[CF_WALL_TEXT_MAX])
{
    int64_t s = local_s(wall, utc_offset_min);
    int64_t day = day_of(s);
    struct civil date = civil_from_days(day);
    int second_of_day = (int)(s - day * DAY_S);
    char zone[16] = "Z";
    int minutes = utc_offset_min < 0 ? -utc_offset_min : utc_offset_min;
    if (utc_offset_min != 0)
        (void)snprintf(zone, sizeof zone, "%c%02d:%02d", utc_offset_min < 0 ? '-' : '+', minutes / 60, minutes % 60);
    int length = snprintf(text, CF_WALL_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d%s", date.year, date.month, date.day,
                          second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60, zone);
    assert(length > 0 && length < CF_WALL_TEXT_MAX);
}

uint32_t cf_wall_date(cf_wall wall, int utc_offset_min)
{
    struct civil date = civil_from_days(day_of(local_s(wall, utc_offset_min)));
    return (uint32_t)(date.year * 10000 + date.month * 100 + date.day);
}

/* Takes exactly `digits` digits whose value lies within [least, most]. */
static bool take_number(const char **p, int digits, int least, int most, int *ret)
{
    int value = 0;
    for (int i = 0; i < digits; i++, (*p)++) {
        if (**p < '0' || **p > '9')
            return false;
        value = value * 10 + (**p - '0');
    }
    *ret = value;
    return value >= least && value <= most;
}

static bool take_char(const char **p, char c)
{
    if (**p != c)
        return false;
    (*p)++;
    return true;
}

static bool take_date(const char **p, struct civil *ret)
{
    static const int days_of_month[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (!take_number(p, 4, 0, 9999, &ret->year) || !take_char(p, '-') || !take_number(p, 2, 1, 12, &ret->month) ||
        !take_char(p, '-') || !take_number(p, 2, 1, 31, &ret->day))
        return false;
    bool is_leap = (ret->year % 4 == 0 && ret->year % 100 != 0) || ret->year % 400 == 0;
    int days = days_of_month[ret->month - 1] + (ret->month == 2 && is_leap);
    return ret->day <= days;
}

/* ".25" as microseconds; digits beyond the sixth are dropped. Absent: 0. */
static bool take_fraction(const char **p, int64_t *ret_us)
{
    *ret_us = 0;
    if (!take_char(p, '.'))
        return true;
    int64_t unit_us = CF_US_PER_S / 10;
    int digits = 0;
    for (; **p >= '0' && **p <= '9' && digits < 9; digits++, (*p)++) {
        *ret_us += (**p - '0') * unit_us;
        unit_us /= 10;
    }
    return digits > 0;
}

static bool take_zone(const char **p, int *ret_offset_min)
{
    *ret_offset_min = 0;
    if (take_char(p, 'Z') || take_char(p, 'z'))
        return true;
    bool negative = **p == '-';
    int hours;
    int minutes;
    if (!take_char(p, negative ? '-' : '+') || !take_number(p, 2, 0, 23, &hours) || !take_char(p, ':') ||
        !take_number(p, 2, 0, 59, &minutes))
        return false;
    *ret_offset_min = (hours * 60 + minutes) * (negative ? -1 : 1);
    return true;
}

static bool take_instant(const char *p, cf_wall *ret)
{
    struct civil date;
    if (!take_date(&p, &date))
        return false;
    int64_t s = days_from_civil(date) * DAY_S;
    *ret = cf_wall_from_s(s);
    if (*p == '\0')
        return true;

    int hour;
    int minute;
    int second;
    int64_t fraction_us;
    int offset_min;
    if (!take_char(&p, *p == 't' ? 't' : 'T') || !take_number(&p, 2, 0, 23, &hour) || !take_char(&p, ':') ||
        !take_number(&p, 2, 0, 59, &minute) || !take_char(&p, ':') || !take_number(&p, 2, 0, 59, &second) ||
        !take_fraction(&p, &fraction_us) || !take_zone(&p, &offset_min))
        return false;
    s += hour * 3600 + minute * 60 + second - offset_min * 60;
    ret->us = s * CF_US_PER_S + fraction_us;
    return *p == '\0';
}

enum cf_rc cf_wall_parse(const char *text, cf_wall *ret, struct cf_error *err)
{
    cf_wall found;
    if (!take_instant(text, &found))
        return cf_fail(err, CF_E_RANGE, "\"%.40s\" is not a date or time like 2026-11-22T07:05:09Z", text);
    *ret = found;
    return CF_OK;
}
