/*
 * tests/unit/hub/forget_test.c - members whom the hub is told to forget are in no byte of hub.db or of its log, as soon
 * as the centre has their records; what is left is still what the tills signed.
 */
#include "sync/wire/sale_ask.h"
#include "tests/unit/hub/hub_world.h"

#include <stdlib.h>
#include <string.h>

#include "app/core/record.h"

static struct cf_batch batch, got;
static struct cf_buf bytes;
#define A (&world->till[0])
#define B (&world->till[1])
#define C (&world->till[2])

static const cf_sub ANN = {{0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6, 0x07, 0x18}};
static const cf_sub BOB = {{0xB1, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8}};

/* How often these bytes stand in hub.db and beside it. */
static unsigned times(struct hub_world *world, const void *needle, size_t n)
{
    static const char *const files[] = {"hub.db", "hub.db-wal", "hub.db-shm"};
    unsigned hits = 0;
    for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
        struct cf_buf CF_CLEANUP(cf_buf_done) content;
        cf_buf_init(&content, 64u << 20);
        if (cf_env_system()->ops->file_read(NULL, in_folder(world->folder, files[k]), &content, NULL) != CF_OK ||
            content.n == 0)
            continue;
        const uint8_t *at = content.p, *end = content.p + content.n;
        while ((at = memmem(at, (size_t)(end - at), needle, n)) != NULL) {
            hits++;
            at++;
        }
    }
    return hits;
}

static unsigned times_of(struct hub_world *world, cf_sub member)
{
    return times(world, member.b, sizeof member.b);
}

/* One batch: a sale to Ann, one to nobody, one to Bob; with salts that can be told. */
static void push_three(struct hub_world *world, struct hub_till *till)
{
    batch_begin(till, &batch);
    make_member_sale(till, &batch, ANN);
    make_sale(till, &batch, 0, 0, 0);
    make_member_sale(till, &batch, BOB);
    for (size_t i = 0; i < batch.n_records; i++)
        memset(batch.records[i].salt, (int)(0x60 + i), CF_SALT_BYTES);
    batch_sign(till, &batch, &bytes);
    assert_rc(hub_push(world, till, &batch), CF_OK);
}

static struct cf_hub_store *opened(struct hub_world *world)
{
    struct cf_hub_store *store = NULL;
    assert_ok(cf_hub_store_open(world->folder, &store, &err));
    return store;
}

static uint64_t forget(struct hub_world *world, struct cf_hub_store *store)
{
    uint64_t n = 99;
    assert_ok(cf_hub_forget(store, world->replica, &n, &err));
    return n;
}

/* Asks for all of a sale's goods: the reply's rc. */
static enum cf_rc find(struct hub_world *world, struct hub_till *asks, struct hub_till *seller, uint64_t seq)
{
    static struct cf_sale_reply reply;
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    struct cf_sale_ask ask = {.terminal = asks->terminal,
                              .epoch = asks->epoch,
                              .of = {.terminal = seller->terminal, .epoch = seller->epoch, .seq = seq},
                              .all = true};
    memset(ask.request_key, (int)(seller->terminal + seq), sizeof ask.request_key);
    cf_buf_init(&body, CF_SALE_ASK_BYTES_MAX);
    assert_ok(cf_sale_ask_encode(&ask, &body, &err));
    assert_rc(hub_ask(world, asks, CF_PATH_HUB_SALE, cf_buf_bytes(&body)), CF_OK);
    assert_ok(cf_sale_reply_decode(world->frame.body, &reply, &err));
    return reply.rc;
}

static void answer_watermark(struct hub_world *world, uint64_t seq)
{
    static struct cf_answer answer;
    answer = (struct cf_answer){.ack_seq = seq};
    world->net_status = 200;
    cf_buf_clear(&world->net_answer);
    assert_ok(cf_answer_encode(&answer, &world->net_answer, &err));
}

