/*
 * sync/central/erase.h - a member is forgotten: at the centre, and at every till (docs/privacy.md).
 *
 * The chain of a log goes on over the hash of each body as it was; what is kept of the body is nobody's. A record that
 * comes later is treated with the batch that brings it.
 */
#ifndef CF_CENTRAL_ERASE_H
#define CF_CENTRAL_ERASE_H

#include "app/core/code.h"
#include "sync/central/state.h"

/* A record of this member has come: were they forgotten before? Then it is erased as soon as it may be. Inside a
 * transaction, as all here. */
enum cf_rc cf_erase_note_late(struct cf_central *central, cf_sub sub, bool *ret_erased,
                              struct cf_error *err) CF_MUST_CHECK;
/* Every till is told to forget whoever is known by these bytes: a member's, or those of somebody who asked for goods.
 */
enum cf_rc cf_erase_person(struct cf_central *central, cf_sub sub, struct cf_error *err) CF_MUST_CHECK;
/* Erases what may be erased by now. */
enum cf_rc cf_erase_settle(struct cf_central *central, struct cf_error *err) CF_MUST_CHECK;

#endif
