/* `counterfoil devices` as a program of its own, with scanners plugged in while it runs. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/drivers/scanner/descriptors.h"
#include "tests/usb/fake_usb.h"

#define IN 0x81

extern char **environ;
static pid_t child;
static FILE *out;
static char line[8192];

static void run(const char *const *arguments)
{
    const char *argv[8] = {CF_BINARY_DIR "/bin/counterfoil", "devices"};
    posix_spawn_file_actions_t actions;
    int ends[2];
    for (size_t i = 0; arguments[i] != NULL && i < 5; i++)
        argv[2 + i] = arguments[i];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    assert_int_equal(posix_spawn(&child, argv[0], &actions, NULL, (char *const *)argv, environ), 0);
    (void)posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    out = fdopen(ends[0], "r");
    assert_non_null(out);
}

static void next_line(const char *holds)
{
    assert_non_null(fgets(line, sizeof line, out));
    if (strstr(line, holds) == NULL)
        print_error("expected %s in %s", holds, line);
    assert_non_null(strstr(line, holds));
}

static int ended(void)
{
    int status = 0;
    (void)fclose(out);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static struct fake_usb *plug(int port, const char *kernel_driver, cf_bytes report)
{
    struct fake_model model = {.vendor = 0x0c2e,
                               .product = 0x0a07,
                               .serial = "SN0001",
                               .name = "HID POS Scanner",
                               .n_interfaces = 1,
                               .interface = {{.class_code = 3,
                                              .in = IN,
                                              .in_bytes = POS_REPORT_BYTES,
                                              .report = report,
                                              .kernel_driver = kernel_driver}}};
    return fake_usb_plug(&model, port);
}

static void list_names_what_is_there_and_claims_nothing(void **state)
{
    (void)state;
    struct fake_usb *scanner = plug(1, "usbhid", descriptor_honeywell());
    struct fake_usb *other = plug(2, "usbhid", descriptor_mouse());
    run((const char *const[]){"list", NULL});
    bool ours = false, theirs = false;
    while (fgets(line, sizeof line, out) != NULL) {
        ours = ours || strstr(line, "hid-pos\tHID POS Scanner") != NULL;
        theirs = theirs || strstr(line, "not ours") != NULL;
    }
    assert_int_equal(ended(), 0);
    assert_true(ours && theirs);
    assert_false(fake_usb_was_opened(scanner) || fake_usb_was_opened(other));
    fake_usb_unplug(scanner);
    fake_usb_unplug(other);
}

static void what_is_recorded_at_the_counter_is_replayed_elsewhere(void **state)
{
    (void)state;
    char folder[] = "/tmp/cf-devices-XXXXXX", path[64];
    uint8_t report[POS_REPORT_BYTES];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/tape", folder);
    run((const char *const[]){"--json", "record", path, NULL});
    struct fake_usb *scanner = plug(1, "usbhid", descriptor_honeywell());
    next_line("\"up\"");
    report_honeywell(report, "]E0", "5901234123457", 13, 0);
    fake_usb_send(scanner, IN, report, sizeof report);
    next_line("\"]E05901234123457\"");
    fake_usb_unplug(scanner);
    next_line("\"DEVICE_GONE\"");
    assert_int_equal(kill(child, SIGINT), 0);
    assert_int_equal(ended(), 0);

    run((const char *const[]){"replay", path, NULL});
    next_line("up      0c2e:0a07/SN0001 (hid-pos) HID POS Scanner");
    next_line("scan    0c2e:0a07/SN0001 (hid-pos) ]E05901234123457");
    assert_int_equal(ended(), 0);
    run((const char *const[]){"--json", "record", path, NULL}); /* never over what is there */
    next_line("\"IO\"");
    assert_int_equal(ended(), 3);
    FILE *tape = fopen(path, "ae");
    assert_non_null(tape);
    (void)fputs("99999 > listen\n", tape);
    assert_int_equal(fclose(tape), 0);
    run((const char *const[]){"--json", "replay", path, NULL});
    next_line("\"up\"");
    next_line("\"scan\"");
    next_line("\"DEVICE_RECORDING\"");
    assert_int_equal(ended(), 2);
    (void)unlink(path);
    (void)rmdir(folder);
}

static void what_is_asked_wrongly_is_said(void **state)
{
    static const char *const rows[][4] = {{"play"},
                                          {"record"},
                                          {"--seconds", "0", "test"},
                                          {"--seconds", "x"},
                                          {"--use", "05e0=x"},
                                          {"--use", "05e0:1200=x", "test"},
                                          {"replay", "a", "b"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        run((const char *const[]){rows[i][0], rows[i][1], rows[i][2], NULL});
        assert_int_equal(ended(), 2);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_names_what_is_there_and_claims_nothing),
        cmocka_unit_test(what_is_recorded_at_the_counter_is_replayed_elsewhere),
        cmocka_unit_test(what_is_asked_wrongly_is_said),
    };
    (void)argc;
    if (!fake_usb_begin(argv)) {
        (void)printf("1..1\nok 1 - counterfoil devices on a played USB # SKIP umockdev does not start here\n");
        return 0;
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fake_usb_end();
    return failed;
}
