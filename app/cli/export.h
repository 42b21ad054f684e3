/*
 * app/cli/export.h - a business day as files: what is written, and where it comes from. cmd_export.c runs it.
 *
 * Every sale, return and event of the drawer becomes a bon: signed amounts (a return's are below zero), its taxes by
 * rate to the cent, its payments. The three forms (CSV, JSON, audit) write the same bons, so that their sums are the
 * Z's. What moves no money (a cancelled sale, a quotation, goods that were asked for) is a bon to the audit file alone;
 * to CSV and JSON it is an entry, as every record of the day is.
 */
#ifndef CF_CLI_EXPORT_H
#define CF_CLI_EXPORT_H

#include <stdio.h>

#include "app/cli/cli.h"
#include "app/receipt/sale_receipt.h"

#define EXPORT_TABLES_MAX 13
#define EXPORT_DEVICES_MAX 16
#define EXPORT_PATH_MAX 1024

struct bon_rate {
    uint32_t tax_bp;
    int64_t gross_minor, net_minor, tax_minor; /* gross: with tax */
};
struct bon_line {
    uint64_t product; /* 0: no goods */
    int64_t qty_milli, unit_price_minor, discount_minor;
    size_t rate; /* position in rates */
    int64_t gross_minor, net_minor, tax_minor;
    const char *price;   /* where the price comes from; NULL: the record does not say */
    int64_t shelf_minor; /* what 1.000 cost before a cashier changed it; 0: nobody did */
};
struct bon_payment {
    const char *kind;
    bool cash;
    int64_t amount_minor;
};
enum bon_kind { BON_SALE, BON_RETURN, BON_VOID, BON_DRAWER, BON_CANCELLED, BON_QUOTE, BON_REQUEST, BON_PICK_UP };
#define BON_NOTE_MAX 128
struct bon {
    enum bon_kind kind;
    enum cf_drawer_kind drawer;
    uint64_t seq, no; /* no 0: it has none */
    cf_wall at;
    char hash[2 * CF_SHA256_BYTES + 1];
    char user[CF_CASHIER_MAX + 1];
    char of[CF_RECEIPT_NO_MAX];  /* the receipt that goods came back from, or "order 12" that a sale paid for */
    char by[CF_CASHIER_MAX + 1]; /* who allowed it; "": nobody had to, or the record is another */
    char reason[BON_NOTE_MAX];
    uint32_t n_void_lines; /* the record does not say of which goods */
    int64_t void_lines_minor;
    size_t n_by_hand;
    const struct cf_hand_given *by_hand; /* the record's */
    int64_t points;                      /* of a member; of a return those that it took back, below zero */
    size_t n_points_by;
    struct cf_points_given points_by[CF_EFFECTS_MAX + 1]; /* of these: campaign 0 what goods earn anyway; none if the
                                                             record does not say */
    struct cf_fiscal_answer fiscal;                       /* of a signing device, if one was asked */
    int64_t total_minor, tax_minor, discount_minor, rounding_minor;
    size_t n_rates;
    struct bon_rate rates[CF_REPORT_RATES_MAX];
    size_t n_lines;
    struct bon_line *lines; /* CF_CART_LINES_MAX */
    size_t n_payments;
    struct bon_payment payments[CF_RETURN_PAID_MAX];
};

