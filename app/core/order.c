/*
 * app/core/order.c - see order.h.
 */
#include "app/core/order.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

#define PICK_UP_VERSION 1
#define PICK_UP_FIELDS 6 /* and one more if a signing device was asked */
#define ORDER_FIELDS 10
#define LINE_FIELDS 7
#define DAY_MAX 99991231u
#define UNIX_S_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

const char *cf_order_kind_name(enum cf_order_kind kind)
{
    switch (kind) {
    case CF_ORDER_PICK_UP:
        return "pick_up";
    case CF_ORDER_UNPAID:
        return "unpaid";
    }
    assert(false && "a kind of order without a name");
    return "";
}

/* --- its rules ---------------------------------------------------------------------------------------------------- */

static bool is_quantity(int64_t qty_milli, bool weighed)
{
    return qty_milli > 0 && qty_milli <= CF_QTY_MILLI_MAX && (weighed || qty_milli % 1000 == 0);
}

static bool is_amount(int64_t minor)
{
    return minor >= 0 && minor <= CF_PRICE_MINOR_MAX;
}

/* What so much of a line costs by its price. */
static enum cf_rc cost_of(const struct cf_order_line *line, int64_t qty_milli, int64_t *ret, struct cf_error *err)
{
    return cf_muldiv_round(line->unit_price_minor, qty_milli, 1000, ret, err);
}

static enum cf_rc check_line(enum cf_order_kind kind, const struct cf_order_line *line, struct cf_error *err)
{
    char name[CF_NAME_MAX + 1];
    int64_t cost = 0;
    size_t n = strnlen(line->name, sizeof line->name);
    if (n == 0 || n == sizeof line->name ||
        cf_text_accept(cf_bytes_of(line->name, n), name, sizeof name, NULL) != CF_OK)
        return cf_fail(err, CF_E_ENCODING, "the name of goods");
    if (line->product == 0 || line->product > INT64_MAX || !is_quantity(line->qty_milli, line->weighed) ||
        !is_amount(line->unit_price_minor) || !is_amount(line->amount_minor) || line->tax_bp > CF_TAX_BP_MAX)
        return cf_fail(err, CF_E_RANGE, "a line of %s", line->name);
    if (kind == CF_ORDER_UNPAID && (cost_of(line, line->qty_milli, &cost, NULL) != CF_OK || cost != line->amount_minor))
        return cf_fail(err, CF_E_RANGE, "%s is to be paid here: its quantity at %lld does not come to %lld", line->name,
                       (long long)line->unit_price_minor, (long long)line->amount_minor);
    return CF_OK;
}

enum cf_rc cf_order_check(const struct cf_order *order, struct cf_error *err)
{
    int64_t total = 0;
    if (order->n_lines == 0 || order->n_lines > CF_ORDER_LINES_MAX)
        return cf_fail(err, CF_E_LIMIT, "an order of %zu lines", order->n_lines);
    if (order->kind < CF_ORDER_PICK_UP || order->kind > CF_ORDER_UNPAID || order->number == 0 ||
        order->generation == 0 || order->generation > CF_ORDER_GENERATION_MAX || order->store == 0)
        return cf_fail(err, CF_E_RANGE, "order %u, generation %u", order->number, order->generation);
    bool at_terminal = order->home != 0 && order->home != order->store;
    if (at_terminal != (order->home_epoch != 0))
        return cf_fail(err, CF_E_RANGE, "at place %u in epoch %u", order->home, order->home_epoch);
    if (order->ready_s < 0 || order->expires_s < order->ready_s || order->expires_s > UNIX_S_MAX)
        return cf_fail(err, CF_E_RANGE, "the time to pick it up");
    for (size_t i = 0; i < order->n_lines; i++) {
        enum cf_rc rc = check_line(order->kind, &order->lines[i], err);
        if (rc != CF_OK)
            return rc;
        total += order->lines[i].amount_minor; /* 64 amounts of 10^12 fit */
    }
    if (total != order->total_minor)
        return cf_fail(err, CF_E_RANGE, "its lines come to %lld, not %lld", (long long)total,
                       (long long)order->total_minor);
    return CF_OK;
}

/* --- bytes -------------------------------------------------------------------------------------------------------- */

