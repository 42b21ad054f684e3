/*
 * tests/drivers/camera/fake_video.h - a camera behind the port of capture.h: plays pictures, and fails where it is told
 * to.
 *
 * It knows Video4Linux's rules (what may be asked when, who holds which buffer) and asserts them. May be used from a
 * camera's thread and from the test's at once: the test changes it by the functions below.
 */
#ifndef CF_TESTS_CAMERA_FAKE_VIDEO_H
#define CF_TESTS_CAMERA_FAKE_VIDEO_H

#include <pthread.h>

#include "drivers/camera/capture.h"

#define FAKE_BUFFERS_MAX 8
#define FAKE_CALLS_ENDLESS 1000000u

struct fake_video {
    struct cf_video_port port;
    pthread_mutex_t mutex;
    /* What it is: set before it is opened. */
    const char *name;
    uint32_t capabilities;
    uint32_t format[4]; /* 0: no more */
    uint32_t width, height;
    uint32_t padding; /* bytes more a row */
    bool has_torch, has_focus, has_focus_button;
    uint32_t slow_format;   /* gives 10 frames a second, others 30; 0: it knows of no rates */
    const uint8_t *picture; /* n_pictures of width * height, grey */
    uint32_t n_pictures;
    bool again; /* from the first when all are played */
    /* How it lies. 0: it does not. */
    uint32_t takes_format, says_width, says_stride, says_length, says_index, says_bytes, gives_buffers, flags;
    bool never_has;      /* says that there is a picture, and there is none */
    unsigned fails_from; /* this call to it, and all after it, counted from 1 */
    int error;
    /* What happened. */
    unsigned calls, opened, open, mapped;
    bool streams, unplugged;
    int torch, focus;
    unsigned refocused;
    uint32_t chosen, n_buffers, next, held;
    bool queued[FAKE_BUFFERS_MAX];
    uint8_t *memory[FAKE_BUFFERS_MAX];
    uint32_t order[FAKE_BUFFERS_MAX], n_order; /* of the queued */
};

/* A grey camera of this size without pictures. */
void fake_video_init(struct fake_video *fake, uint32_t width, uint32_t height);
void fake_video_done(struct fake_video *fake); /* asserts that nothing is open or mapped */
void fake_video_plug(struct fake_video *fake, bool in);
void fake_video_play(struct fake_video *fake, const uint8_t *picture, uint32_t n_pictures, bool again);
int fake_video_torch(struct fake_video *fake);
void fake_video_forget_torch(struct fake_video *fake); /* as a camera does that has no current */

#endif
