/*
 * app/counter/printing.c - see printing.h.
 */
#include "app/counter/printing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/counter/devices.h"
#include "app/receipt/logo.h"
#include "app/receipt/pen.h"
#include "app/receipt/png_view.h"
#include "app/receipt/printer_models.h"
#include "app/receipt/text_view.h"
#include "drivers/printer/printer.h"

#define PATH_MAX_BYTES 1024
#define DOCUMENT UINT64_MAX /* the job of what is no record */
#define PRINTER_WAIT_MS 5000
#define PAPER_WAIT_MS 90000 /* longer than a printer is waited for anyway */

struct cf_paper {
    struct cf_escpos_profile configured;
    bool is_configured;
    struct cf_printer_said said; /* what the printer said that `known` is the model of */
    struct cf_escpos_profile known;
    bool is_known;
    bool pen_sought;   /* on the first receipt: a till that starts has no use for a font yet */
    struct cf_pen pen; /* draw NULL: there is no font */
    struct cf_buf logo_png;
    struct cf_logo logo;
    unsigned logo_dots; /* that the logo was made for; 0: it was not yet */
};

bool cf_printing_option(int option, const char *value, struct cf_printing *printing)
{
    if (option == 0x300)
        printing->model = value;
    else if (option == 0x301)
        printing->logo = value;
    return option == 0x300 || option == 0x301;
}

enum cf_rc cf_printing_check(const struct cf_printing *printing, struct cf_error *err)
{
    struct stat status;
    if (!printing->dir)
        return CF_OK;
    if (stat(printing->dir, &status) != 0)
        return cf_fail_errno(err, errno, "--print %s", printing->dir);
    return S_ISDIR(status.st_mode) ? CF_OK : cf_fail(err, CF_E_ARGUMENT, "--print %s is no folder", printing->dir);
}

/* ---- what it is printed with ---- */

static enum cf_rc open_paper(struct cf_printing *printing, struct cf_error *err)
{
    const struct cf_env *env = cf_env_system();
    struct cf_paper *paper = calloc(1, sizeof *paper);
    enum cf_rc rc = CF_OK;
    if (paper == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "paper");
    printing->paper = paper;
    cf_buf_init(&paper->logo_png, CF_LOGO_PNG_BYTES_MAX);
    if (printing->model != NULL) {
        paper->is_configured = true;
        rc = cf_printer_model_named(cf_printer_models(), printing->model, &paper->configured, err);
    }
    if (rc == CF_OK && printing->logo != NULL)
        rc = env->ops->file_read(env->ctx, printing->logo, &paper->logo_png, err);
    if (rc == CF_OK && printing->logo != NULL) { /* said now, and not when paper is due */
        paper->logo_dots = cf_escpos_profile_default()->dots;
        rc = cf_logo_from_png(cf_buf_bytes(&paper->logo_png), paper->logo_dots, &paper->logo, err);
    }
    return rc;
}

static void close_paper(struct cf_paper *paper)
{
    if (paper == NULL)
        return;
    cf_pen_close(&paper->pen);
    cf_logo_done(&paper->logo);
    cf_buf_done(&paper->logo_png);
    free(paper);
}

bool cf_printing_names_jobs(const char *model)
{
    struct cf_escpos_profile profile;
    return model != NULL && cf_printer_model_named(cf_printer_models(), model, &profile, NULL) == CF_OK &&
           profile.names_jobs;
}

static bool is_known(const struct cf_paper *paper, const struct cf_printer_said *said)
{
    return paper->is_known && strcmp(paper->said.model, said->model) == 0 && paper->said.vendor == said->vendor &&
           paper->said.product == said->product;
}

/* Looked up once for each printer, not for each receipt. */
static enum cf_rc know(struct cf_paper *paper, const struct cf_printer_said *said, struct cf_error *err)
{
    cf_bytes models = cf_printer_models();
    struct cf_escpos_profile profile;
    enum cf_rc rc = cf_printer_model_of(models, cf_bytes_str(said->model), said->vendor, said->product, &profile, err);
    if (rc == CF_E_NOT_FOUND)
        rc = cf_printer_model_named(models, CF_PRINTER_MODEL_UNKNOWN, &profile, err);
    if (rc != CF_OK)
        return rc;
    paper->known = profile;
    paper->said = *said;
    paper->is_known = true;
    return CF_OK;
}

