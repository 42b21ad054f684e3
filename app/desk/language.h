/*
 * app/desk/language.h - texts in the language of whoever looks at them, by gettext of the C library.
 *
 * English is what stands in the source; another language is a catalogue `<dir>/<language>/LC_MESSAGES/counterfoil.mo`.
 * One language at a time for the whole process; one thread.
 */
#ifndef CF_DESK_LANGUAGE_H
#define CF_DESK_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

/* Where the catalogues are, once, before the first text. */
void cf_language_init(const char *dir);
/* The language after this one, of those that have a catalogue and English, in the order of their names. */
const char *cf_language_after(const char *language);
/* "en", "zh_CN"; what has no catalogue is English. Static until the next call. */
void cf_language_use(const char *language);
const char *cf_text_of(const char *english) __attribute__((format_arg(1)));
const char *cf_text_of_n(const char *one, const char *many, unsigned long n)
    __attribute__((format_arg(1), format_arg(2)));
/*
 * A sentence of app/core or app/terminal, which speak English alone: found again by its form (forms.c), put into words
 * of the language, its parts in turn. What has no form here comes back as it is. `ret` or a static text; ret is not
 * `english`.
 */
const char *cf_text_of_form(const char *english, char *ret, size_t n);
/* Is it English now, the language of the source? */
bool cf_language_is_source(void);
/* What xgettext looks for. */
#define _(english) cf_text_of(english)
#define N_(english) english /* put into words later */

#endif
