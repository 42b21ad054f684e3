/*
 * tests/unit/core/record_test.c - the chain of a till's log: its exact bytes, and that nothing in it can be changed.
 */
#include "app/core/record.h"

#include <string.h>

#include "tests/unit/core/core_cmocka.h"

static struct cf_record sample(void)
{
    struct cf_record record = {
        .terminal = 21,
        .epoch = 1,
        .seq = 500,
        .mono_ms = 3600000,
        .wall_ms = INT64_C(1795334400000),
        .time_quality = CF_TIME_SYNCED,
        .down_cursor = 7,
        .type = CF_RECORD_SALE,
        .body = cf_bytes_str("body"),
    };
    memset(record.boot_id, 0xb0, sizeof record.boot_id);
    memset(record.salt, 0x5a, sizeof record.salt);
    return record;
}

static struct cf_sha256 chain(const struct cf_sha256 *previous, const struct cf_record *record)
{
    struct cf_sha256 body_hash = cf_record_body_hash(record);
    return cf_record_chain(previous, record, &body_hash);
}

/* The same by hand: the CBOR of the header written out, every hash from its parts. */
static void the_chain_is_made_of_these_bytes(void **state)
{
    (void)state;
    struct cf_sha256 start = cf_record_chain_start(21, 1);
    struct cf_sha256 expected = cf_sha256(cf_bytes_of("cf-chain\0\0\0\x15\0\0\0\x01", 16));
    assert_memory_equal(&start, &expected, sizeof start);

    struct cf_record record = sample();
    uint8_t salted[CF_SALT_BYTES + 4];
    memset(salted, 0x5a, CF_SALT_BYTES);
    memcpy(salted + CF_SALT_BYTES, "body", 4);
    struct cf_sha256 body_hash = cf_sha256(cf_bytes_of(salted, sizeof salted));
    struct cf_sha256 found = cf_record_body_hash(&record);
    assert_memory_equal(&found, &body_hash, sizeof found);

    static const char header_hex[] = "89"
                                     "15"
                                     "01"
                                     "1901f4"
                                     "50b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0"
                                     "1a0036ee80"
                                     "1b000001a20244e800"
                                     "02"
                                     "07"
                                     "01";
    uint8_t bytes[32 + sizeof header_hex / 2 + 32];
    const size_t header_n = sizeof header_hex / 2;
    memcpy(bytes, start.digest, 32);
    assert_int_equal(cf_hex_decode(header_hex, bytes + 32, header_n, NULL), CF_OK);
    memcpy(bytes + 32 + header_n, body_hash.digest, 32);
    expected = cf_sha256(cf_bytes_of(bytes, 32 + header_n + 32));
    found = chain(&start, &record);
    assert_memory_equal(&found, &expected, sizeof found);
}

static void every_field_is_bound(void **state)
{
    (void)state;
    struct cf_sha256 start = cf_record_chain_start(21, 1);
    struct cf_record record = sample();
    struct cf_sha256 seen[16];
    size_t n = 0;
    seen[n++] = chain(&start, &record);
    for (int field = 0; field < 11; field++) {
        record = sample();
        switch (field) {
        case 0:
            record.terminal++;
            break;
        case 1:
            record.epoch++;
            break;
        case 2:
            record.seq++;
            break;
        case 3:
            record.boot_id[15] ^= 1;
            break;
        case 4:
            record.mono_ms = -1;
            break;
        case 5:
            record.wall_ms--;
            break;
        case 6:
            record.time_quality = CF_TIME_HELD;
            break;
        case 7:
            record.down_cursor++;
            break;
        case 8:
            record.type = CF_RECORD_Z_REPORT;
            break;
        case 9:
            record.salt[0] ^= 1;
            break;
        default:
            record.body = cf_bytes_str("bodY");
            break;
        }
        seen[n++] = chain(&start, &record);
    }
    record = sample();
    struct cf_sha256 elsewhere = cf_record_chain_start(21, 2);
    seen[n++] = chain(&elsewhere, &record);
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < a; b++)
            assert_memory_not_equal(&seen[a], &seen[b], sizeof seen[a]);
    }
}

static void an_erased_body_leaves_the_chain_verifiable(void **state)
{
    (void)state;
    struct cf_sha256 start = cf_record_chain_start(21, 1);
    struct cf_record record = sample();
    struct cf_sha256 kept = cf_record_body_hash(&record);
    struct cf_sha256 before = cf_record_chain(&start, &record, &kept);
    memset(record.salt, 0, sizeof record.salt);
    record.body = (cf_bytes){NULL, 0};
    struct cf_sha256 after = cf_record_chain(&start, &record, &kept);
    assert_memory_equal(&after, &before, sizeof after);
}

static void the_longest_header_fits(void **state)
{
    (void)state;
    struct cf_sha256 start = cf_record_chain_start(UINT32_MAX, UINT32_MAX);
    struct cf_record record = {
        .terminal = UINT32_MAX,
        .epoch = UINT32_MAX,
        .seq = UINT64_MAX,
        .mono_ms = INT64_MIN,
        .wall_ms = INT64_MIN,
        .time_quality = CF_TIME_SYNCED,
        .down_cursor = UINT64_MAX,
        .type = CF_RECORD_START,
    };
    struct cf_sha256 hash = chain(&start, &record);
    assert_memory_not_equal(&hash, &start, sizeof hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_chain_is_made_of_these_bytes),
        cmocka_unit_test(every_field_is_bound),
        cmocka_unit_test(an_erased_body_leaves_the_chain_verifiable),
        cmocka_unit_test(the_longest_header_fits),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
