/*
 * tests/firmware/grub_test.c - grub.cfg, run by GRUB itself on a disk as ours, against the rules in boot_state.h.
 *
 * grub-emu is GRUB's own shell, environment block and file systems as a program. It reads the very file that the image
 * carries; the slots of this disk only say that they started. Skips by name without grub-emu, mtools, dosfstools,
 * fdisk.
 */
#include "firmware/boot/boot_state.h"

#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/cf-grub-XXXXXX";
static off_t block_at; /* of the environment block, on the disk */
static bool have_tools;

/* Runs it in the folder, its output into the file "said" there; its exit status, -1 if it did not run or was killed. */
static int run(const char *program, char *const argv[])
{
    char said[64];
    snprintf(said, sizeof said, "%s/said", folder);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&actions, folder);
    pid_t pid;
    int status = -1;
    bool ran = posix_spawnp(&pid, program, &actions, NULL, argv, environ) == 0 && waitpid(pid, &status, 0) == pid;
    posix_spawn_file_actions_destroy(&actions);
    return ran && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int open_disk(void)
{
    char path[64];
    snprintf(path, sizeof path, "%s/disk.img", folder);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static off_t find_block(void)
{
    int fd = open_disk();
    off_t at = -1;
    char sector[CF_BOOT_SECTOR_BYTES];
    for (off_t offset = 0; at < 0 && pread(fd, sector, sizeof sector, offset) == (ssize_t)sizeof sector;
         offset += (off_t)sizeof sector)
        if (memcmp(sector, "# GRUB Environment Block", 24) == 0)
            at = offset;
    close(fd);
    return at;
}

static int make_disk(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    static char *const which[] = {"which", "grub-emu", "mcopy", "mkfs.vfat", "sfdisk", NULL};
    static char *const make[] = {"make-boot-disk", folder, CF_BINARY_DIR "/bin/counterfoil-boot", NULL};
    have_tools = run(which[0], which) == 0;
    if (!have_tools)
        return 0;
    if (run(CF_SOURCE_DIR "/tests/firmware/make-boot-disk", make) != 0)
        return -1;
    block_at = find_block();
    return block_at > 0 ? 0 : -1;
}

static int remove_disk(void **state)
{
    (void)state;
    static char *const rm[] = {"rm", "-r", folder, NULL};
    return run(rm[0], rm);
}

/* Starts GRUB once; 'A' or 'B', the slot that said that it started. */
static char start(void)
{
    static char *const grub[] = {"timeout", "60", "grub-emu", "-m", "device.map", "-d", ".", NULL};
    char said[8192] = "", path[64];
    (void)run(grub[0], grub);
    snprintf(path, sizeof path, "%s/said", folder);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t n = read(fd, said, sizeof said - 1);
    close(fd);
    const char *line = n > 0 ? strstr(said, "STARTED ") : NULL;
    return line ? line[8] : '?';
}

static void write_block(const uint8_t block[CF_BOOT_BLOCK_BYTES])
{
    int fd = open_disk();
    assert_int_equal(CF_BOOT_BLOCK_BYTES, pwrite(fd, block, CF_BOOT_BLOCK_BYTES, block_at));
    close(fd);
}

static enum cf_rc read_block(struct cf_boot_state *ret)
{
    uint8_t block[CF_BOOT_BLOCK_BYTES];
    int fd = open_disk();
    assert_int_equal(CF_BOOT_BLOCK_BYTES, pread(fd, block, sizeof block, block_at));
    close(fd);
    return cf_boot_state_parse(block, ret, NULL);
}

static void grub_starts_the_slot_that_the_rules_say_and_counts_its_try(void **state)
{
    (void)state;
    if (!have_tools) {
        print_message("grub-emu, mtools, dosfstools or fdisk is missing\n");
        skip();
    }
    for (unsigned bits = 0; bits < 128; bits++) {
        struct cf_boot_state boot = {.first = (enum cf_boot_slot)(bits & 1),
                                     .slot = {{.permitted = bits >> 1 & 1, .tries = bits >> 2 & 3},
                                              {.permitted = bits >> 4 & 1, .tries = bits >> 5 & 3}}};
        uint8_t block[CF_BOOT_BLOCK_BYTES];
        cf_boot_state_format(&boot, block);
        write_block(block);
        char slot = start();
        struct cf_boot_state after;
        assert_int_equal(CF_OK, read_block(&after));
        char expected = cf_boot_slot_name(cf_boot_start(&boot));
        if (slot != expected || after.first != boot.first)
            fail_msg("state %u: %c started, %c should have", bits, slot, expected);
        for (int i = 0; i < CF_BOOT_SLOTS; i++)
            if (after.slot[i].permitted != boot.slot[i].permitted || after.slot[i].tries != boot.slot[i].tries)
                fail_msg("state %u: slot %d has %u tries, should have %u", bits, i, after.slot[i].tries,
                         boot.slot[i].tries);
    }
}

/* What is left of a block never keeps a machine from starting. */
static void grub_starts_a_slot_whatever_the_block_holds(void **state)
{
    (void)state;
    if (!have_tools) {
        print_message("grub-emu, mtools, dosfstools or fdisk is missing\n");
        skip();
    }
    uint8_t block[CF_BOOT_BLOCK_BYTES] = {0};
    write_block(block);
    assert_int_equal('A', start());
    memset(block, '#', sizeof block);
    memcpy(block, "# GRUB Environment Block\nORDER=C\nA_OK=7\n", 40);
    write_block(block);
    assert_int_equal('A', start());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grub_starts_the_slot_that_the_rules_say_and_counts_its_try),
        cmocka_unit_test(grub_starts_a_slot_whatever_the_block_holds),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_disk, remove_disk);
}
