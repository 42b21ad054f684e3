/*
 * tests/sim/files.c - see files.h.
 */
#include "tests/sim/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/sim/chance.h"
#include "tests/sim/memory.h"

#define BUCKETS 8192
#define MACHINES 1024  /* lists of the files of machines */
#define PROCESSES 4096 /* lists of the handles of processes */
#define PATH_BYTES 160
#define FDS_MAX 8192
#define FD_FIRST (1 << 20)
#define SECTOR 512
#define PIECE_BYTES 8192
#define SHM_REGION 32768
#define SHM_REGIONS_MAX 16
#define NAMES_MAX 256 /* not durable yet, of all machines */

/* --- files -------------------------------------------------------------------------------------------------------- */

/* A part of a file, shared between copies of it until one of them is written. */
struct piece {
    union {
        unsigned refs;
        struct piece *next; /* of those that are free */
    };
    uint8_t b[PIECE_BYTES];
};
struct image {
    size_t n;
    size_t n_pieces, cap;
    struct piece **piece; /* what is beyond n in the last one is nothing */
};
struct bytes {
    uint8_t *p;
    size_t n, cap;
};
/* A write since the last sync, or a change of the length (is_cut): what stood there before, so that a power cut can
 * undo it: from offset `data` of pending_data, as far as the file went then. */
struct write {
    size_t at, n;
    size_t data;
    size_t size_before, size_after;
    bool is_cut;
    uint8_t *written; /* while it is undone */
};
struct handle;
struct file {
    struct file *next;        /* of the bucket */
    struct file *other, **at; /* of the list of its machine */
    char path[PATH_BYTES];
    bool linked, is_dir;
    uint32_t ino;
    unsigned refs;
    struct image now;
    struct write *pending;
    size_t n_pending, pending_cap;
    struct bytes pending_data;
    uint64_t flock_fd;
    /* SQLite's locks */
    unsigned n_shared;
    const struct handle *reserved, *pending_lock, *exclusive;
    uint8_t *shm[SHM_REGIONS_MAX];
    unsigned shm_users;
    unsigned shm_shared[SQLITE_SHM_NLOCK];
    const struct handle *shm_exclusive[SQLITE_SHM_NLOCK];
};
/* A change of names that is not durable. */
struct name_change {
    struct file *file, *displaced; /* displaced: what stood at `to` before */
    char from[PATH_BYTES], to[PATH_BYTES];
};
struct fd {
    struct file *file;
    uint32_t process;
    bool dead;
};

static struct file *buckets[BUCKETS], *machines[MACHINES];
static struct fd fds[FDS_MAX];
static int fds_used; /* none is open from here on */
static struct name_change names[NAMES_MAX];
static size_t n_names;
static uint32_t running, next_ino = 1;
static files_look_fn watch;
static void *watch_ctx;
static struct files_counts counts;

uint32_t files_run_as(uint32_t process)
{
    uint32_t before = running;
    running = process;
    return before;
}

void files_watch(files_look_fn look, void *ctx)
{
    watch = look;
    watch_ctx = ctx;
}

const struct files_counts *files_count(void)
{
    return &counts;
}

static void look(void)
{
    if (watch && running)
        watch(watch_ctx);
}

static bool is_ours(const char *path)
{
    return strncmp(path, SIM_ROOT, strlen(SIM_ROOT)) == 0;
}

static uint32_t hash_of(const char *p, size_t n)
{
    uint32_t h = 2166136261u;
    for (size_t k = 0; k < n; k++)
        h = (h ^ (uint8_t)p[k]) * 16777619u;
    return h;
}

static size_t bucket_of(const char *path)
{
    return hash_of(path, strlen(path)) % BUCKETS;
}

/* Of "/sim/m7/till/x", "/sim/m7/" and "/sim/m7": all files of that machine, and of some others. */
static struct file **machine_of(const char *path)
{
    const char *name = path + strlen(SIM_ROOT);
    return &machines[hash_of(name, strcspn(name, "/")) % MACHINES];
}

static struct file *find(const char *path)
{
    for (struct file *f = buckets[bucket_of(path)]; f; f = f->next)
        if (strcmp(f->path, path) == 0)
            return f;
    return NULL;
}

static void link_at(struct file *f, const char *path)
{
    struct file **bucket = &buckets[bucket_of(path)];
    if (strlen(path) >= sizeof f->path)
        abort();
    memmove(f->path, path, strlen(path) + 1);
    f->linked = true;
    f->next = *bucket;
    *bucket = f;
    f->at = machine_of(path);
    f->other = *f->at;
    if (f->other)
        f->other->at = &f->other;
    *f->at = f;
}

static void unlink_file(struct file *f)
{
    struct file **at = &buckets[bucket_of(f->path)];
    while (*at != f)
        at = &(*at)->next;
    *at = f->next;
    *f->at = f->other;
    if (f->other)
        f->other->at = f->at;
    f->linked = false;
}

static struct piece *spare_pieces;

static struct piece *new_piece(void)
{
    struct piece *piece = spare_pieces;
    if (piece)
        spare_pieces = piece->next;
    else
        piece = malloc(sizeof *piece);
    if (!piece)
        abort();
    piece->refs = 1;
    return piece;
}

