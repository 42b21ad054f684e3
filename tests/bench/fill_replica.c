/*
 * tests/bench/fill_replica.c - N products as the catalogue of a till that was enrolled at a real centre.
 *
 *   fill_replica TILL-FOLDER N   prints the barcode of the last one
 *
 * As a sync would have left them; the next sync finds that the replica is ahead of the centre and begins anew.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench.h"
#include "tests/bench/world.h"

int main(int argc, char **argv)
{
    struct cf_replica *replica = NULL;
    struct cf_error err;
    char barcode[14];
    if (argc != 3) {
        bench_die("usage: fill_replica TILL-FOLDER N");
    }
    uint64_t n = strtoull(argv[2], NULL, 10);
    bench_check(cf_replica_open(argv[1], CF_REPLICA_SYNC, &replica, NULL, &err), &err, "replica");
    world_add_products(replica, n);
    cf_replica_close(replica);
    world_barcode(n, barcode);
    puts(barcode);
    return 0;
}
