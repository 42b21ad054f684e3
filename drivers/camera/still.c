/*
 * drivers/camera/still.c - all codes of one picture: every stage that may help, one after another until something is
 * read.
 *
 * A till's own camera has many frames and little time (reader.h); a picture from a file has one frame and all the time
 * that its pixels allow. The first two stages are both done whatever the first reads: they differ in what they miss,
 * and of two codes in one picture the till must know.
 */
#include <string.h>

#include "drivers/camera/decoder.h"
#include "drivers/camera/filter.h"

/* Larger pictures are not enlarged, nor tilted: their codes are large enough, or half their size is tried. */
#define ENLARGED_PIXELS_MAX 2000000u
#define HALVED_PIXELS_MIN 1000000u

struct still {
    struct cf_decoder *decoder;
    const struct cf_frame *frame; /* as it came */
    uint32_t *sums;               /* the threshold's */
    uint8_t *made, *between;      /* pictures: as large as the frame, or four times that */
    struct cf_symbols *symbols;
};

static enum cf_rc look(const struct still *still, const struct cf_pass *pass, struct cf_error *err)
{
    return cf_decoder_pass(still->decoder, pass, still->symbols, err);
}

/* The picture in `made`, of the frame's size. */
static struct cf_pass pass_of(const struct still *still, enum cf_pass_kind kind)
{
    return (struct cf_pass){.pixels = still->made,
                            .width = still->frame->width,
                            .height = still->frame->height,
                            .times = 1,
                            .parts = 1,
                            .kind = kind};
}

static struct cf_frame between_of(const struct still *still)
{
    return (struct cf_frame){still->between, still->frame->width, still->frame->height, still->frame->width};
}

static enum cf_rc thresholded(const struct still *still, struct cf_error *err)
{
    struct cf_pass pass = pass_of(still, CF_PASS_THRESHOLDED);
    cf_filter_threshold(still->frame, still->sums, still->made);
    return look(still, &pass, err);
}

static enum cf_rc as_it_is(const struct still *still, struct cf_error *err)
{
    struct cf_pass pass = pass_of(still, CF_PASS_FRAME);
    for (uint32_t y = 0; y < pass.height; y++) {
        memcpy(still->made + (size_t)y * pass.width, still->frame->grey + y * still->frame->stride, pass.width);
    }
    return look(still, &pass, err);
}

static enum cf_rc turned(const struct still *still, struct cf_error *err)
{
    struct cf_pass pass = pass_of(still, CF_PASS_TURNED);
    cf_filter_turn(still->frame, still->made);
    return look(still, &pass, err);
}

static enum cf_rc enlarged(const struct still *still, bool threshold, struct cf_error *err)
{
    struct cf_pass pass = pass_of(still, CF_PASS_QR);
    pass.width *= 2;
    pass.height *= 2;
    pass.times = 2;
    if (!threshold) {
        cf_filter_enlarge(still->frame, still->between, still->made);
        return look(still, &pass, err);
    }
    struct cf_frame large = {still->between, pass.width, pass.height, pass.width};
    cf_filter_enlarge(still->frame, still->made, still->between);
    cf_filter_threshold(&large, still->sums, still->made);
    return look(still, &pass, err);
}

static enum cf_rc blurred(const struct still *still, struct cf_error *err)
{
    struct cf_pass pass = pass_of(still, CF_PASS_QR);
    struct cf_frame between = between_of(still);
    cf_filter_blur(still->frame, still->between);
    cf_filter_threshold(&between, still->sums, still->made);
    return look(still, &pass, err);
}

static enum cf_rc inverted(const struct still *still, bool threshold, struct cf_error *err)
{
    struct cf_pass pass = pass_of(still, CF_PASS_QR);
    struct cf_frame between = between_of(still);
    cf_filter_invert(still->frame, threshold ? still->between : still->made);
    if (threshold) {
        cf_filter_threshold(&between, still->sums, still->made);
    }
    return look(still, &pass, err);
}

