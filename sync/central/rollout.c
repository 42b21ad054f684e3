/*
 * sync/central/rollout.c - see rollout.h.
 */
#include "sync/central/rollout.h"

#include "sync/central/down_log.h"
#include "sync/wire/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_OF 100 /* one in a hundred goes first, and so many may fail later */

/* A terminal that the roll-out is for. */
struct machine {
    uint32_t terminal, epoch, place;
    bool runs_it, failed;
    enum cf_rc rc; /* of failed */
    uint32_t told; /* the release; 0: to keep what it runs, or nothing */
};
struct machines {
    struct cf_central *central;
    const struct cf_rollout *rollout;
    struct cf_release release;
    size_t n, cap;
    struct machine *all;
};

/* --- rows --------------------------------------------------------------------------------------------------------- */

static void text_of(const struct cf_value *value, char *ret, size_t cap)
{
    (void)snprintf(ret, cap, "%.*s", (int)value->b.n, (const char *)value->b.p);
}

void cf_rollout_of_row(const struct cf_value *row, struct cf_rollout *ret)
{
    *ret = (struct cf_rollout){
        .number = (uint32_t)row[0].i,
        .release = (uint32_t)row[1].i,
        .store = (uint32_t)row[2].i,
        .share_bp = (uint32_t)row[3].i,
        .when = (enum cf_update_when)row[4].i,
        .minute = (uint16_t)row[5].i,
        .bytes_per_s = (uint32_t)row[6].i,
        .state = (enum cf_rollout_state)row[7].i,
        .widened = row[8].i != 0,
        .begun = {row[10].i},
    };
    text_of(&row[9], ret->why, sizeof ret->why);
}

enum cf_rc cf_release_of_row(const struct cf_value *row, struct cf_release *ret, struct cf_error *err)
{
    struct cf_release release = {
        .number = (uint32_t)row[0].i,
        .size = (uint64_t)row[3].i,
        .schema = (uint32_t)row[5].i,
        .readable_from = (uint32_t)row[6].i,
    };
    if (row[4].b.n != CF_SHA256_BYTES) {
        return cf_fail(err, CF_E_INTERNAL, "hash of a release");
    }
    memcpy(release.hash.digest, row[4].b.p, CF_SHA256_BYTES);
    text_of(&row[1], release.version, sizeof release.version);
    text_of(&row[2], release.hardware, sizeof release.hardware);
    *ret = release;
    return CF_OK;
}

enum cf_rc cf_release_get(struct cf_central *central, uint32_t number, struct cf_release *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_RELEASE_GET, CF_ARGS(cf_v_int(number)), row, &found, err);
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_UPDATE_NONE, "release %lu", (unsigned long)number);
    }
    return rc == CF_OK ? cf_release_of_row(row, ret, err) : rc;
}

enum cf_rc cf_rollout_get(struct cf_central *central, uint32_t number, struct cf_rollout *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_ROLLOUT_GET, CF_ARGS(cf_v_int(number)), row, &found, err);
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_UPDATE_NONE, "roll-out %lu", (unsigned long)number);
    }
    if (rc == CF_OK) {
        cf_rollout_of_row(row, ret);
    }
    return rc;
}

enum cf_rc cf_rollout_put(struct cf_central *central, const struct cf_rollout *rollout, struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_ROLLOUT_PUT,
                        CF_ARGS(cf_v_int(rollout->number), cf_v_int(rollout->share_bp), cf_v_int(rollout->state),
                                cf_v_int(rollout->widened), cf_v_text(rollout->why)),
                        err);
}

/* --- whom it is for ----------------------------------------------------------------------------------------------- */

static enum cf_rc add_machine(struct machines *machines, const struct machine *machine, struct cf_error *err)
{
    if (machines->n == machines->cap) {
        size_t cap = machines->cap == 0 ? 256 : 2 * machines->cap;
        struct machine *all = realloc(machines->all, cap * sizeof *all);
        if (all == NULL) {
            return cf_fail(err, CF_E_NO_MEMORY, "roll-out");
        }
        machines->all = all;
        machines->cap = cap;
    }
    machines->all[machines->n++] = *machine;
    return CF_OK;
}

