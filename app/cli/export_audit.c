/*
 * app/cli/export_audit.c - a closed day as an audit file after DSFinV-K 2.3 (docs/adr/0011): its tables and columns, as
 * far as this till has what they hold, with an index.xml that describes them. See export.h.
 *
 * Text in quotes, columns parted by semicolons, decimals with a comma, lines ended by CR LF.
 */
#include "app/cli/export.h"

#include <inttypes.h>
#include <string.h>

enum {
    CLOSING,
    VAT,
    CASES,
    PAYMENTS,
    TRANSACTIONS,
    TRANSACTIONS_VAT,
    DATA_PAYMENT,
    LINES,
    LINES_VAT,
    TSE,
    DEVICES,
    POINTS,
    INDEX
};

/* A column's name, and how many decimals: none for text. */
struct column {
    const char *name;
    int decimals;
};
#define TEXT (-1)
#define KEY                                                                                                            \
    {"Z_KASSE_ID", TEXT}, {"Z_ERSTELLUNG", TEXT},                                                                      \
    {                                                                                                                  \
        "Z_NR", 0                                                                                                      \
    }
#define COLUMNS_MAX 16

static const struct {
    const char *file, *name;
    struct column column[COLUMNS_MAX]; /* name NULL ends them */
} tables[] = {
    [CLOSING] = {"cashpointclosing.csv",
                 "Stamm_Abschluss",
                 {KEY,
                  {"Z_BUCHUNGSTAG", TEXT},
                  {"TAXONOMIE_VERSION", TEXT},
                  {"Z_START_ID", TEXT},
                  {"Z_ENDE_ID", TEXT},
                  {"NAME", TEXT},
                  {"STRASSE", TEXT},
                  {"USTID", TEXT},
                  {"Z_SE_ZAHLUNGEN", 2},
                  {"Z_SE_BARZAHLUNGEN", 2}}},
    [VAT] = {"vat.csv", "Stamm_USt", {KEY, {"UST_SCHLUESSEL", 0}, {"UST_SATZ", 2}, {"UST_BESCHR", TEXT}}},
    [CASES] = {"businesscases.csv",
               "Z_GV_Typ",
               {KEY,
                {"GV_TYP", TEXT},
                {"GV_NAME", TEXT},
                {"AGENTUR_ID", 0},
                {"UST_SCHLUESSEL", 0},
                {"Z_UMS_BRUTTO", 5},
                {"Z_UMS_NETTO", 5},
                {"Z_UST", 5}}},
    [PAYMENTS] = {"payment.csv",
                  "Z_Zahlart",
                  {KEY, {"ZAHLART_TYP", TEXT}, {"ZAHLART_NAME", TEXT}, {"Z_ZAHLART_BETRAG", 2}}},
    [TRANSACTIONS] = {"transactions.csv",
                      "Bonkopf",
                      {KEY,
                       {"BON_ID", TEXT},
                       {"BON_NR", 0},
                       {"BON_TYP", TEXT},
                       {"BON_NAME", TEXT},
                       {"BON_STORNO", 0},
                       {"BON_START", TEXT},
                       {"BON_ENDE", TEXT},
                       {"BEDIENER_ID", TEXT},
                       {"BEDIENER_NAME", TEXT},
                       {"UMS_BRUTTO", 2},
                       {"BON_NOTIZ", TEXT}}},
    [TRANSACTIONS_VAT] =
        {"transactions_vat.csv",
         "Bonkopf_USt",
         {KEY, {"BON_ID", TEXT}, {"UST_SCHLUESSEL", 0}, {"BON_BRUTTO", 5}, {"BON_NETTO", 5}, {"BON_UST", 5}}},
    [DATA_PAYMENT] = {"datapayment.csv",
                      "Bonkopf_Zahlarten",
                      {KEY,
                       {"BON_ID", TEXT},
                       {"ZAHLART_TYP", TEXT},
                       {"ZAHLART_NAME", TEXT},
                       {"ZAHLWAEH_CODE", TEXT},
                       {"BASISWAEH_BETRAG", 2}}},
    [LINES] = {"lines.csv",
               "Bonpos",
               {KEY,
                {"BON_ID", TEXT},
                {"POS_ZEILE", 0},
                {"ARTIKELTEXT", TEXT},
                {"GV_TYP", TEXT},
                {"GV_NAME", TEXT},
                {"P_STORNO", 0},
                {"ART_NR", TEXT},
                {"MENGE", 3},
                {"STK_BR", 5}}},
    [LINES_VAT] = {"lines_vat.csv",
                   "Bonpos_USt",
                   {KEY,
                    {"BON_ID", TEXT},
                    {"POS_ZEILE", 0},
                    {"UST_SCHLUESSEL", 0},
                    {"POS_BRUTTO", 5},
                    {"POS_NETTO", 5},
                    {"POS_UST", 5}}},
    [TSE] = {"transactions_tse.csv",
             "TSE_Transaktionen",
             {KEY,
              {"BON_ID", TEXT},
              {"TSE_ID", 0},
              {"TSE_TANR", 0},
              {"TSE_TA_START", TEXT},
              {"TSE_TA_ENDE", TEXT},
              {"TSE_TA_VORGANGSART", TEXT},
              {"TSE_TA_SIGZ", 0},
              {"TSE_TA_SIG", TEXT},
              {"TSE_TA_FEHLER", TEXT}}},
    [DEVICES] = {"tse.csv", "Stamm_TSE", {KEY, {"TSE_ID", 0}, {"TSE_SERIAL", TEXT}, {"TSE_SIG_ALGO", TEXT}}},
    /* A table of our own, which the specification does not know. */
    [POINTS] = {"points.csv", "Punkte", {KEY, {"BON_ID", TEXT}, {"AKTION", 0}, {"PUNKTE", 0}}},
};
#define TABLES (sizeof tables / sizeof tables[0])

