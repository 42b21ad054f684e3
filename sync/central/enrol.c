/*
 * sync/central/enrol.c - a terminal gets its identity (docs/protocol.md, "Enrolment").
 *
 * Each enrolment mints a new epoch. The old one is set apart with it and what it held is stranded, since nobody can
 * know what a lost till has spent.
 */
#include "sync/central/value.h"
#include "sync/central/adjudicate.h"
#include "sync/central/files.h"

#include "base/plant.h"
#include "sync/central/grants.h"
#include "sync/central/handlers.h"
#include "sync/central/hub.h"
#include "sync/central/places.h"

#include "sync/wire/wire.h"

#include <stdio.h>
#include <string.h>

#define DAY_S INT64_C(86400)
#define CERTIFICATE_DAYS 825

struct enrolment {
    uint8_t secret[CF_ENROL_SECRET_BYTES];
    char csr[CF_PEM_MAX];
    cf_public_key sign_key;
    cf_public_key tls_key;
    cf_signature proof;
    uint32_t terminal, store, epoch;
    char certificate[CF_PEM_MAX];
};

enum cf_rc cf_handle_ca(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                        struct cf_error *err)
{
    (void)call;
    reply->content_type = "application/x-pem-file";
    return cf_buf_append_str(reply->bytes, central->ca_pem, err);
}

/* Digits without leading zeros, up to UINT32_MAX; moves *at behind them. */
static bool parse_u32(const char **at, uint32_t *ret)
{
    uint64_t v = 0;
    const char *p = *at;
    if (*p < '1' || *p > '9') {
        return false;
    }
    for (; *p >= '0' && *p <= '9'; p++) {
        v = v * 10 + (uint64_t)(*p - '0');
        if (v > UINT32_MAX) {
            return false;
        }
    }
    *at = p;
    *ret = (uint32_t)v;
    return true;
}

bool cf_central_parse_terminal(const char *common_name, uint32_t *ret_terminal, uint32_t *ret_epoch)
{
    uint32_t terminal, epoch;
    const char *at = common_name;
    if (*at++ != 't' || !parse_u32(&at, &terminal) || *at++ != '-' || *at++ != 'e' || !parse_u32(&at, &epoch) ||
        *at != '\0') {
        return false;
    }
    *ret_terminal = terminal;
    *ret_epoch = epoch;
    return true;
}

static enum cf_rc read_enrolment(const struct cf_call *call, struct enrolment *e, struct cf_error *err)
{
    const struct cf_json_field fields[] = {
        {.name = "secret", .hex = e->secret, .hex_bytes = sizeof e->secret},
        {.name = "csr", .lines = e->csr, .cap = sizeof e->csr, .min_bytes = 1},
        {.name = "sign_key", .hex = e->sign_key.point, .hex_bytes = sizeof e->sign_key.point},
        {.name = "proof", .hex = e->proof.rs, .hex_bytes = sizeof e->proof.rs},
    };
    return CF_CALL_READ(call, fields, err);
}

/* Both keys are really the terminal's: each signed something of this enrolment. */
static enum cf_rc check_keys(struct enrolment *e, struct cf_error *err)
{
    char common_name[CF_CN_MAX + 1];
    struct cf_verifier *verifier;
    struct cf_buf message;
    enum cf_rc rc = cf_x509_request_read(e->csr, common_name, &e->tls_key, err);
    if (rc == CF_OK) {
        rc = cf_verifier_new(&e->sign_key, &verifier, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    cf_buf_init(&message, CF_PEM_MAX + 64);
    rc = cf_buf_append_str(&message, "cf-enrol", err);
    if (rc == CF_OK) {
        rc = cf_buf_append(&message, e->secret, sizeof e->secret, err);
    }
    if (rc == CF_OK) {
        rc = cf_buf_append_str(&message, e->csr, err);
    }
    if (rc == CF_OK) {
        rc = cf_verify(verifier, cf_buf_bytes(&message), &e->proof, err);
    }
    cf_buf_done(&message);
    cf_verifier_free(verifier);
    return rc;
}

static enum cf_rc use_code(struct cf_central *central, struct enrolment *e, struct cf_error *err)
{
    struct cf_sha256 hash = cf_sha256(cf_bytes_of(e->secret, sizeof e->secret));
    struct cf_value key = cf_v_blob(hash.digest, CF_SHA256_BYTES), row[CF_STORE_COLUMNS_MAX];
    bool found;
    int64_t now_us = cf_central_now(central).us;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_ENROLMENT_GET, CF_ARGS(key), row, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!found || row[1].i <= now_us) {
        return cf_fail(err, CF_E_ENROL_CODE, found ? "it has expired" : "it was never given out");
    }
    if (row[2].kind != CF_VALUE_NULL) {
        return cf_fail(err, CF_E_ENROL_USED, "make a new one at the centre");
    }
    e->terminal = (uint32_t)row[0].i;
    rc = cf_store_run(central->store, CF_Q_ENROLMENT_USE, CF_ARGS(key, cf_v_int(now_us)), err);
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_TERMINAL_GET, CF_ARGS(cf_v_int(e->terminal)), row, &found, err);
    }
    if (rc == CF_OK) {
        e->store = (uint32_t)row[0].i;
        e->epoch = CF_PLANTED(reenrol_same_epoch) && row[2].i > 0 ? (uint32_t)row[2].i : (uint32_t)row[2].i + 1;
    }
    return rc;
}

