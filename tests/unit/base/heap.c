/*
 * tests/unit/base/heap.c - malloc and its kin, wrapped by the linker.
 */
#include "tests/unit/base/heap.h"

#include <stdbool.h>
#include <stddef.h>

uint64_t heap_calls;
int64_t heap_calls_left = -1;

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *p, size_t n);

static bool allowed(void)
{
    heap_calls++;
    if (heap_calls_left > 0)
        heap_calls_left--;
    else if (heap_calls_left == 0)
        return false;
    return true;
}

void *__wrap_malloc(size_t n)
{
    return allowed() ? __real_malloc(n) : NULL;
}

void *__wrap_calloc(size_t count, size_t n)
{
    return allowed() ? __real_calloc(count, n) : NULL;
}

void *__wrap_realloc(void *p, size_t n)
{
    return allowed() ? __real_realloc(p, n) : NULL;
}
