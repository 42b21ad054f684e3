/*
 * app/cli/cli.c - see cli.h.
 */
#include "app/cli/cli.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int cli_exit_status(enum cf_rc rc)
{
    return rc == CF_OK ? CLI_DONE : (int)cf_rc_class(rc);
}

json_t *cli_json_text(cf_bytes text)
{
    size_t cap = text.n * 3 + 1; /* each bad byte becomes U+FFFD, three bytes */
    char *clean = malloc(cap);
    if (!clean)
        return json_null();
    size_t n = cf_text_clean(text, clean, cap);
    json_t *string = json_stringn(clean, n);
    free(clean);
    return string ? string : json_null();
}

json_t *cli_error_json(const struct cf_error *err)
{
    return json_pack("{s:s, s:i, s:s, s:o}", "name", cf_rc_name(err->rc), "number", (int)err->rc, "text",
                     cf_rc_text(err->rc), "detail", cli_json_text(cf_bytes_str(err->detail)));
}

json_t *cli_json_ignored(const struct cf_till_ignored *ignored)
{
    return json_pack("{s:I, s:I, s:s}", "campaign", (json_int_t)ignored->campaign, "version",
                     (json_int_t)ignored->version, "name", ignored->name);
}

json_t *cli_json_hex(const void *p, size_t n)
{
    char text[2 * CLI_HEX_BYTES_MAX + 1];
    cf_hex_encode(cf_bytes_of(p, n < CLI_HEX_BYTES_MAX ? n : CLI_HEX_BYTES_MAX), text);
    return json_string(text);
}

json_t *cli_json_exact(cf_bytes text)
{
    json_t *string = cf_text_is_utf8(text) ? json_stringn((const char *)text.p, text.n) : NULL;
    return string ? string : cli_json_text(text);
}

static bool output_failed;

/* A JSON text as it is, but control characters that jansson leaves alone (DEL, C1, bidirectional marks) as escapes:
 * they can only stand inside strings. */
static void put_escaped(cf_bytes text)
{
    size_t at = 0, from = 0;
    while (at < text.n) {
        size_t start = at;
        uint32_t code_point = cf_text_next(text, &at);
        if (!cf_text_is_control(code_point))
            continue;
        fwrite(text.p + from, 1, start - from, stdout);
        printf("\\u%04x", (unsigned)code_point);
        from = at;
    }
    fwrite(text.p + from, 1, text.n - from, stdout);
}

static void print_json(json_t *object, size_t flags)
{
    char *text = json_dumps(object, flags | JSON_COMPACT | JSON_PRESERVE_ORDER);
    if (text) {
        put_escaped(cf_bytes_str(text));
        putchar('\n');
    } else {
        output_failed = true;
    }
    fflush(stdout);
    free(text);
    json_decref(object);
}

int cli_end(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout) && !output_failed)
        return status;
    fputs("counterfoil: not everything could be written to the output\n", stderr);
    return CLI_BROKEN;
}

void cli_print_json(json_t *object)
{
    print_json(object, 0);
}

void cli_print_json_ascii(json_t *object)
{
    print_json(object, JSON_ENSURE_ASCII);
}

int cli_fail(bool json, const char *what, const struct cf_error *err)
{
    if (json) {
        cli_print_json(json_pack("{s:b, s:o}", "ok", 0, "error", cli_error_json(err)));
    } else {
        char clean[256];
        cf_text_clean(cf_bytes_str(what ? what : ""), clean, sizeof clean);
        fprintf(stderr, "counterfoil: %s%s%s", clean, what ? ": " : "", cf_rc_text(err->rc));
        if (err->detail[0])
            fprintf(stderr, " (%s: %s)", cf_rc_name(err->rc), err->detail);
        fputc('\n', stderr);
    }
    return cli_exit_status(err->rc);
}

int cli_usage(const struct cli_command *command, const char *format, ...)
{
    char message[256], clean[256];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    cf_text_clean(cf_bytes_str(message), clean, sizeof clean);
    fprintf(stderr, "counterfoil %s: %s\nTry: counterfoil %s --help\n", command->name, clean, command->name);
    return CLI_USAGE;
}

int cli_usage_option(const struct cli_command *command, char **argv)
{
    return cli_usage(command, "unknown option, or one without its value: %s", argv[optind - 1]);
}

enum cf_rc cli_read_line(void *stream, struct cf_buf *line, bool *ret_got, struct cf_error *err)
{
    FILE *file = stream;
    enum cf_rc rc = CF_OK;
    bool got = false;
    int c;
    cf_buf_clear(line);
    while ((c = getc_unlocked(file)) != EOF && c != '\n') {
        uint8_t byte = (uint8_t)c;
        got = true;
        if (rc == CF_OK)
            rc = cf_buf_append(line, &byte, 1, err);
    }
    if (c == EOF && ferror(file))
        return cf_fail(err, CF_E_IO, "the input cannot be read");
    got = got || c == '\n';
    if (rc == CF_OK && line->n > 0 && line->p[line->n - 1] == '\r')
        line->n--;
    const char *text;
    if (rc == CF_OK)
        rc = cf_buf_cstr(line, &text, err);
    *ret_got = got;
    return rc;
}
