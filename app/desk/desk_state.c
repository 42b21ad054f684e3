/*
 * app/desk/desk_state.c - the state of the till: its link, its devices, its language, and the barcodes that do what
 * keys do.
 */
#include "app/desk/desk_private.h"

#include <stdio.h>
#include <string.h>

#include "app/receipt/receipt.h"

#define ONLINE_S 30 /* since the centre last answered */

/* --- the link
 * ---------------------------------------------------------------------------------------------------------
 */

void cf_desk_link(struct cf_desk *desk, bool online, uint64_t unsent)
{
    if (online && !desk->online) {
        desk->online_since = cf_till_clock(desk->till).best;
    }
    desk->online = online;
    desk->unsent = unsent;
}

bool desk_look_at_link(struct cf_desk *desk)
{
    bool online = desk->online;
    uint64_t unsent = desk->unsent;
    if (cf_till_link(desk->till, &desk->link, NULL) != CF_OK) {
        return false;
    }
    int64_t ago_us = desk->link.now.us - desk->link.last_contact.us;
    bool heard = desk->link.last_contact.us != 0 && ago_us < ONLINE_S * CF_US_PER_S && -ago_us < ONLINE_S * CF_US_PER_S;
    cf_desk_link(desk, heard && !desk->link.fenced, desk->link.recorded - desk->link.acknowledged);
    return online != desk->online || unsent != desk->unsent || desk->over == CF_PAGE_SYNC;
}

int desk_sending_percent(const struct cf_desk *desk)
{
    uint64_t all = desk->link.recorded - desk->sending_from;
    uint64_t done = desk->link.acknowledged > desk->sending_from ? desk->link.acknowledged - desk->sending_from : 0;
    return !desk->sending ? -1 : all == 0 ? 100 : (int)(done < all ? done * 100 / all : 100);
}

bool desk_look_at_sending(struct cf_desk *desk)
{
    if (!desk->sending || desk->ports.sending == NULL || desk->ports.sending(desk->ports.ctx)) {
        return false;
    }
    desk->sending = false;
    desk_look_at_link(desk);
    if (desk->unsent == 0) {
        desk_say(desk, _("All records are sent"), "");
    } else {
        desk_say(desk, _("Not all records were sent"), _("Sales go on; the rest is sent when there is a link"));
    }
    return true;
}

static const char *prompt_sync(const struct cf_desk *desk)
{
    return desk->online ? _("The centre answers") : _("Offline: selling goes on, records are kept and sent later");
}

static void fill_sync(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    char text[CF_PAGE_AMOUNT_MAX];
    (void)view;
    desk_time(desk, desk->online ? desk->online_since : desk->link.last_contact, text, sizeof text);
    desk_field(page->fields, &page->n_fields, desk->online ? _("Online since") : _("Last heard of the centre"), text,
               false);
    desk_put(text, sizeof text, "%llu", (unsigned long long)desk->unsent);
    desk_field(page->fields, &page->n_fields, _("Not sent yet"), text, true);
    if (desk->unsent > 0) {
        desk_time(desk, desk->link.oldest_unsent, text, sizeof text);
        desk_field(page->fields, &page->n_fields, _("The oldest is of"), text, false);
    }
    desk_put(text, sizeof text, "%llu", (unsigned long long)desk->link.prices);
    desk_field(page->fields, &page->n_fields, _("Price file"), text, false);
    page->n_choices = desk->n_findings + desk->n_leased;
    int coming_percent = desk_coming(&desk->link.coming, page);
    page->progress_percent = desk->sending ? desk_sending_percent(desk) : coming_percent;
    desk_key(desk, page, CF_DO_SEND, _("Send now"), CF_KEY_CONFIRM,
             desk->ports.send != NULL && !desk->sending && desk->unsent > 0);
    desk_back_key(desk, page);
}

