/*
 * tests/usb/fake_usb.c - see fake_usb.h. usbfs: Documentation/driver-api/usb/usb.rst and linux/usbdevice_fs.h.
 */
#include "tests/usb/fake_device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <umockdev.h>

/* A transfer that was submitted: waiting, or done and to be reaped. */
struct urb {
    struct urb *next;
    UMockdevIoctlData *data, *buffer;
    struct usbdevfs_urb *urb;
};
struct fake_usb {
    struct fake_device device;
    int port, address;
    UMockdevIoctlBase *handler;
    int master, slave;
    bool gate_open, gone, busy, opened;
    unsigned claimed, detached;
    struct urb *waiting, *done;
};

static UMockdevTestbed *testbed;
static int next_address = 2;

/* ---- descriptors ---- */

static void put(struct cf_buf *buf, const uint8_t *p, size_t n)
{
    if (cf_buf_append(buf, p, n, NULL) != CF_OK)
        abort();
}

static void put_endpoint(struct cf_buf *buf, uint8_t address, const struct fake_interface *i)
{
    uint8_t d[7] = {7, 5, address, i->bulk ? 2 : 3, (uint8_t)i->in_bytes, (uint8_t)(i->in_bytes >> 8), 4};
    put(buf, d, sizeof d);
}

static void make_descriptors(const struct fake_model *m, struct cf_buf *buf)
{
    uint8_t device[18] = {18,
                          1,
                          0,
                          2,
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
                          0,
                          0,
                          1};
    uint8_t config[9] = {9, 2, 0, 0, (uint8_t)m->n_interfaces, 1, 0, 0x80, 250};
    if (m->descriptors.n > 0) {
        put(buf, m->descriptors.p, m->descriptors.n);
        return;
    }
    put(buf, device, sizeof device);
    put(buf, config, sizeof config);
    for (size_t k = 0; k < m->n_interfaces; k++) {
        const struct fake_interface *i = &m->interface[k];
        uint8_t d[9] = {9,           4,           (uint8_t)k, 0, (uint8_t)((i->in != 0) + (i->out != 0)), i->class_code,
                        i->subclass, i->protocol, 0};
        uint8_t hid[9] = {9, 0x21, 0x11, 1, 0, 1, 0x22, (uint8_t)i->report.n, (uint8_t)(i->report.n >> 8)};
        put(buf, d, sizeof d);
        if (i->class_code == 3)
            put(buf, hid, sizeof hid);
        if (i->in != 0)
            put_endpoint(buf, i->in, i);
        if (i->out != 0)
            put_endpoint(buf, i->out, i);
    }
    buf->p[18 + 2] = (uint8_t)(buf->n - 18);
    buf->p[18 + 3] = (uint8_t)((buf->n - 18) >> 8);
}

/* ---- transfers; all with the lock held ---- */

/* POLLOUT of the node: a transfer waits to be reaped. */
static void gate(struct fake_usb *f, bool open)
{
    if (f->gate_open != open && f->slave >= 0)
        (void)tcflow(f->slave, open ? TCOON : TCOOFF);
    f->gate_open = open;
}

static bool finish(struct urb *u, int status, int n)
{
    u->urb->status = status;
    u->urb->actual_length = n;
    return true;
}

static bool try_urb(struct fake_usb *f, struct urb *u)
{
    if (f->gone)
        return finish(u, -ESHUTDOWN, 0);
    if (f->device.broken)
        return finish(u, -EPROTO, 0);
    if (u->urb->type == USBDEVFS_URB_TYPE_CONTROL) {
        uint8_t *setup = u->urb->buffer;
        fake_device_note(&f->device, setup);
        int n = fake_device_answer(&f->device, setup, setup + 8);
        return finish(u, n < 0 ? n : 0, n < 0 ? 0 : n);
    }
    if ((u->urb->endpoint & 0x80) == 0)
        return fake_device_write(&f->device, cf_bytes_of(u->urb->buffer, (size_t)u->urb->buffer_length)) &&
               finish(u, 0, u->urb->buffer_length);
    int status;
    size_t n;
    return fake_device_read(&f->device, u->urb->endpoint, u->urb->buffer, (size_t)u->urb->buffer_length, &status, &n) &&
           finish(u, status, (int)n);
}

