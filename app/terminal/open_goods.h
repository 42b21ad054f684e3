/*
 * app/terminal/open_goods.h - goods of the open sale with what follows them: deposits, serial numbers, where prices are
 * from.
 *
 * A deposit is a line of its own that was made with its goods: it changes and goes with them, and alone it does
 * neither. For open_sale.c only. Pure.
 */
#ifndef CF_TERMINAL_OPEN_GOODS_H
#define CF_TERMINAL_OPEN_GOODS_H

#include "app/terminal/step.h"

/* A step of kind LINE, QUANTITY, PRICE or VOID. Errors of the cart; CF_E_GOODS_DEPOSIT, CF_E_GOODS_SERIAL_TWICE,
 * CF_E_PRICE_AGREED. On an error the cart is unchanged, but for CF_E_OVERFLOW. */
enum cf_rc cf_open_goods_take(struct cf_cart *cart, const struct cf_step *step, struct cf_error *err) CF_MUST_CHECK;
/* All lines of the order that is paid here are void. */
void cf_open_goods_drop_order(struct cf_cart *cart);

#endif
