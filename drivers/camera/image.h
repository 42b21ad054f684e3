/*
 * drivers/camera/image.h - internal: the file formats behind cf_frame_source.
 *
 * Each format is one file that takes memory and gives a grey picture. A parser never trusts a header: it asks
 * cf_image_check_size before it takes memory, and reads inside the bytes that it was given.
 */
#ifndef CF_CAMERA_IMAGE_H
#define CF_CAMERA_IMAGE_H

#include <stdio.h>

#include "drivers/camera/camera.h"

/* A grey picture: pixels are owned (free `grey`) or, if grey is NULL, lie in the file at `view`. */
struct cf_image {
    uint8_t *grey;
    const uint8_t *view;
    uint32_t width, height;
};

/* CF_E_IMAGE_FORMAT for an empty picture, CF_E_IMAGE_SIZE beyond the bounds of camera.h. */
enum cf_rc cf_image_check_size(const char *format, uint64_t width, uint64_t height, struct cf_error *err) CF_MUST_CHECK;
/* Checks the size, then takes width * height bytes. */
enum cf_rc cf_image_new(const char *format, uint64_t width, uint64_t height, struct cf_image *ret,
                        struct cf_error *err) CF_MUST_CHECK;

bool cf_png_is(cf_bytes head);
bool cf_pgm_is(cf_bytes head);
bool cf_webp_is(cf_bytes head);
bool cf_y4m_is(cf_bytes head);
bool cf_jpeg_is(cf_bytes head);
#define CF_IMAGE_HEAD_BYTES 12 /* what these look at */

enum cf_rc cf_png_read(cf_bytes file, struct cf_image *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_pgm_read(cf_bytes file, struct cf_image *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_webp_read(cf_bytes file, struct cf_image *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_jpeg_read(cf_bytes file, struct cf_image *ret, struct cf_error *err) CF_MUST_CHECK;

/* Frames of one camera that compresses each by itself ("motion JPEG"; without tables of their own, too). Free accepts
 * NULL. */
struct cf_jpeg;
enum cf_rc cf_jpeg_new(struct cf_jpeg **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_jpeg_free(struct cf_jpeg *jpeg);
/* To width * height bytes of `grey`. CF_E_IMAGE_FORMAT: damaged, or of another size; a picture that shows something
 * and is not quite in order is taken, since there are cameras of which none is. */
enum cf_rc cf_jpeg_luma(struct cf_jpeg *jpeg, cf_bytes picture, uint32_t width, uint32_t height, uint8_t *grey,
                        struct cf_error *err) CF_MUST_CHECK;

/* A YUV4MPEG2 stream: header once, then frames. */
struct cf_y4m {
    uint32_t width, height;
    uint64_t chroma_bytes; /* after each luma plane */
};
enum cf_rc cf_y4m_read_header(FILE *stream, struct cf_y4m *ret, struct cf_error *err) CF_MUST_CHECK;
/* luma has width * height bytes. *ret_got is false at the end of the stream. */
enum cf_rc cf_y4m_read_frame(FILE *stream, const struct cf_y4m *header, uint8_t *luma, bool *ret_got,
                             struct cf_error *err) CF_MUST_CHECK;

#endif
