/*
 * tests/drivers/camera/phone.h - what a camera sees of a phone that shows a code, made by code.
 *
 * A dark phone with a lit screen lies before a counter with print on it; the code is on the screen. Then what lenses,
 * hands, lamps and dark shops do to a picture. The same numbers make the same picture.
 */
#ifndef CF_TESTS_CAMERA_PHONE_H
#define CF_TESTS_CAMERA_PHONE_H

#include "drivers/camera/camera.h"

struct phone {
    uint32_t module_milli; /* thousandths of a pixel a module, before the tilt */
    int turn_deg;          /* in the picture's plane */
    int tilt_deg, axis_deg;
    int shift_x, shift_y; /* of the phone's middle from the picture's */
    unsigned blur;        /* passes of a 3 x 3 mean: 0 to 8 */
    unsigned motion;      /* pixels a hand moves while the picture is taken */
    unsigned glare;       /* 0 to 255: what a lamp on the glass adds at its middle */
    unsigned contrast;    /* percent, of 100: a dark shop */
    unsigned noise;       /* +- grey levels */
    bool inverted;        /* light modules on a dark screen */
    uint64_t seed;
};

/* A phone at arm's length, straight and well lit. */
#define PHONE_PLAIN ((struct phone){.module_milli = 5000, .contrast = 100, .blur = 1, .noise = 4, .seed = 1})

/* `side` modules a side, not 0 where dark, without a quiet zone. `grey` has width * height bytes. */
void phone_draw(const struct phone *phone, const uint8_t *module, uint32_t side, uint8_t *grey, uint32_t width,
                uint32_t height);
/* The QR code of a text. */
void phone_draw_text(const struct phone *phone, cf_bytes text, uint8_t *grey, uint32_t width, uint32_t height);

#endif
