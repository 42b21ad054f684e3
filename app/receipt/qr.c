/*
 * app/receipt/qr.c - QR codes by libqrencode.
 */
#include "app/receipt/qr.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <qrencode.h>

#include "app/receipt/png_write.h"

bool cf_qr_is_alphanumeric(cf_bytes text)
{
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        bool in = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c != '\0' && strchr(" $%*+-./:", c) != NULL);
        if (!in) {
            return false;
        }
    }
    return true;
}

static QRecLevel level_of(enum cf_qr_level level)
{
    static const QRecLevel levels[] = {QR_ECLEVEL_L, QR_ECLEVEL_M, QR_ECLEVEL_Q, QR_ECLEVEL_H};
    return levels[level];
}

static void done_input(QRinput **input)
{
    QRinput_free(*input); /* accepts NULL */
}

static void done_code(QRcode **code)
{
    QRcode_free(*code); /* accepts NULL */
}

enum cf_rc cf_qr_make(cf_bytes text, enum cf_qr_level level, struct cf_qr *ret, struct cf_error *err)
{
    if (text.n == 0 || text.n > INT_MAX) {
        return cf_fail(err, CF_E_CODE_SIZE, "no QR code of %zu bytes", text.n);
    }
    CF_CLEANUP(done_input) QRinput *input = QRinput_new2(0, level_of(level));
    if (input == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "QR code");
    }
    QRencodeMode mode = cf_qr_is_alphanumeric(text) ? QR_MODE_AN : QR_MODE_8;
    if (QRinput_append(input, mode, (int)text.n, text.p) != 0) {
        return cf_fail(err, errno == ENOMEM ? CF_E_NO_MEMORY : CF_E_CODE_SIZE, "no QR code of %zu bytes", text.n);
    }
    CF_CLEANUP(done_code) QRcode *code = QRcode_encodeInput(input);
    if (code == NULL) {
        return cf_fail(err, errno == ENOMEM ? CF_E_NO_MEMORY : CF_E_CODE_SIZE,
                       "%zu bytes are too many for a QR code at level %c", text.n, "LMQH"[level]);
    }
    ret->version = (unsigned)code->version;
    ret->side = (unsigned)code->width;
    for (size_t i = 0; i < (size_t)ret->side * ret->side; i++) {
        ret->module[i] = code->data[i] & 1; /* the lowest bit is the colour, others say what the module is for */
    }
    return CF_OK;
}

enum cf_rc cf_qr_png(cf_bytes text, enum cf_qr_level level, unsigned scale, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_qr qr;
    enum cf_rc rc = cf_qr_make(text, level, &qr, err);
    if (rc != CF_OK) {
        return rc;
    }
    size_t side = (size_t)(qr.side + 2 * CF_QR_QUIET_ZONE) * scale;
    if (scale == 0 || scale > CF_QR_SCALE_MAX || side > CF_QR_PNG_SIDE_MAX) {
        return cf_fail(err, CF_E_RANGE, "QR code of %u modules at %u dots a module", qr.side, scale);
    }
    uint8_t *grey = malloc(side * side);
    if (grey == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "QR picture of %zu dots", side);
    }
    memset(grey, UINT8_MAX, side * side);
    size_t margin = (size_t)CF_QR_QUIET_ZONE * scale;
    for (size_t y = 0; y < (size_t)qr.side * scale; y++) {
        for (size_t x = 0; x < (size_t)qr.side * scale; x++) {
            if (qr.module[y / scale * qr.side + x / scale]) {
                grey[(y + margin) * side + x + margin] = 0;
            }
        }
    }
    rc = cf_png_write(grey, (uint32_t)side, (uint32_t)side, ret, err);
    free(grey);
    return rc;
}
