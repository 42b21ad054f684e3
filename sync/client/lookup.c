/*
 * sync/client/lookup.c - see lookup.h. One thread, beside glibc's.
 */
#include "sync/client/lookup.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

struct cf_lookup {
    char *host;
    char service[8];
    struct addrinfo hints;
    struct gaicb request;
    bool pending;
};

enum cf_rc cf_lookup_new(const char *host, uint16_t port, struct cf_lookup **ret, struct cf_error *err)
{
    struct cf_lookup *lookup = calloc(1, sizeof *lookup);
    if (lookup != NULL)
        lookup->host = strdup(host);
    if (lookup == NULL || lookup->host == NULL) {
        free(lookup);
        return cf_fail(err, CF_E_NO_MEMORY, "a host name");
    }
    snprintf(lookup->service, sizeof lookup->service, "%u", port);
    lookup->hints = (struct addrinfo){.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    *ret = lookup;
    return CF_OK;
}

void cf_lookup_free(struct cf_lookup *lookup)
{
    if (lookup == NULL)
        return;
    if (lookup->pending) {
        /* glibc still writes to a request that it has begun: such a one is left to it. */
        if (gai_cancel(&lookup->request) == EAI_NOTCANCELED)
            return;
        if (gai_error(&lookup->request) == 0)
            freeaddrinfo(lookup->request.ar_result);
    }
    free(lookup->host);
    free(lookup);
}

static int begin(struct cf_lookup *lookup)
{
    struct gaicb *list[] = {&lookup->request};
    lookup->request = (struct gaicb){
        .ar_name = lookup->host, .ar_service = lookup->service, .ar_request = &lookup->hints, .ar_result = NULL};
    int failed = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);
    lookup->pending = failed == 0;
    return failed;
}

/* An address needs no looking up, nor a thread. */
static bool is_address(const struct cf_lookup *lookup, struct addrinfo **ret)
{
    struct addrinfo hints = lookup->hints;
    hints.ai_flags |= AI_NUMERICHOST;
    return getaddrinfo(lookup->host, lookup->service, &hints, ret) == 0;
}

enum cf_rc cf_lookup_wait(struct cf_lookup *lookup, cf_duration patience, struct addrinfo **ret, struct cf_error *err)
{
    struct addrinfo *found = NULL;
    if (is_address(lookup, &found)) {
        *ret = found;
        return CF_OK;
    }
    int failed = lookup->pending ? 0 : begin(lookup);
    if (failed == 0) {
        const struct gaicb *const list[] = {&lookup->request};
        const struct timespec timeout = {.tv_sec = patience.us / CF_US_PER_S,
                                         .tv_nsec = patience.us % CF_US_PER_S * 1000};
        (void)gai_suspend(list, 1, &timeout);
        failed = gai_error(&lookup->request);
    }
    if (failed == EAI_INPROGRESS)
        return cf_fail(err, CF_E_LINK_DOWN, "looking up %s takes too long", lookup->host);
    lookup->pending = false;
    if (failed != 0)
        return cf_fail(err, CF_E_LINK_DOWN, "no address for %s: %s", lookup->host, gai_strerror(failed));
    *ret = lookup->request.ar_result;
    return CF_OK;
}
