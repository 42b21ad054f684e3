/*
 * app/cli/cmd_code.c - look into a code, judge it, draw it; and play the shopper's phone for demos and tests.
 */
#include <errno.h>
#include <limits.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/receipt/qr.h"
#include "app/store/replica.h"
#include "app/terminal/keys.h"
#include "sync/client/enrol.h"

struct options {
    bool json;
    const char *dir, *out, *key, *card, *at;
    long counter;
    long scale;
    enum cf_qr_level level;
};

/* --- inspect ------------------------------------------------------------------------------------------------------ */

static json_t *time_json(int64_t s)
{
    char text[CF_WALL_TEXT_MAX];
    if (s < 0 || s > INT64_C(253402300799))
        return json_integer(s);
    cf_wall_format(cf_wall_from_s(s), 0, text);
    return json_string(text);
}

static void put_card(json_t *object, const struct cf_card *card)
{
    json_object_set_new(object, "member", cli_json_hex(card->sub.b, CF_SUB_BYTES));
    json_object_set_new(object, "expires", time_json(card->exp_s));
    json_object_set_new(object, "device_key", cli_json_hex(card->device_key.point, CF_P256_PUBLIC_BYTES));
    json_object_set_new(object, "tier", json_integer(card->tier));
    json_object_set_new(object, "home_store", json_integer(card->home_store));
}

static json_t *fields(const struct cf_code *code)
{
    json_t *object = json_pack("{s:b, s:s, s:o, s:I}", "ok", 1, "kind", cf_code_prefix(code->kind), "kid",
                               cli_json_hex(code->kid.b, CF_KID_BYTES), "bytes", (json_int_t)code->cose_n);
    switch (code->kind) {
    case CF_CODE_CARD:
        put_card(object, &code->card);
        break;
    case CF_CODE_MEMBER:
        put_card(object, &code->member.card);
        json_object_set_new(object, "made_at", time_json(code->member.at_s));
        json_object_set_new(object, "counter", json_integer((json_int_t)code->member.counter));
        break;
    case CF_CODE_COUPON:
        json_object_set_new(object, "campaign", json_integer(code->coupon.campaign));
        json_object_set_new(object, "index", json_integer(code->coupon.index));
        json_object_set_new(object, "expires", time_json(code->coupon.exp_s));
        json_object_set_new(object, "member",
                            code->coupon.bound ? cli_json_hex(code->coupon.sub.b, CF_SUB_BYTES) : json_null());
        json_object_set_new(object, "home", code->coupon.pinned ? json_integer(code->coupon.home) : json_null());
        json_object_set_new(object, "home_epoch",
                            code->coupon.pinned ? json_integer(code->coupon.home_epoch) : json_null());
        json_object_set_new(object, "generation", json_integer(code->coupon.generation));
        break;
    case CF_CODE_TICKET:
        json_object_set_new(object, "campaign", json_integer(code->ticket.campaign));
        json_object_set_new(object, "index", json_integer(code->ticket.index));
        json_object_set_new(object, "member", cli_json_hex(code->ticket.sub.b, CF_SUB_BYTES));
        json_object_set_new(object, "till", json_integer(code->ticket.till));
        json_object_set_new(object, "expires", time_json(code->ticket.exp_s));
        break;
    case CF_CODE_VALUE:
        json_object_set_new(object, "account", json_integer(code->value.account));
        json_object_set_new(object, "expires", time_json(code->value.exp_s));
        break;
    case CF_CODE_ORDER:
        json_object_set_new(object, "order", json_integer(code->order.order));
        json_object_set_new(object, "store", json_integer(code->order.store));
        json_object_set_new(object, "generation", json_integer(code->order.generation));
        json_object_set_new(object, "expires", time_json(code->order.exp_s));
        break;
    case CF_CODE_GRANT:
        break;
    }
    return object;
}

static void print_fields(bool json, json_t *object)
{
    const char *key;
    json_t *value;
    if (json) {
        cli_print_json(object);
        return;
    }
    json_object_foreach(object, key, value)
    {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        printf("%-11s %s\n", key, text ? text : "?");
        free(text);
    }
    json_decref(object);
}

static int inspect(const struct options *o, const char *text)
{
    struct cf_error err;
    struct cf_code code;
    if (cf_code_decode_text(cf_bytes_str(text), &code, &err) != CF_OK)
        return cli_fail(o->json, NULL, &err);
    print_fields(o->json, fields(&code));
    return CLI_DONE;
}

/* --- verify: genuine, by the keys that a till has ----------------------------------------------------------------- */

