/*
 * tests/drivers/camera/phone.c - a phone's screen projected into a picture, four samples a pixel.
 */
#include "tests/drivers/camera/phone.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/receipt/qr.h"

#define QUIET 4
#define DEGREE (3.14159265358979 / 180)

struct view {
    const struct phone *phone;
    const uint8_t *module;
    uint32_t side;
    double middle_x, middle_y, scale; /* pixels a module */
    double turn_cos, turn_sin, axis_x, axis_y, tilt_cos, tilt_sin, eye;
};

static unsigned draw_lot(uint64_t *random)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*random >> 40);
}

/* The counter: a gradient, with lines of print and a shelf's bars on it. */
static uint8_t counter_at(double x, double y, uint32_t width, uint32_t height)
{
    double grey = 90 + 60 * x / width + 30 * y / height;
    unsigned row = (unsigned)(y + 10000) / 9, letter = (unsigned)(x + 10000) / 5;
    if (row % 3 == 1 && (letter * 7919u + row * 104729u) % 11 < 5)
        grey -= 45;
    return (uint8_t)grey;
}

/* What is seen at a place of the picture, before the lens: 0 to 255. */
static uint8_t look(const struct view *view, double x, double y, uint32_t width, uint32_t height)
{
    /* Back onto the phone's plane: u, v are what the tilted plane shows at dx, dy. */
    double dx = x - view->middle_x, dy = y - view->middle_y;
    double along = dx * view->axis_x + dy * view->axis_y, across = -dx * view->axis_y + dy * view->axis_x;
    double depth = view->eye * view->tilt_cos - across * view->tilt_sin;
    double v = across * view->eye / depth, u = along * (1 + v * view->tilt_sin / view->eye);
    double px = u * view->axis_x - v * view->axis_y, py = u * view->axis_y + v * view->axis_x;
    double mx = (px * view->turn_cos + py * view->turn_sin) / view->scale;
    double my = (-px * view->turn_sin + py * view->turn_cos) / view->scale;
    double half = view->side / 2.0, screen = half + QUIET;
    if (fabs(mx) > screen + 3 || fabs(my) > screen * 1.5 + 6)
        return counter_at(x, y, width, height);
    if (fabs(mx) > screen || fabs(my) > screen * 1.5)
        return 25; /* the phone's rim */
    bool dark = false;
    if (fabs(mx) < half && fabs(my) < half) {
        uint32_t column = (uint32_t)(mx + half), row = (uint32_t)(my + half);
        dark = column < view->side && row < view->side && view->module[row * view->side + column] != 0;
    }
    return dark != view->phone->inverted ? 35 : 225;
}

static void smear(uint8_t *grey, uint32_t width, uint32_t height, unsigned motion)
{
    uint8_t *row = malloc(width);
    assert(row != NULL);
    for (uint32_t y = 0; y < height; y++) {
        memcpy(row, grey + (size_t)y * width, width);
        for (uint32_t x = 0; x < width; x++) {
            unsigned sum = 0;
            for (unsigned k = 0; k <= motion; k++)
                sum += row[x + k < width ? x + k : width - 1];
            grey[(size_t)y * width + x] = (uint8_t)(sum / (motion + 1));
        }
    }
    free(row);
}

static void blur(uint8_t *grey, uint32_t width, uint32_t height)
{
    uint8_t *from = malloc((size_t)width * height);
    assert(from != NULL);
    memcpy(from, grey, (size_t)width * height);
    for (uint32_t y = 1; y + 1 < height; y++) {
        for (uint32_t x = 1; x + 1 < width; x++) {
            const uint8_t *p = from + (size_t)y * width + x;
            unsigned sum = 4u + p[0];
            for (int k = -1; k <= 1; k++)
                sum += (k != 0 ? p[k] : 0u) + p[k - (int)width] + p[k + (int)width];
            grey[(size_t)y * width + x] = (uint8_t)(sum / 9);
        }
    }
    free(from);
}

/* A lamp on the glass, up and left of the code's middle; then the shop's light, then the sensor's noise. */
static void light(const struct view *view, uint8_t *grey, uint32_t width, uint32_t height)
{
    const struct phone *phone = view->phone;
    uint64_t random = phone->seed;
    double lamp_x = view->middle_x - view->side * view->scale / 5,
           lamp_y = view->middle_y - view->side * view->scale / 6;
    double reach = view->side * view->scale / 3;
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            double far = ((x - lamp_x) * (x - lamp_x) + (y - lamp_y) * (y - lamp_y)) / (reach * reach);
            double value = grey[(size_t)y * width + x];
            value += phone->glare / (1 + far * far);
            value = value > 255 ? 255 : value;
            value = 12 + value * phone->contrast / 110;
            if (phone->noise > 0)
                value += (double)(draw_lot(&random) % (2 * phone->noise + 1)) - phone->noise;
            grey[(size_t)y * width + x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
    }
}

void phone_draw(const struct phone *phone, const uint8_t *module, uint32_t side, uint8_t *grey, uint32_t width,
                uint32_t height)
{
    struct view view = {
        .phone = phone,
        .module = module,
        .side = side,
        .middle_x = width / 2.0 + phone->shift_x,
        .middle_y = height / 2.0 + phone->shift_y,
        .scale = phone->module_milli / 1000.0,
        .turn_cos = cos(phone->turn_deg * DEGREE),
        .turn_sin = sin(phone->turn_deg * DEGREE),
        .axis_x = cos(phone->axis_deg * DEGREE),
        .axis_y = sin(phone->axis_deg * DEGREE),
        .tilt_cos = cos(phone->tilt_deg * DEGREE),
        .tilt_sin = sin(phone->tilt_deg * DEGREE),
        .eye = 1.4 * width, /* a lens of about 40 degrees */
    };
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            unsigned sum = 0;
            for (unsigned k = 0; k < 4; k++)
                sum += look(&view, x + 0.25 + 0.5 * (k & 1), y + 0.25 + 0.5 * (k >> 1), width, height);
            grey[(size_t)y * width + x] = (uint8_t)(sum / 4);
        }
    }
    if (phone->motion > 0)
        smear(grey, width, height, phone->motion);
    for (unsigned i = 0; i < phone->blur; i++)
        blur(grey, width, height);
    light(&view, grey, width, height);
}

void phone_draw_text(const struct phone *phone, cf_bytes text, uint8_t *grey, uint32_t width, uint32_t height)
{
    static struct cf_qr qr;
    enum cf_rc rc = cf_qr_make(text, CF_QR_M, &qr, NULL);
    assert(rc == CF_OK);
    phone_draw(phone, qr.module, qr.side, grey, width, height);
}
