#!/bin/sh
# Every public header alone, and a whole program, the one in README.md, compile without a warning:
#     headers.sh SOURCES LANGUAGE STANDARD COMPILER...        such as  c c11 gcc  or  c++ c++17 clang++
# Exits with 77, which Meson counts as skipped, if there is no such compiler.
set -eu
sources=$1 language=$2 standard=$3
shift 3
if ! command -v "$1" >/dev/null; then
    echo "there is no $1"
    exit 77
fi
case $language in
c) flags='-Wstrict-prototypes' ;;
*) flags='-Wold-style-cast' ;;
esac

compile() {
    "$@" -x "$language" -std="$standard" -Wall -Wextra -Wpedantic $flags -Werror -I"$sources/include" -O2 -c -o /dev/null -
}

for header in "$sources"/include/talus/*.h; do
    echo "$header"
    printf '#include <talus/%s>\nextern int not_empty;\nint not_empty;\n' "$(basename "$header")" | compile "$@"
done
echo "the program in README.md"
awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$sources/README.md" | compile "$@"