static void drop_piece(struct piece *piece)
{
    if (--piece->refs > 0)
        return;
    piece->next = spare_pieces;
    spare_pieces = piece;
}

/* The piece, and nobody else's. */
static uint8_t *own(struct image *image, size_t k)
{
    struct piece *piece = image->piece[k];
    if (piece->refs > 1) {
        image->piece[k] = new_piece();
        memcpy(image->piece[k]->b, piece->b, PIECE_BYTES);
        drop_piece(piece);
    }
    return image->piece[k]->b;
}

static void set_pieces(struct image *image, size_t n)
{
    if (n > image->cap) {
        image->cap = n < 2 * image->cap ? 2 * image->cap : n;
        image->piece = realloc(image->piece, image->cap * sizeof(struct piece *));
        if (!image->piece)
            abort();
    }
    while (image->n_pieces < n)
        image->piece[image->n_pieces++] = new_piece();
    while (image->n_pieces > n)
        drop_piece(image->piece[--image->n_pieces]);
}

/* Zeros if p is NULL. All of it is there already. */
static void fill(struct image *image, size_t at, const uint8_t *p, size_t n)
{
    while (n > 0) {
        size_t within = at % PIECE_BYTES, part = PIECE_BYTES - within < n ? PIECE_BYTES - within : n;
        uint8_t *to = own(image, at / PIECE_BYTES) + within;
        if (p) {
            memcpy(to, p, part);
            p += part;
        } else {
            memset(to, 0, part);
        }
        at += part;
        n -= part;
    }
}

/* Grows to n bytes, the new ones zero; or shrinks. */
static void resize(struct image *image, size_t n)
{
    size_t before = image->n;
    set_pieces(image, (n + PIECE_BYTES - 1) / PIECE_BYTES);
    image->n = n;
    if (n > before)
        fill(image, before, NULL, n - before);
}

static void put(struct image *image, size_t at, const void *p, size_t n)
{
    if (n == 0)
        return;
    if (at > image->n)
        resize(image, at);
    if (at + n > image->n) {
        set_pieces(image, (at + n + PIECE_BYTES - 1) / PIECE_BYTES);
        image->n = at + n;
    }
    fill(image, at, p, n);
}

/* How much of it there is. */
static size_t get(const struct image *image, size_t at, void *p, size_t n)
{
    size_t have = at < image->n ? image->n - at : 0, left;
    if (n > have)
        n = have;
    for (left = n; left > 0;) {
        size_t within = at % PIECE_BYTES, part = PIECE_BYTES - within < left ? PIECE_BYTES - within : left;
        memcpy(p, image->piece[at / PIECE_BYTES]->b + within, part);
        p = (uint8_t *)p + part;
        at += part;
        left -= part;
    }
    return n;
}

static void share(struct image *to, const struct image *from)
{
    resize(to, 0);
    set_pieces(to, from->n_pieces);
    for (size_t k = 0; k < from->n_pieces; k++) {
        drop_piece(to->piece[k]);
        to->piece[k] = from->piece[k];
        to->piece[k]->refs++;
    }
    to->n = from->n;
}

/* Room for so many more, as its end is then. */
static uint8_t *extend(struct bytes *bytes, size_t more)
{
    if (bytes->n + more > bytes->cap) {
        bytes->cap = 2 * bytes->cap > bytes->n + more ? 2 * bytes->cap : bytes->n + more;
        bytes->p = realloc(bytes->p, bytes->cap);
        if (!bytes->p)
            abort();
    }
    bytes->n += more;
    return bytes->p + bytes->n - more;
}

static void free_if_gone(struct file *f)
{
    if (!f || f->linked || f->refs > 0)
        return;
    set_pieces(&f->now, 0);
    free(f->now.piece);
    free(f->pending);
    free(f->pending_data.p);
    for (size_t k = 0; k < SHM_REGIONS_MAX; k++)
        free(f->shm[k]);
    free(f);
}

