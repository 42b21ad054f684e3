/*
 * app/receipt/drawer_receipt.c - see drawer_receipt.h.
 */
#include "app/receipt/drawer_receipt.h"

#include <inttypes.h>

#include "app/receipt/build.h"

static const char *title(enum cf_drawer_kind kind)
{
    switch (kind) {
    case CF_DRAWER_FLOAT:
        return "FLOAT 备用金";
    case CF_DRAWER_PAID_IN:
        return "PAID IN 存入";
    case CF_DRAWER_PAID_OUT:
        return "PAID OUT 支出";
    case CF_DRAWER_DROP:
        return "DROP 缴款";
    case CF_DRAWER_NO_SALE:
        return "NO SALE 开钱箱";
    case CF_DRAWER_COUNT:
        return "COUNT 清点";
    }
    return "DRAWER 钱箱";
}

static void build_count(struct cf_build *b, const struct cf_drawer_count *count)
{
    char value[CF_BUILD_AMOUNT_MAX], sum[CF_BUILD_AMOUNT_MAX];
    for (size_t i = 0; i < count->n; i++) {
        const struct cf_drawer_pieces *pieces = &count->pieces[i];
        cf_build_columns(b, 0, cf_build_amount(b, pieces->value_minor * (int64_t)pieces->n, sum), "%s × %" PRIu32,
                         cf_build_amount(b, pieces->value_minor, value), pieces->n);
    }
    cf_build_rule(b);
}

enum cf_rc cf_drawer_receipt_build(const struct cf_drawer_receipt *facts, struct cf_receipt **ret, struct cf_error *err)
{
    const struct cf_drawer_event *event = facts->event;
    struct cf_build b = {.currency = facts->currency, .err = err};
    char sum[CF_BUILD_AMOUNT_MAX];
    const struct cf_build_head head = {.store = facts->store,
                                       .title = title(event->kind),
                                       .terminal = facts->terminal,
                                       .epoch = facts->epoch,
                                       .seq = facts->seq,
                                       .at = facts->at,
                                       .cashier = event->user};
    b.rc = cf_receipt_new(&b.receipt, err);
    if (b.rc != CF_OK) {
        return b.rc;
    }
    cf_build_head(&b, &head);
    build_count(&b, &event->count);
    if (event->kind != CF_DRAWER_NO_SALE) {
        cf_money_format_signed((cf_money){event->amount_minor, facts->currency}, sum);
        cf_build_columns(&b, CF_STYLE_BOLD | CF_STYLE_TALL, sum, "AMOUNT 金额");
    }
    if (event->reason[0] != '\0') {
        cf_build_columns(&b, 0, event->reason, "Reason 原因");
    }
    cf_build_signature(&b);
    cf_build_fiscal(&b, &event->fiscal);
    cf_build_foot(&b, NULL, facts->chain_tag);
    return cf_build_end(&b, ret);
}
