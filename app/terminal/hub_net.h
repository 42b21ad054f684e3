/*
 * app/terminal/hub_net.h - one network for a terminal: what is under CF_PATH_HUB goes to the store's hub, the rest to
 * the centre.
 *
 * The hub is whoever the replica names at the moment: its certificate must be that terminal's, in that epoch. It is
 * given little time: a cashier waits. One thread.
 */
#ifndef CF_TERMINAL_HUB_NET_H
#define CF_TERMINAL_HUB_NET_H

#include "app/core/down.h"
#include "sync/client/enrol.h"

struct cf_hub_net;

/* Who the hub is now; false: there is none. */
typedef bool (*cf_hub_net_find_fn)(void *ctx, struct cf_hub_entry *ret);

/* `centre`: an env whose network reaches the centre, or none; `identity` is borrowed. Free with cf_hub_net_free. */
enum cf_rc cf_hub_net_new(const struct cf_env *centre, const struct cf_identity *identity, struct cf_hub_net **ret,
                          struct cf_error *err) CF_MUST_CHECK;
void cf_hub_net_free(struct cf_hub_net *net); /* accepts NULL */
/* Until this is set there is no hub. */
void cf_hub_net_find(struct cf_hub_net *net, cf_hub_net_find_fn fn, void *ctx);
/* `centre` with this network. Owned by net. */
const struct cf_env *cf_hub_net_env(struct cf_hub_net *net);

#endif
