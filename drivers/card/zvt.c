/*
 * drivers/card/zvt.c - see zvt.h.
 */
#include "drivers/card/zvt.h"

#include <string.h>

/* --- APDUs -------------------------------------------------------------------------------------------------------- */

void cf_zvt_apdu_next(cf_bytes in, struct cf_zvt_apdu *ret, size_t *ret_used)
{
    size_t head = 3, n = 0;
    *ret_used = 0;
    if (in.n < head)
        return;
    n = in.p[2];
    if (n == 0xff) {
        head = 5;
        if (in.n < head)
            return;
        n = (size_t)in.p[3] | (size_t)in.p[4] << 8;
    }
    if (in.n - head < n)
        return;
    ret->control = (uint16_t)((unsigned)in.p[0] << 8 | in.p[1]);
    ret->data = cf_bytes_of(in.p + head, n);
    *ret_used = head + n;
}

enum cf_rc cf_zvt_apdu_write(uint16_t control, cf_bytes data, struct cf_buf *ret, struct cf_error *err)
{
    uint8_t head[5] = {(uint8_t)(control >> 8), (uint8_t)(control & 0xff), (uint8_t)data.n};
    size_t n_head = 3, before = ret->n;
    if (data.n > CF_ZVT_DATA_MAX)
        return cf_fail(err, CF_E_LIMIT, "an APDU of %zu bytes", data.n);
    if (data.n >= 0xff) {
        head[2] = 0xff;
        head[3] = (uint8_t)(data.n & 0xff);
        head[4] = (uint8_t)(data.n >> 8);
        n_head = 5;
    }
    enum cf_rc rc = cf_buf_append(ret, head, n_head, err);
    if (rc == CF_OK && data.n > 0)
        rc = cf_buf_append(ret, data.p, data.n, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

/* --- bitmaps ------------------------------------------------------------------------------------------------------ */

/* Lengths that are told by the data itself. */
#define LL 253  /* two bytes Fx Fy: xy bytes follow */
#define LLL 254 /* three of them */
#define TLV 255 /* a length as in BER: one byte, 81 xx, or 82 xx xx */

/* PA00P015, summary of utilised bitmaps. 0: not known. */
static const uint8_t lengths[256] = {
    [0x01] = 1,   [0x02] = 1,  [0x03] = 1,   [0x04] = 6,   [0x05] = 1,   [0x06] = TLV, [0x0b] = 3,   [0x0c] = 3,
    [0x0d] = 2,   [0x0e] = 2,  [0x17] = 2,   [0x19] = 1,   [0x22] = LL,  [0x23] = LL,  [0x24] = LLL, [0x27] = 1,
    [0x29] = 4,   [0x2a] = 15, [0x2d] = LL,  [0x2e] = LLL, [0x37] = 3,   [0x3a] = 2,   [0x3b] = 8,   [0x3c] = LLL,
    [0x3d] = 3,   [0x49] = 2,  [0x60] = LLL, [0x87] = 2,   [0x88] = 3,   [0x8a] = 1,   [0x8b] = LL,  [0x8c] = 1,
    [0x9a] = LLL, [0xa0] = 1,  [0xa7] = LL,  [0xaa] = 3,   [0xaf] = LLL, [0xba] = 5,
};

static cf_bytes take(cf_bytes *in, size_t n)
{
    cf_bytes part = {NULL, 0};
    if (n <= in->n) {
        part = cf_bytes_of(in->p, n);
        in->p += n;
        in->n -= n;
    }
    return part;
}

/* "F1 F2" is 12. */
static bool take_ll(cf_bytes *in, size_t digits, size_t *ret)
{
    cf_bytes part = take(in, digits);
    *ret = 0;
    for (size_t i = 0; i < part.n; i++) {
        if ((part.p[i] & 0xf0) != 0xf0 || (part.p[i] & 0x0f) > 9)
            return false;
        *ret = *ret * 10 + (part.p[i] & 0x0f);
    }
    return part.n == digits;
}

static bool take_ber(cf_bytes *in, size_t *ret)
{
    cf_bytes first = take(in, 1);
    if (first.n == 0)
        return false;
    if (first.p[0] < 0x80) {
        *ret = first.p[0];
        return true;
    }
    cf_bytes more = take(in, first.p[0] & 0x7fu);
    if (more.n == 0 || more.n > 2)
        return false;
    *ret = more.n == 1 ? more.p[0] : (size_t)more.p[0] << 8 | more.p[1];
    return true;
}

static bool take_value(cf_bytes *in, uint8_t bitmap, cf_bytes *ret)
{
    size_t n = lengths[bitmap];
    bool ok = n != 0;
    if (n == LL || n == LLL)
        ok = take_ll(in, n == LL ? 2 : 3, &n);
    else if (n == TLV)
        ok = take_ber(in, &n);
    if (!ok || n > in->n)
        return false;
    *ret = take(in, n);
    return true;
}

static bool read_bcd(cf_bytes value, int64_t *ret)
{
    int64_t v = 0;
    for (size_t i = 0; i < value.n; i++) {
        unsigned high = value.p[i] >> 4, low = value.p[i] & 0x0fu;
        if (high > 9 || low > 9)
            return false;
        v = v * 100 + (int64_t)(high * 10 + low);
    }
    *ret = v;
    return true;
}

static bool read_number(cf_bytes value, bool *ret_has, uint32_t *ret)
{
    int64_t v = 0;
    if (!read_bcd(value, &v)) /* at most four bytes */
        return false;
    *ret_has = true;
    *ret = (uint32_t)v;
    return true;
}

/* A name may end with a NUL and hold anything: only what prints is kept. */
static void read_text(cf_bytes value, char *ret, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < value.n && value.p[i] != '\0' && n + 1 < cap; i++)
        if (value.p[i] >= 0x20 && value.p[i] < 0x7f)
            ret[n++] = (char)value.p[i];
    ret[n] = '\0';
}

static bool put(struct cf_zvt_status *status, uint8_t bitmap, cf_bytes value)
{
    switch (bitmap) {
    case 0x04:
        status->has_amount = true;
        return read_bcd(value, &status->amount_minor);
    case 0x0b:
        return read_number(value, &status->has_trace, &status->trace);
    case 0x27:
        status->has_result = value.n > 0;
        status->result = value.n > 0 ? value.p[0] : 0;
        return status->has_result;
    case 0x29:
        return read_number(value, &status->has_tid, &status->tid);
    case 0x37:
        return read_number(value, &status->has_original, &status->original);
    case 0x49:
        return read_number(value, &status->has_currency, &status->currency);
    case 0x87:
        return read_number(value, &status->has_receipt, &status->receipt);
    case 0x8b:
        read_text(value, status->card, sizeof status->card);
        return true;
    default: /* known, and not needed */
        return true;
    }
}

enum cf_rc cf_zvt_status_parse(cf_bytes data, struct cf_zvt_status *ret, struct cf_error *err)
{
    struct cf_zvt_status status = {.has_result = false};
    while (data.n > 0) {
        uint8_t bitmap = *data.p;
        cf_bytes value = {NULL, 0};
        data.p++;
        data.n--;
        if (!take_value(&data, bitmap, &value))
            return cf_fail(err, CF_E_PROTOCOL, "bitmap %02X of the terminal's status is not known or too short",
                           bitmap);
        if (!put(&status, bitmap, value))
            return cf_fail(err, CF_E_PROTOCOL, "bitmap %02X of the terminal's status holds no number", bitmap);
    }
    *ret = status;
    return CF_OK;
}

const char *cf_zvt_result_text(uint8_t result)
{
    static const struct {
        uint8_t code;
        const char *text;
    } texts[] = {
        {0x00, "done"},
        {0x64, "the card cannot be read"},
        {0x66, "the terminal could not process it"},
        {0x6a, "the terminal's memory is full: close its day"},
        {0x6b, "the terminal is not registered"},
        {0x6c, "cancelled, or nobody showed a card"},
        {0x6e, "the card is blocked"},
        {0x6f, "the terminal takes another currency"},
        {0x71, "there is not enough money on the card"},
        {0x77, "the terminal's day cannot be closed now"},
        {0x78, "the card has expired"},
        {0x7a, "the card is not known"},
        {0x7d, "the terminal has no link to its bank"},
        {0x83, "the terminal cannot do that"},
        {0x9a, "the terminal did not understand"},
        {0x9b, "the terminal has no link to its bank"},
        {0x9c, "the terminal is busy"},
        {0xa0, "the terminal is not ready"},
        {0xff, "the terminal has a fault"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].code == result)
            return texts[i].text;
    return result < 0x64 ? "declined by the bank" : "declined by the terminal";
}

uint32_t cf_zvt_currency(const char *code)
{
    static const struct {
        char code[4];
        uint16_t number;
    } known[] = {
        {"AUD", 36},  {"CAD", 124}, {"CHF", 756}, {"CNY", 156}, {"CZK", 203}, {"DKK", 208}, {"EUR", 978}, {"GBP", 826},
        {"HKD", 344}, {"HUF", 348}, {"NOK", 578}, {"PLN", 985}, {"RON", 946}, {"SEK", 752}, {"SGD", 702}, {"USD", 840},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].code, code) == 0)
            return known[i].number;
    return 0;
}

