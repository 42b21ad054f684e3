/* Certificates and requests by OpenSSL, as the centre reads them: what is read has a plain name and a usable key. */
#include "base/crypto/pem.h"

#include <assert.h>
#include <string.h>

static void check_name_and_key(const char *common_name, const cf_public_key *key)
{
    struct cf_verifier *verifier = NULL;
    size_t n = strlen(common_name);
    assert(n > 0 && n <= CF_CN_MAX);
    for (size_t i = 0; i < n; i++) {
        assert(common_name[i] >= 0x20 && common_name[i] < 0x7f);
    }
    assert(cf_verifier_new(key, &verifier, NULL) == CF_OK);
    cf_verifier_free(verifier);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char pem[CF_PEM_MAX];
    char common_name[CF_CN_MAX + 1];
    cf_public_key key;
    struct cf_x509_info info;
    if (size == 0 || cf_pem_encode("CERTIFICATE REQUEST", cf_bytes_of(data, size), pem, NULL) != CF_OK) {
        return 0;
    }
    if (cf_x509_request_read(pem, common_name, &key, NULL) == CF_OK) {
        check_name_and_key(common_name, &key);
    }
    assert(cf_pem_encode("CERTIFICATE", cf_bytes_of(data, size), pem, NULL) == CF_OK);
    if (cf_x509_read(pem, &info, NULL) == CF_OK) {
        check_name_and_key(info.common_name, &info.key);
    }
    return 0;
}
