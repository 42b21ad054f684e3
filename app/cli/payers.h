/*
 * app/cli/payers.h - who takes payments for a till, as its command line names them: a card terminal, a provider.
 */
#ifndef CF_CLI_PAYERS_H
#define CF_CLI_PAYERS_H

#include "app/cli/cli.h"

struct cf_card;
struct cf_psp;
struct cf_tls_net;

struct cli_payer_options {
    const char *card;          /* HOST:PORT of a terminal that speaks ZVT; NULL: none */
    const char *card_password; /* NULL: 000000 */
    const char *psp;           /* HOST:PORT of a provider; NULL: none */
    const char *psp_ca;        /* files: the certificate of the provider's CA, and what it knows the shop by */
    const char *psp_key;
};
struct cli_payers {
    struct cf_card *card;
    struct cf_psp *psp;
    struct cf_tls_net *net;
};

/* The options of a command that has ports, for getopt_long, and what each of them is; false: it is none of them. */
#define CLI_PAYER_OPTIONS                                                                                              \
    {"card", required_argument, NULL, 'C'}, {"card-password", required_argument, NULL, 'W'},                           \
        {"psp", required_argument, NULL, 'P'}, {"psp-ca", required_argument, NULL, 'A'},                               \
    {                                                                                                                  \
        "psp-key", required_argument, NULL, 'K'                                                                        \
    }
bool cli_payer_option(int option, const char *value, struct cli_payer_options *options);
/* Connects to nobody yet. Close with cli_payers_close. CF_E_ARGUMENT, and errors of the files. */
enum cf_rc cli_payers_open(const struct cli_payer_options *options, struct cli_payers *ret,
                           struct cf_error *err) CF_MUST_CHECK;
void cli_payers_close(struct cli_payers *payers);
/* The ports, into what a till is opened with. */
void cli_payers_put(const struct cli_payers *payers, struct cli_till_options *options);

#endif