/* Configured, or by what it says; else what any prints. A folder's receipts are for whoever reads them. */
static enum cf_rc find_profile(const struct cf_printing *printing, struct cf_escpos_profile *ret, struct cf_error *err)
{
    struct cf_printer_said said;
    if (printing->paper->is_configured || printing->devices == NULL) {
        *ret = printing->paper->is_configured ? printing->paper->configured : *cf_escpos_profile_default();
        return CF_OK;
    }
    cf_devices_printer_said(printing->devices, &said);
    enum cf_rc rc = is_known(printing->paper, &said) ? CF_OK : know(printing->paper, &said, err);
    if (rc == CF_OK)
        *ret = printing->paper->known;
    return rc;
}

/* NULL if there is no font to draw with. */
static const struct cf_pen *find_pen(struct cf_paper *paper)
{
    if (!paper->pen_sought && cf_pen_open(NULL, &paper->pen, NULL) != CF_OK)
        paper->pen = (struct cf_pen){NULL, NULL};
    paper->pen_sought = true;
    return paper->pen.draw != NULL ? &paper->pen : NULL;
}

/* The logo of that width, NULL if there is none. */
static enum cf_rc find_logo(const struct cf_printing *printing, unsigned dots, const struct cf_logo **ret,
                            struct cf_error *err)
{
    struct cf_paper *paper = printing->paper;
    *ret = NULL;
    if (printing->logo == NULL)
        return CF_OK;
    if (paper->logo_dots != dots) {
        cf_logo_done(&paper->logo);
        paper->logo_dots = 0;
        enum cf_rc rc = cf_logo_from_png(cf_buf_bytes(&paper->logo_png), dots, &paper->logo, err);
        if (rc != CF_OK)
            return rc;
        paper->logo_dots = dots;
    }
    *ret = &paper->logo;
    return CF_OK;
}

/* ---- a printer of our own, for a command that prints and ends ---- */

static void hear_nothing(void *ctx, const char *name, const struct cf_error *err)
{
    (void)ctx;
    (void)name;
    (void)err;
}

static void note_end(void *ctx, uint64_t id, const struct cf_error *how)
{
    struct cf_printing *printing = ctx;
    struct cf_error err;
    printing->ended = true;
    printing->how = *how;
    if (cf_printing_ended(printing, id, how->rc, &err) != CF_OK)
        printing->how = err;
}

static enum cf_rc open_own(struct cf_printing *printing, struct cf_error *err)
{
    const struct cf_devices_options options = {.no_scanners = true,
                                               .printer = printing->place,
                                               .printer_names_jobs = cf_printing_names_jobs(printing->model),
                                               .ctx = printing,
                                               .told = hear_nothing,
                                               .printed = note_end};
    return cf_devices_new(&options, &printing->devices, err);
}

static bool is_there(const void *ctx)
{
    const struct cf_printing *printing = ctx;
    return cf_devices_printer(printing->devices) != CF_E_PRINTER_OFF;
}

static bool has_ended(const void *ctx)
{
    const struct cf_printing *printing = ctx;
    return printing->ended;
}

static void await_own(struct cf_printing *printing)
{
    cf_devices_wait(printing->devices, PRINTER_WAIT_MS, is_there, printing);
    printing->ended = false;
}

static enum cf_rc finish_own(struct cf_printing *printing, struct cf_error *err)
{
    cf_devices_wait(printing->devices, PAPER_WAIT_MS, has_ended, printing);
    if (!printing->ended)
        return cf_fail(err, CF_E_PRINT_UNKNOWN, "the printer did not end in time");
    if (printing->how.rc != CF_OK && err != NULL)
        *err = printing->how;
    return printing->how.rc;
}

enum cf_rc cf_printing_open(struct cf_printing *printing, const struct cf_counter *at, struct cf_error *err)
{
    printing->at = at;
    enum cf_rc rc = open_paper(printing, err);
    if (rc == CF_OK && printing->dir != NULL)
        rc = cf_printer_new_folder(cf_env_system(), printing->dir, &printing->printer, err);
    else if (rc == CF_OK && printing->place != NULL)
        rc = open_own(printing, err);
    return rc;
}

