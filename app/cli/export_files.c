/*
 * app/cli/export_files.c - a day as CSV for a spreadsheet, or as JSON lines; see export.h.
 */
#include "app/cli/export.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"

#define PATH_BYTES_MAX 1024

enum cf_rc export_open(struct export *export, size_t table, const char *name, struct cf_error *err)
{
    char path[PATH_BYTES_MAX];
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

enum { BONS, LINES, TAXES, PAYMENTS };

static enum cf_rc csv_begin(struct export *export, struct cf_error *err)
{
    enum cf_rc rc = export_open(export, BONS, "bons.csv", err);
    if (rc == CF_OK)
        rc = export_open(export, LINES, "lines.csv", err);
    if (rc == CF_OK)
        rc = export_open(export, TAXES, "taxes.csv", err);
    if (rc == CF_OK)
        rc = export_open(export, PAYMENTS, "payments.csv", err);
    if (rc != CF_OK)
        return rc;
    fputs("seq,kind,no,at,user,of,reason,total_minor,tax_minor,discount_minor,rounding_minor,hash\n",
          export->table[BONS]);
    fputs("seq,line,product,qty_milli,unit_price_minor,discount_minor,tax_bp,gross_minor,net_minor,tax_minor\n",
          export->table[LINES]);
    fputs("seq,tax_bp,gross_minor,net_minor,tax_minor\n", export->table[TAXES]);
    fputs("seq,kind,amount_minor\n", export->table[PAYMENTS]);
    return CF_OK;
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
    csv_text(f, bon->reason ? bon->reason : "", ',');
    csv_int(f, bon->total_minor, ',');
    csv_int(f, bon->tax_minor, ',');
    csv_int(f, bon->discount_minor, ',');
    csv_int(f, bon->rounding_minor, ',');
    csv_text(f, bon->hash, '\n');
    for (size_t i = 0; i < bon->n_lines; i++) {
        const struct bon_line *l = &bon->lines[i];
        fprintf(export->table[LINES],
                "%" PRIu64 ",%zu,%" PRIu64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRIu32 ",%" PRId64 ",%" PRId64
                ",%" PRId64 "\n",
                bon->seq, i + 1, l->product, l->qty_milli, l->unit_price_minor, l->discount_minor,
                bon->rates[l->rate].tax_bp, l->gross_minor, l->net_minor, l->tax_minor);
    }
    for (size_t i = 0; i < bon->n_rates; i++)
        fprintf(export->table[TAXES], "%" PRIu64 ",%" PRIu32 ",%" PRId64 ",%" PRId64 ",%" PRId64 "\n", bon->seq,
                bon->rates[i].tax_bp, bon->rates[i].gross_minor, bon->rates[i].net_minor, bon->rates[i].tax_minor);
    for (size_t i = 0; i < bon->n_payments; i++)
        fprintf(export->table[PAYMENTS], "%" PRIu64 ",%s,%" PRId64 "\n", bon->seq, bon->payments[i].kind,
                bon->payments[i].amount_minor);
}

static enum cf_rc nothing_to_end(struct export *export, struct cf_error *err)
{
    (void)export;
    (void)err;
    return CF_OK;
}

const struct export_form export_csv = {"csv", csv_begin, csv_put, nothing_to_end};

/* --- JSON ----------------------------------------------------------------------------------------------------------
 */

static void dump(struct export *export, json_t *object)
{
    if (!object || json_dumpf(object, export->table[0], JSON_COMPACT | JSON_PRESERVE_ORDER) != 0 ||
        fputc('\n', export->table[0]) == EOF)
        export->failed = true;
    json_decref(object);
}

static enum cf_rc json_begin(struct export *export, struct cf_error *err)
{
    const struct cf_z_report *z = export->z;
    enum cf_rc rc = export_open(export, 0, "day.jsonl", err);
    if (rc == CF_OK)
        dump(export, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "kind", "day", "terminal",
                               (json_int_t) export->terminal, "epoch", (json_int_t) export->epoch, "z_no",
                               (json_int_t)z->z_no, "business_day", (json_int_t)z->business_day, "first_seq",
                               (json_int_t)z->first_seq, "last_seq", (json_int_t)z->last_seq));
    return rc;
}

static json_t *rate_json(const struct bon_rate *r)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "tax_bp", (json_int_t)r->tax_bp, "gross_minor", (json_int_t)r->gross_minor,
                     "net_minor", (json_int_t)r->net_minor, "tax_minor", (json_int_t)r->tax_minor);
}

static json_t *line_json(const struct bon *bon, const struct bon_line *l)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "product", (json_int_t)l->product, "qty_milli",
                     (json_int_t)l->qty_milli, "unit_price_minor", (json_int_t)l->unit_price_minor, "discount_minor",
                     (json_int_t)l->discount_minor, "tax_bp", (json_int_t)bon->rates[l->rate].tax_bp, "gross_minor",
                     (json_int_t)l->gross_minor, "net_minor", (json_int_t)l->net_minor, "tax_minor",
                     (json_int_t)l->tax_minor);
}

static void json_put(struct export *export, const struct bon *bon)
{
    char when[CF_WALL_TEXT_MAX];
    json_t *lines = json_array(), *taxes = json_array(), *payments = json_array();
    cf_wall_format(bon->at, 0, when);
    for (size_t i = 0; i < bon->n_lines; i++)
        json_array_append_new(lines, line_json(bon, &bon->lines[i]));
    for (size_t i = 0; i < bon->n_rates; i++)
        json_array_append_new(taxes, rate_json(&bon->rates[i]));
    for (size_t i = 0; i < bon->n_payments; i++)
        json_array_append_new(payments, json_pack("{s:s, s:I}", "kind", bon->payments[i].kind, "amount_minor",
                                                  (json_int_t)bon->payments[i].amount_minor));
    json_t *object = json_pack("{s:s, s:I, s:I, s:s, s:o, s:s, s:o, s:I, s:I, s:I, s:I, s:s, s:o, s:o, s:o}", "kind",
                               bon_kind_name(bon), "seq", (json_int_t)bon->seq, "no", (json_int_t)bon->no, "at", when,
                               "user", cli_json_text(cf_bytes_str(bon->user)), "of", bon->of, "reason",
                               cli_json_text(cf_bytes_str(bon->reason ? bon->reason : "")), "total_minor",
                               (json_int_t)bon->total_minor, "tax_minor", (json_int_t)bon->tax_minor, "discount_minor",
                               (json_int_t)bon->discount_minor, "rounding_minor", (json_int_t)bon->rounding_minor,
                               "hash", bon->hash, "lines", lines, "taxes", taxes, "payments", payments);
    dump(export, object);
}

const struct export_form export_json = {"json", json_begin, json_put, nothing_to_end};
