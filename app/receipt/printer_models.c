/*
 * app/receipt/printer_models.c - see printer_models.h. A line is a key and its value, a space between.
 */
#include "app/receipt/printer_models.h"

#include <string.h>

#include "printer_models_text.h"

#define LINE_MAX_BYTES 160
#define PULSE_MS_MAX 510

cf_bytes cf_printer_models(void)
{
    return cf_bytes_of(printer_models_text, sizeof printer_models_text);
}

/* What is looked for; what is NULL or 0 is not. */
struct search {
    const char *name;
    cf_bytes says;
    uint16_t vendor, product;
    bool by_position;
    size_t left; /* models to go by */
};

struct reader {
    cf_bytes text;
    size_t at;
    unsigned line_no;
    char line[LINE_MAX_BYTES + 1];
    bool has_line; /* `line` is a model's first, and not read yet */
};

/* ---- lines ---- */

static enum cf_rc wrong(const struct reader *reader, struct cf_error *err)
{
    return cf_fail(err, CF_E_ARGUMENT, "printer models, line %u: \"%.60s\"", reader->line_no, reader->line);
}

/* The next that says anything, printable ASCII; CF_E_NOT_FOUND at the end. */
static enum cf_rc next_line(struct reader *reader, struct cf_error *err)
{
    if (reader->has_line) {
        reader->has_line = false;
        return CF_OK;
    }
    while (reader->at < reader->text.n) {
        const uint8_t *from = reader->text.p + reader->at, *end = memchr(from, '\n', reader->text.n - reader->at);
        size_t n = end != NULL ? (size_t)(end - from) : reader->text.n - reader->at;
        reader->at += n + 1;
        reader->line_no++;
        reader->line[0] = '\0';
        if (n == 0 || from[0] == '#')
            continue;
        if (n > LINE_MAX_BYTES)
            return wrong(reader, err);
        for (size_t i = 0; i < n; i++)
            reader->line[i] = from[i] >= ' ' && from[i] < 0x7f ? (char)from[i] : '\x7f';
        reader->line[n] = '\0';
        return strchr(reader->line, '\x7f') != NULL ? wrong(reader, err) : CF_OK;
    }
    return cf_fail(err, CF_E_NOT_FOUND, "printer model");
}

/* What stands after the key, or NULL: another key. */
static const char *value_of(const char *line, const char *key)
{
    size_t n = strlen(key);
    return strncmp(line, key, n) == 0 && line[n] == ' ' && line[n + 1] != '\0' ? line + n + 1 : NULL;
}

/* Digits, and what stands behind them and one space; NULL: no digits, or more than `most`. */
static const char *number(const char *text, unsigned most, unsigned *ret)
{
    unsigned v = 0;
    size_t n = 0;
    for (; text[n] >= '0' && text[n] <= '9'; n++) {
        v = v * 10 + (unsigned)(text[n] - '0');
        if (v > most)
            return NULL;
    }
    if (n == 0 || (text[n] != '\0' && text[n] != ' '))
        return NULL;
    *ret = v;
    return text + n + (text[n] == ' ' ? 1 : 0);
}

static bool copy(const char *value, char *ret, size_t cap)
{
    size_t n = strlen(value);
    if (n >= cap)
        return false;
    memcpy(ret, value, n + 1);
    return true;
}

static bool hex4(const char *text, uint16_t *ret)
{
    char digits[5] = {0};
    uint8_t bytes[2];
    memcpy(digits, text, 4);
    if (cf_hex_decode(digits, bytes, sizeof bytes, NULL) != CF_OK)
        return false;
    *ret = (uint16_t)(bytes[0] << 8 | bytes[1]);
    return true;
}

/* ---- what a line says ---- */

static bool take_page(const char *value, struct cf_escpos_profile *profile)
{
    unsigned page;
    const char *charset = number(value, UINT8_MAX, &page);
    if (charset == NULL || charset[0] == '\0' || profile->n_pages == CF_ESCPOS_PAGES_MAX)
        return false;
    struct cf_escpos_page *to = &profile->page[profile->n_pages++];
    to->number = (uint8_t)page;
    return copy(charset, to->charset, sizeof to->charset);
}

static bool take_drawer(const char *value, struct cf_escpos_profile *profile)
{
    unsigned pin, on, off;
    const char *at = number(value, 5, &pin);
    at = at != NULL ? number(at, PULSE_MS_MAX, &on) : NULL;
    at = at != NULL ? number(at, PULSE_MS_MAX, &off) : NULL;
    if (at == NULL || *at != '\0' || (pin != 2 && pin != 5) || on % 2 != 0 || off % 2 != 0)
        return false;
    profile->pulse_pin = (uint8_t)pin;
    profile->pulse_on = (uint8_t)(on / 2);
    profile->pulse_off = (uint8_t)(off / 2);
    return true;
}

