/*
 * tests/support/disk.c - what is on a model disk, what of it lasts, and what a cut leaves; see disk.h.
 */
#include "tests/support/disk_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRITE_BACK_PER_1000 30

struct cf_disk {
    size_t number;
    char path[CF_DISK_PATH_MAX];
    uint64_t chance;
    struct cf_disk_rules rules;
    struct file *files;
    struct names now, kept;
    struct change *changes; /* that lead from kept to now */
    size_t n_changes, changes_room;
    uint64_t last_number;

    bool off;
    unsigned process;
    bool process_dead; /* the process at work */
    uint64_t operations, stop_in;
    enum cf_disk_stop stop;
    cf_disk_stop_fn stop_fn;
    void *stop_ctx;
    struct cf_disk_counts counts;
};

static struct cf_disk **disks;
static size_t n_disks;

static void *grown(void *p, size_t n, size_t *room, size_t each_bytes)
{
    if (n < *room)
        return p;
    *room = *room > 0 ? 2 * *room : 8;
    p = realloc(p, *room * each_bytes);
    if (!p)
        abort();
    return p;
}

static void *zeroed(size_t bytes)
{
    void *p = calloc(1, bytes);
    if (!p)
        abort();
    return p;
}

static char *copy_of(const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy)
        abort();
    return copy;
}

uint64_t disk_chance(struct cf_disk *disk, uint64_t below)
{
    disk->chance += UINT64_C(0x9E3779B97F4A7C15); /* splitmix64 */
    uint64_t z = disk->chance;
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (z ^ z >> 31) % below;
}

/* --- blocks ------------------------------------------------------------------------------------------------------- */

static struct block *shared(struct block *block)
{
    if (block)
        block->refs++;
    return block;
}

static void let_go(struct block **at)
{
    if (*at && --(*at)->refs == 0)
        free(*at);
    *at = NULL;
}

/* The block at this place, nobody else's. */
static struct block *own(struct block **at)
{
    if (*at && (*at)->refs == 1)
        return *at;
    struct block *block = malloc(sizeof *block);
    if (!block)
        abort();
    if (*at) {
        memcpy(block->b, (*at)->b, BLOCK_BYTES);
        (*at)->refs--;
    } else {
        memset(block->b, 0, BLOCK_BYTES);
    }
    block->refs = 1;
    *at = block;
    return block;
}

