/*
 * drivers/camera/decoder.h - internal: zbar looks at one picture made from a frame; cf_decode and cf_reader decide
 * which.
 *
 * A pass adds the QR codes that it reads to the symbols of the frame. Bar codes are believed only when all passes that
 * a frame gets are done: cf_decoder_judge. Texts are copied: they last until the decoder begins anew.
 */
#ifndef CF_CAMERA_DECODER_H
#define CF_CAMERA_DECODER_H

#include "drivers/camera/camera.h"

/*
 * What makes a bar code believed (docs/camera.md has the photographs behind these). Zbar's wrong numbers depend on the
 * way in which it walks over the bars: of one photograph it reads a wrong number at a quality of 105, and turned over
 * nothing at all; right numbers come both ways. So each is looked for both ways, and the worse of the two has a floor
 * too.
 */
#define CF_QUALITY_TURNED 12
/* The least quality at which the thresholded frame confirms what the frame itself showed faintly, but both ways. */
#define CF_QUALITY_CONFIRMS 40

enum cf_pass_kind {
    CF_PASS_QR,          /* QR codes alone */
    CF_PASS_FRAME,       /* the frame's own pixels: bar codes too */
    CF_PASS_TURNED,      /* the frame's own pixels turned over: bar codes alone */
    CF_PASS_THRESHOLDED, /* the frame thresholded: bar codes too */
};

struct cf_box {
    uint32_t x, y, width, height;
};

struct cf_pass {
    enum cf_pass_kind kind;
    const uint8_t *pixels; /* width * height, without padding */
    uint32_t width, height;
    uint32_t left, top;    /* of this picture in the frame */
    uint32_t times, parts; /* the picture is the frame's part enlarged by times / parts */
    bool warped;           /* where a code lies is not known better than "in this part" */
};

/* Forgets what was read of the frame before and empties *ret. */
void cf_decoder_begin(struct cf_decoder *decoder, struct cf_symbols *ret);

/* CF_E_INTERNAL if zbar fails. */
enum cf_rc cf_decoder_pass(struct cf_decoder *decoder, const struct cf_pass *pass, struct cf_symbols *ret,
                           struct cf_error *err) CF_MUST_CHECK;

/* Where bar codes were read that are not judged yet: a box about all of them. false: there are none. */
bool cf_decoder_doubts(const struct cf_decoder *decoder, struct cf_box *ret);

/*
 * Adds the bar codes that are believed, and counts the others in ret->n_weak. Believed is what the frame shows both
 * ways, at CF_QUALITY_FLOOR_1D and at CF_QUALITY_TURNED, unless its thresholded picture shows another at the same
 * place; and what the thresholded picture shows at CF_QUALITY_CONFIRMS and the frame both ways, unless that shows
 * another.
 */
void cf_decoder_judge(struct cf_decoder *decoder, struct cf_symbols *ret);

/* Memory for pictures, kept for the next frame: `n` bytes, aligned as malloc's; NULL: none left. What it held is lost.
 */
uint8_t *cf_decoder_scratch(struct cf_decoder *decoder, size_t n);

/* CF_E_IMAGE_SIZE for a frame that is empty, contradicts itself or is beyond the bounds of camera.h. */
enum cf_rc cf_frame_check(const struct cf_frame *frame, struct cf_error *err) CF_MUST_CHECK;

#endif
