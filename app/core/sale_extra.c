/*
 * app/core/sale_extra.c - see sale_extra.h. One row of the table is one key; order is that of the keys.
 */
#include "app/core/sale_extra.h"

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
    if ((cf_sale_facts_known(&sale->facts) & CF_FACTS_OF_MEMBER) != 0 && !sale->has_member)
        return cf_fail(err, CF_E_RECORD, "facts of a member on a sale without one");
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
