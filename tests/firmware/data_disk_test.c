/*
 * tests/firmware/data_disk_test.c - the order in which the data partition is made and opened, and what each failure is
 * called. systemd-repart, systemd-cryptsetup and e2fsck are scripts here that say in a file that they ran; the real
 * ones are `./dev image-test`'s.
 */
#include "firmware/appliance/data_disk.h"
#include "firmware/appliance/process.h"
#include "firmware/appliance/whole_read.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define PATH_BYTES 128
static char folder[32];
static char partition[PATH_BYTES], opened[PATH_BYTES], tpm[PATH_BYTES], repart[PATH_BYTES], cryptsetup[PATH_BYTES],
    luks[PATH_BYTES], fsck[PATH_BYTES], udevadm[PATH_BYTES];
static struct cf_data_disk disk;

static void in(const char *name, char ret[PATH_BYTES])
{
    snprintf(ret, PATH_BYTES, "%s/%s", folder, name);
}

static void put(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(0, chmod(path, mode));
}

/* A program that notes its name and words, does `more`, and ends with `status`. */
static void script(const char *path, const char *name, const char *more, int status)
{
    char text[512];
    snprintf(text, sizeof text, "#!/bin/sh\necho \"%s $*\" >>%s/ran\n%s\nexit %d\n", name, folder, more, status);
    put(path, text, 0755);
}

static int begin(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/cf-data-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    in("partition", partition);
    in("opened", opened);
    in("tpm", tpm);
    in("repart", repart);
    in("cryptsetup", cryptsetup);
    in("luks", luks);
    in("fsck", fsck);
    in("udevadm", udevadm);
    char more[PATH_BYTES + 16];
    snprintf(more, sizeof more, ": >%s", partition);
    script(repart, "repart", more, 0);
    snprintf(more, sizeof more, ": >%s", opened);
    script(cryptsetup, "cryptsetup", more, 0);
    script(luks, "luks", "", 0);
    script(fsck, "fsck", "", 0);
    script(udevadm, "udevadm", "", 0);
    disk = (struct cf_data_disk){.partition = partition,
                                 .opened = opened,
                                 .state_dir = folder,
                                 .tpm = tpm,
                                 .repart = repart,
                                 .cryptsetup = cryptsetup,
                                 .luks = luks,
                                 .fsck = fsck,
                                 .udevadm = udevadm,
                                 .definitions = "/defined"};
    return 0;
}

static int end(void **state)
{
    (void)state;
    const char *const words[] = {"/bin/rm", "-r", folder, NULL};
    int status = -1;
    return cf_process_run(words, &status, NULL) == CF_OK ? status : -1;
}

/* What ran since the last question. */
static const char *ran(void)
{
    static char text[2048];
    char path[PATH_BYTES];
    in("ran", path);
    FILE *file = fopen(path, "r");
    size_t n = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    text[n] = '\0';
    if (file != NULL)
        fclose(file);
    unlink(path);
    return text;
}

static bool there(const char *name)
{
    char path[PATH_BYTES];
    in(name, path);
    return access(path, F_OK) == 0;
}

static void restart(void)
{
    unlink(opened);
    (void)ran();
}

static void the_first_start_makes_it_and_the_next_ones_open_it(void **state)
{
    (void)state;
    assert_int_equal(CF_OK, cf_data_disk_open(&disk, NULL));
    const char *first = ran();
    assert_non_null(strstr(first, "repart --dry-run=no --definitions=/defined/repart.key.d --key-file="));
    assert_non_null(strstr(first, "luks luksConvertKey "));
    assert_non_null(strstr(first, "cryptsetup attach data "));
    assert_non_null(strstr(first, "fsck -p "));
    struct stat key;
    char path[PATH_BYTES];
    in("data.key", path);
    assert_int_equal(0, stat(path, &key));
    assert_int_equal(32, key.st_size);
    assert_int_equal(0400, key.st_mode & 0777);
    restart();
    assert_int_equal(CF_OK, cf_data_disk_open(&disk, NULL));
    const char *second = ran();
    assert_null(strstr(second, "repart"));
    assert_null(strstr(second, "luksConvertKey"));
    assert_non_null(strstr(second, "/data.key luks,"));
}

static void with_a_tpm_no_key_lies_on_the_disk(void **state)
{
    (void)state;
    put(tpm, "", 0600);
    assert_int_equal(CF_OK, cf_data_disk_open(&disk, NULL));
    const char *words = ran();
    assert_non_null(strstr(words, "repart.tpm.d --tpm2-device=auto"));
    assert_non_null(strstr(words, " - luks,"));
    assert_non_null(strstr(words, "tpm2-device=auto"));
    assert_false(there("data.key"));
}

