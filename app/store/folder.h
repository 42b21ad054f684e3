/*
 * app/store/folder.h - the folder that holds the databases: paths in it, its lock files, durable renames. Private.
 */
#ifndef CF_STORE_FOLDER_H
#define CF_STORE_FOLDER_H

#include "base/bytes.h"

#define CF_FOLDER_PATH_MAX 4096

/* "DIR/name". CF_E_LIMIT if it would be longer than CF_FOLDER_PATH_MAX. */
enum cf_rc cf_folder_path(const char *dir, const char *name, char ret[CF_FOLDER_PATH_MAX],
                          struct cf_error *err) CF_MUST_CHECK;
bool cf_folder_has(const char *dir, const char *name);
/* Opens (makes) and locks a file until the descriptor is closed: `taken` if another holds it. CF_E_READ_ONLY. */
enum cf_rc cf_folder_lock(const char *dir, const char *name, enum cf_rc taken, int *ret_fd,
                          struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_folder_rename(const char *dir, const char *from, const char *to, struct cf_error *err) CF_MUST_CHECK;
void cf_folder_remove(const char *dir, const char *name); /* if it is there */
enum cf_rc cf_folder_sync(const char *dir, struct cf_error *err) CF_MUST_CHECK;

#endif