/* --- cells ---------------------------------------------------------------------------------------------------------
 */

static void text(FILE *f, const char *value)
{
    fputc('"', f);
    for (const char *c = value; *c; c++) {
        if (*c == '"')
            fputc('"', f);
        fputc(*c, f);
    }
    fputs("\";", f);
}

static void number(FILE *f, int64_t value)
{
    fprintf(f, "%" PRId64 ";", value);
}

/* `digits` of value stand behind the comma; `decimals` are written. */
static void decimal(FILE *f, int64_t value, unsigned digits, int decimals)
{
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value, scale = 1;
    for (unsigned i = 0; i < digits; i++)
        scale *= 10;
    fprintf(f, "%s%" PRIu64, value < 0 ? "-" : "", size / scale);
    if (digits > 0)
        fprintf(f, ",%0*" PRIu64, (int)digits, size % scale);
    else if (decimals > 0)
        fputc(',', f);
    for (int i = (int)digits; i < decimals; i++)
        fputc('0', f);
    fputc(';', f);
}

static void amount(const struct export *export, FILE *f, int64_t minor, int decimals)
{
    decimal(f, minor, cf_currency_digits(export->store.currency), decimals);
}

static void end_row(FILE *f)
{
    fseek(f, -1, SEEK_CUR); /* the last semicolon */
    fputs("\r\n", f);
}

static FILE *begin_row(struct export *export, size_t table)
{
    FILE *f = export->table[table];
    char till[48], when[CF_WALL_TEXT_MAX];
    (void)snprintf(till, sizeof till, "%" PRIu32 "-%" PRIu32, export->terminal, export->epoch);
    cf_wall_format(export->z_at, 0, when);
    text(f, till);
    text(f, when);
    number(f, export->z->z_no);
    return f;
}

/* 1 and 2 are Germany's rates, 5 is none; others have numbers of their own. */
static int64_t tax_key(uint32_t tax_bp)
{
    return tax_bp == 1900 ? 1 : tax_bp == 700 ? 2 : tax_bp == 0 ? 5 : 1000 + (int64_t)tax_bp;
}

static const char *pay_type(const struct bon_payment *payment)
{
    if (payment->kind[0] == '\0')
        return "Keine";
    return payment->cash ? "Bar" : "Unbar";
}

/* Another process than a receipt (AV: anderer Vorgang) moves no revenue. */
static const char *bon_type(const struct bon *bon)
{
    switch (bon->kind) {
    case BON_SALE:
    case BON_RETURN:
    case BON_VOID:
        return "Beleg";
    case BON_CANCELLED:
        return "AVBelegabbruch";
    case BON_REQUEST:
        return "AVBestellung";
    case BON_DRAWER:
    case BON_QUOTE:
    case BON_PICK_UP:
        break;
    }
    return "AVSonstige";
}

