/*
 * tests/kernel/init.c - the first process of the machine that kernel_test.py boots: modules, the host's files, and then
 * each program of /plan, with its output on the serial line. Linked statically: there is nothing else in its initramfs.
 *
 * /modules and /plan hold a path a line, which may go on with arguments; the first of /plan is udevd. "# begin NAME"
 * and
 * "# end NAME CODE" stand around what a program writes.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORDS_MAX 16
#define ROOT "/host"

static void say_failed(const char *what, const char *path)
{
    (void)printf("# init: %s %s failed\n", what, path);
}

static void mount_at(const char *what, const char *where, const char *type, unsigned long flags, const char *options)
{
    (void)mkdir(where, 0755);
    if (mount(what, where, type, flags, options) != 0)
        say_failed("mount", where);
}

static void load_modules(void)
{
    char line[512];
    FILE *list = fopen("/modules", "re");
    while (list != NULL && fgets(line, sizeof line, list) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *arguments = strchr(line, ' ');
        if (arguments != NULL)
            *arguments++ = '\0';
        int fd = open(line, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || syscall(SYS_finit_module, fd, arguments != NULL ? arguments : "", 0) != 0)
            say_failed("module", line);
        if (fd >= 0)
            close(fd);
    }
    if (list != NULL)
        (void)fclose(list);
}

/* The host's own files, which nobody here can change. */
static void mount_host(void)
{
    mount_at("host", ROOT, "9p", MS_RDONLY, "trans=virtio,version=9p2000.L,cache=loose,msize=512000");
    mount_at("proc", ROOT "/proc", "proc", 0, NULL);
    mount_at("sys", ROOT "/sys", "sysfs", 0, NULL);
    mount_at("dev", ROOT "/dev", "devtmpfs", 0, NULL);
    mount_at("run", ROOT "/run", "tmpfs", 0, NULL);
    mount_at("pts", ROOT "/dev/pts", "devpts", 0, NULL);
    mount_at("config", ROOT "/sys/kernel/config", "configfs", 0, NULL);
}

static int run(char *line)
{
    char *word[WORDS_MAX + 1] = {NULL};
    size_t n = 0;
    int status = -1;
    for (char *at = line; at != NULL && n < WORDS_MAX; n++) {
        word[n] = at;
        at = strchr(at, ' ');
        if (at != NULL)
            *at++ = '\0';
    }
    pid_t child = fork();
    if (child == 0) {
        (void)execv(word[0], word);
        say_failed("exec", word[0]);
        (void)fflush(stdout);
        _exit(127);
    }
    while (child > 0 && waitpid(child, &status, 0) != child)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Tells programs what is plugged in; without it libusb hears nothing. */
static void start_udev(const char *path)
{
    if (fork() == 0) {
        (void)execl(path, "systemd-udevd", "--resolve-names=never", (char *)NULL);
        say_failed("exec", path);
        _exit(127);
    }
    for (int i = 0; i < 600 && access("/run/udev/control", F_OK) != 0; i++)
        (void)nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
}

static long uptime_s(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (long)now.tv_sec;
}

static void run_plan(FILE *plan)
{
    char line[1024];
    while (fgets(line, sizeof line, plan) != NULL) {
        char name[1024];
        line[strcspn(line, "\n")] = '\0';
        (void)snprintf(name, sizeof name, "%s", line);
        (void)printf("# begin %s\n", name);
        int code = run(line);
        (void)printf("# after %ld s of this machine's clock\n", uptime_s());
        (void)printf("# end %s %d\n", name, code);
    }
}

int main(void)
{
    (void)mkdir("/dev", 0755);
    mount_at("dev", "/dev", "devtmpfs", 0, NULL);
    int console = open("/dev/console", O_RDWR);
    for (int fd = 0; fd <= 2 && console >= 0; fd++)
        (void)dup2(console, fd);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    load_modules();
    mount_host();
    FILE *plan = fopen("/plan", "re");
    char udev[512] = "";
    if (plan == NULL || fgets(udev, sizeof udev, plan) == NULL || chroot(ROOT) != 0 || chdir("/") != 0)
        say_failed("begin", ROOT);
    udev[strcspn(udev, "\n")] = '\0';
    (void)setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
    (void)setenv("TMPDIR", "/run", 1);
    start_udev(udev);
    if (plan != NULL)
        run_plan(plan);
    (void)printf("# the machine ends\n");
    (void)fflush(stdout);
    sync();
    (void)reboot(RB_POWER_OFF);
    return 0;
}
