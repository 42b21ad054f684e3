/*
 * app/ui/ui.h - both windows over one desk, on whatever display there is. GTK 4; one thread, GTK's.
 */
#ifndef CF_UI_UI_H
#define CF_UI_UI_H

#include "app/ui/cashier_window.h"
#include "app/ui/shopper_window.h"

struct cf_ui {
    struct cf_desk *desk;
    struct cf_cashier_window *cashier;
    struct cf_shopper_window *shopper;
};

/* Style and settings of the process: after gtk_init, before the first window. `scale` 100 is 1024x768. */
void cf_ui_style(unsigned scale);
/* Opens both windows at a size. `desk` stays the caller's. */
void cf_ui_open(struct cf_ui *ui, struct cf_desk *desk, int width, int height);
/* Draws both anew, after anything that did not come from the cashier's window. */
void cf_ui_refresh(struct cf_ui *ui);
void cf_ui_close(struct cf_ui *ui);

#endif
