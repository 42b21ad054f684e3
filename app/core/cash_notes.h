/*
 * app/core/cash_notes.h - what a shopper is likely to hand over in cash, for a view to offer with one touch.
 *
 * Pure; thread-safe.
 */
#ifndef CF_CORE_CASH_NOTES_H
#define CF_CORE_CASH_NOTES_H

#include <stddef.h>
#include <stdint.h>

#define CF_CASH_SUGGESTIONS_MAX 6

/*
 * The amount itself, then for each note or coin (`values`, the largest first) the least number of it that covers the
 * amount, as far as there is room: rising, each once.
 *
 *   41.90 with 100, 50, 20, 10, 5, 1 yuan: 41.90, 42, 45, 50, 60, 100
 *
 * Returns how many; 0 if nothing is due.
 */
size_t cf_cash_suggest(int64_t due_minor, const int64_t *values, size_t n, int64_t ret_minor[CF_CASH_SUGGESTIONS_MAX]);

#endif
