/*
 * app/update/vitals.c - see vitals.h.
 */
#include "app/update/vitals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/text.h"
#include "base/version.h"

#define PATH_CAP 4096
#define FILE_MAX 16384
#define ZONES_MAX 8
#define CARD_RESET 0x20 /* WDIOF_CARDRESET, linux/watchdog.h */

/* The whole file as a text, "" if there is none; free with cf_buf_done. */
static const char *read_text(const struct cf_env *env, const char *root, const char *name, struct cf_buf *buf)
{
    char path[PATH_CAP];
    const char *text = "";
    cf_buf_init(buf, FILE_MAX);
    int n = snprintf(path, sizeof path, "%s/%s", root, name);
    if (n <= 0 || n >= PATH_CAP || env->ops->file_read(env->ctx, path, buf, NULL) != CF_OK ||
        cf_buf_cstr(buf, &text, NULL) != CF_OK) {
        return "";
    }
    return text;
}

/* NAME=value or NAME="value", a line of its own, or a word of the kernel's command line. */
static void find_value(const char *text, const char *name, char ret[], size_t cap)
{
    size_t n = strlen(name);
    for (const char *at = strstr(text, name); at != NULL; at = strstr(at + 1, name)) {
        bool begins = at == text || at[-1] == '\n' || at[-1] == ' ';
        if (begins && at[n] == '=') {
            const char *value = at + n + 1;
            value += *value == '"';
            size_t length = strcspn(value, "\" \n");
            (void)snprintf(ret, cap, "%.*s", (int)(length < cap ? length : 0), value);
            return;
        }
    }
}

void cf_vitals_facts(const struct cf_env *env, const char *root, struct cf_machine_facts *ret)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) buf;
    struct cf_version version;
    struct cf_machine_facts facts = {.version = ""};
    const char *text = read_text(env, root, "etc/os-release", &buf);
    find_value(text, "IMAGE_VERSION", facts.version, sizeof facts.version);
    find_value(text, "IMAGE_ID", facts.hardware, sizeof facts.hardware);
    if (cf_version_parse(facts.version, &version, NULL) != CF_OK || !cf_hardware_is_plausible(facts.hardware)) {
        facts.hardware[0] = '\0';
        (void)snprintf(facts.version, sizeof facts.version, "%s", CF_VERSION);
    }
    *ret = facts;
}

static uint64_t read_uptime(const struct cf_env *env, const char *root)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) buf;
    return strtoull(read_text(env, root, "proc/uptime", &buf), NULL, 10);
}

/* The hottest zone. */
static int32_t read_temperature(const struct cf_env *env, const char *root)
{
    int32_t hottest = CF_TEMPERATURE_UNKNOWN;
    for (int i = 0; i < ZONES_MAX; i++) {
        struct cf_buf CF_CLEANUP(cf_buf_done) buf;
        char name[64], *end = NULL;
        (void)snprintf(name, sizeof name, "sys/class/thermal/thermal_zone%d/temp", i);
        const char *text = read_text(env, root, name, &buf);
        long v = strtol(text, &end, 10);
        if (end != text && v > -100000 && v < 200000 && v > hottest) {
            hottest = (int32_t)v;
        }
    }
    return hottest;
}

static void read_faults(const struct cf_env *env, const char *dir, struct cf_machine_report *ret)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) buf;
    const char *at = read_text(env, dir, "faults", &buf);
    while (*at != '\0' && ret->n_faults < CF_MACHINE_FAULTS_MAX) {
        size_t n = strcspn(at, "\n");
        char *fault = ret->faults[ret->n_faults];
        (void)cf_text_clean(cf_bytes_of(at, n), fault, CF_MACHINE_FAULT_MAX + 1);
        ret->n_faults += fault[0] != '\0';
        at += n + (at[n] == '\n');
    }
}

void cf_vitals_read(const struct cf_env *env, const char *root, const char *dir, struct cf_machine_report *ret)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) buf;
    struct statvfs fs;
    find_value(read_text(env, root, "proc/cmdline", &buf), "rauc.slot", ret->slot, sizeof ret->slot);
    ret->uptime_s = read_uptime(env, root);
    if (statvfs(dir, &fs) == 0) {
        ret->disk_free = (uint64_t)fs.f_bavail * fs.f_frsize;
        ret->disk_size = (uint64_t)fs.f_blocks * fs.f_frsize;
    }
    ret->temperature_mc = read_temperature(env, root);
    read_faults(env, dir, ret);
}

bool cf_vitals_watchdog_bit(const struct cf_env *env, const char *root)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) buf;
    return (strtoul(read_text(env, root, "sys/class/watchdog/watchdog0/bootstatus", &buf), NULL, 0) & CARD_RESET) != 0;
}
