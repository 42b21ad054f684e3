/*
 * app/counter/payers.c - see payers.h.
 */
#include "app/counter/payers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/card/card.h"
#include "drivers/psp/psp.h"
#include "sync/client/tls_net.h"

#define HOST_MAX 255
#define FILE_MAX 65536

static enum cf_rc split(const char *address, char host[HOST_MAX + 1], uint16_t *ret_port, struct cf_error *err)
{
    const char *colon = strrchr(address, ':');
    char *end = NULL;
    errno = 0;
    unsigned long port = colon != NULL ? strtoul(colon + 1, &end, 10) : 0;
    if (colon == NULL || colon == address || colon - address > HOST_MAX || errno != 0 || *end != '\0' || port < 1 ||
        port > UINT16_MAX)
        return cf_fail(err, CF_E_ARGUMENT, "\"%s\" is not HOST:PORT", address);
    memcpy(host, address, (size_t)(colon - address));
    host[colon - address] = '\0';
    *ret_port = (uint16_t)port;
    return CF_OK;
}

static enum cf_rc open_card(const struct cf_payer_options *options, struct cf_payers *payers, struct cf_error *err)
{
    char host[HOST_MAX + 1];
    struct cf_card_config config = {.host = host, .password = options->card_password};
    enum cf_rc rc = split(options->card, host, &config.port, err);
    return rc == CF_OK ? cf_card_new(&config, &payers->card, err) : rc;
}

/* The first line of a file. */
static enum cf_rc read_key(const char *path, struct cf_buf *ret, const char **ret_key, struct cf_error *err)
{
    enum cf_rc rc = cf_env_system()->ops->file_read(cf_env_system()->ctx, path, ret, err);
    while (rc == CF_OK && ret->n > 0 && (ret->p[ret->n - 1] == '\n' || ret->p[ret->n - 1] == '\r'))
        ret->n--;
    return rc == CF_OK ? cf_buf_cstr(ret, ret_key, err) : rc;
}

static enum cf_rc open_psp(const struct cf_payer_options *options, struct cf_payers *payers, struct cf_error *err)
{
    char host[HOST_MAX + 1];
    const char *key = NULL;
    struct cf_buf CF_CLEANUP(cf_buf_done) ca;
    struct cf_buf CF_CLEANUP(cf_buf_done) file;
    cf_buf_init(&ca, FILE_MAX);
    cf_buf_init(&file, FILE_MAX);
    /* A shopper stands there: long enough for a provider that thinks, and then it is unknown. */
    struct cf_tls_net_config config = {.host = host,
                                       .connect_timeout = {5 * CF_US_PER_S},
                                       .idle_timeout = {20 * CF_US_PER_S},
                                       .total_timeout = {30 * CF_US_PER_S}};
    if (options->psp_ca == NULL || options->psp_key == NULL)
        return cf_fail(err, CF_E_ARGUMENT, "--psp needs --psp-ca and --psp-key");
    enum cf_rc rc = split(options->psp, host, &config.port, err);
    if (rc == CF_OK)
        rc = cf_env_system()->ops->file_read(cf_env_system()->ctx, options->psp_ca, &ca, err);
    if (rc == CF_OK)
        rc = cf_buf_cstr(&ca, &config.ca_pem, err);
    if (rc == CF_OK)
        rc = read_key(options->psp_key, &file, &key, err);
    if (rc == CF_OK)
        rc = cf_tls_net_new(cf_env_system(), &config, &payers->net, err);
    if (rc == CF_OK)
        rc = cf_psp_new(cf_tls_net_env(payers->net), key, &payers->psp, err);
    cf_bytes_wipe(file.p, file.n);
    return rc;
}

bool cf_payer_option(int option, const char *value, struct cf_payer_options *options)
{
    switch (option) {
    case 0x320:
        options->card = value;
        return true;
    case 0x321:
        options->card_password = value;
        return true;
    case 0x322:
        options->psp = value;
        return true;
    case 0x323:
        options->psp_ca = value;
        return true;
    case 0x324:
        options->psp_key = value;
        return true;
    default:
        return false;
    }
}

enum cf_rc cf_payers_open(const struct cf_payer_options *options, struct cf_payers *ret, struct cf_error *err)
{
    struct cf_payers payers = {0};
    enum cf_rc rc = options->card != NULL ? open_card(options, &payers, err) : CF_OK;
    if (rc == CF_OK && options->psp != NULL)
        rc = open_psp(options, &payers, err);
    if (rc != CF_OK) {
        cf_payers_close(&payers);
        return rc;
    }
    *ret = payers;
    return CF_OK;
}

void cf_payers_close(struct cf_payers *payers)
{
    cf_card_free(payers->card);
    cf_psp_free(payers->psp);
    cf_tls_net_free(payers->net);
    memset(payers, 0, sizeof *payers);
}

void cf_payers_put(const struct cf_payers *payers, struct cf_counter_options *options)
{
    if (payers->card != NULL)
        options->card_port = cf_card_port(payers->card);
    if (payers->psp != NULL)
        options->mobile_port = cf_psp_port(payers->psp);
}