/* A voucher for anything: what is put on it is no revenue yet. */
#define CARD_SOLD "MehrzweckgutscheinKauf"
/* DSFinV-K knows no rounding to coins: it is a difference between what is due and what is in the drawer, of which no
 * tax is due, and has a name of its own beside what a count finds. */
#define ROUNDING_TYPE "DifferenzSollIst"
#define ROUNDING_NAME "rounding"

static const char *case_of(const struct bon *bon)
{
    if (bon->kind != BON_DRAWER)
        return "Umsatz";
    switch (bon->drawer) {
    case CF_DRAWER_FLOAT:
        return "Anfangsbestand";
    case CF_DRAWER_PAID_IN:
        return "Einzahlung";
    case CF_DRAWER_PAID_OUT:
        return "Auszahlung";
    case CF_DRAWER_DROP:
        return "Geldtransit";
    case CF_DRAWER_NO_SALE:
    case CF_DRAWER_COUNT:
        break;
    }
    return "DifferenzSollIst";
}

/* --- bons ----------------------------------------------------------------------------------------------------------
 */

static enum cf_rc audit_begin(struct export *export, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    if (export->z->z_no == 0)
        return cf_fail(err, CF_E_STATE, "an audit file is made of a day that is closed: --z NUMBER");
    for (size_t i = 0; rc == CF_OK && i < TABLES; i++) {
        rc = export_open(export, i, tables[i].file, err);
        for (size_t c = 0; rc == CF_OK && tables[i].column[c].name; c++)
            fprintf(export->table[i], "%s%s", c ? ";" : "", tables[i].column[c].name);
        if (rc == CF_OK)
            fputs("\r\n", export->table[i]);
    }
    return rc == CF_OK ? export_open(export, INDEX, "index.xml", err) : rc;
}

static void put_head(struct export *export, const struct bon *bon, const char *id)
{
    FILE *f = begin_row(export, TRANSACTIONS);
    char when[CF_WALL_TEXT_MAX], note[sizeof bon->of + sizeof bon->reason + 2];
    bool gives_back = bon->kind == BON_RETURN || bon->kind == BON_VOID; /* both: of which receipt, and why */
    (void)snprintf(note, sizeof note, "%s%s%s", gives_back || !bon->reason[0] ? bon->of : "",
                   gives_back && bon->of[0] && bon->reason[0] ? ": " : "", bon->reason);
    cf_wall_format(bon->at, 0, when);
    text(f, id);
    number(f, (int64_t)bon->seq);
    text(f, bon_type(bon));
    text(f, bon_kind_name(bon));
    number(f, bon->kind == BON_VOID);
    text(f, when);
    text(f, when);
    text(f, bon->user);
    text(f, bon->user);
    amount(export, f, bon->kind == BON_CANCELLED ? 0 : bon->total_minor + bon->rounding_minor, 2);
    text(f, note);
    end_row(f);
}

/* --- signatures ----------------------------------------------------------------------------------------------------
 */

/* The till's chain of hashes signs where no device does: it is number 1. */
#define CHAIN 1

static void put_device(struct export *export, int64_t id, const char *serial, const char *algorithm)
{
    FILE *f = begin_row(export, DEVICES);
    number(f, id);
    text(f, serial);
    text(f, algorithm);
    end_row(f);
}

/* Devices are numbered from 2, in the order in which they appear; 0: there are more than a till can have had. */
static int64_t device_id(struct export *export, const char *serial)
{
    for (size_t i = 0; i < export->n_devices; i++)
        if (strcmp(export->device[i], serial) == 0)
            return CHAIN + 1 + (int64_t)i;
    if (export->n_devices == EXPORT_DEVICES_MAX)
        return 0;
    (void)snprintf(export->device[export->n_devices++], sizeof export->device[0], "%s", serial);
    int64_t id = CHAIN + (int64_t) export->n_devices;
    put_device(export, id, serial, "");
    return id;
}

static void put_chain(struct export *export, const struct bon *bon, const char *id)
{
    if (!export->has_chain) {
        char till[48];
        (void)snprintf(till, sizeof till, "%" PRIu32 "-%" PRIu32, export->terminal, export->epoch);
        put_device(export, CHAIN, till, "SHA-256");
        export->has_chain = true;
    }
    FILE *f = begin_row(export, TSE);
    char when[CF_WALL_TEXT_MAX];
    cf_wall_format(bon->at, 0, when);
    text(f, id);
    number(f, CHAIN);
    number(f, (int64_t)bon->seq);
    text(f, when);
    text(f, when);
    text(f, "");
    number(f, (int64_t)bon->seq);
    text(f, bon->hash);
    text(f, "");
    end_row(f);
}

