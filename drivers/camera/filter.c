/*
 * drivers/camera/filter.c - thresholds, sizes, sharpness and tilts of grey pictures.
 */
#include <string.h>

#include "drivers/camera/filter.h"

/* ---- threshold --------------------------------------------------------------------------------------------------- */

static void add_row(uint32_t *restrict sums, const uint8_t *restrict row, uint32_t width)
{
    for (uint32_t x = 0; x < width; x++)
        sums[x] += row[x];
}

static void take_row(uint32_t *restrict sums, const uint8_t *restrict row, uint32_t width)
{
    for (uint32_t x = 0; x < width; x++)
        sums[x] -= row[x];
}

/* One row: `sums` has the sums of the window's columns, `rows` of them. */
static void threshold_row(const uint32_t *restrict sums, const uint8_t *restrict from, uint32_t width, uint32_t rows,
                          uint8_t *restrict to)
{
    uint32_t ahead = width - 1 < CF_FILTER_RADIUS ? width - 1 : CF_FILTER_RADIUS;
    uint32_t sum = 0;
    for (uint32_t x = 0; x <= ahead; x++)
        sum += sums[x];
    uint32_t columns = ahead + 1;
    for (uint32_t x = 0; x < width; x++) {
        uint32_t area = columns * rows;
        to[x] = (from[x] + CF_FILTER_BIAS) * area < sum ? 0 : 255;
        if (x + ahead + 1 < width) {
            sum += sums[x + ahead + 1];
            columns++;
        }
        if (x >= ahead) {
            sum -= sums[x - ahead];
            columns--;
        }
    }
}

void cf_filter_threshold(const struct cf_frame *from, uint32_t *scratch, uint8_t *to)
{
    uint32_t ahead = from->height - 1 < CF_FILTER_RADIUS ? from->height - 1 : CF_FILTER_RADIUS;
    memset(scratch, 0, from->width * sizeof *scratch);
    for (uint32_t y = 0; y <= ahead; y++)
        add_row(scratch, from->grey + y * from->stride, from->width);
    uint32_t rows = ahead + 1;
    for (uint32_t y = 0; y < from->height; y++) {
        threshold_row(scratch, from->grey + y * from->stride, from->width, rows, to + (size_t)y * from->width);
        if (y + ahead + 1 < from->height) {
            add_row(scratch, from->grey + (y + ahead + 1) * from->stride, from->width);
            rows++;
        }
        if (y >= ahead) {
            take_row(scratch, from->grey + (y - ahead) * from->stride, from->width);
            rows--;
        }
    }
}

/* ---- size and sharpness ------------------------------------------------------------------------------------------ */

/* Twice as large: each pixel stands for the four around its middle, weighted 9-3-3-1. */
static void enlarge_row(const uint8_t *restrict near, const uint8_t *restrict far, uint32_t width, uint8_t *restrict to)
{
    for (uint32_t x = 0; x < width; x++) {
        uint32_t left = x > 0 ? x - 1 : 0, right = x + 1 < width ? x + 1 : x;
        uint32_t here = 9u * near[x] + 3u * far[x] + 8u;
        to[2 * x] = (uint8_t)((here + 3u * near[left] + far[left]) >> 4);
        to[2 * x + 1] = (uint8_t)((here + 3u * near[right] + far[right]) >> 4);
    }
}

