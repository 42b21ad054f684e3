/*
 * drivers/camera/reader.c - stages spread over frames, rest, and what was told already.
 */
#include <stdlib.h>
#include <string.h>

#include "drivers/camera/decoder.h"
#include "drivers/camera/filter.h"
#include "drivers/camera/reader.h"
#include "drivers/camera/region.h"

#define SEEN_MAX 32

/* In a row, that are not out of focus, end it: in one alone something else may be the likeliest region. */
#define SHARP_FRAMES 3u

/* A scene: means of its parts. It is the same while none has changed by more than this. */
#define SCENE_COLUMNS 32u
#define SCENE_ROWS 18u
#define SCENE_STEP 4u
#define SCENE_DIFFERENCE 4
#define SCENE_AWAKE_FRAMES 12u /* all stages on two regions */
#define SCENE_REST_FRAMES 8u   /* then one frame of so many is looked at */

struct seen {
    enum cf_symbology symbology;
    size_t n;
    uint64_t hash;
    cf_mono last;
    uint32_t last_frame;
    unsigned frames; /* 0: a free place */
    bool told;
};

struct cf_reader {
    struct cf_decoder *decoder;
    uint32_t frame_no; /* of those looked at */
    unsigned turn;     /* which stage is next */
    bool doubted; /* the frame before had bar codes that were not believed: this one's stage goes to something else */
    uint8_t scene[SCENE_COLUMNS * SCENE_ROWS];
    bool has_scene;
    unsigned still_frames;
    cf_mono still_since;
    struct seen seen[SEEN_MAX];
    bool blurs; /* since then, but for single frames */
    unsigned sharp_frames;
    cf_mono blurs_since, looked;
};

/* What one frame is worked on with; all in the decoder's scratch. */
struct work {
    struct cf_decoder *decoder;
    const struct cf_frame *frame;
    uint32_t *sums;
    uint8_t *thresholded;    /* as large as the frame */
    uint8_t *made, *between; /* as large as the frame: a part of a third, enlarged, fits */
    struct cf_symbols *symbols;
    struct cf_box region[CF_REGIONS_MAX]; /* where a code may be that was not read */
    size_t n_regions;
    bool sought; /* for regions */
};

enum cf_rc cf_reader_new(struct cf_reader **ret, struct cf_error *err)
{
    struct cf_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "camera");
    enum cf_rc rc = cf_decoder_new(&reader->decoder, err);
    if (rc != CF_OK) {
        free(reader);
        return rc;
    }
    *ret = reader;
    return CF_OK;
}

void cf_reader_free(struct cf_reader *reader)
{
    if (reader == NULL)
        return;
    cf_decoder_free(reader->decoder);
    free(reader);
}

/* ---- the scene --------------------------------------------------------------------------------------------------- */

static void scene_of(const struct cf_frame *frame, uint8_t ret[SCENE_COLUMNS * SCENE_ROWS])
{
    for (uint32_t row = 0; row < SCENE_ROWS; row++) {
        uint32_t top = row * frame->height / SCENE_ROWS, bottom = (row + 1) * frame->height / SCENE_ROWS;
        for (uint32_t column = 0; column < SCENE_COLUMNS; column++) {
            uint32_t left = column * frame->width / SCENE_COLUMNS, right = (column + 1) * frame->width / SCENE_COLUMNS;
            uint32_t sum = 0, n = 0;
            for (uint32_t y = top; y < bottom; y += SCENE_STEP) {
                for (uint32_t x = left; x < right; x += SCENE_STEP, n++)
                    sum += frame->grey[y * frame->stride + x];
            }
            ret[row * SCENE_COLUMNS + column] = (uint8_t)(n > 0 ? sum / n : 0);
        }
    }
}

/* Whether this frame may be left alone: nothing has changed, and everything was tried. */
static bool rests(struct cf_reader *reader, const struct cf_frame *frame, cf_mono at)
{
    uint8_t scene[SCENE_COLUMNS * SCENE_ROWS];
    bool same = reader->has_scene;
    scene_of(frame, scene);
    for (size_t i = 0; i < sizeof scene && same; i++)
        same = abs(scene[i] - reader->scene[i]) <= SCENE_DIFFERENCE;
    if (!same) {
        memcpy(reader->scene, scene, sizeof scene);
        reader->has_scene = true;
        reader->still_frames = 0;
        reader->still_since = at;
        return false;
    }
    reader->still_frames++;
    return reader->still_frames > SCENE_AWAKE_FRAMES && reader->still_frames % SCENE_REST_FRAMES != 0;
}

