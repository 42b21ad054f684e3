/*
 * base/error.h - what can go wrong, by name.
 *
 * Everything that can fail returns enum cf_rc and takes a nullable `struct cf_error *err` last. The names, numbers,
 * HTTP statuses, exit classes and the texts shown to a cashier stand once, in error_registry.def. Outputs (`ret_...`)
 * are unchanged on failure. Foreign codes (SQLite, mbedTLS, errno) stop at the adapter that meets them.
 */
#ifndef CF_BASE_ERROR_H
#define CF_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CF_MUST_CHECK __attribute__((warn_unused_result))
#define CF_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum cf_rc {
    CF_OK = 0,
#define CF_ERROR(number, name, http, class, retry, text) CF_E_##name = (number),
#include "base/error_registry.def"
#undef CF_ERROR
};

/* Who is at fault, hence which exit status a program ends with. */
enum cf_error_class {
    CF_CLASS_REFUSED = 1, /* a rule of the business said no */
    CF_CLASS_USAGE = 2,   /* the caller asked in the wrong way */
    CF_CLASS_BROKEN = 3,  /* a part of the machine does not work */
};

#define CF_ERROR_DETAIL_MAX 255

/* `detail` says what happened to what: plain text, UTF-8, no control characters, never a secret. */
struct cf_error {
    enum cf_rc rc;
    char detail[CF_ERROR_DETAIL_MAX + 1];
};

/* Sets *err (if not NULL) and returns rc, so that a failing function ends in `return cf_fail(err, ...)`.
 * The formatted detail is cut at CF_ERROR_DETAIL_MAX on a character boundary; control characters become '?'. */
enum cf_rc cf_fail(struct cf_error *err, enum cf_rc rc, const char *format, ...) CF_PRINTF(3, 4);

/* As cf_fail for a failed system call: maps errno (ENOSPC, EROFS, ENOENT, EACCES, ENOMEM, ...) and appends its text. */
enum cf_rc cf_fail_errno(struct cf_error *err, int errnum, const char *format, ...) CF_PRINTF(3, 4);

/* The compiler cannot see in another file that a failure is never CF_OK (asserted there). This tells it, so that
 * neither its warnings nor its analyzer follow paths that do not exist. */
static inline enum cf_rc cf_rc_failed(enum cf_rc rc)
{
    if (rc == CF_OK)
        __builtin_unreachable();
    return rc;
}
#define cf_fail(...) cf_rc_failed(cf_fail(__VA_ARGS__))
#define cf_fail_errno(...) cf_rc_failed(cf_fail_errno(__VA_ARGS__))

/* Registry look-ups. An rc that is not in the registry is a bug of ours and aborts; parse such numbers with
 * cf_rc_from_number, which returns false for a number that is not registered; 0 is not, so that an
 * answer from outside cannot claim to be an error of no kind. */
const char *cf_rc_name(enum cf_rc rc); /* "COUPON_SPENT"; "OK" for CF_OK */
const char *cf_rc_text(enum cf_rc rc); /* for a cashier: what happened, what to do */
int cf_rc_http_status(enum cf_rc rc);  /* 200 for CF_OK */
enum cf_error_class cf_rc_class(enum cf_rc rc);
bool cf_rc_retry(enum cf_rc rc); /* may the same request succeed later, unchanged? */
bool cf_rc_from_number(int64_t number, enum cf_rc *ret_rc);

/* All registered codes in order, for tables: returns false past the end. */
bool cf_rc_at(size_t position, enum cf_rc *ret_rc);

#endif
