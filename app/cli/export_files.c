/*
 * app/cli/export_files.c - a day as CSV for a spreadsheet, or as JSON lines; see export.h.
 */
#include "app/cli/export.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"

enum cf_rc export_open(struct export *export, size_t table, const char *name, struct cf_error *err)
{
    char path[EXPORT_PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s", export->folder, name);
    if (n < 0 || (size_t)n >= sizeof path)
        return cf_fail(err, CF_E_ARGUMENT, "the path of the folder is too long");
    export->table[table] = fopen(path, "wx"); /* nothing that is there is written over */
    return export->table[table] ? CF_OK : cf_fail_errno(err, errno, "%s", path);
}

/* --- CSV -----------------------------------------------------------------------------------------------------------
 */

void csv_text(FILE *file, const char *text, char after)
{
    fputc('"', file);
    if (text[0] != '\0' && strchr("=+-@\t\r", text[0]))
        fputc('\'', file);
    for (const char *c = text; *c; c++) {
        if (*c == '"')
            fputc('"', file);
        fputc(*c, file);
    }
    fputc('"', file);
    fputc(after, file);
}

void csv_int(FILE *file, int64_t value, char after)
{
    fprintf(file, "%" PRId64 "%c", value, after);
}

enum { BONS, LINES, TAXES, PAYMENTS, DISCOUNTS, POINTS, JOURNAL, CSV_FILES };

static enum cf_rc csv_begin(struct export *export, struct cf_error *err)
{
    static const struct {
        const char *name, *columns;
    } files[CSV_FILES] = {
        [BONS] = {"bons.csv",
                  "seq,kind,no,at,user,of,reason,total_minor,tax_minor,discount_minor,rounding_minor,hash,by,"
                  "void_lines,void_lines_minor"},
        [LINES] = {"lines.csv", "seq,line,product,qty_milli,unit_price_minor,discount_minor,tax_bp,gross_minor,"
                                "net_minor,tax_minor,price,shelf_minor"},
        [TAXES] = {"taxes.csv", "seq,tax_bp,gross_minor,net_minor,tax_minor"},
        [PAYMENTS] = {"payments.csv", "seq,kind,amount_minor"},
        [DISCOUNTS] = {"discounts.csv", "seq,line,percent_bp,amount_minor,user,reason"},
        [POINTS] = {"points.csv", "seq,campaign,points"},
        [JOURNAL] = {"journal.csv", "seq,type,what,no,at,user,by,concerns,reason,amount_minor,void_lines,"
                                    "void_lines_minor,hash"},
    };
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < CSV_FILES; i++) {
        rc = export_open(export, i, files[i].name, err);
        if (rc == CF_OK)
            fprintf(export->table[i], "%s\n", files[i].columns);
    }
    return rc;
}

static void csv_line(FILE *f, const struct bon *bon, size_t i)
{
    const struct bon_line *l = &bon->lines[i];
    fprintf(f,
            "%" PRIu64 ",%zu,%" PRIu64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRIu32 ",%" PRId64 ",%" PRId64
            ",%" PRId64 ",",
            bon->seq, i + 1, l->product, l->qty_milli, l->unit_price_minor, l->discount_minor,
            bon->rates[l->rate].tax_bp, l->gross_minor, l->net_minor, l->tax_minor);
    csv_text(f, l->price ? l->price : "", ',');
    csv_int(f, l->shelf_minor, '\n');
}

static void csv_discount(FILE *f, const struct bon *bon, const struct cf_hand_given *given)
{
    fprintf(f, "%" PRIu64 ",%" PRIu32 ",%" PRIu32 ",%" PRId64 ",%" PRIu32 ",", bon->seq, given->asked.line_no,
            given->asked.percent_bp, given->amount_minor, given->asked.user);
    csv_text(f, given->asked.reason, '\n');
}

