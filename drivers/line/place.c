/*
 * drivers/line/place.c - see place.h.
 */
#include "drivers/line/place.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define RAW_PRINTING 9100 /* what network printers call JetDirect or RAW */
#define SPEED_DEFAULT 9600
#define KEEPALIVE_S 5
#define KEYBOARDS "/dev/input/"
#define DEAD_AFTER_MS 90000 /* what was sent and nobody took by then; a printer without paper has a minute */

static const struct {
    unsigned bits_per_second;
    speed_t speed;
} speeds[] = {{9600, B9600}, {19200, B19200}, {38400, B38400}, {57600, B57600}, {115200, B115200}};

/* Digits only, at most `max`; 0: they are none. */
static unsigned parse_number(const char *text, unsigned max)
{
    unsigned v = 0;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || v > max)
            return 0;
        v = v * 10 + (unsigned)(*text - '0');
    }
    return v <= max ? v : 0;
}

static bool parse_serial(char *text, struct cf_place *place)
{
    char *at = strchr(text, '@');
    place->bus = CF_PORT_TTY;
    place->bits_per_second = SPEED_DEFAULT;
    if (at != NULL) {
        place->bits_per_second = parse_number(at + 1, 1000000);
        *at = '\0';
    }
    for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++)
        if (speeds[i].bits_per_second == place->bits_per_second)
            return true;
    return false;
}

/* The address and, of "ADDRESS:PORT" and "[ADDRESS]:PORT", the port. */
static bool split_port(char *text, char **ret_address, unsigned *ret_port)
{
    char *end = text[0] == '[' ? strchr(text, ']') : NULL;
    char *colon = strchr(end != NULL ? end : text, ':');
    bool bare6 = end == NULL && colon != NULL && strchr(colon + 1, ':') != NULL;
    *ret_address = end != NULL ? text + 1 : text;
    *ret_port = RAW_PRINTING;
    if (text[0] == '[' && (end == NULL || (end[1] != '\0' && end[1] != ':')))
        return false;
    if (colon != NULL && !bare6) {
        *ret_port = parse_number(colon + 1, 65535);
        *colon = '\0';
    }
    if (end != NULL)
        *end = '\0';
    return *ret_port != 0;
}

static bool parse_stream(char *text, struct cf_place *place)
{
    char *address;
    unsigned port;
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    place->bus = CF_PORT_STREAM;
    if (!split_port(text, &address, &port))
        return false;
    v4.sin_port = v6.sin6_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, address, &v4.sin_addr) == 1) {
        memcpy(&place->address, &v4, sizeof v4);
        place->address_bytes = sizeof v4;
        return true;
    }
    memcpy(&place->address, &v6, sizeof v6);
    place->address_bytes = sizeof v6;
    return inet_pton(AF_INET6, address, &((struct sockaddr_in6 *)(void *)&place->address)->sin6_addr) == 1;
}

enum cf_rc cf_place_parse(const char *text, struct cf_place *ret, struct cf_error *err)
{
    struct cf_place place = {.address_bytes = 0};
    char copy[CF_PORT_TEXT_MAX + 1];
    size_t n = strlen(text);
    if (n == 0 || n > CF_PORT_TEXT_MAX)
        return cf_fail(err, CF_E_ARGUMENT, "a place of %zu bytes", n);
    memcpy(copy, text, n + 1);
    memcpy(place.path, text, n + 1);
    if (strncmp(text, KEYBOARDS, sizeof KEYBOARDS - 1) == 0)
        place.bus = CF_PORT_INPUT;
    else if (text[0] == '/' ? !parse_serial(copy, &place) : !parse_stream(copy, &place))
        return cf_fail(err, CF_E_ARGUMENT, "\"%.80s\" is no address of digits, nor a serial port at a speed", text);
    if (place.bus == CF_PORT_TTY)
        memcpy(place.path, copy, sizeof copy);
    *ret = place;
    return CF_OK;
}

/* ---- opening ---- */

