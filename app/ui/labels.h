/*
 * app/ui/labels.h - labels as our pages use them: by style, with amounts that become smaller rather than cut.
 */
#ifndef CF_UI_LABELS_H
#define CF_UI_LABELS_H

#include <gtk/gtk.h>

/* A label of this style at the end of a box. The box owns it. */
GtkWidget *cf_label_add(GtkWidget *box, const char *style, float xalign);
/* TRUE: it says something else than before. */
gboolean cf_label_say(GtkWidget *label, const char *text);
/* The same of a large figure: a text beyond what its place was made for gets a smaller type ("long", "longer"). */
void cf_label_say_figure(GtkWidget *label, const char *text);
void cf_style_set(GtkWidget *widget, const char *style, gboolean on);

#endif