static void append(struct urb **list, struct urb *u)
{
    while (*list != NULL)
        list = &(*list)->next;
    u->next = NULL;
    *list = u;
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
        append(&f->done, u);
    }
}

/* What is written may be answered to a read that was looked at before it. */
static void pump(struct fake_usb *f)
{
    pump_once(f);
    pump_once(f);
    gate(f, f->done != NULL);
}

static void drop(struct urb *u)
{
    g_object_unref(u->data);
    if (u->buffer != NULL)
        g_object_unref(u->buffer);
    free(u);
}

/* ---- usbfs ---- */

static int claim(struct fake_usb *f, unsigned interface, bool may_take)
{
    bool held = interface < f->device.model.n_interfaces &&
                f->device.model.interface[interface].kernel_driver != NULL && (f->detached & 1u << interface) == 0;
    if (interface >= f->device.model.n_interfaces)
        return -ENOENT;
    if (f->busy || (held && !may_take))
        return -EBUSY;
    f->detached |= held ? 1u << interface : 0;
    f->claimed |= 1u << interface;
    return 0;
}

static int submit(struct fake_usb *f, UMockdevIoctlData *arg)
{
    struct urb *u = calloc(1, sizeof *u);
    if (u == NULL)
        abort();
    u->data = umockdev_ioctl_data_resolve(arg, 0, sizeof(struct usbdevfs_urb), NULL);
    u->urb = (struct usbdevfs_urb *)(void *)u->data->data;
    if (u->urb->buffer_length > 0)
        u->buffer = umockdev_ioctl_data_resolve(u->data, offsetof(struct usbdevfs_urb, buffer),
                                                (gsize)u->urb->buffer_length, NULL);
    append(&f->waiting, u);
    pump(f);
    return 0;
}

static int discard(struct fake_usb *f, unsigned long address)
{
    for (struct urb **at = &f->waiting; *at != NULL; at = &(*at)->next) {
        struct urb *u = *at;
        if (u->data->client_addr != address)
            continue;
        *at = u->next;
        (void)finish(u, -ENOENT, 0);
        append(&f->done, u);
        gate(f, true);
        return 0;
    }
    return -EINVAL;
}

static int reap(struct fake_usb *f, UMockdevIoctlData *arg)
{
    pump(f);
    struct urb *u = f->done;
    if (u == NULL)
        return f->gone ? -ENODEV : -EAGAIN;
    UMockdevIoctlData *to = umockdev_ioctl_data_resolve(arg, 0, sizeof(void *), NULL);
    f->done = u->next;
    umockdev_ioctl_data_set_ptr(to, 0, u->data);
    g_object_unref(to);
    drop(u);
    gate(f, f->done != NULL);
    return 0;
}

static int get_driver(struct fake_usb *f, struct usbdevfs_getdriver *g)
{
    unsigned bit = g->interface < FAKE_INTERFACES_MAX ? 1u << g->interface : 0;
    const char *kernel = bit != 0 ? f->device.model.interface[g->interface].kernel_driver : NULL;
    const char *name = (f->claimed & bit) != 0 ? "usbfs" : kernel != NULL && (f->detached & bit) == 0 ? kernel : NULL;
    if (name == NULL)
        return -ENODATA;
    (void)snprintf(g->driver, sizeof g->driver, "%s", name);
    return 0;
}

/* USBDEVFS_IOCTL: detaching and attaching of the kernel's driver. */
static int driver_ioctl(struct fake_usb *f, const struct usbdevfs_ioctl *i)
{
    unsigned bit = i->ifno >= 0 && i->ifno < FAKE_INTERFACES_MAX ? 1u << i->ifno : 0;
    if ((unsigned)i->ioctl_code == USBDEVFS_DISCONNECT) {
        f->detached |= bit;
        return 0;
    }
    if ((unsigned)i->ioctl_code == USBDEVFS_CONNECT) {
        f->detached &= ~bit;
        return 1;
    }
    return -ENOTTY;
}

