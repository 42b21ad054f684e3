/*
 * sync/central/main.c - counterfoil-central: makes a centre, serves it, loads a catalogue, rotates its keys.
 *
 * Reads the arguments and wires things together; decides nothing. Exit status: 0, or the class of the error (1 refused,
 * 2 usage, 3 broken).
 */
#include "app/core/release.h"
#include "base/crypto/crypto.h"
#include "sync/central/http_server.h"
#include "sync/central/store/sqlite/member_store_sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define PATH_BYTES 1024
#define LINES_AT_ONCE 10000
#define LEAD_DAYS 14

static const char usage_text[] =
    "counterfoil-central init DIR [--name BRAND] [--host NAME]...   makes a centre; prints the API key once\n"
    "counterfoil-central serve DIR --terminals HOST:PORT --api HOST:PORT [--connections N] [--request-seconds N]\n"
    "                                                               port 0: chosen; one line of JSON when ready\n"
    "counterfoil-central import-catalogue DIR STORE FILE.jsonl      products of a store, one JSON object a line\n"
    "counterfoil-central rotate-keys DIR ROOT-KEY.pem [--lead-days N]\n"
    "                                                               fresh keys, that sign N (14) days from now on\n"
    "counterfoil-central api-key DIR add ROLE NAME | list | revoke NUMBER\n"
    "                                                               keys for a part of the API: shop, marketing,\n"
    "                                                               manager, technician, auditor; printed once\n"
    "counterfoil-central release DIR list | add BUNDLE --version V --hardware NAME --schema N [--readable-from N]\n"
    "                                                               a system that terminals can be told to run\n"
    "counterfoil-central --routes                                   every route, a line each\n"
    "counterfoil-central --help\n";

static int usage(const char *what)
{
    (void)fprintf(stderr, "%s\n%s", what, usage_text);
    return CF_CLASS_USAGE;
}

static int failed(const struct cf_error *err)
{
    (void)fprintf(stderr, "%s: %s (%s)\n", cf_rc_name(err->rc), cf_rc_text(err->rc), err->detail);
    return (int)cf_rc_class(err->rc);
}

static enum cf_rc open_store(const char *dir, bool create, struct cf_member_store **ret, struct cf_error *err)
{
    char path[PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/member.db", dir);
    if (n < 0 || (size_t)n >= sizeof path) {
        return cf_fail(err, CF_E_ARGUMENT, "the folder's name is too long");
    }
    return cf_member_store_sqlite_open(path, create, ret, err);
}

static bool parse_number(const char *text, unsigned long max, unsigned long *ret)
{
    char *end;
    errno = 0;
    unsigned long v = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || v > max) {
        return false;
    }
    *ret = v;
    return true;
}

/* --- init --------------------------------------------------------------------------------------------------------- */

static int run_init(int argc, char **argv)
{
    struct cf_central_plan plan = {.brand = "Counterfoil"};
    size_t n_hosts = 0;
    if (argc < 1) {
        return usage("init needs a folder");
    }
    const char *dir = argv[0];
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 >= argc) {
            return usage("an option without its value");
        }
        if (strcmp(argv[i], "--name") == 0) {
            plan.brand = argv[i + 1];
        } else if (strcmp(argv[i], "--host") == 0 && n_hosts < CF_CENTRAL_HOSTS_MAX) {
            plan.hosts[n_hosts++] = argv[i + 1];
        } else {
            return usage("init does not know that option");
        }
    }
    if (n_hosts == 0) {
        plan.hosts[n_hosts++] = "localhost";
        plan.hosts[n_hosts++] = "127.0.0.1";
    }
    struct cf_error err;
    struct cf_member_store *store;
    char api_key[CF_API_KEY_TEXT_MAX];
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        (void)cf_fail_errno(&err, errno, "%s", dir);
        return failed(&err);
    }
    enum cf_rc rc = open_store(dir, true, &store, &err);
    if (rc != CF_OK) {
        return failed(&err);
    }
    rc = cf_central_init(dir, store, &plan, cf_env_system(), api_key, &err);
    cf_store_close(store);
    if (rc != CF_OK) {
        return failed(&err);
    }
    (void)fprintf(stderr, "Made a centre in %s. Move %s/offline-roots away from this machine.\n", dir, dir);
    (void)printf("{\"api_key\":\"%s\"}\n", api_key);
    return 0;
}

