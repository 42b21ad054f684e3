/* The centre's API: the first line is METHOD PATH?QUERY, the rest the body. Every answer is one of ours, in clean JSON,
 * and the budgets still add up. */
#include "sync/central/central.h"
#include "sync/central/store/sqlite/member_store_sqlite.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD_MAX 300

static struct cf_central *central;
static struct cf_central_response response;
static char api_key[CF_API_KEY_TEXT_MAX];
static char dir[200];

static int call(const char *method, const char *path, const char *query, cf_bytes body)
{
    struct cf_central_request request = {
        .port = CF_PORT_API, .method = method, .path = path, .query = query, .body = body, .api_key = api_key};
    cf_central_handle(central, &request, &response);
    return response.status;
}

static void make(const char *path, const char *body)
{
    int status = call("POST", path, NULL, cf_bytes_str(body));
    assert(status == 200 || status == 201);
}

static void remove_dir(void)
{
    static const char *const names[] = {"member.db",
                                        "member.db-wal",
                                        "member.db-shm",
                                        "ca.pem",
                                        "ca.key.pem",
                                        "server.pem",
                                        "server.key.pem",
                                        "keys/card.key.pem",
                                        "keys/coupon.key.pem",
                                        "keys/ticket.key.pem",
                                        "keys/grant.key.pem",
                                        "keys/page.key.pem",
                                        "keys",
                                        "offline-roots/root-1.key.pem",
                                        "offline-roots/root-2.key.pem",
                                        "offline-roots/MOVE-THESE-AWAY.txt",
                                        "offline-roots",
                                        ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[300];
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)remove(path);
    }
}

/* A store with a product, a channel and a campaign, so that there is something to be wrong about. */
static void start(void)
{
    struct cf_central_plan plan = {.brand = "Fuzz", .hosts = {"localhost", NULL}};
    struct cf_member_store *store = NULL;
    char path[300];
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(dir, sizeof dir, "%s/cf-api-fuzz-XXXXXX", tmp != NULL ? tmp : "/tmp");
    bool made = mkdtemp(dir) != NULL;
    assert(made);
    (void)atexit(remove_dir);
    (void)snprintf(path, sizeof path, "%s/member.db", dir);
    enum cf_rc rc = cf_member_store_sqlite_open(path, true, &store, NULL);
    assert(rc == CF_OK);
    rc = cf_central_init(dir, store, &plan, cf_env_system(), api_key, NULL);
    assert(rc == CF_OK);
    rc = cf_central_open(dir, store, cf_env_system(), &central, NULL);
    assert(rc == CF_OK);
    cf_central_response_init(&response);
    make("/v1/stores", "{\"name\":\"Shop\",\"currency\":\"CNY\"}");
    make("/v1/channels", "{\"name\":\"Web\",\"store\":1}");
    make("/v1/catalogue", "{\"store\":1,\"products\":[{\"code\":\"96385074\",\"name\":\"Pen\",\"price_minor\":100}]}");
    make("/v1/campaigns", "{\"name\":\"Ten off\",\"policy\":\"online_only\",\"budget\":9,\"promotion\":{\"kind\":"
                          "\"order_percent\",\"percent_bp\":1000}}");
}

static void check_answer(int status)
{
    assert(status == 200 || status == 201 || (status >= 400 && status <= 504));
    assert(status != 500);
    bool pem = strcmp(response.content_type, "application/json") != 0;
    for (size_t i = 0; i < response.body.n; i++) {
        assert(response.body.p[i] >= 0x20 || (pem && response.body.p[i] == '\n'));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char head[HEAD_MAX];
    if (central == NULL) {
        start();
    }
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t n = end != NULL ? (size_t)(end - data) : 0;
    if (n == 0 || n >= sizeof head) {
        return 0;
    }
    memcpy(head, data, n);
    head[n] = '\0';
    char *path = strchr(head, ' ');
    if (path == NULL) {
        return 0;
    }
    *path++ = '\0';
    char *query = strchr(path, '?');
    if (query != NULL) {
        *query++ = '\0';
    }
    check_answer(call(head, path, query, cf_bytes_of(end + 1, size - n - 1)));
    int status = call("GET", "/v1/health", NULL, (cf_bytes){NULL, 0});
    assert(status == 200);
    bool adds_up = memmem(response.body.p, response.body.n, "\"budgets_that_do_not_add_up\":0,", 31) != NULL;
    assert(adds_up);
    return 0;
}
