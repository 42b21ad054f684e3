/*
 * drivers/scanner/hid_pos_proto.c - see hid_pos_proto.h.
 */
#include "drivers/scanner/hid_pos_proto.h"

#include <string.h>

#define USAGE_BYTE_COUNT CF_HID_USAGE(0x01, 0x3b)
#define USAGE_SCANNER CF_HID_USAGE(0x8c, 0x02)
#define USAGE_AIM_1 CF_HID_USAGE(0x8c, 0xfb)
#define USAGE_DATA CF_HID_USAGE(0x8c, 0xfe)
#define USAGE_MORE CF_HID_USAGE(0x8c, 0xff)

/* A field of whole bytes in the same report as the data. */
static const struct cf_hid_field *beside(const struct cf_hid_report *report, uint32_t usage, uint8_t report_id)
{
    const struct cf_hid_field *field = cf_hid_report_find(report, CF_HID_INPUT, usage);
    return field != NULL && field->report_id == report_id ? field : NULL;
}

static bool is_bytes(const struct cf_hid_field *field)
{
    return field->bits == 8 && field->bit_offset % 8 == 0;
}

/* Scanners that declare themselves but not their data lay it out so: id 2, length, AIM, 56 bytes, 2 of the maker's, and
 * a bit for more. It is Honeywell's, which others follow. */
static const struct cf_hid_pos_layout usual = {.report_id = 2,
                                               .data_at = 5,
                                               .data_bytes = 56,
                                               .has_length = true,
                                               .length_at = 1,
                                               .has_aim = true,
                                               .aim_at = 2,
                                               .has_more = true,
                                               .more_bit = 63 * 8};

enum cf_rc cf_hid_pos_layout_find(const struct cf_hid_report *report, struct cf_hid_pos_layout *ret,
                                  struct cf_error *err)
{
    const struct cf_hid_field *data = cf_hid_report_find(report, CF_HID_INPUT, USAGE_DATA);
    if (data == NULL && !cf_hid_report_has_application(report, USAGE_SCANNER))
        return cf_fail(err, CF_E_NOT_FOUND, "no scanner is in the report descriptor");
    if (data == NULL) {
        *ret = usual;
        return CF_OK;
    }
    if (!is_bytes(data))
        return cf_fail(err, CF_E_DEVICE_FORMAT, "the scanner's data is not made of bytes");
    struct cf_hid_pos_layout layout = {
        .report_id = data->report_id, .data_at = data->bit_offset / 8, .data_bytes = data->count};
    const struct cf_hid_field *length = beside(report, USAGE_BYTE_COUNT, data->report_id);
    const struct cf_hid_field *aim = beside(report, USAGE_AIM_1, data->report_id);
    const struct cf_hid_field *more = beside(report, USAGE_MORE, data->report_id);
    if (length != NULL && is_bytes(length)) {
        layout.has_length = true;
        layout.length_at = length->bit_offset / 8;
    }
    if (aim != NULL && is_bytes(aim)) {
        layout.has_aim = true;
        layout.aim_at = aim->bit_offset / 8;
    } else if (layout.has_length && layout.data_at >= layout.length_at + 1 + CF_SCANNER_AIM_BYTES) {
        /* Undeclared bytes between length and data: they are taken for an identifier only where they look like one. */
        layout.has_aim = true;
        layout.aim_at = layout.data_at - CF_SCANNER_AIM_BYTES;
    }
    if (more != NULL) {
        layout.has_more = true;
        layout.more_bit = more->bit_offset;
    }
    *ret = layout;
    return CF_OK;
}

void cf_hid_pos_init(struct cf_hid_pos *pos, const struct cf_hid_pos_layout *layout)
{
    memset(pos, 0, sizeof *pos);
    pos->layout = *layout;
}

static unsigned give_up(struct cf_hid_pos *pos, enum cf_scanner_result why)
{
    bool said = pos->dropping;
    pos->n = pos->n_aim; /* the identifier stays: what follows is told apart by it */
    pos->dropping = true;
    return said ? CF_SCANNER_NONE : why;
}

