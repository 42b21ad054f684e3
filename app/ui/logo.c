/*
 * app/ui/logo.c - see logo.h.
 */
#include "app/ui/logo.h"

#include <string.h>

#include "app/receipt/logo.h"
#include "base/env.h"

#define WIDTH_PX 720 /* more than the style gives it at 1920x1080: what is kept in memory */
#define HEIGHT_PX 240
#define HEADER_BYTES 24 /* signature, and the first chunk as far as width and height */

struct _CfLogoWidget {
    GtkWidget parent;
    GdkTexture *texture;
};
G_DEFINE_FINAL_TYPE(CfLogoWidget, cf_logo_widget, GTK_TYPE_WIDGET)

/* --- the file -------------------------------------------------------------------------------------------------------
 */

static guint32 big_endian(const uint8_t *at)
{
    return (guint32)at[0] << 24 | (guint32)at[1] << 16 | (guint32)at[2] << 8 | at[3];
}

/* Before anything is unpacked: a small file may hold a very large picture. */
static enum cf_rc read_size(cf_bytes file, int *ret_width, int *ret_height, struct cf_error *err)
{
    static const uint8_t begins[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
    if (file.n < HEADER_BYTES || memcmp(file.p, begins, sizeof begins) != 0)
        return cf_fail(err, CF_E_ARGUMENT, "the logo is no PNG");
    guint32 width = big_endian(file.p + sizeof begins), height = big_endian(file.p + sizeof begins + 4);
    if (width == 0 || height == 0 || width > CF_LOGO_PNG_SIDE_MAX || height > CF_LOGO_PNG_SIDE_MAX)
        return cf_fail(err, CF_E_LIMIT, "a logo of %u x %u dots", width, height);
    *ret_width = (int)width;
    *ret_height = (int)height;
    return CF_OK;
}

static enum cf_rc unpack(cf_bytes file, GdkTexture **ret, struct cf_error *err)
{
    int width = 0, height = 0;
    g_autoptr(GError) error = NULL;
    enum cf_rc rc = read_size(file, &width, &height, err);
    if (rc != CF_OK)
        return rc;
    g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_data(file.p, (gssize)file.n, NULL);
    g_autoptr(GdkPixbuf) dots =
        gdk_pixbuf_new_from_stream_at_scale(stream, MIN(width, WIDTH_PX), MIN(height, HEIGHT_PX), TRUE, NULL, &error);
    if (dots == NULL)
        return cf_fail(err, CF_E_ARGUMENT, "the logo is broken: %.60s", error->message);
    *ret = gdk_texture_new_for_pixbuf(dots);
    return CF_OK;
}

enum cf_rc cf_logo_read(const char *path, GdkTexture **ret, struct cf_error *err)
{
    const struct cf_env *env = cf_env_system();
    struct cf_buf CF_CLEANUP(cf_buf_done) file;
    cf_buf_init(&file, CF_LOGO_PNG_BYTES_MAX);
    enum cf_rc rc = env->ops->file_read(env->ctx, path, &file, err);
    return rc == CF_OK ? unpack(cf_buf_bytes(&file), ret, err) : rc;
}

/* --- the widget -----------------------------------------------------------------------------------------------------
 */

static void snapshot(GtkWidget *widget, GtkSnapshot *into)
{
    GdkTexture *texture = CF_LOGO_WIDGET(widget)->texture;
    if (texture == NULL)
        return;
    double width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);
    double own_width = gdk_texture_get_width(texture), own_height = gdk_texture_get_height(texture);
    double scale = MIN(1.0, MIN(width / own_width, height / own_height));
    graphene_rect_t rect =
        GRAPHENE_RECT_INIT((float)((width - own_width * scale) / 2), (float)((height - own_height * scale) / 2),
                           (float)(own_width * scale), (float)(own_height * scale));
    gtk_snapshot_append_texture(into, texture, &rect);
}

static void finalize(GObject *object)
{
    g_clear_object(&CF_LOGO_WIDGET(object)->texture);
    G_OBJECT_CLASS(cf_logo_widget_parent_class)->finalize(object);
}

static void cf_logo_widget_class_init(CfLogoWidgetClass *klass)
{
    GTK_WIDGET_CLASS(klass)->snapshot = snapshot;
    G_OBJECT_CLASS(klass)->finalize = finalize;
    gtk_widget_class_set_css_name(GTK_WIDGET_CLASS(klass), "logo");
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void cf_logo_widget_init(CfLogoWidget *logo)
{
    gtk_widget_set_halign(GTK_WIDGET(logo), GTK_ALIGN_CENTER);
}

GtkWidget *cf_logo_widget_new(void)
{
    return g_object_new(CF_TYPE_LOGO, NULL);
}

void cf_logo_widget_show(CfLogoWidget *logo, GdkTexture *texture)
{
    if (g_set_object(&logo->texture, texture))
        gtk_widget_queue_draw(GTK_WIDGET(logo));
}
