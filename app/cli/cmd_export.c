/*
 * app/cli/cmd_export.c - a business day as files: CSV, JSON, or an audit file.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/cli/export.h"
#include "app/counter/session.h"
#include "app/receipt/sale_receipt.h"

struct walk {
    struct export *export;
    const struct export_form *form;
    struct cf_sale *sale;
    struct cf_return *back;
    struct cf_request_record request;
    struct bon bon;
    uint64_t wanted_z, next, last_z_seq, n_bons;
    uint64_t to_seq; /* of a closed day its Z report */
    uint32_t newest_z;
};

/* --- which day -----------------------------------------------------------------------------------------------------
 */

/* The Z report that is asked for, or the newest; what follows on it is the open day. */
static enum cf_rc find_z(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                         const struct cf_sha256 *hash, struct cf_error *err)
{
    struct walk *walk = ctx;
    struct cf_z_report *z = walk->export->z;
    (void)body_hash;
    (void)hash;
    walk->next = record->seq + 1;
    if (record->type != CF_RECORD_Z_REPORT || record->body.p == NULL || (walk->wanted_z && z->z_no == walk->wanted_z))
        return CF_OK;
    enum cf_rc rc = cf_z_report_decode(record->body, z, err);
    walk->last_z_seq = record->seq;
    walk->newest_z = z->z_no;
    walk->export->z_at = (cf_wall){record->wall_ms * CF_US_PER_MS};
    return rc;
}

static enum cf_rc walk_records(struct cf_journal *journal, struct walk *walk, uint64_t from, uint64_t to,
                               cf_journal_record_fn each, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    walk->next = from;
    while (rc == CF_OK && walk->next <= to) {
        uint64_t before = walk->next;
        size_t n = to - before + 1 < 256 ? (size_t)(to - before + 1) : 256;
        rc = cf_journal_read(journal, before, n, each, walk, err);
        if (rc == CF_OK && walk->next == before)
            rc = cf_fail(err, CF_E_JOURNAL_BROKEN, "record %llu is missing", (unsigned long long)before);
    }
    return rc;
}

static enum cf_rc find_day(struct cf_journal *journal, struct walk *walk, struct cf_error *err)
{
    struct cf_z_report *z = walk->export->z;
    struct cf_journal_head head;
    enum cf_rc rc = cf_journal_head(journal, &head, err);
    if (rc == CF_OK)
        rc = walk_records(journal, walk, 1, head.seq, find_z, err);
    if (rc != CF_OK)
        return rc;
    if (walk->wanted_z && z->z_no != walk->wanted_z)
        return cf_fail(err, CF_E_NOT_FOUND, "there is no Z report %llu; the newest is %u",
                       (unsigned long long)walk->wanted_z, walk->newest_z);
    if (!walk->wanted_z) { /* the open day */
        memset(z, 0, sizeof *z);
        z->first_seq = walk->last_z_seq + 1;
        z->last_seq = head.seq;
    }
    walk->to_seq = walk->wanted_z ? walk->last_z_seq : head.seq;
    return CF_OK;
}

/* --- its bons ------------------------------------------------------------------------------------------------------
 */

static enum cf_rc make_bon(struct walk *walk, const struct cf_record *record, struct cf_drawer_event *event,
                           bool *ret_is, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    *ret_is = true;
    struct cf_open_return open;
    struct cf_cancelled cancelled;
    struct cf_pick_up taken;
    int64_t expires_s;
    switch ((int)record->type) {
    case CF_RECORD_SALE:
        rc = cf_sale_decode(record->body, walk->sale, err);
        return rc == CF_OK ? bon_of_sale(walk->sale, &walk->bon, err) : rc;
    case CF_RECORD_RETURN:
        rc = cf_return_decode(record->body, walk->back, err);
        return rc == CF_OK ? bon_of_return(walk->back, &walk->bon, err) : rc;
    case CF_RECORD_OPEN_RETURN:
        rc = cf_open_return_decode(record->body, &open, err);
        return rc == CF_OK ? bon_of_open_return(&open, walk->back, &walk->bon, err) : rc;
    case CF_RECORD_DRAWER:
        rc = cf_drawer_event_decode(record->body, event, err);
        return rc == CF_OK ? bon_of_drawer(event, &walk->bon, err) : rc;
    case CF_RECORD_CANCELLED:
        rc = cf_cancelled_decode(record->body, &cancelled, err);
        return rc == CF_OK ? bon_of_cancelled(&cancelled, walk->export->store.currency, &walk->bon, err) : rc;
    case CF_RECORD_QUOTE:
        rc = cf_quote_decode(record->body, walk->sale, &expires_s, err);
        return rc == CF_OK ? bon_of_quote(walk->sale, &walk->bon, err) : rc;
    case CF_RECORD_PICK_UP:
        rc = cf_pick_up_decode(record->body, &taken, err);
        return rc == CF_OK ? bon_of_pick_up(&taken, walk->export->store.currency, &walk->bon, err) : rc;
    case CF_RECORD_ORDER:
        rc = cf_request_record_decode(record->body, &walk->request, err);
        *ret_is = rc == CF_OK && walk->request.act == CF_REQUEST_ASK;
        return *ret_is ? bon_of_request(&walk->request, walk->export->store.tax_mode, &walk->bon, err) : rc;
    default:
        *ret_is = false;
        return CF_OK;
    }
}

