/*
 * drivers/port/hid_report.c - see hid_report.h.
 */
#include "drivers/port/hid_report.h"

#include <string.h>

#define STACK_MAX 8
#define USAGES_MAX 64
#define IDS_MAX 32
#define DEPTH_MAX 32
#define LONG_ITEM 0xfe

/* An item's prefix without its two bits of size: HID 1.11, 6.2.2.4, 6.2.2.7, 6.2.2.8. */
enum {
    ITEM_INPUT = 0x80,
    ITEM_OUTPUT = 0x90,
    ITEM_COLLECTION = 0xa0,
    ITEM_FEATURE = 0xb0,
    ITEM_END_COLLECTION = 0xc0,
    ITEM_USAGE_PAGE = 0x04,
    ITEM_LOGICAL_MIN = 0x14,
    ITEM_REPORT_SIZE = 0x74,
    ITEM_REPORT_ID = 0x84,
    ITEM_REPORT_COUNT = 0x94,
    ITEM_PUSH = 0xa4,
    ITEM_POP = 0xb4,
    ITEM_USAGE = 0x08,
    ITEM_USAGE_MIN = 0x18,
    ITEM_USAGE_MAX = 0x28,
};
#define MAIN_CONSTANT 0x01u
#define MAIN_VARIABLE 0x02u
#define COLLECTION_APPLICATION 1u

struct globals {
    uint32_t page, bits, count;
    int32_t logical_min;
    uint8_t report_id;
};
struct length {
    enum cf_hid_kind kind;
    uint8_t report_id;
    uint32_t bits;
};
struct parser {
    struct globals now, stack[STACK_MAX];
    size_t n_stack;
    uint32_t usage[USAGES_MAX];
    size_t n_usages;
    uint32_t usage_min;
    bool has_min;
    uint32_t application;
    unsigned depth;
    struct length length[IDS_MAX * 3];
    size_t n_lengths;
    struct cf_hid_report report;
};

static enum cf_rc malformed(struct cf_error *err, const char *what)
{
    return cf_fail(err, CF_E_DEVICE_FORMAT, "report descriptor: %s", what);
}

/* Where the next field of this report begins. */
static struct length *length_of(struct parser *p, enum cf_hid_kind kind)
{
    for (size_t i = 0; i < p->n_lengths; i++)
        if (p->length[i].kind == kind && p->length[i].report_id == p->now.report_id)
            return &p->length[i];
    if (p->n_lengths == sizeof p->length / sizeof p->length[0])
        return NULL;
    struct length *length = &p->length[p->n_lengths++];
    *length = (struct length){.kind = kind, .report_id = p->now.report_id, .bits = p->now.report_id == 0 ? 0 : 8};
    return length;
}

static enum cf_rc add(struct parser *p, const struct cf_hid_field *field, struct cf_error *err)
{
    if (p->report.n == CF_HID_FIELDS_MAX)
        return cf_fail(err, CF_E_LIMIT, "report descriptor: more than %d fields", CF_HID_FIELDS_MAX);
    p->report.field[p->report.n++] = *field;
    return CF_OK;
}

static enum cf_rc take_main(struct parser *p, enum cf_hid_kind kind, uint32_t flags, struct cf_error *err)
{
    if (p->now.bits == 0 || p->now.count == 0)
        return CF_OK;
    /* An element of more than 32 bits (buffers of bytes are eight each) is nothing that we read: it only takes room. */
    uint64_t total = (uint64_t)p->now.bits * p->now.count;
    struct length *length = length_of(p, kind);
    if (length == NULL)
        return malformed(err, "too many reports");
    if (total > CF_HID_REPORT_BYTES_MAX * 8u - length->bits)
        return malformed(err, "a report is too long");
    struct cf_hid_field field = {.kind = kind,
                                 .report_id = p->now.report_id,
                                 .application = p->application,
                                 .is_array = (flags & MAIN_VARIABLE) == 0,
                                 .is_constant = (flags & MAIN_CONSTANT) != 0,
                                 .logical_min = p->now.logical_min,
                                 .bit_offset = length->bits,
                                 .bits = p->now.bits,
                                 .count = p->now.count};
    length->bits += (uint32_t)total;
    if (p->n_usages == 0 || field.bits > 32)
        return CF_OK;
    field.usage = p->usage[0];
    if (field.is_array)
        return add(p, &field, err);
    /* One element a usage; the last usage is that of all that are left (6.2.2.8). */
    for (size_t i = 0; i < p->n_usages && i < p->now.count; i++) {
        bool last = i + 1 == p->n_usages;
        field.usage = p->usage[i];
        field.count = last ? p->now.count - (uint32_t)i : 1;
        enum cf_rc rc = add(p, &field, err);
        if (rc != CF_OK)
            return rc;
        field.bit_offset += field.bits;
    }
    return CF_OK;
}

static enum cf_rc take_collection(struct parser *p, uint32_t type, struct cf_error *err)
{
    if (p->depth == DEPTH_MAX)
        return malformed(err, "collections are too deep");
    if (type == COLLECTION_APPLICATION && p->depth == 0)
        p->application = p->n_usages > 0 ? p->usage[0] : 0;
    p->depth++;
    return CF_OK;
}

