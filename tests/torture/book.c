/*
 * tests/torture/book.c - see book.h.
 */
#include "tests/torture/book.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/core/report.h"

#define RECEIPT_BYTES_MAX (1u << 20)
#define RECORD_ID_SHIFT 40
#define LINES_MAX TORTURE_STATES_MAX /* each line was a step */

/* --- promises ------------------------------------------------------------------------------------------------------
 */

/* In order of their numbers; NULL: no such. */
static struct promise *promise_of(struct book *book, uint64_t seq)
{
    for (size_t k = book->n_promises; k-- > 0;)
        if (book->promise[k].seq == seq)
            return &book->promise[k];
    return NULL;
}

static struct promise *add(struct book *book, uint64_t seq)
{
    if (book->n_promises == TORTURE_PROMISES_MAX)
        abort();
    struct promise *promise = &book->promise[book->n_promises++];
    *promise = (struct promise){.seq = seq};
    return promise;
}

void book_recorded(struct shop *shop, uint64_t seq, const struct cf_sha256 *hash, bool is_sale)
{
    struct promise *promise = promise_of(&shop->book, seq);
    if (!promise)
        promise = add(&shop->book, seq);
    else if (shop->fault != TORTURE_PRINT_FIRST)
        shop_violation(shop, "record %llu was made twice", (unsigned long long)seq);
    promise->hash = *hash;
    promise->is_sale = is_sale;
}

static struct cf_sha256 sum_of(const struct cf_receipt *receipt)
{
    struct cf_buf document;
    cf_buf_init(&document, RECEIPT_BYTES_MAX);
    if (cf_receipt_encode(receipt, &document, NULL) != CF_OK)
        abort();
    struct cf_sha256 sum = cf_sha256(cf_buf_bytes(&document));
    cf_buf_done(&document);
    return sum;
}

void book_paper(struct shop *shop, uint64_t seq, bool is_copy, const struct cf_receipt *receipt)
{
    struct promise *promise = promise_of(&shop->book, seq);
    if (!promise) {
        promise = add(&shop->book, seq);
        promise->is_sale = true;
    }
    if (receipt) {
        struct cf_sha256 sum = sum_of(receipt);
        if (!promise->has_receipt)
            promise->receipt = sum;
        else if (memcmp(sum.digest, promise->receipt.digest, CF_SHA256_BYTES) != 0)
            shop_violation(shop, "the receipt of record %llu is another now", (unsigned long long)seq);
        promise->has_receipt = true;
    }
    promise->originals += !is_copy;
    promise->copies += is_copy;
    if (promise->originals > 1)
        shop_violation(shop, "two originals of the receipt of record %llu", (unsigned long long)seq);
}

void book_acknowledged(struct shop *shop, uint64_t seq, const struct cf_sha256 *head)
{
    if (seq < shop->book.acknowledged_seq)
        shop_violation(shop, "acknowledged up to %llu, and then only up to %llu",
                       (unsigned long long)shop->book.acknowledged_seq, (unsigned long long)seq);
    shop->book.acknowledged_seq = seq;
    shop->book.acknowledged_head = *head;
}

/* State and gross as one number. */
static int64_t standing(const struct shop *shop)
{
    struct cf_till_view view;
    cf_till_view(shop->till, &view);
    if (view.state == CF_CHECKOUT_IDLE)
        return 0;
    int64_t gross = 0;
    for (size_t k = 0; k < view.priced->n_lines; k++)
        gross += view.priced->lines[k].gross_minor;
    return gross * 8 + (int64_t)view.state;
}

void book_step(struct shop *shop)
{
    struct book *book = &shop->book;
    if (book->n_states == TORTURE_STATES_MAX)
        abort();
    book->states[book->n_states++] = standing(shop);
}

void book_sale_is_over(struct shop *shop)
{
    shop->book.n_states = 0;
    book_step(shop);
}

