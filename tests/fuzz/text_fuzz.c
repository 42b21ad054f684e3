/* Text: cleaned text is always harmless, accepted text is its own cleaning, and details hold neither more nor less. */
#include "base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void assert_harmless(const char *text)
{
    cf_bytes in = cf_bytes_str(text);
    assert(cf_text_is_utf8(in));
    for (size_t at = 0; at < in.n;)
        assert(!cf_text_is_control(cf_text_next(in, &at)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cf_bytes in = cf_bytes_of(data, size);
    char *clean = malloc(3 * size + 1);
    char *accepted = malloc(size + 1);
    assert(clean != NULL && accepted != NULL);
    (void)cf_text_clean(in, clean, 3 * size + 1);
    assert_harmless(clean);
    if (cf_text_accept(in, accepted, size + 1, NULL) == CF_OK)
        assert(strcmp(accepted, clean) == 0);
    unsigned columns = cf_text_columns(clean);
    assert(cf_text_fit(clean, columns) == strlen(clean));
    size_t half = cf_text_fit(clean, columns / 2);
    clean[half] = '\0';
    assert_harmless(clean);
    assert(cf_text_columns(clean) <= columns / 2);

    struct cf_error err;
    (void)cf_fail(&err, CF_E_IO, "%.*s", (int)size, (const char *)data);
    assert_harmless(err.detail);
    (void)cf_text_clean(in, clean, size / 2 + 1);
    assert_harmless(clean);
    free(clean);
    free(accepted);
    return 0;
}
