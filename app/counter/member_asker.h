/*
 * app/counter/member_asker.h - asks the centre who a member is, beside the counter: nobody waits for it.
 *
 * A thread of its own with a connection of its own. What it is told stays in memory, is forgotten with the member and
 * is written nowhere. All calls from one thread; they return at once.
 */
#ifndef CF_COUNTER_MEMBER_ASKER_H
#define CF_COUNTER_MEMBER_ASKER_H

#include "sync/client/enrol.h"
#include "sync/wire/member_ask.h"

struct cf_member_asker;

/* Copies what it needs of the identity. CF_E_NO_MEMORY, CF_E_CERTIFICATE. */
enum cf_rc cf_member_asker_new(const struct cf_identity *identity, struct cf_member_asker **ret,
                               struct cf_error *err) CF_MUST_CHECK;
/* Waits for what goes on to end: some seconds at most. Accepts NULL. */
void cf_member_asker_free(struct cf_member_asker *asker);

/* Of this member from now on; an answer about another one is dropped. */
void cf_member_asker_ask(struct cf_member_asker *asker, cf_sub member);
/* Of nobody: what was told is wiped. */
void cf_member_asker_forget(struct cf_member_asker *asker);
enum cf_member_asker_state {
    CF_MEMBER_ASKER_IDLE, /* nobody was asked for */
    CF_MEMBER_ASKER_BUSY,
    CF_MEMBER_ASKER_TOLD,   /* *ret holds it; its rc may be a refusal */
    CF_MEMBER_ASKER_FAILED, /* nobody answered: ask again later */
};
enum cf_member_asker_state cf_member_asker_look(struct cf_member_asker *asker, struct cf_member_reply *ret);

#endif
