/* Steps of an open sale, as a journal has them: whatever is read is written again as the same bytes. */
#include "app/terminal/step.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_step step;
    struct cf_buf out;
    cf_bytes bytes = cf_bytes_of(data, size);
    cf_buf_init(&out, 65536);
    if (cf_step_decode(bytes, &step, NULL) == CF_OK &&
        (step.kind == CF_STEP_LINE || step.kind == CF_STEP_PRICE || step.kind == CF_STEP_MANUAL_DISCOUNT)) {
        assert(cf_step_encode(&step, &out, NULL) == CF_OK);
        assert(cf_bytes_equal(bytes, cf_buf_bytes(&out)));
    }
    cf_buf_done(&out);
    return 0;
}