static enum cf_rc load_ring(const char *dir, struct cf_keyring **ret, struct cf_error *err)
{
    struct cf_identity identity = {0};
    struct cf_replica *replica = NULL;
    struct cf_keyring *ring = NULL;
    enum cf_rc rc = cf_identity_load(cf_env_system(), dir, &identity, err);
    if (rc == CF_OK)
        rc = cf_replica_open(dir, CF_REPLICA_READ, &replica, NULL, err);
    if (rc == CF_OK)
        rc = cf_keyring_new(identity.roots, &ring, err);
    if (rc == CF_OK)
        rc = cf_keys_load(replica, identity.terminal, ring, err);
    if (rc == CF_OK) {
        *ret = ring;
        ring = NULL;
    }
    cf_keyring_free(ring);
    cf_replica_close(replica);
    cf_identity_done(&identity);
    return rc;
}

static int verify(const struct options *o, const char *text)
{
    struct cf_error err;
    struct cf_code code;
    struct cf_keyring *ring = NULL;
    if (!o->dir)
        return cli_usage(&cli_code, "verify needs --dir");
    enum cf_rc rc = cf_code_decode_text(cf_bytes_str(text), &code, &err);
    if (rc == CF_OK)
        rc = load_ring(o->dir, &ring, &err);
    if (rc == CF_OK)
        rc = cf_keyring_verify(ring, &code, cf_wall_s(cf_env_wall(cf_env_system())), &err);
    cf_keyring_free(ring);
    if (rc != CF_OK)
        return cli_fail(o->json, NULL, &err);
    json_t *object = fields(&code);
    json_object_set_new(object, "genuine", json_true());
    print_fields(o->json, object);
    return CLI_DONE;
}

/* --- render ------------------------------------------------------------------------------------------------------- */

static int render(const struct options *o, const char *text)
{
    struct cf_error err;
    struct cf_buf png;
    if (!o->out)
        return cli_usage(&cli_code, "render needs --out FILE.png");
    cf_buf_init(&png, CF_QR_PNG_BYTES_MAX);
    enum cf_rc rc = cf_qr_png(cf_bytes_str(text), o->level, (unsigned)o->scale, &png, &err);
    if (rc == CF_OK)
        rc = cf_env_system()->ops->file_replace(cf_env_system()->ctx, o->out, cf_buf_bytes(&png), 0644, &err);
    cf_buf_done(&png);
    if (rc != CF_OK)
        return cli_fail(o->json, NULL, &err);
    if (o->json)
        cli_print_json(json_pack("{s:b, s:o}", "ok", 1, "file", cli_json_text(cf_bytes_str(o->out))));
    return CLI_DONE;
}

/* --- the shopper's phone ------------------------------------------------------------------------------------------ */

static enum cf_rc read_key(const char *path, struct cf_private_key **ret, struct cf_error *err)
{
    struct cf_buf pem;
    const char *text = NULL;
    cf_buf_init(&pem, CF_PEM_MAX);
    enum cf_rc rc = cf_env_system()->ops->file_read(cf_env_system()->ctx, path, &pem, err);
    if (rc == CF_OK)
        rc = cf_buf_cstr(&pem, &text, err);
    if (rc == CF_OK)
        rc = cf_private_key_from_pem(text, ret, err);
    if (pem.p)
        cf_bytes_wipe(pem.p, pem.n);
    cf_buf_done(&pem);
    return rc;
}

static int phone_key(const struct options *o)
{
    struct cf_error err;
    struct cf_private_key *key = NULL;
    char pem[CF_PEM_MAX];
    cf_public_key public;
    if (!o->out)
        return cli_usage(&cli_code, "phone-key needs --out FILE");
    enum cf_rc rc = cf_private_key_generate(&key, &err);
    if (rc == CF_OK)
        rc = cf_private_key_pem(key, pem, &err);
    if (rc == CF_OK)
        rc = cf_env_system()->ops->file_replace(cf_env_system()->ctx, o->out, cf_bytes_str(pem), 0600, &err);
    if (rc == CF_OK)
        cf_private_key_public(key, &public);
    cf_bytes_wipe(pem, sizeof pem);
    cf_private_key_free(key);
    if (rc != CF_OK)
        return cli_fail(o->json, NULL, &err);
    print_fields(o->json,
                 json_pack("{s:b, s:o}", "ok", 1, "device_key", cli_json_hex(public.point, CF_P256_PUBLIC_BYTES)));
    return CLI_DONE;
}

