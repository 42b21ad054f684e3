/*
 * app/counter/tones.c - see tones.h.
 */
#include "app/counter/tones.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/env.h"

#define LONGEST_US (3 * CF_US_PER_S)

static int64_t now_us(void)
{
    return cf_env_mono(cf_env_system()).us;
}

static void start(struct cf_tones *tones, bool good)
{
    char *const argv[] = {(char *)tones->program, (char *)(good ? "good" : "refused"), NULL};
    pid_t pid = 0;
    posix_spawnattr_t own_group; /* so that what a script has started ends with it */
    if (posix_spawnattr_init(&own_group) != 0) {
        return;
    }
    (void)posix_spawnattr_setflags(&own_group, POSIX_SPAWN_SETPGROUP);
    (void)posix_spawnattr_setpgroup(&own_group, 0);
    if (posix_spawn(&pid, tones->program, NULL, &own_group, argv, environ) == 0) {
        tones->sounds = pid; /* else it is as if there were none: the text says it */
        tones->until_us = now_us() + LONGEST_US;
    }
    (void)posix_spawnattr_destroy(&own_group);
}

void cf_tones_look(struct cf_tones *tones)
{
    if (tones->sounds != 0 && now_us() >= tones->until_us) {
        (void)kill(-tones->sounds, SIGKILL);
    }
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
