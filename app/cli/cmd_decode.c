/*
 * app/cli/cmd_decode.c - reads the codes in pictures with the camera's decoder.
 */
#include <getopt.h>
#include <stdio.h>

#include "app/cli/cli.h"
#include "base/text.h"
#include "drivers/camera/camera.h"

static json_t *symbol_json(const struct cf_symbol *symbol)
{
    return json_pack("{s:s, s:s, s:o, s:i, s:[i,i,i,i]}", "symbology", cf_symbology_name(symbol->symbology), "aim",
                     symbol->aim, "text", cli_json_exact(symbol->text), "quality", symbol->quality, "box",
                     (int)symbol->x, (int)symbol->y, (int)symbol->width, (int)symbol->height);
}

static void print_text(const char *path, const struct cf_symbol *symbol)
{
    json_t *file = cli_json_text(cf_bytes_str(path)), *clean = cli_json_text(symbol->text);
    printf("%s: %s %s\n", json_string_value(file), cf_symbology_name(symbol->symbology), json_string_value(clean));
    json_decref(file);
    json_decref(clean);
}

/* All codes of all frames of a file; the same code again is not told again. */
static enum cf_rc decode_file(struct cf_decoder *decoder, const char *path, bool json, size_t *ret_found,
                              struct cf_error *err)
{
    struct cf_frame_source *source = NULL;
    enum cf_rc rc = cf_frame_source_of_file(path, &source, err);
    size_t frame_no = 0;
    *ret_found = 0;
    while (rc == CF_OK) {
        bool got = false;
        struct cf_frame frame;
        struct cf_symbols symbols;
        rc = cf_frame_source_next(source, &got, &frame, err);
        if (rc != CF_OK || !got)
            break;
        rc = cf_decode(decoder, &frame, &symbols, err);
        if (rc != CF_OK)
            break;
        json_t *list = json_array();
        for (size_t i = 0; i < symbols.n; i++) {
            if (json)
                json_array_append_new(list, symbol_json(&symbols.symbol[i]));
            else
                print_text(path, &symbols.symbol[i]);
        }
        if (json)
            cli_print_json_ascii(json_pack("{s:b, s:o, s:i, s:O, s:i}", "ok", symbols.n > 0, "file",
                                           cli_json_text(cf_bytes_str(path)), "frame", (int)frame_no, "symbols", list,
                                           "weak", (int)symbols.n_weak));
        json_decref(list);
        *ret_found += symbols.n;
        frame_no++;
    }
    cf_frame_source_free(source);
    return rc;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {0}};
    bool json = false;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option != 'j')
            return cli_usage_option(&cli_decode, argv);
        json = true;
    }
    if (optind == argc)
        return cli_usage(&cli_decode, "name at least one picture");
    struct cf_error err;
    struct cf_decoder *decoder = NULL;
    if (cf_decoder_new(&decoder, &err) != CF_OK)
        return cli_fail(json, NULL, &err);
    int status = CLI_DONE;
    for (int i = optind; i < argc; i++) {
        size_t found = 0;
        enum cf_rc rc = decode_file(decoder, argv[i], json, &found, &err);
        if (rc == CF_OK && found > 0)
            continue;
        if (rc == CF_OK)
            rc = cf_fail(&err, CF_E_IMAGE_EMPTY, "no frame shows one");
        int failed = cli_exit_status(rc);
        if (json && rc != CF_E_IMAGE_EMPTY)
            cli_print_json(json_pack("{s:b, s:o, s:o}", "ok", 0, "file", cli_json_text(cf_bytes_str(argv[i])), "error",
                                     cli_error_json(&err)));
        else if (!json)
            cli_fail(false, argv[i], &err);
        status = failed > status ? failed : status;
    }
    cf_decoder_free(decoder);
    return status;
}

const struct cli_command cli_decode = {
    .name = "decode",
    .summary = "read the codes in pictures",
    .help =
        "usage: counterfoil decode [--json] IMAGE...\n\n"
        "Reads EAN, UPC, Code 128 and QR codes in PNG, PGM, WebP, JPEG and Y4M files (every frame). A 1-D code that "
        "was read "
        "too\n"
        "weakly to be believed is left out and counted as weak. Exit status 1 if a picture has no code, 2 if a file\n"
        "is no picture.\n",
    .run = run,
};
