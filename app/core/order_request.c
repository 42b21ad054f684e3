/*
 * app/core/order_request.c - see order_request.h.
 */
#include "app/core/order_request.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

#define RECORD_VERSION 1
#define ASK_FIELDS 11
#define ACT_FIELDS 8
#define LINE_FIELDS 6
#define VIEW_FIELDS 11
#define VIEW_LINE_FIELDS 4
#define DAY_MAX 99991231u
#define UNIX_S_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* --- names -------------------------------------------------------------------------------------------------------- */

const char *cf_request_act_name(enum cf_request_act act)
{
    switch (act) {
    case CF_REQUEST_ASK:
        return "ask";
    case CF_REQUEST_WITHDRAW:
        return "withdraw";
    case CF_REQUEST_ACCEPT:
        return "accept";
    case CF_REQUEST_REFUSE:
        return "refuse";
    case CF_REQUEST_SEND:
        return "send";
    case CF_REQUEST_ARRIVE:
        return "ready";
    }
    assert(false && "an act without a name");
    return "";
}

enum cf_rc cf_request_act_parse(const char *name, enum cf_request_act *ret, struct cf_error *err)
{
    for (int act = CF_REQUEST_ASK; act <= CF_REQUEST_ACT_LAST; act++)
        if (strcmp(name, cf_request_act_name((enum cf_request_act)act)) == 0) {
            *ret = (enum cf_request_act)act;
            return CF_OK;
        }
    return cf_fail(err, CF_E_ARGUMENT, "\"%.20s\": accept, refuse, send, ready or withdraw", name);
}

const char *cf_request_state_name(enum cf_request_state state)
{
    switch (state) {
    case CF_REQUEST_ASKED:
        return "asked";
    case CF_REQUEST_ACCEPTED:
        return "accepted";
    case CF_REQUEST_SENT:
        return "sent";
    case CF_REQUEST_READY:
        return "ready";
    case CF_REQUEST_REFUSED:
        return "refused";
    case CF_REQUEST_WITHDRAWN:
        return "withdrawn";
    case CF_REQUEST_OVER:
        return "over";
    }
    assert(false && "a state of requests without a name");
    return "";
}

bool cf_request_is_open(enum cf_request_state state)
{
    return state != CF_REQUEST_WITHDRAWN && state != CF_REQUEST_OVER;
}

/* --- what follows ------------------------------------------------------------------------------------------------- */

unsigned cf_request_parties(uint32_t store, uint32_t asking, uint32_t asked, uint32_t at)
{
    return (store == asking ? (unsigned)CF_PARTY_ASKING : 0) | (store == asked ? (unsigned)CF_PARTY_ASKED : 0) |
           (store == at ? (unsigned)CF_PARTY_KEEPING : 0);
}

static unsigned who_may(enum cf_request_act act)
{
    switch (act) {
    case CF_REQUEST_ASK:
        return CF_PARTY_NONE; /* that is a record of its own */
    case CF_REQUEST_WITHDRAW:
        return CF_PARTY_ASKING | CF_PARTY_SHOP;
    case CF_REQUEST_ACCEPT:
    case CF_REQUEST_REFUSE:
    case CF_REQUEST_SEND:
        return CF_PARTY_ASKED | CF_PARTY_SHOP;
    case CF_REQUEST_ARRIVE:
        return CF_PARTY_KEEPING | CF_PARTY_SHOP;
    }
    return CF_PARTY_NONE;
}

/* Where the act leads from there; the state itself where it came too late; 0: nobody says so now. */
static enum cf_request_state lead(enum cf_request_state state, enum cf_request_act act, unsigned parties)
{
    bool before = state == CF_REQUEST_ASKED || state == CF_REQUEST_ACCEPTED || state == CF_REQUEST_SENT;
    switch (act) {
    case CF_REQUEST_ASK:
        return 0;
    case CF_REQUEST_WITHDRAW:
        return state == CF_REQUEST_OVER ? 0 : CF_REQUEST_WITHDRAWN;
    case CF_REQUEST_ACCEPT:
        return state == CF_REQUEST_ASKED ? CF_REQUEST_ACCEPTED : state;
    case CF_REQUEST_REFUSE:
        if (state == CF_REQUEST_READY || state == CF_REQUEST_OVER)
            return 0;
        return before ? CF_REQUEST_REFUSED : state;
    case CF_REQUEST_SEND:
        if ((parties & CF_PARTY_KEEPING) != 0) /* the goods are where they are fetched */
            return 0;
        return before ? CF_REQUEST_SENT : state;
    case CF_REQUEST_ARRIVE:
        /* The store that waits for goods cannot have them before those who have them said a word. */
        if (state == CF_REQUEST_ASKED && (parties & (CF_PARTY_ASKED | CF_PARTY_SHOP)) == 0)
            return 0;
        return before ? CF_REQUEST_READY : state;
    }
    return 0;
}