static void release(struct file *f)
{
    f->refs--;
    free_if_gone(f);
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static size_t machine_chars(const char *path)
{
    const char *end = strchr(path + strlen(SIM_ROOT), '/');
    return end ? (size_t)(end - path) + 1 : strlen(path);
}

static bool same_machine(const char *a, const char *b)
{
    size_t n = machine_chars(a);
    return n == machine_chars(b) && strncmp(a, b, n) == 0;
}

static void forget_name(size_t k)
{
    struct name_change *change = &names[k];
    if (change->displaced)
        release(change->displaced);
    release(change->file);
    memmove(change, change + 1, (--n_names - k) * sizeof *change);
}

static void names_durable(const char *path)
{
    for (size_t k = 0; k < n_names;)
        if (same_machine(names[k].from[0] ? names[k].from : names[k].to, path))
            forget_name(k);
        else
            k++;
}

static void note_name(struct file *f, struct file *displaced, const char *from, const char *to)
{
    if (n_names == NAMES_MAX)
        forget_name(0);
    struct name_change *change = &names[n_names++];
    *change = (struct name_change){.file = f, .displaced = displaced};
    (void)snprintf(change->from, sizeof change->from, "%s", from);
    (void)snprintf(change->to, sizeof change->to, "%s", to);
    f->refs++;
    if (displaced)
        displaced->refs++;
}

static struct file *create(const char *path, bool is_dir)
{
    struct file *f = calloc(1, sizeof *f);
    if (!f)
        abort();
    f->ino = next_ino++;
    f->is_dir = is_dir;
    link_at(f, path);
    if (!is_dir)
        note_name(f, NULL, "", path);
    return f;
}

static void unname(struct file *f)
{
    note_name(f, NULL, f->path, "");
    unlink_file(f);
}

static void rename_file(struct file *f, const char *to)
{
    struct file *displaced = find(to);
    if (displaced == f)
        return;
    note_name(f, displaced, f->path, to);
    if (displaced)
        unlink_file(displaced);
    unlink_file(f);
    link_at(f, to);
}

static void undo_name(const struct name_change *change)
{
    if (change->to[0])
        unlink_file(change->file);
    if (change->from[0])
        link_at(change->file, change->from);
    if (change->displaced)
        link_at(change->displaced, change->to);
    counts.names_undone++;
}

/* --- contents ----------------------------------------------------------------------------------------------------- */

static struct write *note_write(struct file *f, size_t at, size_t n)
{
    if (f->n_pending == f->pending_cap) {
        f->pending_cap = f->pending_cap ? 2 * f->pending_cap : 16;
        f->pending = realloc(f->pending, f->pending_cap * sizeof *f->pending);
        if (!f->pending)
            abort();
    }
    struct write *w = &f->pending[f->n_pending++];
    size_t have = at < f->now.n ? f->now.n - at : 0;
    *w = (struct write){.at = at, .n = n, .data = f->pending_data.n, .size_before = f->now.n};
    if (have > n)
        have = n;
    if (have > 0)
        (void)get(&f->now, at, extend(&f->pending_data, have), have);
    return w;
}

static void write_at(struct file *f, size_t at, const void *p, size_t n)
{
    struct write *w = note_write(f, at, n);
    put(&f->now, at, p, n);
    w->size_after = f->now.n;
    counts.writes++;
    counts.bytes_written += n;
}

static void cut_to(struct file *f, size_t size)
{
    struct write *w = note_write(f, size, size < f->now.n ? f->now.n - size : 0);
    resize(&f->now, size);
    w->is_cut = true;
    w->size_after = size;
}

static void sync_file(struct file *f)
{
    counts.syncs++;
    f->n_pending = 0;
    f->pending_data.n = 0;
    if (n_names > 0)
        names_durable(f->path);
}

enum cut_way { CUT_NONE_KEPT, CUT_ALL_KEPT, CUT_PREFIX, CUT_ANY, CUT_WAYS };

/* Takes a write back; its bytes are kept, to be written again. */
static void undo_write(struct file *f, struct write *w)
{
    const uint8_t *before = f->pending_data.p + w->data;
    size_t had = w->at < w->size_before ? w->size_before - w->at : 0;
    if (had > w->n)
        had = w->n;
    if (f->now.n < w->at + w->n)
        resize(&f->now, w->at + w->n);
    w->written = malloc(w->n + 1);
    if (!w->written)
        abort();
    (void)get(&f->now, w->at, w->written, w->n);
    fill(&f->now, w->at, before, had);
    fill(&f->now, w->at + had, NULL, w->n - had);
    resize(&f->now, w->size_before);
}

/* What of the writes since the last sync the disk holds after the power cut. */
static void cut_file(struct file *f, enum cut_way way, uint64_t *chance)
{
    size_t prefix = f->n_pending ? (size_t)(chance_next(chance) % (f->n_pending + 1)) : 0;
    for (size_t k = f->n_pending; k-- > 0;)
        undo_write(f, &f->pending[k]);
    for (size_t k = 0; k < f->n_pending; k++) {
        const struct write *w = &f->pending[k];
        bool keep = way == CUT_ALL_KEPT || (way == CUT_PREFIX && k < prefix) ||
                    (way == CUT_ANY && chance_next(chance) % 2 == 0);
        bool tear = !w->is_cut && w->n > SECTOR && (way == CUT_PREFIX ? k == prefix : way == CUT_ANY && !keep) &&
                    chance_next(chance) % 2 == 0;
        if (keep && w->is_cut)
            resize(&f->now, w->size_after);
        else if (keep)
            put(&f->now, w->at, w->written, w->n);
        else if (tear) {
            size_t sectors = 1 + (size_t)(chance_next(chance) % ((w->n - 1) / SECTOR));
            put(&f->now, w->at, w->written, sectors * SECTOR);
            counts.writes_torn++;
        } else
            counts.writes_lost++;
        free(w->written);
    }
    f->n_pending = 0;
    f->pending_data.n = 0;
}

void files_cut(const char *machine_dir, uint64_t *chance)
{
    enum cut_way way = (enum cut_way)(chance_next(chance) % CUT_WAYS);
    size_t n = strlen(machine_dir);
    counts.cuts++;
    /* Names: the newest changes may be undone, in the order of the file system's own log. */
    size_t n_mine = 0;
    for (size_t k = 0; k < n_names; k++)
        n_mine += same_machine(names[k].from[0] ? names[k].from : names[k].to, machine_dir);
    size_t n_kept = way == CUT_ALL_KEPT    ? n_mine
                    : way == CUT_NONE_KEPT ? 0
                                           : (size_t)(chance_next(chance) % (n_mine + 1));
    for (size_t k = n_names; k-- > 0 && n_mine > n_kept;)
        if (same_machine(names[k].from[0] ? names[k].from : names[k].to, machine_dir)) {
            undo_name(&names[k]);
            forget_name(k);
            n_mine--;
        }
    names_durable(machine_dir);
    for (struct file *f = *machine_of(machine_dir); f; f = f->other)
        if (strncmp(f->path, machine_dir, n) == 0)
            cut_file(f, way, chance);
}

void files_copy(const char *from, const char *to)
{
    size_t n = strlen(from);
    for (struct file *f = *machine_of(from), *next; f; f = next) {
        char path[2 * PATH_BYTES];
        next = f->other;
        if (strncmp(f->path, from, n) != 0 || (f->path[n] != '/' && f->path[n] != '\0'))
            continue;
        (void)snprintf(path, sizeof path, "%s%s", to, f->path + n);
        struct file *copy = find(path);
        if (!copy)
            copy = create(path, f->is_dir);
        copy->n_pending = 0;
        copy->pending_data.n = 0;
        share(&copy->now, &f->now);
    }
    names_durable(to);
}

void files_remove(const char *dir)
{
    size_t n = strlen(dir);
    names_durable(dir);
    for (struct file *f = *machine_of(dir), *next; f; f = next) {
        next = f->other;
        if (strncmp(f->path, dir, n) == 0 && (f->path[n] == '/' || f->path[n] == '\0')) {
            unlink_file(f);
            free_if_gone(f);
        }
    }
}

bool files_exists(const char *path)
{
    return find(path) != NULL;
}

/* What stands so that its byte `within` is at `at`. */
static const cf_bytes *held_around(const uint8_t *all, size_t n, size_t at, const cf_bytes *what, size_t n_what)
{
    for (size_t k = 0; k < n_what; k++)
        for (size_t within = 0; within + 1 < what[k].n && within <= at; within++)
            if (n - (at - within) >= what[k].n && memcmp(all + (at - within), what[k].p, what[k].n) == 0)
                return &what[k];
    return NULL;
}

/* All are of one length. Whatever stands anywhere covers two bytes side by side that begin at a multiple of that length
 * less one, so those alone are looked at, once for all that is looked for. */
static const cf_bytes *held(const struct file *f, const cf_bytes *what, size_t n_what)
{
    uint8_t pairs[65536 / 8] = {0};
    const cf_bytes *found = NULL;
    uint8_t *all = malloc(f->now.n + 1);
    if (!all)
        abort();
    size_t n = get(&f->now, 0, all, f->now.n), step = what[0].n - 1;
    for (size_t k = 0; k < n_what; k++)
        for (size_t i = 0; i < step; i++) {
            unsigned pair = (unsigned)what[k].p[i] << 8 | what[k].p[i + 1];
            pairs[pair / 8] = (uint8_t)(pairs[pair / 8] | 1u << pair % 8);
        }
    for (size_t at = 0; at + 1 < n && !found; at += step) {
        unsigned pair = (unsigned)all[at] << 8 | all[at + 1];
        if (pairs[pair / 8] & 1u << pair % 8)
            found = held_around(all, n, at, what, n_what);
    }
    free(all);
    return found;
}

const cf_bytes *files_hold(const char *dir, const cf_bytes *what, size_t n_what, const char **ret_path)
{
    size_t n = strlen(dir);
    const cf_bytes *found = NULL;
    for (size_t k = 1; k < n_what; k++)
        if (what[k].n != what[0].n)
            abort();
    for (const struct file *f = *machine_of(dir); f && !found && n_what > 0; f = f->other)
        if (strncmp(f->path, dir, n) == 0 && f->path[n] == '/' && !strstr(f->path + n, "/journal-broken") &&
            !strstr(f->path + n, "/hub.") && (found = held(f, what, n_what)) != NULL)
            *ret_path = f->path;
    return found;
}

enum cf_rc files_read(void *ctx, const char *path, struct cf_buf *ret, struct cf_error *err)
{
    const struct file *f = find(path);
    (void)ctx;
    enum cf_rc rc = f ? CF_OK : cf_fail(err, CF_E_NOT_FOUND, "%s", path);
    for (size_t at = 0; rc == CF_OK && at < f->now.n;) {
        uint8_t part[PIECE_BYTES];
        size_t n = get(&f->now, at, part, sizeof part);
        rc = cf_buf_append(ret, part, n, err);
        at += n;
    }
    return rc;
}

/* Old or new, never anything between, and durable. */
enum cf_rc files_replace(void *ctx, const char *path, cf_bytes content, unsigned mode, struct cf_error *err)
{
    (void)ctx;
    (void)mode;
    (void)err;
    look();
    struct file *f = find(path);
    if (!f)
        f = create(path, false);
    resize(&f->now, 0);
    put(&f->now, 0, content.p, content.n);
    sync_file(f);
    return CF_OK;
}

/* --- SQLite's file ------------------------------------------------------------------------------------------------ */

struct handle {
    sqlite3_file base;
    struct file *file;
    struct handle *next; /* of the list of its process */
    struct handle **at;
    uint32_t process;
    bool dead, delete_on_close;
    int lock;
    bool has_shm;
    uint16_t shm_shared, shm_exclusive;
};
static struct handle *open_handles[PROCESSES];

static struct handle *handle_of(sqlite3_file *base)
{
    return (struct handle *)base;
}

static int unlock_to(struct handle *h, int level)
{
    struct file *f = h->file;
    if (h->lock > SQLITE_LOCK_SHARED) {
        if (f->reserved == h)
            f->reserved = NULL;
        if (f->pending_lock == h)
            f->pending_lock = NULL;
        if (f->exclusive == h)
            f->exclusive = NULL;
    }
    if (h->lock >= SQLITE_LOCK_SHARED && level == SQLITE_LOCK_NONE)
        f->n_shared--;
    if (level < h->lock)
        h->lock = level;
    return SQLITE_OK;
}

static int x_unlock(sqlite3_file *base, int level)
{
    struct handle *h = handle_of(base);
    return h->dead ? SQLITE_OK : unlock_to(h, level);
}

static int x_lock(sqlite3_file *base, int level)
{
    struct handle *h = handle_of(base);
    struct file *f = h->file;
    if (h->dead)
        return SQLITE_IOERR_LOCK;
    if (level <= h->lock)
        return SQLITE_OK;
    if (h->lock == SQLITE_LOCK_NONE) {
        if (f->pending_lock || f->exclusive)
            return SQLITE_BUSY;
        f->n_shared++;
        h->lock = SQLITE_LOCK_SHARED;
    }
    if (level == SQLITE_LOCK_RESERVED) {
        if (f->reserved && f->reserved != h)
            return SQLITE_BUSY;
        f->reserved = h;
        h->lock = SQLITE_LOCK_RESERVED;
    } else if (level == SQLITE_LOCK_EXCLUSIVE) {
        if ((f->reserved && f->reserved != h) || (f->pending_lock && f->pending_lock != h))
            return SQLITE_BUSY;
        f->reserved = f->pending_lock = h;
        h->lock = SQLITE_LOCK_PENDING;
        if (f->n_shared > 1)
            return SQLITE_BUSY;
        f->exclusive = h;
        h->lock = SQLITE_LOCK_EXCLUSIVE;
    }
    return SQLITE_OK;
}

static int x_check_reserved(sqlite3_file *base, int *ret)
{
    *ret = handle_of(base)->file->reserved != NULL;
    return SQLITE_OK;
}

static int x_read(sqlite3_file *base, void *p, int n, sqlite3_int64 at)
{
    const struct handle *h = handle_of(base);
    if (h->dead)
        return SQLITE_IOERR_READ;
    size_t have = get(&h->file->now, (size_t)at, p, (size_t)n);
    if (have == (size_t)n)
        return SQLITE_OK;
    memset((uint8_t *)p + have, 0, (size_t)n - have);
    return SQLITE_IOERR_SHORT_READ;
}

static int x_write(sqlite3_file *base, const void *p, int n, sqlite3_int64 at)
{
    struct handle *h = handle_of(base);
    if (h->dead)
        return SQLITE_IOERR_WRITE;
    look();
    write_at(h->file, (size_t)at, p, (size_t)n);
    return SQLITE_OK;
}

static int x_truncate(sqlite3_file *base, sqlite3_int64 n)
{
    struct handle *h = handle_of(base);
    if (h->dead)
        return SQLITE_IOERR_TRUNCATE;
    look();
    cut_to(h->file, (size_t)n);
    return SQLITE_OK;
}

static int x_sync(sqlite3_file *base, int flags)
{
    struct handle *h = handle_of(base);
    (void)flags;
    if (h->dead)
        return SQLITE_IOERR_FSYNC;
    look();
    sync_file(h->file);
    return SQLITE_OK;
}

static int x_size(sqlite3_file *base, sqlite3_int64 *ret)
{
    *ret = (sqlite3_int64)handle_of(base)->file->now.n;
    return SQLITE_OK;
}

static int x_control(sqlite3_file *base, int op, void *arg)
{
    (void)base;
    (void)arg;
    (void)op;
    return SQLITE_NOTFOUND;
}

static int x_sector(sqlite3_file *base)
{
    (void)base;
    return 4096;
}

static int x_character(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* --- the shared memory of the write-ahead log --------------------------------------------------------------------- */

static void shm_drop_locks(struct handle *h)
{
    struct file *f = h->file;
    for (int k = 0; k < SQLITE_SHM_NLOCK; k++) {
        if (h->shm_shared & 1u << k)
            f->shm_shared[k]--;
        if (h->shm_exclusive & 1u << k)
            f->shm_exclusive[k] = NULL;
    }
    h->shm_shared = h->shm_exclusive = 0;
}

static void shm_leave(struct handle *h)
{
    struct file *f = h->file;
    if (!h->has_shm)
        return;
    h->has_shm = false;
    shm_drop_locks(h);
    if (--f->shm_users > 0)
        return;
    for (size_t k = 0; k < SHM_REGIONS_MAX; k++) {
        free(f->shm[k]);
        f->shm[k] = NULL;
    }
}

static int x_shm_map(sqlite3_file *base, int region, int bytes, int extend, void volatile **ret)
{
    struct handle *h = handle_of(base);
    struct file *f = h->file;
    if (h->dead || bytes != SHM_REGION || region >= SHM_REGIONS_MAX)
        return SQLITE_IOERR_SHMMAP;
    if (!h->has_shm) {
        h->has_shm = true;
        f->shm_users++;
    }
    if (!f->shm[region] && extend && !(f->shm[region] = calloc(1, SHM_REGION)))
        return SQLITE_NOMEM;
    *ret = f->shm[region];
    return SQLITE_OK;
}

static int x_shm_lock(sqlite3_file *base, int first, int n, int flags)
{
    struct handle *h = handle_of(base);
    struct file *f = h->file;
    if (h->dead)
        return flags & SQLITE_SHM_UNLOCK ? SQLITE_OK : SQLITE_IOERR_SHMLOCK;
    for (int k = first; k < first + n && !(flags & SQLITE_SHM_UNLOCK); k++) {
        bool mine = (h->shm_shared & 1u << k) != 0;
        if (f->shm_exclusive[k] && f->shm_exclusive[k] != h)
            return SQLITE_BUSY;
        if ((flags & SQLITE_SHM_EXCLUSIVE) && f->shm_shared[k] > (mine ? 1u : 0u))
            return SQLITE_BUSY;
    }
    for (int k = first; k < first + n; k++) {
        uint16_t bit = (uint16_t)(1u << k);
        if (flags & SQLITE_SHM_UNLOCK) {
            if (h->shm_shared & bit)
                f->shm_shared[k]--;
            if (h->shm_exclusive & bit)
                f->shm_exclusive[k] = NULL;
            h->shm_shared &= (uint16_t)~bit;
            h->shm_exclusive &= (uint16_t)~bit;
        } else if (flags & SQLITE_SHM_EXCLUSIVE) {
            f->shm_exclusive[k] = h;
            h->shm_exclusive |= bit;
        } else if (!(h->shm_shared & bit)) {
            f->shm_shared[k]++;
            h->shm_shared |= bit;
        }
    }
    return SQLITE_OK;
}

static void x_shm_barrier(sqlite3_file *base)
{
    (void)base;
}

static int x_shm_unmap(sqlite3_file *base, int delete_it)
{
    (void)delete_it;
    shm_leave(handle_of(base));
    return SQLITE_OK;
}

static void leave_list(struct handle *h)
{
    if (!h->at)
        return;
    *h->at = h->next;
    if (h->next)
        h->next->at = h->at;
    h->at = NULL;
}

static int x_close(sqlite3_file *base)
{
    struct handle *h = handle_of(base);
    if (!h->file)
        return SQLITE_OK;
    leave_list(h);
    if (!h->dead) {
        shm_leave(h);
        unlock_to(h, SQLITE_LOCK_NONE);
        if (h->delete_on_close && h->file->linked)
            unlink_file(h->file);
    }
    release(h->file);
    h->file = NULL;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = x_close,
    .xRead = x_read,
    .xWrite = x_write,
    .xTruncate = x_truncate,
    .xSync = x_sync,
    .xFileSize = x_size,
    .xLock = x_lock,
    .xUnlock = x_unlock,
    .xCheckReservedLock = x_check_reserved,
    .xFileControl = x_control,
    .xSectorSize = x_sector,
    .xDeviceCharacteristics = x_character,
    .xShmMap = x_shm_map,
    .xShmLock = x_shm_lock,
    .xShmBarrier = x_shm_barrier,
    .xShmUnmap = x_shm_unmap,
};

/* --- the VFS ------------------------------------------------------------------------------------------------------ */

static uint64_t vfs_chance = 1;

static int x_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *ret_flags)
{
    struct handle *h = handle_of(base);
    static unsigned n_temporary;
    char temporary[PATH_BYTES];
    (void)vfs;
    memset(h, 0, sizeof *h);
    if (!name) {
        (void)snprintf(temporary, sizeof temporary, SIM_ROOT "tmp/%u", ++n_temporary);
        name = temporary;
    }
    struct file *f = find(name);
    if (!f && !(flags & SQLITE_OPEN_CREATE))
        return SQLITE_CANTOPEN;
    if (!f)
        f = create(name, false);
    h->file = f;
    h->process = running;
    h->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    h->at = &open_handles[running % PROCESSES];
    h->next = *h->at;
    if (h->next)
        h->next->at = &h->next;
    *h->at = h;
    f->refs++;
    base->pMethods = &methods;
    if (ret_flags)
        *ret_flags = flags;
    return SQLITE_OK;
}

static int x_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
    struct file *f = find(name);
    (void)vfs;
    if (!f)
        return SQLITE_IOERR_DELETE_NOENT;
    look();
    unname(f);
    if (sync_dir)
        names_durable(name);
    return SQLITE_OK;
}

