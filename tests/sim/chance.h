/*
 * tests/sim/chance.h - chance from a seed: splitmix64 (Steele, Lea, Flood 2014). Everything random comes from here.
 */
#ifndef CF_TESTS_SIM_CHANCE_H
#define CF_TESTS_SIM_CHANCE_H

#include <stdint.h>

static inline uint64_t chance_next(uint64_t *state)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = *state;
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* A state of its own for the k'th of what comes from `seed`. */
static inline uint64_t chance_split(uint64_t seed, uint64_t k)
{
    uint64_t state = seed ^ k * UINT64_C(0xD1B54A32D192ED03);
    return chance_next(&state);
}

#endif