/* These sectors of `now` last from here on. */
static void last(struct slot *slot, unsigned sectors)
{
    sectors &= slot->dirty;
    if (sectors == 0)
        return;
    uint8_t *kept = own(&slot->kept)->b;
    for (size_t k = 0; k < BLOCK_SECTORS; k++)
        if (sectors & 1u << k)
            memcpy(kept + k * CF_DISK_SECTOR_BYTES, slot->now->b + k * CF_DISK_SECTOR_BYTES, CF_DISK_SECTOR_BYTES);
    slot->dirty = (uint8_t)(slot->dirty & ~sectors);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static struct file *file_new(struct cf_disk *disk, bool is_folder)
{
    struct file *file = zeroed(sizeof *file);
    file->disk = disk;
    file->is_folder = is_folder;
    file->number = ++disk->last_number;
    file->next = disk->files;
    disk->files = file;
    return file;
}

static void file_free(struct file *file)
{
    for (size_t k = 0; k < file->n_slots; k++) {
        let_go(&file->slots[k].now);
        let_go(&file->slots[k].kept);
    }
    free(file->slots);
    free(file->dirty);
    free(file);
}

static void unref(struct file *file)
{
    if (!file || --file->refs > 0)
        return;
    struct file **at = &file->disk->files;
    while (*at != file)
        at = &(*at)->next;
    *at = file->next;
    file_free(file);
}

static size_t blocks_of(uint64_t bytes)
{
    return (size_t)((bytes + BLOCK_BYTES - 1) / BLOCK_BYTES);
}

static void need_slots(struct file *file, size_t n)
{
    if (n <= file->n_slots)
        return;
    size_t room = file->n_slots > 0 ? file->n_slots : 4;
    while (room < n)
        room *= 2;
    file->slots = realloc(file->slots, room * sizeof *file->slots);
    if (!file->slots)
        abort();
    memset(file->slots + file->n_slots, 0, (room - file->n_slots) * sizeof *file->slots);
    file->n_slots = room;
}

static void list_dirty(struct file *file, size_t block)
{
    if (file->slots[block].listed)
        return;
    file->dirty = grown(file->dirty, file->n_dirty, &file->dirty_room, sizeof *file->dirty);
    file->dirty[file->n_dirty++] = (uint32_t)block;
    file->slots[block].listed = true;
}

/* Zeros if p is NULL. Within one block. */
static void write_block(struct file *file, size_t block, size_t at, const void *p, size_t n)
{
    struct slot *slot = &file->slots[block];
    uint8_t *to = own(&slot->now)->b + at;
    if (p)
        memcpy(to, p, n);
    else
        memset(to, 0, n);
    for (size_t k = at / CF_DISK_SECTOR_BYTES; k <= (at + n - 1) / CF_DISK_SECTOR_BYTES; k++) {
        slot->dirty = (uint8_t)(slot->dirty | 1u << k);
        slot->stamp[k] = (uint32_t)file->disk->operations;
    }
    list_dirty(file, block);
}

static void file_truncate(struct file *file, uint64_t size)
{
    need_slots(file, blocks_of(size));
    for (size_t k = blocks_of(size); size < file->size && k < blocks_of(file->size); k++) {
        let_go(&file->slots[k].now);
        file->slots[k].dirty = 0;
        list_dirty(file, k);
    }
    if (size < file->size && size % BLOCK_BYTES != 0)
        write_block(file, (size_t)(size / BLOCK_BYTES), size % BLOCK_BYTES, NULL, BLOCK_BYTES - size % BLOCK_BYTES);
    file->size = size;
}

static void file_sync(struct file *file)
{
    for (size_t k = 0; k < file->n_dirty; k++) {
        struct slot *slot = &file->slots[file->dirty[k]];
        let_go(&slot->kept);
        slot->kept = shared(slot->now);
        slot->dirty = 0;
        slot->listed = false;
    }
    file->n_dirty = 0;
    file->kept_size = file->size;
}

/* A sector that lasts beyond the length makes the file longer. */
static void lengthen(struct file *file, size_t block, unsigned sectors)
{
    for (size_t k = BLOCK_SECTORS; k-- > 0;)
        if (sectors & 1u << k) {
            uint64_t end = block * BLOCK_BYTES + (k + 1) * CF_DISK_SECTOR_BYTES;
            end = end < file->size ? end : file->size;
            file->kept_size = end > file->kept_size ? end : file->kept_size;
            return;
        }
}

static void write_back_early(struct cf_disk *disk, struct file *file)
{
    if (disk->rules.write_back_per_1000 == 0 || disk_chance(disk, 1000) >= disk->rules.write_back_per_1000)
        return;
    size_t block = file->dirty[disk_chance(disk, file->n_dirty)];
    unsigned sectors = (unsigned)disk_chance(disk, 256) & file->slots[block].dirty;
    last(&file->slots[block], sectors);
    lengthen(file, block, sectors);
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static size_t names_find(const struct names *names, const char *path)
{
    size_t k = 0;
    while (k < names->n && strcmp(names->name[k].path, path) != 0)
        k++;
    return k;
}

static void names_drop(struct names *names, const char *path)
{
    size_t k = names_find(names, path);
    if (k == names->n)
        return;
    free(names->name[k].path);
    unref(names->name[k].file);
    names->name[k] = names->name[--names->n];
}

static void names_put(struct names *names, const char *path, struct file *file)
{
    file->refs++;
    names_drop(names, path);
    names->name = grown(names->name, names->n, &names->room, sizeof *names->name);
    names->name[names->n++] = (struct name){copy_of(path), file};
}

static void names_clear(struct names *names)
{
    while (names->n > 0)
        names_drop(names, names->name[0].path);
    free(names->name);
    *names = (struct names){NULL, 0, 0};
}

static void names_apply(struct names *names, const struct change *change)
{
    if (change->from)
        names_drop(names, change->from);
    if (change->to)
        names_put(names, change->to, change->file);
}

static void change_done(struct change *change)
{
    free(change->from);
    free(change->to);
    unref(change->file);
}

/* The first n changes last. */
static void keep_changes(struct cf_disk *disk, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        names_apply(&disk->kept, &disk->changes[k]);
        change_done(&disk->changes[k]);
    }
    memmove(disk->changes, disk->changes + n, (disk->n_changes - n) * sizeof *disk->changes);
    disk->n_changes -= n;
}

static void forget_changes(struct cf_disk *disk)
{
    for (size_t k = 0; k < disk->n_changes; k++)
        change_done(&disk->changes[k]);
    disk->n_changes = 0;
}

struct file *disk_find(struct cf_disk *disk, const char *below)
{
    size_t k = names_find(&disk->now, below);
    return k < disk->now.n ? disk->now.name[k].file : NULL;
}

/* --- operations --------------------------------------------------------------------------------------------------- */

bool disk_may(const struct cf_disk *disk)
{
    return !disk->off && !disk->process_dead;
}

static void detach(struct handle *handle)
{
    struct handle **at = &handle->file->handles;
    while (*at != handle)
        at = &(*at)->next;
    *at = handle->next;
    struct file *file = handle->file;
    handle->file = NULL;
    handle->lock = 0;
    handle->holds_flock = false;
    handle->shm_shared = handle->shm_exclusive = 0;
    if (file->shm && handle->shm) {
        bool used = false;
        for (struct handle *other = file->handles; other; other = other->next)
            used |= other->shm == file->shm;
        if (!used)
            file->shm = NULL; /* whoever comes next starts a new one */
    }
    unref(file);
}

/* Of one process, or of all (-1). */
static void detach_all(struct cf_disk *disk, int process)
{
    struct file *next = NULL;
    for (struct file *file = disk->files; file; file = next) {
        file->refs++;
        struct handle *following = NULL;
        for (struct handle *handle = file->handles; handle; handle = following) {
            following = handle->next;
            if (process < 0 || handle->process == (unsigned)process)
                detach(handle);
        }
        next = file->next;
        unref(file);
    }
}

void cf_disk_cut(struct cf_disk *disk)
{
    if (disk->off)
        return;
    disk->off = true;
    disk->stop_in = 0;
    disk->counts.cuts++;
    detach_all(disk, -1);
}

void cf_disk_kill(struct cf_disk *disk, unsigned process)
{
    detach_all(disk, (int)process);
    if (process == disk->process)
        disk->process_dead = true;
}

/* The operation is done; false if the process or the machine stopped in it. */
static bool done(struct cf_disk *disk)
{
    disk->operations++;
    if (disk->stop_in == 0 || --disk->stop_in > 0)
        return true;
    if (disk->stop == CF_DISK_CUT)
        cf_disk_cut(disk);
    else
        cf_disk_kill(disk, disk->process);
    if (disk->stop_fn)
        disk->stop_fn(disk->stop_ctx, disk->stop);
    return false;
}

static bool change_names(struct cf_disk *disk, const char *from, const char *to, struct file *file)
{
    if (!disk_may(disk))
        return false;
    disk->changes = grown(disk->changes, disk->n_changes, &disk->changes_room, sizeof *disk->changes);
    struct change *change = &disk->changes[disk->n_changes++];
    *change = (struct change){copy_of(from), copy_of(to), file, (uint32_t)disk->operations};
    file->refs++;
    names_apply(&disk->now, change);
    disk->counts.names++;
    return done(disk);
}

bool disk_make(struct cf_disk *disk, const char *below, bool is_folder, struct file **ret)
{
    if (!disk_may(disk))
        return false;
    struct file *file = file_new(disk, is_folder);
    if (!change_names(disk, NULL, below, file))
        return false;
    *ret = file;
    return true;
}

bool disk_remove(struct cf_disk *disk, const char *below)
{
    return change_names(disk, below, NULL, disk_find(disk, below));
}

bool disk_rename(struct cf_disk *disk, const char *from, const char *to)
{
    struct file *file = disk_find(disk, from);
    assert(!file->is_folder);
    return change_names(disk, from, to, file);
}

/* A sync in which the power goes has synced nothing by itself: what lasts is up to the cut. */
static bool is_cut_now(const struct cf_disk *disk)
{
    return disk->stop_in == 1 && disk->stop == CF_DISK_CUT;
}

bool disk_sync_names(struct cf_disk *disk)
{
    if (!disk_may(disk))
        return false;
    if (!disk->rules.sync_lies && !is_cut_now(disk))
        keep_changes(disk, disk->n_changes);
    disk->counts.syncs++;
    return done(disk);
}

/* --- handles ------------------------------------------------------------------------------------------------------ */

void handle_open(struct handle *handle, struct file *file)
{
    *handle = (struct handle){.file = file, .next = file->handles, .process = file->disk->process};
    file->handles = handle;
    file->refs++;
}

void handle_open_nameless(struct handle *handle)
{
    static struct cf_disk *scratch;
    if (!scratch)
        scratch = cf_disk_new(0);
    handle_open(handle, file_new(scratch, false));
}

void handle_unmap(struct handle *handle)
{
    struct shm *shm = handle->shm;
    handle->shm = NULL;
    handle->shm_shared = handle->shm_exclusive = 0;
    if (!shm || --shm->refs > 0)
        return;
    if (handle->file && handle->file->shm == shm)
        handle->file->shm = NULL;
    for (size_t k = 0; k < SHM_REGIONS_MAX; k++)
        free(shm->region[k]);
    free(shm);
}

void handle_close(struct handle *handle)
{
    handle_unmap(handle);
    if (handle->file)
        detach(handle);
}

size_t handle_read(const struct handle *handle, void *p, size_t n, uint64_t at)
{
    const struct file *file = handle->file;
    if (at >= file->size)
        return 0;
    n = n < file->size - at ? n : (size_t)(file->size - at);
    for (size_t got = 0; got < n;) {
        size_t within = (size_t)((at + got) % BLOCK_BYTES);
        size_t part = BLOCK_BYTES - within < n - got ? BLOCK_BYTES - within : n - got;
        const struct block *block = file->slots[(at + got) / BLOCK_BYTES].now;
        if (block)
            memcpy((uint8_t *)p + got, block->b + within, part);
        else
            memset((uint8_t *)p + got, 0, part);
        got += part;
    }
    return n;
}

bool handle_write(struct handle *handle, const void *p, size_t n, uint64_t at)
{
    struct file *file = handle->file;
    if (!file || !disk_may(file->disk))
        return false;
    if (n == 0)
        return true;
    need_slots(file, blocks_of(at + n));
    for (size_t put = 0; put < n;) {
        size_t within = (size_t)((at + put) % BLOCK_BYTES);
        size_t part = BLOCK_BYTES - within < n - put ? BLOCK_BYTES - within : n - put;
        write_block(file, (size_t)((at + put) / BLOCK_BYTES), within, (const uint8_t *)p + put, part);
        put += part;
    }
    file->size = at + n > file->size ? at + n : file->size;
    write_back_early(file->disk, file);
    file->disk->counts.writes++;
    file->disk->counts.bytes += n;
    return done(file->disk);
}

bool handle_truncate(struct handle *handle, uint64_t size)
{
    struct file *file = handle->file;
    if (!file || !disk_may(file->disk))
        return false;
    file_truncate(file, size);
    return done(file->disk);
}

static void keep_name(struct cf_disk *disk, const struct file *file)
{
    size_t n = disk->n_changes;
    while (n > 0 && disk->changes[n - 1].file != file)
        n--;
    keep_changes(disk, n);
}

bool handle_sync(struct handle *handle)
{
    struct file *file = handle->file;
    if (!file || !disk_may(file->disk))
        return false;
    struct cf_disk *disk = file->disk;
    if (!disk->rules.sync_lies && !is_cut_now(disk)) {
        file_sync(file);
        if (disk->rules.sync_keeps_name)
            keep_name(disk, file);
    }
    disk->counts.syncs++;
    return done(disk);
}

/* --- what a cut leaves -------------------------------------------------------------------------------------------- */

struct fate {
    enum cf_disk_fate kind;
    uint32_t moment; /* IN_ORDER: what was written before lasts */
    bool file_lasts; /* ONE_FILE: this one */
};

static uint32_t oldest_stamp(const struct cf_disk *disk)
{
    uint32_t now = (uint32_t)disk->operations, age = 0;
    for (const struct file *file = disk->files; file; file = file->next)
        for (size_t k = 0; k < file->n_dirty; k++) {
            const struct slot *slot = &file->slots[file->dirty[k]];
            for (size_t s = 0; s < BLOCK_SECTORS; s++)
                if (slot->dirty & 1u << s)
                    age = now - slot->stamp[s] > age ? now - slot->stamp[s] : age;
        }
    for (size_t k = 0; k < disk->n_changes; k++)
        age = now - disk->changes[k].stamp > age ? now - disk->changes[k].stamp : age;
    return now - age;
}

static bool is_before(uint32_t stamp, uint32_t moment)
{
    return (int32_t)(stamp - moment) < 0;
}

static unsigned sectors_in_order(const struct slot *slot, uint32_t moment, unsigned torn_at)
{
    unsigned sectors = 0;
    for (unsigned k = 0; k < BLOCK_SECTORS; k++)
        if (is_before(slot->stamp[k], moment) || (slot->stamp[k] == moment && k < torn_at))
            sectors |= 1u << k;
    return sectors;
}

static unsigned surviving(struct cf_disk *disk, const struct fate *fate, const struct slot *slot)
{
    switch (fate->kind) {
    case CF_DISK_LOSE:
        return 0;
    case CF_DISK_KEEP:
        return 0xff;
    case CF_DISK_MOSTLY:
        return disk_chance(disk, 2) ? 0xffu : 0xffu & ~(1u << disk_chance(disk, BLOCK_SECTORS));
    case CF_DISK_IN_ORDER:
        return sectors_in_order(slot, fate->moment, (unsigned)disk_chance(disk, BLOCK_SECTORS + 1));
    case CF_DISK_ONE_FILE:
        return fate->file_lasts ? 0xff : 0;
    case CF_DISK_TEAR:
    case CF_DISK_ANY:
    case CF_DISK_FATES:
        break;
    }
    return (unsigned)disk_chance(disk, 256);
}

/* Its length as it lasts: with the surviving sectors it may be longer already; a cut back may have lasted or not. */
static void settle_length(struct cf_disk *disk, struct file *file, const struct fate *fate)
{
    bool all = fate->kind == CF_DISK_KEEP || (fate->kind == CF_DISK_ONE_FILE && fate->file_lasts);
    bool none = fate->kind == CF_DISK_LOSE || (fate->kind == CF_DISK_ONE_FILE && !fate->file_lasts);
    if (file->size != file->kept_size && (all || (!none && disk_chance(disk, 2))))
        file->kept_size = file->size;
    for (size_t k = blocks_of(file->kept_size); k < file->n_slots; k++)
        let_go(&file->slots[k].kept);
    size_t tail = (size_t)(file->kept_size % BLOCK_BYTES), block = (size_t)(file->kept_size / BLOCK_BYTES);
    if (tail > 0 && block < file->n_slots && file->slots[block].kept)
        memset(own(&file->slots[block].kept)->b + tail, 0, BLOCK_BYTES - tail);
}

static void settle_file(struct cf_disk *disk, struct file *file, struct fate *fate)
{
    fate->file_lasts = disk_chance(disk, 2);
    for (size_t k = 0; k < file->n_dirty; k++) {
        struct slot *slot = &file->slots[file->dirty[k]];
        unsigned sectors = surviving(disk, fate, slot) & slot->dirty;
        last(slot, sectors);
        lengthen(file, file->dirty[k], sectors);
        disk->counts.lost_sectors += (unsigned)__builtin_popcount(slot->dirty);
        slot->listed = false;
    }
    file->n_dirty = 0;
    settle_length(disk, file, fate);
    for (size_t k = 0; k < file->n_slots; k++) {
        let_go(&file->slots[k].now);
        file->slots[k].now = shared(file->slots[k].kept);
        file->slots[k].dirty = 0;
    }
    file->size = file->kept_size;
}

static size_t surviving_changes(struct cf_disk *disk, const struct fate *fate)
{
    size_t n = 0;
    switch (fate->kind) {
    case CF_DISK_LOSE:
        return 0;
    case CF_DISK_KEEP:
        return disk->n_changes;
    case CF_DISK_IN_ORDER:
        while (n < disk->n_changes && is_before(disk->changes[n].stamp, fate->moment))
            n++;
        return n;
    case CF_DISK_ANY:
    case CF_DISK_TEAR:
    case CF_DISK_MOSTLY:
    case CF_DISK_ONE_FILE:
    case CF_DISK_FATES:
        break;
    }
    return (size_t)disk_chance(disk, disk->n_changes + 1);
}

static void power_on(struct cf_disk *disk)
{
    disk->off = false;
    disk->process = 0;
    disk->process_dead = false;
    disk->stop_in = 0;
}

static void names_copy(struct names *to, const struct names *from)
{
    names_clear(to);
    for (size_t k = 0; k < from->n; k++)
        names_put(to, from->name[k].path, from->name[k].file);
}

void cf_disk_restart(struct cf_disk *disk, enum cf_disk_fate kind)
{
    cf_disk_cut(disk);
    if (kind == CF_DISK_ANY)
        kind = (enum cf_disk_fate)(1 + disk_chance(disk, CF_DISK_FATES - 1));
    uint32_t oldest = oldest_stamp(disk);
    uint64_t span = (uint32_t)disk->operations - oldest + UINT64_C(1);
    struct fate fate = {.kind = kind, .moment = oldest + (uint32_t)disk_chance(disk, span)};
    keep_changes(disk, surviving_changes(disk, &fate));
    forget_changes(disk);
    names_copy(&disk->now, &disk->kept);
    for (struct file *file = disk->files; file; file = file->next)
        settle_file(disk, file, &fate);
    power_on(disk);
}

/* --- disks -------------------------------------------------------------------------------------------------------- */

struct cf_disk *disk_of_path(const char *path, const char **ret_below)
{
    if (strncmp(path, DISK_ROOT, sizeof DISK_ROOT - 1) != 0)
        return NULL;
    char *end = NULL;
    unsigned long number = strtoul(path + sizeof DISK_ROOT - 1, &end, 10);
    if (number >= n_disks || !disks[number] || (*end != '/' && *end != '\0'))
        return NULL;
    *ret_below = *end == '/' ? end + 1 : end;
    return disks[number];
}

struct cf_disk *cf_disk_new(uint64_t seed)
{
    static size_t room;
    disk_vfs_start();
    struct cf_disk *disk = zeroed(sizeof *disk);
    size_t number = 0;
    while (number < n_disks && disks[number])
        number++;
    if (number == n_disks) {
        disks = grown(disks, n_disks, &room, sizeof *disks);
        n_disks++;
    }
    disks[number] = disk;
    disk->number = number;
    (void)snprintf(disk->path, sizeof disk->path, DISK_ROOT "%zu", number);
    disk->chance = seed;
    disk->rules.write_back_per_1000 = WRITE_BACK_PER_1000;
    struct file *root = file_new(disk, true);
    names_put(&disk->now, "", root);
    names_put(&disk->kept, "", root);
    return disk;
}

static void empty(struct cf_disk *disk)
{
    cf_disk_cut(disk);
    forget_changes(disk);
    names_clear(&disk->now);
    names_clear(&disk->kept);
    assert(!disk->files);
}

void cf_disk_free(struct cf_disk *disk)
{
    if (!disk)
        return;
    empty(disk);
    free(disk->changes);
    disks[disk->number] = NULL;
    free(disk);
}

const char *cf_disk_path(const struct cf_disk *disk)
{
    return disk->path;
}

static void copy_names(struct cf_disk *to, const struct cf_disk *from)
{
    for (size_t k = 0; k < from->now.n; k++) {
        const struct file *original = from->now.name[k].file;
        struct file *file = file_new(to, original->is_folder);
        need_slots(file, blocks_of(original->size));
        for (size_t s = 0; s < blocks_of(original->size); s++) {
            file->slots[s].now = shared(original->slots[s].now);
            file->slots[s].kept = shared(original->slots[s].now);
        }
        file->size = file->kept_size = original->size;
        names_put(&to->now, from->now.name[k].path, file);
        names_put(&to->kept, from->now.name[k].path, file);
    }
}

struct cf_disk *cf_disk_copy(const struct cf_disk *disk, uint64_t seed)
{
    struct cf_disk *copy = cf_disk_new(seed);
    copy->rules = disk->rules;
    names_clear(&copy->now);
    names_clear(&copy->kept);
    copy_names(copy, disk);
    return copy;
}

void cf_disk_restore(struct cf_disk *disk, const struct cf_disk *image)
{
    empty(disk);
    copy_names(disk, image);
    power_on(disk);
}

void cf_disk_stop_at(struct cf_disk *disk, uint64_t n, enum cf_disk_stop stop, cf_disk_stop_fn fn, void *ctx)
{
    disk->stop_in = n;
    disk->stop = stop;
    disk->stop_fn = fn;
    disk->stop_ctx = ctx;
}

void cf_disk_as(struct cf_disk *disk, unsigned process)
{
    assert(process < CF_DISK_PROCESSES);
    disk->process = process;
    disk->process_dead = false;
}

bool cf_disk_is_off(const struct cf_disk *disk)
{
    return disk->off;
}

uint64_t cf_disk_operations(const struct cf_disk *disk)
{
    return disk->operations;
}

void cf_disk_set_rules(struct cf_disk *disk, const struct cf_disk_rules *rules)
{
    disk->rules = *rules;
}

void cf_disk_each_file(const struct cf_disk *disk, cf_disk_file_fn each, void *ctx)
{
    for (size_t k = 0; k < disk->now.n; k++) {
        struct handle looking = {.file = disk->now.name[k].file};
        size_t n = (size_t)looking.file->size;
        if (looking.file->is_folder)
            continue;
        uint8_t *content = zeroed(n + 1);
        (void)handle_read(&looking, content, n, 0);
        each(ctx, disk->now.name[k].path, cf_bytes_of(content, n));
        free(content);
    }
}

void cf_disk_counts(const struct cf_disk *disk, struct cf_disk_counts *ret)
{
    *ret = disk->counts;
}
