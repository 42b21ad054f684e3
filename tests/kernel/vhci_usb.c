/*
 * tests/kernel/vhci_usb.c - the devices of tests/usb/fake_usb.h on a real kernel: its own driver of virtual ports,
 * vhci_hcd, gets a socket at whose other end a thread is the device.
 *
 * So usbcore, usbhid, usblp, cdc_acm and usbfs are the kernel's, and only the wires are played. Only for a machine that
 * nobody needs: it is root's, and takes bus 1 as its own. Here every HID interface has a driver: what nobody holds is
 * only played. Protocol: Documentation/usb/usbip_protocol.rst of Linux.
 */
#include "tests/usb/fake_device.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 512
#define TRANSFER_MAX (256 * 1024)
#define PATIENCE_MS 60000
#define FULL_SPEED 2
#define HEADER_BYTES 48

enum { CMD_SUBMIT = 1, CMD_UNLINK, RET_SUBMIT, RET_UNLINK };
enum { STRING_NAME = 2, STRING_SERIAL = 3 };

struct urb {
    struct urb *next;
    uint32_t seq;
    uint8_t endpoint; /* with bit 7 if the device sends; 0, 0x80: control */
    uint8_t setup[8];
    size_t n;
    uint8_t bytes[];
};
struct fake_usb {
    struct fake_device device;
    pthread_t thread;
    int port, socket, occupier;
    bool report_shown;
    struct urb *waiting;
    uint8_t about[18], config[DESCRIPTORS_MAX]; /* descriptors */
    size_t n_config;
};

/* ---- descriptors ---- */

static void put(struct fake_usb *f, const uint8_t *p, size_t n)
{
    if (n > sizeof f->config - f->n_config)
        abort();
    memcpy(f->config + f->n_config, p, n);
    f->n_config += n;
}

static void put_endpoint(struct fake_usb *f, uint8_t address, const struct fake_interface *i)
{
    uint8_t d[7] = {7, 5, address, i->bulk ? 2 : 3, (uint8_t)i->in_bytes, (uint8_t)(i->in_bytes >> 8), i->bulk ? 0 : 1};
    put(f, d, sizeof d);
}

static void put_interface(struct fake_usb *f, size_t k)
{
    const struct fake_interface *i = &f->device.model.interface[k];
    uint8_t d[9] = {9,           4,           (uint8_t)k, 0, (uint8_t)((i->in != 0) + (i->out != 0)), i->class_code,
                    i->subclass, i->protocol, 0};
    uint8_t hid[9] = {9, 0x21, 0x11, 1, 0, 1, 0x22, (uint8_t)i->report.n, (uint8_t)(i->report.n >> 8)};
    static const uint8_t modem[] = {5, 0x24, 0, 0x10, 1, 5, 0x24, 1, 0, 1, 4, 0x24, 2, 2, 5, 0x24, 6, 0, 1};
    put(f, d, sizeof d);
    if (i->class_code == 3)
        put(f, hid, sizeof hid);
    if (i->class_code == 2)
        put(f, modem, sizeof modem); /* USB CDC 1.2, 5.2.3: what cdc_acm wants to see */
    if (i->in != 0)
        put_endpoint(f, i->in, i);
    if (i->out != 0)
        put_endpoint(f, i->out, i);
}

static void make_descriptors(struct fake_usb *f)
{
    const struct fake_model *m = &f->device.model;
    const uint8_t device[18] = {18,
                                1,
                                0x10,
                                1,
                                0,
                                0,
                                0,
                                64,
                                (uint8_t)m->vendor,
                                (uint8_t)(m->vendor >> 8),
                                (uint8_t)m->product,
                                (uint8_t)(m->product >> 8),
                                0,
                                1,
                                0,
                                m->name != NULL ? STRING_NAME : 0,
                                m->serial != NULL ? STRING_SERIAL : 0,
                                1};
    const uint8_t config[9] = {9, 2, 0, 0, (uint8_t)m->n_interfaces, 1, 0, 0x80, 50};
    memcpy(f->about, device, sizeof device);
    if (m->descriptors.n > sizeof device) {
        memcpy(f->about, m->descriptors.p, sizeof device);
        put(f, m->descriptors.p + sizeof device, m->descriptors.n - sizeof device);
        return;
    }
    put(f, config, sizeof config);
    for (size_t k = 0; k < m->n_interfaces; k++)
        put_interface(f, k);
    f->config[2] = (uint8_t)f->n_config;
    f->config[3] = (uint8_t)(f->n_config >> 8);
}