static void csv_put(struct export *export, const struct bon *bon)
{
    FILE *f = export->table[BONS];
    char when[CF_WALL_TEXT_MAX];
    cf_wall_format(bon->at, 0, when);
    csv_int(f, (int64_t)bon->seq, ',');
    csv_text(f, bon_kind_name(bon), ',');
    csv_int(f, (int64_t)bon->no, ',');
    csv_text(f, when, ',');
    csv_text(f, bon->user, ',');
    csv_text(f, bon->of, ',');
    csv_text(f, bon->reason, ',');
    csv_int(f, bon->total_minor, ',');
    csv_int(f, bon->tax_minor, ',');
    csv_int(f, bon->discount_minor, ',');
    csv_int(f, bon->rounding_minor, ',');
    csv_text(f, bon->hash, ',');
    csv_text(f, bon->by, ',');
    csv_int(f, bon->n_void_lines, ',');
    csv_int(f, bon->void_lines_minor, '\n');
    for (size_t i = 0; i < bon->n_lines; i++)
        csv_line(export->table[LINES], bon, i);
    for (size_t i = 0; i < bon->n_by_hand; i++)
        csv_discount(export->table[DISCOUNTS], bon, &bon->by_hand[i]);
    for (size_t i = 0; i < bon->n_points_by; i++)
        fprintf(export->table[POINTS], "%" PRIu64 ",%" PRIu32 ",%" PRId64 "\n", bon->seq, bon->points_by[i].campaign,
                bon->points_by[i].points);
    for (size_t i = 0; i < bon->n_rates; i++)
        fprintf(export->table[TAXES], "%" PRIu64 ",%" PRIu32 ",%" PRId64 ",%" PRId64 ",%" PRId64 "\n", bon->seq,
                bon->rates[i].tax_bp, bon->rates[i].gross_minor, bon->rates[i].net_minor, bon->rates[i].tax_minor);
    for (size_t i = 0; i < bon->n_payments; i++)
        fprintf(export->table[PAYMENTS], "%" PRIu64 ",%s,%" PRId64 "\n", bon->seq, bon->payments[i].kind,
                bon->payments[i].amount_minor);
}

static void csv_entry(struct export *export, const struct entry *entry)
{
    FILE *f = export->table[JOURNAL];
    char when[CF_WALL_TEXT_MAX];
    cf_wall_format(entry->at, 0, when);
    csv_int(f, (int64_t)entry->seq, ',');
    csv_text(f, entry->type, ',');
    csv_text(f, entry->what, ',');
    csv_int(f, (int64_t)entry->no, ',');
    csv_text(f, when, ',');
    csv_text(f, entry->user, ',');
    csv_text(f, entry->by, ',');
    csv_text(f, entry->concerns, ',');
    csv_text(f, entry->reason, ',');
    csv_int(f, entry->amount_minor, ',');
    csv_int(f, entry->n_void_lines, ',');
    csv_int(f, entry->void_lines_minor, ',');
    csv_text(f, entry->hash, '\n');
}

static enum cf_rc nothing_to_end(struct export *export, struct cf_error *err)
{
    (void)export;
    (void)err;
    return CF_OK;
}

const struct export_form export_csv = {
    .name = "csv", .begin = csv_begin, .put = csv_put, .put_entry = csv_entry, .end = nothing_to_end};

/* --- JSON ----------------------------------------------------------------------------------------------------------
 */

enum { DAY, DAY_JOURNAL };

static void dump(struct export *export, size_t table, json_t *object)
{
    FILE *f = export->table[table];
    if (!object || json_dumpf(object, f, JSON_COMPACT | JSON_PRESERVE_ORDER) != 0 || fputc('\n', f) == EOF)
        export->failed = true;
    json_decref(object);
}

static enum cf_rc json_begin(struct export *export, struct cf_error *err)
{
    const struct cf_z_report *z = export->z;
    enum cf_rc rc = export_open(export, DAY, "day.jsonl", err);
    if (rc == CF_OK)
        rc = export_open(export, DAY_JOURNAL, "journal.jsonl", err);
    if (rc == CF_OK)
        dump(export, DAY,
             json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "kind", "day", "terminal", (json_int_t) export->terminal,
                       "epoch", (json_int_t) export->epoch, "z_no", (json_int_t)z->z_no, "business_day",
                       (json_int_t)z->business_day, "first_seq", (json_int_t)z->first_seq, "last_seq",
                       (json_int_t)z->last_seq));
    return rc;
}

static json_t *rate_json(const struct bon_rate *r)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "tax_bp", (json_int_t)r->tax_bp, "gross_minor", (json_int_t)r->gross_minor,
                     "net_minor", (json_int_t)r->net_minor, "tax_minor", (json_int_t)r->tax_minor);
}

