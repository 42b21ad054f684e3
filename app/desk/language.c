/*
 * app/desk/language.c - see language.h.
 */
#include "app/desk/language.h"

#include <libintl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN "counterfoil"

static bool source = true;
extern int _nl_msg_cat_cntr; /* of the C library: raised, it forgets which catalogue it chose (gettext manual 11.6) */

void cf_language_init(const char *dir)
{
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
