/*
 * drivers/camera/region.c - squares that are full of edges, by sums over blocks.
 */
#include <stdlib.h>
#include <string.h>

#include "drivers/camera/region.h"

#define BLOCK 16u
#define BLOCKS_MAX (CF_REGION_SIDE_MAX / BLOCK)
/* Of the 8 * 16 places looked at in a block, each way: text and codes have more edges, noise that is left has fewer. */
#define EDGES_MIN 4u

struct map {
    uint32_t columns, rows;
    uint16_t sum[BLOCKS_MAX + 1][BLOCKS_MAX + 1]; /* busy blocks above and left of a corner */
};

static uint32_t edges_of(const uint8_t *at, uint32_t width)
{
    uint32_t across = 0, down = 0;
    for (uint32_t y = 0; y + 1 < BLOCK; y += 2) {
        const uint8_t *row = at + (size_t)y * width;
        for (uint32_t x = 0; x + 1 < BLOCK; x++) {
            across += (uint32_t)(row[x] ^ row[x + 1]) & 1u;
            down += (uint32_t)(row[x] ^ row[x + width]) & 1u;
        }
    }
    return across < EDGES_MIN || down < EDGES_MIN / 2 ? 0 : across + down;
}

static void fill(struct map *map, const uint8_t *thresholded, uint32_t width)
{
    memset(map->sum, 0, sizeof map->sum);
    for (uint32_t row = 0; row < map->rows; row++) {
        for (uint32_t column = 0; column < map->columns; column++) {
            const uint8_t *at = thresholded + (size_t)row * BLOCK * width + (size_t)column * BLOCK;
            int busy = edges_of(at, width) > 0;
            int sum = map->sum[row][column + 1] + map->sum[row + 1][column] - map->sum[row][column] + busy;
            map->sum[row + 1][column + 1] = (uint16_t)sum;
        }
    }
}

static uint32_t clamp(int32_t value, uint32_t most)
{
    return value < 0 ? 0 : (uint32_t)value > most ? most : (uint32_t)value;
}

/* Busy blocks of a square that may reach over the edge; *ret_area counts those inside. */
static int32_t busy_of(const struct map *map, int32_t column, int32_t row, int32_t side, int32_t *ret_area)
{
    uint32_t left = clamp(column, map->columns), right = clamp(column + side, map->columns);
    uint32_t top = clamp(row, map->rows), bottom = clamp(row + side, map->rows);
    *ret_area = (int32_t)((right - left) * (bottom - top));
    return map->sum[bottom][right] - map->sum[top][right] - map->sum[bottom][left] + map->sum[top][left];
}

/* How much more is in a square than around it: thousandths times its side. */
static int32_t score_of(const struct map *map, int32_t column, int32_t row, int32_t side)
{
    int32_t area, wide_area;
    int32_t inside = busy_of(map, column, row, side, &area);
    int32_t wide = busy_of(map, column - 1, row - 1, side + 2, &wide_area);
    int32_t around = wide_area > area ? 1000 * (wide - inside) / (wide_area - area) : 0;
    return (1000 * inside / area - around) * side;
}

struct square {
    int32_t column, row, side, score;
};

static bool holds_middle(const struct square *outer, const struct square *inner)
{
    int32_t x = 2 * inner->column + inner->side, y = 2 * inner->row + inner->side;
    return x > 2 * outer->column && x < 2 * (outer->column + outer->side) && y > 2 * outer->row &&
           y < 2 * (outer->row + outer->side);
}

