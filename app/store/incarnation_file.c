/*
 * app/store/incarnation_file.c - the incarnation as a file beside the till's folder; see incarnation.h.
 *
 * 1024 bytes, two blocks: the intent at 0, replaced with the whole file in one durable step, and what was settled since
 * at 512, written over in place. A block is its magic, terminal BE32, epoch BE32, incarnation BE64, before BE64, seq
 * BE64, hash(32) and the first 16 bytes of the SHA-256 of all that. The second counts if it is whole and of the same
 * start as the first; a torn one leaves the intent, which is true as well.
 */
#include "app/store/incarnation.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/store/folder.h"

#define FILE_BYTES 1024
#define SETTLED_AT 512
#define SUMMED_BYTES 72
#define SUM_BYTES 16
#define BLOCK_BYTES (SUMMED_BYTES + SUM_BYTES)
#define MAGIC_BYTES 8
#define PLACE_FILE "incarnation.path"

static const char intent_magic[MAGIC_BYTES] = {'c', 'f', 'i', 'n', 'c', 'r', 'n', '1'};
static const char settled_magic[MAGIC_BYTES] = {'c', 'f', 'i', 'n', 'c', 's', 't', '1'};

struct cf_incarnation_file {
    const struct cf_env *env;
    char *path;
    int fd;        /* for settling: -1 until something was intended */
    bool unsynced; /* something was settled since it was synced */
};

/* --- a block ------------------------------------------------------------------------------------------------------ */

static void write_block(const char magic[MAGIC_BYTES], const struct cf_incarnation_mark *mark, uint8_t ret[BLOCK_BYTES])
{
    memcpy(ret, magic, MAGIC_BYTES);
    cf_put_be32(ret + 8, mark->terminal);
    cf_put_be32(ret + 12, mark->epoch);
    cf_put_be64(ret + 16, mark->incarnation);
    cf_put_be64(ret + 24, mark->before);
    cf_put_be64(ret + 32, mark->seq);
    memcpy(ret + 40, mark->hash.digest, CF_SHA256_BYTES);
    struct cf_sha256 sum = cf_sha256(cf_bytes_of(ret, SUMMED_BYTES));
    memcpy(ret + SUMMED_BYTES, sum.digest, SUM_BYTES);
}

static bool read_block(const char magic[MAGIC_BYTES], const uint8_t block[BLOCK_BYTES], struct cf_incarnation_mark *ret)
{
    struct cf_sha256 sum = cf_sha256(cf_bytes_of(block, SUMMED_BYTES));
    if (memcmp(block, magic, MAGIC_BYTES) != 0 || memcmp(block + SUMMED_BYTES, sum.digest, SUM_BYTES) != 0) {
        return false;
    }
    struct cf_incarnation_mark mark = {
        .terminal = cf_get_be32(block + 8),
        .epoch = cf_get_be32(block + 12),
        .incarnation = cf_get_be64(block + 16),
        .before = cf_get_be64(block + 24),
        .seq = cf_get_be64(block + 32),
    };
    memcpy(mark.hash.digest, block + 40, CF_SHA256_BYTES);
    if (mark.incarnation >= INT64_MAX || mark.seq >= INT64_MAX) {
        return false;
    }
    *ret = mark;
    return true;
}

/* --- the port ----------------------------------------------------------------------------------------------------- */

static enum cf_rc file_read(void *ctx, enum cf_mark_found *ret_found, struct cf_incarnation_mark *ret_mark,
                            struct cf_error *err)
{
    struct cf_incarnation_file *file = ctx;
    uint8_t bytes[FILE_BYTES + 1];
    struct cf_buf content;
    struct cf_incarnation_mark intent;
    struct cf_incarnation_mark settled;
    cf_buf_init_fixed(&content, bytes, FILE_BYTES);
    enum cf_rc rc = file->env->ops->file_read(file->env->ctx, file->path, &content, err);
    if (rc == CF_E_NOT_FOUND) {
        *ret_found = CF_MARK_NONE;
        return CF_OK;
    }
    if (rc != CF_OK && rc != CF_E_LIMIT) {
        return rc;
    }
    if (rc == CF_E_LIMIT || content.n != FILE_BYTES || !read_block(intent_magic, bytes, &intent)) {
        *ret_found = CF_MARK_DAMAGED;
        return CF_OK;
    }
    *ret_mark = intent;
    if (read_block(settled_magic, bytes + SETTLED_AT, &settled) && settled.terminal == intent.terminal &&
        settled.epoch == intent.epoch && settled.incarnation == intent.incarnation) {
        *ret_mark = settled;
        ret_mark->settled = true;
    }
    *ret_found = CF_MARK_FOUND;
    return CF_OK;
}

