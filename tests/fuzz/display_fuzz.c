/* The display that the tests look at takes any bytes, and shows any text that it is sent. */
#include "drivers/display/display_proto.h"

#include <stdlib.h>
#include <string.h>

#include "tests/drivers/display/fake_display.h"

static void copy(char *to, const uint8_t *data, size_t size, size_t part)
{
    size_t from = part * size / 4, n = (part + 1) * size / 4 - from;
    n = n < CF_DISPLAY_ROW_BYTES ? n : CF_DISPLAY_ROW_BYTES;
    memcpy(to, data + from, n);
    to[n] = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int language = CF_DISPLAY_ESCPOS; language <= CF_DISPLAY_CD5220; language++) {
        const struct cf_display_model model = {(enum cf_display_language)language, size % 2 == 0};
        struct cf_display_text text = {.row = {{.left = ""}}};
        struct cf_display_frame frame;
        struct fake_display display;
        char row[CF_DISPLAY_COLUMNS * 4 + 1];
        fake_display_init(&display, model.language);
        fake_display_take(&display, cf_bytes_of(data, size));
        if (display.row >= CF_DISPLAY_ROWS || display.column > CF_DISPLAY_COLUMNS)
            abort();
        fake_display_row(&display, 0, row);
        for (size_t i = 0; i < CF_DISPLAY_ROWS; i++) {
            copy(text.row[i].left, data, size, 2 * i);
            copy(text.row[i].right, data, size, 2 * i + 1);
        }
        if (cf_display_encode(&model, &text, true, &frame, NULL) != CF_OK)
            abort();
        fake_display_init(&display, model.language);
        fake_display_take(&display, cf_bytes_of(frame.bytes, frame.n));
        if (display.n_unknown > 0 || display.n_resets != 1 || display.n_command > 0 || display.in_row)
            abort();
    }
    return 0;
}
