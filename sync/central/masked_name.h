/*
 * sync/central/masked_name.h - as much of a member's name as a till may show: of each word its first letter. Pure.
 */
#ifndef CF_CENTRAL_MASKED_NAME_H
#define CF_CENTRAL_MASKED_NAME_H

#include "base/bytes.h"

#define CF_MASKED_WORDS_MAX 3
/* "Lin Meihua" becomes "L** M**", "王小明" becomes "王**"; how long a word is, is not told, nor what is behind the
 * third.
 * "" for a name without a letter that can be shown. `cap` at least 24. */
void cf_masked_name(cf_bytes name, char *ret, size_t cap);

#endif
