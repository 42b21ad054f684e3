/*
 * app/counter/exporting.h - a day as files while the till goes on: `counterfoil export` beside it, and how far it is.
 *
 * One at a time. It opens the journal for itself, so no sale waits for it; it asks the till's own session whether
 * whoever is logged in may do it. One thread.
 */
#ifndef CF_COUNTER_EXPORTING_H
#define CF_COUNTER_EXPORTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

#define CF_EXPORTING_LINE_MAX 64
#define CF_EXPORTING_NAME_MAX 96

/* All zero, but for dir and folder: nothing was exported yet. */
struct cf_exporting {
    const char *dir;    /* of the till */
    const char *folder; /* where days go, each in a folder of its own; NULL: nowhere */
    pid_t pid;          /* 0: none goes on */
    int fd;             /* what it says of itself */
    uint64_t done, all; /* records */
    enum cf_rc rc;      /* how it ended; what it said is wrong */
    char name[CF_EXPORTING_NAME_MAX];
    size_t n_line;
    char line[CF_EXPORTING_LINE_MAX + 1];
};

/* form: "csv", "json", "audit". z_no 0: the open day. CF_E_BUSY: another goes on; CF_E_EXISTS: that day is there in
 * that form; CF_E_NOT_FOUND: the folder is not there, as a stick that nobody put in. */
enum cf_rc cf_exporting_start(struct cf_exporting *exporting, const char *form, uint32_t z_no,
                              struct cf_error *err) CF_MUST_CHECK;
/* Hears what it says; true: it goes on. Else rc is how it ended. */
bool cf_exporting_look(struct cf_exporting *exporting);
/* Hears nothing more of it: it ends by itself. */
void cf_exporting_leave(struct cf_exporting *exporting);

#endif
