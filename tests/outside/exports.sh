#!/bin/sh
# What the shared library shows to the world:  exports.sh LIBRARY INCLUDE
# Its name, only names that begin with talus_, and a function for every declaration in the headers.
set -eu
library=$1 include=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

soname=$(readelf -d "$library" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
if [ "$soname" != libtalus.so.0.1 ]; then
    echo "the SONAME is '$soname'; libtalus.so.0.1 is wanted"
    exit 1
fi

nm -D --defined-only "$library" | awk '{ print $NF }' | sort >"$work/exported"
cat "$include"/talus/*.h | tr '\n' ' ' | grep -o 'TALUS_API [^;(]*(' | grep -o 'talus_[a-z0-9_]*($' |
    tr -d '(' | sort >"$work/declared"
if ! diff "$work/declared" "$work/exported" >"$work/difference"; then
    echo "declared in the headers (<) and exported by the library (>) differ:"
    cat "$work/difference"
    exit 1
fi
echo "$soname exports the $(wc -l <"$work/exported") functions that its headers declare"
