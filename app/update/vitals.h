/*
 * app/update/vitals.h - how this machine is: what it is called, which slot runs, and what the kernel tells of disk,
 * temperature and watchdog.
 *
 * Read from files below `root` ("" on a real machine): etc/os-release (IMAGE_VERSION and IMAGE_ID, os-release(5)),
 * proc/cmdline (rauc.slot=), proc/uptime, sys/class/thermal, sys/class/watchdog. What is not there is left empty: a
 * till on any Debian has neither slots nor an image, and is told of no update.
 */
#ifndef CF_UPDATE_VITALS_H
#define CF_UPDATE_VITALS_H

#include "base/env.h"
#include "sync/wire/machine.h"

/* Of an image its version; else that of this program, and no hardware. Not the schema. */
void cf_vitals_facts(const struct cf_env *env, const char *root, struct cf_machine_facts *ret);
/* slot, uptime, disk (of `dir`), temperature, faults (DIR/faults, a line each: what the till says of its devices). */
void cf_vitals_read(const struct cf_env *env, const char *root, const char *dir, struct cf_machine_report *ret);
/* Was this boot the watchdog's doing? */
bool cf_vitals_watchdog_bit(const struct cf_env *env, const char *root);

#endif
