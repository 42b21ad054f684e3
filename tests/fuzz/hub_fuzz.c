/* Messages between tills, hub and centre: what decodes encodes to the same bytes. */
#include "app/core/lease_return.h"
#include "sync/wire/hub.h"
#include "sync/wire/parked.h"
#include "tests/fuzz/same_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cf_bytes in = cf_bytes_of(data, size);
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    struct cf_hub_witness witness;
    struct cf_hub_report_reply reply;
    struct cf_hub_recalled recalled;
    uint32_t hub_epoch;
    enum cf_rc verdict;
    cf_buf_init(&out, CF_HUB_BODY_MAX);
    CF_SAME_BYTES(cf_hub_frame, cf_hub_frame_decode, cf_hub_frame_encode);
    CF_SAME_BYTES(cf_hub_claim, cf_hub_claim_decode, cf_hub_claim_encode);
    CF_SAME_BYTES(cf_hub_release, cf_hub_release_decode, cf_hub_release_encode);
    CF_SAME_BYTES(cf_hub_sublease_ask, cf_hub_sublease_ask_decode, cf_hub_sublease_ask_encode);
    CF_SAME_BYTES(cf_hub_subleases, cf_hub_subleases_decode, cf_hub_subleases_encode);
    CF_SAME_BYTES(cf_hub_giveback_ask, cf_hub_giveback_ask_decode, cf_hub_giveback_ask_encode);
    CF_SAME_BYTES(cf_hub_givebacks, cf_hub_givebacks_decode, cf_hub_givebacks_encode);
    CF_SAME_BYTES(cf_hub_lease_return, cf_hub_lease_return_decode, cf_hub_lease_return_encode);
    CF_SAME_BYTES(cf_hub_report, cf_hub_report_decode, cf_hub_report_encode);
    CF_SAME_BYTES(cf_hub_park, cf_hub_park_decode, cf_hub_park_encode);
    CF_SAME_BYTES(cf_hub_recall, cf_hub_recall_decode, cf_hub_recall_encode);
    CF_SAME_BYTES(cf_hub_parked_ask, cf_hub_parked_ask_decode, cf_hub_parked_ask_encode);
    CF_SAME_BYTES(cf_hub_parked_list, cf_hub_parked_list_decode, cf_hub_parked_list_encode);
    if (cf_hub_witness_decode(in, &hub_epoch, &witness, NULL) == CF_OK) {
        cf_buf_clear(&out);
        enum cf_rc rc = cf_hub_witness_encode(hub_epoch, &witness, &out, NULL);
        assert(rc == CF_OK && cf_bytes_equal(cf_buf_bytes(&out), in));
    }
    /* A reason of a newer version is read as another one, so these do not come back byte by byte. */
    (void)!cf_hub_verdict_decode(in, &verdict, NULL);
    (void)!cf_hub_report_reply_decode(in, &reply, NULL);
    (void)!cf_hub_recalled_decode(in, &recalled, NULL);
    return 0;
}
