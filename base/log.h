/*
 * base/log.h - a bounded log of what a process did, for a technician.
 *
 * Libraries do not log; programs do. A log keeps its last lines in a fixed ring in memory and, if a file is given,
 * appends them there and starts a new file (one old one is kept as FILE.1) when it reaches its cap. Lines are UTF-8
 * without control characters, at most CF_LOG_LINE_MAX bytes. A log that cannot write drops the line and counts it.
 * Not thread-safe.
 */
#ifndef CF_BASE_LOG_H
#define CF_BASE_LOG_H

#include "base/env.h"

#define CF_LOG_LINE_MAX 400
#define CF_LOG_RING_LINES 256

enum cf_log_level { CF_LOG_DEBUG, CF_LOG_INFO, CF_LOG_WARN, CF_LOG_ERROR };

struct cf_log;

/* path may be NULL (memory only). file_bytes_max >= 4096. The caller frees with cf_log_free. */
enum cf_rc cf_log_new(const struct cf_env *env, const char *path, size_t file_bytes_max, enum cf_log_level lowest,
                      struct cf_log **ret_log, struct cf_error *err) CF_MUST_CHECK;
void cf_log_free(struct cf_log *log);
/* "2026-11-22T07:05:09Z WARN area: text"; a NULL log ignores the call. */
void cf_log_write(struct cf_log *log, enum cf_log_level level, const char *area, const char *format, ...)
    CF_PRINTF(4, 5);
/* Also writes each line to this stream (stderr), NULL to stop. */
void cf_log_echo(struct cf_log *log, void *file_stream);
/* The k-th newest line (0 is the newest), NULL past the oldest. Valid until the next write. */
const char *cf_log_recent(const struct cf_log *log, size_t k);
uint64_t cf_log_dropped(const struct cf_log *log);

#endif