/* --- commands ----------------------------------------------------------------------------------------------------- */

#define COMMAND_MAX 32

struct command {
    size_t n;
    uint8_t data[COMMAND_MAX];
};

static void put_byte(struct command *command, uint8_t v)
{
    command->data[command->n++] = v; /* every command of ours fits */
}

static void put_bcd(struct command *command, int64_t v, size_t bytes)
{
    for (size_t i = bytes; i-- > 0; v /= 100)
        command->data[command->n + i] = (uint8_t)(v % 100 / 10 << 4 | v % 10);
    command->n += bytes;
}

static enum cf_rc put_password(struct command *command, const char *password, struct cf_error *err)
{
    int64_t v = 0;
    if (strspn(password, "0123456789") != CF_ZVT_PASSWORD_DIGITS || password[CF_ZVT_PASSWORD_DIGITS] != '\0')
        return cf_fail(err, CF_E_ARGUMENT, "a terminal's password has six digits");
    for (size_t i = 0; i < CF_ZVT_PASSWORD_DIGITS; i++)
        v = v * 10 + (password[i] - '0');
    put_bcd(command, v, 3);
    return CF_OK;
}

static enum cf_rc write_command(uint16_t control, const struct command *command, struct cf_buf *ret,
                                struct cf_error *err)
{
    return cf_zvt_apdu_write(control, cf_bytes_of(command->data, command->n), ret, err);
}

