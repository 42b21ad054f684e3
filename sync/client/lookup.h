/*
 * sync/client/lookup.h - the addresses of a host, within a time.
 *
 * getaddrinfo itself may take half a minute when a store's line is cut and its name server with it, while a cashier
 * waits. So glibc looks up in a thread of its own; one that is not done in time goes on, and is asked again next time.
 */
#ifndef CF_SYNC_CLIENT_LOOKUP_H
#define CF_SYNC_CLIENT_LOOKUP_H

#include "base/error.h"
#include "base/time.h"

struct addrinfo;
struct cf_lookup;

enum cf_rc cf_lookup_new(const char *host, uint16_t port, struct cf_lookup **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_lookup_free(struct cf_lookup *lookup); /* accepts NULL */
/* CF_E_LINK_DOWN: no such host, or not in time. Free *ret with freeaddrinfo. */
enum cf_rc cf_lookup_wait(struct cf_lookup *lookup, cf_duration patience, struct addrinfo **ret,
                          struct cf_error *err) CF_MUST_CHECK;

#endif