static uint8_t clamp(int value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* Three times the pixel, less the mean of the four beside it twice. */
static void sharpen_row(const uint8_t *restrict above, const uint8_t *restrict row, const uint8_t *restrict below,
                        uint32_t width, uint8_t *restrict to)
{
    to[0] = row[0];
    to[width - 1] = row[width - 1];
    for (uint32_t x = 1; x + 1 < width; x++) {
        int around = above[x] + below[x] + row[x - 1] + row[x + 1];
        to[x] = clamp(3 * row[x] - around / 2);
    }
}

void cf_filter_enlarge(const struct cf_frame *from, uint8_t *scratch, uint8_t *to)
{
    uint32_t width = 2 * from->width, height = 2 * from->height;
    for (uint32_t y = 0; y < height; y++) {
        uint32_t near = y / 2;
        uint32_t far = y % 2 == 0 ? (near > 0 ? near - 1 : 0) : (near + 1 < from->height ? near + 1 : near);
        enlarge_row(from->grey + near * from->stride, from->grey + far * from->stride, from->width,
                    scratch + (size_t)y * width);
    }
    memcpy(to, scratch, width);
    memcpy(to + (size_t)(height - 1) * width, scratch + (size_t)(height - 1) * width, width);
    for (uint32_t y = 1; y + 1 < height; y++) {
        const uint8_t *row = scratch + (size_t)y * width;
        sharpen_row(row - width, row, row + width, width, to + (size_t)y * width);
    }
}

static void blur_row(const uint8_t *restrict above, const uint8_t *restrict row, const uint8_t *restrict below,
                     uint32_t width, uint8_t *restrict to)
{
    for (uint32_t x = 0; x < width; x++) {
        uint32_t left = x > 0 ? x - 1 : 0, right = x + 1 < width ? x + 1 : x;
        uint32_t middle = above[x] + 2u * row[x] + below[x];
        uint32_t sides = above[left] + 2u * row[left] + below[left] + above[right] + 2u * row[right] + below[right];
        to[x] = (uint8_t)((2 * middle + sides + 8u) >> 4);
    }
}

void cf_filter_blur(const struct cf_frame *from, uint8_t *to)
{
    for (uint32_t y = 0; y < from->height; y++) {
        const uint8_t *row = from->grey + y * from->stride;
        blur_row(y > 0 ? row - from->stride : row, row, y + 1 < from->height ? row + from->stride : row, from->width,
                 to + (size_t)y * from->width);
    }
}

void cf_filter_halve(const struct cf_frame *from, uint8_t *to)
{
    uint32_t width = from->width / 2, height = from->height / 2;
    for (uint32_t y = 0; y < height; y++) {
        const uint8_t *above = from->grey + 2 * y * from->stride, *below = above + from->stride;
        for (uint32_t x = 0; x < width; x++)
            to[(size_t)y * width + x] =
                (uint8_t)((above[2 * x] + above[2 * x + 1] + below[2 * x] + below[2 * x + 1] + 2) >> 2);
    }
}

void cf_filter_turn(const struct cf_frame *from, uint8_t *to)
{
    uint8_t *end = to + (size_t)from->width * from->height;
    for (uint32_t y = 0; y < from->height; y++) {
        const uint8_t *row = from->grey + y * from->stride;
        for (uint32_t x = 0; x < from->width; x++)
            *--end = row[x];
    }
}

void cf_filter_invert(const struct cf_frame *from, uint8_t *to)
{
    for (uint32_t y = 0; y < from->height; y++) {
        const uint8_t *row = from->grey + y * from->stride;
        for (uint32_t x = 0; x < from->width; x++)
            to[(size_t)y * from->width + x] = (uint8_t)(255 - row[x]);
    }
}

/* ---- tilt -------------------------------------------------------------------------------------------------------- */

/* Cosine and sine of 35 degrees, and how far the eye is: three halves of the picture's longer side. */
#define TILT_COS 0.8191520f
#define TILT_SIN 0.5735764f

/* The mean of the four pixels around a place, by how near they are; white outside. */
static uint8_t sample(const struct cf_frame *from, float x, float y)
{
    if (!(x >= 0 && y >= 0 && x < (float)(from->width - 1) && y < (float)(from->height - 1)))
        return 255;
    uint32_t column = (uint32_t)x, row = (uint32_t)y;
    uint32_t right = (uint32_t)((x - (float)column) * 256), down = (uint32_t)((y - (float)row) * 256);
    const uint8_t *p = from->grey + row * from->stride + column, *q = p + from->stride;
    uint32_t upper = p[0] * (256 - right) + p[1] * right, lower = q[0] * (256 - right) + q[1] * right;
    return (uint8_t)((upper * (256 - down) + lower * down) >> 16);
}

void cf_filter_tilt(const struct cf_frame *from, unsigned tilt, uint8_t *to)
{
    /* The axis, and across it: what is across shrinks with the cosine, and the far side with the distance. */
    static const float axis[CF_FILTER_TILTS / 2][2] = {
        {1, 0}, {0.7071068f, 0.7071068f}, {0, 1}, {-0.7071068f, 0.7071068f}};
    const float ax = axis[tilt / 2][0], ay = axis[tilt / 2][1], bx = -ay, by = ax;
    const float sin = tilt % 2 == 0 ? TILT_SIN : -TILT_SIN;
    const float middle_x = (float)(from->width - 1) / 2, middle_y = (float)(from->height - 1) / 2;
    const float eye = 1.5f * (float)(from->width > from->height ? from->width : from->height);
    for (uint32_t y = 0; y < from->height; y++) {
        for (uint32_t x = 0; x < from->width; x++) {
            float dx = (float)x - middle_x, dy = (float)y - middle_y;
            float along = dx * ax + dy * ay, across = dx * bx + dy * by;
            float near = eye / (eye + across * sin);
            float u = along * near, v = across * TILT_COS * near;
            to[(size_t)y * from->width + x] = sample(from, middle_x + u * ax + v * bx, middle_y + u * ay + v * by);
        }
    }
}
