/*
 * app/counter/beside.h - programs that stand beside this one, run without being waited for.
 */
#ifndef CF_COUNTER_BESIDE_H
#define CF_COUNTER_BESIDE_H

#include <sys/types.h>

#include "base/error.h"

/* Starts the program `name` of our own folder; argv[0] is set to its path. out_fd: its standard output; -1: ours.
 * CF_E_IO and the like. The caller waits for *ret_pid. */
enum cf_rc cf_beside_start(const char *name, char *argv[], int out_fd, pid_t *ret_pid,
                           struct cf_error *err) CF_MUST_CHECK;

#endif
