/*
 * app/core/erasure.h - how a member who is to be forgotten is named to the tills.
 *
 * An erasure reaches every till, also one that is off for months, so it stands in files for long. It must not itself be
 * what it erases: it carries a hash of the pseudonym, by which whoever still holds the pseudonym finds it. Pure, but
 * for the allocation of a list.
 */
#ifndef CF_CORE_ERASURE_H
#define CF_CORE_ERASURE_H

#include "app/core/code.h"

#define CF_ERASE_MARK_BYTES 16

/* The first bytes of SHA-256("cf-erase" || sub). */
struct cf_erase_mark {
    uint8_t b[CF_ERASE_MARK_BYTES];
};
struct cf_erase_mark cf_erase_mark_of(cf_sub sub);

/* All members who are to be forgotten. Begins zeroed; ends with _done. */
struct cf_erase_marks {
    struct cf_erase_mark *at; /* owned */
    size_t n, cap;
};
/* CF_E_NO_MEMORY. */
enum cf_rc cf_erase_marks_add(struct cf_erase_marks *marks, const struct cf_erase_mark *mark,
                              struct cf_error *err) CF_MUST_CHECK;
void cf_erase_marks_done(struct cf_erase_marks *marks);
bool cf_erase_marked(const struct cf_erase_mark *marks, size_t n, cf_sub member);

#endif