/* The till takes the texts of all receipts (and drops them: its own names the payment), gets intermediate status, and
 * leaves the rest to the terminal. PA00P015, config-byte. */
#define CONFIG (0x02 | 0x04 | 0x08 | 0x80)

enum cf_rc cf_zvt_write_registration(const char *password, struct cf_buf *ret, struct cf_error *err)
{
    struct command command = {.n = 0};
    enum cf_rc rc = put_password(&command, password, err);
    if (rc != CF_OK)
        return rc;
    put_byte(&command, CONFIG);
    return write_command(CF_ZVT_REGISTRATION, &command, ret, err);
}

static enum cf_rc put_amount(struct command *command, int64_t amount_minor, uint32_t currency, struct cf_error *err)
{
    if (amount_minor <= 0 || amount_minor > CF_ZVT_AMOUNT_MAX || currency == 0 || currency > 9999)
        return cf_fail(err, CF_E_RANGE, "an amount of %lld in %u", (long long)amount_minor, (unsigned)currency);
    put_byte(command, 0x04);
    put_bcd(command, amount_minor, 6);
    put_byte(command, 0x49);
    put_bcd(command, currency, 2);
    return CF_OK;
}

enum cf_rc cf_zvt_write_authorisation(int64_t amount_minor, uint32_t currency, struct cf_buf *ret, struct cf_error *err)
{
    struct command command = {.n = 0};
    enum cf_rc rc = put_amount(&command, amount_minor, currency, err);
    return rc == CF_OK ? write_command(CF_ZVT_AUTHORISATION, &command, ret, err) : rc;
}

enum cf_rc cf_zvt_write_refund(const char *password, int64_t amount_minor, uint32_t currency, struct cf_buf *ret,
                               struct cf_error *err)
{
    struct command command = {.n = 0};
    enum cf_rc rc = put_password(&command, password, err);
    if (rc == CF_OK)
        rc = put_amount(&command, amount_minor, currency, err);
    return rc == CF_OK ? write_command(CF_ZVT_REFUND, &command, ret, err) : rc;
}

