#!/bin/sh
# The checks of this product: every entity in the list has its file, and the lists are sorted.
set -eu
list() { sed -n '/factory:begin/,/factory:end/p' "$1" | grep -v factory: || true; }
case "$1" in
lint)
    for file in app/*.txt; do
        list "$file" >"${TMPDIR:-/tmp}/mini-list-$$"
        LC_ALL=C sort -c "${TMPDIR:-/tmp}/mini-list-$$"
        rm "${TMPDIR:-/tmp}/mini-list-$$"
    done
    ;;
types | tests)
    count=0
    for entity in $(list app/entities.txt); do
        test -f "entities/$entity.txt"
        count=$((count + 1))
    done
    test "$count" -gt 0
    echo "$count passed"
    ;;
build)
    test -f schema.txt
    ;;
esac
echo ok
