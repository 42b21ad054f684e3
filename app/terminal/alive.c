/*
 * app/terminal/alive.c - see alive.h.
 */
#include "app/terminal/alive.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/private_files.h"

#define PATH_CAP 4096

struct cf_alive {
    int fd;
    bool told;
};

static bool path_of(const char *dir, const char *name, char ret[PATH_CAP])
{
    int n = snprintf(ret, PATH_CAP, "%s/%s.alive", dir, name);
    return n > 0 && n < PATH_CAP;
}

/* Of the open file rather than of the process: asking leaves no lock behind, and a library that opens the file too
 * takes none away (fcntl(2)). */
static struct flock whole_file(void)
{
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

struct cf_alive *cf_alive_hold(const char *dir, const char *name)
{
    char path[PATH_CAP];
    struct flock lock = whole_file();
    int fd = path_of(dir, name, path) ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, cf_private_mode(path, 0600)) : -1;
    bool held = fd >= 0 && fcntl(fd, F_OFD_SETLK, &lock) == 0 && ftruncate(fd, 0) == 0;
    struct cf_alive *alive = held ? calloc(1, sizeof *alive) : NULL;
    if (alive != NULL)
        alive->fd = fd;
    else if (fd >= 0)
        close(fd);
    return alive;
}

void cf_alive_free(struct cf_alive *alive)
{
    if (alive != NULL) {
        close(alive->fd);
        free(alive);
    }
}

void cf_alive_tell(struct cf_alive *alive)
{
    if (alive != NULL && !alive->told)
        alive->told = pwrite(alive->fd, "1", 1, 0) == 1;
}

enum cf_alive_state cf_alive_look(const char *dir, const char *name)
{
    char path[PATH_CAP];
    struct flock lock = whole_file();
    struct stat about;
    if (!path_of(dir, name, path)) {
        return CF_ALIVE_NOBODY;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return CF_ALIVE_NOBODY;
    }
    bool held = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    bool told = held && fstat(fd, &about) == 0 && about.st_size > 0;
    close(fd);
    return told ? CF_ALIVE_TOLD : held ? CF_ALIVE_STARTING : CF_ALIVE_NOBODY;
}
