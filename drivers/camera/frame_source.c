/*
 * drivers/camera/frame_source.c - frames out of files and memory.
 *
 * A still picture is decoded when its frame is asked for; a Y4M stream is read frame by frame, so that a long recording
 * needs the memory of one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "drivers/camera/image.h"

struct cf_frame_source {
    cf_bytes file;         /* of a still picture: `owned`, or the caller's */
    uint8_t *owned;        /* NULL or the file read by us */
    struct cf_image image; /* of the last frame */
    enum cf_rc (*read)(cf_bytes file, struct cf_image *ret, struct cf_error *err); /* NULL for a stream */
    FILE *stream;
    struct cf_y4m y4m;
    bool given; /* the still picture was */
};

static const struct {
    bool (*is)(cf_bytes head);
    enum cf_rc (*read)(cf_bytes file, struct cf_image *ret, struct cf_error *err); /* NULL: a Y4M stream */
} formats[] = {{cf_png_is, cf_png_read},
               {cf_pgm_is, cf_pgm_read},
               {cf_webp_is, cf_webp_read},
               {cf_jpeg_is, cf_jpeg_read},
               {cf_y4m_is, NULL}};
#define FORMATS (sizeof formats / sizeof formats[0])

static enum cf_rc sniff(cf_bytes head, size_t *ret_format, struct cf_error *err)
{
    for (size_t i = 0; i < FORMATS; i++) {
        if (formats[i].is(head)) {
            *ret_format = i;
            return CF_OK;
        }
    }
    return cf_fail(err, CF_E_IMAGE_FORMAT, "%s",
                   head.n == 0 ? "the file is empty" : "neither PNG, PGM, WebP, JPEG nor Y4M");
}

void cf_frame_source_free(struct cf_frame_source *source)
{
    if (source == NULL) {
        return;
    }
    if (source->stream != NULL) {
        fclose(source->stream);
    }
    free(source->image.grey);
    free(source->owned);
    free(source);
}

/* Takes the header off source->stream and makes room for a frame. */
static enum cf_rc begin_stream(struct cf_frame_source *source, struct cf_error *err)
{
    enum cf_rc rc = cf_y4m_read_header(source->stream, &source->y4m, err);
    if (rc != CF_OK) {
        return rc;
    }
    return cf_image_new("Y4M", source->y4m.width, source->y4m.height, &source->image, err);
}

/* Reads all of source->stream into source->owned. */
static enum cf_rc slurp(struct cf_frame_source *source, const char *path, struct cf_error *err)
{
    struct stat st;
    if (fstat(fileno(source->stream), &st) != 0) {
        return cf_fail_errno(err, errno, "%s", path);
    }
    /* A pipe has no size: room for the largest picture is only paged in as far as it is used. */
    size_t room = S_ISREG(st.st_mode) ? (size_t)st.st_size : CF_IMAGE_FILE_BYTES_MAX;
    if (room > CF_IMAGE_FILE_BYTES_MAX) {
        return cf_fail(err, CF_E_IMAGE_SIZE, "%s has more than %u bytes", path, CF_IMAGE_FILE_BYTES_MAX);
    }
    source->owned = malloc(room + 1);
    if (source->owned == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "%s", path);
    }
    /* One more than fits, to notice what is larger. */
    size_t n = fread(source->owned, 1, room + 1, source->stream);
    if (ferror(source->stream)) {
        return cf_fail_errno(err, errno, "%s", path);
    }
    if (n > CF_IMAGE_FILE_BYTES_MAX) {
        return cf_fail(err, CF_E_IMAGE_SIZE, "%s has more than %u bytes", path, CF_IMAGE_FILE_BYTES_MAX);
    }
    source->file = cf_bytes_of(source->owned, n);
    return CF_OK;
}

static enum cf_rc open_file(struct cf_frame_source *source, const char *path, struct cf_error *err)
{
    source->stream = fopen(path, "rbe");
    if (source->stream == NULL) {
        return cf_fail_errno(err, errno, "%s", path);
    }
    uint8_t head[CF_IMAGE_HEAD_BYTES];
    size_t n = fread(head, 1, sizeof head, source->stream);
    if (ferror(source->stream)) {
        /* Naming a folder is a slip of who asked; it must not look like a machine that is broken. */
        return errno == EISDIR ? cf_fail(err, CF_E_IMAGE_FORMAT, "%s is a folder", path)
                               : cf_fail_errno(err, errno, "%s", path);
    }
    size_t format;
    enum cf_rc rc = sniff(cf_bytes_of(head, n), &format, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (fseek(source->stream, 0, SEEK_SET) != 0) {
        return cf_fail_errno(err, errno, "%s", path);
    }
    if (formats[format].read == NULL) {
        return begin_stream(source, err);
    }
    source->read = formats[format].read;
    rc = slurp(source, path, err);
    fclose(source->stream);
    source->stream = NULL;
    return rc;
}

static enum cf_rc open_memory(struct cf_frame_source *source, cf_bytes file, struct cf_error *err)
{
    if (file.n > CF_IMAGE_FILE_BYTES_MAX) {
        return cf_fail(err, CF_E_IMAGE_SIZE, "more than %u bytes", CF_IMAGE_FILE_BYTES_MAX);
    }
    size_t format;
    enum cf_rc rc = sniff(file, &format, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (formats[format].read != NULL) {
        source->read = formats[format].read;
        source->file = file;
        return CF_OK;
    }
    source->stream = fmemopen((void *)file.p, file.n, "rb"); /* "r" never writes there */
    if (source->stream == NULL) {
        return cf_fail_errno(err, errno, "Y4M in memory");
    }
    return begin_stream(source, err);
}

enum cf_rc cf_frame_source_of_file(const char *path, struct cf_frame_source **ret, struct cf_error *err)
{
    struct cf_frame_source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "frame source");
    }
    enum cf_rc rc = open_file(source, path, err);
    if (rc != CF_OK) {
        cf_frame_source_free(source);
        return rc;
    }
    *ret = source;
    return CF_OK;
}

enum cf_rc cf_frame_source_of_memory(cf_bytes file, struct cf_frame_source **ret, struct cf_error *err)
{
    struct cf_frame_source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "frame source");
    }
    enum cf_rc rc = open_memory(source, file, err);
    if (rc != CF_OK) {
        cf_frame_source_free(source);
        return rc;
    }
    *ret = source;
    return CF_OK;
}

enum cf_rc cf_frame_source_next(struct cf_frame_source *source, bool *ret_got, struct cf_frame *ret,
                                struct cf_error *err)
{
    bool got = !source->given;
    enum cf_rc rc = CF_OK;
    if (source->read == NULL) {
        rc = cf_y4m_read_frame(source->stream, &source->y4m, source->image.grey, &got, err);
    } else if (got) {
        rc = source->read(source->file, &source->image, err);
        source->given = rc == CF_OK;
    }
    if (rc != CF_OK) {
        return rc;
    }
    const struct cf_image *image = &source->image;
    if (got) {
        *ret = (struct cf_frame){.grey = image->grey != NULL ? image->grey : image->view,
                                 .width = image->width,
                                 .height = image->height,
                                 .stride = image->width};
    }
    *ret_got = got;
    return CF_OK;
}
