/*
 * app/desk/forms.c - sentences that app/core and app/terminal made in English, found again by their form and put into
 * the language of whoever reads them.
 *
 * Both ends price and judge with the same code, and what that code says of it stands in records and on receipts: it is
 * English and made without any catalogue. Its sentences are put together from a few forms; here each of them is a text
 * with %s for its parts, which are sentences or figures in turn. A form is matched whole: its words at their places,
 * each part as short as it can be, the last one as long as it must be.
 */
#include "app/desk/language.h"

#include <stdio.h>
#include <string.h>

#define PARTS_MAX 4
#define PART_BYTES 256
#define DEPTH_MAX 3

/* The more special form before the more general one. */
static const char *const forms[] = {
    /* discounts by hand */
    N_("By hand: %s (%s of %s, as far as it goes, %s)"),
    N_("By hand: %s (%s as far as it goes, %s)"),
    N_("By hand: %s (%s of %s, %s)"),
    N_("By hand: %s (%s)"),
    /* why a promotion or a coupon does not count */
    N_("needs %s of each of the goods to buy, basket has %s"),
    N_("needs %s of the goods to buy, basket has %s"),
    N_("needs %s of covered goods, basket has %s"),
    N_("needs %s of each of %s, basket has %s"),
    N_("needs %s of %s, basket has %s"),
    N_("needs %s, basket has %s"),
    N_("for at most %s of covered goods, basket has %s"),
    N_("for at most %s of %s, basket has %s"),
    N_("for at most %s, basket has %s"),
    N_("cannot be combined with %s"),
    N_("valid from %s"),
    N_("ended %s"),
    N_("nothing in the basket is covered"),
    N_("takes nothing off goods that cost %s after other discounts"),
    N_("takes nothing off goods that cost %s"),
    N_("takes %s off, %s is left offline: %s too much"),
    N_("used with another promotion"),
    N_("coupon %s of campaign %s was used in another sale meanwhile"),
    N_("coupon %s of campaign %s"),
    N_("campaign %s is not known here"),
    N_("campaign %s was stopped"),
    N_("nothing is left of the offline reserve of campaign %s"),
    N_("nothing is left of it at this till until the next sync"),
    N_("a sale uses no more coupons and counted promotions"),
    N_("nothing is left of today's share of campaign %s here"),
    N_("nothing is left of what may be risked here for campaign %s"),
    N_("reserved for place %s, this is %s"),
    N_("not for store %s"),
    N_("the centre must commit first"),
    N_("the centre says so"),
    N_("the centre refused it"),
    N_("the store's hub does not answer"),
    N_("the coupon belongs to a member, and none was shown"),
    N_("the coupon belongs to another member"),
    N_("a printed card does not spend"),
    N_("the sale has a member"),
    /* goods */
    N_("the check digit is %s, not %s"),
    N_("%s is sold from %s years"),
    N_("%s was to be sold by %s"),
    N_("%s is sold piece by piece"),
    N_("%s has no price of its own"),
    N_("%s comes back with its receipt only"),
    N_("\"%s\" is not a quantity"),
    N_("%s is sold by weight"),
    N_("%s g lie on the scale"),
    N_("at most %s can be taken off"),
    N_("that is no code of goods"),
    N_("what was read is of no known kind"),
    /* people and money */
    N_("%s: a %s may do it up to %s"),
    N_("%s: a %s may take off up to %s"),
    N_("%s: not by a %s alone"),
    N_("nobody allows anything to themselves"),
    N_("nobody is logged in"),
    N_("user %s, %s wrong PINs: %s s more"),
    N_("user %s, %s in a row"),
    N_("a discount by hand has a reason"),
    N_("an override has a reason"),
    N_("no sale is parked as \"%s\""),
    N_("a sale is parked as \"%s\""),
    N_("there is nothing to pay"),
    N_("nothing is due"),
    N_("the sale was on %s"),
    N_("the sale is of till %s"),
    N_("%s by Z report %s, and nothing was done since"),
    N_("the drawer is seen to between sales"),
    N_("there is no printer"),
    N_("a search takes 2 to %s characters"),
    /* what a promotion took off */
    N_("%s: -%s (%s)"),
    N_("%s: -%s"),
};

/* Of almost any shape, so that they are only looked for in parts of the others. */
static const char *const forms_of_parts[] = {
    N_("%s, at most %s"),
    N_("at most %s pieces"),
    N_("at most %s of each line"),
    N_("at most %s"),
    N_("%s off each of at most %s, after the first %s of a line"),
    N_("%s off each of at most %s"),
    N_("%s off each of %s lines"),
    N_("%s off each of %s, after the first %s of a line"),
    N_("%s off each of %s"),
    N_("%s off %s"),
    N_("%s off"),
    N_("each of %s lines"),
    N_("member price of 1 line"),
    N_("member prices of %s lines"),
    N_("%s cut to the goods' floor prices"),
    N_("%s each from %s on"),
    N_("%s from %s on"),
    N_("%s sets for %s each"),
    N_("%s set for %s"),
    N_("%s for each %s"),
    N_("%s each"),
    N_("%s free"),
    N_("%s at half price"),
    N_("%s as a gift"),
    N_("%s of %s"),
};

