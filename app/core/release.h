/*
 * app/core/release.h - a release of the system that machines run: what it is called, for which machines it is, and
 * what the centre tells one of them to do with it.
 *
 * A release is one bundle, known by its hash. Both ends judge by the same functions whether a machine may take it: it
 * is for that hardware, it is newer, and what runs there could still read what it writes (docs/updates.md). Pure.
 *
 *   UPDATE [26, number, version, hardware, size, hash(32), schema, readable_from, when, minute, bytes_per_s]
 *          [26, 0]      the machine keeps what it runs
 *   LOGS   [27, number, until_s]    number 0: nothing is asked for
 */
#ifndef CF_CORE_RELEASE_H
#define CF_CORE_RELEASE_H

#include "base/cbor.h"
#include "base/crypto/crypto.h"

#define CF_VERSION_TEXT_MAX 31
#define CF_VERSION_PARTS 4
#define CF_HARDWARE_MAX 31
#define CF_BUNDLE_BYTES_MAX (INT64_C(2) << 30)
#define CF_SCHEMA_MAX 9999
#define CF_DAY_MINUTES 1440
#define CF_ROLLOUT_ALL_BP 10000

/* "8.2.1": up to four numbers; what is missing at the end is 0. */
struct cf_version {
    uint32_t part[CF_VERSION_PARTS];
};
/* CF_E_RANGE. */
enum cf_rc cf_version_parse(const char *text, struct cf_version *ret, struct cf_error *err) CF_MUST_CHECK;
int cf_version_compare(const struct cf_version *a, const struct cf_version *b); /* below 0: a is older */
/* Small letters, digits and '-': what a bundle and a machine call the machine. */
bool cf_hardware_is_plausible(const char *text);

struct cf_release {
    uint32_t number; /* at the centre */
    char version[CF_VERSION_TEXT_MAX + 1];
    char hardware[CF_HARDWARE_MAX + 1];
    uint64_t size; /* of the bundle */
    struct cf_sha256 hash;
    /* Of the till's journal: the version that the release brings it to, and the oldest that can still work with it. */
    uint32_t schema, readable_from;
};
/* CF_E_RANGE naming what is wrong. */
enum cf_rc cf_release_check(const struct cf_release *release, struct cf_error *err) CF_MUST_CHECK;

enum cf_update_when {
    CF_UPDATE_AT_CLOSE = 1,  /* once the business day is closed, and nothing has happened since */
    CF_UPDATE_AT_MINUTE = 2, /* of the store's civil day */
};
struct cf_update_order {
    bool none; /* nothing below counts */
    struct cf_release release;
    enum cf_update_when when;
    uint16_t minute;      /* of AT_MINUTE */
    uint32_t bytes_per_s; /* to be fetched at most so fast; 0: as fast as it goes */
};

/* Of a machine: what runs there. */
struct cf_machine_facts {
    char version[CF_VERSION_TEXT_MAX + 1];
    char hardware[CF_HARDWARE_MAX + 1];
    uint32_t schema; /* the newest that the program knows */
};
/*
 * May that machine take it? CF_E_UPDATE_HARDWARE; CF_E_UPDATE_OLD: it is no newer than what runs; CF_E_UPDATE_FORMAT:
 * after a rollback what runs now could not read the journal.
 */
enum cf_rc cf_release_suits(const struct cf_release *release, const struct cf_machine_facts *machine,
                            struct cf_error *err) CF_MUST_CHECK;

/* Is it what that machine runs? */
bool cf_release_runs_on(const struct cf_release *release, const struct cf_machine_facts *machine);

/* Where a terminal stands in a roll-out of this bundle: 0 .. CF_ROLLOUT_ALL_BP - 1, the same wherever it is asked, and
 * another one for each bundle, so that it is not always the same shops that go first. */
uint32_t cf_rollout_place(const struct cf_sha256 *bundle, uint32_t terminal);

/* Items behind the kind of the entry. */
#define CF_UPDATE_ORDER_ITEMS 10
void cf_update_order_write(const struct cf_update_order *order, struct cf_cbor_writer *w);
void cf_update_order_read(struct cf_cbor_reader *r, size_t items, struct cf_update_order *ret);

/* The centre asks for the logs of the last hour. The store has to agree. */
struct cf_logs_ask {
    uint32_t number; /* 0: nothing is asked for */
    int64_t until_s; /* after that nobody waits for them */
};

#endif