enum cf_rc cf_zvt_write_reversal(const char *password, uint32_t receipt, struct cf_buf *ret, struct cf_error *err)
{
    struct command command = {.n = 0};
    if (receipt == 0 || receipt >= CF_ZVT_RECEIPTS)
        return cf_fail(err, CF_E_RANGE, "receipt %u", (unsigned)receipt);
    enum cf_rc rc = put_password(&command, password, err);
    if (rc != CF_OK)
        return rc;
    put_byte(&command, 0x87);
    put_bcd(&command, receipt, 2);
    return write_command(CF_ZVT_REVERSAL, &command, ret, err);
}

static enum cf_rc write_by_password(uint16_t control, const char *password, struct cf_buf *ret, struct cf_error *err)
{
    struct command command = {.n = 0};
    enum cf_rc rc = put_password(&command, password, err);
    return rc == CF_OK ? write_command(control, &command, ret, err) : rc;
}

enum cf_rc cf_zvt_write_repeat_receipt(const char *password, struct cf_buf *ret, struct cf_error *err)
{
    return write_by_password(CF_ZVT_REPEAT_RECEIPT, password, ret, err);
}

enum cf_rc cf_zvt_write_end_of_day(const char *password, struct cf_buf *ret, struct cf_error *err)
{
    return write_by_password(CF_ZVT_END_OF_DAY, password, ret, err);
}

enum cf_rc cf_zvt_write_abort(struct cf_buf *ret, struct cf_error *err)
{
    return cf_zvt_apdu_write(CF_ZVT_ABORT_COMMAND, cf_bytes_of(NULL, 0), ret, err);
}

/* --- the conversation --------------------------------------------------------------------------------------------- */

bool cf_zvt_dialogue_over(const struct cf_zvt_dialogue *dialogue)
{
    return dialogue->stage == CF_ZVT_REFUSED || dialogue->stage == CF_ZVT_COMPLETED ||
           dialogue->stage == CF_ZVT_ABORTED;
}

static enum cf_rc acknowledge(struct cf_buf *reply, struct cf_error *err)
{
    return cf_zvt_apdu_write(CF_ZVT_ACK, cf_bytes_of(NULL, 0), reply, err);
}

enum cf_rc cf_zvt_dialogue_take(struct cf_zvt_dialogue *dialogue, const struct cf_zvt_apdu *apdu, struct cf_buf *reply,
                                struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    if (cf_zvt_dialogue_over(dialogue) || ++dialogue->n > CF_ZVT_DIALOGUE_MAX)
        return cf_fail(err, CF_E_PROTOCOL, "the terminal does not come to an end");
    if (apdu->control >> 8 == 0x80 || apdu->control == 0x8400) {
        dialogue->stage = CF_ZVT_RUNNING;
        return CF_OK;
    }
    if (apdu->control >> 8 == 0x84) {
        if (dialogue->stage != CF_ZVT_SENT)
            return cf_fail(err, CF_E_PROTOCOL, "the terminal refused (%02X) what it had taken", apdu->control & 0xff);
        dialogue->stage = CF_ZVT_REFUSED;
        dialogue->code = (uint8_t)(apdu->control & 0xff);
        return CF_OK;
    }
    if (apdu->control == CF_ZVT_STATUS) {
        rc = cf_zvt_status_parse(apdu->data, &dialogue->status, err);
        if (rc != CF_OK)
            return rc;
        dialogue->has_status = true;
    } else if (apdu->control == CF_ZVT_COMPLETION) {
        dialogue->stage = CF_ZVT_COMPLETED;
    } else if (apdu->control == CF_ZVT_ABORT) {
        dialogue->stage = CF_ZVT_ABORTED;
        dialogue->code = apdu->data.n > 0 ? apdu->data.p[0] : 0xff;
    } else if (apdu->control >> 8 != 0x04 && apdu->control >> 8 != 0x06) {
        return cf_fail(err, CF_E_PROTOCOL, "the terminal sent %04X", apdu->control);
    } /* the rest (texts to print, the time, what it is doing) is heard and not needed */
    return acknowledge(reply, err);
}
