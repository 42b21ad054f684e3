/* An env with a network of its own: everything else is asked of the base, with the base's own context. */
#include "base/env_net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Each call says that it came with this world as its context. */
struct world {
    int calls, exchanges;
    const char *path;
};

static cf_wall wall_now(void *ctx)
{
    ((struct world *)ctx)->calls++;
    return (cf_wall){42};
}

static cf_mono mono_now(void *ctx)
{
    ((struct world *)ctx)->calls++;
    return (cf_mono){43};
}

static void boot_id(void *ctx, uint8_t ret_id[CF_BOOT_ID_BYTES])
{
    ((struct world *)ctx)->calls++;
    memset(ret_id, 7, CF_BOOT_ID_BYTES);
}

static void random_bytes(void *ctx, void *p, size_t n)
{
    ((struct world *)ctx)->calls++;
    memset(p, 9, n);
}

static enum cf_rc exchange(void *ctx, const struct cf_net_request *request, int *ret_status, struct cf_buf *ret_body,
                           struct cf_error *err)
{
    struct world *world = ctx;
    (void)ret_body;
    world->exchanges++;
    world->path = request->path;
    *ret_status = 204;
    return cf_fail(err, CF_E_LINK_DOWN, "nobody");
}

static enum cf_rc file_read(void *ctx, const char *path, struct cf_buf *ret, struct cf_error *err)
{
    struct world *world = ctx;
    world->calls++;
    world->path = path;
    return cf_buf_append(ret, "x", 1, err);
}

static enum cf_rc file_replace(void *ctx, const char *path, cf_bytes content, unsigned mode, struct cf_error *err)
{
    struct world *world = ctx;
    (void)content;
    world->calls++;
    world->path = path;
    return cf_fail(err, mode == 0600 ? CF_E_IO : CF_E_RANGE, "the disk is full");
}

static const struct cf_env_ops ops = {
    .wall_now = wall_now,
    .mono_now = mono_now,
    .boot_id = boot_id,
    .random = random_bytes,
    .net_exchange = exchange,
    .file_read = file_read,
    .file_replace = file_replace,
};

static void everything_but_the_network_is_the_base_s(void **state)
{
    struct world world = {0}, other = {0};
    const struct cf_env base = {.ops = &ops, .ctx = &world};
    struct cf_env_net net;
    uint8_t id[CF_BOOT_ID_BYTES], byte = 0;
    struct cf_buf buf CF_CLEANUP(cf_buf_done);
    (void)state;
    cf_buf_init(&buf, 8);
    cf_env_net_init(&net, &base, exchange, &other);
    const struct cf_env *env = &net.env;
    assert_int_equal(cf_env_wall(env).us, 42);
    assert_int_equal(cf_env_mono(env).us, 43);
    env->ops->boot_id(env->ctx, id);
    assert_int_equal(id[0], 7);
    cf_env_random(env, &byte, 1);
    assert_int_equal(byte, 9);
    assert_int_equal(env->ops->file_read(env->ctx, "/a", &buf, NULL), CF_OK);
    assert_string_equal(world.path, "/a");
    assert_int_equal(env->ops->file_replace(env->ctx, "/b", cf_bytes_of("y", 1), 0600, NULL), CF_E_IO);
    assert_string_equal(world.path, "/b");
    assert_int_equal(world.calls, 6);
    assert_int_equal(world.exchanges, 0);
    assert_int_equal(other.calls, 0);
}

static void the_network_is_its_own(void **state)
{
    struct world world = {0}, other = {0};
    const struct cf_env base = {.ops = &ops, .ctx = &world};
    struct cf_env_net inner, outer;
    const struct cf_net_request request = {.method = "GET", .path = "/p"};
    int status = 0;
    (void)state;
    cf_env_net_init(&inner, &base, exchange, &world);
    cf_env_net_init(&outer, &inner.env, exchange, &other);
    assert_int_equal(outer.env.ops->net_exchange(outer.env.ctx, &request, &status, NULL, NULL), CF_E_LINK_DOWN);
    assert_int_equal(status, 204);
    assert_int_equal(other.exchanges, 1);
    assert_int_equal(world.exchanges, 0);
    /* One in another: what is not the network goes through to the innermost. */
    assert_int_equal(cf_env_wall(&outer.env).us, 42);
    assert_int_equal(world.calls, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_but_the_network_is_the_base_s),
        cmocka_unit_test(the_network_is_its_own),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