static void write_order(const struct cf_order *order, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, ORDER_FIELDS);
    cf_cbor_write_uint(w, order->kind);
    cf_cbor_write_uint(w, order->number);
    cf_cbor_write_uint(w, order->generation);
    cf_cbor_write_uint(w, order->store);
    cf_cbor_write_uint(w, order->home);
    cf_cbor_write_uint(w, order->home_epoch);
    cf_cbor_write_int(w, order->ready_s);
    cf_cbor_write_int(w, order->expires_s);
    cf_cbor_write_int(w, order->total_minor);
    cf_cbor_write_array(w, order->n_lines);
    for (size_t i = 0; i < order->n_lines; i++) {
        const struct cf_order_line *line = &order->lines[i];
        cf_cbor_write_array(w, LINE_FIELDS);
        cf_cbor_write_uint(w, line->product);
        cf_cbor_write_text(w, line->name);
        cf_cbor_write_int(w, line->qty_milli);
        cf_cbor_write_int(w, line->unit_price_minor);
        cf_cbor_write_int(w, line->amount_minor);
        cf_cbor_write_uint(w, line->tax_bp);
        cf_cbor_write_bool(w, line->weighed);
    }
}

enum cf_rc cf_order_encode(const struct cf_order *order, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    enum cf_rc rc = cf_order_check(order, err);
    if (rc != CF_OK)
        return rc;
    cf_cbor_write_init(&w, ret);
    write_order(order, &w);
    rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

static void read_line(struct cf_cbor_reader *r, struct cf_order_line *line)
{
    cf_cbor_read_array_of(r, LINE_FIELDS);
    cf_cbor_read_uint(r, &line->product, INT64_MAX);
    cf_cbor_read_cstr(r, line->name, sizeof line->name);
    cf_cbor_read_int(r, &line->qty_milli);
    cf_cbor_read_int(r, &line->unit_price_minor);
    cf_cbor_read_int(r, &line->amount_minor);
    line->tax_bp = cf_cbor_read_u32(r);
    cf_cbor_read_bool(r, &line->weighed);
}

static void read_order(struct cf_cbor_reader *r, struct cf_order *ret)
{
    cf_cbor_read_array_of(r, ORDER_FIELDS);
    ret->kind = (enum cf_order_kind)cf_cbor_read_u8(r);
    ret->number = cf_cbor_read_u32(r);
    ret->generation = cf_cbor_read_u32(r);
    ret->store = cf_cbor_read_u32(r);
    ret->home = cf_cbor_read_u32(r);
    ret->home_epoch = cf_cbor_read_u32(r);
    cf_cbor_read_int(r, &ret->ready_s);
    cf_cbor_read_int(r, &ret->expires_s);
    cf_cbor_read_int(r, &ret->total_minor);
    cf_cbor_read_array(r, &ret->n_lines, CF_ORDER_LINES_MAX);
    for (size_t i = 0; i < ret->n_lines; i++)
        read_line(r, &ret->lines[i]);
    if (r->rc == CF_OK && cf_order_check(ret, NULL) != CF_OK)
        cf_cbor_read_refuse(r);
}

enum cf_rc cf_order_decode(cf_bytes bytes, struct cf_order *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_order order;
    memset(&order, 0, sizeof order);
    cf_cbor_read_init(&r, bytes);
    read_order(&r, &order);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        memcpy(ret, &order, sizeof *ret);
    return rc;
}

/* --- may it be handed out? ---------------------------------------------------------------------------------------- */

static enum cf_rc judge_home(const struct cf_order *order, const struct cf_order_facts *facts,
                             enum cf_order_asks *ret_asks, struct cf_error *err)
{
    if (order->store != facts->store)
        return cf_fail(err, CF_E_ORDER_HOME, "in store %u", order->store);
    if (order->home == 0)
        *ret_asks = CF_ORDER_ASKS_CENTRE;
    else if (order->home == order->store)
        *ret_asks = CF_ORDER_ASKS_HUB;
    else if (order->home != facts->terminal)
        return cf_fail(err, CF_E_ORDER_HOME, "at till %u", order->home);
    else if (order->home_epoch != facts->epoch)
        return cf_fail(err, CF_E_ORDER_HOME,
                       "at till %u as it was before it was enrolled again: the shop has to move it", order->home);
    else
        *ret_asks = CF_ORDER_ASKS_NOBODY;
    return CF_OK;
}

enum cf_rc cf_order_judge(const struct cf_order *order, const struct cf_order_facts *facts,
                          enum cf_order_asks *ret_asks, struct cf_error *err)
{
    enum cf_order_asks asks = CF_ORDER_ASKS_NOBODY;
    char text[CF_WALL_TEXT_MAX];
    if (facts->done)
        return cf_fail(err, CF_E_ORDER_DONE, "order %u", order->number);
    enum cf_rc rc = judge_home(order, facts, &asks, err);
    if (rc != CF_OK)
        return rc;
    if (facts->code_generation > order->generation)
        return cf_fail(err, CF_E_ORDER_GENERATION, "generation %u, this till has heard of %u", facts->code_generation,
                       order->generation);
    if (cf_wall_s(facts->now.hi) < order->ready_s) {
        cf_wall_format(cf_wall_from_s(order->ready_s), 0, text);
        return cf_fail(err, CF_E_ORDER_EARLY, "ready from %s", text);
    }
    if (cf_wall_s(facts->now.lo) > order->expires_s) {
        cf_wall_format(cf_wall_from_s(order->expires_s), 0, text);
        return cf_fail(err, CF_E_ORDER_EXPIRED, "until %s", text);
    }
    if (facts->quarantined)
        return cf_fail(err, CF_E_QUARANTINED, "it hands out no orders");
    *ret_asks = asks;
    return CF_OK;
}

/* --- what becomes of it ------------------------------------------------------------------------------------------- */

const char *cf_order_state_name(enum cf_order_state state)
{
    switch (state) {
    case CF_ORDER_PLACED:
        return "placed";
    case CF_ORDER_READY:
        return "ready";
    case CF_ORDER_PARTLY:
        return "partly_handed_out";
    case CF_ORDER_RECALLED:
        return "recalled";
    case CF_ORDER_HANDED_OUT:
        return "handed_out";
    case CF_ORDER_CANCELLED:
        return "cancelled";
    case CF_ORDER_EXPIRED:
        return "expired";
    }
    assert(false && "a state of orders without a name");
    return "";
}

bool cf_order_is_open(enum cf_order_state state)
{
    return state == CF_ORDER_PLACED || state == CF_ORDER_READY || state == CF_ORDER_PARTLY ||
           state == CF_ORDER_RECALLED;
}

/* Goods that left the store are gone, whatever the centre thought. */
static enum cf_order_state taken(enum cf_order_state state, bool all, bool *ret_odd)
{
    *ret_odd = state != CF_ORDER_READY && state != CF_ORDER_PARTLY && state != CF_ORDER_RECALLED;
    if (all)
        return CF_ORDER_HANDED_OUT;
    /* What is left of one that is recalled stays so; one that is over stays over. */
    return state == CF_ORDER_READY || state == CF_ORDER_PARTLY ? CF_ORDER_PARTLY : state;
}

enum cf_rc cf_order_step(enum cf_order_state state, enum cf_order_event event, enum cf_order_state *ret, bool *ret_odd,
                         struct cf_error *err)
{
    bool odd = false;
    bool out = state == CF_ORDER_READY || state == CF_ORDER_PARTLY;
    bool waits = state == CF_ORDER_PLACED;
    enum cf_order_state next = 0;
    switch (event) {
    case CF_ORDER_ARRIVE:
        next = waits ? CF_ORDER_READY : 0;
        break;
    case CF_ORDER_RECALL:
        next = out || waits || state == CF_ORDER_RECALLED ? CF_ORDER_RECALLED : 0;
        break;
    case CF_ORDER_HEARD_CANCEL:
        next = state == CF_ORDER_RECALLED ? CF_ORDER_CANCELLED : 0;
        break;
    case CF_ORDER_HEARD_EXPIRE:
        next = state == CF_ORDER_RECALLED ? CF_ORDER_EXPIRED : 0;
        break;
    case CF_ORDER_HEARD_MOVE:
        next = state == CF_ORDER_RECALLED ? CF_ORDER_READY : 0;
        break;
    case CF_ORDER_TAKE_ALL:
    case CF_ORDER_TAKE_PART:
        next = taken(state, event == CF_ORDER_TAKE_ALL, &odd);
        break;
    }
    if (next == 0)
        return cf_fail(err, CF_E_ORDER_STATE, "it is %s", cf_order_state_name(state));
    *ret = next;
    if (ret_odd != NULL)
        *ret_odd = odd;
    return CF_OK;
}

/* --- what was handed out ------------------------------------------------------------------------------------------ */

static enum cf_rc check_taken(const struct cf_order *order, const struct cf_taken_line *lines, size_t n,
                              struct cf_error *err)
{
    if (n == 0)
        return cf_fail(err, CF_E_ORDER_LINE, "nothing");
    if (n > CF_ORDER_LINES_MAX)
        return cf_fail(err, CF_E_LIMIT, "%zu lines", n);
    for (size_t i = 0; i < n; i++) {
        if (lines[i].line_no == 0 || lines[i].line_no > order->n_lines)
            return cf_fail(err, CF_E_LINE_NONE, "the order has %zu lines", order->n_lines);
        const struct cf_order_line *line = &order->lines[lines[i].line_no - 1];
        if (i > 0 && lines[i].line_no <= lines[i - 1].line_no)
            return cf_fail(err, CF_E_ORDER_LINE, "line %u twice", lines[i].line_no);
        if (!is_quantity(lines[i].qty_milli, line->weighed) || lines[i].qty_milli > line->qty_milli)
            return cf_fail(err, CF_E_ORDER_LINE, "%lld thousandths of %s, where %lld are left",
                           (long long)lines[i].qty_milli, line->name, (long long)line->qty_milli);
    }
    return CF_OK;
}

/* Of all of it the whole amount; so what is left of a line always has what is left of its amount. Nothing was paid yet
 * for an order that is paid here: a part of it costs what its quantity does. */
static enum cf_rc share(const struct cf_order *order, size_t i, int64_t qty_milli, int64_t *ret, struct cf_error *err)
{
    const struct cf_order_line *line = &order->lines[i];
    return order->kind == CF_ORDER_UNPAID ? cost_of(line, qty_milli, ret, err)
                                          : cf_muldiv_round(line->amount_minor, qty_milli, line->qty_milli, ret, err);
}

enum cf_rc cf_pick_up_make(const struct cf_order *order, const struct cf_taken_line *lines, size_t n,
                           struct cf_pick_up *ret, struct cf_error *err)
{
    int64_t amount = 0;
    enum cf_rc rc = check_taken(order, lines, n, err);
    for (size_t i = 0; rc == CF_OK && i < n; i++) {
        int64_t part = 0;
        rc = share(order, lines[i].line_no - 1, lines[i].qty_milli, &part, err);
        amount += part; /* at most the order's total, but for a cent a line */
    }
    if (rc != CF_OK)
        return rc;
    ret->amount_minor = amount;
    ret->n_lines = n;
    memcpy(ret->lines, lines, n * sizeof *lines);
    return CF_OK;
}

bool cf_pick_up_is_whole(const struct cf_order *order, const struct cf_taken_line *lines, size_t n)
{
    if (n != order->n_lines)
        return false;
    for (size_t i = 0; i < n; i++)
        if (lines[i].line_no != i + 1 || lines[i].qty_milli < order->lines[i].qty_milli)
            return false;
    return true;
}

enum cf_rc cf_order_rest(struct cf_order *order, const struct cf_taken_line *lines, size_t n, struct cf_error *err)
{
    struct cf_order rest = *order;
    enum cf_rc rc = check_taken(order, lines, n, err);
    if (rc == CF_OK && order->generation == CF_ORDER_GENERATION_MAX)
        rc = cf_fail(err, CF_E_LIMIT, "order %u was changed too often", order->number);
    for (size_t i = 0; rc == CF_OK && i < n; i++) {
        struct cf_order_line *line = &rest.lines[lines[i].line_no - 1];
        int64_t before = line->amount_minor, part = 0;
        rc = share(order, lines[i].line_no - 1, lines[i].qty_milli, &part, err);
        line->qty_milli -= lines[i].qty_milli;
        line->amount_minor -= part;
        if (rc == CF_OK && order->kind == CF_ORDER_UNPAID)
            rc = cost_of(line, line->qty_milli, &line->amount_minor, err);
        rest.total_minor += line->amount_minor - before;
    }
    if (rc != CF_OK)
        return rc;
    rest.n_lines = 0;
    for (size_t i = 0; i < order->n_lines; i++)
        if (rest.lines[i].qty_milli > 0)
            rest.lines[rest.n_lines++] = rest.lines[i];
    rest.generation++;
    *order = rest;
    return CF_OK;
}

/* --- the record --------------------------------------------------------------------------------------------------- */

bool cf_order_claim_is_valid(const struct cf_order_claim *claim)
{
    bool hub = claim->source == CF_RIGHT_STORE;
    return claim->order != 0 && claim->generation != 0 && claim->generation <= CF_ORDER_GENERATION_MAX &&
           (hub || claim->source == CF_RIGHT_CENTRE || claim->source == CF_RIGHT_HOME) &&
           hub == (claim->hub_epoch != 0);
}

void cf_order_claim_write(const struct cf_order_claim *claim, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, 5);
    cf_cbor_write_uint(w, claim->order);
    cf_cbor_write_uint(w, claim->generation);
    cf_cbor_write_uint(w, claim->source);
    cf_cbor_write_uint(w, claim->hub_epoch);
    cf_cbor_write_bytes(w, cf_bytes_of(claim->request_key, CF_REQUEST_KEY_BYTES));
}