static enum cf_rc file_intend(void *ctx, const struct cf_incarnation_mark *mark, struct cf_error *err)
{
    struct cf_incarnation_file *file = ctx;
    uint8_t bytes[FILE_BYTES] = {0};
    write_block(intent_magic, mark, bytes);
    enum cf_rc rc =
        file->env->ops->file_replace(file->env->ctx, file->path, cf_bytes_of(bytes, sizeof bytes), 0600, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (file->fd >= 0) {
        close(file->fd);
    }
    file->fd = open(file->path, O_WRONLY | O_CLOEXEC); /* without it nothing is settled: the intent says enough */
    return CF_OK;
}

static void file_settle(void *ctx, const struct cf_incarnation_mark *mark)
{
    struct cf_incarnation_file *file = ctx;
    uint8_t block[BLOCK_BYTES];
    if (file->fd < 0) {
        return;
    }
    write_block(settled_magic, mark, block);
    ssize_t n = pwrite(file->fd, block, sizeof block, SETTLED_AT);
    file->unsynced = n == (ssize_t)sizeof block;
}

/* One that fails leaves what a power cut may take: the next one tries again with the next note. */
static void file_sync(void *ctx)
{
    struct cf_incarnation_file *file = ctx;
    if (file->fd >= 0 && file->unsynced) {
        file->unsynced = false;
        (void)fdatasync(file->fd);
    }
}

/* --- made and freed ----------------------------------------------------------------------------------------------- */

/* *ret_path is NULL if no other place was chosen. */
static enum cf_rc chosen_place(const char *dir, const struct cf_env *env, char **ret_path, struct cf_error *err)
{
    char name[CF_FOLDER_PATH_MAX];
    struct cf_buf text;
    cf_buf_init(&text, CF_FOLDER_PATH_MAX - 1);
    enum cf_rc rc = cf_folder_path(dir, PLACE_FILE, name, err);
    if (rc == CF_OK) {
        rc = env->ops->file_read(env->ctx, name, &text, err);
    }
    char *path = rc == CF_OK ? strndup((const char *)text.p, text.n) : NULL;
    cf_buf_done(&text);
    if (rc == CF_E_NOT_FOUND) {
        *ret_path = NULL;
        return CF_OK;
    }
    if (rc == CF_OK && path == NULL) {
        rc = cf_fail(err, CF_E_NO_MEMORY, "the incarnation file");
    }
    if (rc == CF_OK) {
        *ret_path = path;
    }
    return rc;
}

static enum cf_rc usual_place(const char *dir, char **ret_path, struct cf_error *err)
{
    char real[PATH_MAX];
    char *path = NULL;
    /* Whatever name it is called by: one folder, one file. Only a folder that the kernel does not know (of a disk that
     * a test models) stays as it was given. */
    if (asprintf(&path, "%s.incarnation", realpath(dir, real) != NULL ? real : dir) < 0) {
        return cf_fail(err, CF_E_NO_MEMORY, "the incarnation file");
    }
    *ret_path = path;
    return CF_OK;
}

enum cf_rc cf_incarnation_file_new(const char *dir, const struct cf_env *env, struct cf_incarnation_file **ret,
                                   struct cf_error *err)
{
    char *path = NULL;
    enum cf_rc rc = chosen_place(dir, env, &path, err);
    if (rc == CF_OK && path == NULL) {
        rc = usual_place(dir, &path, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_incarnation_file *file = calloc(1, sizeof *file);
    if (file == NULL) {
        free(path);
        return cf_fail(err, CF_E_NO_MEMORY, "the incarnation file");
    }
    *file = (struct cf_incarnation_file){.env = env, .path = path, .fd = -1};
    *ret = file;
    return CF_OK;
}

enum cf_rc cf_incarnation_file_place(const char *dir, const char *path, const struct cf_env *env, struct cf_error *err)
{
    char name[CF_FOLDER_PATH_MAX];
    if (path == NULL) {
        cf_folder_remove(dir, PLACE_FILE);
        return CF_OK;
    }
    if (path[0] != '/' || strlen(path) >= CF_FOLDER_PATH_MAX) {
        return cf_fail(err, CF_E_ARGUMENT, "the incarnation file's place has to be an absolute path");
    }
    enum cf_rc rc = cf_folder_path(dir, PLACE_FILE, name, err);
    return rc == CF_OK ? env->ops->file_replace(env->ctx, name, cf_bytes_str(path), 0600, err) : rc;
}

void cf_incarnation_file_free(struct cf_incarnation_file *file)
{
    if (file == NULL) {
        return;
    }
    if (file->fd >= 0) {
        close(file->fd);
    }
    free(file->path);
    free(file);
}

struct cf_incarnation_store cf_incarnation_file_store(struct cf_incarnation_file *file)
{
    static const struct cf_incarnation_ops ops = {
        .read = file_read,
        .intend = file_intend,
        .settle = file_settle,
        .sync = file_sync,
    };
    return (struct cf_incarnation_store){.ops = &ops, .ctx = file};
}

void cf_incarnation_file_forget(struct cf_incarnation_file *file)
{
    (void)unlink(file->path);
}

const char *cf_incarnation_file_path(const struct cf_incarnation_file *file)
{
    return file->path;
}
