/*
 * app/terminal/till_internal.h - the inside of a till, shared by the till_*.c files and nobody else.
 */
#ifndef CF_TERMINAL_TILL_INTERNAL_H
#define CF_TERMINAL_TILL_INTERNAL_H

#include "app/core/lease_return.h"
#include "app/core/user.h"
#include "app/receipt/sale_receipt.h"
#include "app/terminal/open_sale.h"
#include "app/terminal/till.h"
#include "sync/wire/hub.h"

#define TILL_CAMPAIGNS_MAX 4096
#define TILL_IGNORED_MAX 32
/* Rights in doubt that a till remembers. It stops asking early enough for what the open sale and all parked ones may
 * still give back, so that none is ever forgotten. */
#define TILL_DOUBTFUL_MAX 1024
#define TILL_DOUBTFUL_ASK_MAX (TILL_DOUBTFUL_MAX - 33 * CF_SALE_COUPONS_MAX)
#define TILL_HUB_KEYS 64    /* request keys of which the till knows that the centre holds nothing under them */
#define TILL_ASK_PAUSE_S 30 /* after the link failed, coupons do not wait for it again so soon */

/* Who stands at the till. */
struct till_people {
    uint64_t n_users; /* of the store; 0: it is one nameless cashier */
    bool is;          /* somebody is logged in */
    struct cf_user user;
    cf_mono active_at; /* when they last did anything */
    bool allows;       /* somebody else allowed the next act that needs it */
    struct cf_user by;
    cf_mono allowed_at;
    char reason[CF_USER_REASON_MAX + 1];
};

/* An order that somebody stands there for. */
struct till_order {
    struct cf_order order;
    uint32_t code_generation; /* 0: it was chosen by its number */
};

struct cf_till {
    const struct cf_env *env;
    char *dir, *replica_dir; /* the same but in training */
    bool training;
    bool trial;
    bool weighs; /* there is a scale */
    uint32_t terminal, epoch, store;
    char label[CF_LABEL_MAX + 1];
    uint64_t start_seq;                /* the record of this start; 0: none was written */
    char nameless[CF_CASHIER_MAX + 1]; /* the cashier of a store without users */
    char cashier[CF_CASHIER_MAX + 1];  /* on records and receipts: whoever is logged in */
    struct till_people people;
    cf_public_key roots[2];
    struct cf_private_key *sign_key;
    struct cf_journal *journal;
    struct cf_replica *replica;
    struct cf_keyring *keyring;
    struct cf_incarnation_file *incarnation; /* NULL: the config's own store is used */
    uint32_t return_window_days;             /* 0: as the store's rules have it */
    int64_t variance_limit_minor;            /* 0: as the store's rules have it */
    enum cf_quarantine_why quarantine;       /* by the journal; see till_is_quarantined */

    /* read from the replica, again whenever it changed */
    struct cf_store_settings settings;
    struct cf_store_rules rules;
    struct cf_campaign **campaigns;
    size_t n_campaigns;
    size_t n_ignored; /* campaigns of a newer centre, by name */
    struct cf_till_ignored ignored[TILL_IGNORED_MAX];
    bool ignored_told; /* a sale has said so */
    struct cf_sync_state sync;
    uint64_t read_cursor; /* of what was read of the replica; `sync` may be heard of in the middle of a sale */
    struct cf_topic_state keys_read, grants_read, campaigns_read; /* of which versions keyring and campaigns are */
    bool has_read;

    cf_wall last_record; /* whose time was not in doubt */
    struct cf_open_sale sale;
    /* rights that the centre was asked for without an answer: never accepted offline until the record of it is
     * acknowledged */
    size_t n_doubtful;
    struct {
        struct cf_void_request request;
        uint64_t seq;
    } doubtful[TILL_DOUBTFUL_MAX];
    bool ask_online;
    cf_mono ask_again_at;
    bool ask_hub;
    cf_mono ask_hub_again_at;
    struct cf_hub_entry hub_entry; /* terminal 0: none */
    bool parked_unsettled;         /* there may be something for till_settle_parked */
    uint8_t hub_keys[TILL_HUB_KEYS][CF_REQUEST_KEY_BYTES];
    size_t next_hub_key;
    struct cf_pay_port card, mobile;
    struct cf_fiscal_port fiscal;
    char pay_code[CF_PAY_CODE_MAX + 1]; /* of the payment that is open */
    cf_mono look_at_leases_at;          /* when there may be something to give back */
    struct till_order *order;           /* that was scanned last; NULL: none */
    bool look_at_values;                /* there may be something to give up */
    struct cf_journal_day *day;         /* the open one, as far as it was read; NULL: nobody has asked for it */
    struct cf_buf scratch;
};

