/*
 * drivers/printer/printer.c - a folder as a printer.
 */
#include "drivers/printer/printer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".escpos"

struct cf_printer {
    const struct cf_env *env;
    char folder[CF_PRINT_PATH_MAX - CF_PRINT_JOB_NAME_MAX - sizeof SUFFIX - 1];
    char last_path[CF_PRINT_PATH_MAX];
};

enum cf_rc cf_printer_new_folder(const struct cf_env *env, const char *folder, struct cf_printer **ret,
                                 struct cf_error *err)
{
    struct cf_printer *printer = calloc(1, sizeof *printer);
    if (printer == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "printer");
    }
    size_t n = strlen(folder);
    if (n == 0 || n >= sizeof printer->folder) {
        free(printer);
        return cf_fail(err, CF_E_ARGUMENT, "the printer's folder has a name of %zu bytes", n);
    }
    printer->env = env;
    memcpy(printer->folder, folder, n + 1);
    *ret = printer;
    return CF_OK;
}

void cf_printer_free(struct cf_printer *printer)
{
    free(printer);
}

static bool is_job_name(const char *name)
{
    size_t n = strnlen(name, CF_PRINT_JOB_NAME_MAX + 1);
    return n > 0 && n <= CF_PRINT_JOB_NAME_MAX &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

enum cf_rc cf_printer_print(struct cf_printer *printer, const char *name, cf_bytes job, struct cf_error *err)
{
    if (!is_job_name(name)) {
        return cf_fail(err, CF_E_ARGUMENT, "a print job is named by letters, digits, '-' and '_', not \"%.80s\"", name);
    }
    if (job.n > CF_PRINT_JOB_BYTES_MAX) {
        return cf_fail(err, CF_E_LIMIT, "print job %s has %zu bytes", name, job.n);
    }
    char path[CF_PRINT_PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s" SUFFIX, printer->folder, name);
    enum cf_rc rc = printer->env->ops->file_replace(printer->env->ctx, path, job, 0600, err);
    if (rc == CF_OK) {
        memcpy(printer->last_path, path, sizeof path);
    }
    return rc;
}

const char *cf_printer_last_path(const struct cf_printer *printer)
{
    return printer->last_path;
}
