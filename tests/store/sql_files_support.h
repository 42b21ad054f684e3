/*
 * tests/store/sql_files_support.h - the .sql files of a folder of the source tree, in name order.
 */
#ifndef CF_TESTS_SQL_FILES_SUPPORT_H
#define CF_TESTS_SQL_FILES_SUPPORT_H

#include <stddef.h>

#define SQL_FILES_MAX 128
#define SQL_FILE_BYTES_MAX 16384

struct sql_files {
    size_t n;
    char name[SQL_FILES_MAX][256];
    char text[SQL_FILES_MAX][SQL_FILE_BYTES_MAX];
};
void sql_files_read(const char *folder, struct sql_files *ret);

#endif
