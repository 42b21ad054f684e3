/*
 * app/core/fiscal_answer.h - what a signing device said of a record, as the record carries it.
 *
 *   [serial, transaction, counter, signature, (start_s, end_s)]    under key 6 of a record's map of what it learnt to
 * say; the times by the device's own clock, where it told them
 *
 * A device that failed left no signature, and perhaps a transaction that nobody finished. Pure.
 */
#ifndef CF_CORE_FISCAL_ANSWER_H
#define CF_CORE_FISCAL_ANSWER_H

#include "base/cbor.h"

#define CF_FISCAL_SERIAL_MAX 64
#define CF_FISCAL_SIGNATURE_MAX 128
#define CF_FISCAL_KEY 6

struct cf_fiscal_answer {
    bool is;                                     /* a device was asked */
    char serial[CF_FISCAL_SERIAL_MAX + 1];       /* of the device */
    uint64_t transaction;                        /* its own number; 0: it did not start one */
    uint64_t counter;                            /* of its signatures */
    char signature[CF_FISCAL_SIGNATURE_MAX + 1]; /* "": it failed */
    int64_t start_s, end_s; /* of its transaction, seconds since 1970 by its clock; both 0: it did not say */
};

/* Ranges and texts; one that is not there is good. CF_E_RECORD. */
enum cf_rc cf_fiscal_answer_check(const struct cf_fiscal_answer *answer, struct cf_error *err) CF_MUST_CHECK;
void cf_fiscal_answer_write(const struct cf_fiscal_answer *answer, struct cf_cbor_writer *w);
/* Shape only; ret->is becomes true. */
void cf_fiscal_answer_read(struct cf_cbor_reader *in, struct cf_fiscal_answer *ret);
/* A whole map of key 6 alone, as the last element of a record that has learnt nothing else since; it is left out where
 * no device was asked, so that records keep the bytes that they always had. */
void cf_fiscal_answer_write_map(const struct cf_fiscal_answer *answer, struct cf_cbor_writer *w);
void cf_fiscal_answer_read_map(struct cf_cbor_reader *in, struct cf_fiscal_answer *ret);

#endif
