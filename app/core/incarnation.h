/*
 * app/core/incarnation.h - is this journal the one that sold last, or a copy of it, or an older one put back?
 *
 * Each start of a till has a number, its incarnation. The journal keeps it (a START record, hence in the chain), and so
 * does a store outside of the till's folder, which is not restored or copied with it: the mark. A start first writes
 * the mark (durable: the intent), then the START record, then the mark again (settled). After each record the mark also
 * notes the head of the journal, so that a journal which goes back within one start is noticed too.
 *
 *   in order   no mark and a journal that never had one: the first start of all
 *              a mark of an older epoch and a journal that had none: the first start of this epoch
 *              settled at the journal's own incarnation, and the record it names is in the journal
 *              an intent that follows on the journal, which has not moved since: the start that was cut short
 *   all else   quarantine: sells, earns, verifies codes, spends no rights, until enrolled anew
 *
 * The decision and the two records' bodies; no I/O. Pure.
 */
#ifndef CF_CORE_INCARNATION_H
#define CF_CORE_INCARNATION_H

#include "app/core/record.h"

/* What the store outside of the folder remembers. */
struct cf_incarnation_mark {
    uint32_t terminal, epoch;
    uint64_t incarnation; /* of the start under way or done */
    uint64_t before;      /* the journal's incarnation when the start began */
    bool settled;         /* the START record is in the journal */
    uint64_t seq;         /* the newest record it knows of; 0: none */
    struct cf_sha256 hash;
};

enum cf_mark_found { CF_MARK_NONE, CF_MARK_DAMAGED, CF_MARK_FOUND };

/* What the journal says, with all that the decision needs of it. */
struct cf_incarnation_facts {
    uint32_t terminal, epoch;
    uint64_t incarnation; /* of the newest START record; 0: there never was one */
    uint64_t seq;         /* the head */
    enum cf_mark_found found;
    struct cf_incarnation_mark mark; /* if found */
    bool holds_marked;               /* the journal has record mark.seq with mark.hash (true if mark.seq is 0) */
};

/* Numbers stand in records: append. */
enum cf_quarantine_why {
    CF_QUARANTINE_NONE = 0,
    CF_QUARANTINE_MARK_GONE = 1,    /* the journal had a mark, and there is none */
    CF_QUARANTINE_MARK_DAMAGED = 2, /* it cannot be read */
    CF_QUARANTINE_MARK_OTHER = 3,   /* it is of another terminal or epoch */
    CF_QUARANTINE_RESTORED = 4,     /* it knows of a later start or record: this journal is an older one */
    CF_QUARANTINE_MARK_OLD = 5,     /* the journal knows of a later start: the mark is an older one */
    CF_QUARANTINE_FENCED = 6,       /* the centre said so */
};
#define CF_QUARANTINE_WHY_MAX CF_QUARANTINE_FENCED
/* "its journal is an older one that was put back", for records, reports and the cashier. */
const char *cf_quarantine_text(enum cf_quarantine_why why);

/*
 * The decision. CF_QUARANTINE_NONE: in order, and *ret_next is the incarnation of this start (the one that was cut
 * short, if there was one). Else why not; *ret_next is not written.
 */
enum cf_quarantine_why cf_incarnation_judge(const struct cf_incarnation_facts *facts, uint64_t *ret_next);

/* --- the records' bodies ------------------------------------------------------------------------------------------ */

#define CF_VERSION_TEXT_MAX 31

struct cf_start {
    char version[CF_VERSION_TEXT_MAX + 1]; /* of the software */
    uint64_t incarnation;
};
enum cf_rc cf_start_encode(const struct cf_start *start, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_start_decode(cf_bytes body, struct cf_start *ret, struct cf_error *err) CF_MUST_CHECK;

struct cf_quarantine {
    enum cf_quarantine_why why;
    uint64_t journal_incarnation; /* at that moment */
    uint64_t mark_incarnation;    /* 0: none could be read */
};
/* Decoding takes reasons of a later version as they are. */
enum cf_rc cf_quarantine_encode(const struct cf_quarantine *quarantine, struct cf_buf *ret,
                                struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_quarantine_decode(cf_bytes body, struct cf_quarantine *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
