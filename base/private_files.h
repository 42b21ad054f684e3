/*
 * base/private_files.h - who may read what a till writes: its user, or the few processes that share its folder.
 *
 * Sales and keys are nobody else's to read, so our files are made for their owner alone. On an appliance the till, the
 * sync and the hub are users of their own, in one group, and whoever installs it says so by the folder: its group is
 * inherited (setgid) and may write. Files in such a folder are for the group too; in any other, for the owner alone.
 */
#ifndef CF_BASE_PRIVATE_FILES_H
#define CF_BASE_PRIVATE_FILES_H

#include <stdbool.h>
#include <sys/types.h>

/* The folder of `path`: "." of a name alone. The caller frees it; NULL: no memory. */
char *cf_folder_of(const char *path);

/* False too of a folder that is not there. */
bool cf_folder_is_shared(const char *folder);

/* Once, at the start of a program that works in `folder`: what it makes from then on is for those above. */
void cf_private_umask(const char *folder);

/* `mode` for a file of `path`, with the owner's bits for the group too where its folder is shared. */
mode_t cf_private_mode(const char *path, mode_t mode);

#endif
