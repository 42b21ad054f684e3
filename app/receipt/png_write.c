/*
 * app/receipt/png_write.c - PNG by libpng's simplified API, which keeps its longjmp to itself.
 */
#include "app/receipt/png_write.h"

#include <stdlib.h>

#include <png.h>

enum cf_rc cf_png_write(const uint8_t *grey, uint32_t width, uint32_t height, struct cf_buf *ret, struct cf_error *err)
{
    png_image png = {.version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = PNG_FORMAT_GRAY};
    png_alloc_size_t n = PNG_IMAGE_PNG_SIZE_MAX(png);
    void *file = malloc(n);
    if (file == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "PNG of %u x %u", width, height);
    }
    enum cf_rc rc;
    if (png_image_write_to_memory(&png, file, &n, 0, grey, (png_int_32)width, NULL) == 0) {
        rc = cf_fail(err, CF_E_INTERNAL, "PNG of %u x %u: %s", width, height, png.message);
    } else {
        rc = cf_buf_append(ret, file, n, err);
    }
    free(file);
    return rc;
}