static int answer(struct fake_usb *f, unsigned long request, UMockdevIoctlData *arg, void *p)
{
    f->opened = true;
    if (f->gone && request != USBDEVFS_REAPURB && request != USBDEVFS_REAPURBNDELAY)
        return -ENODEV;
    switch (request) {
    case USBDEVFS_GET_CAPABILITIES:
        *(uint32_t *)p = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_BULK_CONTINUATION | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
                         USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
        return 0;
    case USBDEVFS_CLAIMINTERFACE:
        return claim(f, *(unsigned *)p, false);
    case USBDEVFS_DISCONNECT_CLAIM:
        return claim(f, ((struct usbdevfs_disconnect_claim *)p)->interface, true);
    case USBDEVFS_RELEASEINTERFACE:
        f->claimed &= ~(1u << *(unsigned *)p);
        return 0;
    case USBDEVFS_GETDRIVER:
        return get_driver(f, p);
    case USBDEVFS_IOCTL:
        return driver_ioctl(f, p);
    case USBDEVFS_CLEAR_HALT:
        f->device.halted &= ~(1u << (*(unsigned *)p & 15));
        return 0;
    case USBDEVFS_SETINTERFACE:
    case USBDEVFS_SETCONFIGURATION:
        return 0;
    case USBDEVFS_SUBMITURB:
        return submit(f, arg);
    case USBDEVFS_DISCARDURB:
        return discard(f, *(unsigned long *)(void *)arg->data);
    case USBDEVFS_REAPURB:
    case USBDEVFS_REAPURBNDELAY:
        return reap(f, arg);
    default:
        return -ENOTTY;
    }
}

static gboolean on_ioctl(UMockdevIoctlBase *handler, UMockdevIoctlClient *client, gpointer ctx)
{
    struct fake_usb *f = ctx;
    unsigned long request = umockdev_ioctl_client_get_request(client);
    UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client), *data = NULL;
    bool plain = request != USBDEVFS_SUBMITURB && request != USBDEVFS_DISCARDURB && request != USBDEVFS_REAPURB &&
                 request != USBDEVFS_REAPURBNDELAY && _IOC_SIZE(request) > 0;
    (void)handler;
    pthread_mutex_lock(&f->device.lock);
    if (plain)
        data = umockdev_ioctl_data_resolve(arg, 0, _IOC_SIZE(request), NULL);
    int result = answer(f, request, arg, data != NULL ? data->data : NULL);
    pthread_mutex_unlock(&f->device.lock);
    umockdev_ioctl_client_complete(client, result < 0 ? -1 : result, result < 0 ? -result : 0);
    if (data != NULL)
        g_object_unref(data);
    return TRUE;
}

/* The last descriptor of the node was closed: the kernel forgets transfers and claims. */
static void on_vanished(UMockdevIoctlBase *handler, UMockdevIoctlClient *client, gpointer ctx)
{
    struct fake_usb *f = ctx;
    (void)handler;
    (void)client;
    pthread_mutex_lock(&f->device.lock);
    while (f->waiting != NULL) {
        struct urb *u = f->waiting;
        f->waiting = u->next;
        drop(u);
    }
    while (f->done != NULL) {
        struct urb *u = f->done;
        f->done = u->next;
        drop(u);
    }
    f->claimed = 0;
    pthread_mutex_unlock(&f->device.lock);
}

/* ---- plugging in ---- */

static void add(const char *text)
{
    GError *failed = NULL;
    if (!umockdev_testbed_add_from_string(testbed, text, &failed)) {
        (void)fprintf(stderr, "umockdev: %s\n%s", failed->message, text);
        abort();
    }
}

static void hex(GString *s, cf_bytes bytes)
{
    for (size_t i = 0; i < bytes.n; i++)
        g_string_append_printf(s, "%02X", bytes.p[i]);
}

static char *report_path(const struct fake_usb *f, size_t k)
{
    return g_strdup_printf("/devices/pci0000:00/usb1/1-%d/1-%d:1.%zu/0003:%04X:%04X.%04X", f->port, f->port, k,
                           f->device.model.vendor, f->device.model.product,
                           (unsigned)(f->address * FAKE_INTERFACES_MAX + (int)k));
}

static void describe_report(GString *s, const struct fake_usb *f, size_t k)
{
    const struct fake_interface *i = &f->device.model.interface[k];
    char *path = report_path(f, k);
    g_string_append_printf(s, "P: %s\nE: SUBSYSTEM=hid\nH: report_descriptor=", path);
    g_free(path);
    hex(s, i->report);
    g_string_append(s, "\n\n");
}

