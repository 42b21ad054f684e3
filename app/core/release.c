/*
 * app/core/release.c - see release.h.
 */
#include "app/core/release.h"

#include <string.h>

#include "base/text.h"

#define PART_MAX 999999

enum cf_rc cf_version_parse(const char *text, struct cf_version *ret, struct cf_error *err)
{
    struct cf_version version = {{0}};
    size_t parts = 0;
    for (const char *at = text; parts < CF_VERSION_PARTS && *at >= '0' && *at <= '9';) {
        uint32_t v = 0;
        while (*at >= '0' && *at <= '9' && v <= PART_MAX) {
            v = v * 10 + (uint32_t)(*at++ - '0');
        }
        version.part[parts++] = v;
        if (v > PART_MAX) {
            break;
        }
        if (*at == '\0' && strlen(text) <= CF_VERSION_TEXT_MAX) {
            *ret = version;
            return CF_OK;
        }
        if (*at++ != '.') {
            break;
        }
    }
    return cf_fail(err, CF_E_RANGE, "version: one to four numbers with dots between them");
}

int cf_version_compare(const struct cf_version *a, const struct cf_version *b)
{
    for (size_t i = 0; i < CF_VERSION_PARTS; i++) {
        if (a->part[i] != b->part[i]) {
            return a->part[i] < b->part[i] ? -1 : 1;
        }
    }
    return 0;
}

bool cf_hardware_is_plausible(const char *text)
{
    size_t n = strlen(text);
    return n > 0 && n <= CF_HARDWARE_MAX && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

enum cf_rc cf_release_check(const struct cf_release *release, struct cf_error *err)
{
    struct cf_version version;
    enum cf_rc rc = cf_version_parse(release->version, &version, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!cf_hardware_is_plausible(release->hardware)) {
        return cf_fail(err, CF_E_RANGE, "hardware: small letters, digits and '-'");
    }
    if (release->size == 0 || release->size > CF_BUNDLE_BYTES_MAX) {
        return cf_fail(err, CF_E_RANGE, "size: 1 to %lld bytes", (long long)CF_BUNDLE_BYTES_MAX);
    }
    if (release->schema == 0 || release->schema > CF_SCHEMA_MAX || release->readable_from == 0 ||
        release->readable_from > release->schema) {
        return cf_fail(err, CF_E_RANGE, "schema: from 1, and readable_from no higher");
    }
    return CF_OK;
}

enum cf_rc cf_release_suits(const struct cf_release *release, const struct cf_machine_facts *machine,
                            struct cf_error *err)
{
    struct cf_version theirs, ours;
    if (strcmp(release->hardware, machine->hardware) != 0) {
        return cf_fail(err, CF_E_UPDATE_HARDWARE, "it is for %s, this is %s", release->hardware,
                       machine->hardware[0] != '\0' ? machine->hardware : "no appliance");
    }
    enum cf_rc rc = cf_version_parse(release->version, &theirs, err);
    if (rc == CF_OK) {
        rc = cf_version_parse(machine->version, &ours, err);
    }
    if (rc == CF_OK && cf_version_compare(&theirs, &ours) <= 0) {
        rc = cf_fail(err, CF_E_UPDATE_OLD, "it is %s, and %s runs", release->version, machine->version);
    }
    if (rc == CF_OK && (release->schema < machine->schema || release->readable_from > machine->schema)) {
        rc = cf_fail(err, CF_E_UPDATE_FORMAT, "it writes format %u, which programs from %u on read; here is %u",
                     release->schema, release->readable_from, machine->schema);
    }
    return rc;
}

bool cf_release_runs_on(const struct cf_release *release, const struct cf_machine_facts *machine)
{
    struct cf_version theirs, ours;
    return strcmp(release->hardware, machine->hardware) == 0 &&
           cf_version_parse(release->version, &theirs, NULL) == CF_OK &&
           cf_version_parse(machine->version, &ours, NULL) == CF_OK && cf_version_compare(&theirs, &ours) == 0;
}

uint32_t cf_rollout_place(const struct cf_sha256 *bundle, uint32_t terminal)
{
    uint8_t number[4];
    cf_put_be32(number, terminal);
    const cf_bytes parts[] = {cf_bytes_str("cf-rollout"), cf_bytes_of(bundle->digest, CF_SHA256_BYTES),
                              cf_bytes_of(number, sizeof number)};
    struct cf_sha256 hash = cf_sha256_parts(parts, sizeof parts / sizeof parts[0]);
    return (uint32_t)(cf_get_be64(hash.digest) % CF_ROLLOUT_ALL_BP);
}

void cf_update_order_write(const struct cf_update_order *order, struct cf_cbor_writer *w)
{
    const struct cf_release *release = &order->release;
    if (order->none) {
        cf_cbor_write_uint(w, 0);
        return;
    }
    cf_cbor_write_uint(w, release->number);
    cf_cbor_write_text(w, release->version);
    cf_cbor_write_text(w, release->hardware);
    cf_cbor_write_uint(w, release->size);
    cf_cbor_write_bytes(w, cf_bytes_of(release->hash.digest, CF_SHA256_BYTES));
    cf_cbor_write_uint(w, release->schema);
    cf_cbor_write_uint(w, release->readable_from);
    cf_cbor_write_uint(w, order->when);
    cf_cbor_write_uint(w, order->minute);
    cf_cbor_write_uint(w, order->bytes_per_s);
}

void cf_update_order_read(struct cf_cbor_reader *r, size_t items, struct cf_update_order *ret)
{
    struct cf_release *release = &ret->release;
    uint64_t when = 0, minute = 0;
    release->number = cf_cbor_read_u32(r);
    ret->none = release->number == 0;
    if (ret->none != (items == 1)) {
        cf_cbor_read_refuse(r);
    }
    if (ret->none) {
        return;
    }
    (void)cf_cbor_read_cstr(r, release->version, sizeof release->version);
    (void)cf_cbor_read_cstr(r, release->hardware, sizeof release->hardware);
    cf_cbor_read_uint(r, &release->size, CF_BUNDLE_BYTES_MAX);
    cf_cbor_read_bytes_of(r, release->hash.digest, CF_SHA256_BYTES);
    release->schema = cf_cbor_read_u32(r);
    release->readable_from = cf_cbor_read_u32(r);
    cf_cbor_read_uint(r, &when, CF_UPDATE_AT_MINUTE);
    cf_cbor_read_uint(r, &minute, CF_DAY_MINUTES - 1);
    ret->bytes_per_s = cf_cbor_read_u32(r);
    ret->when = (enum cf_update_when)when;
    ret->minute = (uint16_t)minute;
    if (r->rc == CF_OK && (when < CF_UPDATE_AT_CLOSE || cf_release_check(release, NULL) != CF_OK)) {
        cf_cbor_read_refuse(r);
    }
}
