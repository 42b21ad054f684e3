/*
 * app/counter/tones.c - see tones.h.
 */
#include "app/counter/tones.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

static void start(struct cf_tones *tones, bool good)
{
    char *const argv[] = {(char *)tones->program, (char *)(good ? "good" : "refused"), NULL};
    pid_t pid = 0;
    if (posix_spawn(&pid, tones->program, NULL, NULL, argv, environ) == 0) {
        tones->sounds = pid; /* else it is as if there were none: the text says it */
    }
}

void cf_tones_look(struct cf_tones *tones)
{
    if (tones->sounds != 0 && waitpid(tones->sounds, NULL, WNOHANG) != 0) {
        tones->sounds = 0;
    }
    if (tones->sounds == 0 && tones->refused_next) {
        tones->refused_next = false;
        start(tones, false);
    }
}

void cf_tones_play(struct cf_tones *tones, bool good)
{
    if (tones->program == NULL) {
        return;
    }
    cf_tones_look(tones);
    if (tones->sounds == 0) {
        start(tones, good);
    } else {
        tones->refused_next = tones->refused_next || !good;
    }
}
