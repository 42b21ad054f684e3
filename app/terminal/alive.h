/*
 * app/terminal/alive.h - a program of a till says that it lives and has come as far as it is of use, for those who ask
 * whether this machine is well (`counterfoil health`).
 *
 * DIR/<name>.alive is locked as long as the program lives; the kernel takes the lock away with it. What stands in the
 * file is told by whoever holds the lock now: it is emptied when it is taken. One thread.
 */
#ifndef CF_TERMINAL_ALIVE_H
#define CF_TERMINAL_ALIVE_H

#define CF_ALIVE_TILL "till" /* both windows were drawn */
#define CF_ALIVE_SYNC "sync" /* it has opened all that it works on */

struct cf_alive;

/* NULL if it cannot be: another one lives here, or nothing can be written. No program ends for that: whoever asks is
 * told that nobody lives here. Free with cf_alive_free, which accepts NULL. */
struct cf_alive *cf_alive_hold(const char *dir, const char *name);
void cf_alive_free(struct cf_alive *alive);
/* It is of use from now on. Of NULL nothing happens, nor the second time. */
void cf_alive_tell(struct cf_alive *alive);

enum cf_alive_state {
    CF_ALIVE_NOBODY,   /* no such program runs here */
    CF_ALIVE_STARTING, /* it lives and has not told */
    CF_ALIVE_TOLD,
};
enum cf_alive_state cf_alive_look(const char *dir, const char *name);

#endif
