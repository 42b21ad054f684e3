/*
 * tests/sim/memory.c - memory in a simulation, see memory.h. SQLite's: free lists of blocks of the same size, carved
 * from large parts. The shipped code's large blocks (linked with --wrap): pages that nobody touched cost nothing.
 */
#include "tests/sim/memory.h"

#include <malloc.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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

/* --- large blocks ------------------------------------------------------------------------------------------------- */

/* A till holds room for thousands of lines and grants, of which a simulated one uses a few. libc clears such a block
 * whenever it comes from where there was one before, and so touches all of it, thousands of times a history, and in
 * each fork. Here blocks that are asked for cleared are given back to the kernel, which brings back the pages that are
 * used. */
#define LARGE_MIN ((size_t)32 << 10)
#define LARGE_ROOM ((size_t)8 << 30) /* of addresses, not of memory */
#define PAGE ((size_t)4096)
#define LARGE_LISTS 128

struct large {
    struct large *next;
    size_t bytes; /* of all of it */
    size_t list;
    uint64_t unused[5]; /* a block stays aligned to 64 bytes */
};

static struct large *larges[LARGE_LISTS];
static uint8_t *room, *room_at;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);

/* Four sizes for each power of two. */
static size_t large_list(size_t n, size_t *ret_bytes)
{
    size_t bytes = LARGE_MIN, list = 0;
    while (bytes < n + sizeof(struct large)) {
        size_t step = (size_t)1 << (63 - __builtin_clzll((unsigned long long)bytes));
        bytes += step / 4;
        list++;
    }
    *ret_bytes = bytes;
    return list;
}

/* NULL: there is no room for it here. */
static void *large_get(size_t n, bool cleared)
{
    size_t bytes, list = large_list(n, &bytes);
    if (!room) {
        room = mmap(NULL, LARGE_ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (room == MAP_FAILED)
            abort();
        room_at = room;
    }
    if (list >= LARGE_LISTS)
        return NULL;
    struct large *large = larges[list];
    if (large) {
        larges[list] = large->next;
        if (cleared && madvise(large, bytes, MADV_DONTNEED) != 0)
            abort();
    } else {
        if (LARGE_ROOM - (size_t)(room_at - room) < bytes)
            return NULL;
        large = (struct large *)(void *)room_at;
        room_at += bytes;
    }
    large->bytes = bytes;
    large->list = list;
    return large + 1;
}

static struct large *large_of(void *p)
{
    return room && (uint8_t *)p >= room && (uint8_t *)p < room_at ? (struct large *)p - 1 : NULL;
}

void *__wrap_malloc(size_t n)
{
    void *p = n < LARGE_MIN ? NULL : large_get(n, false);
    return p ? p : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        return NULL;
    void *p = bytes < LARGE_MIN ? NULL : large_get(bytes, true);
    return p ? p : __real_calloc(n, size);
}

void __wrap_free(void *p)
{
    struct large *large = large_of(p);
    if (!large) {
        __real_free(p);
        return;
    }
    large->next = larges[large->list];
    larges[large->list] = large;
}

void *__wrap_realloc(void *p, size_t n)
{
    struct large *large = large_of(p);
    size_t had = large ? large->bytes - sizeof *large : 0;
    if (!large && n < LARGE_MIN)
        return __real_realloc(p, n);
    if (large && n <= had)
        return p;
    if (!large && p) {
        had = malloc_usable_size(p);
        had = had < n ? had : n;
    }
    void *larger = __wrap_malloc(n);
    if (!larger)
        return NULL;
    if (p)
        memcpy(larger, p, had);
    __wrap_free(p);
    return larger;
}
#endif
