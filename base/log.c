/*
 * base/log.c - the ring of last lines, and the file that turns over.
 *
 * A log must never stop its program: what cannot be written is counted and left out of the file, but stays in the ring.
 * Not thread-safe.
 */
#include "base/log.h"

#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_LEAST 4096
#define FILE_MODE 0640

struct cf_log {
    const struct cf_env *env;
    enum cf_log_level lowest;
    char *path;     /* NULL: memory only */
    char *old_path; /* FILE.1 */
    int fd;         /* -1: not open */
    size_t file_bytes;
    size_t file_bytes_max;
    FILE *echo;
    uint64_t dropped;
    uint64_t written; /* lines ever put into the ring */
    char ring[CF_LOG_RING_LINES][CF_LOG_LINE_MAX + 1];
};

static enum cf_rc open_file(struct cf_log *log, struct cf_error *err)
{
    /* O_NONBLOCK: a FIFO in the log's place is refused below instead of waiting for its reader for ever. */
    int fd = open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, FILE_MODE);
    if (fd < 0)
        return cf_fail_errno(err, errno, "the log %s cannot be opened", log->path);
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        (void)close(fd);
        return cf_fail(err, CF_E_ARGUMENT, "the log %s is not a plain file", log->path);
    }
    log->fd = fd;
    log->file_bytes = (size_t)status.st_size;
    return CF_OK;
}

enum cf_rc cf_log_new(const struct cf_env *env, const char *path, size_t file_bytes_max, enum cf_log_level lowest,
                      struct cf_log **ret_log, struct cf_error *err)
{
    if (path != NULL && file_bytes_max < FILE_BYTES_LEAST)
        return cf_fail(err, CF_E_RANGE, "a log file of %zu bytes: at least %d", file_bytes_max, FILE_BYTES_LEAST);
    struct cf_log *log = calloc(1, sizeof *log);
    if (log == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a log");
    log->env = env;
    log->lowest = lowest;
    log->fd = -1;
    log->file_bytes_max = file_bytes_max;
    enum cf_rc rc = CF_OK;
    if (path != NULL) {
        log->path = strdup(path);
        if (log->path == NULL || asprintf(&log->old_path, "%s.1", path) < 0) {
            log->old_path = NULL;
            rc = cf_fail(err, CF_E_NO_MEMORY, "no memory for a log");
        } else {
            rc = open_file(log, err);
        }
    }
    if (rc != CF_OK) {
        cf_log_free(log);
        return rc;
    }
    *ret_log = log;
    return CF_OK;
}

static void close_file(struct cf_log *log)
{
    if (log->fd >= 0)
        (void)close(log->fd);
    log->fd = -1;
}

void cf_log_free(struct cf_log *log)
{
    if (log == NULL)
        return;
    close_file(log);
    free(log->path);
    free(log->old_path);
    free(log);
}

static const char *level_name(enum cf_log_level level)
{
    switch (level) {
    case CF_LOG_DEBUG:
        return "DEBUG";
    case CF_LOG_INFO:
        return "INFO";
    case CF_LOG_WARN:
        return "WARN";
    case CF_LOG_ERROR:
        return "ERROR";
    }
    abort();
}

/* Opens the file again if need be, and starts a new one if the line would pass the cap. */
static bool file_has_room(struct cf_log *log, size_t length)
{
    if (log->fd >= 0 && log->file_bytes + length > log->file_bytes_max) {
        close_file(log);
        if (rename(log->path, log->old_path) != 0)
            return false;
    }
    if (log->fd < 0 && open_file(log, NULL) != CF_OK)
        return false;
    /* The rename may have failed before, and the file may be full still. */
    return log->file_bytes + length <= log->file_bytes_max;
}

static void write_file(struct cf_log *log, const char *line)
{
    char out[CF_LOG_LINE_MAX + 2];
    size_t length = (size_t)snprintf(out, sizeof out, "%s\n", line);
    if (!file_has_room(log, length)) {
        log->dropped++;
        return;
    }
    ssize_t written = write(log->fd, out, length);
    if (written == (ssize_t)length) {
        log->file_bytes += length;
        return;
    }
    log->dropped++;
    /* Half a line would run into the next one. */
    if (written > 0 && ftruncate(log->fd, (off_t)log->file_bytes) != 0)
        log->file_bytes += (size_t)written;
}

void cf_log_write(struct cf_log *log, enum cf_log_level level, const char *area, const char *format, ...)
{
    if (log == NULL || level < log->lowest)
        return;
    /* A line only grows by cleaning; one character more than fits, so that the cleaner sees what it cuts as a whole. */
    char raw[CF_LOG_LINE_MAX + 5];
    char when[CF_WALL_TEXT_MAX];
    cf_wall_format(cf_env_wall(log->env), 0, when);
    int head = snprintf(raw, sizeof raw, "%s %s %.40s: ", when, level_name(level), area);
    assert(head > 0 && (size_t)head < sizeof raw);
    va_list args;
    va_start(args, format);
    if (vsnprintf(raw + head, sizeof raw - (size_t)head, format, args) < 0)
        raw[head] = '\0';
    va_end(args);

    char *line = log->ring[log->written % CF_LOG_RING_LINES];
    (void)cf_text_clean(cf_bytes_str(raw), line, CF_LOG_LINE_MAX + 1);
    log->written++;
    if (log->path != NULL)
        write_file(log, line);
    if (log->echo != NULL)
        (void)fprintf(log->echo, "%s\n", line);
}

void cf_log_echo(struct cf_log *log, void *file_stream)
{
    if (log != NULL)
        log->echo = file_stream;
}

const char *cf_log_recent(const struct cf_log *log, size_t k)
{
    if (log == NULL || k >= CF_LOG_RING_LINES || k >= log->written)
        return NULL;
    return log->ring[(log->written - 1 - k) % CF_LOG_RING_LINES];
}

uint64_t cf_log_dropped(const struct cf_log *log)
{
    return log == NULL ? 0 : log->dropped;
}