static int x_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
    const struct file *f = find(name);
    (void)vfs;
    *ret = f && (flags != SQLITE_ACCESS_EXISTS || f->now.n > 0);
    return SQLITE_OK;
}

static int x_full_path(sqlite3_vfs *vfs, const char *name, int n, char *ret)
{
    (void)vfs;
    (void)snprintf(ret, (size_t)n, "%s", name);
    return SQLITE_OK;
}

static int x_randomness(sqlite3_vfs *vfs, int n, char *ret)
{
    (void)vfs;
    for (int k = 0; k < n; k++)
        ret[k] = (char)(chance_next(&vfs_chance) >> 32);
    return n;
}

static int x_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int x_now(sqlite3_vfs *vfs, double *ret)
{
    (void)vfs;
    *ret = 2461000.5;
    return SQLITE_OK;
}

static sqlite3_vfs vfs_sim = {
    .iVersion = 1,
    .szOsFile = sizeof(struct handle),
    .mxPathname = PATH_BYTES - 1,
    .zName = "sim",
    .xOpen = x_open,
    .xDelete = x_delete,
    .xAccess = x_access,
    .xFullPathname = x_full_path,
    .xRandomness = x_randomness,
    .xSleep = x_sleep,
    .xCurrentTime = x_now,
};

void files_begin(void)
{
    memory_begin();
    if (sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) != SQLITE_OK ||
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK || sqlite3_vfs_register(&vfs_sim, 1) != SQLITE_OK)
        abort();
}

