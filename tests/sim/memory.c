/*
 * tests/sim/memory.c - memory for SQLite, see memory.h: free lists of blocks of the same size, carved from large parts.
 */
#include "tests/sim/memory.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
void memory_begin(void)
{
    /* The sanitizer watches malloc. */
}
#else

#define FINE_BYTES 16
#define FINE_MAX 1024 /* up to here a list for each 16 bytes, then one for each 256 */
#define COARSE_BYTES 256
#define BLOCK_MAX 8192 /* larger ones are malloc's */
#define LISTS (FINE_MAX / FINE_BYTES + (BLOCK_MAX - FINE_MAX) / COARSE_BYTES + 1)
#define PART_BYTES ((size_t)1 << 20)

/* Before each block; while it is free, `next` stands in the block. */
struct head {
    uint64_t bytes;
    uint64_t unused; /* blocks stay aligned to 16 bytes */
};
struct spare {
    struct spare *next;
};

static struct spare *spares[LISTS];
static uint8_t *part, *part_end;

static int rounded(int n)
{
    int step = n <= FINE_MAX ? FINE_BYTES : COARSE_BYTES;
    return (n + step - 1) / step * step;
}

static size_t list_of(size_t bytes)
{
    return bytes <= FINE_MAX ? bytes / FINE_BYTES : FINE_MAX / FINE_BYTES + (bytes - FINE_MAX) / COARSE_BYTES;
}

static struct head *head_of(void *p)
{
    return (struct head *)p - 1;
}

static void *carve(size_t bytes)
{
    if ((size_t)(part_end - part) < sizeof(struct head) + bytes) {
        part = malloc(PART_BYTES);
        if (!part)
            abort();
        part_end = part + PART_BYTES;
    }
    struct head *head = (struct head *)(void *)part;
    part += sizeof *head + bytes;
    head->bytes = bytes;
    return head + 1;
}

static void *x_malloc(int n)
{
    size_t bytes = (size_t)rounded(n);
    if (bytes > BLOCK_MAX) {
        struct head *head = malloc(sizeof *head + bytes);
        if (!head)
            return NULL;
        head->bytes = bytes;
        return head + 1;
    }
    struct spare **list = &spares[list_of(bytes)], *spare = *list;
    if (!spare)
        return carve(bytes);
    *list = spare->next;
    return spare;
}

static void x_free(void *p)
{
    struct head *head = head_of(p);
    if (head->bytes > BLOCK_MAX) {
        free(head);
        return;
    }
    struct spare *spare = p, **list = &spares[list_of((size_t)head->bytes)];
    spare->next = *list;
    *list = spare;
}

static int x_size(void *p)
{
    return p ? (int)head_of(p)->bytes : 0;
}

static void *x_realloc(void *p, int n)
{
    size_t had = (size_t)x_size(p);
    if ((size_t)n <= had)
        return p;
    void *larger = x_malloc(n);
    if (!larger)
        return NULL;
    memcpy(larger, p, had);
    x_free(p);
    return larger;
}

static int x_init(void *ctx)
{
    (void)ctx;
    return SQLITE_OK;
}

static void x_shutdown(void *ctx)
{
    (void)ctx;
}

void memory_begin(void)
{
    static const sqlite3_mem_methods methods = {
        .xMalloc = x_malloc,
        .xFree = x_free,
        .xRealloc = x_realloc,
        .xSize = x_size,
        .xRoundup = rounded,
        .xInit = x_init,
        .xShutdown = x_shutdown,
    };
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK)
        abort();
}
#endif