static enum cf_rc fail_open(int fd, struct cf_error *err)
{
    int failed = errno;
    if (fd >= 0)
        close(fd);
    switch (failed) {
    case EACCES:
    case EPERM:
        return cf_fail(err, CF_E_DEVICE_RIGHTS, "it may not be opened");
    case EBUSY:
        return cf_fail(err, CF_E_DEVICE_BUSY, "another program holds it");
    default:
        return cf_fail(err, CF_E_DEVICE_GONE, "it is not there");
    }
}

static bool set_line(int fd, unsigned bits_per_second)
{
    struct termios raw;
    if (tcgetattr(fd, &raw) != 0)
        return false;
    cfmakeraw(&raw);
    raw.c_cflag |= CLOCAL | CREAD;
    for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++)
        if (speeds[i].bits_per_second == bits_per_second)
            (void)cfsetspeed(&raw, speeds[i].speed);
    return tcsetattr(fd, TCSANOW, &raw) == 0 && tcflush(fd, TCIFLUSH) == 0;
}

/* Nobody else opens it while we have it; the superuser's programs could, so whoever asks is answered, too. */
static bool hold(int fd)
{
    int held = 0;
    if (ioctl(fd, TIOCGEXCL, &held) == 0 && held != 0) {
        errno = EBUSY;
        return false;
    }
    return ioctl(fd, TIOCEXCL) == 0;
}

static enum cf_rc open_serial(const struct cf_place *place, int *ret_fd, struct cf_error *err)
{
    int fd = open(place->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || !hold(fd))
        return fail_open(fd, err);
    if (!set_line(fd, place->bits_per_second)) {
        (void)ioctl(fd, TIOCNXCL);
        return fail_open(fd, err);
    }
    *ret_fd = fd;
    return CF_OK;
}

void cf_place_leave(int fd, bool in_mid_write)
{
    if (in_mid_write)
        (void)tcflush(fd, TCOFLUSH);
    (void)ioctl(fd, TIOCNXCL); /* a PTY's would outlive us */
}

static enum cf_rc open_keyboard(const struct cf_place *place, int *ret_fd, struct cf_error *err)
{
    int fd = open(place->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return fail_open(fd, err);
    *ret_fd = fd;
    return CF_OK;
}

bool cf_place_look(int fd, struct cf_port_info *info)
{
    struct input_id id;
    char name[CF_PORT_TEXT_MAX + 1] = "";
    if (ioctl(fd, EVIOCGID, &id) < 0)
        return false;
    info->vendor = id.vendor;
    info->product = id.product;
    if (ioctl(fd, EVIOCGNAME(sizeof name - 1), name) > 0)
        cf_port_text(cf_bytes_str(name), info->name);
    return true;
}

enum cf_rc cf_place_grab(int fd, struct cf_error *err)
{
    if (ioctl(fd, EVIOCGRAB, 1) != 0)
        return cf_fail(err, CF_E_DEVICE_BUSY, "another program holds it");
    return CF_OK;
}

/* A printer that was switched off says nothing: without these its connection would stand for hours. */
static void watch_life(int fd)
{
    int on = 1, seconds = KEEPALIVE_S;
    unsigned dead_ms = DEAD_AFTER_MS;
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof dead_ms);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

enum cf_rc cf_place_open(const struct cf_place *place, int *ret_fd, bool *ret_connecting, struct cf_error *err)
{
    if (place->bus == CF_PORT_TTY) {
        *ret_connecting = false;
        return open_serial(place, ret_fd, err);
    }
    if (place->bus == CF_PORT_INPUT) {
        *ret_connecting = false;
        return open_keyboard(place, ret_fd, err);
    }
    int fd = socket(place->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail_open(fd, err);
    watch_life(fd);
    bool connecting = connect(fd, (const struct sockaddr *)&place->address, place->address_bytes) != 0;
    if (connecting && errno != EINPROGRESS)
        return fail_open(fd, err);
    *ret_fd = fd;
    *ret_connecting = connecting;
    return CF_OK;
}
