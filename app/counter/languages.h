/*
 * app/counter/languages.h - which language whom wanted at this till: a small file in its folder, a line for each user.
 *
 * It is no secret and belongs to the till, not to the person: a user who was deleted leaves a line that the next ones
 * push out. What cannot be read is as if nobody had chosen. Read and written whole; one thread.
 */
#ifndef CF_COUNTER_LANGUAGES_H
#define CF_COUNTER_LANGUAGES_H

#include "base/env.h"

#define CF_LANGUAGES_FILE "languages"
#define CF_LANGUAGES_MAX 256   /* users; beyond them the one that chose first is forgotten */
#define CF_LANGUAGE_NAME_MAX 7 /* "zh_CN" */
#define CF_LANGUAGE_NAME_CAP (CF_LANGUAGE_NAME_MAX + 1)

/* False, and ret unchanged: that user (0: whoever sells where there are no users) has chosen none. */
bool cf_languages_find(const struct cf_env *env, const char *dir, uint32_t user, char ret[CF_LANGUAGE_NAME_CAP]);
/* CF_E_ARGUMENT for what is no name of a language; CF_E_IO, CF_E_DISK_FULL. */
enum cf_rc cf_languages_keep(const struct cf_env *env, const char *dir, uint32_t user, const char *language,
                             struct cf_error *err) CF_MUST_CHECK;

#endif
