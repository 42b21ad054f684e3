/*
 * app/counter/pay_worker.c - see pay_worker.h. Functions named `work_*` run in the worker's thread, without the lock
 * while they talk to the device; all others run in the till's.
 */
#include "app/counter/pay_worker.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"

#define MARK_S 5 /* how old what the other side said of itself may be */

enum job { JOB_MARK, JOB_PAY, JOB_QUERY, JOB_REVERSE, JOB_QUERY_REVERSE, JOB_REFUND, JOB_QUERY_REFUND, JOB_DAY };

/* An order with all that it points to. */
struct kept_order {
    struct cf_pay_order order;
    char code[CF_PAY_CODE_MAX + 1], reference[CF_PAY_REFERENCE_MAX + 1];
    uint8_t of[CF_PAY_ID_BYTES];
};

struct cf_pay_worker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t asked;
    struct cf_pay_port inner;
    bool ends;
    enum cf_pay_worker_state state;
    enum job job; /* of what goes on, or was answered */
    struct kept_order kept;
    bool again;
    bool stopped; /* what goes on; the till's thread alone asks for it */
    /* the answer */
    struct cf_pay_answer answer;
    enum cf_rc rc; /* of MARK and DAY */
    struct cf_error err;
    struct cf_pay_mark mark;
    struct cf_pay_totals totals;
    cf_mono answered_at;
};

/* --- the worker's thread
 * ----------------------------------------------------------------------------------------------
 */

static void work_on(const struct cf_pay_port *port, enum job job, const struct cf_pay_order *order, bool again,
                    struct cf_pay_worker *result)
{
    const struct cf_pay_ops *ops = port->ops;
    switch (job) {
    case JOB_MARK:
        result->rc = ops->mark(port->ctx, &result->mark, &result->err);
        return;
    case JOB_PAY:
        ops->pay(port->ctx, order, again, &result->answer);
        return;
    case JOB_QUERY:
        ops->query(port->ctx, order, &result->answer);
        return;
    case JOB_REVERSE:
        ops->reverse(port->ctx, order, again, &result->answer);
        return;
    case JOB_QUERY_REVERSE:
        ops->query_reverse(port->ctx, order, &result->answer);
        return;
    case JOB_REFUND:
        ops->refund(port->ctx, order, again, &result->answer);
        return;
    case JOB_QUERY_REFUND:
        ops->query_refund(port->ctx, order, &result->answer);
        return;
    case JOB_DAY:
        result->rc = ops->end_of_day(port->ctx, &result->totals, &result->err);
        return;
    }
}

static void *work(void *ctx)
{
    struct cf_pay_worker *worker = ctx;
    struct cf_pay_worker result; /* only what a job fills in */
    pthread_mutex_lock(&worker->lock);
    while (true) {
        while (!worker->ends && worker->state != CF_PAY_WORKER_BUSY) {
            pthread_cond_wait(&worker->asked, &worker->lock);
        }
        if (worker->ends) {
            break;
        }
        memset(&result, 0, sizeof result);
        struct kept_order *kept = &worker->kept; /* the till leaves it alone while we are busy */
        enum job job = worker->job;
        bool again = worker->again;
        pthread_mutex_unlock(&worker->lock);
        work_on(&worker->inner, job, &kept->order, again, &result);
        pthread_mutex_lock(&worker->lock);
        worker->answer = result.answer;
        worker->rc = result.rc;
        worker->err = result.err;
        worker->mark = result.mark;
        worker->totals = result.totals;
        worker->answered_at = cf_env_mono(cf_env_system());
        worker->state = CF_PAY_WORKER_ANSWERED;
    }
    pthread_mutex_unlock(&worker->lock);
    return NULL;
}

/* --- the port
 * ---------------------------------------------------------------------------------------------------------
 */

static void begin(struct cf_pay_worker *worker, enum job job, const struct cf_pay_order *order, bool again)
{
    struct kept_order *kept = &worker->kept;
    memset(kept, 0, sizeof *kept);
    if (order != NULL) {
        kept->order = *order;
        kept->order.code = kept->order.reference = NULL;
        kept->order.of = NULL;
        if (order->code != NULL) {
            snprintf(kept->code, sizeof kept->code, "%s", order->code);
            kept->order.code = kept->code;
        }
        if (order->reference != NULL) {
            snprintf(kept->reference, sizeof kept->reference, "%s", order->reference);
            kept->order.reference = kept->reference;
        }
        if (order->of != NULL) {
            memcpy(kept->of, order->of, sizeof kept->of);
            kept->order.of = kept->of;
        }
    }
    worker->job = job;
    worker->again = again;
    worker->stopped = false;
    worker->state = CF_PAY_WORKER_BUSY;
    pthread_cond_signal(&worker->asked);
}

static enum cf_rc mark(void *ctx, struct cf_pay_mark *ret, struct cf_error *err)
{
    struct cf_pay_worker *worker = ctx;
    enum cf_rc rc = CF_E_PAYMENT_LINK;
    pthread_mutex_lock(&worker->lock);
    bool is_mark = worker->state == CF_PAY_WORKER_ANSWERED && worker->job == JOB_MARK;
    bool fresh = cf_env_mono(cf_env_system()).us - worker->answered_at.us < MARK_S * CF_US_PER_S;
    if (worker->inner.ops->mark == NULL) {
        *ret = (struct cf_pay_mark){.n = 0};
        rc = CF_OK;
    } else if (is_mark && worker->rc != CF_OK) {
        rc = cf_fail(err, worker->rc, "%s", worker->err.detail);
        worker->state = CF_PAY_WORKER_IDLE;
    } else if (is_mark && fresh) { /* it stays: a return asks for it twice */
        *ret = worker->mark;
        rc = CF_OK;
    } else if (worker->state == CF_PAY_WORKER_BUSY) {
        rc = cf_fail(err, CF_E_PAYMENT_LINK, "busy with something else");
    } else {
        begin(worker, JOB_MARK, NULL, false);
        rc = cf_fail(err, CF_E_PAYMENT_LINK, "being called");
    }
    pthread_mutex_unlock(&worker->lock);
    return rc;
}

