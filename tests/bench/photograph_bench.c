/*
 * tests/bench/photograph_bench.c - public photographs with known contents, in four rotations: read right and wrong,
 * beside raw zbar at its quality floor and, where it is installed, zxing-cpp's ZXingReader as a process of its own.
 *
 * Skipped by name where the photographs are not beside the checkout.
 */
#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/env.h"
#include "drivers/camera/camera.h"
#include "tests/bench/bench.h"
#include "tests/bench/raw_zbar.h"
#include "tests/support/shared_data.h"

#define PEER "/usr/bin/ZXingReader"

extern char **environ;

struct tally {
    unsigned right, wrong;
};

struct photographs {
    const char *scratch;
    struct cf_decoder *decoder;
    struct raw_zbar raw;
    bool has_peer;
    unsigned pictures;
    struct tally ours, zbar, peer;
};

static bool read_file(const char *path, struct cf_buf *ret)
{
    const struct cf_env *env = cf_env_system();
    return env->ops->file_read(env->ctx, path, ret, NULL) == CF_OK;
}

/* A picture is right or wrong once, however many codes are on it. */
static void count(struct tally *tally, bool right, bool wrong)
{
    tally->wrong += wrong;
    tally->right += right && !wrong;
}

static void ask_ours(struct photographs *all, const struct cf_frame *frame, cf_bytes expected)
{
    struct cf_error err;
    struct cf_symbols symbols;
    bool right = false, wrong = false;
    bench_check(cf_decode(all->decoder, frame, &symbols, &err), &err, "photograph");
    for (size_t i = 0; i < symbols.n; i++) {
        bool same = cf_bytes_equal(symbols.symbol[i].text, expected);
        right = right || same;
        wrong = wrong || !same;
    }
    count(&all->ours, right, wrong);
}

static void ask_zbar(struct photographs *all, const struct cf_frame *frame, cf_bytes expected)
{
    bool right = false, wrong = false;
    (void)raw_zbar_scan(&all->raw, frame);
    for (size_t i = 0; i < all->raw.n; i++) {
        const struct raw_read *read = &all->raw.read[i];
        if (!read->qr && read->quality < CF_QUALITY_FLOOR_1D)
            continue;
        bool same = cf_bytes_equal(cf_bytes_of((const uint8_t *)read->text, read->n), expected);
        right = right || same;
        wrong = wrong || !same;
    }
    count(&all->zbar, right, wrong);
}

static void write_pgm(const char *path, const struct cf_frame *frame)
{
    FILE *file = fopen(path, "wb");
    size_t n = (size_t)frame->width * frame->height;
    if (file == NULL || fprintf(file, "P5\n%u %u\n255\n", frame->width, frame->height) < 0 ||
        fwrite(frame->grey, 1, n, file) != n || fclose(file) != 0)
        bench_die("%s cannot be written", path);
}

static void run_peer(char *picture, const char *answer)
{
    char program[] = PEER;
    char *const argv[] = {program, picture, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status;
    if (posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, answer, O_WRONLY | O_CREAT | O_TRUNC, 0600) != 0 ||
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) != 0 ||
        posix_spawn(&child, PEER, &actions, NULL, argv, environ) != 0 || waitpid(child, &status, 0) != child)
        bench_die(PEER " does not run");
    (void)posix_spawn_file_actions_destroy(&actions);
}

/* It says the text between quotes, and an UPC-A without the 0 before it. Any other text is wrong. */
static void ask_peer(struct photographs *all, const struct cf_frame *frame, cf_bytes expected)
{
    char picture[4096], answer[4096];
    struct cf_buf said;
    (void)snprintf(picture, sizeof picture, "%s/picture.pgm", all->scratch);
    (void)snprintf(answer, sizeof answer, "%s/answer", all->scratch);
    write_pgm(picture, frame);
    run_peer(picture, answer);
    cf_buf_init(&said, 1u << 20);
    if (!read_file(answer, &said))
        bench_die("%s cannot be read", answer);
    const char *text = memmem(said.p, said.n, "Text:", 5);
    const char *quoted = text != NULL ? memchr(text, '"', said.n - (size_t)(text - (const char *)said.p)) : NULL;
    size_t left = quoted != NULL ? said.n - (size_t)(quoted + 1 - (const char *)said.p) : 0;
    bool same = left > expected.n && memcmp(quoted + 1, expected.p, expected.n) == 0 && quoted[1 + expected.n] == '"';
    bool upca = expected.n == 13 && expected.p[0] == '0' && left > 12 && memcmp(quoted + 1, expected.p + 1, 12) == 0;
    count(&all->peer, same || upca, left > 1 && quoted[1] != '"' && !same && !upca);
    cf_buf_done(&said);
}