/* A terminal that has never said what it is is not told anything: nobody knows whether it suits. */
static enum cf_rc look_at_machine(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct machines *machines = ctx;
    const struct cf_release *release = &machines->release;
    struct cf_machine_facts facts = {.schema = 0};
    if (row[4].kind != CF_VALUE_INT) {
        return CF_OK;
    }
    text_of(&row[5], facts.version, sizeof facts.version);
    text_of(&row[6], facts.hardware, sizeof facts.hardware);
    facts.schema = (uint32_t)row[7].i;
    struct machine machine = {
        .terminal = (uint32_t)row[0].i,
        .epoch = (uint32_t)row[3].i,
        .place = cf_rollout_place(&release->hash, (uint32_t)row[0].i),
        .runs_it = cf_release_runs_on(release, &facts),
        .rc = (enum cf_rc)row[10].i,
        .told = row[12].kind == CF_VALUE_INT ? (uint32_t)row[12].i : 0,
    };
    machine.failed = !machine.runs_it && (uint32_t)row[8].i == release->number && row[9].i == CF_UPDATE_FAILED;
    bool suits = machine.runs_it || machine.failed || cf_release_suits(release, &facts, NULL) == CF_OK;
    return suits && machine.place < machines->rollout->share_bp ? add_machine(machines, &machine, err) : CF_OK;
}

static int by_place(const void *a, const void *b)
{
    const struct machine *one = a, *other = b;
    if (one->place != other->place) {
        return one->place < other->place ? -1 : 1;
    }
    return one->terminal < other->terminal ? -1 : one->terminal > other->terminal;
}

/* Free ret->all. */
static enum cf_rc find_machines(struct cf_central *central, const struct cf_rollout *rollout, struct machines *ret,
                                struct cf_error *err)
{
    *ret = (struct machines){.central = central, .rollout = rollout};
    enum cf_rc rc = cf_release_get(central, rollout->release, &ret->release, err);
    if (rc == CF_OK) {
        rc = cf_store_each(central->store, CF_Q_MACHINE_LIST, CF_ARGS(cf_v_int(rollout->store)), look_at_machine, ret,
                           err);
    }
    if (rc == CF_OK && ret->n > 0) {
        qsort(ret->all, ret->n, sizeof *ret->all, by_place);
    }
    return rc;
}

static struct cf_rollout_figures figures_of(const struct machines *machines)
{
    struct cf_rollout_figures figures = {
        .meant = (uint32_t)machines->n,
        .first = (uint32_t)((machines->n + FIRST_OF - 1) / FIRST_OF),
    };
    for (size_t i = 0; i < machines->n; i++) {
        const struct machine *machine = &machines->all[i];
        figures.told += machine->told == machines->release.number;
        figures.activated += machine->runs_it;
        figures.failed += machine->failed;
    }
    return figures;
}

enum cf_rc cf_rollout_look(struct cf_central *central, const struct cf_rollout *rollout, struct cf_rollout_figures *ret,
                           struct cf_error *err)
{
    struct machines machines;
    enum cf_rc rc = find_machines(central, rollout, &machines, err);
    if (rc == CF_OK) {
        *ret = figures_of(&machines);
    }
    free(machines.all);
    return rc;
}

/* --- telling ------------------------------------------------------------------------------------------------------ */

static enum cf_rc tell(const struct machines *machines, const struct machine *machine, bool none, struct cf_error *err)
{
    struct cf_central *central = machines->central;
    const struct cf_rollout *rollout = machines->rollout;
    struct cf_down_entry entry = {.kind = CF_DOWN_UPDATE};
    entry.update = (struct cf_update_order){
        .none = none,
        .release = machines->release,
        .when = rollout->when,
        .minute = rollout->minute,
        .bytes_per_s = rollout->bytes_per_s,
    };
    enum cf_rc rc = cf_down_append(central, CF_TOPIC_MACHINE, machine->terminal, CF_DOWN_UPDATE, &entry, err);
    return rc == CF_OK ? cf_store_run(central->store, CF_Q_MACHINE_TOLD_PUT,
                                      CF_ARGS(cf_v_int(machine->terminal), cf_v_int(machine->epoch),
                                              cf_v_int(rollout->number), cf_v_int(none ? 0 : rollout->release)),
                                      err)
                       : rc;
}

