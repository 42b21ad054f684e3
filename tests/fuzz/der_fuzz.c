/* DER and PEM by mbedTLS: a signature or PEM that is read is written back alike; readers of keys and certificates
 * stand. */
#include "base/crypto/der.h"
#include "base/crypto/pem.h"

#include <assert.h>
#include <string.h>

static void read_signature(cf_bytes der)
{
    cf_signature signature;
    uint8_t again[CF_DER_SIGNATURE_MAX];
    if (cf_der_read_signature(der, &signature)) {
        size_t n = cf_der_write_signature(&signature, again);
        assert(cf_bytes_equal(der, cf_bytes_of(again, n)));
    }
}

static void read_pem(const char *pem)
{
    struct cf_x509_info info;
    struct cf_private_key *key = NULL;
    if (cf_x509_read(pem, &info, NULL) == CF_OK) {
        assert(info.serial > 0 && strlen(info.common_name) > 0);
    }
    if (cf_private_key_from_pem(pem, &key, NULL) == CF_OK) {
        char again[CF_PEM_MAX];
        assert(cf_private_key_pem(key, again, NULL) == CF_OK);
        cf_private_key_free(key);
    }
}

static void read_wrapped(cf_bytes der, const char *label)
{
    char pem[CF_PEM_MAX];
    uint8_t again[CF_DER_MAX];
    size_t n = 0;
    if (der.n > 0 && cf_pem_encode(label, der, pem, NULL) == CF_OK) {
        assert(cf_pem_decode(pem, label, again, &n) && cf_bytes_equal(der, cf_bytes_of(again, n)));
        read_pem(pem);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cf_bytes input = cf_bytes_of(data, size);
    char text[CF_PEM_MAX];
    read_signature(input);
    read_wrapped(input, "CERTIFICATE");
    read_wrapped(input, "PRIVATE KEY");
    read_wrapped(input, "EC PRIVATE KEY");
    if (size < sizeof text) {
        memcpy(text, data, size);
        text[size] = '\0';
        read_pem(text);
    }
    return 0;
}