/* What the device said, as the record has it; one that failed left a transaction open, or none. */
static void put_signed(struct export *export, const struct bon *bon, const char *id)
{
    const struct cf_fiscal_answer *fiscal = &bon->fiscal;
    const bool failed = fiscal->signature[0] == '\0';
    char start[CF_WALL_TEXT_MAX] = "", end[CF_WALL_TEXT_MAX] = "";
    const int64_t device = failed ? 0 : device_id(export, fiscal->serial);
    if (fiscal->end_s != 0) {
        cf_wall_format(cf_wall_from_s(fiscal->start_s), 0, start);
        cf_wall_format(cf_wall_from_s(fiscal->end_s), 0, end);
    }
    FILE *f = begin_row(export, TSE);
    text(f, id);
    number(f, device);
    number(f, (int64_t)fiscal->transaction);
    text(f, start);
    text(f, end);
    text(f, "Kassenbeleg-V1");
    number(f, (int64_t)fiscal->counter);
    text(f, fiscal->signature);
    text(f, failed ? "TSE ausgefallen" : "");
    end_row(f);
}

static void put_vat_row(struct export *export, size_t table, const char *id, size_t line, uint32_t tax_bp,
                        const int64_t minor[3])
{
    FILE *f = begin_row(export, table);
    text(f, id);
    if (table == LINES_VAT)
        number(f, (int64_t)line);
    number(f, tax_key(tax_bp));
    for (size_t i = 0; i < 3; i++)
        amount(export, f, minor[i], 5);
    end_row(f);
}

/* What a position of a bon is called. */
struct position {
    size_t line_no;
    const char *text, *type, *name;
    uint32_t tax_bp;
};

static void put_position(struct export *export, const struct bon *bon, const char *id, const struct position *position,
                         const struct bon_line *line)
{
    FILE *f = begin_row(export, LINES);
    char product[32] = "";
    if (line->product != 0)
        (void)snprintf(product, sizeof product, "%" PRIu64, line->product);
    text(f, id);
    number(f, (int64_t)position->line_no);
    text(f, line->product != 0 ? product : position->text);
    text(f, position->type);
    text(f, position->name);
    number(f, bon->kind == BON_VOID);
    text(f, product);
    decimal(f, line->qty_milli, 3, 3);
    amount(export, f, line->unit_price_minor, 5);
    end_row(f);
    const int64_t minor[3] = {line->gross_minor, line->net_minor, line->tax_minor};
    put_vat_row(export, LINES_VAT, id, position->line_no, position->tax_bp, minor);
}

static void put_line(struct export *export, const struct bon *bon, const char *id, size_t line_no,
                     const struct bon_line *line)
{
    const bool card = line->product == CF_PRODUCT_GIFT_CARD;
    const struct position position = {line_no, bon_kind_name(bon), card ? CARD_SOLD : case_of(bon), "",
                                      bon->n_rates ? bon->rates[line->rate].tax_bp : 0};
    put_position(export, bon, id, &position, line);
    export->cards_minor += card ? line->gross_minor : 0;
}

/* One position of an amount of which no tax is due. */
static void put_untaxed(struct export *export, const struct bon *bon, const char *id, const struct position *position,
                        int64_t minor)
{
    const struct bon_line line = {
        .qty_milli = 1000, .unit_price_minor = minor, .gross_minor = minor, .net_minor = minor};
    const int64_t vat[3] = {minor, minor, 0};
    put_position(export, bon, id, position, &line);
    put_vat_row(export, TRANSACTIONS_VAT, id, 0, 0, vat);
}

static void put_payment(struct export *export, const char *id, const struct bon_payment *payment)
{
    FILE *f = begin_row(export, DATA_PAYMENT);
    enum cf_tender_kind kind;
    text(f, id);
    text(f, pay_type(payment));
    text(f, payment->kind);
    text(f, export->store.currency.code);
    amount(export, f, payment->amount_minor, 2);
    end_row(f);
    if (cf_tender_kind_parse(payment->kind, &kind) && (int)kind <= CF_REPORT_TENDERS_MAX)
        export->paid_minor[kind] += payment->amount_minor;
}

