/*
 * sync/client/machine.c - see machine.h. Pure.
 */
#include "sync/client/machine.h"

#include <assert.h>

#define BIT(topic) (1U << (unsigned)(topic))
#define TOPIC_BITS (((1U << (CF_TOPICS_MAX + 1)) - 1) & ~1U)

static struct cf_sync_action stop(struct cf_sync_machine *m, enum cf_rc rc)
{
    m->phase = CF_SYNC_STOPPED;
    /* Being set apart is the news of a run, whatever came after. */
    if (m->rc == CF_OK || (m->rc == CF_E_PAGE && rc != CF_OK))
        m->rc = rc;
    return (struct cf_sync_action){.kind = CF_SYNC_DO_STOP, .rc = m->rc};
}

static struct cf_sync_action look(struct cf_sync_machine *m)
{
    m->phase = CF_SYNC_LOOKING;
    m->stalls = 0;
    return (struct cf_sync_action){.kind = CF_SYNC_DO_LOOK};
}

static struct cf_sync_action pull(struct cf_sync_machine *m)
{
    unsigned topics = (m->has_keys ? TOPIC_BITS : BIT(CF_TOPIC_KEYS)) & ~m->given_up;
    if (topics == 0)
        return stop(m, CF_E_PAGE);
    m->phase = CF_SYNC_PULLING;
    m->keys_only = !m->has_keys;
    m->progressed = false;
    m->refused = 0;
    return (struct cf_sync_action){.kind = CF_SYNC_DO_PULL, .topics = topics, .snapshots = m->disordered & topics};
}

/* The first of the legs that are left. */
static struct cf_sync_action begin_leg(struct cf_sync_machine *m)
{
    if ((m->legs & (CF_SYNC_LEG_PUSH | CF_SYNC_LEG_PULL)) == CF_SYNC_LEG_PULL) {
        m->stalls = 0;
        return pull(m);
    }
    return m->legs == 0 ? stop(m, CF_OK) : look(m);
}

static struct cf_sync_action end_leg(struct cf_sync_machine *m)
{
    m->legs &= m->legs - 1; /* the lowest */
    return begin_leg(m);
}

/* --- pushing ------------------------------------------------------------------------------------------------------ */

static struct cf_sync_action ask(struct cf_sync_machine *m)
{
    m->phase = CF_SYNC_ASKING;
    return (struct cf_sync_action){.kind = CF_SYNC_DO_ASK};
}

static struct cf_sync_action send_or_end(struct cf_sync_machine *m)
{
    if (m->acknowledged >= m->recorded)
        return end_leg(m);
    m->phase = CF_SYNC_SENDING;
    return (struct cf_sync_action){.kind = CF_SYNC_DO_SEND, .seq = m->acknowledged + 1};
}

static struct cf_sync_action looked(struct cf_sync_machine *m, const struct cf_sync_event *event)
{
    m->recorded = event->recorded;
    m->acknowledged = event->acknowledged;
    /* Nothing is known of the centre (a fresh or a rebuilt replica): ask before sending it all again. */
    if (!m->asked && (m->acknowledged == 0 || m->acknowledged >= m->recorded) && (m->legs & CF_SYNC_LEG_PUSH) != 0)
        return ask(m);
    return send_or_end(m);
}

static struct cf_sync_action acknowledged(struct cf_sync_machine *m, const struct cf_sync_event *event)
{
    bool asking = m->phase == CF_SYNC_ASKING;
    bool advanced = event->acknowledged > m->acknowledged;
    m->stalls = advanced || asking ? 0 : m->stalls + 1;
    m->gaps += event->kind == CF_SYNC_GAP;
    m->acknowledged = event->acknowledged;
    m->asked = true;
    if (m->gaps >= CF_SYNC_STALLS_MAX)
        return stop(m, CF_E_GAP);
    if (m->stalls >= CF_SYNC_STALLS_MAX)
        return stop(m, CF_E_PROTOCOL);
    /* What was recorded while this run was pushing goes with it. */
    return m->acknowledged >= m->recorded && !asking ? look(m) : send_or_end(m);
}

