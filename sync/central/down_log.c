/*
 * sync/central/down_log.c - see down_log.h.
 */
#include "sync/central/down_log.h"

#include <stdlib.h>
#include <string.h>

#define HEADS_MAX 32

struct head {
    enum cf_topic topic;
    uint32_t scope;
    uint64_t version;
    struct cf_sha256 digest;
    bool dirty;
};
struct cf_down_log {
    size_t n;
    struct head head[HEADS_MAX];
    struct cf_buf entry;
    int64_t timed_us; /* when it was last written down how far the log had grown */
};

enum cf_rc cf_down_log_new(struct cf_down_log **ret, struct cf_error *err)
{
    struct cf_down_log *log = calloc(1, sizeof *log);
    if (log == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "downward log");
    }
    cf_buf_init(&log->entry, CF_DOWN_ENTRY_MAX);
    *ret = log;
    return CF_OK;
}

void cf_down_log_free(struct cf_down_log *log)
{
    if (log != NULL) {
        cf_buf_done(&log->entry);
        free(log);
    }
}

static enum cf_rc write_head(struct cf_central *central, struct head *head, struct cf_error *err)
{
    if (!head->dirty) {
        return CF_OK;
    }
    head->dirty = false;
    return cf_store_run(central->store, CF_Q_DOWN_TOPIC_PUT,
                        CF_ARGS(cf_v_int(head->topic), cf_v_int(head->scope), cf_v_int((int64_t)head->version),
                                cf_v_blob(head->digest.digest, CF_SHA256_BYTES)),
                        err);
}

/* A record of a till that has all up to this entry was written after now. Once a second is often enough. */
static enum cf_rc write_time(struct cf_central *central, struct cf_error *err)
{
    int64_t now_us = cf_central_now(central).us;
    if (now_us >= central->down->timed_us && now_us - central->down->timed_us < CF_US_PER_S) {
        return CF_OK;
    }
    central->down->timed_us = now_us;
    return cf_store_run(central->store, CF_Q_DOWN_TIME_ADD, CF_ARGS(cf_v_int(now_us)), err);
}

enum cf_rc cf_down_flush(struct cf_central *central, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    bool grown = false;
    for (size_t i = 0; i < central->down->n && rc == CF_OK; i++) {
        grown = grown || central->down->head[i].dirty;
        rc = write_head(central, &central->down->head[i], err);
    }
    if (rc == CF_OK && grown) {
        rc = write_time(central, err);
    }
    central->down->n = 0;
    return rc;
}

void cf_down_forget(struct cf_central *central)
{
    central->down->n = 0;
}

static enum cf_rc find_head(struct cf_central *central, enum cf_topic topic, uint32_t scope, struct head **ret,
                            struct cf_error *err)
{
    struct cf_down_log *log = central->down;
    for (size_t i = 0; i < log->n; i++) {
        if (log->head[i].topic == topic && log->head[i].scope == scope) {
            *ret = &log->head[i];
            return CF_OK;
        }
    }
    if (log->n == HEADS_MAX) { /* one transaction for very many terminals: write what is there and go on */
        enum cf_rc rc = cf_down_flush(central, err);
        if (rc != CF_OK) {
            return rc;
        }
    }
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_DOWN_TOPIC_GET, CF_ARGS(cf_v_int(topic), cf_v_int(scope)), row, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct head *head = &log->head[log->n];
    *head = (struct head){.topic = topic, .scope = scope};
    if (found) {
        if (row[1].b.n != CF_SHA256_BYTES) {
            return cf_fail(err, CF_E_INTERNAL, "digest of topic %d", (int)topic);
        }
        head->version = (uint64_t)row[0].i;
        memcpy(head->digest.digest, row[1].b.p, CF_SHA256_BYTES);
    }
    log->n++;
    *ret = head;
    return CF_OK;
}

enum cf_rc cf_down_append_bytes(struct cf_central *central, enum cf_topic topic, uint32_t scope, int64_t key,
                                cf_bytes entry, uint64_t *ret_version, struct cf_error *err)
{
    struct head *head = NULL;
    enum cf_rc rc = find_head(central, topic, scope, &head, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_sha256 digest = cf_down_digest(&head->digest, entry);
    uint64_t version = head->version + 1;
    int64_t stored_key = key == CF_DOWN_KEY_UNIQUE ? -(int64_t)version : key;
    rc = cf_store_run(central->store, CF_Q_DOWN_ENTRY_ADD,
                      CF_ARGS(cf_v_int(topic), cf_v_int(scope), cf_v_int((int64_t)version), cf_v_int(stored_key),
                              cf_v_bytes(entry), cf_v_blob(digest.digest, CF_SHA256_BYTES)),
                      err);
    if (rc != CF_OK) {
        return rc;
    }
    head->version = version;
    head->digest = digest;
    head->dirty = true;
    if (ret_version != NULL) {
        *ret_version = version;
    }
    return CF_OK;
}

enum cf_rc cf_down_append(struct cf_central *central, enum cf_topic topic, uint32_t scope, int64_t key,
                          const struct cf_down_entry *entry, struct cf_error *err)
{
    struct cf_buf *buf = &central->down->entry;
    cf_buf_clear(buf);
    enum cf_rc rc = cf_down_encode(entry, buf, err);
    return rc == CF_OK ? cf_down_append_bytes(central, topic, scope, key, cf_buf_bytes(buf), NULL, err) : rc;
}
