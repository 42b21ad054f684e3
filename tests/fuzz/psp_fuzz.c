/* What a payment provider answers: a payment is only paid if the answer is about it. */
#include "drivers/psp/psp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_pay_order order = {.amount_minor = 1000, .currency = {"CNY"}};
    struct cf_pay_answer answer;
    if (size < 1 || size > 16384)
        return 0;
    int status = (data[0] & 1) ? 200 : 500;
    enum cf_psp_state state = cf_psp_read(status, cf_bytes_of(data + 1, size - 1), &order, &answer);
    if (strnlen(answer.reference, sizeof answer.reference) == sizeof answer.reference ||
        strnlen(answer.text, sizeof answer.text) == sizeof answer.text)
        abort();
    if (state == CF_PSP_PAID && status != 200)
        abort();
    return 0;
}
