/*
 * sync/central/down_log.h - appends to the log that goes down to the terminals.
 *
 * Inside a transaction only (state.h). Heads of topics are read once a transaction and written at its end.
 */
#ifndef CF_CENTRAL_DOWN_LOG_H
#define CF_CENTRAL_DOWN_LOG_H

#include "app/core/down.h"
#include "sync/central/state.h"

enum cf_rc cf_down_log_new(struct cf_down_log **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_down_log_free(struct cf_down_log *log);

/* key: a later entry of the same topic, scope and key replaces this one in snapshots. */
enum cf_rc cf_down_append(struct cf_central *central, enum cf_topic topic, uint32_t scope, int64_t key,
                          const struct cf_down_entry *entry, struct cf_error *err) CF_MUST_CHECK;
/* The same for an entry that is encoded already; *ret_version (nullable) is its number in the topic. */
enum cf_rc cf_down_append_bytes(struct cf_central *central, enum cf_topic topic, uint32_t scope, int64_t key,
                                cf_bytes entry, uint64_t *ret_version, struct cf_error *err) CF_MUST_CHECK;
/* A key that nothing else has: the entry stays in every snapshot. */
#define CF_DOWN_KEY_UNIQUE INT64_MIN

enum cf_rc cf_down_flush(struct cf_central *central, struct cf_error *err) CF_MUST_CHECK;
void cf_down_forget(struct cf_central *central);

#endif