/* Findings first, then what may be spent while there is no link. */
static void choose_sync(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    char a[CF_PAGE_AMOUNT_MAX];
    if (row < desk->n_findings) {
        const struct cf_till_finding *finding = &desk->findings[row];
        desk_put(ret->title, sizeof ret->title, _("Record %llu"), (unsigned long long)finding->seq);
        desk_put(ret->detail, sizeof ret->detail, "%s", _(cf_rc_text(finding->rc)));
        return;
    }
    row -= desk->n_findings;
    if (row >= desk->n_leased) {
        return;
    }
    const struct cf_till_leased *lease = &desk->leased[row];
    desk_put(ret->title, sizeof ret->title, "%s", lease->name);
    if (lease->is_risk) {
        desk_put(ret->detail, sizeof ret->detail, _("May be risked offline: %s"),
                 desk_money(desk, lease->minor > 0 ? lease->minor : 0, a));
    } else {
        desk_put(ret->detail, sizeof ret->detail, _("Uses left offline: %lld of %lld"),
                 (long long)(lease->units > 0 ? lease->units : 0), (long long)lease->granted_units);
    }
    ret->good = true;
}

static bool act_sync(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    struct cf_error err;
    (void)arg;
    if (act != CF_DO_SEND) {
        return false;
    }
    if (desk->ports.send == NULL || desk->sending) {
        return true;
    }
    desk->sending_from = desk->link.acknowledged;
    enum cf_rc rc = desk->ports.send(desk->ports.ctx, &err);
    desk->sending = rc == CF_OK;
    if (rc != CF_OK) {
        desk_say_refused(desk, &err);
    }
    return true;
}

const struct desk_page desk_page_sync = {
    .prompt = prompt_sync, .fill = fill_sync, .choice = choose_sync, .act = act_sync};

/* --- devices
 * ----------------------------------------------------------------------------------------------------------
 */

static const char *prompt_devices(const struct cf_desk *desk)
{
    (void)desk;
    return _("What is connected to this till");
}

static void fill_devices(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    page->n_choices = desk->n_devices;
    desk_back_key(desk, page);
}

static void choose_device(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    if (row < desk->n_devices) {
        desk_put(ret->title, sizeof ret->title, "%s", _(desk->devices[row].name));
        desk_put(ret->detail, sizeof ret->detail, "%s", _(desk->devices[row].state));
        ret->good = desk->devices[row].good;
    }
}

const struct desk_page desk_page_devices = {.prompt = prompt_devices, .fill = fill_devices, .choice = choose_device};

static void look_at_devices(struct cf_desk *desk)
{
    enum cf_quarantine_why why = cf_till_quarantine(desk->till);
    desk->n_devices = desk->ports.devices != NULL ? desk->ports.devices(desk->ports.ctx, desk->devices) : 0;
    if (why != CF_QUARANTINE_NONE && desk->n_devices < CF_DESK_DEVICES_MAX) {
        struct cf_desk_device *device = &desk->devices[desk->n_devices++];
        desk_put(device->name, sizeof device->name, "%s", N_("This till"));
        desk_put(device->state, sizeof device->state, "%s", cf_rc_text(CF_E_QUARANTINED));
        device->good = false;
    }
}

/* --- barcodes that do what keys do
 * ------------------------------------------------------------------------------------
 */

/* With these, a scanner and the drawer a plain sale can be made. */
static const enum cf_desk_do commands[] = {CF_DO_CASH, CF_DO_NOTE,   CF_DO_ENTER, CF_DO_BACK, CF_DO_VOID,
                                           CF_DO_PARK, CF_DO_TENDER, CF_DO_CARD,  CF_DO_LOCK, CF_DO_REPRINT};
#define N_COMMANDS (sizeof commands / sizeof commands[0])

static const char *command_label(enum cf_desk_do act)
{
    switch ((int)act) {
    case CF_DO_CASH:
        return _("Cash");
    case CF_DO_NOTE:
        return _("Cash, exactly");
    case CF_DO_ENTER:
        return _("Confirm");
    case CF_DO_BACK:
        return _("Back");
    case CF_DO_VOID:
        return _("Void line");
    case CF_DO_PARK:
        return _("Park");
    case CF_DO_TENDER:
        return _("Pay");
    case CF_DO_CARD:
        return _("Card");
    case CF_DO_LOCK:
        return _("Lock");
    case CF_DO_REPRINT:
        return _("Print again");
    default:
        return "";
    }
}