/* Keeps the best, in order; of two about the same middle the better one. */
static void keep(struct square best[CF_REGIONS_MAX], size_t *n, const struct square *square)
{
    size_t at = 0;
    while (at < *n && best[at].score >= square->score) {
        if (holds_middle(&best[at], square) || holds_middle(square, &best[at]))
            return;
        at++;
    }
    if (at == CF_REGIONS_MAX)
        return;
    /* What stood lower and is about the same place goes; then there is room, or the last goes. */
    size_t kept = at;
    for (size_t i = at; i < *n; i++) {
        if (!holds_middle(&best[i], square) && !holds_middle(square, &best[i]))
            best[kept++] = best[i];
    }
    *n = kept < CF_REGIONS_MAX ? kept + 1 : CF_REGIONS_MAX;
    memmove(best + at + 1, best + at, (*n - at - 1) * sizeof *best);
    best[at] = *square;
}

/* A quarter more on each side, so that a tilted code's corners are inside; at most half the frame's sides. */
static struct cf_box box_of(const struct square *square, uint32_t width, uint32_t height)
{
    int32_t margin = square->side / 4 + 1;
    uint32_t side = (uint32_t)(square->side + 2 * margin) * BLOCK;
    uint32_t most_width = side < width / 2 ? side : width / 2,
             most_height = side < height * 2 / 3 ? side : height * 2 / 3;
    int32_t middle_x = (int32_t)BLOCK * (2 * square->column + square->side) / 2;
    int32_t middle_y = (int32_t)BLOCK * (2 * square->row + square->side) / 2;
    return (struct cf_box){.x = clamp(middle_x - (int32_t)most_width / 2, width - most_width),
                           .y = clamp(middle_y - (int32_t)most_height / 2, height - most_height),
                           .width = most_width,
                           .height = most_height};
}

/* The level that a part of the samples, in thousandths, is above. */
static int32_t level_above(const uint32_t histogram[256], uint32_t n, uint32_t part_milli)
{
    uint32_t above = 0;
    int32_t level = 255;
    for (; level > 0; level--) {
        above += histogram[level];
        if ((uint64_t)above * 1000 > (uint64_t)n * part_milli)
            break;
    }
    return level;
}

/* Noise has steps too, but few that are large; measured on phones (docs/camera.md). */
#define CONTRAST_MIN 100
#define STEEPEST_MILLI 20
#define ENDS_MILLI 50

bool cf_region_is_blurred(const struct cf_frame *frame, const struct cf_box *box)
{
    uint32_t levels[256] = {0}, steps[256] = {0}, n = 0;
    for (uint32_t y = box->y; y < box->y + box->height; y += 2) {
        const uint8_t *row = frame->grey + y * frame->stride + box->x;
        for (uint32_t x = 0; x + 1 < box->width; x++, n++) {
            levels[row[x]]++;
            steps[abs(row[x + 1] - row[x])]++;
        }
    }
    int32_t contrast = level_above(levels, n, ENDS_MILLI) - level_above(levels, n, 1000 - ENDS_MILLI);
    return contrast >= CONTRAST_MIN && 4 * level_above(steps, n, STEEPEST_MILLI) < contrast;
}

size_t cf_region_find(const uint8_t *thresholded, uint32_t width, uint32_t height, struct cf_box ret[CF_REGIONS_MAX])
{
    static const int32_t sides[] = {5, 7, 9, 12, 15, 18, 22, 26, 30};
    struct map map = {.columns = width / BLOCK, .rows = height / BLOCK};
    struct square best[CF_REGIONS_MAX];
    size_t n = 0;
    if (width > CF_REGION_SIDE_MAX || height > CF_REGION_SIDE_MAX || map.columns < 5 || map.rows < 5)
        return 0;
    fill(&map, thresholded, width);
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        int32_t side = sides[i];
        for (int32_t row = 0; row + side <= (int32_t)map.rows; row++) {
            for (int32_t column = 0; column + side <= (int32_t)map.columns; column++) {
                struct square square = {column, row, side, score_of(&map, column, row, side)};
                if (square.score > 400 * side)
                    keep(best, &n, &square);
            }
        }
    }
    for (size_t i = 0; i < n; i++)
        ret[i] = box_of(&best[i], width, height);
    return n;
}
