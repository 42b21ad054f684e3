/*
 * app/core/sale_extra.c - see sale_extra.h. One row of the table is one key; order is that of the keys.
 */
#include "app/core/sale_extra.h"

#define EFFECT_FIELDS 3

/* --- 1: facts ----------------------------------------------------------------------------------------------------- */

static bool has_facts(const struct cf_sale *sale)
{
    return cf_sale_facts_known(&sale->facts) != 0;
}

static void write_facts(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    cf_sale_facts_write(&sale->facts, w);
}

static void read_facts(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    cf_sale_facts_read(r, &sale->facts);
}

static enum cf_rc check_facts(const struct cf_sale *sale, struct cf_error *err)
{
    struct cf_error why;
    if (cf_sale_facts_check(&sale->facts, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);
    for (size_t i = 0; i < sale->tenders.n && sale->facts.tenders != 0; i++)
        if ((sale->facts.tenders >> sale->tenders.tender[i].kind & 1) == 0)
            return cf_fail(err, CF_E_RECORD, "tender %zu: %s was not among what was to pay", i + 1,
                           cf_tender_kind_name(sale->tenders.tender[i].kind));
    if ((cf_sale_facts_known(&sale->facts) & CF_FACTS_OF_MEMBER) != 0 && !sale->has_member)
        return cf_fail(err, CF_E_RECORD, "facts of a member on a sale without one");
    return CF_OK;
}

/* --- 5: effects, [[campaign, version, redemption] ...] ------------------------------------------------------------ */

static bool has_effects(const struct cf_sale *sale)
{
    return sale->n_effects != 0;
}

static void write_effects(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, sale->n_effects);
    for (size_t i = 0; i < sale->n_effects; i++) {
        cf_cbor_write_array(w, EFFECT_FIELDS);
        cf_cbor_write_uint(w, sale->effects[i].campaign);
        cf_cbor_write_uint(w, sale->effects[i].version);
        cf_cbor_write_int(w, sale->effects[i].redemption);
    }
}

static void read_effects(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    (void)cf_cbor_read_array(r, &sale->n_effects, CF_EFFECTS_MAX);
    for (size_t i = 0; i < sale->n_effects; i++) {
        struct cf_sale_effect *effect = &sale->effects[i];
        int64_t redemption = 0;
        (void)cf_cbor_read_array_of(r, EFFECT_FIELDS);
        effect->campaign = cf_cbor_read_u32(r);
        effect->version = cf_cbor_read_u32(r);
        if (cf_cbor_read_int(r, &redemption) && (redemption < -1 || redemption >= CF_SALE_COUPONS_MAX))
            cf_cbor_read_refuse(r);
        effect->redemption = (int32_t)redemption;
    }
}

/* One promotion stands once on a sale: as a discount, or as an effect. */
static bool stands_before(const struct cf_sale *sale, size_t at)
{
    const struct cf_sale_effect *e = &sale->effects[at];
    for (size_t i = 0; i < at; i++)
        if (sale->effects[i].campaign == e->campaign && sale->effects[i].redemption == e->redemption)
            return true;
    for (size_t i = 0; i < sale->n_discounts; i++)
        if (sale->discounts[i].campaign == e->campaign && sale->discounts[i].redemption == e->redemption)
            return true;
    return false;
}

static enum cf_rc check_effects(const struct cf_sale *sale, struct cf_error *err)
{
    if (sale->n_effects > CF_EFFECTS_MAX)
        return cf_fail(err, CF_E_RECORD, "%zu effects", sale->n_effects);
    if (sale->n_effects > CF_OFFERS_MAX - sale->n_discounts)
        return cf_fail(err, CF_E_RECORD, "%zu discounts and %zu effects", sale->n_discounts, sale->n_effects);
    for (size_t i = 0; i < sale->n_effects; i++) {
        const struct cf_sale_effect *e = &sale->effects[i];
        if (e->redemption < -1 || (e->redemption >= 0 && (size_t)e->redemption >= sale->n_redemptions))
            return cf_fail(err, CF_E_RECORD, "effect %zu: there is no redemption %ld", i + 1, (long)e->redemption);
        if (e->redemption >= 0 && sale->redemptions[e->redemption].campaign != e->campaign)
            return cf_fail(err, CF_E_RECORD, "effect %zu: its coupon is of another campaign", i + 1);
        if (stands_before(sale, i))
            return cf_fail(err, CF_E_RECORD, "effect %zu: campaign %lu gives twice", i + 1, (unsigned long)e->campaign);
    }
    return CF_OK;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

static const struct extra {
    uint64_t key;
    bool (*has)(const struct cf_sale *sale);
    void (*write)(const struct cf_sale *sale, struct cf_cbor_writer *w);
    void (*read)(struct cf_cbor_reader *r, struct cf_sale *sale);
    enum cf_rc (*check)(const struct cf_sale *sale, struct cf_error *err);
} extras[] = {
    {1, has_facts, write_facts, read_facts, check_facts},
    {5, has_effects, write_effects, read_effects, check_effects},
};
#define EXTRAS (sizeof extras / sizeof extras[0])

bool cf_sale_has_extra(const struct cf_sale *sale)
{
    for (size_t i = 0; i < EXTRAS; i++)
        if (extras[i].has(sale))
            return true;
    return false;
}

void cf_sale_extra_write(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    size_t n = 0;
    for (size_t i = 0; i < EXTRAS; i++)
        n += extras[i].has(sale);
    cf_cbor_write_map(w, n);
    for (size_t i = 0; i < EXTRAS; i++)
        if (extras[i].has(sale)) {
            cf_cbor_write_uint(w, extras[i].key);
            extras[i].write(sale, w);
        }
}

void cf_sale_extra_read(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    size_t n, next = 0;
    if (!cf_cbor_read_map(r, &n, EXTRAS))
        return;
    if (n == 0)
        cf_cbor_read_refuse(r);
    for (size_t i = 0; i < n && r->rc == CF_OK; i++) {
        uint64_t key;
        if (!cf_cbor_read_uint(r, &key, UINT32_MAX))
            return;
        while (next < EXTRAS && extras[next].key < key)
            next++;
        if (next == EXTRAS || extras[next].key != key) { /* unknown, or not rising */
            cf_cbor_read_refuse(r);
            return;
        }
        extras[next].read(r, sale);
        if (r->rc == CF_OK && !extras[next].has(sale)) /* it says nothing: there is one encoding a sale */
            cf_cbor_read_refuse(r);
        next++;
    }
}

enum cf_rc cf_sale_extra_check(const struct cf_sale *sale, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < EXTRAS && rc == CF_OK; i++)
        rc = extras[i].check(sale, err);
    return rc;
}
