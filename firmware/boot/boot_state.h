/*
 * firmware/boot/boot_state.h - which slot of the appliance starts next: the rules, and the block that GRUB and Linux
 * share to remember them.
 *
 * An appliance has two slots, A and B, each a whole system. GRUB takes the first slot in order that is permitted and
 * has not been tried three times, and counts the try before it starts the slot. A system that turns out to be healthy
 * takes its count back to nothing. So a slot that never gets that far is left after three tries, without anybody.
 *
 * The block is GRUB's environment block (GRUB manual, "Environment block"): 1,024 bytes, a line of signature, lines of
 * NAME=value, then '#' to the end. What counts stands in its first 512 bytes, and these are written in one piece, in
 * place: a disk writes a sector whole or not at all (see boot_file.h). Pure.
 */
#ifndef CF_FIRMWARE_BOOT_STATE_H
#define CF_FIRMWARE_BOOT_STATE_H

#include "base/error.h"

#define CF_BOOT_BLOCK_BYTES 1024
#define CF_BOOT_SECTOR_BYTES 512
#define CF_BOOT_TRIES_MAX 3

enum cf_boot_slot { CF_BOOT_A, CF_BOOT_B };
#define CF_BOOT_SLOTS 2

struct cf_boot_state {
    enum cf_boot_slot first; /* asked before the other */
    struct {
        bool permitted; /* false: being written, or given up */
        uint8_t tries;  /* 0..CF_BOOT_TRIES_MAX, since it was last healthy */
    } slot[CF_BOOT_SLOTS];
};

/* Of a new machine, and of one whose block cannot be read: A first, both permitted, none tried. */
struct cf_boot_state cf_boot_state_new(void);

/* 'A' or 'B' as GRUB, RAUC and the kernel's command line name them. */
char cf_boot_slot_name(enum cf_boot_slot slot);
enum cf_rc cf_boot_slot_parse(const char *name, enum cf_boot_slot *ret, struct cf_error *err) CF_MUST_CHECK;

/* Exactly the lines of this module, in any order, each once; anything else is CF_E_CBOR_SHAPE ("the data does not have
 * the expected shape"): a block that somebody else wrote is not believed. */
enum cf_rc cf_boot_state_parse(const uint8_t block[CF_BOOT_BLOCK_BYTES], struct cf_boot_state *ret,
                               struct cf_error *err) CF_MUST_CHECK;
void cf_boot_state_format(const struct cf_boot_state *state, uint8_t ret_block[CF_BOOT_BLOCK_BYTES]);

/* May GRUB still start it? */
bool cf_boot_slot_is_good(const struct cf_boot_state *state, enum cf_boot_slot slot);

/* What GRUB does at each start (grub.cfg says the same in its own words): the slot that starts, its try counted. With
 * none left, both are permitted anew and A starts: a machine that tries for ever can be helped, one that stops cannot.
 */
enum cf_boot_slot cf_boot_start(struct cf_boot_state *state);

/* The one that starts next if nothing changes. */
enum cf_boot_slot cf_boot_primary(const struct cf_boot_state *state);

/* It is asked first from now on, permitted, with all its tries: after an update was written into it. */
void cf_boot_make_primary(struct cf_boot_state *state, enum cf_boot_slot slot);

/* Good: healthy, tries from nothing. Bad: not permitted: about to be overwritten, or found broken. */
void cf_boot_mark(struct cf_boot_state *state, enum cf_boot_slot slot, bool good);

#endif
