/*
 * app/cli/training.h - a folder for a training session: a journal of its own that nobody ever syncs.
 */
#ifndef CF_CLI_TRAINING_H
#define CF_CLI_TRAINING_H

#include "app/cli/cli.h"

#define CLI_TRAINING_PATH_MAX 256

/*
 * Makes the folder, in TMPDIR. Remove it with cli_training_end, when the till is closed. Where the store has users,
 * whoever is logged in at the till in `till_dir` must be allowed training: errors of cli_check_session.
 */
enum cf_rc cli_training_begin(const char *till_dir, const struct cf_identity *identity,
                              char ret_dir[CLI_TRAINING_PATH_MAX], struct cf_error *err) CF_MUST_CHECK;
void cli_training_end(const char *dir); /* "" does nothing */

#endif
