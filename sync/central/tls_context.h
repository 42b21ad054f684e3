/*
 * sync/central/tls_context.h - TLS of the two ports, by OpenSSL.
 */
#ifndef CF_CENTRAL_TLS_CONTEXT_H
#define CF_CENTRAL_TLS_CONTEXT_H

#include "sync/central/central.h"

#include <openssl/ssl.h>

/* TLS 1.2 and newer with DIR's server certificate. The terminals' port takes only clients with a certificate of DIR's
 * CA and refuses others inside the handshake; its tickets resume sessions of the same port. Free with SSL_CTX_free. */
enum cf_rc cf_tls_context_new(const char *dir, enum cf_central_port port, SSL_CTX **ret,
                              struct cf_error *err) CF_MUST_CHECK;
/* Who the peer's certificate names, if it is still valid (a resumed session's is not checked by TLS again). */
bool cf_tls_terminal(SSL *ssl, uint32_t *ret_terminal, uint32_t *ret_epoch);

#endif
