/*
 * sync/hub/http_in.c - see http_in.h.
 */
#include "sync/hub/http_in.h"

#include <string.h>
#include <strings.h>

size_t cf_hub_head_size(cf_bytes received)
{
    const uint8_t *end = received.n >= 4 ? memmem(received.p, received.n, "\r\n\r\n", 4) : NULL;
    return end != NULL ? (size_t)(end - received.p) + 4 : 0;
}

/* The next line without its end; false past the last. A bare CR or LF, or a control character, is no line. */
static bool next_line(cf_bytes *rest, cf_bytes *ret)
{
    const uint8_t *end = memmem(rest->p, rest->n, "\r\n", 2);
    if (end == NULL)
        return false;
    *ret = cf_bytes_of(rest->p, (size_t)(end - rest->p));
    for (size_t i = 0; i < ret->n; i++)
        if ((ret->p[i] < 0x20 && ret->p[i] != '\t') || ret->p[i] == 0x7f)
            return false;
    *rest = cf_bytes_of(end + 2, rest->n - ret->n - 2);
    return true;
}

/* Copies up to `stop` and skips it. */
static bool take_word(cf_bytes *line, char stop, char *ret, size_t cap)
{
    const uint8_t *end = memchr(line->p, stop, line->n);
    size_t n = end != NULL ? (size_t)(end - line->p) : 0;
    if (n == 0 || n >= cap)
        return false;
    memcpy(ret, line->p, n);
    ret[n] = '\0';
    *line = cf_bytes_of(end + 1, line->n - n - 1);
    return true;
}

static bool read_length(const uint8_t *p, size_t n, uint64_t *ret)
{
    uint64_t v = 0;
    if (n == 0 || n > 12)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        v = v * 10 + (uint64_t)(p[i] - '0');
    }
    *ret = v;
    return true;
}

static bool is_name(cf_bytes name, const char *what)
{
    return name.n == strlen(what) && strncasecmp((const char *)name.p, what, name.n) == 0;
}

static bool read_field(cf_bytes line, bool *has_length, struct cf_hub_head *head)
{
    const uint8_t *colon = line.n > 0 ? memchr(line.p, ':', line.n) : NULL;
    if (colon == NULL || line.p[0] == ' ' || line.p[0] == '\t')
        return false;
    cf_bytes name = cf_bytes_of(line.p, (size_t)(colon - line.p));
    const uint8_t *value = colon + 1;
    size_t n = line.n - name.n - 1;
    for (; n > 0 && (*value == ' ' || *value == '\t'); n--)
        value++;
    for (; n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'); n--)
        ;
    if (is_name(name, "transfer-encoding"))
        return false;
    if (is_name(name, "connection"))
        head->keep = !is_name(cf_bytes_of(value, n), "close");
    if (!is_name(name, "content-length"))
        return true;
    bool again = *has_length;
    *has_length = true;
    return !again && read_length(value, n, &head->content_length);
}

enum cf_rc cf_hub_head_read(cf_bytes head, struct cf_hub_head *ret, struct cf_error *err)
{
    struct cf_hub_head read = {.keep = true};
    cf_bytes rest = head, line;
    bool has_length = false;
    bool good = next_line(&rest, &line) && take_word(&line, ' ', read.method, sizeof read.method) &&
                take_word(&line, ' ', read.path, sizeof read.path) && is_name(line, "HTTP/1.1");
    while (good && next_line(&rest, &line)) {
        if (line.n == 0) {
            if (rest.n != 0)
                break;
            *ret = read;
            return CF_OK;
        }
        good = read_field(line, &has_length, &read);
    }
    return cf_fail(err, CF_E_PROTOCOL, "no request of HTTP/1.1");
}
