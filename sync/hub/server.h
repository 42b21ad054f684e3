/*
 * sync/hub/server.h - a hub on the store's network: HTTP/1.1 over TLS 1.2 by mbedTLS, clients with a certificate only.
 *
 * One thread and one poll: no connection waits for another but for the hub's own work. At most CF_HUB_CONNECTIONS_MAX
 * at a time, the next wait in the listener's queue; one that is slow, idle for long, or talks nonsense is closed. The
 * dates of clients' certificates are not judged (a hub may not know the time): whether a terminal may still ask is in
 * the list that the centre signed.
 */
#ifndef CF_SYNC_HUB_SERVER_H
#define CF_SYNC_HUB_SERVER_H

#include "sync/hub/hub.h"

#define CF_HUB_CONNECTIONS_MAX 64
#define CF_HUB_PENDING_BYTES_MAX (64u << 20) /* of requests that are not whole yet, all together */

struct cf_hub_server;

/* All borrowed. */
struct cf_hub_server_config {
    const struct cf_env *env;
    struct cf_hub *hub;
    uint16_t port; /* on every address of this machine; 0: chosen by the system */
    const char *ca_pem, *cert_pem, *key_pem;
};
/* CF_E_CERTIFICATE for PEMs that cannot be read, or a certificate that may not serve; CF_E_IO if the port is taken. */
enum cf_rc cf_hub_server_new(const struct cf_hub_server_config *config, struct cf_hub_server **ret,
                             struct cf_error *err) CF_MUST_CHECK;
void cf_hub_server_free(struct cf_hub_server *server); /* accepts NULL */
uint16_t cf_hub_server_port(const struct cf_hub_server *server);

/* Serves what there is to serve, waiting up to `patience` for it. CF_E_IO. */
enum cf_rc cf_hub_server_run(struct cf_hub_server *server, cf_duration patience, struct cf_error *err) CF_MUST_CHECK;

/* "t7-e2" */
bool cf_hub_parse_name(const char *common_name, uint32_t *ret_terminal, uint32_t *ret_epoch);

#endif
