/*
 * sync/hub/http_in.h - the little of HTTP/1.1 (RFC 9112) that a hub hears: one request head.
 *
 * Strict: a body is sized by at most one Content-Length; no chunks, no folded lines, no other protocol version. Pure.
 */
#ifndef CF_SYNC_HUB_HTTP_IN_H
#define CF_SYNC_HUB_HTTP_IN_H

#include "base/bytes.h"

#define CF_HUB_HEAD_MAX 8192
#define CF_HUB_PATH_MAX 128

/* Bytes up to and with the empty line that ends a head; 0 if it is not there yet. */
size_t cf_hub_head_size(cf_bytes received);

struct cf_hub_head {
    char method[8];
    char path[CF_HUB_PATH_MAX + 1];
    uint64_t content_length;
    bool keep; /* the connection may be used again */
};
/* head: exactly as measured. CF_E_PROTOCOL. */
enum cf_rc cf_hub_head_read(cf_bytes head, struct cf_hub_head *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
