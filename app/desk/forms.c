#include "app/desk/language.h"
const char *cf_text_of_form(const char *english, char *ret, size_t n)
{
    (void)ret;
    (void)n;
    return english;
}
