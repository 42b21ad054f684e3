/*
 * app/terminal/till_exchange.h - the goods that came back for the open sale, when it is committed. Private to the till.
 */
#ifndef CF_TERMINAL_TILL_EXCHANGE_H
#define CF_TERMINAL_TILL_EXCHANGE_H

#include "app/terminal/till_taking.h"

/* Their return, as its record will have it. */
struct till_exchange {
    struct cf_till_return what;
    struct till_taking *t;
    struct till_owed owed;
};
/* From the open sale, of which so much was paid by them. Changes nothing; free with till_exchange_free. */
enum cf_rc till_exchange_new(struct cf_till *till, int64_t exchange_minor, uint32_t today, struct till_exchange **ret,
                             struct cf_error *err) CF_MUST_CHECK;
void till_exchange_free(struct till_exchange *exchange);

#endif