/* ---- stages ------------------------------------------------------------------------------------------------------ */

static struct cf_frame part_of(const struct cf_frame *frame, const struct cf_box *box)
{
    return (struct cf_frame){frame->grey + box->y * frame->stride + box->x, box->width, box->height, frame->stride};
}

static struct cf_frame picture(const uint8_t *grey, uint32_t width, uint32_t height)
{
    return (struct cf_frame){grey, width, height, width};
}

/* Looks at `pixels`, which show the box enlarged by `times`. */
static enum cf_rc look(const struct work *work, enum cf_pass_kind kind, const uint8_t *pixels, const struct cf_box *box,
                       uint32_t times, struct cf_error *err)
{
    const struct cf_pass pass = {.kind = kind,
                                 .pixels = pixels,
                                 .width = times * box->width,
                                 .height = times * box->height,
                                 .left = box->x,
                                 .top = box->y,
                                 .times = times,
                                 .parts = 1};
    return cf_decoder_pass(work->decoder, &pass, work->symbols, err);
}

static void copy(const struct cf_frame *from, uint8_t *to)
{
    for (uint32_t y = 0; y < from->height; y++)
        memcpy(to + (size_t)y * from->width, from->grey + y * from->stride, from->width);
}

/* The box of the bar codes with the quiet zones at their ends; at most a third of the frame: of a large one its middle.
 */
static struct cf_box bars_box(const struct cf_box *box, const struct cf_frame *frame)
{
    uint32_t margin = (box->width > box->height ? box->width : box->height) / 5 + 16;
    uint32_t left = box->x > margin ? box->x - margin : 0, top = box->y > margin ? box->y - margin : 0;
    uint32_t right = box->x + box->width + margin, bottom = box->y + box->height + margin;
    struct cf_box ret = {left, top, (right < frame->width ? right : frame->width) - left,
                         (bottom < frame->height ? bottom : frame->height) - top};
    uint32_t most = frame->width * frame->height / 3;
    if (ret.width * ret.height > most) {
        if (box->width > box->height) {
            uint32_t height = most / ret.width;
            ret.y += (ret.height - height) / 2;
            ret.height = height;
        } else {
            uint32_t width = most / ret.height;
            ret.x += (ret.width - width) / 2;
            ret.width = width;
        }
    }
    return ret;
}

/* The frame's own pixels where bar codes were read, and turned over: what cf_decoder_judge asks for. */
static enum cf_rc bars(const struct work *work, bool frame_too, struct cf_error *err)
{
    struct cf_box read;
    if (!cf_decoder_doubts(work->decoder, &read))
        return CF_OK;
    const struct cf_box box = bars_box(&read, work->frame);
    const struct cf_frame part = part_of(work->frame, &box);
    if (box.width == 0 || box.height == 0)
        return CF_OK;
    copy(&part, work->made);
    cf_filter_turn(&part, work->between);
    enum cf_rc rc = frame_too ? look(work, CF_PASS_FRAME, work->made, &box, 1, err) : CF_OK;
    return rc == CF_OK ? look(work, CF_PASS_TURNED, work->between, &box, 1, err) : rc;
}

static enum cf_rc whole_frame(const struct work *work, struct cf_error *err)
{
    const struct cf_box all = {0, 0, work->frame->width, work->frame->height};
    copy(work->frame, work->made);
    enum cf_rc rc = look(work, CF_PASS_FRAME, work->made, &all, 1, err);
    return rc == CF_OK ? bars(work, false, err) : rc;
}

static enum cf_rc enlarged_and_inverted(const struct work *work, const struct cf_box *box, struct cf_error *err)
{
    const struct cf_frame part = part_of(work->frame, box);
    const struct cf_frame large = picture(work->between, 2 * box->width, 2 * box->height);
    const struct cf_frame negative = picture(work->between, box->width, box->height);
    cf_filter_enlarge(&part, work->made, work->between);
    cf_filter_threshold(&large, work->sums, work->made);
    enum cf_rc rc = look(work, CF_PASS_QR, work->made, box, 2, err);
    if (rc != CF_OK || work->symbols->n > 0)
        return rc;
    cf_filter_invert(&part, work->between);
    cf_filter_threshold(&negative, work->sums, work->made);
    return look(work, CF_PASS_QR, work->made, box, 1, err);
}