/* ---- requests on endpoint 0; all with the lock held ---- */

static int give(struct urb *u, const void *p, size_t n)
{
    size_t part = n < u->n ? n : u->n;
    memcpy(u->bytes, p, part);
    return (int)part;
}

static int give_string(struct urb *u, const char *text)
{
    uint8_t d[2 + 2 * 126] = {0, 3};
    size_t n = strlen(text);
    if (n > 126)
        return -EPIPE;
    for (size_t i = 0; i < n; i++)
        d[2 + 2 * i] = (uint8_t)text[i];
    d[0] = (uint8_t)(2 + 2 * n);
    return give(u, d, d[0]);
}

static int give_descriptor(const struct fake_usb *f, struct urb *u)
{
    static const uint8_t languages[] = {4, 3, 9, 4};
    uint8_t kind = u->setup[3], index = u->setup[2];
    if (kind == 1)
        return give(u, f->about, sizeof f->about);
    if (kind == 2)
        return give(u, f->config, f->n_config);
    if (kind == 3 && index == 0)
        return give(u, languages, sizeof languages);
    if (kind == 3 && index == STRING_NAME && f->device.model.name != NULL)
        return give_string(u, f->device.model.name);
    if (kind == 3 && index == STRING_SERIAL && f->device.model.serial != NULL)
        return give_string(u, f->device.model.serial);
    return -EPIPE;
}

/* USB 2.0, 9.4. */
static int answer_standard(struct fake_usb *f, struct urb *u)
{
    static const uint8_t zeros[2];
    switch (u->setup[1]) {
    case 6:
        return give_descriptor(f, u);
    case 0:
        return give(u, zeros, sizeof zeros);
    case 1: /* CLEAR_FEATURE: the halt of an endpoint */
        f->device.halted &= ~(1u << (u->setup[4] & 15));
        return 0;
    default:
        return (u->setup[0] & 0x80) == 0 ? (int)u->n : -EPIPE;
    }
}

/* As libusb's own requests of a program count those of the kernel: nobody can tell them apart. */
static int answer_control(struct fake_usb *f, struct urb *u)
{
    const uint8_t *s = u->setup;
    fake_device_note(&f->device, s);
    bool standard = (s[0] & 0x60) == 0 && s[0] != 0x81;
    return standard || (s[0] == 0x01 && s[1] == 11) ? answer_standard(f, u)
                                                    : fake_device_answer(&f->device, s, u->bytes);
}

/* ---- transfers; all with the lock held ---- */

static bool is_late(const struct fake_usb *f, const struct urb *u)
{
    size_t interface = u->setup[4];
    return (u->endpoint & 15) == 0 && u->setup[0] == 0x81 && u->setup[1] == 6 && u->setup[3] == 0x22 &&
           interface < f->device.model.n_interfaces && f->device.model.interface[interface].report_is_late &&
           !f->report_shown;
}

static void send_all(int fd, const void *p, size_t n)
{
    const uint8_t *at = p;
    while (n > 0) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* unplugged */
        at += sent;
        n -= (size_t)sent;
    }
}

static void put32(uint8_t *to, uint32_t v)
{
    v = htobe32(v);
    memcpy(to, &v, sizeof v);
}

static uint32_t get32(const uint8_t *from)
{
    uint32_t v;
    memcpy(&v, from, sizeof v);
    return be32toh(v);
}

static bool finish(struct fake_usb *f, struct urb *u, int status, int n)
{
    uint8_t header[HEADER_BYTES] = {0};
    bool in = (u->endpoint & 0x80) != 0;
    put32(header, RET_SUBMIT);
    put32(header + 4, u->seq);
    put32(header + 20, (uint32_t)status);
    put32(header + 24, (uint32_t)(n > 0 ? n : 0));
    send_all(f->socket, header, sizeof header);
    if (in && n > 0)
        send_all(f->socket, u->bytes, (size_t)n);
    return true;
}

static bool try_urb(struct fake_usb *f, struct urb *u)
{
    if (f->device.broken)
        return finish(f, u, -EPROTO, 0);
    if (is_late(f, u))
        return false;
    if ((u->endpoint & 15) == 0) {
        int n = answer_control(f, u);
        return finish(f, u, n < 0 ? n : 0, n);
    }
    if ((u->endpoint & 0x80) == 0)
        return fake_device_write(&f->device, cf_bytes_of(u->bytes, u->n)) && finish(f, u, 0, (int)u->n);
    int status;
    size_t n;
    return fake_device_read(&f->device, u->endpoint, u->bytes, u->n, &status, &n) && finish(f, u, status, (int)n);
}