void cf_order_claim_read(struct cf_cbor_reader *r, struct cf_order_claim *ret)
{
    cf_cbor_read_array_of(r, 5);
    ret->order = cf_cbor_read_u32(r);
    ret->generation = cf_cbor_read_u32(r);
    ret->source = (enum cf_right_source)cf_cbor_read_u8(r);
    ret->hub_epoch = cf_cbor_read_u32(r);
    cf_cbor_read_bytes_of(r, ret->request_key, CF_REQUEST_KEY_BYTES);
    if (r->rc == CF_OK && !cf_order_claim_is_valid(ret))
        cf_cbor_read_refuse(r);
}

bool cf_pick_up_of_sale(const struct cf_sale *sale, struct cf_pick_up *ret)
{
    int64_t part = 0;
    if (sale->order.order == 0)
        return false;
    *ret = (struct cf_pick_up){.claim = sale->order, .business_day = sale->business_day};
    memcpy(ret->cashier, sale->cashier, sizeof ret->cashier);
    for (size_t i = 0; i < sale->n_lines && ret->n_lines < CF_ORDER_LINES_MAX; i++) {
        const struct cf_sale_line *line = &sale->lines[i];
        size_t at = ret->n_lines;
        if (line->extra.origin != CF_PRICE_ORDER)
            continue;
        while (at > 0 && ret->lines[at - 1].line_no > line->extra.list) {
            ret->lines[at] = ret->lines[at - 1];
            at--;
        }
        ret->lines[at] = (struct cf_taken_line){line->extra.list, line->qty_milli};
        ret->n_lines++;
        if (cf_muldiv_round(line->unit_price_minor, line->qty_milli, 1000, &part, NULL) == CF_OK)
            ret->amount_minor += part; /* no overflow: the sale's gross total fits */
    }
    return true;
}

