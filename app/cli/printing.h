/*
 * app/cli/printing.h - where the receipts of a command go: ESC/POS into a folder, and if asked their text and picture.
 */
#ifndef CF_CLI_PRINTING_H
#define CF_CLI_PRINTING_H

#include "app/cli/cli.h"
#include "app/receipt/sale_receipt.h"

struct cf_printer;

/* dir and views are the caller's to set; all zero prints nothing. */
struct cli_printing {
    const char *dir; /* NULL: receipts are not printed */
    bool views;
    const struct cli_till *at;
    struct cf_printer *printer;
};

/* A folder that is not there is a mistake of whoever typed it: said before goods are sold, not when paper is due. */
enum cf_rc cli_printing_check(const struct cli_printing *printing, struct cf_error *err) CF_MUST_CHECK;
/* `at` stays the caller's and outlives it. Free with cli_printing_close. */
enum cf_rc cli_printing_open(struct cli_printing *printing, const struct cli_till *at,
                             struct cf_error *err) CF_MUST_CHECK;
void cli_printing_close(struct cli_printing *printing);

/* Prints the receipt of a record and marks how that went: a copy if it may have been printed before. `name` becomes the
 * receipt's number. */
enum cf_rc cli_print(const struct cli_printing *printing, uint64_t seq, bool copy, char name[CF_RECEIPT_NO_MAX],
                     struct cf_error *err) CF_MUST_CHECK;
/* The same, or marks it as skipped if nothing is printed. */
enum cf_rc cli_print_or_skip(const struct cli_printing *printing, uint64_t seq, bool copy, char name[CF_RECEIPT_NO_MAX],
                             struct cf_error *err) CF_MUST_CHECK;

/* A document that is no record: not kept, and not marked. */
enum cf_rc cli_print_document(const struct cli_printing *printing, const struct cf_receipt *receipt, const char *name,
                              struct cf_error *err) CF_MUST_CHECK;

#endif
