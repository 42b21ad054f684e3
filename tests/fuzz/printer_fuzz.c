/* What a receipt printer says: status bytes, and the same bytes as the text by which it names itself. */
#include "drivers/printer/status_proto.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_printer_ear ear;
    struct cf_printer_id id;
    cf_printer_ear_init(&ear);
    for (size_t i = 0; i < size; i++) {
        const char *why = NULL;
        if (data[i] >= 0xf0)
            cf_printer_ear_asked(&ear, data[i] & 7);
        (void)cf_printer_ear_take(&ear, data[i]);
        (void)cf_printer_status_rc(&ear.status, &why);
        if (ear.n_asked > CF_PRINTER_ASKED_MAX || ear.n_automatic >= sizeof ear.automatic || why == NULL)
            abort();
    }
    cf_printer_id_read(cf_bytes_of(data, size), &id);
    if (strnlen(id.model, sizeof id.model) > CF_PRINTER_MODEL_MAX)
        abort();
    return 0;
}
