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

/* Style and settings of the process, once: after gtk_init, before the first window. */
void cf_ui_style(void);
/* All sizes, in percent of those for 1024x768. */
void cf_ui_scale(unsigned percent);
/* The scale at which both windows fit a screen of that size. */
unsigned cf_ui_scale_for(int width, int height);
/* Opens both windows at a size. `desk` stays the caller's. */
void cf_ui_open(struct cf_ui *ui, struct cf_desk *desk, int width, int height);
/* Draws both anew, after anything that did not come from the cashier's window. */
void cf_ui_refresh(struct cf_ui *ui);
void cf_ui_close(struct cf_ui *ui);

#endif