/* --- the till after a cut ------------------------------------------------------------------------------------------
 */

struct walk {
    struct shop *shop;
    struct cf_sale *sale;
    struct cf_return *ret;
    int64_t back_milli[TORTURE_PROMISES_MAX][LINES_MAX + 1]; /* by record and line of the sale */
    size_t n_kept;                                           /* promises found */
    unsigned new_sales;
    uint64_t last_sale_no;
    struct cf_totals totals;
    int64_t used[TORTURE_CAMPAIGNS];
};

static void check_sale(struct walk *walk, const struct cf_record *record)
{
    struct shop *shop = walk->shop;
    if (cf_sale_decode(record->body, walk->sale, &shop_err) != CF_OK) {
        shop_violation(shop, "record %llu: %s", (unsigned long long)record->seq, shop_err.detail);
        return;
    }
    if (walk->sale->sale_no <= walk->last_sale_no)
        shop_violation(shop, "sale %llu stands twice", (unsigned long long)walk->sale->sale_no);
    walk->last_sale_no = walk->sale->sale_no;
    if (cf_totals_add(&walk->totals, walk->sale, &shop_err) != CF_OK)
        shop_violation(shop, "totals: %s", shop_err.detail);
    for (size_t k = 0; k < walk->sale->n_redemptions; k++)
        for (int c = 0; c < TORTURE_CAMPAIGNS; c++)
            walk->used[c] += walk->sale->redemptions[k].campaign == shop->campaign[c];
}

/* What comes back of a line follows on what came back of it before, and never is more than was sold. */
static void check_return(struct walk *walk, const struct cf_record *record)
{
    struct shop *shop = walk->shop;
    struct cf_return *ret = walk->ret;
    if (cf_return_decode(record->body, ret, &shop_err) != CF_OK || ret->of.seq >= TORTURE_PROMISES_MAX) {
        shop_violation(shop, "record %llu: %s", (unsigned long long)record->seq, shop_err.detail);
        return;
    }
    if (ret->return_no <= walk->last_sale_no)
        shop_violation(shop, "return %llu stands twice", (unsigned long long)ret->return_no);
    walk->last_sale_no = ret->return_no;
    for (size_t k = 0; k < ret->n_lines; k++) {
        const struct cf_return_line *line = &ret->lines[k];
        if (line->line_no > LINES_MAX)
            abort();
        int64_t *back = &walk->back_milli[ret->of.seq][line->line_no];
        if (line->before_milli != *back || *back + line->qty_milli > line->sold_milli)
            shop_violation(shop, "of record %llu, line %u: %lld came back before, and %lld now, of %lld",
                           (unsigned long long)ret->of.seq, line->line_no, (long long)*back, (long long)line->qty_milli,
                           (long long)line->sold_milli);
        *back += line->qty_milli;
    }
    for (size_t k = 0; k < ret->n_rights; k++)
        for (int c = 0; c < TORTURE_CAMPAIGNS && ret->rights[k].fate == CF_ON_RETURN_GIVE_BACK; c++)
            walk->used[c] -= ret->rights[k].campaign == shop->campaign[c];
    if (cf_totals_add_return(&walk->totals, ret, &shop_err) != CF_OK)
        shop_violation(shop, "totals: %s", shop_err.detail);
}

static enum cf_rc check_record(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                               const struct cf_sha256 *hash, struct cf_error *err)
{
    struct walk *walk = ctx;
    struct shop *shop = walk->shop;
    struct promise *promise = promise_of(&shop->book, record->seq);
    (void)body_hash;
    (void)err;
    if (promise) {
        walk->n_kept++;
        if (memcmp(promise->hash.digest, hash->digest, CF_SHA256_BYTES) != 0)
            shop_violation(shop, "record %llu is another now", (unsigned long long)record->seq);
    } else {
        promise = add(&shop->book, record->seq);
        promise->hash = *hash;
        promise->is_sale = record->type == CF_RECORD_SALE || record->type == CF_RECORD_RETURN;
        walk->n_kept++;
        walk->new_sales += promise->is_sale;
        shop->count.found_after_cut += promise->is_sale;
        shop_log(shop, "  found record %llu (%d), which nobody was told of", (unsigned long long)record->seq,
                 (int)record->type);
    }
    if (record->type == CF_RECORD_SALE)
        check_sale(walk, record);
    if (record->type == CF_RECORD_RETURN)
        check_return(walk, record);
    return CF_OK;
}

