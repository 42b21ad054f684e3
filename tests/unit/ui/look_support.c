/*
 * tests/unit/ui/look_support.c - see look_support.h.
 */
#include "tests/unit/ui/look_support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PARTS_MAX 2048
#define KEY_PX 60
#define TENDER_PX 84
#define GAP_PX 8
#define TYPE_PX 14
#define TOTAL_PX 44 /* a figure that is too long for it has smaller type */
#define SHOPPER_TOTAL_PX 80
#define QR_PX 360
#define CONTRAST 4.5

struct part {
    GtkWidget *widget;
    graphene_rect_t box, seen; /* in the window; what of it is in sight */
};

struct look {
    GtkWidget *window;
    const char *name;
    unsigned percent, findings;
    enum look_allowed allowed;
    const guchar *pixels;
    gsize stride;
    int width, height;
    size_t n;
    struct part parts[PARTS_MAX];
};

static void G_GNUC_PRINTF(3, 4) find(struct look *look, GtkWidget *widget, const char *what, ...)
{
    char text[256];
    va_list args;
    va_start(args, what);
    vsnprintf(text, sizeof text, what, args);
    va_end(args);
    const char *says = GTK_IS_LABEL(widget) ? gtk_label_get_text(GTK_LABEL(widget)) : "";
    printf("# %s: %s \"%s\": %s\n", look->name, G_OBJECT_TYPE_NAME(widget), says, text);
    look->findings++;
}

/* --- what is in sight -----------------------------------------------------------------------------------------------
 */

static bool is_part(GtkWidget *widget)
{
    return (GTK_IS_LABEL(widget) && gtk_label_get_text(GTK_LABEL(widget))[0] != '\0') || GTK_IS_BUTTON(widget) ||
           g_strcmp0(gtk_widget_get_css_name(widget), "qr") == 0;
}

static void collect(struct look *look, GtkWidget *widget, graphene_rect_t sight)
{
    graphene_rect_t box;
    if (!gtk_widget_get_child_visible(widget) || !gtk_widget_get_mapped(widget) ||
        !gtk_widget_compute_bounds(widget, look->window, &box)) {
        return;
    }
    if (gtk_widget_get_overflow(widget) == GTK_OVERFLOW_HIDDEN || GTK_IS_SCROLLED_WINDOW(widget)) {
        if (!graphene_rect_intersection(&sight, &box, &sight)) {
            return;
        }
    }
    graphene_rect_t seen;
    if (is_part(widget) && graphene_rect_intersection(&sight, &box, &seen) && look->n < PARTS_MAX) {
        look->parts[look->n++] = (struct part){widget, box, seen};
    }
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child; child = gtk_widget_get_next_sibling(child)) {
        collect(look, child, sight);
    }
}

static bool is_whole(const struct part *part)
{
    return graphene_rect_equal(&part->box, &part->seen);
}

/* --- geometry -------------------------------------------------------------------------------------------------------
 */

static bool may_be_cut(const struct look *look, GtkWidget *label)
{
    return look->allowed == LOOK_CUT_NAMES && gtk_label_get_ellipsize(GTK_LABEL(label)) != PANGO_ELLIPSIZE_NONE;
}

static void check_text(struct look *look, const struct part *part)
{
    GtkLabel *label = GTK_LABEL(part->widget);
    PangoLayout *layout = gtk_label_get_layout(label);
    PangoRectangle ink, logical;
    pango_layout_get_pixel_extents(layout, &ink, &logical);
    int width = gtk_widget_get_width(part->widget), height = gtk_widget_get_height(part->widget);
    if (pango_layout_is_ellipsized(layout) && !may_be_cut(look, part->widget)) {
        find(look, part->widget, "ends in an ellipsis at %d px", width);
    }
    if (logical.width > width + 1 || logical.height > height + 1) {
        find(look, part->widget, "needs %d x %d and has %d x %d", logical.width, logical.height, width, height);
    }
    const PangoFontDescription *font = pango_context_get_font_description(gtk_widget_get_pango_context(part->widget));
    double px = pango_font_description_get_size(font) / (double)PANGO_SCALE;
    if (!pango_font_description_get_size_is_absolute(font)) {
        px = px * look->percent / 100 * 96 / 72;
    }
    bool total = gtk_widget_has_css_class(part->widget, "total") && !gtk_widget_has_css_class(part->widget, "long") &&
                 !gtk_widget_has_css_class(part->widget, "longer");
    int least = !total ? TYPE_PX : gtk_widget_has_css_class(look->window, "shopper") ? SHOPPER_TOTAL_PX : TOTAL_PX;
    if (px + 0.1 < (double)least * look->percent / 100) {
        find(look, part->widget, "is of %.1f px", px);
    }
}

/* Quiet zone and whole pixels a module are the widget's own: it is as large as both need. */
static void check_qr(struct look *look, const struct part *part)
{
    float px = (float)QR_PX * (float)look->percent / 100 - 1;
    if (part->box.size.width < px || part->box.size.height < px || !is_whole(part)) {
        find(look, part->widget, "is a code of %.0f x %.0f", part->box.size.width, part->box.size.height);
    }
}

