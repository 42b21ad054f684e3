/*
 * app/counter/training.c - see training.h.
 */
#include "app/counter/training.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/counter/session.h"

enum cf_rc cf_training_folder(const struct cf_journal_identity *journal, char ret_dir[CF_TRAINING_PATH_MAX],
                              struct cf_error *err)
{
    const char *under = getenv("TMPDIR");
    char dir[CF_TRAINING_PATH_MAX];
    int n = snprintf(dir, sizeof dir, "%s/cf-training-XXXXXX", under != NULL && under[0] != '\0' ? under : "/tmp");
    if (n < 0 || (size_t)n >= sizeof dir)
        return cf_fail(err, CF_E_LIMIT, "TMPDIR is too long");
    if (mkdtemp(dir) == NULL)
        return cf_fail_errno(err, errno, "%s", dir);
    enum cf_rc rc = cf_journal_create(dir, journal, cf_env_system(), err);
    if (rc != CF_OK) {
        cf_training_end(dir);
        return rc;
    }
    snprintf(ret_dir, CF_TRAINING_PATH_MAX, "%s", dir);
    return CF_OK;
}

enum cf_rc cf_training_begin(const char *till_dir, const struct cf_identity *identity,
                             char ret_dir[CF_TRAINING_PATH_MAX], struct cf_error *err)
{
    const struct cf_journal_identity journal = {
        .terminal = identity->terminal, .epoch = CF_TRAINING_EPOCH, .store = identity->store};
    /* At the till itself, where wrong PINs are on record and make whoever guesses wait: the session's own journal,
     * which counts them as well, is thrown away. */
    enum cf_rc rc = cf_counter_check_session(till_dir, CF_ACT_TRAINING, CF_TILL_IDLE_S, err);
    return rc == CF_OK ? cf_training_folder(&journal, ret_dir, err) : rc;
}

void cf_training_end(const char *dir)
{
    static const char *const parts[] = {"/journal.db", "/journal.db-wal", "/journal.db-shm", "/journal.lock",
                                        ".incarnation"};
    char path[CF_TRAINING_PATH_MAX + 32];
    if (dir[0] == '\0')
        return;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(path, sizeof path, "%s%s", dir, parts[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}
