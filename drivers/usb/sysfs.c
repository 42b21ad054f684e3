/*
 * drivers/usb/sysfs.c - see sysfs.h. Paths: Documentation/ABI/testing/sysfs-bus-usb and sysfs-driver-hid of Linux.
 */
#include "drivers/usb/sysfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES 512

static size_t read_file(const char *path, uint8_t *ret, size_t max)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t n = 0;
    if (fd < 0)
        return 0;
    while (n < max) {
        ssize_t got = read(fd, ret + n, max - n);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    close(fd);
    return n;
}

static void read_text(const char *device, const char *attribute, char ret[CF_PORT_TEXT_MAX + 1])
{
    char path[PATH_BYTES];
    uint8_t said[CF_PORT_TEXT_MAX];
    (void)snprintf(path, sizeof path, "/sys/bus/usb/devices/%s/%s", device, attribute);
    cf_port_text(cf_bytes_of(said, read_file(path, said, sizeof said)), ret);
}

static bool kernel_holds(const char *interface)
{
    char path[PATH_BYTES], driver[PATH_BYTES];
    (void)snprintf(path, sizeof path, "/sys/bus/usb/devices/%s/driver", interface);
    ssize_t n = readlink(path, driver, sizeof driver - 1);
    if (n <= 0)
        return false;
    driver[n] = '\0';
    const char *name = strrchr(driver, '/');
    return strcmp(name != NULL ? name + 1 : driver, "usbfs") != 0;
}

/* A HID device is a folder "0003:VVVV:PPPP.NNNN" of its interface. */
static void read_report_descriptor(const char *interface, struct cf_port_info *info)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "/sys/bus/usb/devices/%s", interface);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        const char *name = entry->d_name;
        if (strlen(name) != 19 || name[4] != ':' || name[9] != ':' || name[14] != '.')
            continue;
        char file[PATH_BYTES];
        (void)snprintf(file, sizeof file, "/sys/bus/usb/devices/%s/%s/report_descriptor", interface, name);
        info->n_report = read_file(file, info->report, sizeof info->report);
        break;
    }
    closedir(folder);
}

void cf_sysfs_look(const char *device, unsigned configuration, struct cf_port_info *info)
{
    char interface[CF_PORT_TEXT_MAX + 1];
    (void)snprintf(interface, sizeof interface, "%.64s:%u.%u", device, configuration, info->interface);
    read_text(device, "serial", info->serial);
    read_text(device, "product", info->name);
    info->kernel_holds = kernel_holds(interface);
    info->n_report = 0;
    if (info->class_code == 3)
        read_report_descriptor(interface, info);
}
