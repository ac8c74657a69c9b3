#!/bin/sh
# A Meson project outside that has Talus as a subproject:  subproject.sh SOURCES
set -eu
sources=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/subprojects/talus"
cp "$sources/tests/outside/program.c" "$work"
(cd "$sources" && tar cf - meson.build meson_options.txt include lib examples tests tools bench) |
    (cd "$work/subprojects/talus" && tar xf -)
cat >"$work/meson.build" <<'END'
project('outside', 'c', version: '1')
talus = dependency('talus', fallback: 'talus')
math = meson.get_compiler('c').find_library('m', required: false)
test('program', executable('program', 'program.c', dependencies: [talus, math]))
END
meson setup --wrap-mode=forcefallback "$work/build" "$work"
meson compile -C "$work/build" program
"$work/build/program"
