/*
 * drivers/camera/region.h - internal: where in a thresholded frame a code may lie. Pure.
 *
 * A code is a square that is full of edges in both directions, with calm paper or glass around it. This looks at
 * squares of blocks, not at what the code says, so it takes the same short time on every frame, and may be wrong.
 */
#ifndef CF_CAMERA_REGION_H
#define CF_CAMERA_REGION_H

#include "drivers/camera/decoder.h"

#define CF_REGIONS_MAX 3
/* Frames up to this many pixels a side; larger ones have no regions. */
#define CF_REGION_SIDE_MAX 2048

/* At most CF_REGIONS_MAX squares, the likeliest first, none with its middle inside another, each inside the frame and
 * with a margin around the code. `thresholded` has 0 or 255, rows without padding. */
size_t cf_region_find(const uint8_t *thresholded, uint32_t width, uint32_t height, struct cf_box ret[CF_REGIONS_MAX]);

/* Whether what the box of the frame itself shows, dark on light, has no edge that is as sharp as a lens in focus makes
 * them: none of its steps from pixel to pixel is a quarter of its contrast. */
bool cf_region_is_blurred(const struct cf_frame *frame, const struct cf_box *box);

#endif