void files_kill(uint32_t process)
{
    for (struct handle *h = open_handles[process % PROCESSES], *next; h; h = next) {
        next = h->next;
        if (h->process != process)
            continue;
        shm_leave(h);
        unlock_to(h, SQLITE_LOCK_NONE);
        leave_list(h);
        h->dead = true;
    }
    for (int k = 0; k < fds_used; k++)
        if (fds[k].file && fds[k].process == process) {
            if (fds[k].file->flock_fd == (uint64_t)k + 1)
                fds[k].file->flock_fd = 0;
            fds[k].dead = true;
        }
}

/* --- the POSIX calls of the shipped code -------------------------------------------------------------------------- */

int __real_open(const char *path, int flags, ...);
int __real_close(int fd);
int __real_access(const char *path, int mode);
int __real_stat(const char *path, struct stat *ret);
int __real_fstat(int fd, struct stat *ret);
int __real_rename(const char *from, const char *to);
int __real_unlink(const char *path);
int __real_mkdir(const char *path, mode_t mode);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_flock(int fd, int how);
ssize_t __real_pread(int fd, void *p, size_t n, off_t at);
ssize_t __real_pwrite(int fd, const void *p, size_t n, off_t at);
int __wrap_open(const char *path, int flags, ...);
int __wrap_close(int fd);
int __wrap_access(const char *path, int mode);
int __wrap_stat(const char *path, struct stat *ret);
int __wrap_fstat(int fd, struct stat *ret);
int __wrap_rename(const char *from, const char *to);
int __wrap_unlink(const char *path);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_flock(int fd, int how);
ssize_t __wrap_pread(int fd, void *p, size_t n, off_t at);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t at);
DIR *__real_opendir(const char *path);
struct dirent *__real_readdir(DIR *dir);
int __real_closedir(DIR *dir);
DIR *__wrap_opendir(const char *path);
struct dirent *__wrap_readdir(DIR *dir);
int __wrap_closedir(DIR *dir);

