/*
 * app/counter/showing.h - what a shopper's display of two rows says of the sale: the goods scanned last and the total;
 * what was paid and what is due; total and change of the sale that just ended; between sales a greeting.
 */
#ifndef CF_COUNTER_SHOWING_H
#define CF_COUNTER_SHOWING_H

#include "app/counter/devices.h"
#include "app/terminal/till.h"

struct cf_showing {
    struct cf_devices *devices; /* with a display; NULL: nothing is shown */
    bool chinese;               /* in which the words are */
    const char *greeting;       /* of the first row between sales; NULL: none */
    uint64_t last_sale;         /* that was shown as ended, or had ended before */
    bool known, selling, ended;
    struct cf_display_text end; /* of the sale that ended, until the next begins */
};

/* Looks at the till and shows what there is, if that is anything new. Cheap: may be called whenever something happened.
 */
void cf_showing_look(struct cf_showing *showing, struct cf_till *till);

#endif
