/*
 * tests/drivers/camera/canvas.h - pictures to decode, drawn in memory: bar codes, QR codes, noise.
 */
#ifndef CF_TESTS_CAMERA_CANVAS_H
#define CF_TESTS_CAMERA_CANVAS_H

#include "drivers/camera/camera.h"

struct canvas {
    uint8_t *grey;
    uint32_t width, height;
    size_t stride;
};

/* White. stride >= width; what pads the rows is black, so that reading it shows. Free with canvas_done. */
struct canvas canvas_new(uint32_t width, uint32_t height, size_t stride);
void canvas_done(struct canvas *canvas);
struct cf_frame canvas_frame(const struct canvas *canvas);

/* Each draws with its quiet zones at x, y; `module` dots a module, `height` dots high. Digits are as in the symbol,
 * check digit included. */
void canvas_ean13(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t module, uint32_t height, const char *digits);
void canvas_ean8(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t module, uint32_t height, const char *digits);
void canvas_upce(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t module, uint32_t height, const char *digits);
/* Code set B; gs1: with FNC1 first. */
void canvas_code128(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t module, uint32_t height, bool gs1,
                    const char *text);
void canvas_qr(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t module, cf_bytes text);

#endif
