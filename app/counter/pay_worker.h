/*
 * app/counter/pay_worker.h - a port to whoever takes payments that never makes the till wait.
 *
 * Around a port that does (drivers/port/pay_port.h): a thread of its own talks to the device, and nothing else. Each
 * call of the till returns at once, with "unknown", which is what the till then journals; a query under the same id
 * brings the answer once it is there. Before a payment the other side is to be asked whether it is there (mark): until
 * it has answered the call is refused with CF_E_PAYMENT_LINK, and made again it goes through. The till stays on its one
 * thread; what goes between the two threads is copied under a lock.
 */
#ifndef CF_COUNTER_PAY_WORKER_H
#define CF_COUNTER_PAY_WORKER_H

#include "drivers/port/pay_port.h"

struct cf_pay_worker;

/* `inner` is used by the worker's thread alone from now on; what it points to outlives the worker. CF_E_NO_MEMORY. */
enum cf_rc cf_pay_worker_new(const struct cf_pay_port *inner, struct cf_pay_worker **ret,
                             struct cf_error *err) CF_MUST_CHECK;
/* Waits for what goes on to end, after it was stopped. Accepts NULL. */
void cf_pay_worker_free(struct cf_pay_worker *worker);
/* Valid until cf_pay_worker_free. */
struct cf_pay_port cf_pay_worker_port(struct cf_pay_worker *worker);

enum cf_pay_worker_state {
    CF_PAY_WORKER_IDLE,
    CF_PAY_WORKER_BUSY,
    CF_PAY_WORKER_ANSWERED, /* and nobody has taken the answer yet */
};
enum cf_pay_worker_state cf_pay_worker_state(struct cf_pay_worker *worker);
/* What goes on shall end soon. */
void cf_pay_worker_stop(struct cf_pay_worker *worker);

#endif