static bool take_flag(const char *line, struct cf_escpos_profile *profile)
{
    static const char *const flags[] = {"cut", "raster", "qr native", "confirm name", "chinese GB18030"};
    bool *const to[] = {&profile->cutter, &profile->raster_text, &profile->native_qr, &profile->names_jobs,
                        &profile->gb18030};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (strcmp(line, flags[i]) == 0) {
            *to[i] = true;
            return true;
        }
    }
    return false;
}

static bool take_line(const char *line, const struct search *search, struct cf_escpos_profile *profile, bool *is_it)
{
    const char *value, *end = NULL;
    uint16_t vendor, product;
    if ((value = value_of(line, "columns")) != NULL)
        end = number(value, 96, &profile->columns);
    else if ((value = value_of(line, "dots")) != NULL)
        end = number(value, 2048, &profile->dots);
    if (value != NULL)
        return end != NULL && *end == '\0';
    if ((value = value_of(line, "page")) != NULL)
        return take_page(value, profile);
    if ((value = value_of(line, "drawer")) != NULL)
        return take_drawer(value, profile);
    if ((value = value_of(line, "utf8")) != NULL)
        return profile->n_utf8 < CF_ESCPOS_UTF8_MAX &&
               copy(value, profile->utf8[profile->n_utf8++], sizeof profile->utf8[0]);
    if ((value = value_of(line, "says")) != NULL) {
        *is_it = *is_it || (search->says.n > 0 && cf_bytes_equal(search->says, cf_bytes_str(value)));
        return true;
    }
    if ((value = value_of(line, "usb")) != NULL) {
        if (strlen(value) != 9 || value[4] != ':' || !hex4(value, &vendor) || !hex4(value + 5, &product))
            return false;
        *is_it = *is_it || (search->vendor != 0 && vendor == search->vendor && product == search->product);
        return true;
    }
    return take_flag(line, profile);
}

/* CF_E_NOT_FOUND: there is none any more. *ret_is_it: it is what was looked for. */
static enum cf_rc read_model(struct reader *reader, const struct search *search, struct cf_escpos_profile *ret,
                             bool *ret_is_it, struct cf_error *err)
{
    enum cf_rc rc = next_line(reader, err);
    if (rc != CF_OK)
        return rc;
    memset(ret, 0, sizeof *ret);
    const char *name = value_of(reader->line, "model");
    if (name == NULL || !copy(name, ret->name, sizeof ret->name))
        return wrong(reader, err);
    *ret_is_it = search->name != NULL && strcmp(name, search->name) == 0;
    while ((rc = next_line(reader, err)) == CF_OK && value_of(reader->line, "model") == NULL) {
        if (!take_line(reader->line, search, ret, ret_is_it))
            return wrong(reader, err);
    }
    reader->has_line = rc == CF_OK;
    if (rc != CF_OK && rc != CF_E_NOT_FOUND)
        return rc;
    return cf_escpos_profile_check(ret, err);
}

static enum cf_rc find(cf_bytes models, const struct search *search, struct cf_escpos_profile *ret,
                       struct cf_error *err)
{
    struct reader reader = {.text = models};
    struct cf_escpos_profile profile, found;
    bool is_it = false, has = false;
    enum cf_rc rc;
    if (models.n > CF_PRINTER_MODELS_BYTES_MAX)
        return cf_fail(err, CF_E_LIMIT, "printer models of %zu bytes", models.n);
    for (size_t i = 0; (rc = read_model(&reader, search, &profile, &is_it, err)) == CF_OK; i++) {
        if (has || !(is_it || (search->by_position && i == search->left)))
            continue;
        has = true;
        found = profile;
    }
    if (rc != CF_E_NOT_FOUND)
        return rc;
    if (!has)
        return cf_fail(err, CF_E_NOT_FOUND, "printer model %s", search->name != NULL ? search->name : "");
    *ret = found;
    return CF_OK;
}

enum cf_rc cf_printer_model_named(cf_bytes models, const char *name, struct cf_escpos_profile *ret,
                                  struct cf_error *err)
{
    const struct search search = {.name = name};
    return find(models, &search, ret, err);
}

enum cf_rc cf_printer_model_of(cf_bytes models, cf_bytes says, uint16_t vendor, uint16_t product,
                               struct cf_escpos_profile *ret, struct cf_error *err)
{
    const struct search search = {.says = says, .vendor = vendor, .product = product};
    return find(models, &search, ret, err);
}

enum cf_rc cf_printer_model_at(cf_bytes models, size_t position, struct cf_escpos_profile *ret, struct cf_error *err)
{
    const struct search search = {.by_position = true, .left = position};
    return find(models, &search, ret, err);
}