static void pump_once(struct fake_usb *f)
{
    for (struct urb **at = &f->waiting; *at != NULL;) {
        struct urb *u = *at;
        if (!try_urb(f, u)) {
            at = &u->next;
            continue;
        }
        *at = u->next;
        free(u);
    }
}

static void pump(struct fake_usb *f)
{
    pump_once(f);
    pump_once(f); /* what is written may be answered to a read that was looked at before it */
}

/* ---- the wire ---- */

static bool read_all(int fd, void *p, size_t n)
{
    uint8_t *at = p;
    while (n > 0) {
        ssize_t got = read(fd, at, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        n -= (size_t)got;
    }
    return true;
}

static bool take_submit(struct fake_usb *f, const uint8_t *header)
{
    size_t n = get32(header + 24);
    bool in = get32(header + 12) != 0;
    struct urb *u = n <= TRANSFER_MAX ? calloc(1, sizeof *u + n) : NULL;
    if (u == NULL)
        abort();
    u->seq = get32(header + 4);
    u->endpoint = (uint8_t)(get32(header + 16) | (in ? 0x80u : 0));
    u->n = n;
    memcpy(u->setup, header + 40, sizeof u->setup);
    if (!in && n > 0 && !read_all(f->socket, u->bytes, n)) {
        free(u);
        return false;
    }
    pthread_mutex_lock(&f->device.lock);
    struct urb **at = &f->waiting;
    while (*at != NULL)
        at = &(*at)->next;
    *at = u;
    pump(f);
    pthread_mutex_unlock(&f->device.lock);
    return true;
}

static void take_unlink(struct fake_usb *f, const uint8_t *header)
{
    uint8_t answer[HEADER_BYTES] = {0};
    uint32_t seq = get32(header + 20);
    int status = 0; /* it was answered already */
    pthread_mutex_lock(&f->device.lock);
    for (struct urb **at = &f->waiting; *at != NULL; at = &(*at)->next) {
        struct urb *u = *at;
        if (u->seq != seq)
            continue;
        *at = u->next;
        free(u);
        status = -ECONNRESET;
        break;
    }
    put32(answer, RET_UNLINK);
    put32(answer + 4, get32(header + 4));
    put32(answer + 20, (uint32_t)status);
    send_all(f->socket, answer, sizeof answer);
    pthread_mutex_unlock(&f->device.lock);
}

static void *serve(void *ctx)
{
    struct fake_usb *f = ctx;
    uint8_t header[HEADER_BYTES];
    while (read_all(f->socket, header, sizeof header)) {
        if (get32(header) == CMD_UNLINK)
            take_unlink(f, header);
        else if (get32(header) != CMD_SUBMIT || !take_submit(f, header))
            break;
    }
    return NULL;
}

/* ---- plugging in ---- */

static void rest(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

/* A port whose last device is still being taken down refuses for a while. */
static void attach(int port, int fd)
{
    char order[64];
    int n = snprintf(order, sizeof order, "%d %d %d %d", port - 1, fd, 0x10000 + port, FULL_SPEED);
    for (int i = 0; i < PATIENCE_MS / 10; i++) {
        int file = open("/sys/devices/platform/vhci_hcd.0/attach", O_WRONLY | O_CLOEXEC);
        bool good = file >= 0 && write(file, order, (size_t)n) == n;
        if (file >= 0)
            close(file);
        if (good)
            return;
        rest();
    }
    (void)fprintf(stderr, "vhci_hcd does not take a device at port %d\n", port);
    abort();
}

struct fake_usb *fake_usb_plug(const struct fake_model *model, int port)
{
    struct fake_usb *f = calloc(1, sizeof *f);
    int ends[2];
    if (f == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        abort();
    fake_device_init(&f->device, model);
    f->port = port;
    f->socket = ends[0];
    f->occupier = -1;
    make_descriptors(f);
    if (pthread_create(&f->thread, NULL, serve, f) != 0)
        abort();
    attach(port, ends[1]);
    close(ends[1]); /* the kernel has its own */
    return f;
}

void fake_usb_unplug(struct fake_usb *f)
{
    fake_usb_occupy(f, false);
    (void)shutdown(f->socket, SHUT_RDWR);
    (void)pthread_join(f->thread, NULL);
    close(f->socket);
    for (struct urb *u = f->waiting, *next; u != NULL; u = next) {
        next = u->next;
        free(u);
    }
    fake_device_done(&f->device);
    free(f);
}

void fake_usb_show_report(struct fake_usb *f)
{
    pthread_mutex_lock(&f->device.lock);
    f->report_shown = true;
    pump(f);
    pthread_mutex_unlock(&f->device.lock);
}

/* ---- what is known of it ---- */

struct fake_device *fake_usb_device(struct fake_usb *f)
{
    return &f->device;
}

void fake_usb_pump(struct fake_usb *f)
{
    pump(f);
}

static bool read_number(const struct fake_usb *f, const char *attribute, unsigned *ret)
{
    char path[128];
    (void)snprintf(path, sizeof path, "/sys/bus/usb/devices/1-%d/%s", f->port, attribute);
    char said[16] = "";
    FILE *file = fopen(path, "re");
    bool good = file != NULL && fgets(said, sizeof said, file) != NULL && said[0] >= '0' && said[0] <= '9';
    if (good)
        *ret = (unsigned)strtoul(said, NULL, 10);
    if (file != NULL)
        (void)fclose(file);
    return good;
}

/* As another program would: by usbfs, instead of the kernel's driver. */
static bool try_occupy(struct fake_usb *f)
{
    char node[64];
    unsigned number = 0, configuration = 0, interface = 0;
    struct usbdevfs_disconnect_claim take = {.interface = 0};
    if (!read_number(f, "bConfigurationValue", &configuration) || !read_number(f, "devnum", &number))
        return false;
    (void)snprintf(node, sizeof node, "/dev/bus/usb/001/%03u", number);
    int fd = open(node, O_RDWR | O_CLOEXEC);
    if (fd >= 0 &&
        (ioctl(fd, USBDEVFS_DISCONNECT_CLAIM, &take) == 0 || ioctl(fd, USBDEVFS_CLAIMINTERFACE, &interface) == 0)) {
        f->occupier = fd;
        return true;
    }
    if (fd >= 0)
        close(fd);
    return false;
}

void fake_usb_occupy(struct fake_usb *f, bool busy)
{
    if (!busy && f->occupier >= 0) {
        close(f->occupier);
        f->occupier = -1;
    }
    for (int i = 0; busy && !try_occupy(f); i++) {
        if (i == PATIENCE_MS / 10)
            abort();
        rest();
    }
}

/* Who has an interface, "" for nobody. */
static void driver_of(const struct fake_usb *f, size_t k, char ret[64])
{
    char path[128], link[256];
    (void)snprintf(path, sizeof path, "/sys/bus/usb/devices/1-%d:1.%zu/driver", f->port, k);
    ssize_t n = readlink(path, link, sizeof link - 1);
    link[n > 0 ? n : 0] = '\0';
    const char *name = strrchr(link, '/');
    (void)snprintf(ret, 64, "%.63s", name != NULL ? name + 1 : "");
}

unsigned fake_usb_claims(struct fake_usb *f)
{
    unsigned claims = 0;
    for (size_t k = 0; k < f->device.model.n_interfaces; k++) {
        char driver[64];
        driver_of(f, k, driver);
        claims |= strcmp(driver, "usbfs") == 0 ? 1u << k : 0;
    }
    return claims;
}

unsigned fake_usb_detached(struct fake_usb *f)
{
    unsigned detached = 0;
    for (size_t k = 0; k < f->device.model.n_interfaces; k++) {
        char driver[64];
        const char *kernel = f->device.model.interface[k].kernel_driver;
        driver_of(f, k, driver);
        detached |= kernel != NULL && strcmp(driver, kernel) != 0 ? 1u << k : 0;
    }
    return detached;
}

size_t fake_usb_reading(struct fake_usb *f)
{
    size_t n = 0;
    pthread_mutex_lock(&f->device.lock);
    for (const struct urb *u = f->waiting; u != NULL; u = u->next)
        n += (u->endpoint & 0x80) != 0 && (u->endpoint & 15) != 0 ? 1 : 0;
    pthread_mutex_unlock(&f->device.lock);
    return n;
}

/* A kernel does not tell who opened a node: what can be seen is who took an interface. */
bool fake_usb_was_opened(struct fake_usb *f)
{
    return fake_usb_claims(f) != 0;
}

bool fake_usb_is_kernel(void)
{
    return true;
}

bool fake_usb_begin(char **argv)
{
    (void)argv;
    (void)signal(SIGPIPE, SIG_IGN);
    return access("/sys/devices/platform/vhci_hcd.0/attach", W_OK) == 0;
}

void fake_usb_end(void)
{
}
