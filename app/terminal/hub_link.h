/*
 * app/terminal/hub_link.h - a terminal's talk with its store's hub: the frame around each message, and the memory of
 * how far the hub had come.
 *
 * The env's network reaches the hub under CF_PATH_HUB. The newest witness is kept in DIR/hub.witness, for both
 * processes of a terminal: each ask shows it to the hub, and an answer that is older than what was shown comes from a
 * copy of the hub, or from an old disk, and is not believed. One thread a link.
 */
#ifndef CF_TERMINAL_HUB_LINK_H
#define CF_TERMINAL_HUB_LINK_H

#include "app/core/down.h"
#include "base/env.h"
#include "sync/wire/hub.h"

struct cf_hub_link {
    const struct cf_env *env;
    const char *dir;
    struct cf_hub_entry hub; /* terminal 0: none */
};

/* What this terminal has seen of the hub; *ret_found false for another hub epoch, or none. */
void cf_hub_link_witness(const struct cf_hub_link *link, struct cf_hub_witness *ret, bool *ret_found);

/*
 * Asks. acknowledged: seq up to which the centre has this terminal's log. The body of the answer is appended to
 * ret_body.
 *
 *   CF_E_LINK_DOWN    there is no hub, it cannot be reached, or it says that it is none (any more): surely nothing was
 *                     taken; the detail says which
 *   CF_E_FENCED, CF_E_FORK   the hub sets this terminal apart: nothing was taken
 *   CF_E_HUB_FENCED   the answer comes from a hub that has fallen back. It may have taken what was asked
 *   others            the ask may have arrived
 */
enum cf_rc cf_hub_link_ask(const struct cf_hub_link *link, const char *path, cf_bytes body, uint64_t acknowledged,
                           struct cf_buf *ret_body, struct cf_error *err) CF_MUST_CHECK;

#endif
