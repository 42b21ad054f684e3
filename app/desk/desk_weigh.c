/*
 * app/desk/desk_weigh.c - goods that are sold by weight: what the page shows of the scale, and what is taken from it.
 *
 * The cashier sees the weight before it is taken; a weight that is not at rest is never taken.
 */
#include "app/desk/desk_private.h"

static enum cf_rc look(struct cf_desk *desk, int32_t *ret_g, struct cf_error *err)
{
    return desk->ports.scale != NULL ? desk->ports.scale(desk->ports.ctx, ret_g, err)
                                     : cf_fail(err, CF_E_SCALE_OFF, "there is no scale");
}

static void kilograms(int64_t milli, char ret[CF_PAGE_AMOUNT_MAX])
{
    desk_put(ret, CF_PAGE_AMOUNT_MAX, "%lld.%03lld kg", (long long)(milli / 1000), (long long)(milli % 1000));
}

void desk_weigh_fill(struct cf_desk *desk, struct cf_cashier_page *page)
{
    char text[CF_PAGE_AMOUNT_MAX];
    int32_t gross_g = 0;
    bool good = look(desk, &gross_g, NULL) == CF_OK;
    if (good) {
        kilograms(gross_g, text);
    }
    desk_field(page->fields, &page->n_fields, _("On the scale"), good ? text : "–", true);
    if (desk->tare_milli > 0) {
        kilograms(desk->tare_milli, text);
        desk_field(page->fields, &page->n_fields, _("Tare"), text, false);
    }
    desk_key(desk, page, CF_DO_TARE, _("Tare"), CF_KEY_PLAIN, desk->n_entry > 0);
    desk_key(desk, page, CF_DO_ENTER, _("Confirm"), CF_KEY_CONFIRM, good || desk->n_entry > 0);
}

enum cf_rc desk_weigh_answer(struct cf_desk *desk, const char *text, struct cf_error *err)
{
    int64_t weight_milli = 0;
    int32_t weight_g = 0;
    enum cf_rc rc;
    if (text[0] != '\0') {
        rc = desk_parse_milli(text, &weight_milli, err);
    } else if (desk->ports.weigh == NULL) {
        rc = cf_fail(err, CF_E_SCALE_OFF, "there is no scale");
    } else {
        rc = desk->ports.weigh(desk->ports.ctx, (int32_t)desk->tare_milli, &weight_g, err);
        weight_milli = weight_g;
    }
    return rc == CF_OK ? cf_asked_weight(&desk->asked, weight_milli, err) : rc;
}

void desk_weigh_tare(struct cf_desk *desk)
{
    struct cf_error err;
    int64_t tare_milli = 0;
    enum cf_rc rc = desk_parse_milli(desk->entry, &tare_milli, &err);
    if (rc == CF_OK && (tare_milli < 0 || tare_milli > CF_QTY_MILLI_MAX)) {
        rc = cf_fail(&err, CF_E_SCALE_TARE, "\"%s\" is not a quantity", desk->entry);
    }
    desk_clear_entry(desk);
    if (rc == CF_OK) {
        desk->tare_milli = tare_milli;
        desk_say_nothing(desk);
    } else {
        desk_say_refused(desk, &err);
    }
}

bool desk_weigh_look(struct cf_desk *desk)
{
    int32_t gross_g = 0;
    if (desk_page_now(desk) != CF_PAGE_ASK || desk->asked.rc != CF_E_GOODS_WEIGHT) {
        return false;
    }
    enum cf_rc rc = look(desk, &gross_g, NULL);
    bool changed = rc != desk->scale_rc || gross_g != desk->scale_g;
    desk->scale_rc = rc;
    desk->scale_g = gross_g;
    return changed;
}
