/*
 * app/counter/counter.h - a till as it stands on its counter: opened from the folder that it was enrolled in, with its
 * network, its store's hub and the file that knows its starts.
 *
 * What views of a till share that are programs of their own: the command line and the windows. One thread.
 */
#ifndef CF_COUNTER_COUNTER_H
#define CF_COUNTER_COUNTER_H

#include "app/terminal/till.h"
#include "sync/client/enrol.h"

/* A till as enrolled in `dir`. */
struct cf_hub_net;
struct cf_counter {
    struct cf_identity identity;
    struct cf_till *till;
    void *net; /* struct cf_tls_net, NULL when offline by choice */
    struct cf_incarnation_file *incarnation;
    struct cf_hub_net *hub_net;
    char training[256]; /* the folder of a training session; "": it is in earnest */
};
struct cf_counter_options {
    const char *dir;
    const char *label;   /* NULL: "Till <terminal>" */
    const char *cashier; /* NULL: "cashier" */
    bool ask_online;
    bool training;
    struct cf_pay_port card_port, mobile_port; /* payers.h */
    bool look_only;                            /* nothing is written: as in cf_till_config */
};
/* Sets the umask of the process as the folder says (base/private_files.h). */
enum cf_rc cf_counter_open(const struct cf_counter_options *options, struct cf_counter *ret,
                           struct cf_error *err) CF_MUST_CHECK;
void cf_counter_close(struct cf_counter *till);

#endif