static enum cf_rc halved(const struct still *still, struct cf_error *err)
{
    struct cf_pass pass = pass_of(still, CF_PASS_QR);
    pass.width /= 2;
    pass.height /= 2;
    pass.parts = 2;
    struct cf_frame small = {still->between, pass.width, pass.height, pass.width};
    cf_filter_halve(still->frame, still->between);
    cf_filter_threshold(&small, still->sums, still->made);
    return look(still, &pass, err);
}

static enum cf_rc tilted(const struct still *still, unsigned tilt, struct cf_error *err)
{
    struct cf_pass pass = pass_of(still, CF_PASS_QR);
    pass.warped = true;
    cf_filter_tilt(still->frame, tilt, still->made);
    return look(still, &pass, err);
}

enum stage {
    STAGE_ENLARGED,
    STAGE_SHARPENED,
    STAGE_BLURRED,
    STAGE_HALVED,
    STAGE_INVERTED,
    STAGE_INVERTED_THRESHOLDED,
    STAGE_TILTED
};

/* The dearer stages, in the order of what they have been seen to add. */
static enum cf_rc stage(const struct still *still, enum stage which, unsigned tilt, struct cf_error *err)
{
    size_t pixels = (size_t)still->frame->width * still->frame->height;
    bool small = pixels <= ENLARGED_PIXELS_MAX;
    switch (which) {
    case STAGE_ENLARGED:
        return small ? enlarged(still, true, err) : CF_OK;
    case STAGE_SHARPENED:
        return small ? enlarged(still, false, err) : CF_OK;
    case STAGE_BLURRED:
        return blurred(still, err);
    case STAGE_HALVED:
        return pixels >= HALVED_PIXELS_MIN && still->frame->width > 1 && still->frame->height > 1 ? halved(still, err)
                                                                                                  : CF_OK;
    case STAGE_INVERTED:
        return inverted(still, false, err);
    case STAGE_INVERTED_THRESHOLDED:
        return inverted(still, true, err);
    case STAGE_TILTED:
        return small ? tilted(still, tilt, err) : CF_OK;
    }
    return CF_OK;
}

static enum cf_rc all_stages(const struct still *still, struct cf_error *err)
{
    enum cf_rc rc = thresholded(still, err);
    if (rc == CF_OK) {
        rc = as_it_is(still, err);
    }
    struct cf_box box;
    if (rc == CF_OK && cf_decoder_doubts(still->decoder, &box)) {
        rc = turned(still, err);
        cf_decoder_judge(still->decoder, still->symbols);
    }
    for (unsigned i = 0; rc == CF_OK && still->symbols->n == 0 && i < STAGE_TILTED + CF_FILTER_TILTS; i++) {
        unsigned tilt = i < STAGE_TILTED ? 0 : i - STAGE_TILTED;
        rc = stage(still, i < STAGE_TILTED ? (enum stage)i : STAGE_TILTED, tilt, err);
    }
    return rc;
}

enum cf_rc cf_decode(struct cf_decoder *decoder, const struct cf_frame *frame, struct cf_symbols *ret,
                     struct cf_error *err)
{
    enum cf_rc rc = cf_frame_check(frame, err);
    if (rc != CF_OK) {
        return rc;
    }
    size_t pixels = (size_t)frame->width * frame->height;
    size_t picture = pixels <= ENLARGED_PIXELS_MAX ? 4 * pixels : pixels;
    size_t sums = CF_FILTER_SCRATCH(2 * (size_t)frame->width) * sizeof(uint32_t);
    uint8_t *scratch = cf_decoder_scratch(decoder, sums + 2 * picture);
    if (scratch == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "frame of %u x %u", frame->width, frame->height);
    }
    struct cf_symbols symbols;
    struct still still = {.decoder = decoder,
                          .frame = frame,
                          .sums = (uint32_t *)(void *)scratch,
                          .made = scratch + sums,
                          .between = scratch + sums + picture,
                          .symbols = &symbols};
    cf_decoder_begin(decoder, &symbols);
    rc = all_stages(&still, err);
    if (rc == CF_OK) {
        *ret = symbols;
    }
    return rc;
}
