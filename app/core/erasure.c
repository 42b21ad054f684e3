/*
 * app/core/erasure.c - see erasure.h.
 */
#include "app/core/erasure.h"

#include <stdlib.h>
#include <string.h>

struct cf_erase_mark cf_erase_mark_of(cf_sub sub)
{
    struct cf_erase_mark mark;
    cf_bytes parts[] = {cf_bytes_str("cf-erase"), cf_bytes_of(sub.b, sizeof sub.b)};
    struct cf_sha256 hash = cf_sha256_parts(parts, 2);
    memcpy(mark.b, hash.digest, sizeof mark.b);
    return mark;
}

enum cf_rc cf_erase_marks_add(struct cf_erase_marks *marks, const struct cf_erase_mark *mark, struct cf_error *err)
{
    if (marks->n == marks->cap) {
        size_t cap = marks->cap ? marks->cap * 2 : 16;
        struct cf_erase_mark *at = realloc(marks->at, cap * sizeof *at);
        if (!at)
            return cf_fail(err, CF_E_NO_MEMORY, "erasures");
        marks->at = at;
        marks->cap = cap;
    }
    marks->at[marks->n++] = *mark;
    return CF_OK;
}

void cf_erase_marks_done(struct cf_erase_marks *marks)
{
    free(marks->at);
    *marks = (struct cf_erase_marks){.at = NULL};
}

bool cf_erase_marked(const struct cf_erase_mark *marks, size_t n, cf_sub member)
{
    struct cf_erase_mark mark = cf_erase_mark_of(member);
    for (size_t i = 0; i < n; i++)
        if (memcmp(mark.b, marks[i].b, sizeof mark.b) == 0)
            return true;
    return false;
}
