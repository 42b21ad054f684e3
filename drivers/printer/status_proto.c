/*
 * drivers/printer/status_proto.c - see status_proto.h.
 */
#include "drivers/printer/status_proto.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LANGUAGES_MAX 127
#define PROCESS_HEADER 0x37
#define PROCESS_IDENTIFIER 0x22

enum cf_rc cf_printer_status_rc(const struct cf_printer_status *status, const char **ret_why)
{
    *ret_why = "";
    if (status->cover_open) {
        *ret_why = "its cover is open";
        return CF_E_PRINTER_COVER;
    }
    if (status->paper_end) {
        *ret_why = "it has no paper";
        return CF_E_PRINTER_PAPER;
    }
    if (status->cutter || status->fault || status->off_line) {
        *ret_why = status->cutter ? "its cutter is jammed" : status->fault ? "it reports a fault" : "it is off line";
        return CF_E_PRINTER_FAULT;
    }
    if (status->paper_near_end)
        *ret_why = "its paper is near the end";
    return CF_OK;
}

/* ---- status bytes ---- */

void cf_printer_ear_init(struct cf_printer_ear *ear)
{
    *ear = (struct cf_printer_ear){.n_asked = 0};
}

static void forget_asked(struct cf_printer_ear *ear)
{
    ear->n_asked--;
    memmove(ear->asked, ear->asked + 1, ear->n_asked);
}

void cf_printer_ear_asked(struct cf_printer_ear *ear, uint8_t number)
{
    if (ear->n_asked == CF_PRINTER_ASKED_MAX)
        forget_asked(ear);
    ear->asked[ear->n_asked++] = number;
}

static void take_answer(struct cf_printer_ear *ear, uint8_t number, uint8_t byte)
{
    struct cf_printer_status *status = &ear->status;
    switch (number) {
    case 1:
        status->has_drawer = true;
        status->drawer_pin = (byte & 0x04) != 0;
        status->off_line = (byte & 0x08) != 0;
        break;
    case 2:
        status->cover_open = (byte & 0x04) != 0;
        break;
    case 3:
        status->cutter = (byte & 0x08) != 0;
        status->fault = (byte & 0x64) != 0;
        break;
    case 4:
        status->paper_near_end = (byte & 0x0c) != 0;
        status->paper_end = (byte & 0x60) != 0;
        break;
    default:
        break;
    }
}

static void take_automatic(struct cf_printer_ear *ear)
{
    const uint8_t *byte = ear->automatic;
    ear->n_automatic = 0;
    ear->tells = true;
    ear->status = (struct cf_printer_status){
        .has_drawer = true,
        .drawer_pin = (byte[0] & 0x04) != 0,
        .off_line = (byte[0] & 0x08) != 0,
        .cover_open = (byte[0] & 0x20) != 0,
        .cutter = (byte[1] & 0x08) != 0,
        .fault = (byte[1] & 0x64) != 0,
        .paper_near_end = (byte[2] & 0x03) != 0,
        .paper_end = (byte[2] & 0x0c) != 0,
    };
}

/* 0x37 has been. False: this byte is no part of it, its rest was lost. */
static bool take_process(struct cf_printer_ear *ear, uint8_t byte, enum cf_printer_heard *ret)
{
    size_t at = ear->n_process++;
    *ret = CF_PRINTER_HEARD_NOTHING;
    if (at == 1 && byte == PROCESS_IDENTIFIER)
        return true;
    if (at > 1 && at < 2 + CF_PRINTER_PROCESS_BYTES && byte >= ' ' && byte < 0x7f) {
        ear->process[at - 2] = byte;
        return true;
    }
    ear->n_process = 0;
    if (at == 2 + CF_PRINTER_PROCESS_BYTES && byte == 0)
        *ret = CF_PRINTER_HEARD_PROCESS;
    return *ret == CF_PRINTER_HEARD_PROCESS;
}

void cf_printer_ear_forget(struct cf_printer_ear *ear)
{
    ear->n_asked = 0;
}

