/*
 * base/service_notify.h - tells the service manager how this program is: sd_notify(3), the few lines of it that we use.
 *
 * Without a manager that wants to hear (no NOTIFY_SOCKET) nothing happens. Safe from any thread.
 */
#ifndef CF_BASE_SERVICE_NOTIFY_H
#define CF_BASE_SERVICE_NOTIFY_H

#include "base/time.h"

/* "READY=1" and the like. That nobody hears it is no reason to stop selling: nothing is returned. */
void cf_service_notify(const char *state);
/* How often "WATCHDOG=1" is to be said: half of what the manager waits for this process; 0: it does not wait. */
cf_duration cf_service_watchdog_every(void);

#endif
