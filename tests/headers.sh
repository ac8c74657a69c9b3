#!/bin/sh
# Every public header is complete and clean when it is compiled alone:
#     headers.sh INCLUDE LANGUAGE STANDARD COMPILER...        such as  c c11 cc  or  c++ c++17 c++
# Exits with 77, which Meson counts as skipped, if there is no such compiler.
set -eu
include=$1 language=$2 standard=$3
shift 3
if ! command -v "$1" >/dev/null; then
    echo "there is no $1"
    exit 77
fi
for header in "$include"/talus/*.h; do
    echo "$header"
    printf '#include <talus/%s>\nextern int not_empty;\n' "$(basename "$header")" |
        "$@" -x "$language" -std="$standard" -pedantic -Wall -Wextra -Werror -I"$include" -fsyntax-only -
done
