/*
 * firmware/boot/boot_state.c - see boot_state.h.
 */
#include "firmware/boot/boot_state.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char signature[] = "# GRUB Environment Block\n";
#define SIGNATURE_BYTES (sizeof signature - 1)

enum field { ORDER, A_OK, A_TRY, B_OK, B_TRY, N_FIELDS };
static const char *const field_names[N_FIELDS] = {"ORDER", "A_OK", "A_TRY", "B_OK", "B_TRY"};

struct cf_boot_state cf_boot_state_new(void)
{
    return (struct cf_boot_state){.first = CF_BOOT_A, .slot = {{.permitted = true}, {.permitted = true}}};
}

char cf_boot_slot_name(enum cf_boot_slot slot)
{
    switch (slot) {
    case CF_BOOT_A:
        return 'A';
    case CF_BOOT_B:
        return 'B';
    }
    return '?';
}

enum cf_rc cf_boot_slot_parse(const char *name, enum cf_boot_slot *ret, struct cf_error *err)
{
    if (strcmp(name, "A") != 0 && strcmp(name, "B") != 0)
        return cf_fail(err, CF_E_ARGUMENT, "a slot is A or B, not %s", name);
    *ret = *name == 'A' ? CF_BOOT_A : CF_BOOT_B;
    return CF_OK;
}

static enum cf_boot_slot other(enum cf_boot_slot slot)
{
    return slot == CF_BOOT_A ? CF_BOOT_B : CF_BOOT_A;
}

/* --- the block ---------------------------------------------------------------------------------------------------- */

/* A value of one field into the state; false if it is none. */
static bool take(struct cf_boot_state *state, enum field field, const char *value, size_t n)
{
    if (field == ORDER) {
        state->first = n > 0 && *value == 'B' ? CF_BOOT_B : CF_BOOT_A;
        return n == 3 && (memcmp(value, "A B", 3) == 0 || memcmp(value, "B A", 3) == 0);
    }
    enum cf_boot_slot slot = field == A_OK || field == A_TRY ? CF_BOOT_A : CF_BOOT_B;
    bool is_ok = field == A_OK || field == B_OK;
    if (n != 1 || *value < '0' || *value > '0' + (is_ok ? 1 : CF_BOOT_TRIES_MAX))
        return false;
    if (is_ok)
        state->slot[slot].permitted = *value == '1';
    else
        state->slot[slot].tries = (uint8_t)(*value - '0');
    return true;
}

static bool find_field(const char *name, size_t n, enum field *ret)
{
    for (int i = 0; i < N_FIELDS; i++)
        if (strlen(field_names[i]) == n && memcmp(field_names[i], name, n) == 0) {
            *ret = (enum field)i;
            return true;
        }
    return false;
}

enum cf_rc cf_boot_state_parse(const uint8_t block[CF_BOOT_BLOCK_BYTES], struct cf_boot_state *ret,
                               struct cf_error *err)
{
    const char *at = (const char *)block, *end = at + CF_BOOT_SECTOR_BYTES;
    if (memcmp(at, signature, SIGNATURE_BYTES) != 0)
        return cf_fail(err, CF_E_CBOR_SHAPE, "this is not an environment block of GRUB");
    at += SIGNATURE_BYTES;
    struct cf_boot_state state = {.first = CF_BOOT_A};
    unsigned seen = 0;
    while (at < end && *at != '#') {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        const char *equals = line_end ? memchr(at, '=', (size_t)(line_end - at)) : NULL;
        enum field field;
        if (equals == NULL || !find_field(at, (size_t)(equals - at), &field) || (seen & 1u << field) != 0 ||
            !take(&state, field, equals + 1, (size_t)(line_end - equals - 1)))
            return cf_fail(err, CF_E_CBOR_SHAPE, "the environment block holds a line that is not ours, after %zu bytes",
                           (size_t)(at - (const char *)block));
        seen |= 1u << field;
        at = line_end + 1;
    }
    if (seen != (1u << N_FIELDS) - 1)
        return cf_fail(err, CF_E_CBOR_SHAPE, "the environment block does not say everything");
    *ret = state;
    return CF_OK;
}

void cf_boot_state_format(const struct cf_boot_state *state, uint8_t ret_block[CF_BOOT_BLOCK_BYTES])
{
    char text[CF_BOOT_SECTOR_BYTES];
    int n = snprintf(text, sizeof text, "%sORDER=%c %c\nA_OK=%d\nA_TRY=%u\nB_OK=%d\nB_TRY=%u\n", signature,
                     cf_boot_slot_name(state->first), cf_boot_slot_name(other(state->first)),
                     state->slot[CF_BOOT_A].permitted, state->slot[CF_BOOT_A].tries, state->slot[CF_BOOT_B].permitted,
                     state->slot[CF_BOOT_B].tries);
    assert(n > 0 && (size_t)n < sizeof text);
    memset(ret_block, '#', CF_BOOT_BLOCK_BYTES);
    memcpy(ret_block, text, (size_t)n);
}

/* --- the rules ---------------------------------------------------------------------------------------------------- */

bool cf_boot_slot_is_good(const struct cf_boot_state *state, enum cf_boot_slot slot)
{
    return state->slot[slot].permitted && state->slot[slot].tries < CF_BOOT_TRIES_MAX;
}

enum cf_boot_slot cf_boot_primary(const struct cf_boot_state *state)
{
    enum cf_boot_slot second = other(state->first);
    if (cf_boot_slot_is_good(state, state->first))
        return state->first;
    return cf_boot_slot_is_good(state, second) ? second : CF_BOOT_A;
}

enum cf_boot_slot cf_boot_start(struct cf_boot_state *state)
{
    enum cf_boot_slot slot = cf_boot_primary(state);
    if (!cf_boot_slot_is_good(state, slot)) {
        enum cf_boot_slot first = state->first;
        *state = cf_boot_state_new();
        state->first = first;
    }
    state->slot[slot].tries++;
    return slot;
}

void cf_boot_make_primary(struct cf_boot_state *state, enum cf_boot_slot slot)
{
    state->first = slot;
    cf_boot_mark(state, slot, true);
}

void cf_boot_mark(struct cf_boot_state *state, enum cf_boot_slot slot, bool good)
{
    state->slot[slot].permitted = good;
    state->slot[slot].tries = 0;
}
