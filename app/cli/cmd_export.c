/*
 * app/cli/cmd_export.c - a business day as files: CSV, JSON, or an audit file.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

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
    uint64_t wanted_z, next, n_bons;
    uint64_t to_seq; /* of a closed day its Z report */
    bool tells;      /* how far it is */
};

/* --- which day -----------------------------------------------------------------------------------------------------
 */

/* For who waits: how many records of the day are written. */
static void tell_progress(const struct walk *walk, uint64_t from, uint64_t to)
{
    if (!walk->tells)
        return;
    printf("%llu %llu\n", (unsigned long long)(walk->next - from), (unsigned long long)(to + 1 - from));
    (void)fflush(stdout);
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
        tell_progress(walk, from, to);
    }
    return rc;
}

/* The Z report that is asked for, from the newest back; or the open day behind the newest. */
static enum cf_rc find_day(struct cf_journal *journal, struct walk *walk, struct cf_error *err)
{
    struct cf_z_report *z = walk->export->z;
    struct cf_journal_head head;
    uint64_t z_seq = 0, first_seq = 0;
    enum cf_rc rc = cf_journal_head(journal, &head, err);
    if (rc == CF_OK)
        rc = cf_journal_z_before(journal, first_seq, z, &z_seq, &walk->export->z_at, err);
    if (rc != CF_OK)
        return rc;
    uint32_t newest = z->z_no;
    if (!walk->wanted_z) {
        memset(z, 0, sizeof *z);
        z->first_seq = z_seq + 1;
        z->last_seq = head.seq;
        walk->to_seq = head.seq;
        return CF_OK;
    }
    while (rc == CF_OK && z->z_no > walk->wanted_z && z->first_seq > 1) {
        first_seq = z->first_seq;
        rc = cf_journal_z_before(journal, first_seq, z, &z_seq, &walk->export->z_at, err);
    }
    if (rc == CF_OK && z->z_no != walk->wanted_z)
        return cf_fail(err, CF_E_NOT_FOUND, "there is no Z report %llu; the newest is %u",
                       (unsigned long long)walk->wanted_z, newest);
    walk->to_seq = z_seq;
    return rc;
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
    if (rc == CF_OK && export->failed)
        rc = cf_fail(err, CF_E_IO, "not all of the files could be written");
    for (size_t i = 0; i < EXPORT_TABLES_MAX; i++)
        if (export->table[i]) {
            enum cf_rc closed = export_file_close(export->table[i], export->folder, rc == CF_OK ? err : NULL);
            rc = rc == CF_OK ? closed : rc;
        }
    return export_folder_end(export, rc, err);
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

static enum cf_rc write_day(const char *dir, const char *out, struct walk *walk, struct cf_error *err)
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
        rc = export_folder_begin(walk->export, out, err);
    if (rc != CF_OK) {
        cf_journal_close(journal);
        return rc;
    }
    rc = walk->form->begin(walk->export, err);
    if (rc == CF_OK)
        rc = walk_records(journal, walk, walk->export->z->first_seq, walk->to_seq, put_record, err);
    if (rc == CF_OK)
        rc = walk->form->end(walk->export, err);
    rc = close_files(walk->export, rc, err);
    cf_journal_close(journal);
    return rc;
}

/* What there is to say in the end: to a program beside us a number alone, and that of an error in its own line. */
static int tell_end(const struct walk *walk, const char *out, bool json, enum cf_rc rc, const struct cf_error *err)
{
    const struct export *export = walk->export;
    if (rc != CF_OK && walk->tells)
        printf("error %d\n", (int)rc);
    if (rc != CF_OK)
        return cli_fail(json, NULL, err);
    if (walk->tells)
        return CLI_DONE;
    if (json)
        cli_print_json(json_pack("{s:b, s:s, s:I, s:I}", "ok", 1, "form", walk->form->name, "z_no",
                                 (json_int_t) export->z->z_no, "bons", (json_int_t)walk->n_bons));
    else
        printf("%llu bons of %s %u as %s in %s\n", (unsigned long long)walk->n_bons,
               export->z->z_no ? "Z report" : "the open day", export->z->z_no, walk->form->name, out);
    return CLI_DONE;
}

static int export_day(const char *dir, const char *out, const struct walk *what, bool json)
{
    struct export *export = calloc(1, sizeof *export);
    struct walk *walk = calloc(1, sizeof *walk);
    struct cf_error err = {.rc = CF_OK};
    enum cf_rc rc = export && walk ? CF_OK : cf_fail(&err, CF_E_NO_MEMORY, "an export");
    if (rc == CF_OK) {
        *walk = *what;
        walk->export = export;
        export->z = calloc(1, sizeof *export->z);
        walk->bon.lines = calloc(CF_CART_LINES_MAX, sizeof *walk->bon.lines);
        rc = export->z && walk->bon.lines ? CF_OK : cf_fail(&err, CF_E_NO_MEMORY, "an export");
    }
    if (rc == CF_OK)
        rc = cf_sale_new(&walk->sale, &err);
    if (rc == CF_OK)
        rc = cf_return_new(&walk->back, &err);
    if (rc == CF_OK)
        rc = write_day(dir, out, walk, &err);
    int status = walk ? tell_end(walk, out, json, rc, &err) : cli_fail(json, NULL, &err);
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
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},      {"dir", required_argument, NULL, 'd'},
        {"out", required_argument, NULL, 'o'}, {"z", required_argument, NULL, 'z'},
        {"progress", no_argument, NULL, 'p'},  {0}};
    static const struct export_form *const forms[] = {&export_csv, &export_json, &export_audit};
    struct walk what = {.form = NULL};
    const char *dir = NULL, *out = NULL;
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
        else if (option == 'p')
            what.tells = true;
        else if (option == 'z' && optarg[0] >= '1' && optarg[0] <= '9')
            what.wanted_z = strtoull(optarg, &end, 10);
        else
            return cli_usage_option(&cli_export, argv);
    }
    for (size_t i = 0; optind + 1 == argc && i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(forms[i]->name, argv[optind]) == 0)
            what.form = forms[i];
    if (!dir || !out || !what.form || *end || what.wanted_z > UINT32_MAX)
        return cli_usage(&cli_export, "it needs --dir, --out FOLDER and one of: csv, json, audit");
    return export_day(dir, out, &what, json);
}

const struct cli_command cli_export = {
    .name = "export",
    .summary = "a business day as CSV, JSON, or an audit file",
    .help =
        "usage: counterfoil export csv|json --dir DIR --out FOLDER [--z NUMBER] [--json | --progress]\n"
        "       counterfoil export audit --dir DIR --out FOLDER --z NUMBER [--json | --progress]\n\n"
        "Sales, returns and the drawer of the day that Z report NUMBER closed (or of the open one), with taxes\n"
        "by rate and payments: their sums are the Z's, to the cent. The journal beside them has a row for every\n"
        "record of the day: cancelled sales, logins, overrides, quotations, orders too. audit writes tables\n"
        "after DSFinV-K with an index.xml. A FOLDER that is not there comes to be once it is whole, and\n"
        "on the disk; in one that is there no file is written over. --progress says how far it is: lines of records\n"
        "written and records in all; \"error NUMBER\" if it fails. Works beside a running till. Where the store has "
        "users, a manager or technician is logged in.\n",
    .run = run,
};