static bool walk_journal(struct walk *walk, struct shop *shop)
{
    memset(walk, 0, sizeof *walk);
    walk->shop = shop;
    if (cf_sale_new(&walk->sale, NULL) != CF_OK || cf_return_new(&walk->ret, NULL) != CF_OK)
        abort();
    enum cf_rc rc = cf_journal_read(cf_till_journal(shop->till), 1, SIZE_MAX, check_record, walk, &shop_err);
    cf_sale_free(walk->sale);
    cf_return_free(walk->ret);
    if (rc != CF_OK)
        shop_violation(shop, "the journal cannot be read: %s: %s", cf_rc_name(rc), shop_err.detail);
    return rc == CF_OK;
}

static void check_open_sale(struct shop *shop, const struct walk *walk)
{
    struct book *book = &shop->book;
    int64_t now = standing(shop);
    bool known = now == 0 && walk->new_sales > 0; /* it was paid */
    for (size_t k = 0; k < book->n_states; k++)
        known |= book->states[k] == now;
    if (!known && !book->step_under_way)
        shop_violation(shop, "the open sale stands at %lld (%lld), where it never was", (long long)now / 8,
                       (long long)now % 8);
    book->n_states = 0;
    book_step(shop);
    /* Lost steps do not come back, but parked or recalled ones may have been cut in between: an empty till is known. */
    if (now != 0)
        book->states[book->n_states++] = 0;
}

void book_check_till(struct shop *shop)
{
    struct book *book = &shop->book;
    static struct walk walk; /* too large for a stack */
    size_t promised = book->n_promises;
    if (!walk_journal(&walk, shop))
        return;
    if (walk.n_kept != book->n_promises)
        shop_violation(shop, "of %zu records that the till had told of or printed %zu are gone", promised,
                       book->n_promises - walk.n_kept);
    if (walk.new_sales > (book->tender_under_way ? 1u : 0u))
        shop_violation(shop, "%u sales that nobody asked for", walk.new_sales);
    check_open_sale(shop, &walk);
    if (cf_till_quarantine(shop->till) != CF_QUARANTINE_NONE)
        shop_violation(shop, "an honest till is in quarantine: %s", cf_quarantine_text(cf_till_quarantine(shop->till)));
    book->step_under_way = false;
    book->tender_under_way = false;
}

/* --- the centre ----------------------------------------------------------------------------------------------------
 */

static sqlite3 *centre_db(struct shop *shop)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(shop_centre_path(shop, "member.db"), &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        abort();
    return db;
}

static int64_t number(sqlite3 *db, const char *sql, int64_t a)
{
    sqlite3_stmt *get = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &get, NULL) != SQLITE_OK) {
        printf("# %s: %s\n", sql, sqlite3_errmsg(db));
        abort();
    }
    if (sqlite3_bind_parameter_count(get) > 0)
        (void)sqlite3_bind_int64(get, 1, a);
    int64_t v = sqlite3_step(get) == SQLITE_ROW ? sqlite3_column_int64(get, 0) : -1;
    (void)sqlite3_finalize(get);
    return v;
}

static int64_t log_of(struct shop *shop, sqlite3 *db)
{
    (void)shop;
    return number(db, "SELECT id FROM log WHERE terminal = ?1", shop->terminal);
}