void cf_printing_close(struct cf_printing *printing)
{
    cf_printer_free(printing->printer);
    if (printing->place != NULL) {
        cf_devices_free(printing->devices);
        printing->devices = NULL;
    }
    close_paper(printing->paper);
    printing->printer = NULL;
    printing->paper = NULL;
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
static enum cf_rc encode(const struct cf_printing *printing, const struct cf_receipt *receipt, bool opens,
                         struct cf_buf *job, struct cf_error *err)
{
    struct cf_escpos_profile profile;
    struct cf_escpos_extras extras = {.pen = find_pen(printing->paper), .opens_drawer = opens};
    enum cf_rc rc = find_profile(printing, &profile, err);
    if (rc == CF_OK)
        rc = find_logo(printing, profile.dots, &extras.logo, err);
    return rc == CF_OK ? cf_receipt_escpos_with(receipt, &profile, &extras, job, err) : rc;
}

static enum cf_rc print_job(const struct cf_printing *printing, const struct cf_receipt *receipt, const char *name,
                            uint64_t id, bool opens, struct cf_error *err)
{
    struct cf_buf job;
    cf_buf_init(&job, CF_ESCPOS_BYTES_MAX);
    enum cf_rc rc = encode(printing, receipt, opens, &job, err);
    if (rc == CF_OK && printing->devices != NULL)
        rc = cf_devices_print(printing->devices, id, cf_buf_bytes(&job), err);
    else if (rc == CF_OK)
        rc = cf_printer_print(printing->printer, name, cf_buf_bytes(&job), err);
    if (rc == CF_OK && printing->views && printing->dir != NULL)
        rc = write_views(printing, receipt, name, err);
    cf_buf_done(&job);
    return rc;
}

enum cf_rc cf_print_document(struct cf_printing *printing, const struct cf_receipt *receipt, const char *name,
                             struct cf_error *err)
{
    if (printing->place != NULL)
        await_own(printing);
    enum cf_rc rc = print_job(printing, receipt, name, DOCUMENT, false, err);
    return rc == CF_OK && printing->place != NULL ? finish_own(printing, err) : rc;
}

bool cf_printing_is_on(const struct cf_printing *printing)
{
    return printing->dir != NULL || printing->devices != NULL || printing->place != NULL;
}

enum cf_rc cf_printing_ended(const struct cf_printing *printing, uint64_t id, enum cf_rc how, struct cf_error *err)
{
    if (id == DOCUMENT || (how != CF_OK && how != CF_E_PRINT_UNKNOWN))
        return CF_OK;
    return cf_till_printed(printing->at->till, id, how == CF_OK ? CF_PRINT_DONE : CF_PRINT_UNKNOWN, err);
}

static bool opens_drawer(const struct cf_printing *printing, uint64_t seq)
{
    struct cf_till *till = printing->at->till;
    return printing->devices != NULL && !cf_till_is_training(till) && cf_till_moves_cash(till, seq);
}

enum cf_rc cf_printing_open_drawer(struct cf_printing *printing, uint64_t seq, struct cf_error *err)
{
    struct cf_escpos_profile profile;
    uint8_t pulse[CF_ESCPOS_PULSE_BYTES];
    if (!opens_drawer(printing, seq))
        return CF_OK;
    enum cf_rc rc = find_profile(printing, &profile, err);
    size_t n = rc == CF_OK ? cf_escpos_pulse(&profile, pulse) : 0;
    if (n > 0)
        rc = cf_devices_print(printing->devices, DOCUMENT, cf_bytes_of(pulse, n), err);
    if (rc == CF_OK)
        printing->drawer_seq = seq;
    return rc;
}

enum cf_rc cf_print_record(const struct cf_printing *printing, uint64_t seq, bool copy, char name[CF_RECEIPT_NO_MAX],
                           struct cf_error *err)
{
    struct cf_till *till = printing->at->till;
    struct cf_receipt *receipt = NULL;
    bool opens = !copy && seq != printing->drawer_seq && opens_drawer(printing, seq);
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

static enum cf_rc print_and_wait(struct cf_printing *printing, uint64_t seq, bool copy, char name[CF_RECEIPT_NO_MAX],
                                 struct cf_error *err)
{
    await_own(printing);
    enum cf_rc rc = cf_print_record(printing, seq, copy, name, err);
    return rc == CF_OK ? finish_own(printing, err) : rc;
}

enum cf_rc cf_print_or_skip(struct cf_printing *printing, uint64_t seq, bool copy, char name[CF_RECEIPT_NO_MAX],
                            struct cf_error *err)
{
    if (cf_printing_is_on(printing))
        return printing->place != NULL ? print_and_wait(printing, seq, copy, name, err)
                                       : cf_print_record(printing, seq, copy, name, err);
    name_receipt(printing, seq, name);
    return cf_till_printed(printing->at->till, seq, CF_PRINT_SKIPPED, err);
}
