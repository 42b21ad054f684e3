#!/bin/sh
# docs/errors.md is what the registry says.   build: release (nothing is compiled)
set -u
echo 1..1
name='the page of errors is made from the registry'
if "$CF_SOURCE/tools/make-errors-doc" >errors.md && diff -u "$CF_SOURCE/docs/errors.md" errors.md | sed 's/^/# /' && cmp -s "$CF_SOURCE/docs/errors.md" errors.md; then
    echo "ok 1 - $name"
else
    echo "not ok 1 - $name # run: tools/make-errors-doc > docs/errors.md"
    exit 1
fi
