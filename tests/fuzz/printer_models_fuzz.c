/* A shop's own file of printers: what is read is a model that prints, or the line that is wrong. */
#include "app/receipt/printer_models.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cf_bytes models = cf_bytes_of(data, size);
    struct cf_escpos_profile profile;
    struct cf_error err;
    for (size_t i = 0; i < 3; i++) {
        enum cf_rc rc = cf_printer_model_at(models, i, &profile, &err);
        if (rc != CF_OK)
            break;
        uint8_t pulse[CF_ESCPOS_PULSE_BYTES];
        if (cf_escpos_profile_check(&profile, NULL) != CF_OK || profile.n_pages > CF_ESCPOS_PAGES_MAX ||
            profile.n_utf8 > CF_ESCPOS_UTF8_MAX || strnlen(profile.name, sizeof profile.name) > CF_ESCPOS_NAME_MAX ||
            cf_escpos_pulse(&profile, pulse) > sizeof pulse)
            abort();
    }
    (void)!cf_printer_model_of(models, cf_bytes_str("X Y"), 0x0416, 0x5011, &profile, NULL);
    return 0;
}
