/*
 * sync/hub/mark.c - what a hub remembers of itself outside of its folder: its newest start, and how far it came since.
 *
 * A file of 1024 bytes, two blocks. The intent at 0 names a start before that begins, and is replaced with the whole
 * file in one durable step; what was settled stands at 512, and is written over in place after each step that hub.db
 * has durably. So the mark is never ahead of hub.db, however the hub ends: one that a power cut tears or loses says
 * less, and nothing wrong. Only the first settling of a start is durable, before the hub answers anybody: an intent
 * alone is a start that nobody heard of.
 *
 * A block is its magic, terminal BE32, epoch BE32, hub epoch BE32, incarnation BE64, seq BE64, head(32) and the first
 * 16 bytes of the SHA-256 of all that. The second counts if it is whole and of the same start as the first.
 */
#include "sync/hub/inside.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES 1024
#define SETTLED_AT 512
#define MAGIC_BYTES 8
#define SUMMED_BYTES (MAGIC_BYTES + 12 + 16 + CF_SHA256_BYTES)
#define SUM_BYTES 16
#define BLOCK_BYTES (SUMMED_BYTES + SUM_BYTES)

static const char intent_magic[MAGIC_BYTES] = {'c', 'f', 'h', 'u', 'b', 'i', 'n', '1'};
static const char settled_magic[MAGIC_BYTES] = {'c', 'f', 'h', 'u', 'b', 's', 't', '1'};

static void write_block(const char magic[MAGIC_BYTES], const struct cf_hub_mark *mark, uint8_t ret[BLOCK_BYTES])
{
    memcpy(ret, magic, MAGIC_BYTES);
    cf_put_be32(ret + 8, mark->terminal);
    cf_put_be32(ret + 12, mark->epoch);
    cf_put_be32(ret + 16, mark->hub_epoch);
    cf_put_be64(ret + 20, mark->incarnation);
    cf_put_be64(ret + 28, mark->seq);
    memcpy(ret + 36, mark->head.digest, CF_SHA256_BYTES);
    struct cf_sha256 sum = cf_sha256(cf_bytes_of(ret, SUMMED_BYTES));
    memcpy(ret + SUMMED_BYTES, sum.digest, SUM_BYTES);
}

static bool read_block(const char magic[MAGIC_BYTES], const uint8_t block[BLOCK_BYTES], struct cf_hub_mark *ret)
{
    struct cf_sha256 sum = cf_sha256(cf_bytes_of(block, SUMMED_BYTES));
    if (memcmp(block, magic, MAGIC_BYTES) != 0 || memcmp(block + SUMMED_BYTES, sum.digest, SUM_BYTES) != 0)
        return false;
    struct cf_hub_mark mark = {
        .terminal = cf_get_be32(block + 8),
        .epoch = cf_get_be32(block + 12),
        .hub_epoch = cf_get_be32(block + 16),
        .incarnation = cf_get_be64(block + 20),
        .seq = cf_get_be64(block + 28),
    };
    memcpy(mark.head.digest, block + 36, CF_SHA256_BYTES);
    if (mark.incarnation == 0 || mark.incarnation >= INT64_MAX || mark.seq >= INT64_MAX)
        return false;
    *ret = mark;
    return true;
}

enum cf_rc cf_hub_mark_read(const struct cf_hub_config *config, struct cf_hub_mark *ret, struct cf_error *err)
{
    uint8_t bytes[FILE_BYTES + 1];
    struct cf_buf content;
    struct cf_hub_mark intent, settled;
    cf_buf_init_fixed(&content, bytes, FILE_BYTES);
    enum cf_rc rc = config->env->ops->file_read(config->env->ctx, config->incarnation_path, &content, err);
    if (rc == CF_E_NOT_FOUND) {
        *ret = (struct cf_hub_mark){.incarnation = 0};
        return CF_OK;
    }
    if (rc != CF_OK && rc != CF_E_LIMIT)
        return rc;
    if (rc == CF_E_LIMIT || content.n != FILE_BYTES || !read_block(intent_magic, bytes, &intent))
        return cf_fail(err, CF_E_HUB_BROKEN, "%s cannot be read", config->incarnation_path);
    *ret = intent;
    if (read_block(settled_magic, bytes + SETTLED_AT, &settled) && settled.terminal == intent.terminal &&
        settled.epoch == intent.epoch && settled.hub_epoch == intent.hub_epoch &&
        settled.incarnation == intent.incarnation) {
        *ret = settled;
        ret->settled = true;
    }
    return CF_OK;
}

static struct cf_hub_mark mark_of(const struct cf_hub *hub, uint64_t incarnation)
{
    return (struct cf_hub_mark){.terminal = hub->config.terminal,
                                .epoch = hub->config.epoch,
                                .hub_epoch = hub->config.hub_epoch,
                                .incarnation = incarnation,
                                .seq = hub->state.seq,
                                .head = hub->state.head};
}

enum cf_rc cf_hub_mark_intend(struct cf_hub *hub, uint64_t incarnation, bool anew, struct cf_error *err)
{
    const struct cf_hub_config *config = &hub->config;
    struct cf_hub_mark mark = mark_of(hub, incarnation);
    uint8_t bytes[FILE_BYTES] = {0};
    if (anew) { /* hub.db is still at a step of another history */
        mark.seq = 0;
        mark.head = cf_hub_history_start(config->store, config->hub_epoch);
    }
    write_block(intent_magic, &mark, bytes);
    enum cf_rc rc = config->env->ops->file_replace(config->env->ctx, config->incarnation_path,
                                                   cf_bytes_of(bytes, sizeof bytes), 0600, err);
    if (rc != CF_OK)
        return rc;
    hub->mark_fd = open(config->incarnation_path, O_WRONLY | O_CLOEXEC);
    return hub->mark_fd >= 0 ? CF_OK : cf_fail(err, CF_E_IO, "%s cannot be opened", config->incarnation_path);
}

static bool write_settled(struct cf_hub *hub)
{
    uint8_t block[BLOCK_BYTES];
    const struct cf_hub_mark mark = mark_of(hub, hub->state.incarnation);
    write_block(settled_magic, &mark, block);
    hub->marked_seq = hub->state.seq;
    return pwrite(hub->mark_fd, block, sizeof block, SETTLED_AT) == (ssize_t)sizeof block;
}

enum cf_rc cf_hub_mark_start(struct cf_hub *hub, struct cf_error *err)
{
    return write_settled(hub) && fsync(hub->mark_fd) == 0
               ? CF_OK
               : cf_fail(err, CF_E_IO, "%s cannot be written", hub->config.incarnation_path);
}

enum cf_rc cf_hub_mark_sync(struct cf_hub *hub, struct cf_error *err)
{
    return cf_hub_mark_start(hub, err);
}

void cf_hub_mark_step(struct cf_hub *hub)
{
    if (hub->state.seq != hub->marked_seq)
        (void)write_settled(hub); /* the one before stays true */
}

void cf_hub_mark_close(struct cf_hub *hub)
{
    if (hub->mark_fd >= 0)
        (void)close(hub->mark_fd);
    hub->mark_fd = -1;
}
