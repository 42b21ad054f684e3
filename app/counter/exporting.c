/*
 * app/counter/exporting.c - see exporting.h.
 */
#include "app/counter/exporting.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/counter/beside.h"
#include "base/env.h"
#include "base/text.h"

#define PATH_BYTES_MAX 1024

/* A closed day has one name for ever; the open one another each time, of nothing that a stick's file system refuses. */
static void name_it(struct cf_exporting *exporting, const char *form, uint32_t z_no)
{
    char at[CF_WALL_TEXT_MAX];
    if (z_no != 0) {
        (void)snprintf(exporting->name, sizeof exporting->name, "z%04" PRIu32 "-%s", z_no, form);
        return;
    }
    cf_wall_format(cf_env_wall(cf_env_system()), 0, at);
    for (char *c = at; *c != '\0'; c++) {
        *c = *c == ':' ? '-' : *c;
    }
    (void)snprintf(exporting->name, sizeof exporting->name, "open-%.19s-%s", at, form);
}

static enum cf_rc check_place(const struct cf_exporting *exporting, char path[PATH_BYTES_MAX], struct cf_error *err)
{
    struct stat is;
    if (exporting->folder == NULL) {
        return cf_fail(err, CF_E_UNSUPPORTED, "nobody said where to");
    }
    if (stat(exporting->folder, &is) != 0 || !S_ISDIR(is.st_mode)) {
        return cf_fail(err, CF_E_NOT_FOUND, "there is no folder %s", exporting->folder);
    }
    int n = snprintf(path, PATH_BYTES_MAX, "%s/%s", exporting->folder, exporting->name);
    if (n < 0 || n >= PATH_BYTES_MAX) {
        return cf_fail(err, CF_E_ARGUMENT, "the path of the folder is too long");
    }
    return stat(path, &is) == 0 ? cf_fail(err, CF_E_EXISTS, "%s", exporting->name) : CF_OK;
}

static enum cf_rc start(struct cf_exporting *exporting, char *argv[], struct cf_error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        return cf_fail_errno(err, errno, "a pipe");
    }
    /* Its own end waits: a till that looks late stops it, and loses nothing. */
    (void)fcntl(ends[1], F_SETFL, 0);
    enum cf_rc rc = cf_beside_start("counterfoil", argv, ends[1], &exporting->pid, err);
    (void)close(ends[1]);
    if (rc != CF_OK) {
        (void)close(ends[0]);
        return rc;
    }
    exporting->fd = ends[0];
    return CF_OK;
}

enum cf_rc cf_exporting_start(struct cf_exporting *exporting, const char *form, uint32_t z_no, struct cf_error *err)
{
    char path[PATH_BYTES_MAX], number[16];
    if (exporting->pid != 0) {
        return cf_fail(err, CF_E_BUSY, "%s is being exported", exporting->name);
    }
    name_it(exporting, form, z_no);
    enum cf_rc rc = check_place(exporting, path, err);
    if (rc != CF_OK) {
        return rc;
    }
    exporting->done = exporting->all = 0;
    exporting->n_line = 0;
    exporting->rc = CF_OK;
    (void)snprintf(number, sizeof number, "%" PRIu32, z_no);
    char *argv[] = {NULL,
                    (char *)"export",
                    (char *)form,
                    (char *)"--dir",
                    (char *)exporting->dir,
                    (char *)"--out",
                    path,
                    (char *)"--progress",
                    z_no != 0 ? (char *)"--z" : NULL,
                    number,
                    NULL};
    return start(exporting, argv, err);
}

/* "512 20000", "error 910". */
static void take_line(struct cf_exporting *exporting)
{
    static const char error[] = "error ";
    char *end;
    const char *line = exporting->line;
    if (strncmp(line, error, sizeof error - 1) == 0) {
        if (!cf_rc_from_number(strtoll(line + sizeof error - 1, NULL, 10), &exporting->rc)) {
            exporting->rc = CF_E_IO;
        }
        return;
    }
    uint64_t done = strtoull(line, &end, 10);
    uint64_t all = strtoull(end, NULL, 10);
    if (done <= all) {
        exporting->done = done;
        exporting->all = all;
    }
}

static void hear(struct cf_exporting *exporting)
{
    char bytes[512];
    ssize_t n;
    while ((n = read(exporting->fd, bytes, sizeof bytes)) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            if (bytes[i] == '\n') {
                exporting->line[exporting->n_line] = '\0';
                take_line(exporting);
                exporting->n_line = 0;
            } else if (exporting->n_line < CF_EXPORTING_LINE_MAX) {
                exporting->line[exporting->n_line++] = bytes[i];
            }
        }
    }
}

bool cf_exporting_look(struct cf_exporting *exporting)
{
    int status = 0;
    if (exporting->pid == 0) {
        return false;
    }
    pid_t ended = waitpid(exporting->pid, &status, WNOHANG);
    hear(exporting); /* after the look: what was said before the end is heard */
    if (ended == 0) {
        return true;
    }
    (void)close(exporting->fd);
    exporting->pid = 0;
    bool good = ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!good && exporting->rc == CF_OK) {
        exporting->rc = CF_E_IO;
    }
    return false;
}

void cf_exporting_leave(struct cf_exporting *exporting)
{
    if (exporting->pid != 0) {
        (void)close(exporting->fd);
        exporting->pid = 0;
    }
}