static struct cf_sync_action set_apart(struct cf_sync_machine *m, const struct cf_sync_event *event)
{
    m->rc = event->rc;
    m->legs &= CF_SYNC_LEG_PULL;
    /* A pull that is refused so brings nothing further. */
    return m->phase == CF_SYNC_PULLING ? stop(m, event->rc) : begin_leg(m);
}

/* --- pulling ------------------------------------------------------------------------------------------------------ */

/* After the whole answer to a pull was worked through. */
static struct cf_sync_action after_pull(struct cf_sync_machine *m)
{
    bool again = m->more || m->refused != 0 || m->n_manifests > 0 || m->keys_only;
    bool nothing = !m->progressed && m->refused == 0 && m->n_manifests == 0;
    if (!m->has_keys && nothing)
        return stop(m, CF_E_PAGE);
    if (!again && m->given_up != 0)
        return end_leg(m);
    if (!again) {
        m->phase = CF_SYNC_COMPLETING;
        return (struct cf_sync_action){.kind = CF_SYNC_DO_COMPLETE};
    }
    m->stalls = m->progressed ? 0 : m->stalls + 1;
    return m->stalls >= CF_SYNC_STALLS_MAX ? stop(m, CF_E_PAGE) : pull(m);
}

static struct cf_sync_action next_of_pull(struct cf_sync_machine *m)
{
    if (m->page < m->n_pages) {
        m->phase = CF_SYNC_STORING;
        return (struct cf_sync_action){.kind = CF_SYNC_DO_STORE, .index = m->page};
    }
    if (m->manifest < m->n_manifests) {
        m->phase = CF_SYNC_BEGINNING;
        return (struct cf_sync_action){.kind = CF_SYNC_DO_BEGIN, .index = m->manifest};
    }
    return after_pull(m);
}

static struct cf_sync_action pulled(struct cf_sync_machine *m, const struct cf_sync_event *event)
{
    m->page = 0;
    m->n_pages = event->n_pages;
    m->manifest = 0;
    m->n_manifests = event->n_manifests;
    m->more = event->more;
    return next_of_pull(m);
}

static struct cf_sync_action page_stored(struct cf_sync_machine *m, const struct cf_sync_event *event)
{
    m->page++;
    m->has_keys = event->has_keys;
    if (event->n_entries > 0) {
        m->progressed = true;
        m->doubted &= ~BIT(event->topic);
        m->disordered &= ~BIT(event->topic);
    }
    return next_of_pull(m);
}

/* A topic whose page or manifest cannot be taken is asked for once more, then the others go on without it. What follows
 * of that topic in the same answer cannot be taken either, and does not count. */
static struct cf_sync_action page_refused(struct cf_sync_machine *m, const struct cf_sync_event *event)
{
    unsigned bit = BIT(event->topic);
    unsigned *tried = event->kind == CF_SYNC_PAGE_DOUBTED ? &m->doubted : &m->disordered;
    if ((m->refused & bit) == 0) {
        if ((*tried & bit) != 0) {
            /* Only what is given up anew leaves the next pull: one of a topic that nobody can tell never does. */
            if ((m->given_up & bit) == 0)
                m->stalls = 0;
            m->given_up |= bit;
            m->rc = m->rc == CF_OK ? CF_E_PAGE : m->rc;
        }
        *tried |= bit;
        m->refused |= bit;
    }
    if (m->phase == CF_SYNC_STORING)
        m->page++;
    else
        m->manifest++;
    return next_of_pull(m);
}

static struct cf_sync_action fetch_or_swap(struct cf_sync_machine *m)
{
    bool complete = m->chunk == m->n_chunks;
    m->phase = complete ? CF_SYNC_SWAPPING : CF_SYNC_FETCHING;
    return (struct cf_sync_action){.kind = complete ? CF_SYNC_DO_SWAP : CF_SYNC_DO_FETCH, .index = m->chunk};
}

