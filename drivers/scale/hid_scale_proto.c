/*
 * drivers/scale/hid_scale_proto.c - see hid_scale_proto.h.
 */
#include "drivers/scale/hid_scale_proto.h"

#define PAGE 0x8d
#define USAGE_SCALE CF_HID_USAGE(PAGE, 0x20)
#define USAGE_WEIGHT CF_HID_USAGE(PAGE, 0x40)
#define USAGE_SCALING CF_HID_USAGE(PAGE, 0x41)

/* Usages of the page that stand in an array, by number. */
enum {
    UNIT_MILLIGRAM = 0x51,
    UNIT_GRAM = 0x52,
    UNIT_KILOGRAM = 0x53,
    UNIT_OUNCE = 0x5b,
    UNIT_POUND = 0x5c,
    STATUS_FAULT = 0x71,
    STATUS_ZERO = 0x72,
    STATUS_MOVING = 0x73,
    STATUS_STABLE = 0x74,
    STATUS_UNDER = 0x75,
    STATUS_OVER = 0x76,
    STATUS_CALIBRATION = 0x77,
    STATUS_REZERO = 0x78,
};

/* ---- where the parts stand ---- */

/* The array that may hold usages of `from` to `to`, in this report. */
static const struct cf_hid_field *array_of(const struct cf_hid_report *report, unsigned from, unsigned to, uint8_t id)
{
    for (size_t i = 0; i < report->n; i++) {
        const struct cf_hid_field *field = &report->field[i];
        if (field->kind == CF_HID_INPUT && field->is_array && field->report_id == id &&
            field->usage >= CF_HID_USAGE(PAGE, from) && field->usage <= CF_HID_USAGE(PAGE, to))
            return field;
    }
    return NULL;
}

static const struct cf_hid_field *value_of(const struct cf_hid_report *report, uint32_t usage, uint8_t id)
{
    for (size_t i = 0; i < report->n; i++) {
        const struct cf_hid_field *field = &report->field[i];
        if (field->kind == CF_HID_INPUT && !field->is_array && field->report_id == id && field->usage == usage)
            return field;
    }
    return NULL;
}

static struct cf_hid_scale_part part_of(const struct cf_hid_field *field)
{
    return (struct cf_hid_scale_part){.bit_offset = field->bit_offset,
                                      .bits = field->bits,
                                      .first_usage = field->usage & 0xffff,
                                      .least = field->logical_min};
}

static uint32_t bytes_to(const struct cf_hid_scale_part *part, uint32_t most)
{
    uint32_t n = (part->bit_offset + part->bits + 7) / 8;
    return n > most ? n : most;
}

enum cf_rc cf_hid_scale_layout_find(const struct cf_hid_report *report, struct cf_hid_scale_layout *ret,
                                    struct cf_error *err)
{
    const struct cf_hid_field *weight = cf_hid_report_find(report, CF_HID_INPUT, USAGE_WEIGHT);
    if (weight == NULL || !cf_hid_report_has_application(report, USAGE_SCALE))
        return cf_fail(err, CF_E_NOT_FOUND, "no scale is in the report descriptor");
    uint8_t id = weight->report_id;
    const struct cf_hid_field *status = array_of(report, STATUS_FAULT, STATUS_REZERO, id);
    const struct cf_hid_field *unit = array_of(report, UNIT_MILLIGRAM, UNIT_POUND, id);
    const struct cf_hid_field *scaling = value_of(report, USAGE_SCALING, id);
    if (status == NULL || unit == NULL || scaling == NULL || weight->is_array)
        return cf_fail(err, CF_E_DEVICE_FORMAT, "the scale does not declare status, unit and power of its weight");
    struct cf_hid_scale_layout layout = {.report_id = id,
                                         .status = part_of(status),
                                         .unit = part_of(unit),
                                         .scaling = part_of(scaling),
                                         .weight = part_of(weight)};
    layout.scaling.least = -1; /* it is a power of ten below one, also where a descriptor forgets to say so */
    layout.report_bytes = bytes_to(&layout.status, layout.report_bytes);
    layout.report_bytes = bytes_to(&layout.unit, layout.report_bytes);
    layout.report_bytes = bytes_to(&layout.scaling, layout.report_bytes);
    layout.report_bytes = bytes_to(&layout.weight, layout.report_bytes);
    *ret = layout;
    return CF_OK;
}

/* ---- a report ---- */

static int64_t number_at(const struct cf_hid_scale_part *part, cf_bytes report)
{
    uint64_t v = 0;
    for (uint32_t i = 0; i < part->bits; i++) {
        uint32_t bit = part->bit_offset + i;
        v |= (uint64_t)(report.p[bit / 8] >> bit % 8 & 1) << i;
    }
    bool negative = part->least < 0 && (v >> (part->bits - 1) & 1) != 0;
    return negative ? (int64_t)v - ((int64_t)1 << part->bits) : (int64_t)v;
}

/* The usage that an array's number stands for; 0: none. */
static unsigned usage_at(const struct cf_hid_scale_part *part, cf_bytes report)
{
    int64_t usage = part->first_usage + number_at(part, report) - part->least;
    return usage >= part->first_usage && usage <= 0xff ? (unsigned)usage : 0;
}

static struct cf_weight weight_in(const struct cf_hid_scale_layout *layout, cf_bytes report)
{
    int64_t count = number_at(&layout->weight, report);
    int64_t exponent = number_at(&layout->scaling, report);
    int small = exponent < -100 ? -100 : exponent > 100 ? 100 : (int)exponent;
    switch (usage_at(&layout->unit, report)) {
    case UNIT_MILLIGRAM:
        return cf_weight_at_rest(count, small, 1, 1000);
    case UNIT_GRAM:
        return cf_weight_at_rest(count, small, 1, 1);
    case UNIT_KILOGRAM:
        return cf_weight_at_rest(count, small, 1000, 1);
    case UNIT_OUNCE: /* a sixteenth of a pound, which is 0.45359237 kg by definition */
        return cf_weight_at_rest(count, small, 45359237, 1600000);
    case UNIT_POUND:
        return cf_weight_at_rest(count, small, 45359237, 100000);
    default:
        return cf_weight_none(CF_E_SCALE_FAULT, "it weighs in a unit that goods are not sold by");
    }
}

bool cf_hid_scale_take(const struct cf_hid_scale_layout *layout, cf_bytes report, struct cf_weight *ret)
{
    if (report.n < layout->report_bytes || (layout->report_id != 0 && report.p[0] != layout->report_id))
        return false;
    switch (usage_at(&layout->status, report)) {
    case STATUS_ZERO:
        *ret = cf_weight_none(CF_E_SCALE_EMPTY, "nothing lies on it");
        break;
    case STATUS_MOVING:
        *ret = cf_weight_none(CF_E_SCALE_MOVING, "it is not at rest");
        break;
    case STATUS_STABLE:
        *ret = weight_in(layout, report);
        break;
    case STATUS_UNDER:
        *ret = cf_weight_none(CF_E_SCALE_UNDER, "it shows less than zero");
        break;
    case STATUS_OVER:
        *ret = cf_weight_none(CF_E_SCALE_OVER, "more lies on it than it can weigh");
        break;
    case STATUS_REZERO:
        *ret = cf_weight_none(CF_E_SCALE_ZERO, "it asks to be set to zero");
        break;
    case STATUS_CALIBRATION:
        *ret = cf_weight_none(CF_E_SCALE_FAULT, "it has to be calibrated");
        break;
    case STATUS_FAULT:
    default:
        *ret = cf_weight_none(CF_E_SCALE_FAULT, "it reports a fault");
        break;
    }
    return true;
}