/* 6.2.2.7: a limit is a number with a sign, of as many bytes as the item has. */
static int32_t with_sign(uint32_t value, size_t size)
{
    uint32_t sign = size == 0 ? 0 : 1u << (8 * size - 1);
    return (int32_t)((int64_t)value - ((value & sign) != 0 ? (int64_t)sign * 2 : 0));
}

static enum cf_rc take_global(struct parser *p, unsigned tag, uint32_t value, size_t size, struct cf_error *err)
{
    switch (tag) {
    case ITEM_USAGE_PAGE:
        p->now.page = value & 0xffff;
        return CF_OK;
    case ITEM_LOGICAL_MIN:
        p->now.logical_min = with_sign(value, size);
        return CF_OK;
    case ITEM_REPORT_SIZE:
        p->now.bits = value;
        return CF_OK;
    case ITEM_REPORT_COUNT:
        p->now.count = value;
        return CF_OK;
    case ITEM_REPORT_ID:
        if (value == 0 || value > 255)
            return malformed(err, "a report id that is none");
        p->now.report_id = (uint8_t)value;
        return CF_OK;
    case ITEM_PUSH:
        if (p->n_stack == STACK_MAX)
            return malformed(err, "too much is pushed");
        p->stack[p->n_stack++] = p->now;
        return CF_OK;
    case ITEM_POP:
        if (p->n_stack == 0)
            return malformed(err, "a pop without its push");
        p->now = p->stack[--p->n_stack];
        return CF_OK;
    default:
        return CF_OK; /* other limits, units: of no use here */
    }
}

static void add_usage(struct parser *p, uint32_t usage)
{
    if (p->n_usages < USAGES_MAX)
        p->usage[p->n_usages++] = usage;
}

static void take_local(struct parser *p, unsigned tag, uint32_t value, size_t size)
{
    uint32_t usage = size == 4 ? value : p->now.page << 16 | (value & 0xffff);
    if (tag == ITEM_USAGE) {
        add_usage(p, usage);
    } else if (tag == ITEM_USAGE_MIN) {
        p->usage_min = usage;
        p->has_min = true;
    } else if (tag == ITEM_USAGE_MAX && p->has_min) {
        for (uint32_t u = p->usage_min; u <= usage && p->n_usages < USAGES_MAX && u != UINT32_MAX; u++)
            add_usage(p, u);
        p->has_min = false;
    }
}

static enum cf_rc take_item(struct parser *p, unsigned prefix, uint32_t value, size_t size, struct cf_error *err)
{
    unsigned tag = prefix & 0xfcu, type = prefix & 0x0cu;
    enum cf_rc rc = CF_OK;
    if (type == 0x04)
        return take_global(p, tag, value, size, err);
    if (type == 0x08) {
        take_local(p, tag, value, size);
        return CF_OK;
    }
    if (type == 0x0c)
        return CF_OK; /* reserved */
    if (tag == ITEM_INPUT)
        rc = take_main(p, CF_HID_INPUT, value, err);
    else if (tag == ITEM_OUTPUT)
        rc = take_main(p, CF_HID_OUTPUT, value, err);
    else if (tag == ITEM_FEATURE)
        rc = take_main(p, CF_HID_FEATURE, value, err);
    else if (tag == ITEM_COLLECTION)
        rc = take_collection(p, value, err);
    else if (tag == ITEM_END_COLLECTION && p->depth == 0)
        rc = malformed(err, "the end of a collection that never began");
    else if (tag == ITEM_END_COLLECTION)
        p->application = --p->depth == 0 ? 0 : p->application;
    p->n_usages = 0; /* a main item ends what is local */
    p->has_min = false;
    return rc;
}

enum cf_rc cf_hid_report_parse(cf_bytes descriptor, struct cf_hid_report *ret, struct cf_error *err)
{
    struct parser p;
    memset(&p, 0, sizeof p);
    for (size_t at = 0; at < descriptor.n;) {
        unsigned prefix = descriptor.p[at++];
        size_t left = descriptor.n - at;
        if (prefix == LONG_ITEM) {
            if (left < 2 || left - 2 < descriptor.p[at])
                return malformed(err, "it ends within an item");
            at += 2u + descriptor.p[at];
            continue;
        }
        size_t size = (prefix & 3) == 3 ? 4 : prefix & 3;
        if (left < size)
            return malformed(err, "it ends within an item");
        uint32_t value = 0;
        for (size_t i = 0; i < size; i++)
            value |= (uint32_t)descriptor.p[at + i] << (8 * i);
        at += size;
        enum cf_rc rc = take_item(&p, prefix, value, size, err);
        if (rc != CF_OK)
            return rc;
    }
    if (p.depth != 0)
        return malformed(err, "a collection does not end");
    *ret = p.report;
    return CF_OK;
}

const struct cf_hid_field *cf_hid_report_find(const struct cf_hid_report *report, enum cf_hid_kind kind, uint32_t usage)
{
    for (size_t i = 0; i < report->n; i++)
        if (report->field[i].kind == kind && report->field[i].usage == usage)
            return &report->field[i];
    return NULL;
}

bool cf_hid_report_has_application(const struct cf_hid_report *report, uint32_t usage)
{
    for (size_t i = 0; i < report->n; i++)
        if (report->field[i].application == usage)
            return true;
    return false;
}
