/*
 * sync/central/pull.h - the scratch space of sending entries down; see pull.c.
 */
#ifndef CF_CENTRAL_PULL_H
#define CF_CENTRAL_PULL_H

#include "sync/central/state.h"

enum cf_rc cf_pull_scratch_new(struct cf_pull_scratch **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_pull_scratch_free(struct cf_pull_scratch *scratch);

#endif
