/*
 * app/store/incarnation.h - where a till keeps its incarnation outside of its folder: a small port.
 *
 * What stands there must not be copied or put back with the folder, or it shows nothing (app/core/incarnation.h decides
 * what it shows). Here it is a file beside the folder, `<dir>.incarnation`. On the appliance the same three calls join
 * a counter in the NV memory of the TPM (`intend` increments it and `settle` does nothing: such memory wears out) or
 * two sectors of a raw partition that no image of the system holds (`settle` as here). One thread.
 */
#ifndef CF_STORE_INCARNATION_H
#define CF_STORE_INCARNATION_H

#include "app/core/incarnation.h"

struct cf_incarnation_ops {
    /* CF_MARK_NONE and CF_MARK_DAMAGED are no errors; ret_mark is written if one was found. */
    enum cf_rc (*read)(void *ctx, enum cf_mark_found *ret_found, struct cf_incarnation_mark *ret_mark,
                       struct cf_error *err);
    /* Before a start's record: durable when it returns CF_OK, and the one before is there until then. */
    enum cf_rc (*intend)(void *ctx, const struct cf_incarnation_mark *mark, struct cf_error *err);
    /* After each record: cheap and not durable at once. One that a power cut tears or loses says nothing. */
    void (*settle)(void *ctx, const struct cf_incarnation_mark *mark);
    /* Between sales: what was settled is durable now, as far as the disk can; nothing to do if nothing was. */
    void (*sync)(void *ctx);
};
struct cf_incarnation_store {
    const struct cf_incarnation_ops *ops;
    void *ctx;
};

struct cf_incarnation_file;

/* The file that cf_incarnation_file_place chose, else `<dir>.incarnation`, of the folder's real path. It is not opened
 * yet. Free with .._free. */
enum cf_rc cf_incarnation_file_new(const char *dir, const struct cf_env *env, struct cf_incarnation_file **ret,
                                   struct cf_error *err) CF_MUST_CHECK;
/* At an enrolment: another place for it, remembered in the folder. An absolute path; NULL: the usual one. */
enum cf_rc cf_incarnation_file_place(const char *dir, const char *path, const struct cf_env *env,
                                     struct cf_error *err) CF_MUST_CHECK;
void cf_incarnation_file_free(struct cf_incarnation_file *file);
/* At an enrolment, once the new epoch's journal is there: what stood for the one before, perhaps damaged, is no more.
 */
void cf_incarnation_file_forget(struct cf_incarnation_file *file);
struct cf_incarnation_store cf_incarnation_file_store(struct cf_incarnation_file *file);
const char *cf_incarnation_file_path(const struct cf_incarnation_file *file);

#endif