struct export
{
    const char *out;    /* what was asked for */
    const char *folder; /* where it is written */
    char part[EXPORT_PATH_MAX];
    struct cf_z_report *z; /* of the day; z_no 0: it is open */
    cf_wall z_at;
    uint32_t terminal, epoch;
    struct cf_store_settings store;
    bool has_store;
    FILE *table[EXPORT_TABLES_MAX];
    bool failed;    /* a file could not be written */
    bool has_chain; /* the chain of hashes signed something */
    /* signing devices of the day, in the order in which they appear: for the audit file */
    size_t n_devices;
    char device[EXPORT_DEVICES_MAX][CF_FISCAL_SERIAL_MAX + 1];
    /* sums of all bons, for the audit file */
    struct bon_rate sold[CF_REPORT_RATES_MAX];
    size_t n_sold;
    int64_t cards_minor;    /* gift cards sold: of it no tax is due */
    int64_t rounding_minor; /* what there were coins for, less what was due */
    int64_t drawer_minor[CF_DRAWER_COUNT + 1];
    int64_t paid_minor[CF_REPORT_TENDERS_MAX + 1];
};
/* A record of the day, whatever it is. */
struct entry {
    uint64_t seq, no; /* no 0: it has none */
    const char *type, *what;
    cf_wall at;
    char hash[2 * CF_SHA256_BYTES + 1];
    char user[CF_CASHIER_MAX + 1], by[CF_CASHIER_MAX + 1];
    char concerns[CF_RECEIPT_NO_MAX + 16]; /* a receipt, an order, what was allowed */
    char reason[BON_NOTE_MAX];
    int64_t amount_minor;
    uint32_t n_void_lines;
    int64_t void_lines_minor;
};
/* One form of the files. */
struct export_form {
    const char *name;
    bool puts_all; /* bons that move no money too */
    enum cf_rc (*begin)(struct export *export, struct cf_error *err);
    void (*put)(struct export *export, const struct bon *bon);
    void (*put_entry)(struct export *export, const struct entry *entry); /* NULL: it has none */
    enum cf_rc (*end)(struct export *export, struct cf_error *err);
};
extern const struct export_form export_csv, export_json, export_audit;

/* Bons from records; scratch is the caller's. CF_E_OVERFLOW. */
enum cf_rc bon_of_sale(const struct cf_sale *sale, struct bon *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc bon_of_return(const struct cf_return *r, struct bon *ret, struct cf_error *err) CF_MUST_CHECK;
/* `back` is scratch space. */
enum cf_rc bon_of_open_return(const struct cf_open_return *open, struct cf_return *back, struct bon *ret,
                              struct cf_error *err) CF_MUST_CHECK;
enum cf_rc bon_of_drawer(const struct cf_drawer_event *event, struct bon *ret, struct cf_error *err) CF_MUST_CHECK;
/* The goods that were still on it are its reason: the record has their sum alone. */
enum cf_rc bon_of_cancelled(const struct cf_cancelled *cancelled, cf_currency currency, struct bon *ret,
                            struct cf_error *err) CF_MUST_CHECK;
enum cf_rc bon_of_quote(const struct cf_sale *sale, struct bon *ret, struct cf_error *err) CF_MUST_CHECK;
/* Of one that asks for goods; who the shopper is does not go into it. */
enum cf_rc bon_of_request(const struct cf_request_record *request, enum cf_tax_mode mode, struct bon *ret,
                          struct cf_error *err) CF_MUST_CHECK;
/* Of goods that were paid online: what they came to is its reason, and no sum of the day. */
enum cf_rc bon_of_pick_up(const struct cf_pick_up *taken, cf_currency currency, struct bon *ret,
                          struct cf_error *err) CF_MUST_CHECK;
bool bon_moves_money(const struct bon *bon);
const char *bon_kind_name(const struct bon *bon);

/* --- the journal ---------------------------------------------------------------------------------------------------
 */

/* `bon`: what was made of the record, NULL if nothing was. CF_E_RECORD. */
enum cf_rc entry_of(const struct cf_record *record, const struct bon *bon, struct entry *ret,
                    struct cf_error *err) CF_MUST_CHECK;

/* --- files -------------------------------------------------------------------------------------------------------- */

/* Where the files go: `out`, if it is there; else a folder that becomes `out` once all is well (export_folder.c). */
enum cf_rc export_folder_begin(struct export *export, const char *out, struct cf_error *err) CF_MUST_CHECK;
/* rc: how the export went; then nothing is left of what it made. */
enum cf_rc export_folder_end(struct export *export, enum cf_rc rc, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc export_file_close(FILE *file, const char *folder, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc export_open(struct export *export, size_t table, const char *name, struct cf_error *err) CF_MUST_CHECK;
/* CSV as RFC 4180: a text in quotes, which no spreadsheet takes for a formula. */
void csv_text(FILE *file, const char *text, char after);
void csv_int(FILE *file, int64_t value, char after);

#endif