static const char *prompt_commands(const struct cf_desk *desk)
{
    (void)desk;
    return _("Codes to scan instead of touching keys: print them and lay them beside the scanner");
}

static void fill_commands(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    page->n_choices = N_COMMANDS;
    desk_key(desk, page, CF_DO_PRINT, _("Print"), CF_KEY_CONFIRM, desk->ports.print_document != NULL);
    desk_back_key(desk, page);
}

static void choose_command(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    (void)desk;
    if (row < N_COMMANDS) {
        desk_put(ret->title, sizeof ret->title, "%s", command_label(commands[row]));
        desk_put(ret->detail, sizeof ret->detail, CF_DESK_COMMAND_PREFIX "%s", desk_act_name(commands[row]));
        ret->good = true;
    }
}

/* One code for each, and one for each note: "CF!note 50.00". */
static enum cf_rc build_sheet(const struct cf_desk *desk, struct cf_receipt *sheet, struct cf_error *err)
{
    int64_t values[CF_DENOMINATIONS_MAX];
    cf_currency currency = cf_till_store(desk->till)->currency;
    char code[CF_PAGE_ENTRY_MAX], amount[CF_PAGE_AMOUNT_MAX];
    size_t n = cf_denominations(currency, values);
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < N_COMMANDS; i++) {
        snprintf(code, sizeof code, CF_DESK_COMMAND_PREFIX "%s", desk_act_name(commands[i]));
        rc = cf_receipt_add_qr(sheet, code, command_label(commands[i]), err);
    }
    for (size_t i = 0; rc == CF_OK && i < n && i < 4; i++) { /* the largest */
        cf_money_format((cf_money){values[i], currency}, amount);
        snprintf(code, sizeof code, CF_DESK_COMMAND_PREFIX "note %s", amount);
        rc = cf_receipt_add_qr(sheet, code, desk_money(desk, values[i], amount), err);
    }
    return rc == CF_OK ? cf_receipt_add_cut(sheet, err) : rc;
}

static bool act_commands(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    struct cf_receipt *sheet = NULL;
    struct cf_error err;
    (void)arg;
    if (act != CF_DO_PRINT || desk->ports.print_document == NULL) {
        return act == CF_DO_PRINT;
    }
    enum cf_rc rc = cf_receipt_new(&sheet, &err);
    if (rc == CF_OK) {
        rc = build_sheet(desk, sheet, &err);
    }
    if (rc == CF_OK) {
        rc = desk->ports.print_document(desk->ports.ctx, sheet, "command-codes", &err);
    }
    cf_receipt_free(sheet);
    if (rc != CF_OK) {
        desk_say_refused(desk, &err);
    } else {
        desk_say(desk, _("Printed"), "");
    }
    return true;
}

const struct desk_page desk_page_commands = {
    .prompt = prompt_commands, .fill = fill_commands, .choice = choose_command, .act = act_commands};

/* --- acts
 * -------------------------------------------------------------------------------------------------------------
 */

bool desk_state_act(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    switch ((int)act) {
    case CF_DO_DEVICES:
        desk_enter(desk, CF_PAGE_DEVICES);
        look_at_devices(desk);
        return true;
    case CF_DO_SYNC:
        desk_enter(desk, CF_PAGE_SYNC);
        desk_look_at_link(desk);
        desk->n_leased = desk->n_findings = 0;
        if (cf_till_leased(desk->till, desk->leased, DESK_LEASED_MAX, &desk->n_leased, NULL) != CF_OK ||
            cf_till_findings(desk->till, desk->findings, DESK_FINDINGS_MAX, &desk->n_findings, NULL) != CF_OK) {
            desk->n_findings = 0;
        }
        return true;
    case CF_DO_COMMANDS:
        desk_enter(desk, CF_PAGE_COMMANDS);
        return true;
    case CF_DO_LANGUAGE:
        desk_next_language(desk);
        return true;
    default:
        return false;
    }
}
