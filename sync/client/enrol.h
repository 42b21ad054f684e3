/*
 * sync/client/enrol.h - a terminal's identity, and how it gets one (docs/protocol.md, "Enrolment").
 *
 * DIR holds identity.cbor, ca.pem, tls.key.pem, tls.cert.pem and sign.key (the scalar; both keys mode 0600). Keys are
 * made here and never leave. identity.cbor is written last: while it is missing or of an older enrolment, the terminal
 * is not enrolled anew.
 */
#ifndef CF_SYNC_CLIENT_ENROL_H
#define CF_SYNC_CLIENT_ENROL_H

#include "base/crypto/crypto.h"
#include "base/env.h"

#define CF_HOST_MAX 253

struct cf_identity {
    uint32_t terminal;
    uint32_t epoch;
    uint32_t store;
    cf_public_key roots[2];
    char host[CF_HOST_MAX + 1];
    uint16_t terminals_port;
    char ca_pem[CF_PEM_MAX];
    char cert_pem[CF_PEM_MAX];
    char tls_key_pem[CF_PEM_MAX];
    struct cf_private_key *sign_key; /* owned; cf_identity_done */
};

/*
 * Enrols by a one-time code at https://host:api_port and writes DIR (which exists). An identity that DIR holds already
 * is replaced only when all went well.
 *
 *   CF_E_ENROL_CODE   mistyped, unknown, expired, or the CA at `host` is not the one the code names
 *   CF_E_ENROL_USED
 *   CF_E_PROTOCOL     the answer makes no sense
 *   those of cf_tls_net_exchange, of file_replace
 */
enum cf_rc cf_enrol(const struct cf_env *env, const char *host, uint16_t api_port, const char *code_text,
                    const char *dir, struct cf_identity *ret, struct cf_error *err) CF_MUST_CHECK;

/* CF_E_NOT_ENROLLED if DIR holds no identity; CF_E_CERTIFICATE if its files do not fit each other. */
enum cf_rc cf_identity_load(const struct cf_env *env, const char *dir, struct cf_identity *ret,
                            struct cf_error *err) CF_MUST_CHECK;
void cf_identity_done(struct cf_identity *identity); /* wipes the keys; accepts a zeroed struct */

#endif