/* The open day, all of it: what was read before is not read again. The till's, until the next record. */
enum cf_rc till_day(struct cf_till *till, const struct cf_journal_day **ret, struct cf_error *err) CF_MUST_CHECK;

/* Takes a step into the sale, then into the journal. If the journal refuses it, the sale is built again from the
 * journal, so memory never runs ahead of what is kept. */
enum cf_rc till_take(struct cf_till *till, const struct cf_step *step, struct cf_error *err) CF_MUST_CHECK;
/* The two halves of it: into the sale in memory; and into the journal what the sale has taken. */
enum cf_rc till_try(struct cf_till *till, const struct cf_step *step, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc till_keep(struct cf_till *till, const struct cf_step *step, struct cf_error *err) CF_MUST_CHECK;
/* The open sale as the journal has it. */
enum cf_rc till_replay(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* Reads again from the replica what changed. Between sales only: the open sale's offers point into what it replaces. */
enum cf_rc till_refresh(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* What the sync has come to, into till->sync. A replica outlives the journal beside it: what it says of an epoch before
 * is neither acknowledged nor heard. */
enum cf_rc till_hear_sync(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* What the open sale is priced by; `next`, if it brings a coupon, is about to be applied. NULL: none. */
struct cf_offer_source till_offers(struct cf_till *till, const struct cf_step *next);
struct cf_stamp till_stamp(const struct cf_till *till, const struct cf_clock_reading *clock);

/* Journals that the centre shall undo a request key. */
enum cf_rc till_void_request(struct cf_till *till, const struct cf_void_request *request,
                             struct cf_error *err) CF_MUST_CHECK;
/* Is there room for another right in doubt? Else do not ask. */
bool till_may_doubt(struct cf_till *till);
/* The date that the store's calendar shows. */
uint32_t till_business_day(struct cf_till *till);
/* Time does not run before a record whose time was known. */
void till_note_time(struct cf_till *till, cf_wall wall, enum cf_time_quality quality);
/* Undoes an ask whose answer is not known, before its step would be forgotten. */
enum cf_rc till_settle_ask(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* After a refusal: where no sale is open, what is left of asking is no step of one. */
enum cf_rc till_forget_asks(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
bool till_is_doubtful(const struct cf_till *till, uint32_t campaign, uint32_t index);

/* What somebody gave as a reason, without blanks around it: one of blanks alone is none, "". NULL is "". Errors of
 * cf_text_accept. till_people.c */
enum cf_rc till_accept_reason(const char *said, char *out, size_t cap, struct cf_error *err) CF_MUST_CHECK;

/* till_member.c */
enum cf_rc till_scan_member(struct cf_till *till, const struct cf_code *code, struct cf_error *err) CF_MUST_CHECK;
/* After a sale was recalled: this till may have sold to its member meanwhile. */
enum cf_rc till_recount_visits(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;

/* till_goods.c */
enum cf_rc till_scan_goods(struct cf_till *till, const struct cf_scan *scan, const struct cf_till_answers *answers,
                           uint32_t *ret_line_no, struct cf_error *err) CF_MUST_CHECK;
/* The goods of a code. CF_E_PRODUCT_UNKNOWN; errors of labels. */
enum cf_rc till_find_product(struct cf_till *till, const struct cf_scan *scan, struct cf_product *ret,
                             struct cf_error *err) CF_MUST_CHECK;
/* Goods of an order or a quotation, which no code stands for: may they be sold to this shopper, and who looked? What
 * the till does not know is not refused. CF_E_GOODS_RECALLED, CF_E_GOODS_AGE, CF_E_GOODS_YOUNG. answers may be NULL. */
enum cf_rc till_admit_goods(struct cf_till *till, uint64_t product, const struct cf_till_answers *answers,
                            struct cf_line_extra *ret, struct cf_error *err) CF_MUST_CHECK;
/* Goods that were quoted once, as a line of today: at what they cost now, if they may be sold to this shopper. Errors
 * of a scan; CF_E_PRODUCT_UNKNOWN for goods that are gone. answers may be NULL. */
enum cf_rc till_quoted_goods(struct cf_till *till, const struct cf_sale_line *quoted,
                             const struct cf_till_answers *answers, struct cf_step *ret,
                             struct cf_error *err) CF_MUST_CHECK;
/* After a member came: what lists say for this member takes the place of what they say for everybody. */
enum cf_rc till_reprice(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;

/* till_start.c */
/* Once, when journal and replica are open: notes the start, in the journal and outside, or that the till is in
 * quarantine from now on. */
enum cf_rc till_start(struct cf_till *till, const struct cf_incarnation_store *store,
                      struct cf_error *err) CF_MUST_CHECK;
/* Erases what is to be erased, as far as it may be. Between sales. */
enum cf_rc till_forget(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* Spends, issues, releases and gives back no rights? */
bool till_is_quarantined(const struct cf_till *till);

/* till_coupon.c */
/* Today, by the calendar of the store, as on the sale's record: 20261122. */
uint32_t till_day_at(const struct cf_till *till, cf_wall now);
/* What this till was leased of a campaign, and what is left of it. */
struct till_lease {
    struct cf_lease_grant grant;
    int64_t units, minor; /* below zero: spent by a replica that knew of more */
};
enum cf_rc till_own_lease(const struct cf_till *till, uint32_t campaign, struct till_lease *ret,
                          struct cf_error *err) CF_MUST_CHECK;
/* What is left of the lease that this redemption would spend, if it would, and if it is not there. */
void till_put_own_left(const struct cf_till *till, const struct cf_redemption *redemption, cf_wall now,
                       struct cf_offer_source *offers);
/* What is left here of each automatic promotion that is counted. */
void till_put_units(struct cf_till *till, cf_wall now, struct cf_offer_source *offers);
enum cf_rc till_scan_coupon(struct cf_till *till, const struct cf_code *code, struct cf_error *err) CF_MUST_CHECK;
/* Is every effective coupon still ours to spend? Asked right before the commit. */
/* Is it a coupon of the receipt whose goods all come back in exchange for those of the open sale? */
enum cf_rc till_exchange_revokes(struct cf_till *till, uint32_t campaign, uint32_t index, bool *ret,
                                 struct cf_error *err) CF_MUST_CHECK;
enum cf_rc till_check_coupons(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;

/* till_lease.c */
/* Gives back what is leased here and not to be kept: a record each. `all`: however many; else a few, and only if there
 * is news. Between sales only. */
enum cf_rc till_return_leases(struct cf_till *till, bool all, struct cf_error *err) CF_MUST_CHECK;
/* What goes back of so much that is left, when so many units are to be kept: money in proportion, but for what one use
 * may need; all of it with nothing to keep. */
enum cf_rc till_work_out_return(const struct cf_campaign *campaign, int64_t units, int64_t minor, int64_t keep,
                                struct cf_lease_return *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc till_write_hub_return(struct cf_till *till, enum cf_record_type type,
                                 const struct cf_hub_lease_return *given, struct cf_error *err) CF_MUST_CHECK;
/* What this till knows about a coupon, for cf_coupon_judge. */
enum cf_rc till_coupon_facts(struct cf_till *till, const struct cf_coupon *coupon, struct cf_coupon_facts *facts,
                             struct cf_error *err) CF_MUST_CHECK;

/* till_relay.c */
enum cf_rc till_scan_ticket(struct cf_till *till, const struct cf_code *code, struct cf_error *err) CF_MUST_CHECK;
/* Journals the end of each challenge that no sale waits for any more. What is not closed now is at the next call. */
enum cf_rc till_close_challenges(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;

/* till_order.c */
/* Looks at the order that the code names, for cf_till_order and cf_till_hand_out. One that is not paid yet goes into
 * the open sale, *ret_in_sale. */
enum cf_rc till_scan_order(struct cf_till *till, const struct cf_code *code, const struct cf_till_answers *answers,
                           bool *ret_in_sale, struct cf_error *err) CF_MUST_CHECK;
/* Is the order of the sale still to be handed out here? Asked right before the commit. */
enum cf_rc till_check_order(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* After a line was void, and at a start: where the sale has nothing of its order any more, what somebody holds for it
 * goes back before the sale is committed, so that no kill behind that can leave it held. */
enum cf_rc till_leave_order(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* Before a sale is cancelled: what somebody holds for its order goes back, and its lines leave. */
enum cf_rc till_give_back_order(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* After a sale that did not hand it out after all. What cannot be given back now stays held: too strict, never too lax.
 */
void till_drop_order(struct cf_till *till);

/* till_hub.c */
bool till_has_hub(const struct cf_till *till);
/* Not while it did not answer a moment ago. */
bool till_may_ask_hub(struct cf_till *till);
/* Asks the hub for the right, with the key in the journal first. CF_OK: it holds the right for us, and held->online
 * says so. CF_E_LINK_DOWN: nothing was taken, there is no hub now. Anything else: refused. */
enum cf_rc till_ask_hub(struct cf_till *till, const struct cf_coupon *coupon, struct cf_step_coupon *held,
                        struct cf_error *err) CF_MUST_CHECK;
/* The centre took the right for us already, under this key; so that no other till of the store takes it, the hub is
 * told. Refused only by a hub that says so; one that is silent holds it, if it heard, under our own key. */
enum cf_rc till_tell_hub(struct cf_till *till, const struct cf_coupon *coupon, const uint8_t key[CF_REQUEST_KEY_BYTES],
                         struct cf_error *err) CF_MUST_CHECK;
/* One ask of sync/wire/sale_ask.h, and its reply. CF_E_LINK_DOWN: nothing was taken, there is no hub now. */
enum cf_rc till_ask_hub_for_sale(struct cf_till *till, cf_bytes request, struct cf_buf *ret_reply,
                                 struct cf_error *err);
/* After the record that gives the right back; true if the hub has heard it. */
bool till_release_at_hub(struct cf_till *till, const struct cf_void_request *request);
/* The keys under which only the hub may hold something. */
void till_note_hub_key(struct cf_till *till, const uint8_t key[CF_REQUEST_KEY_BYTES]);
/* The same for a coupon on the sale that the centre did not say yes to. */
void till_note_holder(struct cf_till *till, const struct cf_step_coupon *coupon);
void till_forget_hub_key(struct cf_till *till, const uint8_t key[CF_REQUEST_KEY_BYTES]);
bool till_is_hub_key(const struct cf_till *till, const uint8_t key[CF_REQUEST_KEY_BYTES]);
/* This terminal is the hub: what it ever lowered of what it may lend, after it did as asked. */
enum cf_rc till_ask_hub_to_give_back(struct cf_till *till, const struct cf_hub_giveback_ask *ask,
                                     struct cf_hub_givebacks *ret, struct cf_error *err) CF_MUST_CHECK;

/* till_sublease.c */
/* What is left of what the hub of that epoch lent. */
enum cf_rc till_sublease_left(const struct cf_till *till, const struct cf_campaign *campaign, uint32_t hub_epoch,
                              cf_wall now, struct cf_own_left *ret, struct cf_error *err) CF_MUST_CHECK;
/* What of the newest hub epoch is left for another coupon of this sale; hub epoch 0: of none there is any. */
enum cf_rc till_find_sublease(struct cf_till *till, const struct cf_campaign *campaign, cf_wall now,
                              struct cf_own_left *ret, struct cf_error *err) CF_MUST_CHECK;
/* Gives back what the hub lent and is not to be kept. *ret_gave is set if there was something. */
enum cf_rc till_return_sublease(struct cf_till *till, const struct cf_campaign *campaign, bool over, bool *ret_gave,
                                struct cf_error *err) CF_MUST_CHECK;
/* If this terminal is the hub: what the store was leased and is neither lent nor to be kept goes back to the centre. A
 * hub that does not answer is asked again at the next look. */
enum cf_rc till_return_store_lease(struct cf_till *till, cf_wall certainly, struct cf_error *err) CF_MUST_CHECK;

/* One message of sync/wire/parked.h, and what the hub answers. CF_E_LINK_DOWN: surely not sent. */
enum cf_rc till_ask_hub_parked(struct cf_till *till, const char *path, cf_bytes body, struct cf_buf *ret_reply,
                               struct cf_error *err) CF_MUST_CHECK;

/* till_sale.c */
/* Before money is taken: is everything that the commit asks for still ours (coupons, the order, the quotation), and is
 * the price of now, as cf_till_total has it, not higher than it was seen? CF_E_PRICE_ROSE; what the commit would refuse
 * with. The open sale is priced as of now afterwards. */
enum cf_rc till_check_before_money(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* Takes coupons off the sale before it is cancelled or handed over: those that somebody holds for it go back; the
 * others too with `all`. */
enum cf_rc till_give_back_coupons(struct cf_till *till, bool all, struct cf_error *err) CF_MUST_CHECK;

/* till_park.c */
/* At a start and between sales: sales of which it is not known whether the hub has them, or has given them here. CF_OK
 * however that went, but for what is broken. */
enum cf_rc till_find_parked(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* What is parked here, or may be at the hub. */
enum cf_rc till_parked_here(struct cf_till *till, struct cf_till_parked ret[CF_TILL_PARKED_HERE_MAX], size_t *ret_n,
                            struct cf_error *err) CF_MUST_CHECK;
enum cf_rc till_settle_parked(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* What whoever is logged in parked here, and is void on it. */
enum cf_rc till_parked_voids(struct cf_till *till, int64_t *ret_minor, struct cf_error *err) CF_MUST_CHECK;

/* till_people.c */
/* The store's users as the replica has them now. */
enum cf_rc till_load_people(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* Whoever was logged in before the restart still is, within one boot. */
enum cf_rc till_resume_session(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/*
 * May whoever is logged in do this now, alone or by an override that was given for it? An override is used up and on
 * record when this returns. `size` NULL: neither amount nor percent. CF_E_PERMIT, CF_E_USER_NONE; of the journal.
 */
enum cf_rc till_permit(struct cf_till *till, enum cf_act act, const struct cf_act_size *size,
                       struct cf_error *err) CF_MUST_CHECK;
/* The same for a change of a line: VOID, PRICE or QUANTITY. */
enum cf_rc till_permit_change(struct cf_till *till, enum cf_step_kind kind, uint32_t line_no, int64_t value,
                              struct cf_error *err) CF_MUST_CHECK;
/* To take the first payment: selling, and all that was taken off by hand, which goods scanned since may have made more.
 */
enum cf_rc till_permit_tender(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;

/* till_report.c */
enum cf_rc till_day_receipt(const struct cf_till *till, const struct cf_till_report *report,
                            const struct cf_committed *at, struct cf_receipt **ret, struct cf_error *err) CF_MUST_CHECK;
/* till_drawer.c */
enum cf_rc till_expected_cash(struct cf_till *till, int64_t *ret_minor, struct cf_error *err) CF_MUST_CHECK;

/* till_value.c */
/* Undoes each request for money of accounts that is on no tender: before its steps would be forgotten. */
enum cf_rc till_settle_values(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* Is what lies here alone still there for the tenders? Asked right before the commit. */
enum cf_rc till_check_values(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* Gives up what lay here alone and is the centre's again: cards that it has heard of, amounts that were called back.
 * Between sales only. */
enum cf_rc till_release_values(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/*
 * A new account, by this till's range of numbers, with its code for the receipt: for a card that is sold, for store
 * credit on a return. `more`: how many the same record gives out already. Nothing is kept: the caller puts the card
 * into its record, whose fold calls cf_journal_fold_card, and the centre cf_value_card_out. CF_E_VALUE_RANGE,
 * CF_E_QUARANTINED, CF_E_TRAINING.
 */
enum cf_rc till_value_give_out(struct cf_till *till, enum cf_gift_kind kind, int64_t amount_minor, size_t more,
                               struct cf_value_card *ret, char ret_text[CF_CODE_TEXT_MAX],
                               struct cf_error *err) CF_MUST_CHECK;

/* All that is on a card, for whoever takes it back: what lies here alone, and what the centre holds under a key that is
 * journalled before, as for a tender. cf_journal_commit_card_back settles it; without that till_settle_values undoes
 * it. Errors of cf_till_card_back. */
enum cf_rc till_value_take_all(struct cf_till *till, cf_bytes code, struct cf_card_back *ret,
                               struct cf_error *err) CF_MUST_CHECK;

/* "Store credit 储值 **** 0042 12.50", for its receipt. */
void till_value_caption(const struct cf_value_card *card, cf_currency currency, char ret[CF_NAME_MAX + 1]);

/* till_pay.c */
/* As till_take, but on the disk when it returns: before anything is sent that must be undone one day. */
enum cf_rc till_take_durably(struct cf_till *till, const struct cf_step *step, struct cf_error *err) CF_MUST_CHECK;
/* At a start: a payment that was cut short is unknown, and is asked about if there is somebody to ask. CF_OK however
 * that went, but for what is broken. */
enum cf_rc till_settle_payment(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;

/* till_exchange.c */
/* Takes the goods that came back off the sale again; whoever keeps them for us is told. */
enum cf_rc till_drop_exchange(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;

/* May goods be taken back now, by whoever is there? The till's data are fresh then. */
enum cf_rc till_begin_return(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;

/* Asks for the refunds that are owed and were not asked for yet, one after the other, until one is not given. Errors of
 * cf_till_pay's answers, but CF_E_PAYMENT_KEPT for a refusal. */
enum cf_rc till_ask_refunds(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* Is there somebody to ask for refunds of such tenders, *ret_asked, and do they answer? CF_E_PAYMENT_LINK. */
enum cf_rc till_refund_link(struct cf_till *till, enum cf_tender_kind kind, bool *ret_asked,
                            struct cf_error *err) CF_MUST_CHECK;

/* till_commit.c */
/* What all receipts say of the store; views into the till. */
struct cf_store_info till_store_info(const struct cf_till *till, cf_wall at);
struct till_chain_tag {
    char text[CF_CHAIN_TAG_CHARS + 1];
};
struct till_chain_tag till_chain_tag(const struct cf_sha256 *hash);
/* The end of every receipt: its bytes, if it was built; it is freed either way. */
enum cf_rc till_receipt_bytes(enum cf_rc built, struct cf_receipt *receipt, struct cf_buf *ret,
                              struct cf_error *err) CF_MUST_CHECK;
enum cf_rc till_commit(struct cf_till *till, struct cf_till_sold *ret, struct cf_error *err) CF_MUST_CHECK;
/* The last second of the store's civil day that is so many after today. */
int64_t till_end_of_day_s(cf_wall now, int utc_offset_min, uint32_t days);
/* The open sale as a sale that nobody paid: for a quotation. Texts are views into the till. */
struct till_unpaid {
    struct cf_sale *sale; /* owned */
    struct cf_receipt_line lines[CF_CART_LINES_MAX];
    const char *reasons[CF_OFFERS_MAX];
    const char *by_hand[CF_HAND_DISCOUNTS_MAX];
};
/* As it is priced now; no coupon is held. Free with till_unpaid_free. */
enum cf_rc till_unpaid_new(struct cf_till *till, cf_wall now, struct till_unpaid **ret,
                           struct cf_error *err) CF_MUST_CHECK;
void till_unpaid_free(struct till_unpaid *unpaid);

/* till_quote.c */
/* The quotation of the sale, if it still has goods of it: were they sold under it here meanwhile? Asked right before
 * the commit. */
enum cf_rc till_check_quote(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* And is it still good? The sale may have been parked, or left open, since it was. Asked before the first payment only:
 * what was paid in time is sold. CF_E_QUOTE_EXPIRED. */
enum cf_rc till_check_quote_end(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;

#endif