static enum cf_rc replace_old(struct cf_central *central, const struct enrolment *e, struct cf_error *err)
{
    struct cf_log_head old;
    if (e->epoch == 1 || CF_PLANTED(reenrol_same_epoch)) {
        return CF_OK;
    }
    enum cf_rc rc = cf_log_get(central, e->terminal, e->epoch - 1, &old, err);
    if (rc == CF_OK) {
        rc = cf_conflict_new_epoch(central, e->terminal, err);
    }
    if (rc != CF_OK || old.log.state != CF_LOG_ACTIVE) {
        return rc;
    }
    rc = cf_ledger_strand(central, &old.log, err);
    if (rc == CF_OK) {
        rc = cf_store_run(central->store, CF_Q_LOG_SET_STATE,
                          CF_ARGS(cf_v_int((int64_t)old.log.id), cf_v_int(CF_LOG_REPLACED)), err);
    }
    return rc;
}

static enum cf_rc add_log(struct cf_central *central, const struct enrolment *e, struct cf_log *ret,
                          struct cf_error *err)
{
    struct cf_sha256 start = cf_record_chain_start(e->terminal, e->epoch);
    struct cf_log_head same;
    if (CF_PLANTED(reenrol_same_epoch) && cf_log_get(central, e->terminal, e->epoch, &same, NULL) == CF_OK) {
        *ret = same.log;
        return CF_OK;
    }
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(
        central->store, CF_Q_LOG_ADD,
        CF_ARGS(cf_v_int(e->terminal), cf_v_int(e->epoch), cf_v_blob(e->sign_key.point, sizeof e->sign_key.point),
                cf_v_blob(start.digest, CF_SHA256_BYTES), cf_v_int(cf_central_now(central).us)),
        row, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    *ret = (struct cf_log){.id = (uint64_t)row[0].i,
                           .terminal = e->terminal,
                           .epoch = e->epoch,
                           .store = e->store,
                           .state = CF_LOG_ACTIVE};
    rc = cf_store_run(central->store, CF_Q_TERMINAL_SET_EPOCH, CF_ARGS(cf_v_int(e->terminal), cf_v_int(e->epoch)), err);
    return rc == CF_OK ? cf_hub_tell_terminal(central, ret, &e->sign_key, false, err) : rc;
}

struct sharing {
    struct cf_central *central;
    const struct cf_log *log;
    const cf_public_key *sign_key;
};

static enum cf_rc share_campaign(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    const struct sharing *sharing = ctx;
    struct cf_account *account;
    enum cf_rc rc = cf_ledger_account(sharing->central, (uint32_t)row[0].i, &account, err);
    if (rc == CF_OK) {
        rc = cf_ledger_top_up(sharing->central, account, sharing->log, 1, err);
    }
    return rc == CF_OK ? cf_grant_issue(sharing->central, account, sharing->log, sharing->sign_key, err) : rc;
}

/* Its share of every running campaign. */
static enum cf_rc give_share(struct cf_central *central, const struct cf_log *log, const cf_public_key *sign_key,
                             struct cf_error *err)
{
    struct sharing sharing = {central, log, sign_key};
    return cf_store_each(central->store, CF_Q_CAMPAIGN_RUNNING, CF_NO_ARGS, share_campaign, &sharing, err);
}

static enum cf_rc certify(struct cf_central *central, struct enrolment *e, struct cf_error *err)
{
    char common_name[CF_CN_MAX + 1];
    int64_t now_us = cf_central_now(central).us;
    (void)snprintf(common_name, sizeof common_name, "t%lu-e%lu", (unsigned long)e->terminal, (unsigned long)e->epoch);
    struct cf_x509_spec spec = {.kind = CF_X509_CLIENT,
                                .common_name = common_name,
                                .serial = cf_central_serial(central->env),
                                .not_before = {now_us - DAY_S * CF_US_PER_S},
                                .not_after = {now_us + CERTIFICATE_DAYS * DAY_S * CF_US_PER_S}};
    return cf_x509_issue(&spec, &e->tls_key, central->ca_pem, central->ca_key, e->certificate, err);
}

static enum cf_rc enrol(struct cf_central *central, struct enrolment *e, struct cf_error *err)
{
    struct cf_log log;
    enum cf_rc rc = use_code(central, e, err);
    if (rc == CF_OK) {
        rc = replace_old(central, e, err);
    }
    if (rc == CF_OK) {
        rc = add_log(central, e, &log, err);
    }
    if (rc == CF_OK) {
        rc = give_share(central, &log, &e->sign_key, err);
    }
    if (rc == CF_OK) {
        rc = cf_value_range(central, &log, &e->sign_key, err);
    }
    return rc == CF_OK ? certify(central, e, err) : rc;
}

enum cf_rc cf_handle_enrol(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                           struct cf_error *err)
{
    struct enrolment e = {.terminal = 0};
    enum cf_rc rc = read_enrolment(call, &e, err);
    if (rc == CF_OK) {
        rc = check_keys(&e, err);
    }
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_end(central, enrol(central, &e, err), err);
    if (rc != CF_OK) {
        return rc;
    }
    json_t *roots = json_array();
    for (size_t i = 0; i < 2; i++) {
        char text[2 * CF_P256_PUBLIC_BYTES + 1];
        cf_hex_encode(cf_bytes_of(central->roots[i].point, CF_P256_PUBLIC_BYTES), text);
        if (json_array_append_new(roots, json_string(text)) != 0) {
            json_decref(roots);
            return cf_fail(err, CF_E_NO_MEMORY, "answer");
        }
    }
    reply->json = json_object();
    cf_json_set_int(reply->json, "terminal", e.terminal);
    cf_json_set_int(reply->json, "epoch", e.epoch);
    cf_json_set_int(reply->json, "store", e.store);
    cf_json_set_text(reply->json, "certificate", e.certificate);
    cf_json_set(reply->json, "roots", roots);
    cf_json_set_int(reply->json, "terminals_port", central->terminals_port);
    return CF_OK;
}
