/*
 * app/desk/language.c - see language.h.
 */
#include "app/desk/language.h"

#include <dirent.h>
#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOMAIN "counterfoil"
#define LANGUAGES_MAX 32
#define NAME_MAX_BYTES 7 /* "zh_CN" */
#define PATH_BYTES 4096

static bool source = true;
static char languages[LANGUAGES_MAX][NAME_MAX_BYTES + 1] = {"en"};
static size_t n_languages = 1;
extern int _nl_msg_cat_cntr; /* of the C library: raised, it forgets which catalogue it chose (gettext manual 11.6) */

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void find_catalogues(const char *dir)
{
    char path[PATH_BYTES];
    DIR *folder = opendir(dir);
    n_languages = 1;
    for (const struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        size_t n = strlen(entry->d_name);
        snprintf(path, sizeof path, "%s/%s/LC_MESSAGES/" DOMAIN ".mo", dir, entry->d_name);
        if (n <= NAME_MAX_BYTES && entry->d_name[0] != '.' && strcmp(entry->d_name, "en") != 0 &&
            n_languages < LANGUAGES_MAX && access(path, R_OK) == 0) {
            memcpy(languages[n_languages++], entry->d_name, n + 1);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    qsort(languages[1], n_languages - 1, sizeof languages[0], by_name);
}

const char *cf_language_after(const char *language)
{
    for (size_t i = 0; i < n_languages; i++) {
        if (strcmp(languages[i], language) == 0) {
            return languages[(i + 1) % n_languages];
        }
    }
    return languages[0];
}

void cf_language_init(const char *dir)
{
    find_catalogues(dir);
    setlocale(LC_MESSAGES, "C.UTF-8"); /* any but "C", for which LANGUAGE counts nothing */
    bindtextdomain(DOMAIN, dir);
    bind_textdomain_codeset(DOMAIN, "UTF-8");
}

void cf_language_use(const char *language)
{
    setenv("LANGUAGE", language, 1);
    source = strncmp(language, "en", 2) == 0;
    _nl_msg_cat_cntr++;
}

const char *cf_text_of(const char *english)
{
    return dgettext(DOMAIN, english);
}

const char *cf_text_of_n(const char *one, const char *many, unsigned long n)
{
    return dngettext(DOMAIN, one, many, n);
}

bool cf_language_is_source(void)
{
    return source;
}
