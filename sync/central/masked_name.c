/*
 * sync/central/masked_name.c - see masked_name.h.
 */
#include "sync/central/masked_name.h"

#include "base/text.h"

#include <assert.h>
#include <string.h>

#define STARS "**"

/* A space of any width parts words. */
static bool is_space(uint32_t c)
{
    return c == ' ' || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

/* What stands on another letter, or joins two, or is nothing to see, begins no word. */
static bool is_letter(uint32_t c)
{
    bool mark = (c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200F) || (c >= 0xFE00 && c <= 0xFE0F);
    return !mark && c != CF_TEXT_REPLACEMENT && !cf_text_is_control(c);
}

void cf_masked_name(cf_bytes name, char *ret, size_t cap)
{
    size_t n = 0, words = 0;
    bool inside = false;
    assert(cap >= CF_MASKED_WORDS_MAX * (4 + sizeof STARS));
    for (size_t at = 0; at < name.n && words < CF_MASKED_WORDS_MAX;) {
        size_t from = at;
        uint32_t c = cf_text_next(name, &at);
        if (is_space(c)) {
            inside = false;
        } else if (!inside && is_letter(c)) {
            inside = true;
            if (words++ > 0)
                ret[n++] = ' ';
            memcpy(ret + n, name.p + from, at - from);
            n += at - from;
            memcpy(ret + n, STARS, sizeof STARS - 1);
            n += sizeof STARS - 1;
        }
    }
    ret[n] = '\0';
}
