/*
 * drivers/camera/reader.h - a camera's frames, one after another, to the codes that are newly shown.
 *
 * Every frame is looked at thresholded, which is what nearly all codes need. While that finds nothing, each frame gets
 * one of the dearer stages besides, on the part where a code seems to be, so that no frame takes much more time than
 * zbar takes on it alone, and all stages have been tried after CF_READER_STAGES frames. A scene that does not change is
 * let rest. What is shown on is told once. Reads no clock; one thread.
 */
#ifndef CF_CAMERA_READER_H
#define CF_CAMERA_READER_H

#include "base/time.h"
#include "drivers/camera/camera.h"

#define CF_READER_PIXELS_MAX 4200000u /* a frame of 2592 x 1620 */
#define CF_READER_STAGES 5u
/* A code is shown anew when it was out of sight for so long: a frame, or longer than any machine takes for one, showed
 * it no more. */
#define CF_READER_GONE_MS 1000
#define CF_READER_SLOW_MS 10000
/* Frames that must show the same bar code before it is told: a wrong one seldom comes twice. QR codes: one. */
#define CF_READER_BAR_FRAMES 2u

/* Something that may be a code was out of focus for so long. */
#define CF_READER_BLURRED_MS 1000

struct cf_reader;

/* CF_E_NO_MEMORY, CF_E_UNSUPPORTED (this zbar). Free with cf_reader_free, which accepts NULL. */
enum cf_rc cf_reader_new(struct cf_reader **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_reader_free(struct cf_reader *reader);

/*
 * The next frame, taken at `at`. *ret has what is newly shown; its texts are valid until the next call. n_weak counts
 * the bar codes of this frame that were not believed.
 *
 *   CF_E_IMAGE_SIZE  empty, or beyond CF_READER_PIXELS_MAX
 *   CF_E_NO_MEMORY
 */
enum cf_rc cf_reader_frame(struct cf_reader *reader, const struct cf_frame *frame, cf_mono at, struct cf_symbols *ret,
                           struct cf_error *err) CF_MUST_CHECK;

/* Is what the camera has before it, and nobody could read, out of focus? Told once for each CF_READER_BLURRED_MS of it.
 */
bool cf_reader_blurred(struct cf_reader *reader);

#endif
