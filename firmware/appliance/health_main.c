/*
 * firmware/appliance/health_main.c - `counterfoil-health`: waits until this system is fit to sell, then tells GRUB to
 * keep it.
 *
 * Fit is what `counterfoil health` says (docs/updates.md), asked again and again, and that every block of the root file
 * system reads as it was made. Whoever started it sets the limit of time: a system that does not get here is started
 * anew (counterfoil-health.service), and left after three tries.
 */
#include "firmware/appliance/process.h"
#include "firmware/appliance/whole_read.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BETWEEN_S 2
#define ROOT_DEVICE "/dev/mapper/root"
#define COMMAND_LINE_BYTES 4096

static int failed(const struct cf_error *err)
{
    fprintf(stderr, "counterfoil-health: %s (%s)\n", cf_rc_text(err->rc), err->detail);
    return (int)cf_rc_class(err->rc);
}

/* The slot that GRUB started, from the kernel's command line. */
static bool booted_slot(char ret[2])
{
    char line[COMMAND_LINE_BYTES];
    FILE *file = fopen("/proc/cmdline", "re");
    if (file == NULL)
        return false;
    const char *got = fgets(line, sizeof line, file);
    fclose(file);
    const char *found = got != NULL ? strstr(line, "rauc.slot=") : NULL;
    if (found == NULL)
        return false;
    ret[0] = found[strlen("rauc.slot=")];
    ret[1] = '\0';
    return ret[0] == 'A' || ret[0] == 'B';
}

/* As the till's own user: this asks in the till's folder, and root has no business there. */
static enum cf_rc wait_for_till(struct cf_error *err)
{
    static const char *const ask[] = {"/usr/bin/setpriv",
                                      "--reuid=counterfoil-till",
                                      "--regid=counterfoil",
                                      "--clear-groups",
                                      "/usr/bin/counterfoil",
                                      "health",
                                      "--dir",
                                      "/var/lib/counterfoil/till",
                                      NULL};
    for (;;) {
        int status;
        enum cf_rc rc = cf_process_run(ask, &status, err);
        if (rc != CF_OK || status == 0)
            return rc;
        fflush(stdout);
        sleep(BETWEEN_S);
    }
}

int main(void)
{
    struct cf_error err = {0};
    char slot[2];
    uint64_t bytes = 0;
    int status;
    if (!booted_slot(slot)) {
        fprintf(stderr, "counterfoil-health: no slot was started: this is no appliance\n");
        return CF_CLASS_USAGE;
    }
    if (wait_for_till(&err) != CF_OK || cf_whole_read(ROOT_DEVICE, &bytes, &err) != CF_OK)
        return failed(&err);
    const char *const mark[] = {"/usr/lib/counterfoil/counterfoil-boot", "set-state", slot, "good", NULL};
    if (cf_process_run(mark, &status, &err) != CF_OK)
        return failed(&err);
    if (status == 0)
        printf("slot %s is good: %llu bytes of it were read\n", slot, (unsigned long long)bytes);
    return status;
}
