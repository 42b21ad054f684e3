/*
 * app/counter/counter.c - see counter.h.
 */
#include "app/counter/counter.h"

#include <stdio.h>

#include "app/counter/training.h"
#include "app/terminal/hub_net.h"
#include "base/private_files.h"
#include "sync/client/tls_net.h"

static enum cf_rc open_net(struct cf_counter *till, const struct cf_env **ret_env, struct cf_error *err)
{
    struct cf_tls_net *net = NULL;
    struct cf_tls_net_config config = {
        .host = till->identity.host,
        .port = till->identity.terminals_port,
        .ca_pem = till->identity.ca_pem,
        .cert_pem = till->identity.cert_pem,
        .key_pem = till->identity.tls_key_pem,
        /* A cashier waits for this one: better the reserve, or a refusal, than a queue at the counter. */
        .connect_timeout = {800 * CF_US_PER_MS},
        .idle_timeout = {1500 * CF_US_PER_MS},
        .total_timeout = {1500 * CF_US_PER_MS},
    };
    enum cf_rc rc = cf_tls_net_new(cf_env_system(), &config, &net, err);
    if (rc == CF_OK) {
        till->net = net;
        *ret_env = cf_tls_net_env(net);
    }
    return rc;
}

static bool find_hub(void *ctx, struct cf_hub_entry *ret)
{
    return cf_till_hub(ctx, ret);
}

enum cf_rc cf_counter_open(const struct cf_counter_options *options, struct cf_counter *ret, struct cf_error *err)
{
    struct cf_counter till = {0};
    const struct cf_env *env = cf_env_system();
    cf_private_umask(options->dir);
    char label[CF_LABEL_MAX + 1];
    uint8_t sign_key[CF_P256_PRIVATE_BYTES];
    enum cf_rc rc = cf_identity_load(env, options->dir, &till.identity, err);
    const char *dir = options->dir;
    if (rc == CF_OK && options->training) {
        rc = cf_training_begin(options->dir, &till.identity, till.training, err);
        dir = till.training;
        till.identity.epoch = CF_TRAINING_EPOCH; /* so are its receipts named */
    }
    if (rc == CF_OK && options->ask_online)
        rc = open_net(&till, &env, err);
    if (rc == CF_OK)
        rc = cf_incarnation_file_new(dir, env, &till.incarnation, err);
    if (rc == CF_OK)
        rc = cf_hub_net_new(env, &ret->identity, &till.hub_net, err);
    if (rc == CF_OK)
        env = cf_hub_net_env(till.hub_net);
    if (rc == CF_OK) {
        snprintf(label, sizeof label, "Till %u", till.identity.terminal);
        cf_private_key_save(till.identity.sign_key, sign_key);
        struct cf_incarnation_store incarnation = cf_incarnation_file_store(till.incarnation);
        struct cf_till_config config = {
            .dir = dir,
            .replica_dir = options->training ? options->dir : NULL,
            .terminal = till.identity.terminal,
            .epoch = till.identity.epoch,
            .store = till.identity.store,
            .label = options->label ? options->label : label,
            .cashier = options->cashier ? options->cashier : "cashier",
            .roots = {till.identity.roots[0], till.identity.roots[1]},
            .sign_key = sign_key,
            .ask_online = options->ask_online,
            .incarnation = &incarnation,
            .ask_hub = true,
            .look_only = options->look_only,
            .card = options->card_port,
            .mobile = options->mobile_port,
        };
        rc = cf_till_open(&config, env, &till.till, err);
        cf_bytes_wipe(sign_key, sizeof sign_key);
    }
    if (rc != CF_OK) {
        cf_counter_close(&till);
        return rc;
    }
    *ret = till;
    cf_hub_net_find(till.hub_net, find_hub, till.till);
    return CF_OK;
}

void cf_counter_close(struct cf_counter *till)
{
    cf_till_close(till->till);
    cf_incarnation_file_free(till->incarnation);
    cf_hub_net_free(till->hub_net);
    cf_tls_net_free(till->net);
    cf_identity_done(&till->identity);
    cf_training_end(till->training);
    till->training[0] = '\0';
}
