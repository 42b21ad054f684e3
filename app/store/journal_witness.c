/*
 * app/store/journal_witness.c - the head of the journal, remembered outside of it; see journal_private.h.
 *
 * 80 bytes: "cfwitns1", terminal BE32, epoch BE32, store BE32, zero BE32, seq BE64, hash(32), and the first 16 bytes of
 * the SHA-256 of all that. Written over in place without a sync, after the commit: so it never names a record that was
 * not durable before it, and a witness that a power cut has torn or lost says nothing.
 */
#include "app/store/journal_private.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "app/store/folder.h"

#define WITNESS_SUM_BYTES 16
#define WITNESS_SUMMED_BYTES 64
#define WITNESS_BYTES (WITNESS_SUMMED_BYTES + WITNESS_SUM_BYTES)

static const char magic[8] = {'c', 'f', 'w', 'i', 't', 'n', 's', '1'};

void cf_journal_witness_write(int fd, const struct cf_journal_witness *witness)
{
    uint8_t bytes[WITNESS_BYTES] = {0};
    memcpy(bytes, magic, sizeof magic);
    cf_put_be32(bytes + 8, witness->identity.terminal);
    cf_put_be32(bytes + 12, witness->identity.epoch);
    cf_put_be32(bytes + 16, witness->identity.store);
    cf_put_be64(bytes + 24, witness->head.seq);
    memcpy(bytes + 32, witness->head.hash.digest, CF_SHA256_BYTES);
    struct cf_sha256 sum = cf_sha256(cf_bytes_of(bytes, WITNESS_SUMMED_BYTES));
    memcpy(bytes + WITNESS_SUMMED_BYTES, sum.digest, WITNESS_SUM_BYTES);
    /* Best effort: the sale is committed, with or without its witness. */
    ssize_t n = pwrite(fd, bytes, sizeof bytes, 0);
    (void)n;
}

bool cf_journal_witness_read(const char *dir, struct cf_journal_witness *ret)
{
    char path[CF_FOLDER_PATH_MAX];
    uint8_t bytes[WITNESS_BYTES];
    if (cf_folder_path(dir, CF_JOURNAL_LOCK, path, NULL) != CF_OK) {
        return false;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t n = pread(fd, bytes, sizeof bytes, 0);
    close(fd);
    if (n != (ssize_t)sizeof bytes || memcmp(bytes, magic, sizeof magic) != 0) {
        return false;
    }
    struct cf_sha256 sum = cf_sha256(cf_bytes_of(bytes, WITNESS_SUMMED_BYTES));
    if (memcmp(bytes + WITNESS_SUMMED_BYTES, sum.digest, WITNESS_SUM_BYTES) != 0) {
        return false;
    }
    struct cf_journal_witness witness = {
        .identity = {cf_get_be32(bytes + 8), cf_get_be32(bytes + 12), cf_get_be32(bytes + 16)},
        .head.seq = cf_get_be64(bytes + 24),
    };
    memcpy(witness.head.hash.digest, bytes + 32, CF_SHA256_BYTES);
    *ret = witness;
    return true;
}