/* Parts that are no sentences: who may do what (app/core/permit.c), and how promotions without a name are called. Here
 * for xgettext alone. */
static const char *const words_of_parts[] __attribute__((unused)) = {
    N_("sell"),
    N_("void line"),
    N_("cancel sale"),
    N_("void sale"),
    N_("price override"),
    N_("discount"),
    N_("return"),
    N_("return without receipt"),
    N_("no sale"),
    N_("float"),
    N_("paid in"),
    N_("paid out"),
    N_("drop"),
    N_("count"),
    N_("see the variance"),
    N_("reprint"),
    N_("decide on a payment"),
    N_("give credit"),
    N_("training"),
    N_("confirm the age"),
    N_("voids of a day"),
    N_("cashier"),
    N_("supervisor"),
    N_("manager"),
    N_("technician"),
    N_("Promotion"),
    N_("another promotion"),
    N_("free"),
    N_("pieces"),
};

struct parts {
    size_t n;
    struct {
        const char *p;
        size_t n;
    } at[PARTS_MAX];
};

/* Is the text of this form? Its parts are views into it. */
static bool match(const char *form, const char *text, struct parts *ret)
{
    const char *at = text;
    ret->n = 0;
    while (*form != '\0') {
        const char *hole = strstr(form, "%s");
        size_t words = hole != NULL ? (size_t)(hole - form) : strlen(form);
        if (strncmp(at, form, words) != 0) {
            return false;
        }
        at += words;
        form += words;
        if (hole == NULL) {
            break;
        }
        form += 2;
        const char *next = strstr(form, "%s");
        size_t n_next = next != NULL ? (size_t)(next - form) : strlen(form);
        char until[PART_BYTES];
        if (ret->n == PARTS_MAX || n_next >= sizeof until) {
            return false;
        }
        memcpy(until, form, n_next);
        until[n_next] = '\0';
        const char *stop = n_next == 0 ? at + strlen(at) : strstr(at, until);
        if (next == NULL && n_next > 0) { /* the last words end the text */
            size_t left = strlen(at);
            stop = left >= n_next && strcmp(at + left - n_next, until) == 0 ? at + left - n_next : NULL;
        }
        if (stop == NULL || stop == at) {
            return false;
        }
        ret->at[ret->n].p = at;
        ret->at[ret->n++].n = (size_t)(stop - at);
        at = stop;
    }
    return *at == '\0';
}

/* A translation may have its parts in another order: "%2$s" is the second. */
static void fill(const char *form, char parts[PARTS_MAX][PART_BYTES], size_t n_parts, char *ret, size_t n)
{
    size_t used = 0, next = 0;
    while (*form != '\0' && used + 1 < n) {
        size_t which = n_parts, skip = 0;
        if (form[0] == '%' && form[1] == 's') {
            which = next++;
            skip = 2;
        } else if (form[0] == '%' && form[1] >= '1' && form[1] <= '9' && form[2] == '$' && form[3] == 's') {
            which = (size_t)(form[1] - '1');
            skip = 4;
        }
        if (skip == 0) {
            ret[used++] = *form++;
            continue;
        }
        int more = snprintf(ret + used, n - used, "%s", which < n_parts ? parts[which] : "");
        used = more < 0 || used + (size_t)more >= n ? n - 1 : used + (size_t)more;
        form += skip;
    }
    ret[used < n ? used : n - 1] = '\0';
}

static const char *translate(const char *english, char *ret, size_t n, unsigned depth);

static const char *translate_by(const char *const *list, size_t n_list, const char *english, char *ret, size_t n,
                                unsigned depth)
{
    char words[PARTS_MAX][PART_BYTES];
    struct parts parts;
    for (size_t i = 0; i < n_list; i++) {
        if (!match(list[i], english, &parts)) {
            continue;
        }
        for (size_t k = 0; k < parts.n; k++) {
            char part[PART_BYTES], inner[PART_BYTES];
            snprintf(part, sizeof part, "%.*s", (int)parts.at[k].n, parts.at[k].p);
            const char *known = depth < DEPTH_MAX ? translate(part, inner, sizeof inner, depth + 1) : part;
            snprintf(words[k], sizeof words[k], "%s", known);
        }
        fill(cf_text_of(list[i]), words, parts.n, ret, n);
        return ret;
    }
    return english;
}

/* Recursion of at most DEPTH_MAX, whatever the text. */
static const char *translate(const char *english, char *ret, size_t n, unsigned depth)
{
    const char *known = translate_by(forms, sizeof forms / sizeof forms[0], english, ret, n, depth);
    if (known == english && depth > 0) {
        known = translate_by(forms_of_parts, sizeof forms_of_parts / sizeof forms_of_parts[0], english, ret, n, depth);
    }
    return known == english && english[0] != '\0' ? cf_text_of(english) : known;
}

const char *cf_text_of_form(const char *english, char *ret, size_t n)
{
    return cf_language_is_source() ? english : translate(english, ret, n, 0);
}
