/*
 * base/text.h - text from outside: UTF-8 checked, control characters kept off receipts, logs and terminals.
 */
#ifndef CF_BASE_TEXT_H
#define CF_BASE_TEXT_H

#include "base/bytes.h"

/* Is it well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF) without NUL? */
bool cf_text_is_utf8(cf_bytes bytes);

#define CF_TEXT_REPLACEMENT UINT32_C(0xFFFD)

/* Must this code point be kept off paper, logs and terminals? C0, DEL, C1, U+2028/9, bidirectional embeddings,
 * overrides and isolates, U+FEFF. */
bool cf_text_is_control(uint32_t code_point);

/* Copies to `out` (cap bytes with the NUL): each control character and each malformed byte becomes U+FFFD; cut at a
 * character boundary. Returns the length without the NUL. */
size_t cf_text_clean(cf_bytes in, char *out, size_t cap);

/* As above, but refuses: CF_E_ENCODING for malformed UTF-8 or a control character, CF_E_LIMIT if it does not fit
 * whole. */
enum cf_rc cf_text_accept(cf_bytes in, char *out, size_t cap, struct cf_error *err) CF_MUST_CHECK;

/* Decodes one code point at *at (< in.n) and moves *at past it; U+FFFD for a malformed byte (moves by one). */
uint32_t cf_text_next(cf_bytes in, size_t *at);

/* Columns on a fixed-pitch receipt: East Asian wide and full-width characters take 2, combining marks 0 (UAX #11). */
unsigned cf_text_columns(const char *text);
/* The longest prefix of text, in bytes, that takes at most `columns`. */
size_t cf_text_fit(const char *text, unsigned columns);

#endif