/* --- serve -------------------------------------------------------------------------------------------------------- */

static enum cf_rc tell_ports(const char *dir, const struct cf_http_server *server, struct cf_error *err)
{
    char path[PATH_BYTES], text[160];
    (void)snprintf(path, sizeof path, "%s/ports.json", dir);
    int n = snprintf(text, sizeof text, "{\"api\":%u,\"terminals\":%u,\"pid\":%ld}\n",
                     (unsigned)cf_http_server_port(server, CF_PORT_API),
                     (unsigned)cf_http_server_port(server, CF_PORT_TERMINALS), (long)getpid());
    const struct cf_env *env = cf_env_system();
    enum cf_rc rc = env->ops->file_replace(env->ctx, path, cf_bytes_of(text, (size_t)n), 0644, err);
    if (rc == CF_OK && (fputs(text, stdout) < 0 || fflush(stdout) != 0)) {
        rc = cf_fail_errno(err, errno, "standard output");
    }
    return rc;
}

static enum cf_rc serve(const struct cf_http_options *options, struct cf_member_store *store, struct cf_error *err)
{
    struct cf_central *central;
    struct cf_http_server *server = NULL;
    enum cf_rc rc = cf_central_open(options->dir, store, cf_env_system(), &central, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_http_server_new(central, options, &server, err);
    if (rc == CF_OK) {
        rc = tell_ports(options->dir, server, err);
    }
    if (rc == CF_OK) {
        rc = cf_http_server_run(server, err);
    }
    cf_http_server_free(server);
    cf_central_close(central);
    return rc;
}

static int run_serve(int argc, char **argv)
{
    struct cf_http_options options = {.terminals = "127.0.0.1:0", .api = "127.0.0.1:0"};
    struct cf_error err;
    struct cf_member_store *store;
    if (argc < 1) {
        return usage("serve needs a folder");
    }
    options.dir = argv[0];
    for (int i = 1; i < argc; i += 2) {
        unsigned long number;
        if (i + 1 >= argc) {
            return usage("an option without its value");
        }
        if (strcmp(argv[i], "--terminals") == 0) {
            options.terminals = argv[i + 1];
        } else if (strcmp(argv[i], "--api") == 0) {
            options.api = argv[i + 1];
        } else if (strcmp(argv[i], "--connections") == 0 && parse_number(argv[i + 1], 1000000, &number)) {
            options.connections_max = (unsigned)number;
        } else if (strcmp(argv[i], "--request-seconds") == 0 && parse_number(argv[i + 1], 3600, &number)) {
            options.request_s = (unsigned)number;
        } else {
            return usage("serve does not know that option or value");
        }
    }
    enum cf_rc rc = open_store(options.dir, false, &store, &err);
    if (rc != CF_OK) {
        return failed(&err);
    }
    rc = serve(&options, store, &err);
    cf_store_close(store);
    return rc == CF_OK ? 0 : failed(&err);
}

/* --- import-catalogue --------------------------------------------------------------------------------------------- */

struct lines {
    FILE *file;
    char *line;
    size_t cap;
    size_t left; /* of this part */
    bool end;
};

static bool next_line(void *ctx, cf_bytes *ret_line)
{
    struct lines *lines = ctx;
    if (lines->left == 0) {
        return false;
    }
    ssize_t n = getline(&lines->line, &lines->cap, lines->file);
    if (n < 0) {
        lines->end = true;
        return false;
    }
    lines->left--;
    if (n > 0 && lines->line[n - 1] == '\n') {
        n--;
    }
    *ret_line = cf_bytes_of(lines->line, (size_t)n);
    return true;
}

/* Checks the whole file first, then writes it in parts, so that a running centre waits a moment at a time. A part that
 * fails leaves the earlier ones, which the next import finds unchanged. */
static enum cf_rc import_lines(struct cf_central *central, uint32_t store, struct lines *lines,
                               struct cf_import_result *ret, struct cf_error *err)
{
    struct cf_import_result all = {.n_read = 0};
    lines->left = SIZE_MAX;
    enum cf_rc rc = cf_central_import_check(next_line, lines, err);
    if (rc == CF_OK && (ferror(lines->file) || fseek(lines->file, 0, SEEK_SET) != 0)) {
        rc = cf_fail_errno(err, errno, "reading the catalogue");
    }
    lines->end = false;
    while (rc == CF_OK && !lines->end) {
        struct cf_import_result part = {.n_read = 0};
        lines->left = LINES_AT_ONCE;
        rc = cf_central_import(central, store, next_line, lines, &part, err);
        all.n_read += part.n_read;
        all.n_changed += part.n_changed;
    }
    if (rc == CF_OK) {
        *ret = all;
    }
    return rc;
}

static enum cf_rc import(const char *dir, uint32_t store_id, FILE *file, struct cf_import_result *ret,
                         struct cf_error *err)
{
    struct cf_member_store *store;
    struct cf_central *central;
    struct lines lines = {.file = file};
    enum cf_rc rc = open_store(dir, false, &store, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_open(dir, store, cf_env_system(), &central, err);
    if (rc == CF_OK) {
        rc = import_lines(central, store_id, &lines, ret, err);
        cf_central_close(central);
    }
    if (rc == CF_OK) {
        rc = cf_store_optimize(store, err);
    }
    free(lines.line);
    cf_store_close(store);
    return rc;
}

static int run_import(int argc, char **argv)
{
    unsigned long store;
    struct cf_error err;
    struct cf_import_result result;
    if (argc != 3 || !parse_number(argv[1], UINT32_MAX, &store)) {
        return usage("import-catalogue needs a folder, a store's number and a file");
    }
    FILE *file = fopen(argv[2], "r");
    if (file == NULL) {
        (void)cf_fail_errno(&err, errno, "%s", argv[2]);
        return failed(&err);
    }
    enum cf_rc rc = import(argv[0], (uint32_t)store, file, &result, &err);
    (void)fclose(file);
    if (rc != CF_OK) {
        return failed(&err);
    }
    (void)printf("{\"products\":%llu,\"changed\":%llu}\n", (unsigned long long)result.n_read,
                 (unsigned long long)result.n_changed);
    return 0;
}

/* --- rotate-keys -------------------------------------------------------------------------------------------------- */

static enum cf_rc read_root(const char *path, struct cf_private_key **ret, struct cf_error *err)
{
    const struct cf_env *env = cf_env_system();
    char pem[CF_PEM_MAX];
    struct cf_buf buf;
    cf_buf_init(&buf, sizeof pem - 1);
    enum cf_rc rc = env->ops->file_read(env->ctx, path, &buf, err);
    if (rc == CF_OK) {
        memcpy(pem, buf.p, buf.n);
        pem[buf.n] = '\0';
        rc = cf_private_key_from_pem(pem, ret, err);
        cf_bytes_wipe(pem, sizeof pem);
        cf_bytes_wipe(buf.p, buf.n);
    }
    cf_buf_done(&buf);
    return rc;
}

static enum cf_rc rotate_keys(const char *dir, const struct cf_private_key *root, int64_t lead_s, uint64_t *ret_version,
                              struct cf_error *err)
{
    struct cf_member_store *store;
    struct cf_central *central;
    enum cf_rc rc = open_store(dir, false, &store, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_open(dir, store, cf_env_system(), &central, err);
    if (rc == CF_OK) {
        rc = cf_central_rotate_keys(central, dir, root, lead_s, ret_version, err);
        cf_central_close(central);
    }
    cf_store_close(store);
    return rc;
}

static int run_rotate(int argc, char **argv)
{
    unsigned long lead_days = LEAD_DAYS;
    struct cf_error err;
    struct cf_private_key *root = NULL;
    uint64_t version = 0;
    if (argc != 2 &&
        (argc != 4 || strcmp(argv[2], "--lead-days") != 0 || !parse_number(argv[3], CF_LEAD_DAYS_MAX, &lead_days))) {
        return usage("rotate-keys needs a folder and the file of a root key, and may have a lead in days");
    }
    enum cf_rc rc = read_root(argv[1], &root, &err);
    if (rc == CF_OK) {
        rc = rotate_keys(argv[0], root, (int64_t)lead_days * 86400, &version, &err);
    }
    cf_private_key_free(root);
    if (rc != CF_OK) {
        return failed(&err);
    }
    (void)fprintf(stderr, "Restart the service: it signs with the keys that it has read.\n");
    (void)printf("{\"keyset\":%llu,\"lead_days\":%lu}\n", (unsigned long long)version, lead_days);
    return 0;
}

/* --- api-key ------------------------------------------------------------------------------------------------------ */

static enum cf_rc add_key(struct cf_central *central, const char *role, const char *name, struct cf_error *err)
{
    char key[CF_API_KEY_TEXT_MAX];
    int64_t id = 0;
    enum cf_rc rc = cf_central_api_key_add(central, role, name, &id, key, err);
    if (rc == CF_OK) {
        (void)printf("{\"key\":%lld,\"api_key\":\"%s\"}\n", (long long)id, key);
        cf_bytes_wipe(key, sizeof key);
    }
    return rc;
}

static enum cf_rc list_keys(struct cf_central *central, struct cf_error *err)
{
    struct cf_buf json;
    cf_buf_init(&json, 16u << 20);
    enum cf_rc rc = cf_central_api_key_list(central, &json, err);
    if (rc == CF_OK) {
        (void)printf("%.*s\n", (int)json.n, (const char *)json.p);
    }
    cf_buf_done(&json);
    return rc;
}

static int run_api_key(int argc, char **argv)
{
    struct cf_member_store *store;
    struct cf_central *central;
    struct cf_error err;
    unsigned long number = 0;
    bool add = argc == 4 && strcmp(argv[1], "add") == 0, list = argc == 2 && strcmp(argv[1], "list") == 0;
    bool revoke = argc == 3 && strcmp(argv[1], "revoke") == 0 && parse_number(argv[2], INT32_MAX, &number);
    if (!add && !list && !revoke) {
        return usage("api-key needs a folder and: add ROLE NAME, list, or revoke NUMBER");
    }
    enum cf_rc rc = open_store(argv[0], false, &store, &err);
    if (rc != CF_OK) {
        return failed(&err);
    }
    rc = cf_central_open(argv[0], store, cf_env_system(), &central, &err);
    if (rc == CF_OK) {
        rc = add    ? add_key(central, argv[2], argv[3], &err)
             : list ? list_keys(central, &err)
                    : cf_central_api_key_revoke(central, (int64_t)number, &err);
        cf_central_close(central);
    }
    cf_store_close(store);
    return rc == CF_OK ? 0 : failed(&err);
}

/* --- release ------------------------------------------------------------------------------------------------------ */

static enum cf_rc list_releases(struct cf_central *central, struct cf_error *err)
{
    struct cf_buf json;
    cf_buf_init(&json, 16u << 20);
    enum cf_rc rc = cf_central_release_list(central, &json, err);
    if (rc == CF_OK) {
        (void)printf("%.*s\n", (int)json.n, (const char *)json.p);
    }
    cf_buf_done(&json);
    return rc;
}

static bool put_text(char *ret, size_t cap, const char *text)
{
    int n = snprintf(ret, cap, "%s", text);
    return n > 0 && (size_t)n < cap;
}

static bool parse_release(int argc, char **argv, struct cf_release *ret)
{
    unsigned long schema = 0, from = 0;
    bool good = argc % 2 == 0;
    for (int i = 0; good && i < argc; i += 2) {
        if (strcmp(argv[i], "--version") == 0) {
            good = put_text(ret->version, sizeof ret->version, argv[i + 1]);
        } else if (strcmp(argv[i], "--hardware") == 0) {
            good = put_text(ret->hardware, sizeof ret->hardware, argv[i + 1]);
        } else if (strcmp(argv[i], "--schema") == 0) {
            good = parse_number(argv[i + 1], CF_SCHEMA_MAX, &schema);
        } else if (strcmp(argv[i], "--readable-from") == 0) {
            good = parse_number(argv[i + 1], CF_SCHEMA_MAX, &from);
        } else {
            good = false;
        }
    }
    ret->schema = (uint32_t)schema;
    ret->readable_from = (uint32_t)(from != 0 ? from : schema);
    return good;
}

static enum cf_rc add_release(struct cf_central *central, const char *bundle, struct cf_release *release,
                              struct cf_error *err)
{
    char hash[2 * CF_SHA256_BYTES + 1];
    enum cf_rc rc = cf_central_release_add(central, bundle, release, err);
    if (rc == CF_OK) {
        cf_hex_encode(cf_bytes_of(release->hash.digest, CF_SHA256_BYTES), hash);
        (void)printf("{\"release\":%lu,\"size\":%llu,\"sha256\":\"%s\"}\n", (unsigned long)release->number,
                     (unsigned long long)release->size, hash);
    }
    return rc;
}

static int run_release(int argc, char **argv)
{
    struct cf_member_store *store;
    struct cf_central *central;
    struct cf_error err;
    struct cf_release release = {.number = 0};
    bool list = argc == 2 && strcmp(argv[1], "list") == 0;
    bool add = argc > 3 && strcmp(argv[1], "add") == 0 && parse_release(argc - 3, argv + 3, &release);
    if (!add && !list) {
        return usage("release needs a folder and: list, or add BUNDLE with --version, --hardware and --schema");
    }
    enum cf_rc rc = open_store(argv[0], false, &store, &err);
    if (rc != CF_OK) {
        return failed(&err);
    }
    rc = cf_central_open(argv[0], store, cf_env_system(), &central, &err);
    if (rc == CF_OK) {
        rc = add ? add_release(central, argv[2], &release, &err) : list_releases(central, &err);
        cf_central_close(central);
    }
    cf_store_close(store);
    return rc == CF_OK ? 0 : failed(&err);
}

/* Of a route that needs a key, the roles whose keys may ask it: all may by the owner's. */
static int run_routes(void)
{
    struct cf_route_info route;
    for (size_t k = 0; cf_central_route(k, &route); k++) {
        (void)printf("%s %s %s", route.port == CF_PORT_API ? "api" : "terminals", route.method, route.path);
        if (route.needs_key) {
            (void)printf(" owner");
        }
        for (size_t role = 1; cf_central_role(role) != NULL; role++) {
            (void)printf("%s%s", route.roles >> role & 1 ? "," : "",
                         route.roles >> role & 1 ? cf_central_role(role) : "");
        }
        (void)printf("\n");
    }
    return 0;
}

int main(int argc, char **argv)
{
    umask(077); /* members, keys: nobody else's to read, whatever the folder allows */
    if (argc < 2) {
        return usage("what shall be done?");
    }
    if (strcmp(argv[1], "init") == 0) {
        return run_init(argc - 2, argv + 2);
    }
    if (strcmp(argv[1], "serve") == 0) {
        return run_serve(argc - 2, argv + 2);
    }
    if (strcmp(argv[1], "import-catalogue") == 0) {
        return run_import(argc - 2, argv + 2);
    }
    if (strcmp(argv[1], "rotate-keys") == 0) {
        return run_rotate(argc - 2, argv + 2);
    }
    if (strcmp(argv[1], "api-key") == 0) {
        return run_api_key(argc - 2, argv + 2);
    }
    if (strcmp(argv[1], "release") == 0) {
        return run_release(argc - 2, argv + 2);
    }
    if (strcmp(argv[1], "--routes") == 0) {
        return run_routes();
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        (void)fputs(usage_text, stdout);
        return 0;
    }
    return usage("there is no such word");
}