static void add_sold(struct export *export, const struct bon_rate *rate)
{
    size_t i = 0;
    while (i < export->n_sold && export->sold[i].tax_bp != rate->tax_bp)
        i++;
    if (i == CF_REPORT_RATES_MAX) {
        export->failed = true; /* a Z has no more either */
        return;
    }
    export->n_sold += i == export->n_sold;
    export->sold[i].tax_bp = rate->tax_bp;
    export->sold[i].gross_minor += rate->gross_minor;
    export->sold[i].net_minor += rate->net_minor;
    export->sold[i].tax_minor += rate->tax_minor;
}

static void put_rounding(struct export *export, const struct bon *bon, const char *id)
{
    const struct position position = {bon->n_lines + 1, ROUNDING_NAME, ROUNDING_TYPE, ROUNDING_NAME, 0};
    put_untaxed(export, bon, id, &position, bon->rounding_minor);
    export->rounding_minor += bon->rounding_minor;
}

static void put_drawer(struct export *export, const struct bon *bon, const char *id)
{
    const struct bon_payment cash = {"cash", true, bon->total_minor};
    const struct position position = {1, bon_kind_name(bon), case_of(bon), "", 0};
    put_untaxed(export, bon, id, &position, bon->total_minor);
    put_payment(export, id, &cash);
    export->drawer_minor[bon->drawer] += bon->total_minor;
}

static void put_points(struct export *export, const struct bon *bon, const char *id)
{
    for (size_t i = 0; i < bon->n_points_by; i++) {
        FILE *f = begin_row(export, POINTS);
        text(f, id);
        number(f, bon->points_by[i].campaign);
        number(f, bon->points_by[i].points);
        end_row(f);
    }
}

static void audit_put(struct export *export, const struct bon *bon)
{
    char id[CF_RECEIPT_NO_MAX];
    cf_receipt_no_format(export->terminal, export->epoch, bon->seq, id);
    put_head(export, bon, id);
    if (bon->fiscal.is)
        put_signed(export, bon, id);
    else
        put_chain(export, bon, id);
    for (size_t i = 0; i < bon->n_lines; i++)
        put_line(export, bon, id, i + 1, &bon->lines[i]);
    for (size_t i = 0; i < bon->n_rates; i++) {
        const struct bon_rate *r = &bon->rates[i];
        const int64_t minor[3] = {r->gross_minor, r->net_minor, r->tax_minor};
        put_vat_row(export, TRANSACTIONS_VAT, id, 0, r->tax_bp, minor);
        if (bon_moves_money(bon))
            add_sold(export, r);
    }
    for (size_t i = 0; i < bon->n_payments; i++)
        put_payment(export, id, &bon->payments[i]);
    put_points(export, bon, id);
    if (bon->rounding_minor != 0)
        put_rounding(export, bon, id);
    if (!bon_moves_money(bon)) {
        const struct bon_payment none = {"", false, 0};
        put_payment(export, id, &none);
    }
    if (bon->kind == BON_DRAWER && bon->drawer != CF_DRAWER_NO_SALE)
        put_drawer(export, bon, id);
}

/* --- the day -------------------------------------------------------------------------------------------------------
 */

static void put_case(struct export *export, const char *type, const char *name, uint32_t tax_bp, const int64_t minor[3])
{
    FILE *f = begin_row(export, CASES);
    text(f, type);
    text(f, name);
    number(f, 0);
    number(f, tax_key(tax_bp));
    for (size_t i = 0; i < 3; i++)
        amount(export, f, minor[i], 5);
    end_row(f);
}

