/*
 * drivers/scale/toledo_proto.c - see toledo_proto.h.
 */
#include "drivers/scale/toledo_proto.h"

#include <string.h>

#define STX 0x02
#define CR 0x0d
#define DIGITS_MAX 6

/* The byte of status, 6.1.4.3. */
enum {
    BIT_MOVING = 0x01,
    BIT_OVER = 0x02,
    BIT_UNDER = 0x04,
    BIT_OUT_OF_ZERO_RANGE = 0x08,
    BIT_ZERO = 0x10,
    BIT_ALWAYS = 0x40,
};

void cf_toledo_init(struct cf_toledo *toledo, bool parity)
{
    memset(toledo, 0, sizeof *toledo);
    toledo->parity = parity;
}

uint8_t cf_toledo_question(const struct cf_toledo *toledo)
{
    return toledo->parity ? 'W' | 0x80 : 'W';
}

static bool is_odd(uint8_t byte)
{
    bool odd = false;
    for (; byte != 0; byte = (uint8_t)(byte & (byte - 1)))
        odd = !odd;
    return odd;
}

static bool take_status(uint8_t status, struct cf_weight *ret)
{
    if ((status & BIT_ALWAYS) == 0)
        return false;
    if ((status & BIT_MOVING) != 0)
        *ret = cf_weight_none(CF_E_SCALE_MOVING, "it is not at rest");
    else if ((status & BIT_OVER) != 0)
        *ret = cf_weight_none(CF_E_SCALE_OVER, "more lies on it than it can weigh");
    else if ((status & BIT_UNDER) != 0)
        *ret = cf_weight_none(CF_E_SCALE_UNDER, "it shows less than zero");
    else if ((status & BIT_OUT_OF_ZERO_RANGE) != 0)
        *ret = cf_weight_none(CF_E_SCALE_ZERO, "it could not be set to zero");
    else if ((status & BIT_ZERO) != 0)
        *ret = cf_weight_none(CF_E_SCALE_EMPTY, "nothing lies on it");
    else /* it had a weight to give and gave none: it has just come to rest, and the next answer has it */
        *ret = cf_weight_none(CF_E_SCALE_MOVING, "it has no weight yet");
    return true;
}

/* "12.345" kilograms, "12.34" pounds; zeros in front may be spaces. */
static bool take_weight(const char *text, size_t n, struct cf_weight *ret)
{
    int64_t count = 0;
    size_t digits = 0, after = 0;
    bool point = false;
    n -= n > 0 && text[n - 1] == 'N' ? 1 : 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == ' ' && digits == 0 && !point)
            continue;
        if (text[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (text[i] < '0' || text[i] > '9' || digits == DIGITS_MAX)
            return false;
        count = count * 10 + (text[i] - '0');
        digits++;
        after += point ? 1 : 0;
    }
    if (after == 3)
        *ret = cf_weight_at_rest(count, 0, 1, 1);
    else if (after == 2)
        *ret = cf_weight_at_rest(count, 0, 45359237, 10000000);
    return after == 3 || after == 2;
}

static bool end(struct cf_toledo *toledo, struct cf_weight *ret)
{
    bool good = toledo->open && !toledo->damaged;
    toledo->open = false;
    if (!good)
        return false;
    if (toledo->n == 2 && toledo->answer[0] == '?')
        return take_status((uint8_t)toledo->answer[1], ret);
    return take_weight(toledo->answer, toledo->n, ret);
}

bool cf_toledo_take(struct cf_toledo *toledo, uint8_t byte, struct cf_weight *ret)
{
    bool wrong = toledo->parity ? is_odd(byte) : byte >= 0x80;
    byte &= 0x7f;
    if (byte == STX && !wrong) {
        toledo->open = true;
        toledo->damaged = false;
        toledo->n = 0;
        return false;
    }
    if (byte == CR && !wrong)
        return end(toledo, ret);
    toledo->damaged = toledo->damaged || wrong || toledo->n == sizeof toledo->answer;
    if (toledo->open && !toledo->damaged)
        toledo->answer[toledo->n++] = (char)byte;
    return false;
}
