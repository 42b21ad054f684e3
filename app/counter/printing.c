/*
 * app/counter/printing.c - see printing.h.
 */
#include "app/counter/printing.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "app/counter/devices.h"
#include "app/receipt/escpos.h"
#include "app/receipt/png_view.h"
#include "app/receipt/text_view.h"
#include "drivers/printer/printer.h"
#include "drivers/printer/receipt_printer.h"

#define PATH_MAX_BYTES 1024
#define DOCUMENT UINT64_MAX /* the job of what is no record */

enum cf_rc cf_printing_check(const struct cf_printing *printing, struct cf_error *err)
{
    struct stat status;
    if (!printing->dir)
        return CF_OK;
    if (stat(printing->dir, &status) != 0)
        return cf_fail_errno(err, errno, "--print %s", printing->dir);
    return S_ISDIR(status.st_mode) ? CF_OK : cf_fail(err, CF_E_ARGUMENT, "--print %s is no folder", printing->dir);
}

enum cf_rc cf_printing_open(struct cf_printing *printing, const struct cf_counter *at, struct cf_error *err)
{
    printing->at = at;
    return printing->dir ? cf_printer_new_folder(cf_env_system(), printing->dir, &printing->printer, err) : CF_OK;
}

void cf_printing_close(struct cf_printing *printing)
{
    cf_printer_free(printing->printer);
    printing->printer = NULL;
}

static enum cf_rc write_view(const struct cf_printing *printing, const char *name, const char *ending,
                             const struct cf_buf *content, struct cf_error *err)
{
    char path[PATH_MAX_BYTES];
    int n = snprintf(path, sizeof path, "%s/%s.%s", printing->dir, name, ending);
    if (n < 0 || (size_t)n >= sizeof path)
        return cf_fail(err, CF_E_ARGUMENT, "the path of the receipt is too long");
    return cf_env_system()->ops->file_replace(cf_env_system()->ctx, path, cf_buf_bytes(content), 0644, err);
}

static enum cf_rc write_views(const struct cf_printing *printing, const struct cf_receipt *receipt, const char *name,
                              struct cf_error *err)
{
    struct cf_buf text, png;
    cf_buf_init(&text, CF_TEXT_VIEW_BYTES_MAX);
    cf_buf_init(&png, CF_PNG_VIEW_BYTES_MAX);
    enum cf_rc rc = cf_receipt_text(receipt, CF_TEXT_VIEW_COLUMNS, &text, err);
    if (rc == CF_OK)
        rc = write_view(printing, name, "txt", &text, err);
    if (rc == CF_OK)
        rc = cf_receipt_png(receipt, NULL, &png, err);
    if (rc == CF_OK)
        rc = write_view(printing, name, "png", &png, err);
    cf_buf_done(&text);
    cf_buf_done(&png);
    return rc;
}

static void name_receipt(const struct cf_printing *printing, uint64_t seq, char name[CF_RECEIPT_NO_MAX])
{
    cf_receipt_no_format(printing->at->identity.terminal, printing->at->identity.epoch, seq, name);
}

/* opens: the drawer, first of all. */
static enum cf_rc print_job(const struct cf_printing *printing, const struct cf_receipt *receipt, const char *name,
                            uint64_t id, bool opens, struct cf_error *err)
{
    struct cf_buf job;
    enum cf_rc rc = CF_OK;
    cf_buf_init(&job, CF_ESCPOS_BYTES_MAX);
    if (opens)
        rc = cf_buf_append(&job, CF_RECEIPT_PRINTER_PULSE, CF_RECEIPT_PRINTER_PULSE_BYTES, err);
    if (rc == CF_OK)
        rc = cf_receipt_escpos(receipt, cf_escpos_profile_default(), &job, err);
    if (rc == CF_OK && printing->devices != NULL)
        rc = cf_devices_print(printing->devices, id, cf_buf_bytes(&job), err);
    else if (rc == CF_OK)
        rc = cf_printer_print(printing->printer, name, cf_buf_bytes(&job), err);
    if (rc == CF_OK && printing->views && printing->dir != NULL)
        rc = write_views(printing, receipt, name, err);
    cf_buf_done(&job);
    return rc;
}

enum cf_rc cf_print_document(const struct cf_printing *printing, const struct cf_receipt *receipt, const char *name,
                             struct cf_error *err)
{
    return print_job(printing, receipt, name, DOCUMENT, false, err);
}

bool cf_printing_is_on(const struct cf_printing *printing)
{
    return printing->dir != NULL || printing->devices != NULL;
}

enum cf_rc cf_printing_ended(const struct cf_printing *printing, uint64_t id, enum cf_rc how, struct cf_error *err)
{
    if (id == DOCUMENT || (how != CF_OK && how != CF_E_PRINT_UNKNOWN))
        return CF_OK;
    return cf_till_printed(printing->at->till, id, how == CF_OK ? CF_PRINT_DONE : CF_PRINT_UNKNOWN, err);
}

enum cf_rc cf_print_record(const struct cf_printing *printing, uint64_t seq, bool copy, char name[CF_RECEIPT_NO_MAX],
                           struct cf_error *err)
{
    struct cf_till *till = printing->at->till;
    struct cf_receipt *receipt = NULL;
    bool opens = printing->devices != NULL && !copy && !cf_till_is_training(till) && cf_till_moves_cash(till, seq);
    name_receipt(printing, seq, name);
    enum cf_rc rc = cf_till_receipt(till, seq, &receipt, err);
    if (rc == CF_OK && copy && !cf_till_is_training(till)) /* which is marked, and no copy of anything */
        rc = cf_receipt_set_copy(receipt, CF_RECEIPT_COPY_MARK, err);
    if (rc == CF_OK)
        rc = print_job(printing, receipt, name, seq, opens, err);
    cf_receipt_free(receipt);
    if (printing->devices != NULL)
        return rc;
    enum cf_rc marked =
        cf_till_printed(till, seq, rc == CF_OK ? CF_PRINT_DONE : CF_PRINT_UNKNOWN, rc == CF_OK ? err : NULL);
    return rc == CF_OK ? marked : rc;
}

enum cf_rc cf_print_or_skip(const struct cf_printing *printing, uint64_t seq, bool copy, char name[CF_RECEIPT_NO_MAX],
                            struct cf_error *err)
{
    if (cf_printing_is_on(printing))
        return cf_print_record(printing, seq, copy, name, err);
    name_receipt(printing, seq, name);
    return cf_till_printed(printing->at->till, seq, CF_PRINT_SKIPPED, err);
}