static struct fd *fd_of(int fd)
{
    return fd >= FD_FIRST && fd < FD_FIRST + FDS_MAX && fds[fd - FD_FIRST].file ? &fds[fd - FD_FIRST] : NULL;
}

static int failed(int errnum)
{
    errno = errnum;
    return -1;
}

int __wrap_open(const char *path, int flags, ...)
{
    if (!is_ours(path)) {
        va_list args;
        va_start(args, flags);
        int mode = flags & O_CREAT ? va_arg(args, int) : 0;
        va_end(args);
        return __real_open(path, flags, mode);
    }
    struct file *f = find(path);
    if (!f && (flags & O_DIRECTORY))
        f = create(path, true);
    if (!f && !(flags & O_CREAT))
        return failed(ENOENT);
    if (!f)
        f = create(path, false);
    int k = 0;
    while (k < fds_used && fds[k].file)
        k++;
    if (k == FDS_MAX)
        return failed(EMFILE);
    if (k == fds_used)
        fds_used++;
    fds[k] = (struct fd){.file = f, .process = running};
    f->refs++;
    return FD_FIRST + k;
}

int __wrap_close(int number)
{
    struct fd *fd = fd_of(number);
    if (!fd)
        return __real_close(number);
    if (fd->file->flock_fd == (uint64_t)(fd - fds) + 1)
        fd->file->flock_fd = 0;
    release(fd->file);
    fd->file = NULL;
    return 0;
}

