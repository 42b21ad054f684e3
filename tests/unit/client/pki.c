/*
 * tests/unit/client/pki.c - see pki.h.
 */
#include "tests/unit/client/pki.h"

#include "base/env.h"

#include <stdio.h>
#include <stdlib.h>

static void must(enum cf_rc rc)
{
    if (rc == CF_OK)
        return;
    fprintf(stderr, "a test certificate: %s\n", cf_rc_name(rc));
    abort();
}

static struct cf_x509_spec spec_of(enum cf_x509_kind kind, const char *common_name, int64_t from_s, int64_t to_s)
{
    int64_t now_s = cf_wall_s(cf_env_wall(cf_env_system()));
    return (struct cf_x509_spec){.kind = kind,
                                 .common_name = common_name,
                                 .serial = 1,
                                 .not_before = cf_wall_from_s(now_s + from_s),
                                 .not_after = cf_wall_from_s(now_s + to_s)};
}

void pki_init(struct pki *pki)
{
    struct cf_x509_spec spec = spec_of(CF_X509_CA, "test CA", -3600, 86400);
    cf_public_key public;
    must(cf_private_key_generate(&pki->ca_key, NULL));
    cf_private_key_public(pki->ca_key, &public);
    must(cf_x509_issue(&spec, &public, NULL, pki->ca_key, pki->ca, NULL));
}

void pki_done(struct pki *pki)
{
    cf_private_key_free(pki->ca_key);
}

void pki_issue(const struct pki *pki, const char *common_name, const char *const *names, int64_t from_s, int64_t to_s,
               struct pki_leaf *ret)
{
    struct cf_x509_spec spec = spec_of(names == NULL ? CF_X509_CLIENT : CF_X509_SERVER, common_name, from_s, to_s);
    struct cf_private_key *key;
    cf_public_key public;
    spec.dns_or_ip = names;
    spec.serial = 2;
    must(cf_private_key_generate(&key, NULL));
    cf_private_key_public(key, &public);
    must(cf_x509_issue(&spec, &public, pki->ca, pki->ca_key, ret->cert, NULL));
    must(cf_private_key_pem(key, ret->key, NULL));
    cf_private_key_free(key);
}