enum cf_rc cf_request_step(enum cf_request_state state, enum cf_request_act act, unsigned parties,
                           enum cf_request_state *ret, struct cf_error *err)
{
    if ((who_may(act) & parties) == 0)
        return cf_fail(err, CF_E_ORDER_HOME, "\"%s\" is not theirs to say", cf_request_act_name(act));
    enum cf_request_state next = lead(state, act, parties);
    if (next == 0)
        return cf_fail(err, CF_E_ORDER_STATE, "\"%s\", and it is %s", cf_request_act_name(act),
                       cf_request_state_name(state));
    *ret = next;
    return CF_OK;
}

/* --- rules -------------------------------------------------------------------------------------------------------- */

static bool is_text(const char *text, size_t size, bool needed)
{
    char accepted[CF_REQUEST_REASON_MAX + 1];
    size_t n = strnlen(text, size);
    assert(size <= sizeof accepted);
    return n < size && (n > 0 || !needed) &&
           (n == 0 || cf_text_accept(cf_bytes_of(text, n), accepted, sizeof accepted, NULL) == CF_OK);
}

static bool is_goods(uint64_t product, const char *name, int64_t qty_milli, bool weighed)
{
    char accepted[CF_NAME_MAX + 1];
    size_t n = strnlen(name, CF_NAME_MAX + 1);
    return product != 0 && product <= INT64_MAX && n > 0 && n <= CF_NAME_MAX &&
           cf_text_accept(cf_bytes_of(name, n), accepted, sizeof accepted, NULL) == CF_OK && qty_milli > 0 &&
           qty_milli <= CF_QTY_MILLI_MAX && (weighed || qty_milli % 1000 == 0);
}

static bool is_ref(const struct cf_sale_ref *ref)
{
    return ref->terminal != 0 && ref->epoch != 0 && ref->seq != 0 && ref->seq <= INT64_MAX;
}

static bool is_nobody(const struct cf_request_record *record)
{
    static const cf_sub nobody;
    return memcmp(record->who.b, nobody.b, sizeof nobody.b) == 0;
}

static bool is_ask(const struct cf_request_record *record)
{
    bool nobody = is_nobody(record);
    bool good = record->at != 0 && record->n_lines >= 1 && record->n_lines <= CF_ORDER_LINES_MAX &&
                is_text(record->name, sizeof record->name, !nobody && !record->is_member) &&
                is_text(record->reach, sizeof record->reach, false) &&
                (!nobody || (!record->is_member && record->name[0] == '\0' && record->reach[0] == '\0'));
    for (size_t i = 0; good && i < record->n_lines; i++) {
        const struct cf_request_line *line = &record->lines[i];
        good = is_goods(line->product, line->name, line->qty_milli, line->weighed) && line->unit_price_minor >= 0 &&
               line->unit_price_minor <= CF_PRICE_MINOR_MAX && line->tax_bp <= CF_TAX_BP_MAX;
    }
    return good;
}

static enum cf_rc check_record(const struct cf_request_record *record, struct cf_error *err)
{
    bool good = record->act >= CF_REQUEST_ASK && record->act <= CF_REQUEST_ACT_LAST &&
                record->business_day <= DAY_MAX && is_text(record->cashier, sizeof record->cashier, false);
    if (good)
        good = record->act == CF_REQUEST_ASK ? is_ask(record)
                                             : is_ref(&record->of) && is_text(record->reason, sizeof record->reason,
                                                                              record->act == CF_REQUEST_REFUSE);
    return good ? CF_OK : cf_fail(err, CF_E_RECORD, "what it says of goods that were asked for");
}

/* --- the record --------------------------------------------------------------------------------------------------- */

static void write_ask(struct cf_cbor_writer *w, const struct cf_request_record *record)
{
    cf_cbor_write_uint(w, record->asked);
    cf_cbor_write_uint(w, record->at);
    cf_cbor_write_bool(w, record->is_member);
    cf_cbor_write_bytes(w, cf_bytes_of(record->who.b, CF_SUB_BYTES));
    cf_cbor_write_text(w, record->name);
    cf_cbor_write_text(w, record->reach);
    cf_cbor_write_array(w, record->n_lines);
    for (size_t i = 0; i < record->n_lines; i++) {
        const struct cf_request_line *line = &record->lines[i];
        cf_cbor_write_array(w, LINE_FIELDS);
        cf_cbor_write_uint(w, line->product);
        cf_cbor_write_text(w, line->name);
        cf_cbor_write_int(w, line->qty_milli);
        cf_cbor_write_int(w, line->unit_price_minor);
        cf_cbor_write_uint(w, line->tax_bp);
        cf_cbor_write_bool(w, line->weighed);
    }
}