static void describe_interface(GString *s, const struct fake_usb *f, size_t k)
{
    const struct fake_interface *i = &f->device.model.interface[k];
    g_string_append_printf(s,
                           "P: /devices/pci0000:00/usb1/1-%d/1-%d:1.%zu\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\n"
                           "A: bInterfaceNumber=%02zu\\n\n",
                           f->port, f->port, k, k);
    if (i->kernel_driver != NULL)
        g_string_append_printf(s, "L: driver=../../../../../bus/usb/drivers/%s\n", i->kernel_driver);
    g_string_append(s, "\n");
    if (i->class_code == 3 && i->kernel_driver != NULL && i->report.n > 0 && !i->report_is_late)
        describe_report(s, f, k);
}

static char *node_path(const struct fake_usb *f)
{
    char *root = umockdev_testbed_get_root_dir(testbed);
    char *path = g_strdup_printf("%s/dev/bus/usb/001/%03d", root, f->address);
    g_free(root);
    return path;
}

static void make_node(struct fake_usb *f)
{
    struct termios raw;
    char node[64], *path = node_path(f), *folder = g_path_get_dirname(path);
    GError *failed = NULL;
    if (g_mkdir_with_parents(folder, 0755) != 0 || openpty(&f->master, &f->slave, NULL, NULL, NULL) != 0 ||
        tcgetattr(f->slave, &raw) != 0)
        abort();
    cfmakeraw(&raw);
    (void)tcsetattr(f->slave, TCSANOW, &raw);
    (void)tcflow(f->slave, TCOOFF);
    (void)unlink(path);
    if (symlink(ptsname(f->master), path) != 0)
        abort();
    f->handler = umockdev_ioctl_base_new();
    g_signal_connect(f->handler, "handle-ioctl", G_CALLBACK(on_ioctl), f);
    g_signal_connect(f->handler, "client-vanished", G_CALLBACK(on_vanished), f);
    (void)snprintf(node, sizeof node, "/dev/bus/usb/001/%03d", f->address);
    if (!umockdev_testbed_attach_ioctl(testbed, node, f->handler, &failed))
        abort();
    g_free(folder);
    g_free(path);
}

struct fake_usb *fake_usb_plug(const struct fake_model *model, int port)
{
    struct fake_usb *f = calloc(1, sizeof *f);
    struct cf_buf CF_CLEANUP(cf_buf_done) descriptors;
    if (f == NULL)
        abort();
    cf_buf_init(&descriptors, 4096);
    fake_device_init(&f->device, model);
    f->port = port;
    f->address = next_address++;
    if (next_address > 127)
        next_address = 2;
    make_node(f); /* before the device appears, so that whoever opens it at once finds it */
    make_descriptors(model, &descriptors);
    GString *s = g_string_new(NULL);
    g_string_append_printf(s,
                           "P: /devices/pci0000:00/usb1/1-%d\nE: DEVNAME=/dev/bus/usb/001/%03d\nE: DEVTYPE=usb_device\n"
                           "E: SUBSYSTEM=usb\nE: BUSNUM=001\nE: DEVNUM=%03d\nE: MAJOR=189\nE: MINOR=%d\n"
                           "A: busnum=1\\n\nA: devnum=%d\\n\nA: bConfigurationValue=1\\n\nA: speed=12\\n\n"
                           "A: idVendor=%04x\\n\nA: idProduct=%04x\\n\n",
                           port, f->address, f->address, f->address - 1, f->address, model->vendor, model->product);
    if (model->serial != NULL)
        g_string_append_printf(s, "A: serial=%s\\n\n", model->serial);
    if (model->name != NULL)
        g_string_append_printf(s, "A: product=%s\\n\n", model->name);
    g_string_append(s, "H: descriptors=");
    hex(s, cf_buf_bytes(&descriptors));
    g_string_append(s, "\n\n");
    for (size_t k = 0; k < model->n_interfaces; k++)
        describe_interface(s, f, k);
    add(s->str);
    g_string_free(s, TRUE);
    return f;
}

void fake_usb_show_report(struct fake_usb *f)
{
    GString *s = g_string_new(NULL);
    for (size_t k = 0; k < f->device.model.n_interfaces; k++)
        if (f->device.model.interface[k].report_is_late)
            describe_report(s, f, k);
    add(s->str);
    g_string_free(s, TRUE);
}