static void a_member_is_in_no_byte_once_the_centre_has_the_records(void **state)
{
    struct hub_world *world = *state;
    struct cf_hub_store *store = opened(world);
    uint8_t salts[2][CF_SALT_BYTES];
    memset(salts[0], 0x60, CF_SALT_BYTES);
    memset(salts[1], 0x62, CF_SALT_BYTES);
    push_three(world, B);
    push_three(world, C);
    assert_int_equal(forget(world, store), 0); /* nobody is to be forgotten */
    down_erase(world, ANN);
    assert_int_equal(forget(world, store), 0); /* a fact is never lost */
    assert_true(times_of(world, ANN) >= 2);
    assert_ok(cf_hub_store_acknowledge(store, B->terminal, 1, 3, &err));
    assert_int_equal(forget(world, store), 1);
    assert_int_equal(times_of(world, ANN), 1); /* C's */
    assert_int_equal(times(world, salts[0], CF_SALT_BYTES), 1);
    assert_ok(cf_hub_store_acknowledge(store, C->terminal, 1, 3, &err));
    assert_int_equal(forget(world, store), 1);
    assert_int_equal(times_of(world, ANN), 0);
    assert_int_equal(times(world, salts[0], CF_SALT_BYTES), 0);
    assert_int_equal(times_of(world, BOB), 2);
    assert_int_equal(times(world, salts[1], CF_SALT_BYTES), 2);
    assert_int_equal(forget(world, store), 0);
    /* The next one looks at all of it again. */
    down_erase(world, BOB);
    assert_int_equal(forget(world, store), 2);
    assert_int_equal(times_of(world, BOB), 0);
    /* The hub was not started anew, and goes on. */
    assert_int_equal(find(world, A, B, 1), CF_E_RETURN_SALE);
    assert_int_equal(find(world, A, B, 2), CF_OK);
    push_three(world, B);
    assert_ok(cf_hub_store_acknowledge(store, B->terminal, 1, 6, &err));
    assert_int_equal(forget(world, store), 2);
    assert_int_equal(times_of(world, ANN) + times_of(world, BOB), 0);
    cf_hub_store_close(store);
    assert_ok(hub_reopen(world));
}

static void what_is_left_is_still_what_the_till_signed(void **state)
{
    struct hub_world *world = *state;
    struct cf_hub_store *store = opened(world);
    struct cf_hub_relayed relayed;
    uint8_t signed_bytes[CF_BATCH_SIGNED_BYTES];
    cf_public_key key;
    struct cf_verifier *verifier = NULL;
    push_three(world, B);
    down_erase(world, ANN);
    /* The centre has the first two only: of Bob's sale it must still hear. */
    assert_ok(cf_hub_store_acknowledge(store, B->terminal, 1, 2, &err));
    assert_int_equal(forget(world, store), 1);
    assert_int_equal(times_of(world, ANN), 0);
    answer_watermark(world, 3);
    assert_ok(cf_hub_relay(store, &world->env, (cf_wall){INT64_MAX}, &relayed, &err));
    assert_int_equal(relayed.batches, 1);
    assert_ok(cf_batch_decode(cf_buf_bytes(&world->net_asked), &got, &err));
    assert_int_equal(got.n_records, 3);
    struct cf_sha256 at = got.previous;
    for (size_t i = 0; i < got.n_records; i++) {
        struct cf_sha256 hash = got.records[i].body.p != NULL ? cf_record_body_hash(&got.records[i]) : got.erased[i];
        assert_int_equal(got.records[i].body.p == NULL, i == 0);
        at = cf_record_chain(&at, &got.records[i], &hash);
    }
    assert_memory_equal(at.digest, got.head.digest, CF_SHA256_BYTES);
    cf_private_key_public(B->key, &key);
    assert_ok(cf_verifier_new(&key, &verifier, &err));
    cf_batch_signed_bytes(&got, signed_bytes);
    assert_ok(cf_verify(verifier, cf_bytes_of(signed_bytes, sizeof signed_bytes), &got.signature, &err));
    cf_verifier_free(verifier);
    /* And what came to be acknowledged with it is looked at. */
    down_erase(world, BOB);
    assert_int_equal(forget(world, store), 1);
    assert_int_equal(times_of(world, BOB), 0);
    cf_hub_store_close(store);
    /* A till that has forgotten already is believed by the hash, as the centre would. */
    hub_shut(world);
    C->seq = 0;
    assert_ok(hub_reopen(world));
    batch_begin(C, &batch);
    make_member_sale(C, &batch, ANN);
    make_sale(C, &batch, 0, 0, 0);
    batch_sign(C, &batch, &bytes);
    batch.erased[0] = cf_record_body_hash(&batch.records[0]);
    batch.records[0].body = (cf_bytes){NULL, 0};
    assert_rc(hub_push(world, C, &batch), CF_OK);
    batch.erased[0].digest[0] ^= 1;
    assert_rc(hub_push(world, C, &batch), CF_E_PROTOCOL);
}