static enum cf_rc blurred_and_sharpened(const struct work *work, const struct cf_box *box, struct cf_error *err)
{
    const struct cf_frame part = part_of(work->frame, box);
    const struct cf_frame soft = picture(work->between, box->width, box->height);
    cf_filter_blur(&part, work->between);
    cf_filter_threshold(&soft, work->sums, work->made);
    enum cf_rc rc = look(work, CF_PASS_QR, work->made, box, 1, err);
    if (rc != CF_OK || work->symbols->n > 0)
        return rc;
    cf_filter_enlarge(&part, work->between, work->made);
    return look(work, CF_PASS_QR, work->made, box, 2, err);
}

static enum cf_rc tilted(const struct work *work, const struct cf_box *box, unsigned first, struct cf_error *err)
{
    const struct cf_frame part = part_of(work->frame, box);
    enum cf_rc rc = CF_OK;
    for (unsigned tilt = first; rc == CF_OK && work->symbols->n == 0 && tilt < first + CF_FILTER_TILTS / 2; tilt++) {
        const struct cf_pass pass = {.kind = CF_PASS_QR,
                                     .pixels = work->made,
                                     .width = box->width,
                                     .height = box->height,
                                     .left = box->x,
                                     .top = box->y,
                                     .times = 1,
                                     .parts = 1,
                                     .warped = true};
        cf_filter_tilt(&part, tilt, work->made);
        rc = cf_decoder_pass(work->decoder, &pass, work->symbols, err);
    }
    return rc;
}

/* One of the dearer stages, by turns; a region for each round of them. */
static enum cf_rc dear_stage(const struct work *work, unsigned turn, struct cf_error *err)
{
    if (work->n_regions == 0)
        return CF_OK;
    const struct cf_box *box = &work->region[turn / CF_READER_STAGES % work->n_regions];
    switch (turn % CF_READER_STAGES) {
    case 0:
        return enlarged_and_inverted(work, box, err);
    case 2:
        return tilted(work, box, 0, err);
    case 3:
        return tilted(work, box, CF_FILTER_TILTS / 2, err);
    default:
        return blurred_and_sharpened(work, box, err);
    }
}

/* Of a frame that shows nothing so far. */
static enum cf_rc look_harder(struct cf_reader *reader, struct work *work, struct cf_error *err)
{
    unsigned turn = reader->turn++;
    if (turn % CF_READER_STAGES == 1)
        return whole_frame(work, err);
    work->n_regions = cf_region_find(work->thresholded, work->frame->width, work->frame->height, work->region);
    work->sought = true;
    return dear_stage(work, turn, err);
}

static enum cf_rc all(struct cf_reader *reader, struct work *work, struct cf_error *err)
{
    const struct cf_box frame = {0, 0, work->frame->width, work->frame->height};
    struct cf_box read;
    cf_filter_threshold(work->frame, work->sums, work->thresholded);
    enum cf_rc rc = look(work, CF_PASS_THRESHOLDED, work->thresholded, &frame, 1, err);
    bool doubts = rc == CF_OK && cf_decoder_doubts(work->decoder, &read) && !reader->doubted;
    if (doubts)
        rc = bars(work, true, err);
    else if (rc == CF_OK && work->symbols->n == 0)
        rc = look_harder(reader, work, err);
    if (rc != CF_OK)
        return rc;
    cf_decoder_judge(work->decoder, work->symbols);
    reader->doubted = doubts && work->symbols->n == 0;
    if (work->symbols->n > 0)
        reader->turn = 0;
    return CF_OK;
}

/* A frame on which no region was sought and nothing was read says nothing of it. */
static void judge_focus(struct cf_reader *reader, const struct work *work, cf_mono at)
{
    if (work->symbols->n == 0 && !work->sought)
        return;
    bool blurs = work->symbols->n == 0 && work->n_regions > 0 && cf_region_is_blurred(work->frame, &work->region[0]);
    if (blurs && !reader->blurs)
        reader->blurs_since = at;
    reader->sharp_frames = blurs ? 0 : reader->sharp_frames + 1;
    reader->blurs = blurs || (reader->blurs && work->symbols->n == 0 && reader->sharp_frames < SHARP_FRAMES);
    reader->looked = at;
}

bool cf_reader_blurred(struct cf_reader *reader)
{
    bool told = reader->blurs && reader->sharp_frames == 0 &&
                cf_mono_since(reader->looked, reader->blurs_since).us >= CF_READER_BLURRED_MS * 1000;
    if (told)
        reader->blurs_since = reader->looked;
    return told;
}