void fake_usb_unplug(struct fake_usb *f)
{
    char path[128], *node = node_path(f);
    pthread_mutex_lock(&f->device.lock);
    f->gone = true;
    pump(f);
    gate(f, true);
    close(f->slave);
    f->slave = -1;
    pthread_mutex_unlock(&f->device.lock);
    close(f->master);                                           /* POLLERR and POLLHUP for whoever has the node open */
    for (size_t k = f->device.model.n_interfaces; k > 0; k--) { /* by themselves, so that their links go, too */
        char *report = report_path(f, k - 1), *whole = g_strconcat("/sys", report, NULL);
        if (g_file_test(whole, G_FILE_TEST_EXISTS))
            umockdev_testbed_remove_device(testbed, whole);
        g_free(whole);
        g_free(report);
        (void)snprintf(path, sizeof path, "/sys/devices/pci0000:00/usb1/1-%d/1-%d:1.%zu", f->port, f->port, k - 1);
        umockdev_testbed_remove_device(testbed, path);
    }
    (void)snprintf(path, sizeof path, "/sys/devices/pci0000:00/usb1/1-%d", f->port);
    umockdev_testbed_uevent(testbed, path, "remove"); /* which removing does not send */
    umockdev_testbed_remove_device(testbed, path);
    (void)snprintf(path, sizeof path, "/dev/bus/usb/001/%03d", f->address);
    umockdev_testbed_detach_ioctl(testbed, path, NULL);
    (void)unlink(node);
    g_free(node);
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

void fake_usb_occupy(struct fake_usb *f, bool busy)
{
    pthread_mutex_lock(&f->device.lock);
    f->busy = busy;
    pthread_mutex_unlock(&f->device.lock);
}

unsigned fake_usb_claims(struct fake_usb *f)
{
    pthread_mutex_lock(&f->device.lock);
    unsigned claimed = f->claimed;
    pthread_mutex_unlock(&f->device.lock);
    return claimed;
}

unsigned fake_usb_detached(struct fake_usb *f)
{
    pthread_mutex_lock(&f->device.lock);
    unsigned detached = f->detached;
    pthread_mutex_unlock(&f->device.lock);
    return detached;
}

size_t fake_usb_reading(struct fake_usb *f)
{
    size_t n = 0;
    pthread_mutex_lock(&f->device.lock);
    for (const struct urb *u = f->waiting; u != NULL; u = u->next)
        n++;
    pthread_mutex_unlock(&f->device.lock);
    return n;
}

bool fake_usb_was_opened(struct fake_usb *f)
{
    pthread_mutex_lock(&f->device.lock);
    bool opened = f->opened;
    pthread_mutex_unlock(&f->device.lock);
    return opened;
}

/* Does /dev lead into the testbed? */
static bool is_played(void)
{
    char *root = umockdev_testbed_get_root_dir(testbed), *folder = g_strdup_printf("%s/dev/bus/usb/001", root);
    bool good = g_mkdir_with_parents(folder, 0755) == 0 && access("/dev/bus/usb/001", F_OK) == 0;
    g_free(folder);
    folder = g_strdup_printf("%s/dev/counterfoil-probe", root);
    good = good && g_mkdir_with_parents(folder, 0755) == 0 && access("/dev/counterfoil-probe", F_OK) == 0;
    g_free(folder);
    g_free(root);
    return good;
}

bool fake_usb_begin(char **argv)
{
    const char *preload = getenv("LD_PRELOAD");
    if (preload == NULL || strstr(preload, "umockdev") == NULL) {
        (void)setenv("LD_PRELOAD", "libumockdev-preload.so.0", 1);
        /* With a sanitizer in the program, its library need not be the first: umockdev calls on to it. */
        (void)setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
        (void)execv("/proc/self/exe", argv);
        return false;
    }
    /* Whoever opens the PTY and leads a session gets it as its terminal, and these when it goes. */
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGTTOU, SIG_IGN);
    testbed = umockdev_testbed_new();
    return is_played();
}

bool fake_usb_is_kernel(void)
{
    return false;
}

void fake_usb_end(void)
{
    g_object_unref(testbed);
}