enum cf_rc cf_request_record_encode(const struct cf_request_record *record, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    enum cf_rc rc = check_record(record, err);
    if (rc != CF_OK)
        return rc;
    bool ask = record->act == CF_REQUEST_ASK;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, ask ? ASK_FIELDS : ACT_FIELDS);
    cf_cbor_write_uint(&w, RECORD_VERSION);
    cf_cbor_write_uint(&w, record->act);
    cf_cbor_write_uint(&w, record->business_day);
    cf_cbor_write_text(&w, record->cashier);
    if (ask) {
        write_ask(&w, record);
    } else {
        cf_cbor_write_uint(&w, record->of.terminal);
        cf_cbor_write_uint(&w, record->of.epoch);
        cf_cbor_write_uint(&w, record->of.seq);
        cf_cbor_write_text(&w, record->reason);
    }
    rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

static void read_ask(struct cf_cbor_reader *r, struct cf_request_record *ret)
{
    ret->asked = cf_cbor_read_u32(r);
    ret->at = cf_cbor_read_u32(r);
    cf_cbor_read_bool(r, &ret->is_member);
    cf_cbor_read_bytes_of(r, ret->who.b, CF_SUB_BYTES);
    cf_cbor_read_cstr(r, ret->name, sizeof ret->name);
    cf_cbor_read_cstr(r, ret->reach, sizeof ret->reach);
    cf_cbor_read_array(r, &ret->n_lines, CF_ORDER_LINES_MAX);
    for (size_t i = 0; i < ret->n_lines; i++) {
        struct cf_request_line *line = &ret->lines[i];
        cf_cbor_read_array_of(r, LINE_FIELDS);
        cf_cbor_read_uint(r, &line->product, INT64_MAX);
        cf_cbor_read_cstr(r, line->name, sizeof line->name);
        cf_cbor_read_int(r, &line->qty_milli);
        cf_cbor_read_int(r, &line->unit_price_minor);
        line->tax_bp = cf_cbor_read_u32(r);
        cf_cbor_read_bool(r, &line->weighed);
    }
}

static void read_ref(struct cf_cbor_reader *r, struct cf_sale_ref *ret)
{
    ret->terminal = cf_cbor_read_u32(r);
    ret->epoch = cf_cbor_read_u32(r);
    cf_cbor_read_uint(r, &ret->seq, INT64_MAX);
}

enum cf_rc cf_request_record_decode(cf_bytes bytes, struct cf_request_record *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_request_record record;
    size_t n = 0;
    uint64_t version = 0;
    memset(&record, 0, sizeof record);
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array(&r, &n, ASK_FIELDS);
    if (cf_cbor_read_uint(&r, &version, UINT64_MAX) && version != RECORD_VERSION)
        return cf_fail(err, CF_E_RECORD, "version %llu", (unsigned long long)version);
    record.act = (enum cf_request_act)cf_cbor_read_u8(&r);
    record.business_day = cf_cbor_read_u32(&r);
    cf_cbor_read_cstr(&r, record.cashier, sizeof record.cashier);
    if (n != (record.act == CF_REQUEST_ASK ? ASK_FIELDS : ACT_FIELDS))
        cf_cbor_read_refuse(&r);
    if (record.act == CF_REQUEST_ASK) {
        read_ask(&r, &record);
    } else {
        read_ref(&r, &record.of);
        cf_cbor_read_cstr(&r, record.reason, sizeof record.reason);
    }
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        rc = check_record(&record, err);
    if (rc == CF_OK)
        *ret = record;
    return rc;
}

bool cf_request_forget(struct cf_request_record *record)
{
    bool there = record->act == CF_REQUEST_ASK && !is_nobody(record);
    record->who = (cf_sub){{0}};
    record->is_member = false;
    memset(record->name, 0, sizeof record->name);
    memset(record->reach, 0, sizeof record->reach);
    return there;
}

