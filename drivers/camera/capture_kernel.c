/*
 * drivers/camera/capture_kernel.c - the port of capture.h over the kernel's own calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drivers/camera/capture.h"

static int kernel_open(void *ctx, const char *path)
{
    (void)ctx;
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 ? fd : -errno;
}

static void kernel_close(void *ctx, int fd)
{
    (void)ctx;
    (void)close(fd);
}

static int kernel_ioctl(void *ctx, int fd, unsigned long request, void *arg)
{
    (void)ctx;
    int rc;
    do {
        rc = ioctl(fd, request, arg);
    } while (rc < 0 && errno == EINTR);
    return rc < 0 ? -errno : 0;
}

static void *kernel_map(void *ctx, int fd, size_t length, uint32_t offset)
{
    (void)ctx;
    void *at = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, (off_t)offset);
    return at == MAP_FAILED ? NULL : at;
}

static void kernel_unmap(void *ctx, void *at, size_t length)
{
    (void)ctx;
    (void)munmap(at, length);
}

static int kernel_wait(void *ctx, int fd, int stop_fd, uint32_t timeout_ms)
{
    (void)ctx;
    struct pollfd wanted[2] = {{.fd = stop_fd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    int n = poll(wanted, 2, (int)timeout_ms);
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    if (wanted[0].revents != 0)
        return 2;
    /* With POLLERR or POLLHUP too: taking a picture then says what is wrong. */
    return wanted[1].revents != 0 ? 1 : 0;
}

const struct cf_video_port *cf_video_kernel(void)
{
    static const struct cf_video_ops ops = {.open = kernel_open,
                                            .close = kernel_close,
                                            .ioctl = kernel_ioctl,
                                            .map = kernel_map,
                                            .unmap = kernel_unmap,
                                            .wait = kernel_wait};
    static const struct cf_video_port port = {&ops, NULL};
    return &port;
}
