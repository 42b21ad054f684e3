/*
 * app/core/incarnation.c - see incarnation.h.
 */
#include "app/core/incarnation.h"

#include <assert.h>
#include <string.h>

#include "base/cbor.h"
#include "base/plant.h"

const char *cf_quarantine_text(enum cf_quarantine_why why)
{
    switch (why) {
    case CF_QUARANTINE_NONE:
        return "in order";
    case CF_QUARANTINE_MARK_GONE:
        return "its incarnation file is gone";
    case CF_QUARANTINE_MARK_DAMAGED:
        return "its incarnation file cannot be read";
    case CF_QUARANTINE_MARK_OTHER:
        return "its incarnation file is of another terminal or epoch";
    case CF_QUARANTINE_RESTORED:
        return "its journal is an older one that was put back";
    case CF_QUARANTINE_MARK_OLD:
        return "its incarnation file is an older one that was put back";
    case CF_QUARANTINE_FENCED:
        return "the centre set it apart";
    }
    return "for a reason that this version does not know"; /* a number of a later one */
}

/* The journal of an epoch that has just begun, beside the mark of what was here before. */
static bool is_first_of_epoch(const struct cf_incarnation_facts *facts)
{
    const struct cf_incarnation_mark *mark = &facts->mark;
    return facts->incarnation == 0 && (mark->terminal != facts->terminal || mark->epoch < facts->epoch);
}

static enum cf_quarantine_why judge_mark(const struct cf_incarnation_facts *facts, uint64_t *ret_next)
{
    const struct cf_incarnation_mark *mark = &facts->mark;
    if (is_first_of_epoch(facts)) {
        *ret_next = mark->incarnation + 1; /* what stands outside never falls */
        return CF_QUARANTINE_NONE;
    }
    if (mark->terminal != facts->terminal || mark->epoch != facts->epoch)
        return CF_QUARANTINE_MARK_OTHER;
    if (CF_PLANTED(restore_without_marker)) {
        *ret_next = mark->incarnation + 1;
        return CF_QUARANTINE_NONE;
    }
    if (!facts->holds_marked)
        return CF_QUARANTINE_RESTORED;
    if (mark->incarnation == facts->incarnation) { /* settled, or cut short after the START record */
        *ret_next = mark->incarnation + 1;
        return CF_QUARANTINE_NONE;
    }
    if (mark->incarnation < facts->incarnation)
        return CF_QUARANTINE_MARK_OLD;
    if (!mark->settled && mark->before == facts->incarnation && mark->seq == facts->seq) {
        *ret_next = mark->incarnation; /* cut short before the START record: the same start again */
        return CF_QUARANTINE_NONE;
    }
    return CF_QUARANTINE_RESTORED;
}

enum cf_quarantine_why cf_incarnation_judge(const struct cf_incarnation_facts *facts, uint64_t *ret_next)
{
    switch (facts->found) {
    case CF_MARK_NONE:
        if (facts->incarnation > 0)
            return CF_QUARANTINE_MARK_GONE;
        *ret_next = 1;
        return CF_QUARANTINE_NONE;
    case CF_MARK_DAMAGED:
        return CF_QUARANTINE_MARK_DAMAGED;
    case CF_MARK_FOUND:
        return judge_mark(facts, ret_next);
    }
    assert(false && "what was found is one of three");
    return CF_QUARANTINE_MARK_DAMAGED;
}

/* --- the records' bodies ------------------------------------------------------------------------------------------ */

enum cf_rc cf_start_encode(const struct cf_start *start, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 2);
    cf_cbor_write_text(&w, start->version);
    cf_cbor_write_uint(&w, start->incarnation);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_start_decode(cf_bytes body, struct cf_start *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_start start = {.incarnation = 0};
    cf_cbor_read_init(&r, body);
    cf_cbor_read_array_of(&r, 2);
    cf_cbor_read_cstr(&r, start.version, sizeof start.version);
    cf_cbor_read_uint(&r, &start.incarnation, INT64_MAX);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = start;
    return rc;
}

enum cf_rc cf_quarantine_encode(const struct cf_quarantine *quarantine, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 3);
    cf_cbor_write_uint(&w, (uint64_t)quarantine->why);
    cf_cbor_write_uint(&w, quarantine->journal_incarnation);
    cf_cbor_write_uint(&w, quarantine->mark_incarnation);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_quarantine_decode(cf_bytes body, struct cf_quarantine *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_quarantine quarantine = {.journal_incarnation = 0};
    uint64_t why = 0;
    cf_cbor_read_init(&r, body);
    cf_cbor_read_array_of(&r, 3);
    if (cf_cbor_read_uint(&r, &why, UINT8_MAX) && why == 0)
        cf_cbor_read_refuse(&r);
    cf_cbor_read_uint(&r, &quarantine.journal_incarnation, INT64_MAX);
    cf_cbor_read_uint(&r, &quarantine.mark_incarnation, INT64_MAX);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc != CF_OK)
        return rc;
    quarantine.why = (enum cf_quarantine_why)why;
    *ret = quarantine;
    return CF_OK;
}
