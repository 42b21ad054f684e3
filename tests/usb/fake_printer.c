/*
 * tests/usb/fake_printer.c - see fake_printer.h.
 */
#include "tests/usb/fake_printer.h"

#include <stdlib.h>
#include <string.h>

#define ESC 0x1b
#define GS 0x1d
#define FS 0x1c
#define DLE 0x10

void fake_printer_init(struct fake_printer *printer)
{
    memset(printer, 0, sizeof *printer);
    pthread_mutex_init(&printer->lock, NULL);
    cf_buf_init(&printer->paper, 64u << 20);
    cf_buf_init(&printer->pending, 64u << 20);
}

void fake_printer_done(struct fake_printer *printer)
{
    cf_buf_done(&printer->paper);
    cf_buf_done(&printer->pending);
}

/* How long the command at p is; more than n: that is not all of it. */
static size_t length_of(const uint8_t *p, size_t n)
{
    if (n < 2)
        return p[0] == ESC || p[0] == GS || p[0] == FS || p[0] == DLE ? 2 : 1;
    if (p[0] == ESC)
        return p[1] == '@' ? 2 : p[1] == 'p' ? 5 : 3;
    if (p[0] == FS)
        return 2;
    if (p[0] == DLE)
        return 3;
    if (p[0] != GS)
        return 1;
    if (p[1] == 'V')
        return n < 3 || p[2] >= 65 ? 4 : 3;
    if (p[1] == '(')
        return n < 5 ? 5 : 5 + (size_t)(p[3] | p[4] << 8);
    if (p[1] == 'v')
        return n < 8 ? 8 : 8 + (size_t)(p[4] | p[5] << 8) * (size_t)(p[6] | p[7] << 8);
    return 3;
}

size_t fake_printer_automatic(struct fake_printer *printer, uint8_t reply[4])
{
    if (printer->mute || !printer->automatic)
        return 0;
    bool off_line = printer->no_paper || printer->cover_open;
    reply[0] = (uint8_t)(0x10 | (off_line ? 0x08 : 0) | (printer->cover_open ? 0x20 : 0));
    reply[1] = 0;
    reply[2] = printer->no_paper ? 0x0f : 0;
    reply[3] = 0x0f;
    return 4;
}

static uint8_t answer(const struct fake_printer *printer, uint8_t number)
{
    bool off_line = printer->no_paper || printer->cover_open;
    switch (number) {
    case 1:
        return 0x12 | (off_line ? 0x08 : 0);
    case 2:
        return 0x12 | (printer->cover_open ? 0x04 : 0) | (printer->no_paper ? 0x20 : 0);
    case 4:
        return 0x12 | (printer->no_paper ? 0x6c : 0);
    default:
        return 0x12;
    }
}

/* A whole command: what it answers, or NULL bytes for what goes on paper. */
static size_t obey(struct fake_printer *printer, const uint8_t *p, size_t n, uint8_t *reply)
{
    if (p[0] == DLE && p[1] == 4) {
        reply[0] = answer(printer, p[2]);
        return printer->mute ? 0 : 1;
    }
    if (p[0] == GS && p[1] == 'a') {
        printer->automatic = p[2] != 0;
        return fake_printer_automatic(printer, reply);
    }
    if (p[0] == GS && p[1] == 'r') {
        reply[0] = printer->no_paper ? 0x0f : 0;
        return printer->mute || printer->confirms_nothing ? 0 : 1;
    }
    if (p[0] == ESC && p[1] == '@')
        printer->automatic = false;
    if (p[0] == ESC && p[1] == 'p')
        printer->n_pulses++;
    if (cf_buf_append(&printer->paper, p, n, NULL) != CF_OK)
        abort();
    return 0;
}

size_t fake_printer_wrote(void *ctx, cf_bytes in, uint8_t *reply, size_t max)
{
    struct fake_printer *printer = ctx;
    size_t at = 0, n_reply = 0;
    pthread_mutex_lock(&printer->lock);
    struct cf_buf *pending = &printer->pending;
    if (cf_buf_append(pending, in.p, in.n, NULL) != CF_OK)
        abort();
    while (at < pending->n) {
        size_t n = length_of(pending->p + at, pending->n - at);
        if (n > pending->n - at || n_reply + 4 > max)
            break;
        n_reply += obey(printer, pending->p + at, n, reply + n_reply);
        at += n;
    }
    memmove(pending->p, pending->p + at, pending->n - at);
    pending->n -= at;
    pthread_mutex_unlock(&printer->lock);
    return n_reply;
}

bool fake_printer_printed(struct fake_printer *printer, cf_bytes job)
{
    pthread_mutex_lock(&printer->lock);
    bool same = cf_bytes_equal(cf_buf_bytes(&printer->paper), job);
    cf_buf_clear(&printer->paper);
    pthread_mutex_unlock(&printer->lock);
    return same;
}

void fake_printer_take(struct fake_printer *printer, FILE *to)
{
    pthread_mutex_lock(&printer->lock);
    if (fwrite(printer->paper.p, 1, printer->paper.n, to) != printer->paper.n)
        abort();
    cf_buf_clear(&printer->paper);
    pthread_mutex_unlock(&printer->lock);
}

size_t fake_printer_paper_bytes(struct fake_printer *printer)
{
    pthread_mutex_lock(&printer->lock);
    size_t n = printer->paper.n;
    pthread_mutex_unlock(&printer->lock);
    return n;
}
