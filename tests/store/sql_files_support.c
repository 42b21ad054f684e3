/*
 * tests/store/sql_files_support.c - see sql_files_support.h.
 */
#include "tests/store/sql_files_support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/store/store_support.h"

static int is_sql(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 4 && strcmp(entry->d_name + n - 4, ".sql") == 0;
}

void sql_files_read(const char *folder, struct sql_files *ret)
{
    char path[1024];
    struct dirent **entries = NULL;
    snprintf(path, sizeof path, "%s/%s", CF_SOURCE_DIR, folder);
    int n = scandir(path, &entries, is_sql, alphasort);
    assert_true(n > 0 && n <= SQL_FILES_MAX);
    for (int k = 0; k < n; k++) {
        snprintf(path, sizeof path, "%s/%s/%s", CF_SOURCE_DIR, folder, entries[k]->d_name);
        snprintf(ret->name[k], sizeof ret->name[k], "%s", entries[k]->d_name);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        size_t bytes = fread(ret->text[k], 1, SQL_FILE_BYTES_MAX - 1, file);
        ret->text[k][bytes] = '\0';
        fclose(file);
        free(entries[k]);
    }
    free(entries);
    ret->n = (size_t)n;
}
