/*
 * app/ui/ui.h - both windows over one desk, on whatever display there is. GTK 4; one thread, GTK's.
 */
#ifndef CF_UI_UI_H
#define CF_UI_UI_H

#include "app/ui/cashier_window.h"
#include "app/ui/shopper_window.h"

/* Names by which a compositor tells the windows apart, to put each on its output (weston.ini: app-ids=). */
#define CF_UI_CASHIER_APP_ID "counterfoil.cashier"
#define CF_UI_SHOPPER_APP_ID "counterfoil.shopper"

struct cf_ui {
    struct cf_desk *desk;
    struct cf_cashier_window *cashier;
    struct cf_shopper_window *shopper;
    bool kiosk;
    guint percent; /* the scale in use */
    guint rescale; /* a source that waits, or 0 */
    gulong monitors;
};

/* Style and settings of the process, once: after gtk_init, before the first window. */
void cf_ui_style(void);
/* The scale, in percent of the sizes made for 1024x768, at which a window fits a screen of that size. */
unsigned cf_ui_scale_for(int width, int height);

/*
 * Opens both windows at a size, and keeps all sizes in proportion to what they get. `desk` stays the caller's; `ui`
 * too, and does not move. With `kiosk` they fill an output each: the shopper's is hidden while there is but one, and
 * comes back with it.
 */
void cf_ui_open(struct cf_ui *ui, struct cf_desk *desk, int width, int height, bool kiosk);
/* Draws both anew, after anything that did not come from the cashier's window. */
void cf_ui_refresh(struct cf_ui *ui);
void cf_ui_close(struct cf_ui *ui);

#endif
