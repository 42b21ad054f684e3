/*
 * base/service_notify.c - see service_notify.h.
 */
#include "base/service_notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void cf_service_notify(const char *state)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const char *path = getenv("NOTIFY_SOCKET");
    size_t n = path != NULL ? strlen(path) : 0;
    if (n < 2 || n >= sizeof to.sun_path || (path[0] != '/' && path[0] != '@')) {
        return;
    }
    memcpy(to.sun_path, path, n);
    if (to.sun_path[0] == '@') {
        to.sun_path[0] = '\0'; /* an abstract name: unix(7) */
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return;
    }
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)&to, size);
    close(fd);
}

static bool parse_positive(const char *text, int64_t *ret)
{
    char *end = NULL;
    long long v = text != NULL ? strtoll(text, &end, 10) : 0;
    *ret = v;
    return text != NULL && *text != '\0' && *end == '\0' && v > 0;
}

cf_duration cf_service_watchdog_every(void)
{
    int64_t whole_us, pid;
    bool wanted = parse_positive(getenv("WATCHDOG_USEC"), &whole_us);
    const char *whose = getenv("WATCHDOG_PID");
    if (!wanted || (whose != NULL && (!parse_positive(whose, &pid) || pid != getpid()))) {
        return (cf_duration){0};
    }
    return (cf_duration){whole_us / 2};
}
