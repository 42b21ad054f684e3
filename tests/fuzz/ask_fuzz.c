/*
 * What a till asks the centre for and says in its small records: a coupon, money, what it undoes, gives back, was paid,
 * how it started. What decodes encodes to the same bytes.
 */
#include "app/core/incarnation.h"
#include "app/core/keyset.h"
#include "app/core/lease_return.h"
#include "app/core/payment.h"
#include "sync/wire/redeem.h"
#include "sync/wire/value.h"
#include "tests/fuzz/same_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cf_bytes in = cf_bytes_of(data, size);
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    static struct cf_value_reply value;
    static struct cf_keyset keys;
    enum cf_rc reply;
    cf_buf_init(&out, 65536);
    CF_SAME_BYTES(cf_redeem_ask, cf_redeem_ask_decode, cf_redeem_ask_encode);
    CF_SAME_BYTES(cf_void_request, cf_void_request_decode, cf_void_request_encode);
    CF_SAME_BYTES(cf_value_ask, cf_value_ask_decode, cf_value_ask_encode);
    CF_SAME_BYTES(cf_lease_return, cf_lease_return_decode, cf_lease_return_encode);
    CF_SAME_BYTES(cf_payment_record, cf_payment_record_decode, cf_payment_record_encode);
    CF_SAME_BYTES(cf_start, cf_start_decode, cf_start_encode);
    CF_SAME_BYTES(cf_quarantine, cf_quarantine_decode, cf_quarantine_encode);
    /* A reason of a newer version is read as another one; a key set is never made again from what was read. */
    (void)!cf_redeem_reply_decode(in, &reply, NULL);
    (void)!cf_value_reply_decode(in, &value, NULL);
    (void)!cf_keyset_decode(in, &keys, NULL);
    return 0;
}
