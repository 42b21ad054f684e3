/*
 * sync/client/http.c - see http.h. Pure.
 */
#include "sync/client/http.h"

#include <assert.h>
#include <string.h>

enum cf_rc cf_http_request_head(const struct cf_net_request *request, const char *host, struct cf_buf *ret,
                                struct cf_error *err)
{
    assert(strlen(request->path) <= CF_NET_PATH_MAX && strpbrk(request->path, " \r\n") == NULL);
    enum cf_rc rc = cf_buf_printf(ret, err, "%s %s HTTP/1.1\r\nHost: %s\r\n", request->method, request->path, host);
    if (rc == CF_OK && request->content_type != NULL)
        rc = cf_buf_printf(ret, err, "Content-Type: %s\r\nContent-Length: %zu\r\n", request->content_type,
                           request->body.n);
    if (rc == CF_OK && request->range_n > 0)
        rc = cf_buf_printf(ret, err, "Range: bytes=%llu-%llu\r\n", (unsigned long long)request->range_from,
                           (unsigned long long)(request->range_from + request->range_n - 1));
    if (rc == CF_OK)
        rc = cf_buf_append_str(ret, "\r\n", err);
    return rc;
}

size_t cf_http_head_size(cf_bytes received)
{
    const uint8_t *end = received.n == 0 ? NULL : memmem(received.p, received.n, "\r\n\r\n", 4);
    return end == NULL ? 0 : (size_t)(end - received.p) + 4;
}

/* --- reading a head ----------------------------------------------------------------------------------------------- */

static char lower(uint8_t c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool equal_fold(cf_bytes a, const char *b)
{
    if (a.n != strlen(b))
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != b[i])
            return false;
    return true;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static cf_bytes trim(cf_bytes text)
{
    while (text.n > 0 && is_space(text.p[0]))
        text = cf_bytes_of(text.p + 1, text.n - 1);
    while (text.n > 0 && is_space(text.p[text.n - 1]))
        text.n--;
    return text;
}

/* RFC 9110 section 5.6.2 */
static bool is_token(cf_bytes text)
{
    static const char MARKS[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        char small = lower(c);
        bool plain = (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9');
        if (!plain && (c == '\0' || memchr(MARKS, c, sizeof MARKS - 1) == NULL))
            return false;
    }
    return text.n > 0;
}

/* Is `token` in a comma-separated list, in any case of letters? */
static bool lists(cf_bytes value, const char *token)
{
    size_t from = 0;
    for (size_t i = 0; i <= value.n; i++) {
        if (i < value.n && value.p[i] != ',')
            continue;
        if (equal_fold(trim(cf_bytes_of(value.p + from, i - from)), token))
            return true;
        from = i + 1;
    }
    return false;
}

static bool read_length(cf_bytes value, uint64_t *ret)
{
    uint64_t n = 0;
    /* Eighteen digits fit in any case. */
    if (value.n == 0 || value.n > 18)
        return false;
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] < '0' || value.p[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(value.p[i] - '0');
    }
    *ret = n;
    return true;
}

/* "HTTP/1.1 200 OK" */
static bool read_status_line(cf_bytes line, struct cf_http_head *ret)
{
    static const char OPENING[] = "HTTP/1.";
    size_t n = sizeof OPENING - 1;
    if (line.n < n + 5 || memcmp(line.p, OPENING, n) != 0 || (line.p[n] != '0' && line.p[n] != '1') ||
        line.p[n + 1] != ' ')
        return false;
    uint64_t status;
    if (!read_length(cf_bytes_of(line.p + n + 2, 3), &status) || status < 200 || status > 599)
        return false;
    if (line.n > n + 5 && line.p[n + 5] != ' ')
        return false;
    ret->status = (int)status;
    ret->keep = line.p[n] == '1';
    return true;
}

struct field_state {
    struct cf_http_head *head;
    bool has_length;
};

static const char *read_field(struct field_state *state, cf_bytes line)
{
    const uint8_t *colon = line.n == 0 ? NULL : memchr(line.p, ':', line.n);
    if (colon == NULL)
        return "a field without a colon";
    cf_bytes name = cf_bytes_of(line.p, (size_t)(colon - line.p));
    cf_bytes value = trim(cf_bytes_of(colon + 1, line.n - name.n - 1));
    if (!is_token(name))
        return "a field with an impossible name";
    if (equal_fold(name, "transfer-encoding"))
        return "a transfer encoding";
    if (equal_fold(name, "content-length")) {
        if (state->has_length)
            return "two lengths";
        if (!read_length(value, &state->head->content_length))
            return "a length that is no number";
        state->has_length = true;
    }
    if (equal_fold(name, "connection") && lists(value, "close"))
        state->head->keep = false;
    return NULL;
}

/* Takes the next line off the head, without its CR LF. False for a line with a control character, bare CR and LF
 * among them. */
static bool next_line(cf_bytes *head, cf_bytes *ret_line)
{
    const uint8_t *end = memmem(head->p, head->n, "\r\n", 2);
    if (end == NULL)
        return false;
    cf_bytes line = cf_bytes_of(head->p, (size_t)(end - head->p));
    for (size_t i = 0; i < line.n; i++)
        if ((line.p[i] < 0x20 && line.p[i] != '\t') || line.p[i] == 0x7f)
            return false;
    *head = cf_bytes_of(end + 2, head->n - line.n - 2);
    *ret_line = line;
    return true;
}

enum cf_rc cf_http_head_read(cf_bytes head, struct cf_http_head *ret, struct cf_error *err)
{
    struct cf_http_head found = {.status = 0};
    struct field_state state = {.head = &found};
    cf_bytes line;
    if (head.n == 0 || head.n > CF_HTTP_HEAD_MAX || !next_line(&head, &line) || !read_status_line(line, &found))
        return cf_fail(err, CF_E_PROTOCOL, "the answer does not begin as HTTP/1.1 does");
    for (size_t n = 0;; n++) {
        if (n > CF_HTTP_FIELDS_MAX)
            return cf_fail(err, CF_E_PROTOCOL, "the answer's head has more than %d fields", CF_HTTP_FIELDS_MAX);
        if (head.n == 0 || !next_line(&head, &line))
            return cf_fail(err, CF_E_PROTOCOL, "the answer's head has a line that is none");
        if (line.n == 0)
            break;
        const char *wrong = read_field(&state, line);
        if (wrong != NULL)
            return cf_fail(err, CF_E_PROTOCOL, "the answer's head has %s", wrong);
    }
    if (head.n > 0)
        return cf_fail(err, CF_E_PROTOCOL, "the answer's head ends too early");
    /* RFC 9110: these have no content, whatever they say. */
    bool no_content = found.status == 204 || found.status == 304;
    if (!state.has_length && !no_content)
        return cf_fail(err, CF_E_PROTOCOL, "the answer does not say how long it is");
    if (no_content)
        found.content_length = 0;
    *ret = found;
    return CF_OK;
}
