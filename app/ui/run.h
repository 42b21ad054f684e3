/*
 * app/ui/run.h - both windows, shown until somebody closes them. No toolkit in this header: it is what a program calls.
 */
#ifndef CF_UI_RUN_H
#define CF_UI_RUN_H

#include "app/desk/desk.h"

struct cf_ui_run {
    int width, height; /* of each window */
    bool one_window;   /* the shopper's page is not shown */
    bool kiosk;        /* each fills an output of its own */
    const char *panel; /* a file of sample codes: with the panel of those who try it out (panel.h); NULL: without */
    unsigned tick_ms;
    bool (*tick)(void *ctx);  /* every so often; true: something on the pages changed */
    int watch_fd;             /* of `watch` */
    void (*watch)(void *ctx); /* NULL: none; the descriptor is readable, and the pages may change by it */
    void (*drawn)(void *ctx); /* NULL: none; once, when every window that is shown was painted the first time */
    void *ctx;
};

/* GTK's own start, before anything else that takes time. CF_E_UNSUPPORTED: there is no display, or no
 * font to write with. */
enum cf_rc cf_ui_begin(struct cf_error *err) CF_MUST_CHECK;
/* The shop's picture, a PNG, for the shopper's window between sales: read once, between cf_ui_begin and cf_ui_run.
 * Without it, or where it cannot be read, her page is words alone. Those of cf_logo_read. */
enum cf_rc cf_ui_logo(const char *path, struct cf_error *err) CF_MUST_CHECK;
/* `desk` stays the caller's. Returns when the cashier's window was closed, or cf_ui_end was called. */
void cf_ui_run(struct cf_desk *desk, const struct cf_ui_run *how);
/* From a tick: the windows go. */
void cf_ui_end(void);

#endif
