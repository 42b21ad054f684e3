/*
 * tests/drivers/display/fake_display.c - see fake_display.h.
 */
#include "tests/drivers/display/fake_display.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#define ESC 0x1b
#define US 0x1f
#define CR 0x0d

static void clear(struct fake_display *display)
{
    memset(display->cell, ' ', sizeof display->cell);
    display->row = display->column = 0;
    display->in_row = false;
}

void fake_display_init(struct fake_display *display, enum cf_display_language language)
{
    memset(display, 0, sizeof *display);
    display->language = language;
    clear(display);
}

static void show(struct fake_display *display, uint8_t byte)
{
    if (display->in_row && display->column == CF_DISPLAY_COLUMNS)
        return; /* a string's end beyond the row is not shown */
    display->cell[display->row][display->column++] = byte;
    if (!display->in_row && display->column == CF_DISPLAY_COLUMNS) {
        display->column = 0;
        display->row = (display->row + 1) % CF_DISPLAY_ROWS;
    }
}

/* How long the command is that begins so; 0: that cannot be told yet, or it is none. */
static size_t length_of(const uint8_t *command, size_t n)
{
    if (n < 2)
        return 0;
    if (command[0] == US)
        return command[1] == '$' ? 4 : command[1] == 'C' || command[1] == 'E' ? 3 : 2;
    return command[1] == '@' ? 2 : 3;
}

static void obey(struct fake_display *display)
{
    const uint8_t *c = display->command;
    if (c[0] == ESC && c[1] == '@') {
        clear(display);
        display->n_resets++;
    } else if (display->language == CF_DISPLAY_ESCPOS && c[0] == US && c[1] == '$') {
        if (c[2] >= 1 && c[2] <= CF_DISPLAY_COLUMNS && c[3] >= 1 && c[3] <= CF_DISPLAY_ROWS) {
            display->column = c[2] - 1u;
            display->row = c[3] - 1u;
        }
    } else if (display->language == CF_DISPLAY_CD5220 && c[0] == ESC && c[1] == 'Q' && (c[2] == 'A' || c[2] == 'B')) {
        display->row = c[2] - (unsigned)'A';
        display->column = 0;
        display->in_row = true;
        memset(display->cell[display->row], ' ', CF_DISPLAY_COLUMNS);
    } else if (!((c[0] == US && (c[1] == 'C' || c[1] == 1)) || (c[0] == ESC && c[1] == '_'))) {
        display->n_unknown++;
    }
    display->n_command = 0;
}

void fake_display_take(struct fake_display *display, cf_bytes bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        uint8_t byte = bytes.p[i];
        if (display->n_command > 0) {
            display->command[display->n_command++] = byte;
            if (display->n_command == length_of(display->command, display->n_command))
                obey(display);
        } else if (byte == ESC || byte == US) {
            display->command[display->n_command++] = byte;
        } else if (byte == CR) {
            display->in_row = false;
            display->column = 0;
        } else if (byte == 0x0c) {
            clear(display);
        } else if (byte >= ' ') {
            show(display, byte);
        }
    }
}

void fake_display_row(const struct fake_display *display, unsigned row, char ret[CF_DISPLAY_COLUMNS * 4 + 1])
{
    iconv_t charset = iconv_open("UTF-8", "GB18030");
    char cells[CF_DISPLAY_COLUMNS], *from = cells, *to = ret;
    size_t n = sizeof cells, room = CF_DISPLAY_COLUMNS * 4;
    memcpy(cells, display->cell[row], sizeof cells);
    while (n > 0 && room > 0) {
        if (iconv(charset, &from, &n, &to, &room) == 0)
            break;
        from++;
        n--;
        *to++ = '?';
        room--;
    }
    *to = '\0';
    iconv_close(charset);
}
