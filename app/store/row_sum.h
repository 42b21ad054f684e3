/*
 * app/store/row_sum.h - a sum over a journal row that stands in no record, so that damage in it is found. Private.
 *
 * Not a protection against somebody who means it: the chain is that, and what matters stands in the chain.
 */
#ifndef CF_STORE_ROW_SUM_H
#define CF_STORE_ROW_SUM_H

#include "base/bytes.h"

#define CF_ROW_SUM_BYTES 8
struct cf_row_sum {
    uint8_t b[CF_ROW_SUM_BYTES];
};
/* Over the table's name, two numbers, and two byte strings with their lengths. */
struct cf_row_sum cf_row_sum(const char *table, uint64_t a, uint64_t b, cf_bytes label, cf_bytes content);

#endif
