/* Pictures: whatever the bytes are, frames are within bounds, every pixel can be read, and decoding them does no harm.
 */
#include "drivers/camera/reader.h"

#include <assert.h>

#define FRAMES_MOST 4
#define PIXELS_DECODED_MOST 10000u /* zbar takes long over large noise, and there are many stages */

static void look(struct cf_decoder *decoder, struct cf_reader *reader, int64_t at_us, const struct cf_frame *frame)
{
    assert(frame->width > 0 && frame->width <= CF_FRAME_SIDE_MAX);
    assert(frame->height > 0 && frame->height <= CF_FRAME_SIDE_MAX);
    assert(frame->stride >= frame->width);
    unsigned sum = 0;
    for (uint32_t y = 0; y < frame->height; y++)
        for (uint32_t x = 0; x < frame->width; x++)
            sum += frame->grey[y * frame->stride + x];
    volatile unsigned seen = sum;
    (void)seen;
    if (frame->width * frame->height > PIXELS_DECODED_MOST)
        return;
    struct cf_symbols symbols;
    const struct cf_symbol *chosen;
    const char *const prefixes[] = {"CP1:"};
    enum cf_rc rc = cf_decode(decoder, frame, &symbols, NULL);
    assert(rc == CF_OK && symbols.n <= CF_SYMBOLS_MAX);
    if (cf_symbols_choose(&symbols, prefixes, 1, &chosen, NULL) == CF_OK)
        assert(chosen >= symbols.symbol && chosen < symbols.symbol + symbols.n);
    rc = cf_reader_frame(reader, frame, (cf_mono){at_us}, &symbols, NULL);
    assert(rc == CF_OK && symbols.n <= CF_SYMBOLS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_decoder *decoder = NULL;
    struct cf_reader *reader = NULL;
    struct cf_frame_source *source = NULL;
    bool got = true;
    enum cf_rc rc = cf_decoder_new(&decoder, NULL);
    assert(rc == CF_OK);
    rc = cf_reader_new(&reader, NULL);
    assert(rc == CF_OK);
    rc = cf_frame_source_of_memory(cf_bytes_of(data, size), &source, NULL);
    for (int i = 0; i < FRAMES_MOST && rc == CF_OK && got; i++) {
        struct cf_frame frame;
        rc = cf_frame_source_next(source, &got, &frame, NULL);
        if (rc == CF_OK && got)
            look(decoder, reader, i * 40000, &frame);
    }
    cf_frame_source_free(source);
    cf_reader_free(reader);
    cf_decoder_free(decoder);
    return 0;
}
