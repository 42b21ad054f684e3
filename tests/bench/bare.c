/*
 * tests/bench/bare.c - see bare.h.
 */
#include "tests/bench/bare.h"

#include "tests/bench/bench.h"

void bare_init(struct bare *bare, const struct cf_private_key *signer)
{
    static const char message[] = "what a coupon's signature covers";
    cf_public_key compressed;
    uint8_t point[65];
    cf_signature signature;
    struct cf_error err;
    cf_private_key_public(signer, &compressed);
    bench_check(cf_point_decompress(&compressed, point, &err), &err, "key");
    bench_check(cf_sign(signer, cf_bytes_str(message), &signature, &err), &err, "signature");
    bare->hash = cf_sha256(cf_bytes_str(message));
    mbedtls_ecp_group_init(&bare->curve);
    mbedtls_ecp_point_init(&bare->key);
    mbedtls_mpi_init(&bare->r);
    mbedtls_mpi_init(&bare->s);
    if (mbedtls_ecp_group_load(&bare->curve, MBEDTLS_ECP_DP_SECP256R1) != 0 ||
        mbedtls_ecp_point_read_binary(&bare->curve, &bare->key, point, sizeof point) != 0 ||
        mbedtls_mpi_read_binary(&bare->r, signature.rs, 32) != 0 ||
        mbedtls_mpi_read_binary(&bare->s, signature.rs + 32, 32) != 0) {
        bench_die("mbedTLS does not take the key");
    }
}

double bare_verify_ms(struct bare *bare)
{
    int64_t from = bench_now_ns();
    int code =
        mbedtls_ecdsa_verify(&bare->curve, bare->hash.digest, sizeof bare->hash.digest, &bare->key, &bare->r, &bare->s);
    int64_t to = bench_now_ns();
    if (code != 0) {
        bench_die("the bare verification failed");
    }
    return (double)(to - from) / 1e6;
}

void bare_done(struct bare *bare)
{
    mbedtls_ecp_group_free(&bare->curve);
    mbedtls_ecp_point_free(&bare->key);
    mbedtls_mpi_free(&bare->r);
    mbedtls_mpi_free(&bare->s);
}