static bool centre_has(sqlite3 *db, int64_t log, uint64_t seq, const struct cf_sha256 *hash)
{
    sqlite3_stmt *get = NULL;
    if (sqlite3_prepare_v2(db, "SELECT hash FROM record WHERE id = ?1", -1, &get, NULL) != SQLITE_OK)
        abort();
    (void)sqlite3_bind_int64(get, 1, log << RECORD_ID_SHIFT | (int64_t)seq);
    bool same = sqlite3_step(get) == SQLITE_ROW && sqlite3_column_bytes(get, 0) == CF_SHA256_BYTES &&
                memcmp(sqlite3_column_blob(get, 0), hash->digest, CF_SHA256_BYTES) == 0;
    (void)sqlite3_finalize(get);
    return same;
}

static void check_order(struct shop *shop, struct order *order)
{
    int status = 0;
    json_t *json = shop_call(shop, "POST", "/v1/coupons/redeem", order->body, &status);
    if (!cf_bytes_equal(cf_buf_bytes(&shop->response.body), cf_buf_bytes(&order->answer)))
        shop_violation(shop, "an order that was answered is answered otherwise: %d %.*s", status,
                       (int)shop->response.body.n, (const char *)shop->response.body.p);
    json_decref(json);
}

void book_check_centre(struct shop *shop)
{
    struct book *book = &shop->book;
    sqlite3 *db = centre_db(shop);
    if (book->acknowledged_seq > 0 &&
        !centre_has(db, log_of(shop, db), book->acknowledged_seq, &book->acknowledged_head))
        shop_violation(shop, "record %llu was acknowledged, and the centre does not have it",
                       (unsigned long long)book->acknowledged_seq);
    for (size_t k = 0; k < book->n_coupons; k++)
        if (number(db, k + 1 < book->n_coupons ? "SELECT 1" : "SELECT max(idx) FROM coupon WHERE campaign = ?1",
                   book->coupon[k].campaign) < (k + 1 < book->n_coupons ? 1 : (int64_t)book->coupon[k].index))
            shop_violation(shop, "coupon %u/%u was given out, and the centre does not know it",
                           book->coupon[k].campaign, book->coupon[k].index);
    (void)sqlite3_close(db);
    for (size_t k = book->n_orders > 2 ? book->n_orders - 2 : 0; k < book->n_orders && !shop->failed; k++)
        check_order(shop, &book->order[k]);
}

/* --- the end -------------------------------------------------------------------------------------------------------
 */

static void expect(struct shop *shop, const char *what, int64_t here, int64_t there)
{
    if (here != there)
        shop_violation(shop, "%s: the till says %lld, the centre %lld", what, (long long)here, (long long)there);
}

static void check_papers(struct shop *shop)
{
    for (size_t k = 0; k < shop->book.n_promises; k++) {
        const struct promise *promise = &shop->book.promise[k];
        if (promise->is_sale && promise->originals + promise->copies == 0)
            shop_violation(shop, "sale in record %llu is on no paper", (unsigned long long)promise->seq);
    }
}

static void check_budgets(struct shop *shop, sqlite3 *db, const struct walk *walk)
{
    for (int k = 0; k < TORTURE_CAMPAIGNS; k++) {
        int64_t online = 0, campaign = shop->campaign[k];
        char text[40];
        (void)snprintf(text, sizeof text, "\"campaign\":%lld,", (long long)campaign);
        for (size_t o = 0; o < shop->book.n_orders; o++) {
            cf_bytes answer = cf_buf_bytes(&shop->book.order[o].answer);
            online += memmem(answer.p, answer.n, text, strlen(text)) != NULL;
        }
        int64_t spent = number(db, "SELECT spent FROM campaign WHERE id = ?1", campaign);
        if (walk->used[k] + online > spent || spent > shop->budget[k])
            shop_violation(shop, "campaign %lld: %lld + %lld redeemed, %lld spent of %lld", (long long)campaign,
                           (long long)walk->used[k], (long long)online, (long long)spent, (long long)shop->budget[k]);
        expect(shop, "what a budget is made of", shop->budget[k],
               number(db, "SELECT free + outstanding + spent + stranded FROM campaign WHERE id = ?1", campaign));
        expect(shop, "over a budget", 0, number(db, "SELECT over FROM campaign WHERE id = ?1", campaign));
    }
}

