/*
 * sync/central/genuine.h - is this code one of ours? The signature part of every judgement at the centre.
 */
#ifndef CF_CENTRAL_GENUINE_H
#define CF_CENTRAL_GENUINE_H

#include "sync/central/state.h"

/* The text of a coupon. CF_E_CODE_*, CF_E_BASE45; CF_E_CODE_PREFIX for a code of another kind. */
enum cf_rc cf_coupon_code(const char *text, struct cf_code *ret, struct cf_error *err) CF_MUST_CHECK;
/* The same of a gift card or store credit. */
enum cf_rc cf_value_code(const char *text, struct cf_code *ret, struct cf_error *err) CF_MUST_CHECK;
/* Verifies it by the key set, or by the grant that its kid names: before the issuing till has told of it. */
enum cf_rc cf_genuine(struct cf_central *central, const struct cf_code *code, struct cf_error *err) CF_MUST_CHECK;

#endif
