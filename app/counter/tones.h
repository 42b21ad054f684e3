/*
 * app/counter/tones.h - the two tones of a till, played by a program of the shop's choice: `PROGRAM good`, `PROGRAM
 * refused`.
 *
 * Which sound that is, and by which device, is the shop's: a script of one line for ALSA, a buzzer, a scanner's own
 * speaker. Without a program there is none; nothing is ever said by a tone alone. Nobody waits for it: one that still
 * sounds is not started again, a refusal comes after it; one that has not ended after 3 s is ended. One thread.
 */
#ifndef CF_COUNTER_TONES_H
#define CF_COUNTER_TONES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct cf_tones {
    const char *program; /* borrowed; NULL: no tones */
    pid_t sounds;        /* 0: none */
    int64_t until_us;    /* by then it has sounded, or it is ended */
    bool refused_next;
};

void cf_tones_play(struct cf_tones *tones, bool good);
/* When there is time: the end of one, and what comes after it. */
void cf_tones_look(struct cf_tones *tones);

#endif
