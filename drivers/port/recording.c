/*
 * drivers/port/recording.c - see recording.h.
 */
#include "drivers/port/recording.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct cursor {
    const uint8_t *p;
    size_t n;
};

static enum cf_rc bad(struct cf_error *err, const char *what)
{
    return cf_fail(err, CF_E_DEVICE_RECORDING, "%s", what);
}

/* The next word; empty at the end. */
static cf_bytes word(struct cursor *c)
{
    size_t n = 0;
    while (n < c->n && c->p[n] != ' ')
        n++;
    cf_bytes w = cf_bytes_of(c->p, n);
    n += n < c->n ? 1 : 0;
    c->p += n;
    c->n -= n;
    return w;
}

static bool is(cf_bytes w, const char *text)
{
    return cf_bytes_equal(w, cf_bytes_str(text));
}

static bool number(cf_bytes w, unsigned base, uint64_t max, uint64_t *ret)
{
    uint64_t v = 0;
    if (w.n == 0 || w.n > 18)
        return false;
    for (size_t i = 0; i < w.n; i++) {
        unsigned digit = w.p[i] >= '0' && w.p[i] <= '9'   ? w.p[i] - (unsigned)'0'
                         : w.p[i] >= 'a' && w.p[i] <= 'f' ? w.p[i] - (unsigned)'a' + 10
                                                          : 16;
        if (digit >= base || v > (UINT64_MAX - digit) / base)
            return false;
        v = v * base + digit;
    }
    *ret = v;
    return v <= max;
}

static bool number8(struct cursor *c, unsigned base, uint8_t *ret)
{
    uint64_t v = 0;
    bool good = number(word(c), base, UINT8_MAX, &v);
    *ret = (uint8_t)v;
    return good;
}

static bool number16(struct cursor *c, unsigned base, uint16_t *ret)
{
    uint64_t v = 0;
    bool good = number(word(c), base, UINT16_MAX, &v);
    *ret = (uint16_t)v;
    return good;
}

static bool number32(struct cursor *c, uint32_t *ret)
{
    uint64_t v = 0;
    bool good = number(word(c), 10, UINT32_MAX, &v);
    *ret = (uint32_t)v;
    return good;
}

