/* Receipts from a journal: what decodes encodes to the same bytes and renders without a control character. */
#include "app/receipt/escpos.h"
#include "app/receipt/text_view.h"

#include <assert.h>

#include "base/text.h"

static void assert_text_is_clean(cf_bytes text)
{
    assert(cf_text_is_utf8(text));
    for (size_t i = 0; i < text.n; i++)
        assert(text.p[i] >= ' ' || text.p[i] == '\n');
}

static void render(const struct cf_receipt *receipt)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) text;
    struct cf_buf CF_CLEANUP(cf_buf_done) job;
    cf_buf_init(&text, CF_TEXT_VIEW_BYTES_MAX);
    cf_buf_init(&job, CF_ESCPOS_BYTES_MAX);
    enum cf_rc rc = cf_receipt_text(receipt, CF_TEXT_VIEW_COLUMNS, &text, NULL);
    assert(rc == CF_OK || rc == CF_E_LIMIT || rc == CF_E_CODE_SIZE);
    if (rc == CF_OK)
        assert_text_is_clean(cf_buf_bytes(&text));
    rc = cf_receipt_escpos(receipt, cf_escpos_profile_default(), &job, NULL);
    assert(rc == CF_OK || rc == CF_E_LIMIT || rc == CF_E_CODE_SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_receipt *receipt = NULL;
    if (cf_receipt_decode(cf_bytes_of(data, size), &receipt, NULL) != CF_OK)
        return 0;
    struct cf_buf again;
    cf_buf_init(&again, 2 * CF_RECEIPT_BYTES_MAX);
    enum cf_rc rc = cf_receipt_encode(receipt, &again, NULL);
    assert(rc == CF_OK);
    assert(cf_bytes_equal(cf_buf_bytes(&again), cf_bytes_of(data, size)));
    render(receipt);
    cf_buf_done(&again);
    cf_receipt_free(receipt);
    return 0;
}