int __wrap_access(const char *path, int mode)
{
    if (!is_ours(path))
        return __real_access(path, mode);
    return find(path) ? 0 : failed(ENOENT);
}

static int stat_of(const struct file *f, struct stat *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->st_dev = 1;
    ret->st_ino = f->ino;
    ret->st_size = (off_t)f->now.n;
    ret->st_mode = f->is_dir ? S_IFDIR | 0700 : S_IFREG | 0600;
    return 0;
}

int __wrap_stat(const char *path, struct stat *ret)
{
    if (!is_ours(path))
        return __real_stat(path, ret);
    const struct file *f = find(path);
    return f ? stat_of(f, ret) : failed(ENOENT);
}

int __wrap_fstat(int number, struct stat *ret)
{
    const struct fd *fd = fd_of(number);
    return fd ? stat_of(fd->file, ret) : __real_fstat(number, ret);
}

int __wrap_rename(const char *from, const char *to)
{
    if (!is_ours(from))
        return __real_rename(from, to);
    struct file *f = find(from);
    if (!f)
        return failed(ENOENT);
    look();
    rename_file(f, to);
    return 0;
}

int __wrap_unlink(const char *path)
{
    if (!is_ours(path))
        return __real_unlink(path);
    struct file *f = find(path);
    if (!f)
        return failed(ENOENT);
    look();
    unname(f);
    return 0;
}