enum cf_rc cf_order_judge_sale(const struct cf_order *order, const struct cf_sale *sale, struct cf_error *err)
{
    for (size_t i = 0; i < sale->n_lines; i++) {
        const struct cf_sale_line *sold = &sale->lines[i];
        if (sold->extra.origin != CF_PRICE_ORDER)
            continue;
        if (sold->extra.list > order->n_lines)
            return cf_fail(err, CF_E_ORDER_LINE, "line %zu of the sale is line %u of an order of %zu", i + 1,
                           sold->extra.list, order->n_lines);
        const struct cf_order_line *line = &order->lines[sold->extra.list - 1];
        if (sold->product != line->product || sold->tax_bp != line->tax_bp)
            return cf_fail(err, CF_E_ORDER_LINE, "line %zu of the sale is no %s as it was ordered", i + 1, line->name);
        if (sold->unit_price_minor != line->unit_price_minor)
            return cf_fail(err, CF_E_ORDER_LINE, "%s was sold for %lld, and ordered for %lld", line->name,
                           (long long)sold->unit_price_minor, (long long)line->unit_price_minor);
    }
    return CF_OK;
}

static enum cf_rc check_pick_up(const struct cf_pick_up *taken, struct cf_error *err)
{
    char cashier[sizeof taken->cashier];
    bool good = cf_order_claim_is_valid(&taken->claim) && taken->business_day <= DAY_MAX && taken->amount_minor >= 0 &&
                taken->amount_minor <= CF_ORDER_LINES_MAX * CF_PRICE_MINOR_MAX && taken->n_lines >= 1 &&
                taken->n_lines <= CF_ORDER_LINES_MAX &&
                strnlen(taken->cashier, sizeof taken->cashier) < sizeof taken->cashier &&
                cf_text_accept(cf_bytes_str(taken->cashier), cashier, sizeof cashier, NULL) == CF_OK;
    for (size_t i = 0; good && i < taken->n_lines; i++) {
        const struct cf_taken_line *line = &taken->lines[i];
        good = line->line_no > (i == 0 ? 0 : taken->lines[i - 1].line_no) && line->line_no <= CF_ORDER_LINES_MAX &&
               line->qty_milli > 0 && line->qty_milli <= CF_QTY_MILLI_MAX;
    }
    return good ? cf_fiscal_answer_check(&taken->fiscal, err)
                : cf_fail(err, CF_E_RECORD, "what it says of order %u", taken->claim.order);
}