static int nibble(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "-" or hex. */
static bool bytes(cf_bytes w, uint8_t *data, size_t max, size_t *ret_n)
{
    *ret_n = 0;
    if (is(w, "-"))
        return true;
    if (w.n == 0 || w.n % 2 != 0 || w.n / 2 > max)
        return false;
    for (size_t i = 0; i < w.n / 2; i++) {
        int high = nibble(w.p[2 * i]), low = nibble(w.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        data[i] = (uint8_t)(high << 4 | low);
    }
    *ret_n = w.n / 2;
    return true;
}

static bool parse_device(struct cursor *c, struct cf_port_info *info)
{
    uint8_t bus = 0, interrupt = 0;
    bool good = number8(c, 10, &bus) && number16(c, 16, &info->vendor) && number16(c, 16, &info->product) &&
                number16(c, 16, &info->release) && number8(c, 10, &info->interface) &&
                number8(c, 10, &info->control_interface) && number8(c, 16, &info->class_code) &&
                number8(c, 16, &info->subclass) && number8(c, 16, &info->protocol) &&
                number8(c, 16, &info->in_endpoint) && number8(c, 16, &info->out_endpoint) &&
                number8(c, 10, &interrupt) && number16(c, 10, &info->in_packet_bytes) &&
                number16(c, 10, &info->report_descriptor_bytes) && c->n == 0;
    bool known = bus == CF_PORT_USB || bus == CF_PORT_TTY || bus == CF_PORT_STREAM || bus == CF_PORT_INPUT;
    info->bus = known ? (enum cf_port_bus)bus : CF_PORT_USB;
    info->in_is_interrupt = interrupt == 1;
    info->settled = true;
    return good && known && interrupt <= 1;
}

static bool parse_about(cf_bytes first, struct cursor *c, struct cf_recording_line *line, struct cf_port_info *info)
{
    if (is(first, "driver")) {
        line->kind = CF_RECORDING_DRIVER;
        cf_port_text(cf_bytes_of(c->p, c->n), line->word);
    } else if (is(first, "device")) {
        line->kind = CF_RECORDING_DEVICE;
        return parse_device(c, info);
    } else if (is(first, "path")) {
        line->kind = CF_RECORDING_PATH;
        cf_port_text(cf_bytes_of(c->p, c->n), info->path);
    } else if (is(first, "serial")) {
        line->kind = CF_RECORDING_SERIAL;
        cf_port_text(cf_bytes_of(c->p, c->n), info->serial);
    } else if (is(first, "name")) {
        line->kind = CF_RECORDING_NAME;
        cf_port_text(cf_bytes_of(c->p, c->n), info->name);
    } else if (is(first, "report")) {
        line->kind = CF_RECORDING_REPORT;
        return bytes(word(c), info->report, sizeof info->report, &info->n_report) && c->n == 0;
    } else {
        return false;
    }
    return true;
}

static bool parse_request(struct cursor *c, struct cf_recording_line *line, uint8_t *data)
{
    cf_bytes verb = word(c);
    if (is(verb, "control")) {
        line->kind = CF_RECORDING_CONTROL;
        return number8(c, 16, &line->setup.request_type) && number8(c, 16, &line->setup.request) &&
               number16(c, 16, &line->setup.value) && number16(c, 16, &line->setup.index) &&
               number16(c, 10, &line->setup.length) && bytes(word(c), data, CF_RECORDING_DATA_MAX, &line->n_data);
    }
    if (is(verb, "write")) {
        line->kind = CF_RECORDING_WRITE;
        return number32(c, &line->ms) && bytes(word(c), data, CF_RECORDING_DATA_MAX, &line->n_data);
    }
    if (is(verb, "wake")) {
        line->kind = CF_RECORDING_WAKE;
        return number32(c, &line->ms);
    }
    if (is(verb, "fail")) {
        uint64_t rc = 0;
        line->kind = CF_RECORDING_FAIL;
        return number(word(c), 10, 9999, &rc) && cf_rc_from_number((int64_t)rc, &line->rc);
    }
    line->kind = is(verb, "listen") ? CF_RECORDING_LISTEN : CF_RECORDING_DECLINE;
    return is(verb, "listen") || is(verb, "decline");
}

static bool status(cf_bytes w, enum cf_port_status *ret)
{
    for (enum cf_port_status s = CF_PORT_DONE; s <= CF_PORT_ERROR; s++) {
        if (is(w, cf_port_status_name(s))) {
            *ret = s;
            return true;
        }
    }
    return false;
}

static bool parse_event(struct cursor *c, struct cf_recording_line *line, uint8_t *data)
{
    cf_bytes what = word(c);
    line->kind = CF_RECORDING_EVENT;
    if (is(what, "wake")) {
        line->event = CF_PORT_WAKE;
        return true;
    }
    if (!status(word(c), &line->status))
        return false;
    if (is(what, "written")) {
        line->event = CF_PORT_WRITTEN;
        return number32(c, &line->n_written);
    }
    line->event = is(what, "in") ? CF_PORT_IN : CF_PORT_CONTROL_DONE;
    return (is(what, "in") || is(what, "control")) && bytes(word(c), data, CF_RECORDING_DATA_MAX, &line->n_data);
}

enum cf_rc cf_recording_parse(cf_bytes text, struct cf_recording_line *ret, uint8_t *data, struct cf_port_info *info,
                              struct cf_error *err)
{
    struct cursor c = {text.p, text.n};
    struct cf_recording_line line = {.kind = CF_RECORDING_COMMENT};
    if (text.n == 0 || text.p[0] == '#') {
        *ret = line;
        return CF_OK;
    }
    if (text.n > CF_RECORDING_LINE_MAX)
        return bad(err, "a line is too long");
    if (cf_bytes_equal(text, cf_bytes_str(CF_RECORDING_HEAD))) {
        line.kind = CF_RECORDING_HEADER;
        *ret = line;
        return CF_OK;
    }
    cf_bytes first = word(&c);
    if (!number(first, 10, INT64_MAX, &line.at_ms)) {
        struct cf_port_info changed = *info;
        if (!parse_about(first, &c, &line, &changed))
            return bad(err, "a line tells nothing of a device");
        *info = changed;
        *ret = line;
        return CF_OK;
    }
    cf_bytes way = word(&c);
    bool good = is(way, ">") ? parse_request(&c, &line, data) : is(way, "<") && parse_event(&c, &line, data);
    if (!good || c.n != 0)
        return bad(err, "a line tells nothing that a device or a driver does");
    *ret = line;
    return CF_OK;
}

static enum cf_rc put_bytes(cf_bytes data, struct cf_buf *ret, struct cf_error *err)
{
    static const char digits[] = "0123456789abcdef";
    enum cf_rc rc = cf_buf_reserve(ret, 2 * data.n + 2, err);
    if (rc != CF_OK)
        return rc;
    if (data.n == 0)
        return cf_buf_append_str(ret, "-", err);
    for (size_t i = 0; i < data.n && rc == CF_OK; i++) {
        char two[2] = {digits[data.p[i] >> 4], digits[data.p[i] & 15]};
        rc = cf_buf_append(ret, two, sizeof two, err);
    }
    return rc;
}

static enum cf_rc write_device(const struct cf_port_info *i, struct cf_buf *ret, struct cf_error *err)
{
    return cf_buf_printf(ret, err, "device %d %04x %04x %04x %u %u %02x %02x %02x %02x %02x %d %u %u", (int)i->bus,
                         i->vendor, i->product, i->release, i->interface, i->control_interface, i->class_code,
                         i->subclass, i->protocol, i->in_endpoint, i->out_endpoint, i->in_is_interrupt ? 1 : 0,
                         i->in_packet_bytes, i->report_descriptor_bytes);
}

static const char *event_name(enum cf_port_event_kind kind)
{
    switch (kind) {
    case CF_PORT_CONTROL_DONE:
        return "control";
    case CF_PORT_IN:
        return "in";
    case CF_PORT_WRITTEN:
        return "written";
    case CF_PORT_WAKE:
        return "wake";
    }
    return "";
}

static enum cf_rc write_event(const struct cf_recording_line *line, cf_bytes data, struct cf_buf *ret,
                              struct cf_error *err)
{
    enum cf_rc rc = cf_buf_printf(ret, err, "%" PRIu64 " < %s", line->at_ms, event_name(line->event));
    if (rc != CF_OK || line->event == CF_PORT_WAKE)
        return rc;
    rc = cf_buf_printf(ret, err, " %s ", cf_port_status_name(line->status));
    if (rc != CF_OK)
        return rc;
    return line->event == CF_PORT_WRITTEN ? cf_buf_printf(ret, err, "%u", line->n_written) : put_bytes(data, ret, err);
}

static enum cf_rc write_control(const struct cf_recording_line *line, cf_bytes data, struct cf_buf *ret,
                                struct cf_error *err)
{
    const struct cf_port_setup *s = &line->setup;
    enum cf_rc rc = cf_buf_printf(ret, err, "%" PRIu64 " > control %02x %02x %04x %04x %u ", line->at_ms,
                                  s->request_type, s->request, s->value, s->index, s->length);
    return rc == CF_OK ? put_bytes(data, ret, err) : rc;
}

static enum cf_rc write_line(const struct cf_recording_line *line, cf_bytes data, const struct cf_port_info *info,
                             struct cf_buf *ret, struct cf_error *err)
{
    enum cf_rc rc;
    switch (line->kind) {
    case CF_RECORDING_COMMENT:
        return CF_OK;
    case CF_RECORDING_HEADER:
        return cf_buf_append_str(ret, CF_RECORDING_HEAD, err);
    case CF_RECORDING_DRIVER:
        return cf_buf_printf(ret, err, "driver %s", line->word);
    case CF_RECORDING_DEVICE:
        return write_device(info, ret, err);
    case CF_RECORDING_PATH:
        return cf_buf_printf(ret, err, "path %s", info->path);
    case CF_RECORDING_SERIAL:
        return cf_buf_printf(ret, err, "serial %s", info->serial);
    case CF_RECORDING_NAME:
        return cf_buf_printf(ret, err, "name %s", info->name);
    case CF_RECORDING_REPORT:
        rc = cf_buf_append_str(ret, "report ", err);
        return rc == CF_OK ? put_bytes(cf_bytes_of(info->report, info->n_report), ret, err) : rc;
    case CF_RECORDING_CONTROL:
        return write_control(line, data, ret, err);
    case CF_RECORDING_LISTEN:
        return cf_buf_printf(ret, err, "%" PRIu64 " > listen", line->at_ms);
    case CF_RECORDING_WRITE:
        rc = cf_buf_printf(ret, err, "%" PRIu64 " > write %u ", line->at_ms, line->ms);
        return rc == CF_OK ? put_bytes(data, ret, err) : rc;
    case CF_RECORDING_WAKE:
        return cf_buf_printf(ret, err, "%" PRIu64 " > wake %u", line->at_ms, line->ms);
    case CF_RECORDING_DECLINE:
        return cf_buf_printf(ret, err, "%" PRIu64 " > decline", line->at_ms);
    case CF_RECORDING_FAIL:
        return cf_buf_printf(ret, err, "%" PRIu64 " > fail %d", line->at_ms, (int)line->rc);
    case CF_RECORDING_EVENT:
        return write_event(line, data, ret, err);
    }
    return CF_OK;
}

enum cf_rc cf_recording_write(const struct cf_recording_line *line, cf_bytes data, const struct cf_port_info *info,
                              struct cf_buf *ret, struct cf_error *err)
{
    size_t before = ret->n;
    enum cf_rc rc = write_line(line, data, info, ret, err);
    rc = rc == CF_OK ? cf_buf_append_str(ret, "\n", err) : rc;
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}
