/*
 * drivers/camera/image_jpeg.c - JPEG by libjpeg-turbo: still pictures, and the frames of cameras that compress them.
 *
 * TurboJPEG's calls report errors by a code: no longjmp crosses our frames. Colour is never decoded.
 */
#include <stdlib.h>
#include <string.h>

#include <turbojpeg.h>

#include "drivers/camera/image.h"

/* A picture in very many scans costs time without end: they are limited. */
#define FLAGS TJFLAG_LIMITSCANS

bool cf_jpeg_is(cf_bytes head)
{
    return head.n >= 3 && memcmp(head.p, "\xff\xd8\xff", 3) == 0;
}

struct cf_jpeg {
    tjhandle handle;
};

enum cf_rc cf_jpeg_new(struct cf_jpeg **ret, struct cf_error *err)
{
    struct cf_jpeg *jpeg = calloc(1, sizeof *jpeg);
    if (jpeg != NULL)
        jpeg->handle = tjInitDecompress();
    if (jpeg == NULL || jpeg->handle == NULL) {
        free(jpeg);
        return cf_fail(err, CF_E_NO_MEMORY, "JPEG");
    }
    *ret = jpeg;
    return CF_OK;
}

void cf_jpeg_free(struct cf_jpeg *jpeg)
{
    if (jpeg == NULL)
        return;
    (void)tjDestroy(jpeg->handle);
    free(jpeg);
}

static enum cf_rc read_size(const struct cf_jpeg *jpeg, cf_bytes file, uint32_t *ret_width, uint32_t *ret_height,
                            struct cf_error *err)
{
    int width = 0, height = 0, parts, colours;
    if (tjDecompressHeader3(jpeg->handle, file.p, file.n, &width, &height, &parts, &colours) != 0 || width < 0 ||
        height < 0)
        return cf_fail(err, CF_E_IMAGE_FORMAT, "JPEG: the header is damaged");
    enum cf_rc rc = cf_image_check_size("JPEG", (uint64_t)width, (uint64_t)height, err);
    if (rc != CF_OK)
        return rc;
    *ret_width = (uint32_t)width;
    *ret_height = (uint32_t)height;
    return CF_OK;
}

/* *ret_whole is false where the picture is shown, and something was wrong with it. */
static enum cf_rc decode(const struct cf_jpeg *jpeg, cf_bytes file, uint32_t width, uint32_t height, uint8_t *grey,
                         bool *ret_whole, struct cf_error *err)
{
    *ret_whole = tjDecompress2(jpeg->handle, file.p, file.n, grey, (int)width, 0, (int)height, TJPF_GRAY, FLAGS) == 0;
    return *ret_whole || tjGetErrorCode(jpeg->handle) == TJERR_WARNING
               ? CF_OK
               : cf_fail(err, CF_E_IMAGE_FORMAT, "JPEG: the picture is damaged");
}

enum cf_rc cf_jpeg_luma(struct cf_jpeg *jpeg, cf_bytes picture, uint32_t width, uint32_t height, uint8_t *grey,
                        struct cf_error *err)
{
    uint32_t is_width, is_height;
    bool whole;
    enum cf_rc rc = read_size(jpeg, picture, &is_width, &is_height, err);
    if (rc == CF_OK && (is_width != width || is_height != height))
        rc = cf_fail(err, CF_E_IMAGE_FORMAT, "JPEG of %u x %u", is_width, is_height);
    return rc == CF_OK ? decode(jpeg, picture, width, height, grey, &whole, err) : rc;
}

enum cf_rc cf_jpeg_read(cf_bytes file, struct cf_image *ret, struct cf_error *err)
{
    struct cf_jpeg *jpeg = NULL;
    struct cf_image image = {0};
    uint32_t width = 0, height = 0;
    bool whole = false;
    enum cf_rc rc = cf_jpeg_new(&jpeg, err);
    if (rc == CF_OK)
        rc = read_size(jpeg, file, &width, &height, err);
    if (rc == CF_OK)
        rc = cf_image_new("JPEG", width, height, &image, err);
    if (rc == CF_OK)
        rc = decode(jpeg, file, width, height, image.grey, &whole, err);
    if (rc == CF_OK && !whole)
        rc = cf_fail(err, CF_E_IMAGE_FORMAT, "JPEG: the picture is damaged");
    cf_jpeg_free(jpeg);
    if (rc != CF_OK) {
        free(image.grey);
        return rc;
    }
    *ret = image;
    return CF_OK;
}
