/*
 * app/counter/beside.c - see beside.h.
 */
#include "app/counter/beside.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES_MAX 1024

static enum cf_rc path_of(const char *name, char ret[PATH_BYTES_MAX], struct cf_error *err)
{
    char *self = realpath("/proc/self/exe", NULL);
    if (self == NULL) {
        return cf_fail_errno(err, errno, "/proc/self/exe");
    }
    *strrchr(self, '/') = '\0';
    int n = snprintf(ret, PATH_BYTES_MAX, "%s/%s", self, name);
    free(self);
    return n > 0 && n < PATH_BYTES_MAX ? CF_OK : cf_fail(err, CF_E_ARGUMENT, "the path of %s is too long", name);
}

enum cf_rc cf_beside_start(const char *name, char *argv[], int out_fd, pid_t *ret_pid, struct cf_error *err)
{
    char path[PATH_BYTES_MAX];
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;
    enum cf_rc rc = path_of(name, path, err);
    if (rc != CF_OK) {
        return rc;
    }
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed != 0) {
        return cf_fail_errno(err, failed, "%s", path);
    }
    if (out_fd >= 0) {
        failed = posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
    }
    argv[0] = path;
    if (failed == 0) {
        failed = posix_spawn(&pid, path, &actions, NULL, argv, environ);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    argv[0] = NULL;
    if (failed != 0) {
        return cf_fail_errno(err, failed, "%s", path);
    }
    *ret_pid = pid;
    return CF_OK;
}