static enum cf_rc put_entry(struct walk *walk, const struct cf_record *record, bool is_bon, struct cf_error *err)
{
    struct entry entry;
    bool tells = is_bon && walk->bon.kind != BON_PICK_UP; /* of which the record says more */
    enum cf_rc rc = entry_of(record, tells ? &walk->bon : NULL, &entry, err);
    if (rc != CF_OK)
        return rc;
    memcpy(entry.hash, walk->bon.hash, sizeof entry.hash);
    walk->form->put_entry(walk->export, &entry);
    return CF_OK;
}

static enum cf_rc put_record(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                             const struct cf_sha256 *hash, struct cf_error *err)
{
    struct walk *walk = ctx;
    struct bon_line *lines = walk->bon.lines;
    struct cf_drawer_event event;
    bool is = false;
    (void)body_hash;
    walk->next = record->seq + 1;
    memset(&walk->bon, 0, sizeof walk->bon);
    walk->bon.lines = lines;
    walk->bon.seq = record->seq;
    walk->bon.at = (cf_wall){record->wall_ms * CF_US_PER_MS};
    cf_hex_encode(cf_bytes_of(hash->digest, CF_SHA256_BYTES), walk->bon.hash);
    enum cf_rc rc = CF_OK;
    if (record->body.p != NULL) /* erased: its figures are in the Z alone */
        rc = make_bon(walk, record, &event, &is, err);
    if (rc == CF_OK && is && (walk->form->puts_all || bon_moves_money(&walk->bon))) {
        walk->form->put(walk->export, &walk->bon);
        walk->n_bons++;
    }
    if (rc == CF_OK && walk->form->put_entry != NULL)
        rc = put_entry(walk, record, is, err);
    return rc;
}

static enum cf_rc close_files(struct export *export, enum cf_rc rc, struct cf_error *err)
{
    bool failed = export->failed;
    for (size_t i = 0; i < EXPORT_TABLES_MAX; i++)
        if (export->table[i]) {
            failed = ferror(export->table[i]) || failed;
            failed = fclose(export->table[i]) != 0 || failed;
        }
    return rc == CF_OK && failed ? cf_fail(err, CF_E_IO, "not all of the files could be written") : rc;
}

static void read_store(const char *dir, struct export *export)
{
    struct cf_replica *replica = NULL;
    if (cf_replica_open(dir, CF_REPLICA_READ, &replica, NULL, NULL) == CF_OK)
        export->has_store = cf_replica_store(replica, &export->store, NULL) == CF_OK;
    cf_replica_close(replica);
    if (!export->has_store)
        memcpy(export->store.currency.code, "XXX", 4);
}

static enum cf_rc write_day(const char *dir, struct walk *walk, struct cf_error *err)
{
    struct cf_journal *journal = NULL;
    struct cf_journal_identity identity;
    enum cf_rc rc = cf_journal_open(dir, CF_JOURNAL_READ, cf_env_system(), &journal, err);
    if (rc != CF_OK)
        return rc;
    rc = cf_counter_check_session(dir, CF_ACT_EXPORT, INT64_MAX, err);
    if (rc != CF_OK) {
        cf_journal_close(journal);
        return rc;
    }
    cf_journal_identity(journal, &identity);
    walk->export->terminal = identity.terminal;
    walk->export->epoch = identity.epoch;
    read_store(dir, walk->export);
    rc = find_day(journal, walk, err);
    if (rc == CF_OK)
        rc = walk->form->begin(walk->export, err);
    if (rc == CF_OK)
        rc = walk_records(journal, walk, walk->export->z->first_seq, walk->to_seq, put_record, err);
    if (rc == CF_OK)
        rc = walk->form->end(walk->export, err);
    rc = close_files(walk->export, rc, err);
    cf_journal_close(journal);
    return rc;
}

