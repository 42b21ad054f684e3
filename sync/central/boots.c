/*
 * sync/central/boots.c - see boots.h.
 */
#include "sync/central/boots.h"

#include "sync/central/adjudicate.h"

#include "sync/wire/wire.h"

#include <stdlib.h>
#include <string.h>

#define CLOSED_MAX 4096 /* boots that one batch dates from behind; what was before them stays open upwards */

struct boot {
    int64_t id; /* 0: not written yet */
    bool dirty;
    struct cf_boot_time time;
};
struct cf_boots {
    size_t n;
    struct boot boot[CF_BATCH_RECORDS_MAX + 1]; /* the log's last one before this batch, then those of this batch */
    uint64_t cursor;                            /* the last that was looked up */
    int64_t cursor_at_ms;
    uint64_t changed_from; /* the first record whose time is better known than before; 0: none */
};

enum cf_rc cf_boots_new(struct cf_boots **ret, struct cf_error *err)
{
    struct cf_boots *boots = calloc(1, sizeof *boots);
    if (boots == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "boots");
    }
    *ret = boots;
    return CF_OK;
}

void cf_boots_free(struct cf_boots *boots)
{
    free(boots);
}

cf_wall cf_wall_from_ms(int64_t ms)
{
    int64_t us;
    if (__builtin_mul_overflow(ms, CF_US_PER_MS, &us)) {
        us = ms < 0 ? INT64_MIN : INT64_MAX;
    }
    return (cf_wall){us};
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

bool cf_boot_of_row(const struct cf_value *row, struct cf_boot_time *ret)
{
    if (row[0].kind != CF_VALUE_INT || row[2].b.n != CF_BOOT_ID_BYTES) {
        return false;
    }
    *ret = (struct cf_boot_time){
        .first_seq = (uint64_t)row[0].i,
        .last_seq = (uint64_t)row[1].i,
        .first_mono_ms = row[3].i,
        .last_mono_ms = row[4].i,
        .anchored = row[5].kind == CF_VALUE_INT,
        .anchor_mono_ms = row[5].i,
        .anchor_wall_ms = row[6].i,
        .lo_offset_ms = row[7].kind == CF_VALUE_INT ? row[7].i : CF_RECORD_TIME_NONE,
        .has_hi = row[8].kind == CF_VALUE_INT,
        .hi_offset_ms = row[8].i,
        .received_offset_ms = row[9].i,
    };
    memcpy(ret->boot_id, row[2].b.p, CF_BOOT_ID_BYTES);
    return true;
}

static struct cf_value or_null(bool there, int64_t v)
{
    return there ? cf_v_int(v) : cf_v_null();
}

static enum cf_rc write_boot(struct cf_central *central, const struct cf_log *log, struct boot *boot,
                             struct cf_error *err)
{
    const struct cf_boot_time *t = &boot->time;
    struct cf_value anchor_mono = or_null(t->anchored, t->anchor_mono_ms);
    struct cf_value anchor_wall = or_null(t->anchored, t->anchor_wall_ms);
    struct cf_value lo = or_null(t->lo_offset_ms != CF_RECORD_TIME_NONE, t->lo_offset_ms);
    struct cf_value hi = or_null(t->has_hi, t->hi_offset_ms);
    if (!boot->dirty) {
        return CF_OK;
    }
    boot->dirty = false;
    if (boot->id != 0) {
        return cf_store_run(central->store, CF_Q_BOOT_PUT,
                            CF_ARGS(cf_v_int(boot->id), cf_v_int((int64_t)t->last_seq), cf_v_int(t->last_mono_ms),
                                    anchor_mono, anchor_wall, lo, hi, cf_v_int(t->received_offset_ms)),
                            err);
    }
    return cf_store_insert(central->store, CF_Q_BOOT_ADD,
                           CF_ARGS(cf_v_int((int64_t)log->id), cf_v_int((int64_t)t->first_seq),
                                   cf_v_int((int64_t)t->last_seq), cf_v_blob(t->boot_id, CF_BOOT_ID_BYTES),
                                   cf_v_int(t->first_mono_ms), cf_v_int(t->last_mono_ms), anchor_mono, anchor_wall, lo,
                                   hi, cf_v_int(t->received_offset_ms)),
                           &boot->id, err);
}

/* The newest boot of the log that begins at or before `seq`. */
static enum cf_rc find_boot(struct cf_central *central, const struct cf_log *log, uint64_t seq, struct boot *ret,
                            bool *ret_found, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    enum cf_rc rc = cf_store_row(central->store, CF_Q_BOOT_AT,
                                 CF_ARGS(cf_v_int((int64_t)log->id), cf_v_int((int64_t)seq)), row, ret_found, err);
    if (rc == CF_OK && *ret_found) {
        *ret = (struct boot){.id = row[0].i};
        if (!cf_boot_of_row(&row[1], &ret->time)) {
            return cf_fail(err, CF_E_INTERNAL, "boot %lld", (long long)row[0].i);
        }
    }
    return rc;
}

/* --- a batch ------------------------------------------------------------------------------------------------------ */

static enum cf_rc find_evidence(struct cf_central *central, struct cf_boots *boots, uint64_t cursor,
                                struct cf_record_evidence *ret, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    if (cursor != boots->cursor) {
        struct cf_value row[CF_STORE_COLUMNS_MAX];
        bool found = false;
        rc = cf_store_row(central->store, CF_Q_DOWN_TIME_GET, CF_ARGS(cf_v_int((int64_t)(cursor & INT64_MAX))), row,
                          &found, err);
        boots->cursor = cursor;
        boots->cursor_at_ms = found ? row[0].i / CF_US_PER_MS : CF_RECORD_TIME_NONE;
    }
    *ret = (struct cf_record_evidence){.cursor_at_ms = boots->cursor_at_ms,
                                       .received_ms = cf_central_now(central).us / CF_US_PER_MS};
    return rc;
}

static void note_change(struct cf_boots *boots, const struct cf_boot_time *time)
{
    if (boots->changed_from == 0 || time->first_seq < boots->changed_from) {
        boots->changed_from = time->first_seq;
    }
}

static void read_record(struct cf_boots *boots, const struct cf_record *record,
                        const struct cf_record_evidence *evidence)
{
    struct boot *last = boots->n > 0 ? &boots->boot[boots->n - 1] : NULL;
    if (last != NULL && cf_boot_time_goes_on(&last->time, record)) {
        last->dirty = true;
        if (cf_boot_time_add(&last->time, record, evidence)) {
            note_change(boots, &last->time);
        }
        return;
    }
    struct boot *next = &boots->boot[boots->n++];
    *next = (struct boot){.dirty = true};
    cf_boot_time_begin(&next->time, last != NULL ? &last->time : NULL, record, evidence);
    if (next->time.anchored) {
        note_change(boots, &next->time);
    }
}

/* Boots that were over before one whose time is known now. First those of this batch, then back through the log. */
static enum cf_rc bound_earlier(struct cf_central *central, struct cf_boots *boots, const struct cf_log *log,
                                struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = boots->n - 1; i > 0; i--) {
        struct boot *earlier = &boots->boot[i - 1];
        if (cf_boot_time_bound(&earlier->time, &boots->boot[i].time)) {
            earlier->dirty = true;
            note_change(boots, &earlier->time);
        }
    }
    struct boot later = boots->boot[0];
    for (size_t k = 0; k < CLOSED_MAX && later.time.first_seq > 1 && rc == CF_OK; k++) {
        struct boot earlier;
        bool found;
        rc = find_boot(central, log, later.time.first_seq - 1, &earlier, &found, err);
        if (rc != CF_OK || !found || !cf_boot_time_bound(&earlier.time, &later.time)) {
            break;
        }
        earlier.dirty = true;
        note_change(boots, &earlier.time);
        rc = write_boot(central, log, &earlier, err);
        later = earlier;
    }
    return rc;
}

