/*
 * drivers/camera/camera.h - pictures in, codes out: frame sources, and the decoder that hides zbar.
 *
 * A frame source gives 8-bit grey frames: from a file or memory now, from V4L2 later, through the same calls. A decoder
 * is made once and reused for every frame. Pictures come from outside, so every size is bounded before memory is taken
 * and a malformed one is an error, never a crash. Not thread-safe: a source and a decoder belong to one thread each.
 */
#ifndef CF_CAMERA_CAMERA_H
#define CF_CAMERA_CAMERA_H

#include "base/bytes.h"

#define CF_FRAME_SIDE_MAX 8192
#define CF_FRAME_PIXELS_MAX 40000000u
#define CF_IMAGE_FILE_BYTES_MAX (64u * 1024u * 1024u)

/* A view: one byte of luma a pixel, 0 is black, rows of `stride` >= width bytes. */
struct cf_frame {
    const uint8_t *grey;
    uint32_t width, height;
    size_t stride;
};

struct cf_frame_source;

/*
 * Sorted by content, not by name: PNG, PGM (P5), WebP, JPEG (each one frame) and YUV4MPEG2 (one or more; its luma).
 *
 *   CF_E_NOT_FOUND, CF_E_IO   no such file, or it cannot be read
 *   CF_E_IMAGE_FORMAT         not one of these, malformed, or a folder
 *   CF_E_IMAGE_SIZE           beyond CF_FRAME_SIDE_MAX, CF_FRAME_PIXELS_MAX or CF_IMAGE_FILE_BYTES_MAX
 *   CF_E_NO_MEMORY
 *
 * Free with cf_frame_source_free, which accepts NULL. _of_memory reads `file` in place: it must outlive the source.
 */
enum cf_rc cf_frame_source_of_file(const char *path, struct cf_frame_source **ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_frame_source_of_memory(cf_bytes file, struct cf_frame_source **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_frame_source_free(struct cf_frame_source *source);
/* The next frame, valid until the next call on this source; *ret_got is false at the end. Errors as above: a damaged
 * picture may be found out only here. */
enum cf_rc cf_frame_source_next(struct cf_frame_source *source, bool *ret_got, struct cf_frame *ret,
                                struct cf_error *err) CF_MUST_CHECK;

enum cf_symbology {
    CF_SYMBOLOGY_EAN13 = 1,
    CF_SYMBOLOGY_EAN8 = 2,
    CF_SYMBOLOGY_UPCA = 3,
    CF_SYMBOLOGY_UPCE = 4,
    CF_SYMBOLOGY_CODE128 = 5,
    CF_SYMBOLOGY_QR = 6,
};
const char *cf_symbology_name(enum cf_symbology symbology); /* "EAN-13", "UPC-A", "Code 128", "QR" */

#define CF_SYMBOLS_MAX 16

/*
 * The least zbar quality (scan lines that agree) at which a 1-D read is believed. On the public photographs beside
 * which it was measured (docs/camera.md), every wrong EAN/UPC read had 22 or less and right ones a median of 120; the
 * same wrong value comes again on similar frames, so voting over frames would not help.
 */
#define CF_QUALITY_FLOOR_1D 23

struct cf_symbol {
    enum cf_symbology symbology;
    char aim[4]; /* AIM identifier, ISO/IEC 15424, without ']': "E0", "E4", "C0", "C1" (GS1-128), "Q1", "Q3" */
    cf_bytes
        text;    /* bytes as in the symbol, no character set guessed; of the decoder: valid until its next cf_decode */
    int quality; /* 1-D: scan lines that agree; QR: always 1 */
    uint32_t x, y, width, height; /* bounding box in the frame, as far as it is known */
};
struct cf_symbols {
    size_t n;
    struct cf_symbol symbol[CF_SYMBOLS_MAX]; /* top to bottom, then left to right; no two with the same contents */
    size_t n_weak;                           /* 1-D reads left out for a quality below CF_QUALITY_FLOOR_1D */
};

struct cf_decoder;

/* CF_E_NO_MEMORY. Free with cf_decoder_free, which accepts NULL. */
enum cf_rc cf_decoder_new(struct cf_decoder **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_decoder_free(struct cf_decoder *decoder);

/* All codes of a frame, possibly none (CF_OK with n = 0); more than CF_SYMBOLS_MAX are left out. UPC-A and
 * UPC-E are reported as the 13 digits of their EAN-13 form, as AIM identifier "E0" demands. CF_E_IMAGE_SIZE,
 * CF_E_NO_MEMORY. */
enum cf_rc cf_decode(struct cf_decoder *decoder, const struct cf_frame *frame, struct cf_symbols *ret,
                     struct cf_error *err) CF_MUST_CHECK;

/*
 * The one code that the frame means. Classes, in this order: QR codes that begin with one of `prefixes` (our own:
 * cf_code_prefix), 1-D codes, other QR codes. The first class that is present decides.
 *
 *   CF_E_IMAGE_EMPTY     no code (the detail says if weak ones were left out)
 *   CF_E_SCAN_AMBIGUOUS  two different codes in that class: choosing one would sell or spend what nobody showed
 *
 * *ret points into `symbols`.
 */
enum cf_rc cf_symbols_choose(const struct cf_symbols *symbols, const char *const prefixes[], size_t n_prefixes,
                             const struct cf_symbol **ret, struct cf_error *err) CF_MUST_CHECK;

#endif
