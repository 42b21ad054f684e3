/*
 * drivers/printer/printer.h - where print jobs go. So far a folder: each job is one file, written durably.
 *
 * A job is the bytes of one receipt (app/receipt/escpos.h). Its name is the receipt's number, so printing the same job
 * again replaces the same file. Not thread-safe.
 */
#ifndef CF_PRINTER_PRINTER_H
#define CF_PRINTER_PRINTER_H

#include "base/env.h"

#define CF_PRINT_JOB_NAME_MAX 64
#define CF_PRINT_JOB_BYTES_MAX (16u * 1024u * 1024u)
#define CF_PRINT_PATH_MAX 512

struct cf_printer;

/* folder must exist; it is copied. env must outlive the printer. CF_E_ARGUMENT: empty or too long; CF_E_NO_MEMORY. */
enum cf_rc cf_printer_new_folder(const struct cf_env *env, const char *folder, struct cf_printer **ret,
                                 struct cf_error *err) CF_MUST_CHECK;
void cf_printer_free(struct cf_printer *printer); /* accepts NULL */

/* When this returns CF_OK the job is on the disk as <folder>/<name>.escpos. name: 1..CF_PRINT_JOB_NAME_MAX of letters,
 * digits, '-' and '_', else CF_E_ARGUMENT. CF_E_LIMIT; CF_E_NOT_FOUND, CF_E_IO, CF_E_DISK_FULL, CF_E_READ_ONLY as files
 * fail: then an earlier file of this name is unharmed. */
enum cf_rc cf_printer_print(struct cf_printer *printer, const char *name, cf_bytes job,
                            struct cf_error *err) CF_MUST_CHECK;
/* Path of the last job that was written, "" if none. Valid until the next call. */
const char *cf_printer_last_path(const struct cf_printer *printer);

#endif