static cf_wall in_a_month(struct hub_world *world)
{
    return (cf_wall){cf_env_wall(&world->env).us + CF_US_PER_S};
}

static void baskets_that_are_kept_no_longer_leave_no_byte(void **state)
{
    struct hub_world *world = *state;
    struct cf_hub_store *store = opened(world);
    push_three(world, B);
    push_three(world, C);
    assert_ok(cf_hub_store_acknowledge(store, B->terminal, 1, 3, &err));
    assert_ok(cf_hub_store_prune(store, in_a_month(world), &err));
    assert_int_equal(forget(world, store), 0);
    assert_int_equal(times_of(world, ANN), 1); /* C's is not acknowledged */
    assert_ok(cf_hub_store_acknowledge(store, C->terminal, 1, 3, &err));
    assert_ok(cf_hub_store_prune(store, in_a_month(world), &err));
    assert_int_equal(forget(world, store), 0);
    assert_int_equal(times_of(world, ANN) + times_of(world, BOB), 0);
    assert_int_equal(find(world, A, B, 1), CF_E_RETURN_SALE);
    cf_hub_store_close(store);
}

/* Small and large batches side by side, so that SQLite moves them from page to page. */
static void no_page_that_was_moved_keeps_a_copy(void **state)
{
    struct hub_world *world = *state;
    struct cf_hub_store *store = opened(world);
    for (unsigned round = 0; round < 120; round++) {
        struct hub_till *till = &world->till[round % HUB_TILLS];
        batch_begin(till, &batch);
        for (unsigned i = 0; i <= round * 7 % 23; i++) {
            if ((round + i) % 3 == 0)
                make_member_sale(till, &batch, i % 2 ? ANN : BOB);
            else
                make_sale(till, &batch, 0, 0, 0);
        }
        batch_sign(till, &batch, &bytes);
        assert_rc(hub_push(world, till, &batch), CF_OK);
        if (round == 40)
            down_erase(world, ANN);
        if (round % 4 == 3) {
            assert_ok(cf_hub_store_acknowledge(store, till->terminal, 1, till->seq - round % 5 % till->seq, &err));
            (void)forget(world, store);
        }
        if (round % 30 == 29)
            assert_ok(cf_hub_store_prune(store, in_a_month(world), &err));
    }
    for (size_t i = 0; i < HUB_TILLS; i++)
        assert_ok(cf_hub_store_acknowledge(store, world->till[i].terminal, 1, world->till[i].seq, &err));
    (void)forget(world, store);
    assert_int_equal(times_of(world, ANN), 0);
    assert_true(times_of(world, BOB) > 0);
    down_erase(world, BOB);
    assert_true(forget(world, store) > 0);
    assert_int_equal(times_of(world, BOB), 0);
    cf_hub_store_close(store);
}

static int setup_all(void **state)
{
    (void)state;
    cf_buf_init(&bytes, CF_BATCH_BYTES_MAX);
    return 0;
}

static int teardown_all(void **state)
{
    (void)state;
    cf_buf_done(&bytes);
    return 0;
}

#define IN_A_HUB(test) cmocka_unit_test_setup_teardown(test, hub_setup, hub_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HUB(a_member_is_in_no_byte_once_the_centre_has_the_records),
        IN_A_HUB(what_is_left_is_still_what_the_till_signed),
        IN_A_HUB(baskets_that_are_kept_no_longer_leave_no_byte),
        IN_A_HUB(no_page_that_was_moved_keeps_a_copy),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("the hub forgets", tests, setup_all, teardown_all);
}
