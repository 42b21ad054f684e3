/*
 * app/counter/printing.h - where the receipts of a command go: ESC/POS into a folder, and if asked their text and
 * picture.
 */
#ifndef CF_COUNTER_PRINTING_H
#define CF_COUNTER_PRINTING_H

#include "app/counter/counter.h"
#include "app/receipt/sale_receipt.h"

struct cf_printer;
struct cf_devices;
struct cf_paper;

/* dir, devices or place, model and logo, and views, are the caller's to set; all zero prints nothing. */
struct cf_printing {
    const char *dir;            /* receipts become files there */
    struct cf_devices *devices; /* else: they go to the printer that these have */
    const char *place;          /* else: to the one there (devices.h), which is waited for, and for each receipt */
    const char *model;          /* app/receipt/printer_models.h; NULL: by what the printer says, or one that fits any */
    const char *logo;           /* a PNG's path; NULL: none */
    bool views;                 /* of files */
    uint64_t drawer_seq;        /* for that record the drawer was opened already */
    const struct cf_counter *at;
    struct cf_printer *printer;
    struct cf_paper *paper; /* what receipts are drawn with */
    bool ended;             /* with `place`: the last job is over, and how */
    struct cf_error how;
};

/* For getopt_long, behind a program's own: "printer-model", "logo". */
#define CF_PRINTING_OPTIONS                                                                                            \
    {"printer-model", required_argument, NULL, 0x300},                                                                 \
    {                                                                                                                  \
        "logo", required_argument, NULL, 0x301                                                                         \
    }
/* Takes one of these; false: it is none of them. */
bool cf_printing_option(int option, const char *value, struct cf_printing *printing);

/* A folder that is not there is a mistake of whoever typed it: said before goods are sold, not when paper is due. */
enum cf_rc cf_printing_check(const struct cf_printing *printing, struct cf_error *err) CF_MUST_CHECK;
/* `at` stays the caller's and outlives it. Free with cf_printing_close. CF_E_NOT_FOUND: no such model; of a logo. That
 * there is no font is no error: what a printer has no character for is '?' then. */
enum cf_rc cf_printing_open(struct cf_printing *printing, const struct cf_counter *at,
                            struct cf_error *err) CF_MUST_CHECK;
void cf_printing_close(struct cf_printing *printing);

/* Prints the receipt of a record and marks how that went: a copy if it may have been printed before. `name` becomes the
 * receipt's number. What goes to a device is only under way then, and marked by cf_printing_ended. */
enum cf_rc cf_print_record(const struct cf_printing *printing, uint64_t seq, bool copy, char name[CF_RECEIPT_NO_MAX],
                           struct cf_error *err) CF_MUST_CHECK;
/* The same, or marks it as skipped if nothing is printed. */
enum cf_rc cf_print_or_skip(struct cf_printing *printing, uint64_t seq, bool copy, char name[CF_RECEIPT_NO_MAX],
                            struct cf_error *err) CF_MUST_CHECK;

/* What a printed receipt of that record does first of all, by itself: the drawer, if it moves cash and a device is
 * there to open it. The record's receipt does not open it again. */
enum cf_rc cf_printing_open_drawer(struct cf_printing *printing, uint64_t seq, struct cf_error *err) CF_MUST_CHECK;
/* The job of a device is over, as cf_devices_options' `printed` says. What was not begun still waits to be printed. */
enum cf_rc cf_printing_ended(const struct cf_printing *printing, uint64_t id, enum cf_rc how,
                             struct cf_error *err) CF_MUST_CHECK;
bool cf_printing_is_on(const struct cf_printing *printing); /* anything is printed */

/* Does that model, NULL for none, answer with a job's name? For cf_devices_options. */
bool cf_printing_names_jobs(const char *model);

/* A document that is no record: not kept, and not marked. */
enum cf_rc cf_print_document(struct cf_printing *printing, const struct cf_receipt *receipt, const char *name,
                             struct cf_error *err) CF_MUST_CHECK;

#endif
