/*
 * app/core/adjudication.c - see adjudication.h.
 *
 * By time, and where that ties by numbers that nobody chose for it. Intervals are not compared by whether they overlap:
 * "surely before, else by place" can go round in a circle of three.
 */
#include "app/core/adjudication.h"

#include <string.h>

#define CF_ORDER(a, b) (((a) > (b)) - ((a) < (b)))

int cf_use_compare(const struct cf_use_rank *a, const struct cf_use_rank *b)
{
    int order = CF_ORDER(a->at_ms, b->at_ms);
    if (order == 0)
        order = CF_ORDER(a->place, b->place);
    if (order == 0)
        order = CF_ORDER(a->epoch, b->epoch);
    if (order == 0)
        order = CF_ORDER(a->seq, b->seq);
    if (order == 0)
        order = CF_ORDER(a->n, b->n);
    return order != 0 ? order : memcmp(a->request_key, b->request_key, CF_REQUEST_KEY_BYTES);
}
