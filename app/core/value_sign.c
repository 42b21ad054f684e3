/*
 * app/core/value_sign.c - the part of value.h that needs keys: in a file of its own, since most who read cards have
 * none.
 */
#include "app/core/value.h"

enum cf_rc cf_value_card_sign(const struct cf_value_card *card, const struct cf_private_key *till_key,
                              struct cf_code *ret, struct cf_error *err)
{
    const struct cf_value_code code = {.kind = card->kind, .account = card->account, .exp_s = card->exp_s};
    return cf_value_code_sign(&code, card->grant_id, till_key, ret, err);
}