/* A quarter of a turn: width and height change places. */
static void turn(const struct cf_frame *from, uint8_t *to)
{
    for (uint32_t y = 0; y < from->height; y++) {
        for (uint32_t x = 0; x < from->width; x++)
            to[(size_t)x * from->height + (from->height - 1 - y)] = from->grey[y * from->stride + x];
    }
}

static void ask_all(struct photographs *all, const char *path, cf_bytes expected)
{
    struct cf_frame_source *source = NULL;
    struct cf_frame frame;
    struct cf_error err;
    bool got = false;
    bench_check(cf_frame_source_of_file(path, &source, &err), &err, path);
    bench_check(cf_frame_source_next(source, &got, &frame, &err), &err, path);
    uint8_t *turned[2] = {malloc((size_t)frame.width * frame.height), malloc((size_t)frame.width * frame.height)};
    if (!got || turned[0] == NULL || turned[1] == NULL)
        bench_die("%s: no picture, or no memory", path);
    for (unsigned quarter = 0; quarter < 4; quarter++) {
        turn(&frame, turned[quarter % 2]);
        frame = (struct cf_frame){turned[quarter % 2], frame.height, frame.width, frame.height};
        all->pictures++;
        ask_ours(all, &frame, expected);
        ask_zbar(all, &frame, expected);
        if (all->has_peer)
            ask_peer(all, &frame, expected);
    }
    free(turned[0]);
    free(turned[1]);
    cf_frame_source_free(source);
}

/* false: there are none. */
static bool walk(struct photographs *all, const char *folder)
{
    char top[3000];
    DIR *dir = cf_shared_data_path(folder, top, sizeof top) ? opendir(top) : NULL;
    if (dir == NULL) {
        (void)fprintf(stderr, "    skipped: no %s beside this checkout\n", folder);
        return false;
    }
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[4096], beside[4096];
        struct cf_buf expected;
        size_t n = strlen(entry->d_name);
        if (n <= 5 || strcmp(entry->d_name + n - 5, ".webp") != 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", top, entry->d_name);
        (void)snprintf(beside, sizeof beside, "%s/%.*s.txt", top, (int)(n - 5), entry->d_name);
        cf_buf_init(&expected, 65536);
        if (read_file(beside, &expected)) {
            while (expected.n > 0 && (expected.p[expected.n - 1] == '\n' || expected.p[expected.n - 1] == '\r'))
                expected.n--;
            ask_all(all, path, cf_buf_bytes(&expected));
        }
        cf_buf_done(&expected);
    }
    closedir(dir);
    return true;
}

static void print(const char *what, const struct tally *ours, const char *floor, const struct tally *peer, double least)
{
    double ratio = peer->right > 0 ? (double)ours->right / peer->right : 0;
    char goal[64];
    (void)snprintf(goal, sizeof goal, "ratio >= %.2f", least);
    bench_print(&(struct bench_figure){.row = "photographs",
                                       .what = what,
                                       .unit = "",
                                       .value = ours->right,
                                       .floor = floor,
                                       .floor_value = peer->right,
                                       .ratio = ratio,
                                       .goal = goal,
                                       .met = ours->right >= least * peer->right});
}

static void print_wrong(const char *what, const struct photographs *all)
{
    bench_print(&(struct bench_figure){.row = "photographs",
                                       .what = what,
                                       .unit = "",
                                       .value = all->ours.wrong,
                                       .floor = "by zbar alone at its floor",
                                       .floor_value = all->zbar.wrong,
                                       .goal = "0",
                                       .met = all->ours.wrong == 0});
}

int main(int argc, char **argv)
{
    static struct photographs all;
    struct cf_error err;
    if (argc != 2)
        bench_die("usage: photograph_bench EMPTY-FOLDER");
    all.scratch = argv[1];
    all.has_peer = access(PEER, X_OK) == 0;
    if (!all.has_peer)
        (void)fprintf(stderr, "    skipped: " PEER " is not installed (zxing-cpp-tools)\n");
    bench_check(cf_decoder_new(&all.decoder, &err), &err, "decoder");
    raw_zbar_init(&all.raw);
    if (walk(&all, "images/qrcode-1")) {
        if (all.has_peer)
            print("QR photographs in four rotations, read right", &all.ours, "ZXingReader", &all.peer, 1.02);
        print("the same beside zbar", &all.ours, "zbar alone", &all.zbar, 1);
        print_wrong("QR photographs read wrong", &all);
    }
    all.ours = all.zbar = all.peer = (struct tally){0};
    if (walk(&all, "images/ean13-1") && walk(&all, "images/upca-1")) {
        print("EAN-13 and UPC-A photographs in four rotations, read right", &all.ours,
              "zbar alone at its quality floor", &all.zbar, 1);
        print_wrong("EAN-13 and UPC-A photographs read wrong", &all);
    }
    raw_zbar_done(&all.raw);
    cf_decoder_free(all.decoder);
    return 0;
}