static void put_sums(struct export *export)
{
    for (size_t i = 0; i < export->n_sold; i++) {
        const struct bon_rate *r = &export->sold[i];
        const int64_t cards = r->tax_bp == 0 ? export->cards_minor : 0;
        const int64_t minor[3] = {r->gross_minor - cards, r->net_minor - cards, r->tax_minor};
        const int64_t sold[3] = {cards, cards, 0};
        if (cards == 0 || minor[0] != 0)
            put_case(export, "Umsatz", "", r->tax_bp, minor);
        if (cards != 0)
            put_case(export, CARD_SOLD, "", 0, sold);
        FILE *f = begin_row(export, VAT);
        number(f, tax_key(r->tax_bp));
        decimal(f, r->tax_bp, 2, 2);
        text(f, "");
        end_row(f);
    }
    for (int kind = CF_DRAWER_FLOAT; kind <= CF_DRAWER_COUNT; kind++) {
        const struct bon bon = {.kind = BON_DRAWER, .drawer = (enum cf_drawer_kind)kind};
        const int64_t minor[3] = {export->drawer_minor[kind], export->drawer_minor[kind], 0};
        if (minor[0] != 0)
            put_case(export, case_of(&bon), "", 0, minor);
    }
    const int64_t rounding[3] = {export->rounding_minor, export->rounding_minor, 0};
    if (rounding[0] != 0)
        put_case(export, ROUNDING_TYPE, ROUNDING_NAME, 0, rounding);
    for (int kind = CF_TENDER_CASH; kind <= CF_REPORT_TENDERS_MAX; kind++) {
        if (export->paid_minor[kind] == 0)
            continue;
        FILE *f = begin_row(export, PAYMENTS);
        text(f, kind == CF_TENDER_CASH ? "Bar" : "Unbar");
        text(f, cf_tender_kind_name((enum cf_tender_kind)kind));
        amount(export, f, export->paid_minor[kind], 2);
        end_row(f);
    }
}

static void put_closing(struct export *export)
{
    const struct cf_z_report *z = export->z;
    FILE *f = begin_row(export, CLOSING);
    char day[16], first[CF_RECEIPT_NO_MAX], last[CF_RECEIPT_NO_MAX];
    int64_t paid = 0;
    (void)snprintf(day, sizeof day, "%04u-%02u-%02u", z->business_day / 10000 % 10000, z->business_day / 100 % 100,
                   z->business_day % 100);
    cf_receipt_no_format(export->terminal, export->epoch, z->first_seq, first);
    cf_receipt_no_format(export->terminal, export->epoch, z->last_seq, last);
    for (size_t k = 1; k <= CF_REPORT_TENDERS_MAX; k++)
        paid += export->paid_minor[k];
    text(f, day);
    text(f, "2.3");
    text(f, first);
    text(f, last);
    text(f, export->store.name);
    text(f, export->store.address);
    text(f, export->store.tax_id);
    amount(export, f, paid, 2);
    amount(export, f, export->paid_minor[CF_TENDER_CASH], 2);
    end_row(f);
}

static void put_index(FILE *f)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          "<!DOCTYPE DataSet SYSTEM \"gdpdu-01-09-2004.dtd\">\n<DataSet>\n  <Version>1.0</Version>\n  <Media>\n"
          "    <Name>Counterfoil</Name>\n",
          f);
    for (size_t i = 0; i < TABLES; i++) {
        fprintf(f,
                "    <Table>\n      <URL>%s</URL>\n      <Name>%s</Name>\n      <UTF8/>\n"
                "      <DecimalSymbol>,</DecimalSymbol>\n      <DigitGroupingSymbol>.</DigitGroupingSymbol>\n"
                "      <Range><From>2</From></Range>\n      <VariableLength>\n"
                "        <ColumnDelimiter>;</ColumnDelimiter>\n        <RecordDelimiter>&#13;&#10;</RecordDelimiter>\n"
                "        <TextEncapsulator>\"</TextEncapsulator>\n",
                tables[i].file, tables[i].name);
        for (size_t c = 0; tables[i].column[c].name; c++) {
            const struct column *column = &tables[i].column[c];
            fprintf(f, "        <VariableColumn><Name>%s</Name>", column->name);
            if (column->decimals == TEXT)
                fputs("<AlphaNumeric/>", f);
            else if (column->decimals == 0)
                fputs("<Numeric/>", f);
            else
                fprintf(f, "<Numeric><Accuracy>%d</Accuracy></Numeric>", column->decimals);
            fputs("</VariableColumn>\n", f);
        }
        fputs("      </VariableLength>\n    </Table>\n", f);
    }
    fputs("  </Media>\n</DataSet>\n", f);
}

static enum cf_rc audit_end(struct export *export, struct cf_error *err)
{
    (void)err;
    put_sums(export);
    put_closing(export);
    put_index(export->table[INDEX]);
    return CF_OK;
}

const struct export_form export_audit = {
    .name = "audit", .puts_all = true, .begin = audit_begin, .put = audit_put, .end = audit_end};
