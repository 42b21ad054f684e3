/*
 * drivers/scale/scale.c - see scale.h.
 */
#include "drivers/scale/scale.h"

#include "base/money.h"

#define SILENT_MAX 4
#define EXPONENT_MIN (-9)
#define EXPONENT_MAX 6

struct cf_weight cf_weight_none(enum cf_rc rc, const char *why)
{
    return (struct cf_weight){.rc = rc, .why = why};
}

struct cf_weight cf_weight_at_rest(int64_t count, int exponent, int64_t unit_g_num, int64_t unit_g_den)
{
    int64_t grams = 0;
    if (count < 0)
        return cf_weight_none(CF_E_SCALE_UNDER, "it shows less than zero");
    if (count == 0)
        return cf_weight_none(CF_E_SCALE_EMPTY, "nothing lies on it");
    if (exponent < EXPONENT_MIN || exponent > EXPONENT_MAX)
        return cf_weight_none(CF_E_SCALE_FAULT, "it gives a weight that no scale has");
    for (; exponent > 0; exponent--)
        unit_g_num *= 10;
    for (; exponent < 0; exponent++)
        unit_g_den *= 10;
    if (cf_muldiv_round(count, unit_g_num, unit_g_den, &grams, NULL) != CF_OK || grams > CF_WEIGHT_G_MAX)
        return cf_weight_none(CF_E_SCALE_FAULT, "it gives a weight that no scale has");
    if (grams == 0)
        return cf_weight_none(CF_E_SCALE_EMPTY, "less than half a gram lies on it");
    return (struct cf_weight){.rc = CF_OK, .weight_g = (int32_t)grams};
}

void cf_scale_init(struct cf_scale *scale, const struct cf_port_info *info, const struct cf_port *port,
                   const struct cf_device_sink *sink)
{
    *scale = (struct cf_scale){.info = info, .port = *port, .sink = *sink};
}

static void say(struct cf_scale *scale, const struct cf_weight *weight, cf_mono at)
{
    if (scale->has_said && weight->rc == scale->said.rc && weight->weight_g == scale->said.weight_g)
        return;
    struct cf_device_event event = {
        .kind = CF_DEVICE_WEIGHT, .rc = weight->rc, .why = weight->why, .weight_g = weight->weight_g, .at = at};
    scale->has_said = true;
    scale->said = *weight;
    scale->sink.take(scale->sink.ctx, &event);
}

void cf_scale_say(struct cf_scale *scale, const struct cf_weight *weight, cf_mono at)
{
    scale->n_silent = 0;
    if (!scale->up)
        cf_device_say(&scale->sink, CF_DEVICE_UP, (cf_bytes){0}, CF_OK, NULL, at);
    scale->up = true;
    say(scale, weight, at);
}

void cf_scale_silent(struct cf_scale *scale, cf_mono at)
{
    const struct cf_weight off = cf_weight_none(CF_E_SCALE_OFF, "it says nothing");
    if (scale->n_silent < SILENT_MAX)
        scale->n_silent++;
    if (scale->n_silent == SILENT_MAX)
        say(scale, &off, at);
}
