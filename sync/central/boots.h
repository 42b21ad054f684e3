/*
 * sync/central/boots.h - when the records of a till's log were really written (app/core/record_time.h).
 *
 * Inside a transaction. What is known of a boot stands once, in its row; a batch is read ahead of being applied, so
 * that each record is applied with all that its batch says about time.
 */
#ifndef CF_CENTRAL_BOOTS_H
#define CF_CENTRAL_BOOTS_H

#include "app/core/record_time.h"
#include "sync/central/ledger.h"

struct cf_boots;

enum cf_rc cf_boots_new(struct cf_boots **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_boots_free(struct cf_boots *boots);

/*
 * Reads the records of a batch that are beyond `after_seq`, and writes what they tell of the log's boots. Where that
 * changes the time of earlier records, the disputes that they are part of are decided again.
 */
enum cf_rc cf_boots_read(struct cf_central *central, struct cf_boots *boots, const struct cf_log *log,
                         const struct cf_record *records, size_t n, uint64_t after_seq,
                         struct cf_error *err) CF_MUST_CHECK;

struct cf_dated {
    int64_t boot; /* 0: nothing is known of the record's time */
    struct cf_record_time time;
};
/* Of a record that cf_boots_read has read. */
struct cf_dated cf_boots_date(const struct cf_boots *boots, const struct cf_record *record);

/* Of a record that is stored, by what is known now. *ret_known false, and nothing in *ret, for one without a boot. */
enum cf_rc cf_boots_time_of(struct cf_central *central, uint64_t record, struct cf_record_time *ret, bool *ret_known,
                            struct cf_error *err) CF_MUST_CHECK;
/* The boot in a row, from column `first seq` on; false if there is none. */
bool cf_boot_of_row(const struct cf_value *row, struct cf_boot_time *ret);
/* Milliseconds as an instant, at the ends of 64 bits too. */
cf_wall cf_wall_from_ms(int64_t ms);

#endif
