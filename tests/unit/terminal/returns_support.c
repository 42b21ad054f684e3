/*
 * tests/unit/terminal/returns_support.c - see returns_support.h.
 */
#include "tests/unit/terminal/returns_support.h"

#include <stdio.h>
#include <string.h>

const char *returns_receipt(uint64_t seq)
{
    static char receipt_no[64];
    (void)snprintf(receipt_no, sizeof receipt_no, "%u-1-%06llu", SHOP_TILL, (unsigned long long)seq);
    return receipt_no;
}

void other_sale_of(struct shop *shop, uint64_t seq, struct other_sale *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->sale = shop_sale_of(shop, seq);
    cf_buf_init(&ret->bytes, CF_SALE_BYTES_MAX);
    assert_ok(cf_sale_encode(ret->sale, &ret->bytes, &shop->err));
    ret->reply.sale = cf_buf_bytes(&ret->bytes);
    shop->sale_reply = &ret->reply;
}

void other_sale_done(struct shop *shop, struct other_sale *other)
{
    shop->sale_reply = NULL;
    cf_sale_free(other->sale);
    cf_buf_done(&other->bytes);
}

void shop_go_online(struct shop *shop, enum cf_rc net_rc)
{
    shop->net_rc = net_rc;
    shop->net_status = 200;
    shop->net_reply = CF_OK;
    if (!shop->ask_online) {
        shop->ask_online = true;
        shop_restart(shop);
    }
}

static enum cf_rc read_reason(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                              const struct cf_sha256 *hash, struct cf_error *err)
{
    struct cf_return *back = NULL;
    (void)body_hash;
    (void)hash;
    assert_ok(cf_return_new(&back, err));
    assert_ok(cf_return_decode(record->body, back, err));
    snprintf(ctx, CF_RETURN_REASON_MAX + 1, "%s", back->reason);
    cf_return_free(back);
    return CF_OK;
}

const char *returns_reason(struct shop *shop, uint64_t seq)
{
    static char reason[CF_RETURN_REASON_MAX + 1];
    assert_ok(cf_journal_read(cf_till_journal(shop->till), seq, 1, read_reason, reason, &shop->err));
    return reason;
}
