/*
 * drivers/camera/image_png.c - PNG (ISO/IEC 15948) by libpng's simplified API.
 *
 * That API catches libpng's longjmp inside itself, so none crosses our frames.
 */
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "drivers/camera/image.h"

static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

bool cf_png_is(cf_bytes head)
{
    return head.n >= sizeof signature && memcmp(head.p, signature, sizeof signature) == 0;
}

static void done(png_image *png)
{
    png_image_free(png);
}

enum cf_rc cf_png_read(cf_bytes file, struct cf_image *ret, struct cf_error *err)
{
    CF_CLEANUP(done) png_image png = {.version = PNG_IMAGE_VERSION};
    if (png_image_begin_read_from_memory(&png, file.p, file.n) == 0) {
        return cf_fail(err, CF_E_IMAGE_FORMAT, "PNG: %s", png.message);
    }
    struct cf_image image;
    enum cf_rc rc = cf_image_new("PNG", png.width, png.height, &image, err);
    if (rc != CF_OK) {
        return rc;
    }
    png.format = PNG_FORMAT_GRAY;
    const png_color white = {.red = 255, .green = 255, .blue = 255}; /* under transparent parts, like paper */
    if (png_image_finish_read(&png, &white, image.grey, (png_int_32)image.width, NULL) == 0) {
        free(image.grey);
        return cf_fail(err, CF_E_IMAGE_FORMAT, "PNG: %s", png.message);
    }
    *ret = image;
    return CF_OK;
}
