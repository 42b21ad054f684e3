/*
 * base/private_files.c - see private_files.h.
 */
#include "base/private_files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

char *cf_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

bool cf_folder_is_shared(const char *folder)
{
    struct stat about;
    return stat(folder, &about) == 0 && S_ISDIR(about.st_mode) && (about.st_mode & S_ISGID) != 0 &&
           (about.st_mode & S_IWGRP) != 0;
}

void cf_private_umask(const char *folder)
{
    umask(cf_folder_is_shared(folder) ? 007 : 077);
}

mode_t cf_private_mode(const char *path, mode_t mode)
{
    char *folder = cf_folder_of(path);
    bool shared = folder != NULL && cf_folder_is_shared(folder);
    free(folder);
    return shared ? mode | (mode & 0700) >> 3 : mode;
}
