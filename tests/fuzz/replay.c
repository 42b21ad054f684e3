/*
 * tests/fuzz/replay.c - a main for a fuzz target without libFuzzer: runs its seeds as a test, in every ./dev test.
 *
 * A small seed is also run with each of its truncations and with each of its bits flipped. One test a seed; a finding
 * ends the program, after the name of the seed.
 */
#include "base/env.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED_BYTES_MAX (16U << 20)
#define MUTATED_BYTES_MAX 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* On the heap and of the exact size, so that a read past the end is seen. */
static void run(const uint8_t *data, size_t size, size_t flipped_bit)
{
    uint8_t *copy = malloc(size + (size == 0));
    assert(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    if (flipped_bit < 8 * size)
        copy[flipped_bit / 8] ^= (uint8_t)(1U << flipped_bit % 8);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_seed(const char *path)
{
    const struct cf_env *env = cf_env_system();
    struct cf_buf CF_CLEANUP(cf_buf_done) seed;
    cf_buf_init(&seed, SEED_BYTES_MAX);
    enum cf_rc rc = env->ops->file_read(env->ctx, path, &seed, NULL);
    assert(rc == CF_OK);
    run(seed.p, seed.n, SIZE_MAX);
    if (seed.n > MUTATED_BYTES_MAX)
        return;
    for (size_t cut = 0; cut < seed.n; cut++)
        run(seed.p, cut, SIZE_MAX);
    for (size_t bit = 0; bit < 8 * seed.n; bit++)
        run(seed.p, seed.n, bit);
}

int main(void)
{
    struct dirent **names = NULL;
    int count = scandir(CF_CORPUS_DIR, &names, NULL, alphasort);
    int number = 0;
    for (int i = 0; i < count; i++) {
        if (names[i]->d_name[0] != '.') {
            char path[4096];
            int length = snprintf(path, sizeof path, "%s/%s", CF_CORPUS_DIR, names[i]->d_name);
            assert(length > 0 && (size_t)length < sizeof path);
            printf("# %s\n", names[i]->d_name);
            (void)fflush(stdout);
            run_seed(path);
            printf("ok %d - the seed %s and what is near it\n", ++number, names[i]->d_name);
        }
        free(names[i]);
    }
    free(names);
    if (number == 0)
        printf("not ok 1 - there are seeds in %s\n", CF_CORPUS_DIR);
    printf("1..%d\n", number == 0 ? 1 : number);
    return number == 0;
}
