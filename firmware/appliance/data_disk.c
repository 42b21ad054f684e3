/*
 * firmware/appliance/data_disk.c - see data_disk.h.
 */
#include "firmware/appliance/data_disk.h"
#include "firmware/appliance/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#define KEY_BYTES 32
#define PATH_BYTES 256
#define FSCK_MENDED 1 /* e2fsck(8): errors were corrected; what is above was not */

const struct cf_data_disk cf_data_disk_places = {
    .partition = "/dev/disk/by-partlabel/data",
    .opened = "/dev/mapper/data",
    .state_dir = "/state",
    .tpm = "/dev/tpmrm0",
    .repart = "/usr/bin/systemd-repart",
    .cryptsetup = "/usr/lib/systemd/systemd-cryptsetup",
    .luks = "/usr/sbin/cryptsetup",
    .fsck = "/usr/sbin/e2fsck",
    .udevadm = "/usr/bin/udevadm",
    .definitions = "/usr/lib/counterfoil",
};

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static void in_state(const struct cf_data_disk *disk, const char *name, char ret[PATH_BYTES])
{
    snprintf(ret, PATH_BYTES, "%s/%s", disk->state_dir, name);
}

static enum cf_rc sync_folder(const char *path, struct cf_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return cf_fail_errno(err, errno, "%s", path);
    enum cf_rc rc = fsync(fd) == 0 ? CF_OK : cf_fail_errno(err, errno, "%s", path);
    close(fd);
    return rc;
}

/* On the disk, name and all, when it returns; whole or not at all. */
static enum cf_rc keep(const struct cf_data_disk *disk, const char *name, const uint8_t *bytes, size_t n,
                       struct cf_error *err)
{
    char path[PATH_BYTES], fresh[PATH_BYTES];
    in_state(disk, name, path);
    in_state(disk, "new", fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0400);
    if (fd < 0)
        return cf_fail(err, CF_E_DATA_STATE, "%s: error %d", fresh, errno);
    ssize_t done = write(fd, bytes, n);
    bool good = done == (ssize_t)n && fsync(fd) == 0;
    good = close(fd) == 0 && good && rename(fresh, path) == 0;
    if (!good)
        return cf_fail(err, CF_E_DATA_STATE, "%s: error %d", path, errno);
    return sync_folder(disk->state_dir, err);
}

/* --- a new one ---------------------------------------------------------------------------------------------------- */

static enum cf_rc make_key(const struct cf_data_disk *disk, struct cf_error *err)
{
    uint8_t key[KEY_BYTES];
    if (getrandom(key, sizeof key, 0) != (ssize_t)sizeof key)
        return cf_fail_errno(err, errno, "getrandom");
    return keep(disk, "data.key", key, sizeof key, err);
}

static enum cf_rc note_made(const struct cf_data_disk *disk, struct cf_error *err)
{
    return keep(disk, "data.made", (const uint8_t *)"1\n", 2, err);
}

/* Two seconds and half of the memory at each start are what a password needs against guessing; 32 random bytes need
 * nothing of it. systemd-repart does not know the difference. Left undone by a power cut, the start is slower. */
static enum cf_rc quicken(const struct cf_data_disk *disk, const char *key, struct cf_error *err)
{
    const char *const words[] = {disk->luks,
                                 "luksConvertKey",
                                 "--batch-mode",
                                 "--pbkdf",
                                 "pbkdf2",
                                 "--pbkdf-force-iterations",
                                 "1000",
                                 "--key-file",
                                 key,
                                 disk->partition,
                                 NULL};
    int status;
    enum cf_rc rc = cf_process_run(words, &status, err);
    if (rc == CF_OK && status != 0)
        rc = cf_fail(err, CF_E_DATA_NEW, "cryptsetup luksConvertKey ended with %d", status);
    return rc;
}

/* systemd-repart writes the partition table last: a power cut before leaves none of it, and the next start begins anew.
 */
static enum cf_rc make(const struct cf_data_disk *disk, struct cf_error *err)
{
    char key[PATH_BYTES], key_word[PATH_BYTES + 16], definitions[PATH_BYTES + 32];
    bool by_tpm = is_there(disk->tpm);
    in_state(disk, "data.key", key);
    snprintf(key_word, sizeof key_word, "--key-file=%s", key);
    snprintf(definitions, sizeof definitions, "--definitions=%s/repart.%s.d", disk->definitions,
             by_tpm ? "tpm" : "key");
    enum cf_rc rc = CF_OK;
    if (!by_tpm && !is_there(key))
        rc = make_key(disk, err);
    if (rc != CF_OK)
        return rc;
    const char *const words[] = {disk->repart, "--dry-run=no", definitions, by_tpm ? "--tpm2-device=auto" : key_word,
                                 NULL};
    int status;
    rc = cf_process_run(words, &status, err);
    if (rc != CF_OK)
        return rc;
    if (status != 0)
        return cf_fail(err, CF_E_DATA_NEW, "systemd-repart ended with %d", status);
    const char *const wait[] = {disk->udevadm, "wait", "--timeout=60", disk->partition, NULL};
    rc = cf_process_run(wait, &status, err);
    if (rc == CF_OK && !is_there(disk->partition))
        rc = cf_fail(err, CF_E_DATA_NEW, "systemd-repart made no %s", disk->partition);
    if (rc != CF_OK)
        return rc;
    if (!by_tpm)
        rc = quicken(disk, key, err);
    return rc == CF_OK ? note_made(disk, err) : rc;
}

/* --- one that is there -------------------------------------------------------------------------------------------- */

static enum cf_rc unlock(const struct cf_data_disk *disk, struct cf_error *err)
{
    char key[PATH_BYTES];
    in_state(disk, "data.key", key);
    bool by_key = is_there(key);
    const char *const words[] = {disk->cryptsetup,
                                 "attach",
                                 "data",
                                 disk->partition,
                                 by_key ? key : "-",
                                 by_key ? "luks,headless=yes,discard" : "luks,headless=yes,discard,tpm2-device=auto",
                                 NULL};
    int status;
    enum cf_rc rc = cf_process_run(words, &status, err);
    if (rc == CF_OK && status != 0)
        rc = cf_fail(err, CF_E_DATA_LOCKED, "systemd-cryptsetup ended with %d", status);
    return rc;
}

static enum cf_rc mend(const struct cf_data_disk *disk, struct cf_error *err)
{
    const char *const words[] = {disk->fsck, "-p", disk->opened, NULL};
    int status;
    enum cf_rc rc = cf_process_run(words, &status, err);
    if (rc == CF_OK && status > FSCK_MENDED)
        rc = cf_fail(err, CF_E_DATA_DAMAGED, "e2fsck ended with %d", status);
    return rc;
}

enum cf_rc cf_data_disk_open(const struct cf_data_disk *disk, struct cf_error *err)
{
    char made[PATH_BYTES];
    in_state(disk, "data.made", made);
    enum cf_rc rc = CF_OK;
    if (!is_there(disk->partition))
        rc = is_there(made) ? cf_fail(err, CF_E_DATA_GONE, "%s", disk->partition) : make(disk, err);
    else if (!is_there(made)) /* a power cut came between the two */
        rc = note_made(disk, err);
    if (rc == CF_OK && !is_there(disk->opened))
        rc = unlock(disk, err);
    return rc == CF_OK ? mend(disk, err) : rc;
}
