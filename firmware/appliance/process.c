/*
 * firmware/appliance/process.c - see process.h.
 */
#include "firmware/appliance/process.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 32

enum cf_rc cf_process_run(const char *const words[], int *ret_status, struct cf_error *err)
{
    char *argv[WORDS_MAX];
    size_t n = 0;
    for (; words[n] != NULL; n++) {
        if (n + 1 == WORDS_MAX)
            return cf_fail(err, CF_E_LIMIT, "%s has more than %d words", words[0], WORDS_MAX);
        argv[n] = (char *)words[n]; /* posix_spawn does not write them */
    }
    argv[n] = NULL;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    pid_t pid;
    int failed = posix_spawn(&pid, words[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        return cf_fail_errno(err, failed, "%s", words[0]);
    int status;
    while (waitpid(pid, &status, 0) != pid)
        if (errno != EINTR)
            return cf_fail_errno(err, errno, "%s", words[0]);
    if (!WIFEXITED(status))
        return cf_fail(err, CF_E_IO, "%s was ended by signal %d", words[0], WTERMSIG(status));
    *ret_status = WEXITSTATUS(status);
    return CF_OK;
}