static struct cf_sync_action begun(struct cf_sync_machine *m, const struct cf_sync_event *event)
{
    if (event->chunk > event->n_chunks)
        return stop(m, CF_E_PROTOCOL);
    m->chunk = event->chunk;
    m->n_chunks = event->n_chunks;
    return fetch_or_swap(m);
}

static struct cf_sync_action chunk_stored(struct cf_sync_machine *m)
{
    m->chunk++;
    m->progressed = true;
    return fetch_or_swap(m);
}

static struct cf_sync_action swapped(struct cf_sync_machine *m, const struct cf_sync_event *event)
{
    m->doubted &= ~BIT(event->topic);
    m->disordered &= ~BIT(event->topic);
    m->progressed = true;
    m->manifest++;
    return next_of_pull(m);
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

static bool belongs(enum cf_sync_phase phase, enum cf_sync_event_kind kind)
{
    switch (kind) {
    case CF_SYNC_START:
        return phase == CF_SYNC_IDLE;
    case CF_SYNC_LOOKED:
        return phase == CF_SYNC_LOOKING;
    case CF_SYNC_ACKNOWLEDGED:
    case CF_SYNC_GAP:
        return phase == CF_SYNC_ASKING || phase == CF_SYNC_SENDING;
    case CF_SYNC_SET_APART:
        return phase == CF_SYNC_ASKING || phase == CF_SYNC_SENDING || phase == CF_SYNC_PULLING;
    case CF_SYNC_PULLED:
        return phase == CF_SYNC_PULLING;
    case CF_SYNC_PAGE_STORED:
        return phase == CF_SYNC_STORING;
    case CF_SYNC_PAGE_DOUBTED:
    case CF_SYNC_PAGE_DISORDERED:
        return phase == CF_SYNC_STORING || phase == CF_SYNC_BEGINNING;
    case CF_SYNC_BEGUN:
        return phase == CF_SYNC_BEGINNING;
    case CF_SYNC_CHUNK_STORED:
    case CF_SYNC_CHUNK_GONE:
        return phase == CF_SYNC_FETCHING;
    case CF_SYNC_SWAPPED:
        return phase == CF_SYNC_SWAPPING;
    case CF_SYNC_COMPLETED:
        return phase == CF_SYNC_COMPLETING;
    case CF_SYNC_FAILED:
        return phase != CF_SYNC_IDLE && phase != CF_SYNC_STOPPED;
    }
    return false;
}

struct cf_sync_action cf_sync_step(struct cf_sync_machine *m, const struct cf_sync_event *event)
{
    assert(belongs(m->phase, event->kind));
    switch (event->kind) {
    case CF_SYNC_START:
        m->legs = event->legs;
        m->has_keys = event->has_keys;
        return begin_leg(m);
    case CF_SYNC_LOOKED:
        return looked(m, event);
    case CF_SYNC_ACKNOWLEDGED:
    case CF_SYNC_GAP:
        return acknowledged(m, event);
    case CF_SYNC_SET_APART:
        return set_apart(m, event);
    case CF_SYNC_PULLED:
        return pulled(m, event);
    case CF_SYNC_PAGE_STORED:
        return page_stored(m, event);
    case CF_SYNC_PAGE_DOUBTED:
    case CF_SYNC_PAGE_DISORDERED:
        return page_refused(m, event);
    case CF_SYNC_BEGUN:
        return begun(m, event);
    case CF_SYNC_CHUNK_STORED:
        return chunk_stored(m);
    case CF_SYNC_CHUNK_GONE:
        m->manifest++;
        return next_of_pull(m);
    case CF_SYNC_SWAPPED:
        return swapped(m, event);
    case CF_SYNC_COMPLETED:
        return end_leg(m);
    case CF_SYNC_FAILED:
        return stop(m, event->rc);
    }
    assert(false && "an event of no kind");
    return stop(m, CF_E_INTERNAL);
}
