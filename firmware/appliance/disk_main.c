/*
 * firmware/appliance/disk_main.c - `counterfoil-disk`: /var is the data partition when it ends, or the reason why not
 * stands in /run/counterfoil/trouble for counterfoil-notice, and /var is memory, so that something can be drawn.
 *
 * It always ends well: a machine without its data shows what to do (docs/appliance.md), which needs everything else.
 */
#include "firmware/appliance/data_disk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define TROUBLE_DIR "/run/counterfoil"
#define TROUBLE TROUBLE_DIR "/trouble"

static enum cf_rc mount_data(struct cf_error *err)
{
    if (mount(cf_data_disk_places.opened, "/var", "ext4", MS_NOATIME | MS_NODEV | MS_NOSUID, "") == 0)
        return CF_OK;
    return cf_fail(err, CF_E_DATA_DAMAGED, "it cannot be mounted: %s", strerror(errno));
}

/* What went wrong, by number: the text is the notice's to find. */
static void tell(const struct cf_error *err)
{
    fprintf(stderr, "counterfoil-disk: %s (%s)\n", cf_rc_text(err->rc), err->detail);
    (void)mkdir(TROUBLE_DIR, 0755);
    FILE *file = fopen(TROUBLE, "we");
    if (file == NULL)
        return;
    fprintf(file, "%d\n%s\n", (int)err->rc, err->detail);
    fclose(file);
}

int main(void)
{
    struct cf_error err = {0};
    if (cf_data_disk_open(&cf_data_disk_places, &err) != CF_OK || mount_data(&err) != CF_OK) {
        tell(&err);
        if (mount("tmpfs", "/var", "tmpfs", MS_NODEV | MS_NOSUID, "mode=0755,size=64M") != 0)
            perror("counterfoil-disk: /var");
    }
    return 0;
}
