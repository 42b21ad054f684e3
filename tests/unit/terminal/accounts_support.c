/*
 * tests/unit/terminal/accounts_support.c - see accounts_support.h.
 */
#include "tests/unit/terminal/accounts_support.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/terminal/terminal_cmocka.h"

struct accounts *accounts_new(int64_t issued_minor)
{
    struct accounts *a = mmap(NULL, sizeof(struct accounts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(a != MAP_FAILED);
    a->issued = a->balance = issued_minor;
    return a;
}

void accounts_free(struct accounts *accounts)
{
    munmap(accounts, sizeof *accounts);
}

static struct accounts_hold *find(struct accounts *a, const uint8_t key[CF_VALUE_KEY_BYTES])
{
    for (size_t i = 0; i < a->n; i++)
        if (memcmp(a->holds[i].key, key, CF_VALUE_KEY_BYTES) == 0)
            return &a->holds[i];
    return NULL;
}

static struct accounts_hold *add(struct accounts *a, const uint8_t key[CF_VALUE_KEY_BYTES])
{
    assert_true(a->n < ACCOUNTS_HOLDS_MAX);
    memcpy(a->holds[a->n].key, key, CF_VALUE_KEY_BYTES);
    return &a->holds[a->n++];
}

void accounts_void(struct accounts *a, const uint8_t key[CF_VALUE_KEY_BYTES])
{
    struct accounts_hold *hold = find(a, key);
    if (hold == NULL)
        hold = add(a, key);
    else if (hold->state == HOLD_HELD)
        a->balance += hold->amount;
    if (hold->state != HOLD_SPENT)
        hold->state = HOLD_VOID;
}

bool accounts_settle(struct accounts *a, const uint8_t key[CF_VALUE_KEY_BYTES], int64_t amount_minor)
{
    struct accounts_hold *hold = find(a, key);
    if (hold == NULL || hold->state == HOLD_VOID || hold->amount != amount_minor)
        return false;
    hold->state = HOLD_SPENT;
    return true;
}

static struct cf_value_reply take(struct accounts *a, const struct cf_value_ask *ask)
{
    struct accounts_hold *hold = find(a, ask->key);
    int64_t amount = a->balance < ask->amount_minor ? a->balance : ask->amount_minor;
    if (hold != NULL)
        return (struct cf_value_reply){hold->state == HOLD_VOID ? CF_E_VALUE_REQUEST : CF_OK, hold->amount, 0,
                                       a->balance};
    if (a->balance == 0)
        return (struct cf_value_reply){.rc = CF_E_VALUE_EMPTY};
    if (amount < ask->amount_minor && !ask->up_to)
        return (struct cf_value_reply){.rc = CF_E_VALUE_SHORT};
    hold = add(a, ask->key);
    hold->amount = amount;
    hold->state = HOLD_HELD;
    a->balance -= amount;
    return (struct cf_value_reply){CF_OK, amount, 0, a->balance};
}

enum cf_rc accounts_exchange(struct accounts *a, cf_bytes request, int *ret_status, struct cf_buf *ret_reply,
                             struct cf_error *err)
{
    struct cf_value_ask ask;
    struct cf_value_reply reply = {.rc = CF_OK};
    assert_ok(cf_value_ask_decode(request, &ask, err));
    if (a->does == ACCOUNTS_NEVER_HEARS)
        return cf_fail(err, CF_E_LINK_DOWN, "as the test wants it");
    if (ask.op == CF_VALUE_TAKE)
        reply = take(a, &ask);
    else if (ask.op == CF_VALUE_RELEASE)
        accounts_void(a, ask.key);
    else
        reply.left_minor = a->balance;
    if (++a->asked == a->kill_at_ask)
        (void)!kill(getpid(), SIGKILL);
    if (a->does == ACCOUNTS_LOSES_ANSWER)
        return cf_fail(err, CF_E_TIMEOUT, "as the test wants it");
    *ret_status = 200;
    return cf_value_reply_encode(&reply, ret_reply, err);
}

static int64_t sum(const struct accounts *a, int state)
{
    int64_t sum = 0;
    for (size_t i = 0; i < a->n; i++)
        sum += (int)a->holds[i].state == state ? a->holds[i].amount : 0;
    return sum;
}

int64_t accounts_held(const struct accounts *accounts)
{
    return sum(accounts, HOLD_HELD);
}

int64_t accounts_spent(const struct accounts *accounts)
{
    return sum(accounts, HOLD_SPENT);
}
