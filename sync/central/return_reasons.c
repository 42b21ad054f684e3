/*
 * sync/central/return_reasons.c - why goods come back, by store: what tills recorded, added up.
 */
#include "sync/central/handlers.h"

static enum cf_rc list_reason(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json = json_object();
    cf_json_set_int(json, "store", row[0].i);
    cf_json_set(json, "reason", json_stringn((const char *)row[1].b.p, row[1].b.n));
    cf_json_set_int(json, "returns", row[2].i);
    cf_json_set_int(json, "voids", row[3].i);
    cf_json_set_int(json, "total_minor", row[4].i);
    return json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

/* ?store=ID: of that store alone. */
enum cf_rc cf_handle_return_reasons(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                    struct cf_error *err)
{
    return cf_call_list(central, call, "store", CF_Q_RETURN_REASONS, list_reason, "reasons", reply, err);
}
