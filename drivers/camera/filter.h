/*
 * drivers/camera/filter.h - internal: what is done to a picture before zbar looks at it. Pure.
 *
 * Every filter reads a view (rows of `stride` bytes) and writes a packed picture (rows of its own width) to memory of
 * the caller's; from and to never overlap. The time of each depends on the number of pixels alone, never on what they
 * show, so that who counts pixels bounds time.
 */
#ifndef CF_CAMERA_FILTER_H
#define CF_CAMERA_FILTER_H

#include "drivers/camera/camera.h"

/* Half the side of the window whose mean is the threshold: wider than the finder of a large code's modules. */
#define CF_FILTER_RADIUS 24
/* A pixel is dark when it is this much below the mean: so paper, and the noise of a camera on it, stay white. */
#define CF_FILTER_BIAS 10

/* Words of scratch that a threshold of a picture of this width needs. */
#define CF_FILTER_SCRATCH(width) ((size_t)(width) + 2 * CF_FILTER_RADIUS + 1)

/* 0 where a pixel is darker than the mean of the window around it, else 255; `to` has width * height bytes. */
void cf_filter_threshold(const struct cf_frame *from, uint32_t *scratch, uint8_t *to);

/* Twice as wide and high, bilinear, then sharpened; `to` has 4 * width * height bytes, and so has `scratch`. */
void cf_filter_enlarge(const struct cf_frame *from, uint8_t *scratch, uint8_t *to);

/* Mean of 3 x 3 weighted 1-2-1; what has no neighbour is its own. */
void cf_filter_blur(const struct cf_frame *from, uint8_t *to);

/* Half as wide and high (rounded down), each the mean of four; width and height are at least 2. */
void cf_filter_halve(const struct cf_frame *from, uint8_t *to);

/* Turned over by 180 degrees. */
void cf_filter_turn(const struct cf_frame *from, uint8_t *to);

/* White for black. */
void cf_filter_invert(const struct cf_frame *from, uint8_t *to);

/*
 * As the picture's plane would be seen if it were turned back by 35 degrees about an axis through its middle: the
 * `tilt`th of CF_FILTER_TILTS, which are both ways about axes at 0, 45, 90 and 135 degrees. What comes from outside the
 * picture is white. `to` has width * height bytes.
 */
#define CF_FILTER_TILTS 8u
void cf_filter_tilt(const struct cf_frame *from, unsigned tilt, uint8_t *to);

#endif
