/*
 * drivers/camera/image.c - what the picture formats share: bounds, and memory for the pixels.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "drivers/camera/image.h"

enum cf_rc cf_image_check_size(const char *format, uint64_t width, uint64_t height, struct cf_error *err)
{
    if (width == 0 || height == 0) {
        return cf_fail(err, CF_E_IMAGE_FORMAT, "%s picture without pixels", format);
    }
    if (width > CF_FRAME_SIDE_MAX || height > CF_FRAME_SIDE_MAX || width * height > CF_FRAME_PIXELS_MAX) {
        return cf_fail(err, CF_E_IMAGE_SIZE, "%s picture of %" PRIu64 " x %" PRIu64 ", at most %d a side and %u in all",
                       format, width, height, CF_FRAME_SIDE_MAX, CF_FRAME_PIXELS_MAX);
    }
    return CF_OK;
}

enum cf_rc cf_image_new(const char *format, uint64_t width, uint64_t height, struct cf_image *ret, struct cf_error *err)
{
    enum cf_rc rc = cf_image_check_size(format, width, height, err);
    if (rc != CF_OK) {
        return rc;
    }
    uint8_t *grey = malloc((size_t)(width * height));
    if (grey == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "%s picture of %" PRIu64 " x %" PRIu64, format, width, height);
    }
    *ret = (struct cf_image){.grey = grey, .width = (uint32_t)width, .height = (uint32_t)height};
    return CF_OK;
}
