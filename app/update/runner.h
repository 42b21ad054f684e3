/*
 * app/update/runner.h - one program at a time, started and looked at again: what installs, restarts, asks how the
 * machine is. It is never waited for, since the sync goes on beside it. One thread.
 */
#ifndef CF_UPDATE_RUNNER_H
#define CF_UPDATE_RUNNER_H

#include <sys/types.h>

#include "base/error.h"

struct cf_runner {
    pid_t pid; /* 0: none runs */
};
enum cf_runner_state { CF_RUNNER_NONE, CF_RUNNER_RUNS, CF_RUNNER_GOOD, CF_RUNNER_BAD };

/* argv[0] is its path. CF_E_BUSY: one runs; CF_E_NOT_FOUND and others: it could not be started. */
enum cf_rc cf_runner_start(struct cf_runner *runner, const char *const argv[], struct cf_error *err) CF_MUST_CHECK;
/* GOOD or BAD (its exit status is not 0, or it was killed) is told once. */
enum cf_runner_state cf_runner_look(struct cf_runner *runner);
/* It is ended and waited for. */
void cf_runner_stop(struct cf_runner *runner);

#endif
