/*
 * drivers/camera/image_webp.c - WebP by libwebp: still pictures; an animation is refused.
 */
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>

#include "drivers/camera/image.h"

bool cf_webp_is(cf_bytes head)
{
    return head.n >= 12 && memcmp(head.p, "RIFF", 4) == 0 && memcmp(head.p + 8, "WEBP", 4) == 0;
}

enum cf_rc cf_webp_read(cf_bytes file, struct cf_image *ret, struct cf_error *err)
{
    WebPBitstreamFeatures features;
    if (WebPGetFeatures(file.p, file.n, &features) != VP8_STATUS_OK || features.width < 0 || features.height < 0) {
        return cf_fail(err, CF_E_IMAGE_FORMAT, "WebP: the header is damaged");
    }
    if (features.has_animation) {
        return cf_fail(err, CF_E_IMAGE_FORMAT, "WebP: an animation");
    }
    struct cf_image image;
    enum cf_rc rc = cf_image_new("WebP", (uint64_t)features.width, (uint64_t)features.height, &image, err);
    if (rc != CF_OK) {
        return rc;
    }
    /* The luma plane is what the file holds already: going over RGB would cost time and change nothing that counts. */
    int width, height, stride, uv_stride;
    uint8_t *u, *v;
    uint8_t *y = WebPDecodeYUV(file.p, file.n, &width, &height, &u, &v, &stride, &uv_stride);
    if (y == NULL || width != features.width || height != features.height) {
        WebPFree(y);
        free(image.grey);
        return cf_fail(err, CF_E_IMAGE_FORMAT, "WebP: the picture is damaged");
    }
    for (uint32_t row = 0; row < image.height; row++) {
        memcpy(image.grey + (size_t)row * image.width, y + (size_t)row * (size_t)stride, image.width);
    }
    WebPFree(y);
    *ret = image;
    return CF_OK;
}