enum cf_printer_heard cf_printer_ear_take(struct cf_printer_ear *ear, uint8_t byte)
{
    enum cf_printer_heard heard;
    if (ear->n_process > 0 && take_process(ear, byte, &heard))
        return heard;
    if (byte == PROCESS_HEADER) {
        ear->n_automatic = 0;
        ear->n_process = 1;
        return CF_PRINTER_HEARD_NOTHING;
    }
    if (ear->n_automatic > 0 && (byte & 0x90) == 0) {
        ear->automatic[ear->n_automatic++] = byte;
        if (ear->n_automatic < sizeof ear->automatic)
            return CF_PRINTER_HEARD_NOTHING;
        take_automatic(ear);
        return CF_PRINTER_HEARD_STATUS;
    }
    ear->n_automatic = 0; /* whatever was begun, its rest was lost */
    if ((byte & 0x93) == 0x10) {
        ear->automatic[ear->n_automatic++] = byte;
        return CF_PRINTER_HEARD_NOTHING;
    }
    if ((byte & 0x93) == 0x12) {
        if (ear->n_asked == 0)
            return CF_PRINTER_HEARD_NOTHING;
        take_answer(ear, ear->asked[0], byte);
        forget_asked(ear);
        return CF_PRINTER_HEARD_STATUS;
    }
    if ((byte & 0x90) != 0)
        return CF_PRINTER_HEARD_NOTHING; /* XON, XOFF, or nothing that a printer of this kind says */
    ear->status.paper_near_end = (byte & 0x03) != 0;
    ear->status.paper_end = (byte & 0x0c) != 0;
    return CF_PRINTER_HEARD_ANSWER;
}

/* ---- its name ---- */

/* The value of the first of two keys, printable and cut. */
static void value_of(cf_bytes id, const char *key, const char *other, char *ret, size_t max)
{
    size_t n = 0;
    for (size_t at = 0; at < id.n;) {
        const uint8_t *from = id.p + at, *end = memchr(from, ';', id.n - at);
        size_t length = end != NULL ? (size_t)(end - from) : id.n - at;
        const uint8_t *colon = memchr(from, ':', length);
        size_t n_key = colon != NULL ? (size_t)(colon - from) : 0;
        at += length + 1;
        if (n_key == 0 || !((n_key == strlen(key) && strncasecmp((const char *)from, key, n_key) == 0) ||
                            (n_key == strlen(other) && strncasecmp((const char *)from, other, n_key) == 0)))
            continue;
        for (size_t i = n_key + 1; i < length && n < max; i++)
            ret[n++] = from[i] >= ' ' && from[i] < 0x7f ? (char)from[i] : '?';
        break;
    }
    ret[n] = '\0';
}

static bool names_pages(const char *languages)
{
    static const char *const ours[] = {"ESC/POS", "ESCPOS", "EPSON"}, *const theirs[] = {
                                                                          "PCL",    "PJL", "POSTSCRIPT", "ESCPR",
                                                                          "ESCPL2", "PDF", "ZPL",        "EPL"};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (strcasestr(languages, ours[i]) != NULL)
            return false;
    for (size_t i = 0; i < sizeof theirs / sizeof theirs[0]; i++)
        if (strcasestr(languages, theirs[i]) != NULL)
            return true;
    return false;
}

void cf_printer_id_read(cf_bytes id, struct cf_printer_id *ret)
{
    char maker[CF_PRINTER_MODEL_MAX / 2 + 1], model[CF_PRINTER_MODEL_MAX / 2 + 1], languages[LANGUAGES_MAX + 1];
    id = id.n > 2 ? cf_bytes_of(id.p + 2, id.n - 2) : (cf_bytes){0};
    value_of(id, "MFG", "MANUFACTURER", maker, sizeof maker - 1);
    value_of(id, "MDL", "MODEL", model, sizeof model - 1);
    value_of(id, "CMD", "COMMAND SET", languages, sizeof languages - 1);
    (void)snprintf(ret->model, sizeof ret->model, "%s%s%s", maker, maker[0] != '\0' && model[0] != '\0' ? " " : "",
                   model);
    ret->prints_pages = names_pages(languages);
}
