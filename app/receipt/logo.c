/*
 * app/receipt/logo.c - see logo.h.
 */
#include "app/receipt/logo.h"

#include <stdlib.h>
#include <string.h>

#include <png.h>

#define WHITE 255

struct grey {
    unsigned width, height;
    uint8_t *dot;
};

static void grey_done(struct grey *grey)
{
    free(grey->dot);
}

/* libpng's simplified API, which keeps its longjmp to itself; what is transparent becomes white. */
static enum cf_rc read_png(cf_bytes file, struct grey *ret, struct cf_error *err)
{
    png_image png = {.version = PNG_IMAGE_VERSION};
    const png_color paper = {WHITE, WHITE, WHITE};
    if (file.n > CF_LOGO_PNG_BYTES_MAX)
        return cf_fail(err, CF_E_LIMIT, "a logo of %zu bytes", file.n);
    if (file.n == 0 || png_image_begin_read_from_memory(&png, file.p, file.n) == 0)
        return cf_fail(err, CF_E_ARGUMENT, "the logo is no PNG: %.60s", png.message);
    if (png.width > CF_LOGO_PNG_SIDE_MAX || png.height > CF_LOGO_PNG_SIDE_MAX) {
        png_image_free(&png);
        return cf_fail(err, CF_E_LIMIT, "a logo of %u x %u dots", png.width, png.height);
    }
    png.format = PNG_FORMAT_GRAY;
    *ret = (struct grey){png.width, png.height, malloc(PNG_IMAGE_SIZE(png))};
    if (ret->dot == NULL) {
        png_image_free(&png);
        return cf_fail(err, CF_E_NO_MEMORY, "logo");
    }
    if (png_image_finish_read(&png, &paper, ret->dot, 0, NULL) == 0)
        return cf_fail(err, CF_E_ARGUMENT, "the logo is broken: %.60s", png.message);
    return CF_OK;
}

/* The mean of what lies under one dot of the smaller picture. */
static uint8_t mean(const struct grey *from, unsigned left, unsigned right, unsigned top, unsigned bottom)
{
    uint64_t sum = 0;
    for (unsigned y = top; y < bottom; y++)
        for (unsigned x = left; x < right; x++)
            sum += from->dot[(size_t)y * from->width + x];
    return (uint8_t)(sum / ((uint64_t)(right - left) * (bottom - top)));
}

static enum cf_rc shrink(struct grey *grey, unsigned width_max, unsigned height_max, struct cf_error *err)
{
    uint64_t width = grey->width, height = grey->height;
    if (width > width_max) {
        height = height * width_max / width;
        width = width_max;
    }
    if (height > height_max) {
        width = width * height_max / height;
        height = height_max;
    }
    if (width == grey->width && height == grey->height)
        return CF_OK;
    width = width > 0 ? width : 1;
    height = height > 0 ? height : 1;
    uint8_t *small = malloc(width * height);
    if (small == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "logo");
    for (uint64_t y = 0; y < height; y++)
        for (uint64_t x = 0; x < width; x++)
            small[y * width + x] =
                mean(grey, (unsigned)(x * grey->width / width), (unsigned)((x + 1) * grey->width / width),
                     (unsigned)(y * grey->height / height), (unsigned)((y + 1) * grey->height / height));
    free(grey->dot);
    *grey = (struct grey){(unsigned)width, (unsigned)height, small};
    return CF_OK;
}

static void lighten(struct grey *grey, unsigned x, unsigned y, int by)
{
    if (x >= grey->width || y >= grey->height)
        return;
    uint8_t *dot = &grey->dot[(size_t)y * grey->width + x];
    int v = *dot + by;
    *dot = (uint8_t)(v < 0 ? 0 : v > WHITE ? WHITE : v);
}

static void scatter(struct grey *grey, struct cf_logo *logo, uint8_t *bits)
{
    for (unsigned y = 0; y < grey->height; y++) {
        for (unsigned x = 0; x < grey->width; x++) {
            int was = grey->dot[(size_t)y * grey->width + x];
            bool black = was <= WHITE / 2;
            int off = was - (black ? 0 : WHITE);
            if (black)
                bits[(size_t)y * logo->row_bytes + x / 8] |= (uint8_t)(0x80u >> x % 8);
            lighten(grey, x + 1, y, off * 7 / 16);
            lighten(grey, x - 1, y + 1, off * 3 / 16); /* left of the first there is none: it wraps beyond the width */
            lighten(grey, x, y + 1, off * 5 / 16);
            lighten(grey, x + 1, y + 1, off / 16);
        }
    }
}

enum cf_rc cf_logo_from_png(cf_bytes png, unsigned dots, struct cf_logo *ret, struct cf_error *err)
{
    CF_CLEANUP(grey_done) struct grey grey = {0, 0, NULL};
    static const uint8_t zero[CF_LOGO_PNG_SIDE_MAX / 8];
    enum cf_rc rc = read_png(png, &grey, err);
    if (rc == CF_OK)
        rc = shrink(&grey, dots, CF_LOGO_HEIGHT_MAX, err);
    if (rc != CF_OK)
        return rc;
    struct cf_logo logo = {.row_bytes = (grey.width + 7) / 8, .height = grey.height};
    cf_buf_init(&logo.bits, (size_t)logo.row_bytes * logo.height);
    for (unsigned y = 0; y < logo.height && rc == CF_OK; y++)
        rc = cf_buf_append(&logo.bits, zero, logo.row_bytes, err);
    if (rc != CF_OK) {
        cf_buf_done(&logo.bits);
        return rc;
    }
    scatter(&grey, &logo, logo.bits.p);
    *ret = logo;
    return CF_OK;
}

void cf_logo_done(struct cf_logo *logo)
{
    cf_buf_done(&logo->bits);
    *logo = (struct cf_logo){0};
}
