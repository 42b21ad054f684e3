/*
 * tests/sim/thief.c - somebody with a till's signing key and certificate, who writes sales that never were; see
 * actors.h.
 */
#include <stdlib.h>
#include <string.h>

#include "sync/wire/wire.h"
#include "tests/sim/actors.h"
#include "tests/sim/check.h"

#define MADE_UP 900000 /* indexes that nobody was given */

static struct cf_batch batch; /* too large for a stack */

/* Goods for 10.00 less 3.00, by a coupon that he made up: more of them than any lease holds. */
static void make_up_sale(struct world *world, struct cf_sale *sale)
{
    sale->sale_no = 1000000 + sim_chance(world, 1000000);
    sale->business_day = cf_wall_date((cf_wall){world->now_us}, 0);
    memcpy(sale->currency.code, "CNY", 4);
    sale->tax_mode = CF_TAX_INCLUSIVE;
    sale->n_lines = 1;
    sale->lines[0] = (struct cf_sale_line){
        .product = 2, .qty_milli = 1000, .unit_price_minor = 1000, .discount_minor = 300, .tax_bp = 1300};
    sale->n_discounts = 1;
    sale->discounts[0] = (struct cf_sale_discount){world->campaign[SIM_LEASED], 1, 0, 300};
    sale->n_redemptions = 1;
    sale->redemptions[0] = (struct cf_redemption){.campaign = world->campaign[SIM_LEASED],
                                                  .index = MADE_UP + (uint32_t)sim_chance(world, 100000),
                                                  .policy = CF_POLICY_LEASED,
                                                  .source = CF_RIGHT_LEASE};
    for (size_t k = 0; k < CF_REQUEST_KEY_BYTES; k++)
        sale->redemptions[0].request_key[k] = (uint8_t)sim_chance(world, 256);
    sale->gross_minor = 1000;
    sale->discount_minor = 300;
    sale->total_minor = 700;
    sale->tax_minor = 81;
    cf_tenders_init(&sale->tenders, 700);
    struct cf_tender tender = {.kind = CF_TENDER_CASH, .amount_minor = 700};
    sim_must(world, cf_tenders_add(&sale->tenders, &tender, &sim_err));
}

static void sign_batch(const struct node *node, cf_bytes body, struct cf_buf *ret)
{
    struct cf_record *record = &batch.records[0];
    *record = (struct cf_record){.terminal = node->terminal,
                                 .epoch = node->epoch,
                                 .seq = batch.first_seq,
                                 .wall_ms = node->world->now_us / CF_US_PER_MS,
                                 .time_quality = CF_TIME_SYNCED,
                                 .type = CF_RECORD_SALE,
                                 .body = body};
    uint8_t signed_bytes[CF_BATCH_SIGNED_BYTES];
    struct cf_sha256 body_hash = cf_record_body_hash(record);
    batch.n_records = 1;
    batch.head = cf_record_chain(&batch.previous, record, &body_hash);
    cf_batch_signed_bytes(&batch, signed_bytes);
    sim_must(node->world,
             cf_sign(node->key, cf_bytes_of(signed_bytes, sizeof signed_bytes), &batch.signature, &sim_err));
    sim_must(node->world, cf_batch_encode(&batch, ret, &sim_err));
}

void thief_forges(struct node *node)
{
    struct world *world = node->world;
    struct cf_sale *sale = NULL;
    struct cf_buf body CF_CLEANUP(cf_buf_done), bytes CF_CLEANUP(cf_buf_done);
    cf_buf_init(&body, CF_RECORD_BODY_MAX);
    cf_buf_init(&bytes, CF_BATCH_BYTES_MAX);
    if (!node->till || node->copied || node->replaced || cf_sale_new(&sale, NULL) != CF_OK)
        return;
    batch = (struct cf_batch){.terminal = node->terminal, .epoch = node->epoch};
    check_log(node, &batch.first_seq, &batch.previous, &batch.incarnation);
    batch.first_seq++;
    truth_allow_copy(node); /* what the till holds is now in two hands */
    node->copied = true;
    make_up_sale(world, sale);
    sim_must(world, cf_sale_encode(sale, &body, &sim_err));
    sign_batch(node, cf_buf_bytes(&body), &bytes);
    cf_sale_free(sale);
    truth_forged(node, batch.first_seq, &batch.head);
    struct cf_central_request request = {
        .port = CF_PORT_TERMINALS,
        .method = "POST",
        .path = CF_PATH_RECORDS,
        .body = cf_buf_bytes(&bytes),
        .has_terminal = true,
        .terminal = node->terminal,
        .epoch = node->epoch,
    };
    bool answered = !world->failed && central_handle(world, &request);
    sim_log(world, "a thief with the keys of till %u makes up record %llu: %d", node->number,
            (unsigned long long)batch.first_seq, answered ? world->response.status : 0);
}
