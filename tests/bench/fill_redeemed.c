/*
 * tests/bench/fill_redeemed.c - fill_redeemed CENTRE CAMPAIGN COUPONS: one in ten of that many coupons is redeemed.
 *
 * Writes what the centre's log would hold after a million redemptions, by the centre's own code; no sales stand behind
 * them. The centre does not run meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sync/central/central.h"
#include "sync/central/down_log.h"
#include "sync/central/store/sqlite/member_store_sqlite.h"
#include "tests/bench/bench.h"

static void fill(struct cf_central *central, uint32_t campaign, uint32_t coupons)
{
    struct cf_down_entry *entry = calloc(1, sizeof *entry);
    struct cf_error err;
    uint64_t chance = 5;
    if (entry == NULL) {
        bench_die("no memory");
    }
    entry->kind = CF_DOWN_REDEEMED;
    entry->redeemed.campaign = campaign;
    bench_check(cf_central_begin(central, &err), &err, "begin");
    for (uint32_t at = 1; at < coupons; at++) { /* the first is left for the bench */
        if (bench_random(&chance) % 10 == 0) {
            entry->redeemed.index[entry->redeemed.n++] = at;
        }
        if (entry->redeemed.n == 1024 || (at + 1 == coupons && entry->redeemed.n > 0)) {
            bench_check(cf_down_append(central, CF_TOPIC_REDEEMED, 0, CF_DOWN_KEY_UNIQUE, entry, &err), &err, "append");
            entry->redeemed.n = 0;
        }
    }
    bench_check(cf_central_end(central, CF_OK, &err), &err, "commit");
    free(entry);
}

int main(int argc, char **argv)
{
    char path[4096];
    struct cf_member_store *store;
    struct cf_central *central;
    struct cf_error err;
    if (argc != 4) {
        bench_die("usage: fill_redeemed CENTRE CAMPAIGN COUPONS");
    }
    (void)snprintf(path, sizeof path, "%s/member.db", argv[1]);
    bench_check(cf_member_store_sqlite_open(path, false, &store, &err), &err, path);
    bench_check(cf_central_open(argv[1], store, cf_env_system(), &central, &err), &err, argv[1]);
    fill(central, (uint32_t)strtoul(argv[2], NULL, 10), (uint32_t)strtoul(argv[3], NULL, 10));
    cf_central_close(central);
    cf_store_close(store);
    return 0;
}
