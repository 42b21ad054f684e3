/*
 * app/core/units.h - covered goods as single pieces in the order of their price, without a row for each piece.
 *
 * A run is as many equal pieces of a line as there are: a line of 99,999 pieces is at most two runs, since what earlier
 * promotions left of it is shared over its pieces to the cent. What is weighed counts as one piece. Private to
 * app/core. Pure.
 */
#ifndef CF_CORE_UNITS_H
#define CF_CORE_UNITS_H

#include "app/core/reward.h"

#define CF_RUNS_MAX (2 * CF_CART_LINES_MAX)

struct cf_run {
    int64_t rank_minor;  /* what a piece costs by the shelf, with or without tax as rank_tax says */
    int64_t value_minor; /* what a piece still costs */
    uint32_t n;          /* pieces, > 0 */
    uint32_t taken;      /* scratch of whoever walks the runs */
    uint16_t line;       /* position among the covered lines */
};

enum cf_runs_of { CF_RUNS_GOT, CF_RUNS_ALL };

/* The runs of covered lines first..last-1, cheapest or dearest first; ties as the promotion says. Returns how many. */
size_t cf_runs_make(const struct cf_promotion *promotion, const struct cf_covered *covered, size_t first, size_t last,
                    enum cf_runs_of of, bool dearest_first, struct cf_run *ret);
uint64_t cf_runs_count(const struct cf_run *runs, size_t n);

/* What the first `units` of a line's pieces cost now. units <= pieces */
int64_t cf_units_value(const struct cf_covered_line *line, uint32_t units);
/* How many units of each covered line the promotion's max_units and unit_step reach. NULL: all of every line. Else the
 * answer is in `ret`, which has room for covered->n. */
const uint32_t *cf_units_reached(const struct cf_promotion *promotion, const struct cf_covered *covered, uint32_t *ret);
/* Only those were needed, of the lines that something comes off: the weights are set. `reached` may be NULL. */
void cf_units_use(const struct cf_covered *covered, const uint32_t *reached, struct cf_given *given);

/*
 * Collects what is given to pieces: by `off`, a percentage of their value, an amount off each, or a price for each.
 * Add all pieces, then finish: the weights and the sum stand in `given`.
 */
struct cf_pieces {
    const struct cf_promotion *promotion;
    const struct cf_covered *covered;
    struct cf_given *given;
};
void cf_pieces_begin(struct cf_pieces *pieces, const struct cf_promotion *promotion, const struct cf_covered *covered,
                     struct cf_given *given);
/* The pieces were needed for this, given on or not. */
void cf_pieces_use(struct cf_pieces *pieces, const struct cf_run *run, uint64_t n);
/* As many pieces were bought for it: first of what could not also be got. */
void cf_pieces_use_bought(struct cf_pieces *pieces, uint64_t bought);
void cf_pieces_add(struct cf_pieces *pieces, const struct cf_run *run, uint32_t n);
/* `times` sets of pieces alike, count[i] of runs[i] each, that belong together: the amount or price is of a set. */
enum cf_rc cf_pieces_add_set(struct cf_pieces *pieces, const struct cf_run *const *runs, const uint32_t *count,
                             size_t n, uint32_t times, struct cf_error *err) CF_MUST_CHECK;
void cf_pieces_finish(struct cf_pieces *pieces);

/* Of each group_qty pieces, get_qty of them: the walk that GROUP and BUY_GET within one set of goods share. */
struct cf_grouping {
    uint32_t group, get;
    uint32_t skip;      /* pieces of a group that are passed over, in the order of `pick`; skip + get <= group */
    uint64_t units_max; /* that get it, over all groups */
    bool together;      /* the figure is of the group's pieces together, not of each */
};
enum cf_rc cf_group_pieces(const struct cf_promotion *promotion, const struct cf_covered *covered,
                           const struct cf_grouping *grouping, struct cf_given *ret,
                           struct cf_error *err) CF_MUST_CHECK;

#endif