enum cf_rc cf_boots_read(struct cf_central *central, struct cf_boots *boots, const struct cf_log *log,
                         const struct cf_record *records, size_t n, uint64_t after_seq, struct cf_error *err)
{
    bool found;
    boots->n = 0;
    boots->changed_from = 0;
    boots->cursor = 0;
    boots->cursor_at_ms = CF_RECORD_TIME_NONE;
    enum cf_rc rc = find_boot(central, log, CF_RECORD_SEQ_MAX, &boots->boot[0], &found, err);
    boots->n = rc == CF_OK && found;
    for (size_t i = 0; i < n && rc == CF_OK; i++) {
        struct cf_record_evidence evidence;
        if (records[i].seq <= after_seq || records[i].type == 0) {
            continue;
        }
        rc = find_evidence(central, boots, records[i].down_cursor, &evidence, err);
        if (rc == CF_OK) {
            read_record(boots, &records[i], &evidence);
        }
    }
    if (rc == CF_OK && boots->changed_from != 0) {
        rc = bound_earlier(central, boots, log, err);
    }
    for (size_t i = 0; i < boots->n && rc == CF_OK; i++) {
        rc = write_boot(central, log, &boots->boot[i], err);
    }
    if (rc == CF_OK && boots->changed_from != 0 && boots->changed_from <= after_seq) {
        rc = cf_adjudicate_again(central, cf_record_id(log->id, boots->changed_from), cf_record_id(log->id, after_seq),
                                 err);
    }
    return rc;
}

struct cf_dated cf_boots_date(const struct cf_boots *boots, const struct cf_record *record)
{
    for (size_t i = boots->n; i-- > 0;) {
        const struct boot *boot = &boots->boot[i];
        if (record->seq >= boot->time.first_seq && record->seq <= boot->time.last_seq && record->type != 0) {
            return (struct cf_dated){
                boot->id, cf_record_time(&boot->time, record->mono_ms, record->wall_ms, record->time_quality)};
        }
    }
    return (struct cf_dated){.boot = 0};
}

enum cf_rc cf_boots_time_of(struct cf_central *central, uint64_t record, struct cf_record_time *ret, bool *ret_known,
                            struct cf_error *err)
{
    const struct cf_log log = {.id = record >> CF_RECORD_ID_SHIFT};
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct boot boot;
    uint64_t seq = record & CF_RECORD_SEQ_MAX;
    bool found = false;
    *ret_known = false;
    enum cf_rc rc = find_boot(central, &log, seq, &boot, &found, err);
    if (rc != CF_OK || !found || seq > boot.time.last_seq) {
        return rc;
    }
    rc = cf_store_row(central->store, CF_Q_RECORD_CLOCK, CF_ARGS(cf_v_int((int64_t)record)), row, &found, err);
    if (rc == CF_OK && found) {
        *ret = cf_record_time(&boot.time, row[0].i, row[1].i, (enum cf_time_quality)row[2].i);
        *ret_known = true;
    }
    return rc;
}
