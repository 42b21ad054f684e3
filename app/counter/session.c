/*
 * app/counter/session.c - see session.h.
 */
#include "app/counter/session.h"

#include <string.h>

#include "app/store/replica.h"
#include "app/terminal/till.h"

/* As cf_till_open takes up a login, beside whoever has the till open. */
static enum cf_rc read_session(const char *dir, struct cf_journal_session *ret, struct cf_error *err)
{
    struct cf_journal *journal = NULL;
    enum cf_rc rc = cf_journal_open(dir, CF_JOURNAL_READ, cf_env_system(), &journal, err);
    if (rc != CF_OK)
        return rc;
    rc = cf_journal_session(journal, ret, err);
    cf_journal_close(journal);
    return rc;
}

static bool lasts(const struct cf_journal_session *session, int64_t within_s)
{
    const struct cf_env *env = cf_env_system();
    uint8_t boot_id[CF_BOOT_ID_BYTES];
    env->ops->boot_id(env->ctx, boot_id);
    return session->is && memcmp(boot_id, session->boot_id, sizeof boot_id) == 0 &&
           cf_env_mono(env).us / CF_US_PER_S - session->mono_ms / 1000 < within_s;
}

enum cf_rc cf_counter_check_session(const char *dir, enum cf_act act, int64_t within_s, struct cf_error *err)
{
    static const struct cf_act_size none = {0};
    const cf_currency currency = {"XXX"};
    struct cf_replica *replica = NULL;
    struct cf_journal_session session = {.is = false};
    struct cf_user user = {.role = CF_ROLE_NONE};
    uint64_t n_users = 0;
    if (cf_replica_open(dir, CF_REPLICA_READ, &replica, NULL, NULL) != CF_OK)
        return CF_OK; /* a till that lost its replica knows of no users, and sells as it always did */
    enum cf_rc rc = cf_replica_user_count(replica, &n_users, err);
    if (rc == CF_OK && n_users > 0)
        rc = read_session(dir, &session, err);
    if (rc == CF_OK && n_users > 0)
        rc = lasts(&session, within_s) ? cf_replica_user(replica, session.user, &user, err)
                                       : cf_fail(err, CF_E_USER_NONE, "%s", cf_act_name(act));
    cf_replica_close(replica);
    return rc == CF_OK ? cf_permit_check(user.role, act, &none, currency, err) : rc;
}