int __wrap_mkdir(const char *path, mode_t mode)
{
    if (!is_ours(path))
        return __real_mkdir(path, mode);
    if (find(path))
        return failed(EEXIST);
    (void)create(path, true);
    return 0;
}

int __wrap_fsync(int number)
{
    const struct fd *fd = fd_of(number);
    if (!fd)
        return __real_fsync(number);
    if (fd->dead)
        return failed(EIO);
    look();
    if (fd->file->is_dir)
        names_durable(fd->file->path);
    else
        sync_file(fd->file);
    return 0;
}

int __wrap_fdatasync(int number)
{
    return fd_of(number) ? __wrap_fsync(number) : __real_fdatasync(number);
}

int __wrap_flock(int number, int how)
{
    struct fd *fd = fd_of(number);
    if (!fd)
        return __real_flock(number, how);
    uint64_t me = (uint64_t)(fd - fds) + 1;
    if (how & LOCK_UN) {
        fd->file->flock_fd = fd->file->flock_fd == me ? 0 : fd->file->flock_fd;
        return 0;
    }
    if (fd->file->flock_fd && fd->file->flock_fd != me)
        return failed(EWOULDBLOCK);
    fd->file->flock_fd = me;
    return 0;
}

ssize_t __wrap_pread(int number, void *p, size_t n, off_t at)
{
    const struct fd *fd = fd_of(number);
    if (!fd)
        return __real_pread(number, p, n, at);
    return (ssize_t)get(&fd->file->now, (size_t)at, p, n);
}

/* Names as they were when the folder was opened. Whoever dies over it leaves it behind, and another takes the place. */
#define LISTINGS 4
#define LISTED_MAX 64
static struct listing {
    size_t n, at;
    char name[LISTED_MAX][64];
    struct dirent entry;
} listings[LISTINGS];
static unsigned next_listing;

static struct listing *listing_of(DIR *dir)
{
    for (size_t k = 0; k < LISTINGS; k++)
        if (dir == (DIR *)(void *)&listings[k])
            return &listings[k];
    return NULL;
}

DIR *__wrap_opendir(const char *path)
{
    if (!is_ours(path))
        return __real_opendir(path);
    struct listing *listing = &listings[next_listing++ % LISTINGS];
    size_t length = strlen(path);
    listing->n = listing->at = 0;
    for (const struct file *f = *machine_of(path); f; f = f->other) {
        if (strncmp(f->path, path, length) != 0 || f->path[length] != '/' || strchr(f->path + length + 1, '/'))
            continue;
        if (listing->n == LISTED_MAX || strlen(f->path + length + 1) >= sizeof listing->name[0])
            abort();
        memcpy(listing->name[listing->n++], f->path + length + 1, strlen(f->path + length + 1) + 1);
    }
    return (DIR *)(void *)listing;
}

struct dirent *__wrap_readdir(DIR *dir)
{
    struct listing *listing = listing_of(dir);
    if (!listing)
        return __real_readdir(dir);
    if (listing->at == listing->n)
        return NULL;
    memcpy(listing->entry.d_name, listing->name[listing->at++], sizeof listing->name[0]);
    return &listing->entry;
}

int __wrap_closedir(DIR *dir)
{
    return listing_of(dir) ? 0 : __real_closedir(dir);
}

ssize_t __wrap_pwrite(int number, const void *p, size_t n, off_t at)
{
    const struct fd *fd = fd_of(number);
    if (!fd)
        return __real_pwrite(number, p, n, at);
    if (fd->dead)
        return failed(EIO);
    look();
    write_at(fd->file, (size_t)at, p, n);
    return (ssize_t)n;
}