static int phone_code(const struct options *o)
{
    struct cf_error err;
    struct cf_code card, code;
    struct cf_private_key *key = NULL;
    char text[CF_CODE_TEXT_MAX];
    if (!o->key || !o->card || o->counter < 0)
        return cli_usage(&cli_code, "phone-code needs --key, --card and --counter");
    cf_wall at = cf_env_wall(cf_env_system());
    enum cf_rc rc = o->at ? cf_wall_parse(o->at, &at, &err) : CF_OK;
    if (rc == CF_OK)
        rc = cf_code_decode_text(cf_bytes_str(o->card), &card, &err);
    if (rc == CF_OK)
        rc = read_key(o->key, &key, &err);
    if (rc == CF_OK)
        rc = cf_member_code_sign(&card, cf_wall_s(at), (uint64_t)o->counter, NULL, NULL, key, &code, &err);
    if (rc == CF_OK)
        rc = cf_code_text(&code, text, &err);
    cf_private_key_free(key);
    if (rc != CF_OK)
        return cli_fail(o->json, NULL, &err);
    if (o->json)
        cli_print_json(json_pack("{s:b, s:s}", "ok", 1, "code", text));
    else
        puts(text);
    return CLI_DONE;
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static bool parse_long(const char *text, long least, long most, long *ret)
{
    char *end;
    errno = 0;
    long v = strtol(text, &end, 10);
    if (errno || end == text || *end || v < least || v > most)
        return false;
    *ret = v;
    return true;
}

static int parse_options(int argc, char **argv, struct options *o)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},          {"dir", required_argument, NULL, 'd'},
        {"out", required_argument, NULL, 'o'},     {"key", required_argument, NULL, 'k'},
        {"card", required_argument, NULL, 'c'},    {"at", required_argument, NULL, 'a'},
        {"counter", required_argument, NULL, 'n'}, {"scale", required_argument, NULL, 's'},
        {"level", required_argument, NULL, 'l'},   {0},
    };
    static const char levels[] = "LMQH";
    int option;
    *o = (struct options){.scale = 8, .level = CF_QR_M, .counter = -1};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        const char *level = NULL;
        switch (option) {
        case 'j':
            o->json = true;
            break;
        case 'd':
            o->dir = optarg;
            break;
        case 'o':
            o->out = optarg;
            break;
        case 'k':
            o->key = optarg;
            break;
        case 'c':
            o->card = optarg;
            break;
        case 'a':
            o->at = optarg;
            break;
        case 'n':
            if (!parse_long(optarg, 0, LONG_MAX, &o->counter))
                return cli_usage(&cli_code, "--counter is a number");
            break;
        case 's':
            if (!parse_long(optarg, 1, CF_QR_SCALE_MAX, &o->scale))
                return cli_usage(&cli_code, "--scale is 1 to %d", CF_QR_SCALE_MAX);
            break;
        case 'l':
            level = strlen(optarg) == 1 ? strchr(levels, optarg[0]) : NULL;
            if (!level)
                return cli_usage(&cli_code, "--level is L, M, Q or H");
            o->level = (enum cf_qr_level)(level - levels);
            break;
        default:
            return cli_usage_option(&cli_code, argv);
        }
    }
    return CLI_DONE;
}

static int run(int argc, char **argv)
{
    struct options o;
    int status = parse_options(argc, argv, &o);
    if (status != CLI_DONE)
        return status;
    const char *verb = optind < argc ? argv[optind] : "";
    const char *text = optind + 1 < argc ? argv[optind + 1] : NULL;
    if (strcmp(verb, "phone-key") == 0)
        return phone_key(&o);
    if (strcmp(verb, "phone-code") == 0)
        return phone_code(&o);
    if (!text)
        return cli_usage(&cli_code, "inspect, verify and render take a code; phone-key and phone-code take none");
    if (strcmp(verb, "inspect") == 0)
        return inspect(&o, text);
    if (strcmp(verb, "verify") == 0)
        return verify(&o, text);
    if (strcmp(verb, "render") == 0)
        return render(&o, text);
    return cli_usage(&cli_code, "no such verb: %s", verb);
}

const struct cli_command cli_code = {
    .name = "code",
    .summary = "look into a QR code, verify it, draw it",
    .help = "usage: counterfoil code inspect [--json] TEXT\n"
            "       counterfoil code verify --dir DIR [--json] TEXT\n"
            "       counterfoil code render --out FILE.png [--level L|M|Q|H] [--scale DOTS] TEXT\n"
            "       counterfoil code phone-key --out FILE.pem\n"
            "       counterfoil code phone-code --key FILE.pem --card MS1:... --counter N [--at TIME]\n\n"
            "inspect shows the fields and proves nothing. verify says whether the code is genuine by the keys and "
            "grants that\n"
            "the till in DIR has; whether it may be used is for the sale to say. render draws any text as a QR code.\n"
            "phone-key and phone-code play the shopper's phone: a device key, and the rotating member code (MC1) made "
            "with it.\n",
    .run = run,
};
