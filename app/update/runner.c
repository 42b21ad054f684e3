/*
 * app/update/runner.c - see runner.h.
 */
#include "app/update/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS_MAX 7

/* It gets none of our signal handlers, and what it is told of nobody types. */
static int spawn(pid_t *ret, char *const argv[])
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t all;
    int failed = posix_spawn_file_actions_init(&files);
    if (failed != 0) {
        return failed;
    }
    failed = posix_spawnattr_init(&how);
    if (failed == 0) {
        sigfillset(&all);
        (void)posix_spawnattr_setsigdefault(&how, &all);
        (void)posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGDEF);
        failed = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (failed == 0) {
            failed = posix_spawn(ret, argv[0], &files, &how, argv, environ);
        }
        (void)posix_spawnattr_destroy(&how);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    return failed;
}

enum cf_rc cf_runner_start(struct cf_runner *runner, const char *const argv[], struct cf_error *err)
{
    char *copy[ARGS_MAX + 1] = {NULL};
    pid_t pid = 0;
    if (runner->pid != 0) {
        return cf_fail(err, CF_E_BUSY, "%s: another program runs", argv[0]);
    }
    for (size_t i = 0; argv[i] != NULL; i++) {
        if (i == ARGS_MAX) {
            return cf_fail(err, CF_E_LIMIT, "%s: too many arguments", argv[0]);
        }
        copy[i] = (char *)argv[i]; /* posix_spawn(3) changes none of them */
    }
    int failed = spawn(&pid, copy);
    if (failed != 0) {
        return cf_fail_errno(err, failed, "%s", argv[0]);
    }
    runner->pid = pid;
    return CF_OK;
}

enum cf_runner_state cf_runner_look(struct cf_runner *runner)
{
    int status = 0;
    if (runner->pid == 0) {
        return CF_RUNNER_NONE;
    }
    pid_t ended = waitpid(runner->pid, &status, WNOHANG);
    if (ended == 0) {
        return CF_RUNNER_RUNS;
    }
    runner->pid = 0;
    return ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? CF_RUNNER_GOOD : CF_RUNNER_BAD;
}

void cf_runner_stop(struct cf_runner *runner)
{
    if (runner->pid != 0) {
        (void)kill(runner->pid, SIGTERM);
        (void)waitpid(runner->pid, NULL, 0);
        runner->pid = 0;
    }
}
