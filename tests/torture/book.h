/*
 * tests/torture/book.h - what was promised, and whether it still holds. Kept outside of the machines that lose power.
 */
#ifndef CF_TESTS_TORTURE_BOOK_H
#define CF_TESTS_TORTURE_BOOK_H

#include "tests/torture/shop.h"

/* --- promises ------------------------------------------------------------------------------------------------------
 */

/* The till said that it recorded this. */
void book_recorded(struct shop *shop, uint64_t seq, const struct cf_sha256 *hash, bool is_sale);
/* Paper with the receipt of this record is in somebody's hand. */
void book_paper(struct shop *shop, uint64_t seq, bool is_copy, const struct cf_receipt *receipt);
/* The till's sync was told so. */
void book_acknowledged(struct shop *shop, uint64_t seq, const struct cf_sha256 *head);
/* Where the open sale stands now; after a record it stands nowhere. */
void book_step(struct shop *shop);
void book_sale_is_over(struct shop *shop);

/* --- checks --------------------------------------------------------------------------------------------------------
 */

/* After the till's machine started again: all that was recorded is there, as it was, and at most one sale more: the one
 * that was being paid. It is entered into the book. The open sale stands where it once stood. */
void book_check_till(struct shop *shop);
/* After the centre's machine started again: what was acknowledged is there, orders are answered as before. */
void book_check_centre(struct shop *shop);
/* At the end, all mended: nothing lost, nothing doubled, at both ends the same. */
void book_check_all(struct shop *shop);

#endif
