/*
 * drivers/camera/image_pgm.c - PGM, binary ("P5", netpbm's pgm(5)): the first picture of a file.
 *
 * 8-bit pixels with 255 as white are used where they lie; other depths are scaled to that.
 */
#include <stdlib.h>

#include "drivers/camera/image.h"

bool cf_pgm_is(cf_bytes head)
{
    return head.n >= 3 && head.p[0] == 'P' && head.p[1] == '5' &&
           (head.p[2] == ' ' || head.p[2] == '#' || (head.p[2] >= '\t' && head.p[2] <= '\r'));
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A number after white space and comments, at most 65535. */
static bool read_number(cf_bytes file, size_t *at, uint32_t *ret)
{
    while (*at < file.n && (is_space(file.p[*at]) || file.p[*at] == '#')) {
        if (file.p[*at] == '#') {
            while (*at < file.n && file.p[*at] != '\n' && file.p[*at] != '\r') {
                ++*at;
            }
        } else {
            ++*at;
        }
    }
    uint32_t number = 0;
    size_t digits = 0;
    for (; *at < file.n && file.p[*at] >= '0' && file.p[*at] <= '9'; ++*at, ++digits) {
        number = number * 10 + (uint32_t)(file.p[*at] - '0');
        if (number > UINT16_MAX) {
            return false;
        }
    }
    *ret = number;
    return digits > 0;
}

static void scale(struct cf_image *image, const uint8_t *from, uint32_t white)
{
    size_t pixels = (size_t)image->width * image->height;
    for (size_t i = 0; i < pixels; i++) {
        uint32_t value = white > UINT8_MAX ? (uint32_t)from[2 * i] << 8 | from[2 * i + 1] : from[i];
        image->grey[i] = (uint8_t)((value < white ? value : white) * UINT8_MAX / white);
    }
}

enum cf_rc cf_pgm_read(cf_bytes file, struct cf_image *ret, struct cf_error *err)
{
    size_t at = 2;
    uint32_t width, height, white;
    if (!read_number(file, &at, &width) || !read_number(file, &at, &height) || !read_number(file, &at, &white) ||
        white == 0 || at >= file.n || !is_space(file.p[at])) {
        return cf_fail(err, CF_E_IMAGE_FORMAT, "PGM: the header is not width, height, maximum");
    }
    at++; /* exactly one white space before the pixels */
    enum cf_rc rc = cf_image_check_size("PGM", width, height, err);
    if (rc != CF_OK) {
        return rc;
    }
    size_t bytes = (size_t)width * height * (white > UINT8_MAX ? 2 : 1);
    if (file.n - at < bytes) {
        return cf_fail(err, CF_E_IMAGE_FORMAT, "PGM: %zu bytes of pixels are missing", bytes - (file.n - at));
    }
    if (white == UINT8_MAX) {
        *ret = (struct cf_image){.view = file.p + at, .width = width, .height = height};
        return CF_OK;
    }
    struct cf_image image;
    rc = cf_image_new("PGM", width, height, &image, err);
    if (rc != CF_OK) {
        return rc;
    }
    scale(&image, file.p + at, white);
    *ret = image;
    return CF_OK;
}
