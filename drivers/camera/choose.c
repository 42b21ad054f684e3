/*
 * drivers/camera/choose.c - which of a frame's codes is meant.
 */
#include <string.h>

#include "drivers/camera/camera.h"

enum rank { RANK_OWN, RANK_1D, RANK_OTHER, RANKS };

static enum rank rank_of(const struct cf_symbol *symbol, const char *const prefixes[], size_t n_prefixes)
{
    if (symbol->symbology != CF_SYMBOLOGY_QR) {
        return RANK_1D;
    }
    for (size_t i = 0; i < n_prefixes; i++) {
        size_t n = strlen(prefixes[i]);
        if (symbol->text.n >= n && memcmp(symbol->text.p, prefixes[i], n) == 0) {
            return RANK_OWN;
        }
    }
    return RANK_OTHER;
}

enum cf_rc cf_symbols_choose(const struct cf_symbols *symbols, const char *const prefixes[], size_t n_prefixes,
                             const struct cf_symbol **ret, struct cf_error *err)
{
    const struct cf_symbol *first[RANKS] = {NULL};
    size_t count[RANKS] = {0};
    for (size_t i = 0; i < symbols->n; i++) {
        enum rank rank = rank_of(&symbols->symbol[i], prefixes, n_prefixes);
        first[rank] = count[rank]++ == 0 ? &symbols->symbol[i] : first[rank];
    }
    for (size_t rank = 0; rank < RANKS; rank++) {
        if (count[rank] > 1) {
            return cf_fail(err, CF_E_SCAN_AMBIGUOUS, "%zu different codes in one picture", count[rank]);
        }
        if (count[rank] == 1) {
            *ret = first[rank];
            return CF_OK;
        }
    }
    return cf_fail(err, CF_E_IMAGE_EMPTY, "%s",
                   symbols->n_weak > 0 ? "a barcode was read too faintly to be believed: show it again" : "no code");
}