static json_t *line_json(const struct bon *bon, const struct bon_line *l)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:I}", "product", (json_int_t)l->product,
                     "qty_milli", (json_int_t)l->qty_milli, "unit_price_minor", (json_int_t)l->unit_price_minor,
                     "discount_minor", (json_int_t)l->discount_minor, "tax_bp", (json_int_t)bon->rates[l->rate].tax_bp,
                     "gross_minor", (json_int_t)l->gross_minor, "net_minor", (json_int_t)l->net_minor, "tax_minor",
                     (json_int_t)l->tax_minor, "price", l->price ? l->price : "", "shelf_minor",
                     (json_int_t)l->shelf_minor);
}

static json_t *discount_json(const struct cf_hand_given *given)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:o}", "line", (json_int_t)given->asked.line_no, "percent_bp",
                     (json_int_t)given->asked.percent_bp, "amount_minor", (json_int_t)given->amount_minor, "user",
                     (json_int_t)given->asked.user, "reason", cli_json_text(cf_bytes_str(given->asked.reason)));
}

static void json_put(struct export *export, const struct bon *bon)
{
    char when[CF_WALL_TEXT_MAX];
    json_t *lines = json_array(), *taxes = json_array(), *payments = json_array(), *by_hand = json_array(),
           *points = json_array();
    cf_wall_format(bon->at, 0, when);
    for (size_t i = 0; i < bon->n_lines; i++)
        json_array_append_new(lines, line_json(bon, &bon->lines[i]));
    for (size_t i = 0; i < bon->n_rates; i++)
        json_array_append_new(taxes, rate_json(&bon->rates[i]));
    for (size_t i = 0; i < bon->n_payments; i++)
        json_array_append_new(payments, json_pack("{s:s, s:I}", "kind", bon->payments[i].kind, "amount_minor",
                                                  (json_int_t)bon->payments[i].amount_minor));
    for (size_t i = 0; i < bon->n_by_hand; i++)
        json_array_append_new(by_hand, discount_json(&bon->by_hand[i]));
    for (size_t i = 0; i < bon->n_points_by; i++)
        json_array_append_new(points, json_pack("{s:I, s:I}", "campaign", (json_int_t)bon->points_by[i].campaign,
                                                "points", (json_int_t)bon->points_by[i].points));
    json_t *object = json_pack(
        "{s:s, s:I, s:I, s:s, s:o, s:s, s:o, s:I, s:I, s:I, s:I, s:s, s:o, s:o, s:o, s:o, s:o, "
        "s:I, s:I, s:o}",
        "kind", bon_kind_name(bon), "seq", (json_int_t)bon->seq, "no", (json_int_t)bon->no, "at", when, "user",
        cli_json_text(cf_bytes_str(bon->user)), "of", bon->of, "reason", cli_json_text(cf_bytes_str(bon->reason)),
        "total_minor", (json_int_t)bon->total_minor, "tax_minor", (json_int_t)bon->tax_minor, "discount_minor",
        (json_int_t)bon->discount_minor, "rounding_minor", (json_int_t)bon->rounding_minor, "hash", bon->hash, "lines",
        lines, "taxes", taxes, "payments", payments, "by_hand", by_hand, "by", cli_json_text(cf_bytes_str(bon->by)),
        "void_lines", (json_int_t)bon->n_void_lines, "void_lines_minor", (json_int_t)bon->void_lines_minor, "points",
        points);
    dump(export, DAY, object);
}

static void json_entry(struct export *export, const struct entry *entry)
{
    char when[CF_WALL_TEXT_MAX];
    cf_wall_format(entry->at, 0, when);
    dump(export, DAY_JOURNAL,
         json_pack("{s:I, s:s, s:s, s:I, s:s, s:o, s:o, s:s, s:o, s:I, s:I, s:I, s:s}", "seq", (json_int_t)entry->seq,
                   "type", entry->type, "what", entry->what, "no", (json_int_t)entry->no, "at", when, "user",
                   cli_json_text(cf_bytes_str(entry->user)), "by", cli_json_text(cf_bytes_str(entry->by)), "concerns",
                   entry->concerns, "reason", cli_json_text(cf_bytes_str(entry->reason)), "amount_minor",
                   (json_int_t)entry->amount_minor, "void_lines", (json_int_t)entry->n_void_lines, "void_lines_minor",
                   (json_int_t)entry->void_lines_minor, "hash", entry->hash));
}

const struct export_form export_json = {
    .name = "json", .begin = json_begin, .put = json_put, .put_entry = json_entry, .end = nothing_to_end};
