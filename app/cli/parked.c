/*
 * app/cli/parked.c - see parked.h.
 */
#include "app/cli/parked.h"

#include <stdio.h>

#include "app/cli/cli.h"

static const char *where_name(enum cf_till_parked_where where)
{
    switch (where) {
    case CF_TILL_PARKED_HERE:
        return "here";
    case CF_TILL_PARKED_AT_HUB:
        return "hub";
    case CF_TILL_PARKED_IN_DOUBT:
        return "in doubt";
    }
    return "?";
}

json_t *cli_handed_json(const struct cf_till_handed *handed)
{
    json_t *object = json_pack("{s:s, s:I}", "where", where_name(handed->where), "coupons_given_back",
                               (json_int_t)handed->n_coupons);
    if (handed->why != CF_OK)
        json_object_set_new(object, "why", json_string(cf_rc_name(handed->why)));
    return object;
}

void cli_print_handed(const struct cf_till_handed *handed)
{
    switch (handed->where) {
    case CF_TILL_PARKED_HERE:
        printf("parked at this till%s\n",
               handed->why == CF_E_LINK_DOWN ? " only: the store has no hub, or it does not answer" : "");
        break;
    case CF_TILL_PARKED_AT_HUB:
        printf("parked at the store's hub: any till can recall it\n");
        break;
    case CF_TILL_PARKED_IN_DOUBT:
        printf("parked; whether the hub has it is known once it answers\n");
        break;
    }
    if (handed->n_coupons > 0)
        printf("          %zu coupon(s) were taken off: scan them again when it is recalled\n", handed->n_coupons);
}

json_t *cli_parked_json(const struct cf_till_parked *parked, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        char at[CF_WALL_TEXT_MAX] = "";
        if (parked[i].at.us != 0)
            cf_wall_format(parked[i].at, 0, at);
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:I, s:s, s:s, s:I, s:I, s:s}", "label", parked[i].label, "where",
                                        where_name(parked[i].where), "terminal", (json_int_t)parked[i].terminal, "user",
                                        parked[i].user, "at", at, "lines", (json_int_t)parked[i].n_lines, "total_minor",
                                        (json_int_t)parked[i].total_minor, "first_line", parked[i].first_line));
    }
    return list;
}

void cli_print_parked(const struct cf_till_parked *parked, size_t n, bool hub, cf_currency currency)
{
    for (size_t i = 0; i < n; i++) {
        char total[CF_MONEY_TEXT_MAX], at[CF_WALL_TEXT_MAX] = "?";
        cf_money_format_signed((cf_money){parked[i].total_minor, currency}, total);
        if (parked[i].at.us != 0)
            cf_wall_format(parked[i].at, 0, at);
        printf("          %s (%s): %s, %u lines, %s, by %s at %s\n", parked[i].label, where_name(parked[i].where),
               parked[i].first_line, parked[i].n_lines, total, parked[i].user, at);
    }
    printf("          %zu parked%s\n", n, hub ? "" : "; the store's hub was not heard");
}