enum cf_rc cf_request_order(const struct cf_request_record *record, int64_t expires_s, struct cf_order *ret,
                            struct cf_error *err)
{
    struct cf_order order = {.kind = CF_ORDER_UNPAID,
                             .generation = 1,
                             .store = record->at,
                             .expires_s = expires_s,
                             .n_lines = record->n_lines};
    for (size_t i = 0; i < record->n_lines; i++) {
        const struct cf_request_line *from = &record->lines[i];
        struct cf_order_line *line = &order.lines[i];
        *line = (struct cf_order_line){.product = from->product,
                                       .qty_milli = from->qty_milli,
                                       .unit_price_minor = from->unit_price_minor,
                                       .tax_bp = from->tax_bp,
                                       .weighed = from->weighed};
        memcpy(line->name, from->name, sizeof line->name);
        enum cf_rc rc = cf_muldiv_round(from->unit_price_minor, from->qty_milli, 1000, &line->amount_minor, err);
        if (rc == CF_OK && line->amount_minor > CF_PRICE_MINOR_MAX)
            rc = cf_fail(err, CF_E_RANGE, "%s: so much of it", from->name);
        if (rc != CF_OK)
            return rc;
        order.total_minor += line->amount_minor; /* 64 amounts of 10^12 fit */
    }
    *ret = order;
    return CF_OK;
}

/* --- what goes down ----------------------------------------------------------------------------------------------- */

static bool is_view(const struct cf_request_view *view)
{
    bool good = view->number != 0 && is_ref(&view->of) && view->asking != 0 && view->at != 0 &&
                (view->at == view->asking || view->at == view->asked) && view->state >= CF_REQUEST_ASKED &&
                view->state <= CF_REQUEST_STATE_LAST && view->asked_s >= 0 && view->asked_s <= UNIX_S_MAX &&
                is_text(view->reason, sizeof view->reason, false) && view->n_lines >= 1 &&
                view->n_lines <= CF_ORDER_LINES_MAX;
    for (size_t i = 0; good && i < view->n_lines; i++)
        good = is_goods(view->lines[i].product, view->lines[i].name, view->lines[i].qty_milli, view->lines[i].weighed);
    return good;
}

enum cf_rc cf_request_view_encode(const struct cf_request_view *view, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    if (!is_view(view))
        return cf_fail(err, CF_E_RANGE, "request %u", view->number);
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, VIEW_FIELDS);
    cf_cbor_write_uint(&w, view->number);
    cf_cbor_write_uint(&w, view->of.terminal);
    cf_cbor_write_uint(&w, view->of.epoch);
    cf_cbor_write_uint(&w, view->of.seq);
    cf_cbor_write_uint(&w, view->asking);
    cf_cbor_write_uint(&w, view->asked);
    cf_cbor_write_uint(&w, view->at);
    cf_cbor_write_uint(&w, view->state);
    cf_cbor_write_int(&w, view->asked_s);
    cf_cbor_write_text(&w, view->reason);
    cf_cbor_write_array(&w, view->n_lines);
    for (size_t i = 0; i < view->n_lines; i++) {
        cf_cbor_write_array(&w, VIEW_LINE_FIELDS);
        cf_cbor_write_uint(&w, view->lines[i].product);
        cf_cbor_write_text(&w, view->lines[i].name);
        cf_cbor_write_int(&w, view->lines[i].qty_milli);
        cf_cbor_write_bool(&w, view->lines[i].weighed);
    }
    enum cf_rc rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

enum cf_rc cf_request_view_decode(cf_bytes bytes, struct cf_request_view *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_request_view view;
    memset(&view, 0, sizeof view);
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, VIEW_FIELDS);
    view.number = cf_cbor_read_u32(&r);
    read_ref(&r, &view.of);
    view.asking = cf_cbor_read_u32(&r);
    view.asked = cf_cbor_read_u32(&r);
    view.at = cf_cbor_read_u32(&r);
    view.state = (enum cf_request_state)cf_cbor_read_u8(&r);
    cf_cbor_read_int(&r, &view.asked_s);
    cf_cbor_read_cstr(&r, view.reason, sizeof view.reason);
    cf_cbor_read_array(&r, &view.n_lines, CF_ORDER_LINES_MAX);
    for (size_t i = 0; i < view.n_lines; i++) {
        cf_cbor_read_array_of(&r, VIEW_LINE_FIELDS);
        cf_cbor_read_uint(&r, &view.lines[i].product, INT64_MAX);
        cf_cbor_read_cstr(&r, view.lines[i].name, sizeof view.lines[i].name);
        cf_cbor_read_int(&r, &view.lines[i].qty_milli);
        cf_cbor_read_bool(&r, &view.lines[i].weighed);
    }
    if (r.rc == CF_OK && !is_view(&view))
        cf_cbor_read_refuse(&r);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = view;
    return rc;
}