/* The key is on the disk before anything is encrypted by it: a cut in between finds the same key again. */
static void a_power_cut_while_it_is_made_begins_anew_with_the_same_key(void **state)
{
    (void)state;
    script(repart, "repart", "", 1);
    assert_int_equal(CF_E_DATA_NEW, cf_data_disk_open(&disk, NULL));
    char path[PATH_BYTES];
    struct stat before, after;
    in("data.key", path);
    assert_int_equal(0, stat(path, &before));
    char more[PATH_BYTES + 16];
    snprintf(more, sizeof more, ": >%s", partition);
    script(repart, "repart", more, 0);
    assert_int_equal(CF_OK, cf_data_disk_open(&disk, NULL));
    assert_int_equal(0, stat(path, &after));
    assert_int_equal(before.st_ino, after.st_ino);
    assert_true(there("data.made"));
}

/* Made, and the cut came before that was noted: it is opened, and noted now. */
static void a_partition_that_nobody_noted_is_kept(void **state)
{
    (void)state;
    put(partition, "", 0600);
    assert_int_equal(CF_OK, cf_data_disk_open(&disk, NULL));
    assert_null(strstr(ran(), "repart"));
    assert_true(there("data.made"));
}

/* A new one in its place would look like a new till, and the sales that nobody sent would be forgotten. */
static void one_that_is_gone_is_never_made_again(void **state)
{
    (void)state;
    assert_int_equal(CF_OK, cf_data_disk_open(&disk, NULL));
    restart();
    unlink(partition);
    assert_int_equal(CF_E_DATA_GONE, cf_data_disk_open(&disk, NULL));
    assert_string_equal("", ran());
}

static void each_failure_has_its_name(void **state)
{
    (void)state;
    assert_int_equal(CF_OK, cf_data_disk_open(&disk, NULL));
    script(fsck, "fsck", "", 1);
    assert_int_equal(CF_OK, cf_data_disk_open(&disk, NULL));
    script(fsck, "fsck", "", 4);
    assert_int_equal(CF_E_DATA_DAMAGED, cf_data_disk_open(&disk, NULL));
    restart();
    script(cryptsetup, "cryptsetup", "", 1);
    assert_int_equal(CF_E_DATA_LOCKED, cf_data_disk_open(&disk, NULL));
    assert_null(strstr(ran(), "fsck"));
    unlink(partition);
    char made[PATH_BYTES];
    in("data.made", made);
    unlink(made);
    script(repart, "repart", "", 0); /* says yes, and there is nothing */
    assert_int_equal(CF_E_DATA_NEW, cf_data_disk_open(&disk, NULL));
    assert_false(there("data.made"));
    disk.state_dir = "/nowhere";
    assert_int_equal(CF_E_DATA_STATE, cf_data_disk_open(&disk, NULL));
    unlink(fsck);
    disk.state_dir = folder;
}

static void a_whole_read_counts_every_byte_and_tells_a_failure(void **state)
{
    (void)state;
    char path[PATH_BYTES];
    in("device", path);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(0, ftruncate(fd, 3 * 1024 * 1024 + 4096));
    close(fd);
    uint64_t bytes = 0;
    assert_int_equal(CF_OK, cf_whole_read(path, &bytes, NULL));
    assert_int_equal(3 * 1024 * 1024 + 4096, bytes);
    bytes = 7;
    assert_int_not_equal(CF_OK, cf_whole_read(folder, &bytes, NULL)); /* a folder: opens, and does not read */
    assert_int_equal(CF_E_NOT_FOUND, cf_whole_read("/nowhere/root", &bytes, NULL));
    assert_int_equal(7, bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_start_makes_it_and_the_next_ones_open_it, begin, end),
        cmocka_unit_test_setup_teardown(with_a_tpm_no_key_lies_on_the_disk, begin, end),
        cmocka_unit_test_setup_teardown(a_power_cut_while_it_is_made_begins_anew_with_the_same_key, begin, end),
        cmocka_unit_test_setup_teardown(a_partition_that_nobody_noted_is_kept, begin, end),
        cmocka_unit_test_setup_teardown(one_that_is_gone_is_never_made_again, begin, end),
        cmocka_unit_test_setup_teardown(each_failure_has_its_name, begin, end),
        cmocka_unit_test_setup_teardown(a_whole_read_counts_every_byte_and_tells_a_failure, begin, end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
