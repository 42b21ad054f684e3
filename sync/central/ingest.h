/*
 * sync/central/ingest.h - the scratch space of taking records in; see ingest.c.
 */
#ifndef CF_CENTRAL_INGEST_H
#define CF_CENTRAL_INGEST_H

#include "sync/central/state.h"

enum cf_rc cf_ingest_new(struct cf_ingest **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_ingest_free(struct cf_ingest *ingest);

#endif
