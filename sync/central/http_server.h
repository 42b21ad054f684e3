/*
 * sync/central/http_server.h - puts a centre on two TLS ports. libevent's evhttp; one thread, one event loop.
 */
#ifndef CF_CENTRAL_HTTP_SERVER_H
#define CF_CENTRAL_HTTP_SERVER_H

#include "sync/central/central.h"

struct cf_http_server;

struct cf_http_options {
    const char *dir;       /* of the centre: certificates */
    const char *terminals; /* "127.0.0.1:0" */
    const char *api;
    unsigned connections_max; /* 0: the default */
    unsigned request_s;       /* a request must have arrived whole after this long; 0: the default */
};
/* Listens, but answers only in _run. CF_E_ARGUMENT for an address, CF_E_TLS, CF_E_IO. Free with _free. */
enum cf_rc cf_http_server_new(struct cf_central *central, const struct cf_http_options *options,
                              struct cf_http_server **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_http_server_free(struct cf_http_server *server);
uint16_t cf_http_server_port(const struct cf_http_server *server, enum cf_central_port port);
/* Until SIGTERM or SIGINT. */
enum cf_rc cf_http_server_run(struct cf_http_server *server, struct cf_error *err) CF_MUST_CHECK;

#endif
