#!/bin/sh
# A program outside, with an installed copy:  installed.sh SOURCES BUILD CC...
# Installs a build into a temporary directory, and links what pkg-config says: all shared, then Talus static.
set -eu
sources=$1 build=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

DESTDIR=$work meson install -C "$build" --no-rebuild --quiet
file=$(find "$work" -name talus.pc)
libraries=$(dirname "$(dirname "$file")")
export PKG_CONFIG_PATH="$libraries/pkgconfig"
installed_prefix=$(pkg-config --variable=prefix talus)
ask() {
    pkg-config --define-variable=prefix="$work$installed_prefix" "$@" talus
}

run() {
    echo "$*"
    "$@"
}

# shellcheck disable=SC2046 # flags are lists of words
{
    run "$@" -o "$work/shared" "$sources/tests/outside/program.c" $(ask --cflags --libs) -lm
    run env LD_LIBRARY_PATH="$libraries" "$work/shared"
    run "$@" -o "$work/static" "$sources/tests/outside/program.c" $(ask --cflags) "$libraries/libtalus.a" \
        $(pkg-config --libs $(ask --print-requires-private)) -pthread -lm
    run "$work/static"
}
if ldd "$work/static" | grep libtalus; then
    echo "the static program needs libtalus.so"
    exit 1
fi