enum cf_rc cf_pick_up_encode(const struct cf_pick_up *taken, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    enum cf_rc rc = check_pick_up(taken, err);
    if (rc != CF_OK)
        return rc;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, PICK_UP_FIELDS + (taken->fiscal.is ? 1 : 0));
    cf_cbor_write_uint(&w, PICK_UP_VERSION);
    cf_order_claim_write(&taken->claim, &w);
    cf_cbor_write_uint(&w, taken->business_day);
    cf_cbor_write_text(&w, taken->cashier);
    cf_cbor_write_int(&w, taken->amount_minor);
    cf_cbor_write_array(&w, taken->n_lines);
    for (size_t i = 0; i < taken->n_lines; i++) {
        cf_cbor_write_array(&w, 2);
        cf_cbor_write_uint(&w, taken->lines[i].line_no);
        cf_cbor_write_int(&w, taken->lines[i].qty_milli);
    }
    if (taken->fiscal.is)
        cf_fiscal_answer_write_map(&taken->fiscal, &w);
    rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

enum cf_rc cf_pick_up_decode(cf_bytes bytes, struct cf_pick_up *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_pick_up taken;
    uint64_t version = 0;
    size_t n = 0;
    memset(&taken, 0, sizeof taken);
    cf_cbor_read_init(&r, bytes);
    if (cf_cbor_read_array(&r, &n, PICK_UP_FIELDS + 1) && n < PICK_UP_FIELDS)
        cf_cbor_read_refuse(&r);
    if (cf_cbor_read_uint(&r, &version, UINT64_MAX) && version != PICK_UP_VERSION)
        return cf_fail(err, CF_E_RECORD, "version %llu", (unsigned long long)version);
    cf_order_claim_read(&r, &taken.claim);
    taken.business_day = cf_cbor_read_u32(&r);
    cf_cbor_read_cstr(&r, taken.cashier, sizeof taken.cashier);
    cf_cbor_read_int(&r, &taken.amount_minor);
    cf_cbor_read_array(&r, &taken.n_lines, CF_ORDER_LINES_MAX);
    for (size_t i = 0; i < taken.n_lines; i++) {
        cf_cbor_read_array_of(&r, 2);
        taken.lines[i].line_no = cf_cbor_read_u32(&r);
        cf_cbor_read_int(&r, &taken.lines[i].qty_milli);
    }
    if (n > PICK_UP_FIELDS)
        cf_fiscal_answer_read_map(&r, &taken.fiscal);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        rc = check_pick_up(&taken, err);
    if (rc == CF_OK)
        *ret = taken;
    return rc;
}