/* ---- what is told ------------------------------------------------------------------------------------------------ */

static uint64_t hash_of(cf_bytes text)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < text.n; i++)
        hash = (hash ^ text.p[i]) * 1099511628211u;
    return hash;
}

static bool gone(const struct cf_reader *reader, const struct seen *seen, cf_mono at)
{
    int64_t ms = cf_mono_since(at, seen->last).us / CF_US_PER_MS;
    return ms > CF_READER_SLOW_MS || (ms > CF_READER_GONE_MS && reader->frame_no - seen->last_frame > 1);
}

/* Its place; a new one, or the one of what was not seen for longest. */
static struct seen *find(struct cf_reader *reader, const struct cf_symbol *symbol)
{
    uint64_t hash = hash_of(symbol->text);
    struct seen *oldest = &reader->seen[0];
    for (size_t i = 0; i < SEEN_MAX; i++) {
        struct seen *seen = &reader->seen[i];
        if (seen->frames > 0 && seen->symbology == symbol->symbology && seen->n == symbol->text.n && seen->hash == hash)
            return seen;
        if (oldest->frames > 0 && (seen->frames == 0 || seen->last.us < oldest->last.us))
            oldest = seen;
    }
    *oldest = (struct seen){.symbology = symbol->symbology, .n = symbol->text.n, .hash = hash};
    return oldest;
}

/* Leaves in `symbols` what is to be told. */
static void sift(struct cf_reader *reader, struct cf_symbols *symbols, cf_mono at)
{
    size_t n = 0;
    reader->frame_no++;
    for (size_t i = 0; i < symbols->n; i++) {
        struct seen *seen = find(reader, &symbols->symbol[i]);
        if (seen->frames > 0 && gone(reader, seen, at)) {
            seen->frames = 0;
            seen->told = false;
        }
        seen->frames += seen->frames < CF_READER_BAR_FRAMES;
        seen->last = at;
        seen->last_frame = reader->frame_no;
        unsigned needed = symbols->symbol[i].symbology == CF_SYMBOLOGY_QR ? 1 : CF_READER_BAR_FRAMES;
        if (!seen->told && seen->frames >= needed) {
            seen->told = true;
            symbols->symbol[n++] = symbols->symbol[i];
        }
    }
    symbols->n = n;
}

/* While nothing changes, what was seen since then is seen on. */
static void see_on(struct cf_reader *reader, cf_mono at)
{
    for (size_t i = 0; i < SEEN_MAX; i++) {
        struct seen *seen = &reader->seen[i];
        if (seen->frames > 0 && seen->last.us >= reader->still_since.us)
            seen->last = at;
    }
}

enum cf_rc cf_reader_frame(struct cf_reader *reader, const struct cf_frame *frame, cf_mono at, struct cf_symbols *ret,
                           struct cf_error *err)
{
    enum cf_rc rc = cf_frame_check(frame, err);
    if (rc != CF_OK)
        return rc;
    size_t pixels = (size_t)frame->width * frame->height;
    if (pixels > CF_READER_PIXELS_MAX)
        return cf_fail(err, CF_E_IMAGE_SIZE, "frame of %u x %u", frame->width, frame->height);
    struct cf_symbols symbols;
    cf_decoder_begin(reader->decoder, &symbols);
    if (rests(reader, frame, at)) {
        see_on(reader, at);
        *ret = symbols;
        return CF_OK;
    }
    /* A part is at most a third of the frame, and twice as wide and high: four thirds. */
    size_t picture_bytes = pixels + pixels / 2 + 16,
           sums = CF_FILTER_SCRATCH(2 * (size_t)frame->width) * sizeof(uint32_t);
    uint8_t *scratch = cf_decoder_scratch(reader->decoder, sums + pixels + 2 * picture_bytes);
    if (scratch == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "frame of %u x %u", frame->width, frame->height);
    struct work work = {.decoder = reader->decoder,
                        .frame = frame,
                        .sums = (uint32_t *)(void *)scratch,
                        .thresholded = scratch + sums,
                        .made = scratch + sums + pixels,
                        .between = scratch + sums + pixels + picture_bytes,
                        .symbols = &symbols};
    rc = all(reader, &work, err);
    if (rc != CF_OK)
        return rc;
    judge_focus(reader, &work, at);
    sift(reader, &symbols, at);
    *ret = symbols;
    return CF_OK;
}
