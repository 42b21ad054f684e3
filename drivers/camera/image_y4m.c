/*
 * drivers/camera/image_y4m.c - YUV4MPEG2 (yuv4mpeg(5) of mjpegtools): the luma of each frame of a stream.
 *
 * 8-bit colour spaces 420*, 411, 422, 444, 444alpha and mono; deeper ones are refused.
 */
#include <string.h>

#include "drivers/camera/image.h"

#define HEADER_MAX 1024

static const char magic[] = "YUV4MPEG2 ";

bool cf_y4m_is(cf_bytes head)
{
    return head.n >= sizeof magic - 1 && memcmp(head.p, magic, sizeof magic - 1) == 0;
}

/* A line of at most HEADER_MAX bytes, without its "\n". false: the end, too long, or a NUL in it. */
static bool read_line(FILE *stream, char line[HEADER_MAX])
{
    size_t n = 0;
    for (int c = getc(stream); c != '\n'; c = getc(stream)) {
        if (c == EOF || c == '\0' || n == HEADER_MAX - 1) {
            return false;
        }
        line[n++] = (char)c;
    }
    line[n] = '\0';
    return true;
}

static bool read_side(const char *digits, uint32_t *ret)
{
    uint32_t side = 0;
    size_t n = 0;
    for (; digits[n] >= '0' && digits[n] <= '9' && n < 8; n++) {
        side = side * 10 + (uint32_t)(digits[n] - '0');
    }
    *ret = side;
    return n > 0 && digits[n] == '\0';
}

/* Bytes of chroma (and alpha) that follow a luma plane. */
static bool chroma_bytes(const char *space, uint64_t w, uint64_t h, uint64_t *ret)
{
    const struct {
        const char *name;
        uint64_t bytes;
    } known[] = {
        {"420", 2 * ((w + 1) / 2) * ((h + 1) / 2)},
        {"420jpeg", 2 * ((w + 1) / 2) * ((h + 1) / 2)},
        {"420mpeg2", 2 * ((w + 1) / 2) * ((h + 1) / 2)},
        {"420paldv", 2 * ((w + 1) / 2) * ((h + 1) / 2)},
        {"411", 2 * ((w + 3) / 4) * h},
        {"422", 2 * ((w + 1) / 2) * h},
        {"444", 2 * w * h},
        {"444alpha", 3 * w * h},
        {"mono", 0},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(space, known[i].name) == 0) {
            *ret = known[i].bytes;
            return true;
        }
    }
    return false;
}

enum cf_rc cf_y4m_read_header(FILE *stream, struct cf_y4m *ret, struct cf_error *err)
{
    char line[HEADER_MAX];
    if (!read_line(stream, line) || strncmp(line, magic, sizeof magic - 1) != 0) {
        return cf_fail(err, CF_E_IMAGE_FORMAT, "Y4M: the header does not end");
    }
    struct cf_y4m header = {0};
    const char *space = "420";
    char *rest = line + sizeof magic - 1;
    for (char *field = strsep(&rest, " "); field != NULL; field = strsep(&rest, " ")) {
        if ((field[0] == 'W' && !read_side(field + 1, &header.width)) ||
            (field[0] == 'H' && !read_side(field + 1, &header.height))) {
            return cf_fail(err, CF_E_IMAGE_FORMAT, "Y4M: width or height is not a number");
        }
        if (field[0] == 'C') {
            space = field + 1;
        }
    }
    enum cf_rc rc = cf_image_check_size("Y4M", header.width, header.height, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!chroma_bytes(space, header.width, header.height, &header.chroma_bytes)) {
        return cf_fail(err, CF_E_IMAGE_FORMAT, "Y4M: colour space %.32s", space);
    }
    *ret = header;
    return CF_OK;
}

/* fseek would pass the end of a truncated file in silence, and a pipe cannot seek: so read. */
static bool skip(FILE *stream, uint64_t bytes)
{
    uint8_t scrap[8192];
    while (bytes > 0) {
        size_t part = bytes < sizeof scrap ? (size_t)bytes : sizeof scrap;
        if (fread(scrap, 1, part, stream) != part) {
            return false;
        }
        bytes -= part;
    }
    return true;
}

enum cf_rc cf_y4m_read_frame(FILE *stream, const struct cf_y4m *header, uint8_t *luma, bool *ret_got,
                             struct cf_error *err)
{
    int first = getc(stream);
    if (first == EOF) {
        if (ferror(stream)) {
            return cf_fail(err, CF_E_IO, "Y4M: the stream cannot be read");
        }
        *ret_got = false;
        return CF_OK;
    }
    char line[HEADER_MAX];
    size_t pixels = (size_t)header->width * header->height;
    if (first != 'F' || !read_line(stream, line) || strncmp(line, "RAME", 4) != 0 ||
        (line[4] != '\0' && line[4] != ' ')) {
        return cf_fail(err, CF_E_IMAGE_FORMAT, "Y4M: no FRAME where a frame should begin");
    }
    if (fread(luma, 1, pixels, stream) != pixels || !skip(stream, header->chroma_bytes)) {
        return cf_fail(err, CF_E_IMAGE_FORMAT, "Y4M: the last frame is cut short");
    }
    *ret_got = true;
    return CF_OK;
}
