/*
 * base/plant.h - mistakes that may be planted into the shipped code, to see that the simulator finds them.
 *
 * CF_PLANTED(name) stands where a line makes something right, and is the constant false in every build but that of the
 * simulator's own test (-DCF_PLANTED_BUGS): there a run chooses one of the names below, and that line is wrong.
 */
#ifndef CF_BASE_PLANT_H
#define CF_BASE_PLANT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef CF_PLANTED_BUGS
#include <string.h>

extern const char *cf_planted;
#define CF_PLANTED(name) (cf_planted != NULL && strcmp(cf_planted, #name) == 0)
#else
#define CF_PLANTED(name) false
#endif

#endif
