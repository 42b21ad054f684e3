/*
 * app/counter/languages.c - see languages.h. Lines "USER LANGUAGE", the last to choose last.
 */
#include "app/counter/languages.h"

#include <stdio.h>
#include <string.h>

#define PATH_BYTES 4096
#define LINE_BYTES 24 /* "4294967295 zh_CNxx\n" */
#define FILE_BYTES (CF_LANGUAGES_MAX * LINE_BYTES)

struct choice {
    uint32_t user;
    char language[CF_LANGUAGE_NAME_CAP];
};

static bool is_language(const char *text, size_t n)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    return n >= 2 && n <= CF_LANGUAGE_NAME_MAX && strspn(text, letters) >= n;
}

/* One line without its end; false: it is none of ours. */
static bool read_line(const char *line, size_t n, struct choice *ret)
{
    uint64_t user = 0;
    size_t at = 0;
    for (; at < n && line[at] >= '0' && line[at] <= '9' && user <= UINT32_MAX; at++) {
        user = user * 10 + (uint64_t)(line[at] - '0');
    }
    if (at == 0 || at == n || line[at] != ' ' || user > UINT32_MAX || !is_language(line + at + 1, n - at - 1)) {
        return false;
    }
    ret->user = (uint32_t)user;
    snprintf(ret->language, sizeof ret->language, "%.*s", (int)(n - at - 1), line + at + 1);
    return true;
}

static size_t read_all(const struct cf_env *env, const char *path, struct choice ret[CF_LANGUAGES_MAX])
{
    struct cf_buf CF_CLEANUP(cf_buf_done) text;
    size_t n = 0;
    cf_buf_init(&text, FILE_BYTES);
    if (env->ops->file_read(env->ctx, path, &text, NULL) != CF_OK || text.n == 0) {
        return 0;
    }
    const char *at = (const char *)text.p, *end = at + text.n;
    while (at < end && n < CF_LANGUAGES_MAX) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL) { /* each line has its end: this one was cut */
            break;
        }
        n += read_line(at, (size_t)(stop - at), &ret[n]);
        at = stop + 1;
    }
    return n;
}

bool cf_languages_find(const struct cf_env *env, const char *dir, uint32_t user, char ret[CF_LANGUAGE_NAME_CAP])
{
    char path[PATH_BYTES];
    struct choice all[CF_LANGUAGES_MAX];
    snprintf(path, sizeof path, "%s/" CF_LANGUAGES_FILE, dir);
    size_t n = read_all(env, path, all);
    for (size_t i = n; i-- > 0;) {
        if (all[i].user == user) {
            memcpy(ret, all[i].language, sizeof all[i].language);
            return true;
        }
    }
    return false;
}

enum cf_rc cf_languages_keep(const struct cf_env *env, const char *dir, uint32_t user, const char *language,
                             struct cf_error *err)
{
    char path[PATH_BYTES], text[FILE_BYTES];
    struct choice all[CF_LANGUAGES_MAX];
    size_t at = 0, kept = 0;
    if (!is_language(language, strlen(language))) {
        return cf_fail(err, CF_E_ARGUMENT, "no name of a language");
    }
    snprintf(path, sizeof path, "%s/" CF_LANGUAGES_FILE, dir);
    size_t n = read_all(env, path, all);
    for (size_t i = 0; i < n; i++) {
        if (all[i].user != user) {
            all[kept++] = all[i];
        }
    }
    for (size_t i = kept == CF_LANGUAGES_MAX ? 1 : 0; i < kept; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%lu %s\n", (unsigned long)all[i].user, all[i].language);
    }
    at += (size_t)snprintf(text + at, sizeof text - at, "%lu %s\n", (unsigned long)user, language);
    return env->ops->file_replace(env->ctx, path, (cf_bytes){(const uint8_t *)text, at}, 0600, err);
}
