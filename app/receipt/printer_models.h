/*
 * app/receipt/printer_models.h - which receipt printers we know, as data: printer_models.txt, or a shop's own file of
 * the same form.
 *
 * A model is found by its name, or by what it says over the USB. Nothing here is code of a model: what a model can is
 * all in struct cf_escpos_profile. Pure.
 */
#ifndef CF_RECEIPT_PRINTER_MODELS_H
#define CF_RECEIPT_PRINTER_MODELS_H

#include "app/receipt/escpos.h"

#define CF_PRINTER_MODELS_BYTES_MAX 65536u
#define CF_PRINTER_MODEL_UNKNOWN "80mm" /* what is used where nothing is known */

/* The text of ours. Static. */
cf_bytes cf_printer_models(void);

/* The model of that name in `models`. CF_E_NOT_FOUND; CF_E_ARGUMENT with the line that is wrong, wherever it stands. */
enum cf_rc cf_printer_model_named(cf_bytes models, const char *name, struct cf_escpos_profile *ret,
                                  struct cf_error *err) CF_MUST_CHECK;
/* The first that says so, or has these numbers. `says`: maker and model with a space between. Errors as above. */
enum cf_rc cf_printer_model_of(cf_bytes models, cf_bytes says, uint16_t vendor, uint16_t product,
                               struct cf_escpos_profile *ret, struct cf_error *err) CF_MUST_CHECK;
/* One after the other, by position; CF_E_NOT_FOUND after the last. */
enum cf_rc cf_printer_model_at(cf_bytes models, size_t position, struct cf_escpos_profile *ret,
                               struct cf_error *err) CF_MUST_CHECK;

#endif
