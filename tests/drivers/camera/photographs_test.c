/*
 * Public photographs with known contents, each in four rotations: how many are read right, wrong, or not at all.
 *
 * A till may miss a code, and the cashier shows it again; it must never sell another product. So "wrong" is asserted to
 * be none, and the rest is printed.
 */
#include "drivers/camera/camera.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/env.h"
#include "tests/support/shared_data.h"

struct count {
    unsigned right, wrong, none, weak;
};

/* What the text beside picture.webp says, without a line end. */
static bool read_expected(const char *picture, struct cf_buf *ret)
{
    const struct cf_env *env = cf_env_system();
    char path[4096];
    int n = snprintf(path, sizeof path, "%.*s.txt", (int)(strlen(picture) - strlen(".webp")), picture);
    if (n < 0 || (size_t)n >= sizeof path || env->ops->file_read(env->ctx, path, ret, NULL) != CF_OK) {
        return false;
    }
    while (ret->n > 0 && (ret->p[ret->n - 1] == '\n' || ret->p[ret->n - 1] == '\r')) {
        ret->n--;
    }
    return true;
}

/* A quarter of a turn: width and height change places. */
static void turn(const struct cf_frame *from, uint8_t *to)
{
    for (uint32_t y = 0; y < from->height; y++) {
        for (uint32_t x = 0; x < from->width; x++)
            to[(size_t)x * from->height + (from->height - 1 - y)] = from->grey[y * from->stride + x];
    }
}

static void judge_frame(struct cf_decoder *decoder, const char *path, const struct cf_frame *frame, cf_bytes expected,
                        struct count *count)
{
    struct cf_symbols symbols;
    assert_int_equal(cf_decode(decoder, frame, &symbols, NULL), CF_OK);
    count->none += symbols.n == 0;
    count->weak += symbols.n_weak > 0;
    for (size_t i = 0; i < symbols.n; i++) {
        if (cf_bytes_equal(symbols.symbol[i].text, expected)) {
            count->right++;
        } else {
            count->wrong++;
            printf("# %s: read %.*s, expected %.*s, quality %d\n", path, (int)symbols.symbol[i].text.n,
                   (const char *)symbols.symbol[i].text.p, (int)expected.n, (const char *)expected.p,
                   symbols.symbol[i].quality);
        }
    }
}

static void judge(struct cf_decoder *decoder, const char *path, cf_bytes expected, struct count *count)
{
    struct cf_frame_source *source = NULL;
    struct cf_frame frame;
    bool got = false;
    assert_int_equal(cf_frame_source_of_file(path, &source, NULL), CF_OK);
    assert_int_equal(cf_frame_source_next(source, &got, &frame, NULL), CF_OK);
    assert_true(got);
    uint8_t *turned[2] = {malloc((size_t)frame.width * frame.height), malloc((size_t)frame.width * frame.height)};
    for (unsigned quarter = 0; quarter < 4; quarter++) {
        judge_frame(decoder, path, &frame, expected, count);
        turn(&frame, turned[quarter % 2]);
        frame = (struct cf_frame){turned[quarter % 2], frame.height, frame.width, frame.height};
    }
    free(turned[0]);
    free(turned[1]);
    cf_frame_source_free(source);
}

static void walk(const char *folder, unsigned least_right)
{
    char top[3000];
    DIR *dir = cf_shared_data_path(folder, top, sizeof top) ? opendir(top) : NULL;
    if (dir == NULL) {
        printf("# no %s beside this checkout\n", folder);
        skip();
    }
    struct cf_decoder *decoder = NULL;
    struct count count = {0};
    assert_int_equal(cf_decoder_new(&decoder, NULL), CF_OK);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[4096];
        struct cf_buf expected;
        size_t n = strlen(entry->d_name);
        cf_buf_init(&expected, 65536);
        (void)snprintf(path, sizeof path, "%s/%s", top, entry->d_name);
        if (n > 5 && strcmp(entry->d_name + n - 5, ".webp") == 0 && read_expected(path, &expected)) {
            judge(decoder, path, cf_buf_bytes(&expected), &count);
        }
        cf_buf_done(&expected);
    }
    closedir(dir);
    cf_decoder_free(decoder);
    printf("# %s: %u right, %u wrong, %u none; %u with a weak read left out\n", folder, count.right, count.wrong,
           count.none, count.weak);
    assert_int_equal(count.wrong, 0);
    assert_true(count.right >= least_right);
}

static void ean13_photographs_are_never_read_wrong(void **state)
{
    (void)state;
    walk("images/ean13-1", 40);
}

static void upca_photographs_are_never_read_wrong(void **state)
{
    (void)state;
    walk("images/upca-1", 20);
}

static void qr_photographs_are_read_as_they_are(void **state)
{
    (void)state;
    walk("images/qrcode-1", 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ean13_photographs_are_never_read_wrong),
        cmocka_unit_test(upca_photographs_are_never_read_wrong),
        cmocka_unit_test(qr_photographs_are_read_as_they_are),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