static enum cf_rc tell_first(const struct machines *machines, size_t n, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < n && rc == CF_OK; i++) {
        const struct machine *machine = &machines->all[i];
        if (!machine->runs_it && !machine->failed && machine->told != machines->release.number) {
            rc = tell(machines, machine, false, err);
        }
    }
    return rc;
}

static enum cf_rc stop(const struct machines *machines, struct cf_rollout *rollout, const char *why,
                       struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    rollout->state = CF_ROLLOUT_STOPPED;
    (void)snprintf(rollout->why, sizeof rollout->why, "%s", why);
    for (size_t i = 0; i < machines->n && rc == CF_OK; i++) {
        const struct machine *machine = &machines->all[i];
        if (!machine->runs_it && machine->told == machines->release.number) {
            rc = tell(machines, machine, true, err);
        }
    }
    return rc == CF_OK ? cf_rollout_put(machines->central, rollout, err) : rc;
}

enum cf_rc cf_rollout_stop(struct cf_central *central, struct cf_rollout *rollout, const char *why,
                           struct cf_error *err)
{
    struct machines machines;
    enum cf_rc rc = find_machines(central, rollout, &machines, err);
    if (rc == CF_OK) {
        rc = stop(&machines, rollout, why, err);
    }
    free(machines.all);
    return rc;
}

static enum cf_rc stop_for_failures(const struct machines *machines, struct cf_rollout *rollout, uint32_t failed,
                                    struct cf_error *err)
{
    char why[CF_ROLLOUT_WHY_MAX + 1] = "";
    for (size_t i = 0; i < machines->n && why[0] == '\0'; i++) {
        if (machines->all[i].failed) {
            (void)snprintf(why, sizeof why, "%lu of %zu failed, terminal %lu first: %s", (unsigned long)failed,
                           machines->n, (unsigned long)machines->all[i].terminal, cf_rc_name(machines->all[i].rc));
        }
    }
    enum cf_rc rc = stop(machines, rollout, why, err);
    return rc == CF_OK ? cf_central_alarm(machines->central, 0, CF_E_UPDATE_INSTALL, why, err) : rc;
}

static bool first_run_it(const struct machines *machines, size_t n_first)
{
    bool all = n_first > 0;
    for (size_t i = 0; i < n_first; i++) {
        all = all && machines->all[i].runs_it;
    }
    return all;
}

static enum cf_rc advance(const struct machines *machines, struct cf_rollout *rollout, struct cf_error *err)
{
    struct cf_rollout_figures figures = figures_of(machines);
    uint32_t may_fail = rollout->widened ? figures.meant / FIRST_OF : 0;
    if (figures.failed > may_fail) {
        return stop_for_failures(machines, rollout, figures.failed, err);
    }
    enum cf_rc rc = CF_OK;
    if (!rollout->widened && first_run_it(machines, figures.first)) {
        rollout->widened = true;
        rc = cf_rollout_put(machines->central, rollout, err);
    }
    return rc == CF_OK ? tell_first(machines, rollout->widened ? machines->n : figures.first, err) : rc;
}

enum cf_rc cf_rollout_advance(struct cf_central *central, struct cf_rollout *rollout, struct cf_error *err)
{
    struct machines machines;
    enum cf_rc rc = find_machines(central, rollout, &machines, err);
    if (rc == CF_OK) {
        rc = advance(&machines, rollout, err);
    }
    free(machines.all);
    return rc;
}

static enum cf_rc advance_row(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_rollout rollout;
    cf_rollout_of_row(row, &rollout);
    return cf_rollout_advance(ctx, &rollout, err);
}

enum cf_rc cf_rollouts_advance(struct cf_central *central, struct cf_error *err)
{
    return cf_store_each(central->store, CF_Q_ROLLOUT_RUNNING, CF_NO_ARGS, advance_row, central, err);
}