/* How much of the data field counts: its length if it is told, else up to the zeros that fill it. */
static size_t data_length(const struct cf_hid_pos_layout *layout, cf_bytes report)
{
    size_t n = layout->data_bytes;
    if (layout->has_length)
        return report.p[layout->length_at] < n ? report.p[layout->length_at] : n;
    while (n > 0 && report.p[layout->data_at + n - 1] == 0)
        n--;
    return n;
}

static bool is_whole(const struct cf_hid_pos_layout *layout, cf_bytes report)
{
    size_t needed = layout->data_at;
    needed = layout->has_length && layout->length_at >= needed ? layout->length_at + 1 : needed;
    needed = layout->has_aim && layout->aim_at + CF_SCANNER_AIM_BYTES > needed ? layout->aim_at + CF_SCANNER_AIM_BYTES
                                                                               : needed;
    needed = layout->has_more && layout->more_bit / 8 >= needed ? layout->more_bit / 8 + 1 : needed;
    if (!layout->has_length)
        needed = layout->data_at + layout->data_bytes > needed ? layout->data_at + layout->data_bytes : needed;
    return report.n >= needed && report.n >= layout->data_at + data_length(layout, report);
}

/* The identifier of this report, in front of the data. Does it go on with what came before? */
static bool take_aim(struct cf_hid_pos *pos, cf_bytes report)
{
    const uint8_t *aim = pos->layout.has_aim ? report.p + pos->layout.aim_at : NULL;
    size_t n_aim = aim != NULL && cf_scanner_is_aim(aim) ? CF_SCANNER_AIM_BYTES : 0;
    if (pos->partial)
        return n_aim == pos->n_aim && (n_aim == 0 || memcmp(aim, pos->text, n_aim) == 0);
    memcpy(pos->text, aim != NULL ? aim : pos->text, n_aim);
    pos->n = pos->n_aim = n_aim;
    return true;
}

static unsigned end_of_scan(struct cf_hid_pos *pos)
{
    pos->partial = pos->dropping = false;
    while (pos->n > pos->n_aim && (pos->text[pos->n - 1] == '\r' || pos->text[pos->n - 1] == '\n'))
        pos->n--;
    return pos->n > pos->n_aim ? CF_SCANNER_SCAN : CF_SCANNER_NONE;
}

unsigned cf_hid_pos_take(struct cf_hid_pos *pos, cf_bytes report)
{
    const struct cf_hid_pos_layout *layout = &pos->layout;
    unsigned result = CF_SCANNER_NONE;
    if (report.n == 0 || (layout->report_id != 0 && report.p[0] != layout->report_id))
        return CF_SCANNER_NONE; /* another report of the device: a trigger, a battery */
    if (!is_whole(layout, report)) {
        result = give_up(pos, CF_SCANNER_LOST);
        pos->partial = pos->dropping = false;
        return result;
    }
    if (!take_aim(pos, report)) {
        result |= give_up(pos, CF_SCANNER_LOST);
        pos->partial = pos->dropping = false;
        (void)take_aim(pos, report); /* this one begins a scan of its own */
    }
    size_t n = data_length(layout, report);
    if (!pos->dropping && n > sizeof pos->text - pos->n)
        result |= give_up(pos, CF_SCANNER_TOO_LONG);
    if (!pos->dropping) {
        memcpy(pos->text + pos->n, report.p + layout->data_at, n);
        pos->n += n;
    }
    if (layout->has_more && (report.p[layout->more_bit / 8] >> layout->more_bit % 8 & 1) != 0) {
        pos->partial = true;
        return result;
    }
    if (pos->dropping) {
        pos->partial = pos->dropping = false;
        return result;
    }
    return result | end_of_scan(pos);
}

unsigned cf_hid_pos_gap(struct cf_hid_pos *pos)
{
    unsigned result = pos->partial ? give_up(pos, CF_SCANNER_LOST) : CF_SCANNER_NONE;
    pos->partial = pos->dropping = false;
    return result;
}