static void check_key(struct look *look, const struct part *part)
{
    int least = gtk_widget_has_css_class(part->widget, "tender") ? TENDER_PX : KEY_PX;
    float px = (float)least * (float)look->percent / 100 - 1;
    if (part->box.size.height < px || part->box.size.width < (float)KEY_PX * (float)look->percent / 100 - 1) {
        find(look, part->widget, "is a key of %.0f x %.0f", part->box.size.width, part->box.size.height);
    }
}

static void check_pair(struct look *look, const struct part *a, const struct part *b)
{
    graphene_rect_t both, wide = a->seen;
    if (gtk_widget_is_ancestor(a->widget, b->widget) || gtk_widget_is_ancestor(b->widget, a->widget)) {
        return;
    }
    if (graphene_rect_intersection(&a->seen, &b->seen, &both) && both.size.width > 1 && both.size.height > 1) {
        find(look, a->widget, "overlaps %s \"%s\"", G_OBJECT_TYPE_NAME(b->widget),
             GTK_IS_LABEL(b->widget) ? gtk_label_get_text(GTK_LABEL(b->widget)) : "");
    }
    float gap = (float)GAP_PX * (float)look->percent / 100 - 1;
    graphene_rect_inset(&wide, -gap, -gap);
    if (GTK_IS_BUTTON(a->widget) && GTK_IS_BUTTON(b->widget) && graphene_rect_intersection(&wide, &b->seen, &both) &&
        both.size.width > 0.5F && both.size.height > 0.5F) {
        find(look, a->widget, "is closer than %d px to another key", GAP_PX);
    }
}

/* --- contrast: WCAG 2.1, 1.4.3 --------------------------------------------------------------------------------------
 */

static double linear(double c)
{
    return c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(double red, double green, double blue)
{
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/* The colour that most of the text's rectangle has is what it stands on; a quarter of its pixels tells. */
static guint32 ground_of(const struct look *look, const graphene_rect_t *box)
{
    g_autoptr(GHashTable) counts = g_hash_table_new(NULL, NULL);
    guint32 most = 0;
    guint best = 0;
    for (int y = MAX(0, (int)box->origin.y); y < MIN(look->height, (int)(box->origin.y + box->size.height)); y += 2) {
        for (int x = MAX(0, (int)box->origin.x); x < MIN(look->width, (int)(box->origin.x + box->size.width)); x += 2) {
            guint32 pixel;
            memcpy(&pixel, look->pixels + (gsize)y * look->stride + (gsize)x * 4, sizeof pixel);
            guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, GUINT_TO_POINTER(pixel))) + 1;
            g_hash_table_insert(counts, GUINT_TO_POINTER(pixel), GUINT_TO_POINTER(n));
            if (n > best) {
                best = n;
                most = pixel;
            }
        }
    }
    return most;
}

static void check_contrast(struct look *look, const struct part *part)
{
    GdkRGBA ink;
    guint32 ground = ground_of(look, &part->seen); /* B, G, R, A in memory */
    gtk_style_context_get_color(gtk_widget_get_style_context(part->widget), &ink);
    double a = luminance((double)ink.red, (double)ink.green, (double)ink.blue);
    double b = luminance((ground >> 16 & 255) / 255.0, (ground >> 8 & 255) / 255.0, (ground & 255) / 255.0);
    double contrast = (MAX(a, b) + 0.05) / (MIN(a, b) + 0.05);
    if (contrast < CONTRAST || ink.alpha < 1) {
        find(look, part->widget, "has a contrast of %.2f : 1 on #%06x", contrast, ground & 0xffffff);
    }
}

/* --------------------------------------------------------------------------------------------------------------------
 */

static void check(struct look *look, const struct part *part)
{
    graphene_rect_t window = GRAPHENE_RECT_INIT(0, 0, (float)look->width, (float)look->height);
    if (!graphene_rect_contains_rect(&window, &part->seen)) {
        find(look, part->widget, "stands outside of the window");
    }
    if (GTK_IS_LABEL(part->widget)) {
        check_text(look, part);
        if (is_whole(part)) {
            check_contrast(look, part);
        }
    } else if (GTK_IS_BUTTON(part->widget)) {
        check_key(look, part);
    } else {
        check_qr(look, part);
    }
}

unsigned look_at(GtkWindow *window, GdkTexture *picture, const char *name, unsigned percent, enum look_allowed allowed)
{
    struct look *look = g_new0(struct look, 1);
    look->window = GTK_WIDGET(window);
    look->name = name;
    look->percent = percent;
    look->allowed = allowed;
    look->width = gdk_texture_get_width(picture);
    look->height = gdk_texture_get_height(picture);
    look->stride = (gsize)look->width * 4;
    g_autofree guchar *pixels = g_malloc(look->stride * (gsize)look->height);
    gdk_texture_download(picture, pixels, look->stride);
    look->pixels = pixels;
    collect(look, look->window, GRAPHENE_RECT_INIT(0, 0, 100000, 100000));
    for (size_t i = 0; i < look->n; i++) {
        check(look, &look->parts[i]);
        for (size_t j = 0; j < i; j++) {
            check_pair(look, &look->parts[i], &look->parts[j]);
        }
    }
    unsigned findings = look->findings + (look->n == 0);
    g_free(look);
    return findings;
}
