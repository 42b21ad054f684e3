/*
 * sync/client/http.h - the little of HTTP/1.1 (RFC 9112) that a till speaks: one request head out, one answer head in.
 *
 * Strict: an answer is sized by exactly one Content-Length or it is refused; no chunks, no folded lines, no bare CR or
 * LF, no other protocol version. Pure.
 */
#ifndef CF_SYNC_CLIENT_HTTP_H
#define CF_SYNC_CLIENT_HTTP_H

#include "base/env.h"

#define CF_HTTP_HEAD_MAX 16384
#define CF_HTTP_FIELDS_MAX 100

/* `host` as in the Host field, with the port. */
enum cf_rc cf_http_request_head(const struct cf_net_request *request, const char *host, struct cf_buf *ret,
                                struct cf_error *err) CF_MUST_CHECK;

/* Bytes up to and with the empty line that ends a head; 0 if it is not there yet. */
size_t cf_http_head_size(cf_bytes received);

struct cf_http_head {
    int status; /* 200..599 */
    uint64_t content_length;
    bool keep; /* the connection may be used again */
};
/* head: exactly as cf_http_head_size measured it. CF_E_PROTOCOL. */
enum cf_rc cf_http_head_read(cf_bytes head, struct cf_http_head *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
