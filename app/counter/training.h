/*
 * app/counter/training.h - a folder for a training session: a journal of its own that nobody ever syncs.
 */
#ifndef CF_CF_TRAINING_H
#define CF_CF_TRAINING_H

#include "app/counter/counter.h"

#define CF_TRAINING_PATH_MAX 256

/*
 * Makes the folder, in TMPDIR. Remove it with cf_training_end, when the till is closed. Where the store has users,
 * whoever is logged in at the till in `till_dir` must be allowed training: errors of cf_counter_check_session.
 */
enum cf_rc cf_training_begin(const char *till_dir, const struct cf_identity *identity,
                             char ret_dir[CF_TRAINING_PATH_MAX], struct cf_error *err) CF_MUST_CHECK;
/* The folder alone, for whoever needs no permission: a program that tries the machine. */
enum cf_rc cf_training_folder(const struct cf_journal_identity *journal, char ret_dir[CF_TRAINING_PATH_MAX],
                              struct cf_error *err) CF_MUST_CHECK;
void cf_training_end(const char *dir); /* "" does nothing */

#endif
