/*
 * tests/kernel/keyboard_test.c - scanners that type, by the kernel's own keyboards (uinput): taken, read, given back;
 * and keyboards that are none. On a machine of its own, by kernel_test.py.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/uinput.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "drivers/line/line.h"
#include "drivers/scanner/scanner.h"
#include "tests/support/until.h"

static struct cf_line *line;
static unsigned n_up, n_down, n_scans, n_troubles;
static enum cf_rc trouble, down;
static char scanned[64];

static void hear(void *ctx, const struct cf_device_event *event)
{
    (void)ctx;
    n_up += event->kind == CF_DEVICE_UP ? 1 : 0;
    if (event->kind == CF_DEVICE_SCAN) {
        n_scans++;
        (void)snprintf(scanned, sizeof scanned, "%.*s", (int)event->text.n, (const char *)event->text.p);
    } else if (event->kind == CF_DEVICE_TROUBLE) {
        n_troubles++;
        trouble = event->rc;
    } else if (event->kind == CF_DEVICE_DOWN) {
        n_down++;
        down = event->rc;
    }
}

#define UNTIL(condition) UNTIL_OF(cf_line_fd(line), cf_line_dispatch(line), condition)

/* Its node. */
static int plug(uint16_t vendor, char node[64])
{
    struct uinput_setup setup = {.id = {.bustype = BUS_USB, .vendor = vendor, .product = 0x1200}, .name = "Types"};
    char folder[64] = "", path[128];
    int fd = open("/dev/uinput", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(ioctl(fd, UI_SET_EVBIT, EV_KEY), 0);
    for (int key = 1; key < 128; key++)
        (void)ioctl(fd, UI_SET_KEYBIT, key);
    assert_int_equal(ioctl(fd, UI_DEV_SETUP, &setup), 0);
    assert_int_equal(ioctl(fd, UI_DEV_CREATE), 0);
    assert_true(ioctl(fd, UI_GET_SYSNAME(sizeof folder - 1), folder) > 0);
    (void)snprintf(path, sizeof path, "/sys/class/input/%s", folder);
    DIR *entries = opendir(path);
    assert_non_null(entries);
    node[0] = '\0';
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries))
        if (strncmp(entry->d_name, "event", 5) == 0)
            (void)snprintf(node, 64, "/dev/input/%.40s", entry->d_name);
    closedir(entries);
    assert_true(node[0] != '\0');
    return fd;
}

static void emit(int fd, uint16_t type, uint16_t code, int32_t value)
{
    const struct input_event event = {.type = type, .code = code, .value = value};
    assert_int_equal(write(fd, &event, sizeof event), sizeof event);
}

static void type(int fd, uint16_t key)
{
    for (int32_t value = 1; value >= 0; value--) {
        emit(fd, EV_KEY, key, value);
        emit(fd, EV_SYN, SYN_REPORT, 0);
    }
}

static void start(const char *node, const uint32_t *allowed, size_t n)
{
    const struct cf_line_options options = {.env = cf_env_system(),
                                            .driver = &cf_scanner_evdev,
                                            .allowed = allowed,
                                            .n_allowed = n,
                                            .place = node,
                                            .sink = {hear, NULL}};
    n_up = n_down = n_scans = n_troubles = 0;
    assert_int_equal(cf_line_new(&options, &line, NULL), CF_OK);
}

/* Can somebody else still have it for himself? */
static bool is_free(const char *node)
{
    int fd = open(node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    bool grabbed = fd >= 0 && ioctl(fd, EVIOCGRAB, 1) == 0;
    if (fd >= 0)
        close(fd);
    return grabbed;
}

static void a_makers_scanner_is_taken_read_and_given_back(void **state)
{
    char node[64];
    (void)state;
    int fd = plug(0x05e0, node);
    start(node, NULL, 0);
    UNTIL(n_up == 1);
    assert_false(is_free(node)); /* nobody else hears what it types */
    type(fd, KEY_4);
    type(fd, KEY_0);
    type(fd, KEY_1);
    type(fd, KEY_1);
    type(fd, KEY_ENTER);
    UNTIL(n_scans == 1);
    assert_string_equal(scanned, "4011");
    type(fd, KEY_9); /* and without Enter, after a pause */
    UNTIL(n_scans == 2);
    assert_string_equal(scanned, "9");
    cf_line_free(line);
    assert_true(is_free(node));
    close(fd);
}

static void a_keyboard_that_is_no_scanner_is_never_taken(void **state)
{
    char node[64];
    (void)state;
    int fd = plug(0x046d, node);
    start(node, NULL, 0);
    UNTIL(n_troubles == 1);
    assert_int_equal(trouble, CF_E_DEVICE_RIGHTS);
    assert_true(is_free(node));
    assert_int_equal(n_up, 0);
    cf_line_free(line);
    close(fd);
}

static void one_that_a_rule_names_is_taken(void **state)
{
    static const uint32_t allowed[] = {0x046d1200};
    char node[64];
    (void)state;
    int fd = plug(0x046d, node);
    start(node, allowed, 1);
    UNTIL(n_up == 1);
    assert_false(is_free(node));
    cf_line_free(line);
    close(fd);
}

static void one_that_somebody_else_has_is_told_and_taken_when_free(void **state)
{
    char node[64];
    (void)state;
    int fd = plug(0x05e0, node), other = open(node, O_RDONLY | O_CLOEXEC);
    assert_int_equal(ioctl(other, EVIOCGRAB, 1), 0);
    start(node, NULL, 0);
    UNTIL(n_troubles == 1);
    assert_int_equal(trouble, CF_E_DEVICE_BUSY);
    close(other);
    UNTIL(n_up == 1);
    cf_line_free(line);
    close(fd);
}

static void one_that_is_pulled_out_goes_down(void **state)
{
    char node[64];
    (void)state;
    int fd = plug(0x05e0, node);
    start(node, NULL, 0);
    UNTIL(n_up == 1);
    type(fd, KEY_1);
    close(fd);
    UNTIL(n_down == 1);
    assert_int_equal(down, CF_E_DEVICE_GONE);
    cf_line_free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_makers_scanner_is_taken_read_and_given_back),
        cmocka_unit_test(a_keyboard_that_is_no_scanner_is_never_taken),
        cmocka_unit_test(one_that_a_rule_names_is_taken),
        cmocka_unit_test(one_that_somebody_else_has_is_told_and_taken_when_free),
        cmocka_unit_test(one_that_is_pulled_out_goes_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