/* Of the same id and about the same: a payment, giving it back, or a refund. */
static bool answers(const struct cf_pay_worker *worker, enum job job, const struct cf_pay_order *order)
{
    static const int about[] = {[JOB_MARK] = 0,          [JOB_PAY] = 1,    [JOB_QUERY] = 1,        [JOB_REVERSE] = 2,
                                [JOB_QUERY_REVERSE] = 2, [JOB_REFUND] = 3, [JOB_QUERY_REFUND] = 3, [JOB_DAY] = 4};
    return about[worker->job] == about[job] && memcmp(worker->kept.order.id, order->id, sizeof order->id) == 0;
}

static void ask(struct cf_pay_worker *worker, enum job job, const struct cf_pay_order *order, bool again,
                struct cf_pay_answer *ret)
{
    bool query = job == JOB_QUERY || job == JOB_QUERY_REVERSE || job == JOB_QUERY_REFUND;
    *ret = (struct cf_pay_answer){.outcome = CF_PAY_UNKNOWN};
    pthread_mutex_lock(&worker->lock);
    if (worker->state == CF_PAY_WORKER_BUSY) {
        snprintf(ret->text, sizeof ret->text, "the answer is still waited for");
    } else if (worker->state == CF_PAY_WORKER_ANSWERED && query && answers(worker, job, order)) {
        *ret = worker->answer;
        worker->state = CF_PAY_WORKER_IDLE;
    } else {
        begin(worker, job, order, again);
        snprintf(ret->text, sizeof ret->text, "it was asked just now");
    }
    pthread_mutex_unlock(&worker->lock);
}

static void pay(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    ask(ctx, JOB_PAY, order, again, ret);
}

static void query(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    ask(ctx, JOB_QUERY, order, false, ret);
}

static void reverse(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    ask(ctx, JOB_REVERSE, order, again, ret);
}

static void query_reverse(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    ask(ctx, JOB_QUERY_REVERSE, order, false, ret);
}

static void refund(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    ask(ctx, JOB_REFUND, order, again, ret);
}

static void query_refund(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    ask(ctx, JOB_QUERY_REFUND, order, false, ret);
}

/* Refused with CF_E_BUSY until it has ended; then the same call says how. */
static enum cf_rc end_of_day(void *ctx, struct cf_pay_totals *ret, struct cf_error *err)
{
    struct cf_pay_worker *worker = ctx;
    enum cf_rc rc = CF_E_BUSY;
    pthread_mutex_lock(&worker->lock);
    if (worker->state == CF_PAY_WORKER_ANSWERED && worker->job == JOB_DAY) {
        rc = worker->rc == CF_OK ? CF_OK : cf_fail(err, worker->rc, "%s", worker->err.detail);
        *ret = worker->rc == CF_OK ? worker->totals : *ret;
        worker->state = CF_PAY_WORKER_IDLE;
    } else {
        if (worker->state != CF_PAY_WORKER_BUSY) {
            begin(worker, JOB_DAY, NULL, false);
        }
        rc = cf_fail(err, CF_E_BUSY, "the terminal is closing its day");
    }
    pthread_mutex_unlock(&worker->lock);
    return rc;
}

struct cf_pay_port cf_pay_worker_port(struct cf_pay_worker *worker)
{
    static const struct cf_pay_ops ops = {mark,   pay,          query,      reverse, query_reverse,
                                          refund, query_refund, end_of_day, NULL};
    return (struct cf_pay_port){&ops, worker};
}

/* --- making one
 * -------------------------------------------------------------------------------------------------------
 */

enum cf_rc cf_pay_worker_new(const struct cf_pay_port *inner, struct cf_pay_worker **ret, struct cf_error *err)
{
    struct cf_pay_worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "a worker for payments");
    }
    worker->inner = *inner;
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->asked, NULL);
    if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
        pthread_mutex_destroy(&worker->lock);
        pthread_cond_destroy(&worker->asked);
        free(worker);
        return cf_fail(err, CF_E_NO_MEMORY, "a thread for payments");
    }
    *ret = worker;
    return CF_OK;
}

void cf_pay_worker_free(struct cf_pay_worker *worker)
{
    if (worker == NULL) {
        return;
    }
    cf_pay_worker_stop(worker);
    pthread_mutex_lock(&worker->lock);
    worker->ends = true;
    pthread_cond_signal(&worker->asked);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    pthread_mutex_destroy(&worker->lock);
    pthread_cond_destroy(&worker->asked);
    explicit_bzero(worker, sizeof *worker);
    free(worker);
}

static void tell_to_stop(struct cf_pay_worker *worker)
{
    if (worker->inner.ops->stop != NULL) {
        worker->inner.ops->stop(worker->inner.ctx);
    }
}

enum cf_pay_worker_state cf_pay_worker_state(struct cf_pay_worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    enum cf_pay_worker_state state = worker->state;
    bool stopped = worker->stopped;
    pthread_mutex_unlock(&worker->lock);
    if (stopped && state == CF_PAY_WORKER_BUSY) {
        tell_to_stop(worker); /* again: a call that was only just begun when it was told first did not hear it */
    }
    return state;
}

void cf_pay_worker_stop(struct cf_pay_worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    worker->stopped = worker->state == CF_PAY_WORKER_BUSY;
    pthread_mutex_unlock(&worker->lock);
    tell_to_stop(worker); /* between two queries as well: a shopper may still have to confirm */
}
