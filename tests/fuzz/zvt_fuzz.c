/* What a card terminal sends: frames, status and whole conversations, cut anywhere. */
#include "drivers/card/zvt.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_zvt_dialogue dialogue = {.stage = CF_ZVT_SENT};
    struct cf_zvt_status status;
    struct cf_buf CF_CLEANUP(cf_buf_done) reply;
    cf_bytes in = cf_bytes_of(data, size);
    cf_buf_init(&reply, 65536);
    if (cf_zvt_status_parse(in, &status, NULL) == CF_OK && status.has_amount &&
        (status.amount_minor < 0 || status.amount_minor > CF_ZVT_AMOUNT_MAX))
        abort();
    for (;;) {
        struct cf_zvt_apdu apdu;
        struct cf_buf CF_CLEANUP(cf_buf_done) again;
        size_t used = 0;
        cf_buf_init(&again, CF_ZVT_APDU_MAX);
        cf_zvt_apdu_next(in, &apdu, &used);
        if (used == 0)
            return 0;
        if (used > in.n || cf_zvt_apdu_write(apdu.control, apdu.data, &again, NULL) != CF_OK)
            abort();
        if (cf_zvt_dialogue_take(&dialogue, &apdu, &reply, NULL) != CF_OK)
            return 0;
        in.p += used;
        in.n -= used;
    }
}
