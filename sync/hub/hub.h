/*
 * sync/hub/hub.h - the hub of a store: which till of the store may use a right, and what it keeps for them.
 *
 * A role that the centre gives to one terminal of the store. One function takes a message and gives an answer; it
 * decides over env (clock, files), hub.db and the terminal's replica alone, so that a simulator calls it without
 * sockets; server.h puts it on TLS. Each change is a step of a history whose head every answer tells, signed, and what
 * an answer says is durable before it is given. Two processes of one terminal may have hub.db open: the server through
 * cf_hub, and the sync through upward.h. Single-threaded. docs/hub.md tells the story.
 */
#ifndef CF_SYNC_HUB_HUB_H
#define CF_SYNC_HUB_HUB_H

#include "base/crypto/crypto.h"
#include "base/env.h"

struct cf_hub;

/* Texts and key are borrowed: they outlive the hub. */
struct cf_hub_config {
    const struct cf_env *env;
    const char *dir;              /* holds replica.db and hub.db */
    const char *incarnation_path; /* a file that no backup of `dir` holds */
    uint32_t store, terminal, epoch;
    uint32_t hub_epoch; /* of the assignment; at least 1 */
    const struct cf_private_key *sign_key;
};

/*
 * Begins a new incarnation of the hub. Free with cf_hub_close.
 *
 *   CF_E_HUB_FENCED  this hub epoch is over: hub.db is not what this terminal left behind, or it was set apart before
 *   CF_E_HUB_BROKEN, CF_E_REPLICA_BROKEN, CF_E_REPLICA_NONE, CF_E_SCHEMA_NEWER, and those of files
 */
enum cf_rc cf_hub_open(const struct cf_hub_config *config, struct cf_hub **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_hub_close(struct cf_hub *hub);

struct cf_hub_request {
    const char *method; /* "POST" */
    const char *path;   /* "/h1/claim" */
    cf_bytes body;
    uint32_t terminal, epoch; /* who the client's certificate names */
};
struct cf_hub_response {
    int status;
    const char *content_type;
    struct cf_buf body;
};
void cf_hub_response_init(struct cf_hub_response *response);
void cf_hub_response_done(struct cf_hub_response *response);

/* Answers every request: errors too are answers, with the refusal of wire.h. */
void cf_hub_handle(struct cf_hub *hub, const struct cf_hub_request *request, struct cf_hub_response *response);

#endif
