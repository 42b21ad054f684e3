/*
 * firmware/boot/main.c - `counterfoil-boot`: what RAUC (its "custom" boot loader backend), the health check and a
 * technician say to the boot environment.
 *
 * RAUC calls get-primary, set-primary, get-state and set-state (RAUC manual, "Custom"). A block that cannot be read is
 * made anew by whatever changes it: an appliance with its own idea of the order starts; one without any does not.
 */
#include "firmware/boot/boot_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ENV_DEFAULT "/boot/env/grubenv"

static const char usage_text[] =
    "usage: counterfoil-boot [--env FILE] COMMAND\n"
    "  list                        what the environment block says\n"
    "  get-primary                 the slot that starts next\n"
    "  set-primary A|B             that slot starts next, with all its tries\n"
    "  get-state A|B               good: GRUB may start it; bad: it may not\n"
    "  set-state A|B good|bad      good: it was found healthy, its tries begin anew\n"
    "  create                      a new block, for a new disk\n"
    "The file is " ENV_DEFAULT " unless said otherwise. Exit status: 0, 2 usage, 3 the disk.\n";

static int usage(void)
{
    fputs(usage_text, stderr);
    return CF_CLASS_USAGE;
}

static int failed(const struct cf_error *err)
{
    fprintf(stderr, "counterfoil-boot: %s (%s)\n", cf_rc_text(err->rc), err->detail);
    return (int)cf_rc_class(err->rc);
}

static void list(const struct cf_boot_state *state)
{
    printf("first %c, next %c\n", cf_boot_slot_name(state->first), cf_boot_slot_name(cf_boot_primary(state)));
    for (int i = 0; i < CF_BOOT_SLOTS; i++)
        printf("slot %c: %s, %u of %d tries used\n", cf_boot_slot_name((enum cf_boot_slot)i),
               state->slot[i].permitted ? "permitted" : "not permitted", state->slot[i].tries, CF_BOOT_TRIES_MAX);
}

/* A block that is damaged or gone says nothing: what is changed then is that of a new machine. */
static enum cf_rc read_or_begin(const char *path, struct cf_boot_state *ret, struct cf_error *err)
{
    enum cf_rc rc = cf_boot_file_read(path, ret, err);
    if (rc != CF_E_CBOR_SHAPE && rc != CF_E_NOT_FOUND)
        return rc;
    fprintf(stderr, "counterfoil-boot: %s; it is made anew\n", err->detail);
    if (unlink(path) != 0 && rc != CF_E_NOT_FOUND)
        return rc;
    rc = cf_boot_file_create(path, err);
    *ret = cf_boot_state_new();
    return rc;
}

static int get(const char *path, const char *command, const char *name)
{
    struct cf_error err = {0};
    struct cf_boot_state state;
    enum cf_boot_slot slot = CF_BOOT_A;
    if (name != NULL && cf_boot_slot_parse(name, &slot, &err) != CF_OK)
        return failed(&err);
    if (cf_boot_file_read(path, &state, &err) != CF_OK)
        return failed(&err);
    if (strcmp(command, "list") == 0)
        list(&state);
    else if (name == NULL)
        printf("%c\n", cf_boot_slot_name(cf_boot_primary(&state)));
    else
        puts(cf_boot_slot_is_good(&state, slot) ? "good" : "bad");
    return 0;
}

/* `mark` is NULL for set-primary. */
static int set(const char *path, const char *name, const char *mark)
{
    struct cf_error err = {0};
    struct cf_boot_state state;
    enum cf_boot_slot slot;
    if (cf_boot_slot_parse(name, &slot, &err) != CF_OK || read_or_begin(path, &state, &err) != CF_OK)
        return failed(&err);
    if (mark == NULL)
        cf_boot_make_primary(&state, slot);
    else
        cf_boot_mark(&state, slot, strcmp(mark, "good") == 0);
    return cf_boot_file_write(path, &state, &err) == CF_OK ? 0 : failed(&err);
}

static int create(const char *path)
{
    struct cf_error err = {0};
    return cf_boot_file_create(path, &err) == CF_OK ? 0 : failed(&err);
}

int main(int argc, char **argv)
{
    const char *path = ENV_DEFAULT;
    argv++, argc--;
    if (argc >= 2 && strcmp(argv[0], "--env") == 0) {
        path = argv[1];
        argv += 2, argc -= 2;
    }
    if (argc < 1)
        return usage();
    const char *command = argv[0];
    if (argc == 1 && strcmp(command, "--help") == 0) {
        fputs(usage_text, stdout);
        return 0;
    }
    if (argc == 1 && strcmp(command, "create") == 0)
        return create(path);
    if (argc == 1 && (strcmp(command, "list") == 0 || strcmp(command, "get-primary") == 0))
        return get(path, command, NULL);
    if (argc == 2 && strcmp(command, "get-state") == 0)
        return get(path, command, argv[1]);
    if (argc == 2 && strcmp(command, "set-primary") == 0)
        return set(path, argv[1], NULL);
    if (argc == 3 && strcmp(command, "set-state") == 0 && (strcmp(argv[2], "good") == 0 || strcmp(argv[2], "bad") == 0))
        return set(path, argv[1], argv[2]);
    return usage();
}
