/*
 * app/core/cash_notes.c - see cash_notes.h.
 */
#include "app/core/cash_notes.h"

#include <string.h>

/* Into its place among those that rise. */
static void put(int64_t amount, int64_t *list, size_t *n)
{
    size_t at = 0;
    while (at < *n && list[at] < amount)
        at++;
    if (at < *n && list[at] == amount)
        return;
    memmove(&list[at + 1], &list[at], (*n - at) * sizeof *list);
    list[at] = amount;
    ++*n;
}

size_t cf_cash_suggest(int64_t due_minor, const int64_t *values, size_t n, int64_t ret_minor[CF_CASH_SUGGESTIONS_MAX])
{
    size_t found = 0;
    if (due_minor <= 0)
        return 0;
    put(due_minor, ret_minor, &found);
    for (size_t i = 0; i < n && found < CF_CASH_SUGGESTIONS_MAX; i++) {
        int64_t over = values[i] > 0 ? due_minor % values[i] : 0;
        if (over != 0 && due_minor <= INT64_MAX - (values[i] - over))
            put(due_minor + (values[i] - over), ret_minor, &found);
    }
    return found;
}
