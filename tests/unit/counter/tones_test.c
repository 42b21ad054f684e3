/* The program that plays tones, where it hangs: the next tone comes all the same. */
#include "app/counter/tones.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/env.h"

#define PATIENCE_US (60 * CF_US_PER_S)

static char dir[] = "/tmp/cf-tones-XXXXXX", program[64], heard[64];

static int begin(void **state)
{
    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    (void)snprintf(program, sizeof program, "%s/tone", dir);
    (void)snprintf(heard, sizeof heard, "%s/heard", dir);
    FILE *file = fopen(program, "we");
    if (file == NULL)
        return -1;
    /* The good tone's sound card is stuck, and so is what the script has started. */
    (void)fprintf(file, "#!/bin/sh\necho $1 >> %s\n[ $1 = good ] && sleep 1000\nexit 0\n", heard);
    return fclose(file) == 0 && chmod(program, 0700) == 0 ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    (void)unlink(program);
    (void)unlink(heard);
    return rmdir(dir);
}

static void heard_says(char ret[32])
{
    FILE *file = fopen(heard, "re");
    size_t n = file != NULL ? fread(ret, 1, 31, file) : 0;
    ret[n] = '\0';
    if (file != NULL)
        (void)fclose(file);
}

static void one_that_hangs_is_ended_and_the_refusal_after_it_sounds(void **state)
{
    struct cf_tones tones = {.program = program};
    int64_t until_us = cf_env_mono(cf_env_system()).us + PATIENCE_US;
    char text[32] = "";
    (void)state;
    cf_tones_play(&tones, true);
    cf_tones_play(&tones, false);
    while (strcmp(text, "good\nrefused\n") != 0 && cf_env_mono(cf_env_system()).us < until_us) {
        (void)usleep(20000);
        cf_tones_look(&tones);
        heard_says(text);
    }
    assert_string_equal(text, "good\nrefused\n");
    while (tones.sounds != 0 && cf_env_mono(cf_env_system()).us < until_us) {
        (void)usleep(20000);
        cf_tones_look(&tones);
    }
    assert_int_equal(tones.sounds, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_that_hangs_is_ended_and_the_refusal_after_it_sounds, begin, end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