static int export_day(const char *dir, const char *out, const struct export_form *form, uint64_t z_no, bool json)
{
    struct export *export = calloc(1, sizeof *export);
    struct walk *walk = calloc(1, sizeof *walk);
    struct cf_error err = {.rc = CF_OK};
    enum cf_rc rc = export && walk ? CF_OK : cf_fail(&err, CF_E_NO_MEMORY, "an export");
    if (rc == CF_OK) {
        *walk = (struct walk){.export = export, .form = form, .wanted_z = z_no};
        export->folder = out;
        export->z = calloc(1, sizeof *export->z);
        walk->bon.lines = calloc(CF_CART_LINES_MAX, sizeof *walk->bon.lines);
        rc = export->z && walk->bon.lines ? CF_OK : cf_fail(&err, CF_E_NO_MEMORY, "an export");
    }
    if (rc == CF_OK)
        rc = cf_sale_new(&walk->sale, &err);
    if (rc == CF_OK)
        rc = cf_return_new(&walk->back, &err);
    if (rc == CF_OK)
        rc = write_day(dir, walk, &err);
    int status = rc == CF_OK ? CLI_DONE : cli_fail(json, NULL, &err);
    if (rc == CF_OK && json)
        cli_print_json(json_pack("{s:b, s:s, s:I, s:I}", "ok", 1, "form", form->name, "z_no",
                                 (json_int_t) export->z->z_no, "bons", (json_int_t)walk->n_bons));
    else if (rc == CF_OK)
        printf("%llu bons of %s %u as %s in %s\n", (unsigned long long)walk->n_bons,
               export->z->z_no ? "Z report" : "the open day", export->z->z_no, form->name, out);
    if (walk) {
        cf_sale_free(walk->sale);
        cf_return_free(walk->back);
        free(walk->bon.lines);
    }
    if (export)
        free(export->z);
    free(export);
    free(walk);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"dir", required_argument, NULL, 'd'},
                                            {"out", required_argument, NULL, 'o'},
                                            {"z", required_argument, NULL, 'z'},
                                            {0}};
    static const struct export_form *const forms[] = {&export_csv, &export_json, &export_audit};
    const struct export_form *form = NULL;
    const char *dir = NULL, *out = NULL;
    unsigned long long z_no = 0;
    char *end = "";
    bool json = false;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'j')
            json = true;
        else if (option == 'd')
            dir = optarg;
        else if (option == 'o')
            out = optarg;
        else if (option == 'z' && optarg[0] >= '1' && optarg[0] <= '9')
            z_no = strtoull(optarg, &end, 10);
        else
            return cli_usage_option(&cli_export, argv);
    }
    for (size_t i = 0; optind + 1 == argc && i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(forms[i]->name, argv[optind]) == 0)
            form = forms[i];
    if (!dir || !out || !form || *end || z_no > UINT32_MAX)
        return cli_usage(&cli_export, "it needs --dir, --out FOLDER and one of: csv, json, audit");
    if (mkdir(out, 0755) != 0 && errno != EEXIST) {
        struct cf_error err;
        (void)!cf_fail_errno(&err, errno, "%s", out);
        return cli_fail(json, NULL, &err);
    }
    return export_day(dir, out, form, z_no, json);
}

const struct cli_command cli_export = {
    .name = "export",
    .summary = "a business day as CSV, JSON, or an audit file",
    .help = "usage: counterfoil export csv|json --dir DIR --out FOLDER [--z NUMBER] [--json]\n"
            "       counterfoil export audit --dir DIR --out FOLDER --z NUMBER [--json]\n\n"
            "Sales, returns and the drawer of the day that Z report NUMBER closed (or of the open one), with taxes\n"
            "by rate and payments: their sums are the Z's, to the cent. The journal beside them has a row for every\n"
            "record of the day: cancelled sales, logins, overrides, quotations, orders too. audit writes tables\n"
            "after DSFinV-K with an index.xml. Files that are there are not written over. Works beside a running\n"
            "till. Where the store has users, a manager or technician is logged in.\n",
    .run = run,
};
