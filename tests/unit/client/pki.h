/*
 * tests/unit/client/pki.h - a CA with a server's and a till's certificate, as PEM.
 */
#ifndef CF_TESTS_UNIT_CLIENT_PKI_H
#define CF_TESTS_UNIT_CLIENT_PKI_H

#include "base/crypto/crypto.h"

struct pki {
    struct cf_private_key *ca_key;
    char ca[CF_PEM_MAX];
};
void pki_init(struct pki *pki);
void pki_done(struct pki *pki);

struct pki_leaf {
    char cert[CF_PEM_MAX];
    char key[CF_PEM_MAX];
};
/* names: NULL-terminated, of a server; NULL for a client. Valid from now + from_s to now + to_s. */
void pki_issue(const struct pki *pki, const char *common_name, const char *const *names, int64_t from_s, int64_t to_s,
               struct pki_leaf *ret);

#endif
