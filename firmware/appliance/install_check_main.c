/*
 * firmware/appliance/install_check_main.c - `counterfoil-install-check`: RAUC asks it before it writes a slot
 * (system.conf, pre-install).
 *
 * RAUC has verified the bundle and holds it open; what is asked here is whether it is later than the system that runs.
 * An older one may have a hole that was mended since, or not know what today's data look like. The version stands in
 * the bundle itself, in what its signature covers: a file "version" beside the images.
 */
#include "firmware/appliance/version_order.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERSION_BYTES 64

/* The first line of a file, or what follows `prefix` on the line that begins with it. */
static bool read_line(const char *path, const char *prefix, char ret[VERSION_BYTES])
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    char line[VERSION_BYTES * 2];
    bool found = false;
    while (!found && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        found = strncmp(line, prefix, strlen(prefix)) == 0 && strlen(line + strlen(prefix)) < VERSION_BYTES;
    }
    if (found)
        snprintf(ret, VERSION_BYTES, "%s", line + strlen(prefix));
    fclose(file);
    return found;
}

int main(int argc, char **argv)
{
    /* RAUC gives words of its own, of no use here: a test names the bundle's folder and a file instead. */
    const char *bundle = getenv("RAUC_UPDATE_SOURCE"), *running = "/etc/os-release";
    if (bundle == NULL && argc == 3) {
        bundle = argv[1];
        running = argv[2];
    }
    char path[512], theirs[VERSION_BYTES], ours[VERSION_BYTES];
    if (bundle == NULL) {
        fprintf(stderr, "usage: counterfoil-install-check BUNDLE-FOLDER OS-RELEASE; RAUC sets RAUC_UPDATE_SOURCE\n");
        return CF_CLASS_USAGE;
    }
    snprintf(path, sizeof path, "%s/version", bundle);
    if (!read_line(path, "", theirs) || !read_line(running, "IMAGE_VERSION=\"", ours)) {
        fprintf(stderr, "counterfoil-install-check: no version in %s (%s) or %s\n", path, strerror(errno), running);
        return CF_CLASS_BROKEN;
    }
    ours[strcspn(ours, "\"")] = '\0';
    struct cf_error err = {0};
    int order;
    if (cf_version_compare(theirs, ours, &order, &err) != CF_OK) {
        fprintf(stderr, "counterfoil-install-check: %s\n", err.detail);
        return CF_CLASS_BROKEN;
    }
    if (order <= 0) {
        fprintf(stderr, "counterfoil-install-check: %s is not later than %s, which runs\n", theirs, ours);
        return CF_CLASS_REFUSED;
    }
    return 0;
}