static void check_returns(struct shop *shop, sqlite3 *db, const struct walk *walk)
{
    const struct cf_return_totals *returned = &walk->totals.returned;
    expect(shop, "a member's points", walk->totals.points - returned->points,
           number(db, "SELECT points FROM member LIMIT 1", 0));
    expect(shop, "returns", (int64_t)returned->n_returns, number(db, "SELECT count(*) FROM sale_return", 0));
    expect(shop, "refunds", returned->total_minor, number(db, "SELECT total(total_minor) FROM sale_return", 0));
    expect(shop, "returns of more than was sold", 0,
           number(db, "SELECT count(*) FROM sale_return WHERE excess <> 0 OR state <> 2", 0));
}

static void check_totals(struct shop *shop, sqlite3 *db, const struct walk *walk)
{
    int64_t log = log_of(shop, db);
    /* A centre that does not take returns in yet keeps their records and flags them. */
    bool knows = number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'sale_return'", 0) > 0;
    expect(shop, "records", (int64_t)shop->book.n_promises,
           number(db, "SELECT count(*) FROM record WHERE id >> 40 = ?1", log));
    expect(shop, "sales", (int64_t)walk->totals.n_sales,
           number(db, "SELECT count(*) FROM sale WHERE id >> 40 = ?1", log));
    expect(shop, "gross", walk->totals.gross_minor,
           number(db, "SELECT total(gross_minor) FROM sale WHERE id >> 40 = ?1", log));
    expect(shop, "total", walk->totals.total_minor,
           number(db, "SELECT total(total_minor) FROM sale WHERE id >> 40 = ?1", log));
    expect(shop, "points", walk->totals.points, number(db, "SELECT total(points) FROM sale WHERE id >> 40 = ?1", log));
    expect(shop, "Z reports that differ", 0, number(db, "SELECT count(*) FROM z_report WHERE agrees = 0", 0));
    expect(shop, "records that were flagged", 0,
           number(db, "SELECT count(*) FROM record WHERE rc <> 0 AND type <> ?1", knows ? 0 : CF_RECORD_RETURN));
    if (knows)
        check_returns(shop, db, walk);
    expect(shop, "logs that are set apart", 0, number(db, "SELECT count(*) FROM log WHERE state <> 1", 0));
}

void book_check_all(struct shop *shop)
{
    static struct walk walk; /* too large for a stack */
    struct cf_till_report report;
    struct cf_journal_verdict verdict;
    book_check_till(shop);
    book_check_centre(shop);
    if (shop->failed || !walk_journal(&walk, shop))
        return;
    shop_must(shop, cf_journal_verify(cf_till_journal(shop->till), &verdict, &shop_err));
    shop_must(shop, cf_till_x_report(shop->till, &report, &shop_err));
    if (!shop->failed && !report.heads_agree)
        shop_violation(shop, "recorded %llu, acknowledged %llu, or their heads differ",
                       (unsigned long long)report.recorded.seq, (unsigned long long)report.acknowledged_seq);
    check_papers(shop);
    sqlite3 *db = centre_db(shop);
    for (size_t k = 0; k < shop->book.n_promises; k++)
        if (!centre_has(db, log_of(shop, db), shop->book.promise[k].seq, &shop->book.promise[k].hash))
            shop_violation(shop, "record %llu is not at the centre as it is here",
                           (unsigned long long)shop->book.promise[k].seq);
    check_totals(shop, db, &walk);
    check_budgets(shop, db, &walk);
    (void)sqlite3_close(db);
}
