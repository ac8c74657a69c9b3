#!/bin/sh
# A program that is linked to the static libraries of Talus and of OpenBLAS:  static_blas.sh LIBTALUS_A INCLUDE CC...
# Of the builds of OpenBLAS, the one with pthreads has a setting that can be watched; 77 if its archive is missing.
set -eu
library=$1 include=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

found=0
for archive in /usr/lib/*/openblas-pthread/libopenblas.a; do
    [ -e "$archive" ] || continue
    found=$((found + 1))
    "$@" -I"$include" -o "$work/program" "$(dirname "$0")/static_blas.c" "$library" -l:liblapacke.a "$archive" \
        -l:libgfortran.so.5 -lz -pthread -lm
    status=0
    OPENBLAS_NUM_THREADS=2 OMP_NUM_THREADS=2 "$work/program" || status=$?
    echo "$archive: $status"
    [ $status -eq 0 ] || exit $status
done
[ $found -gt 0 ] || { echo "no archive of OpenBLAS with pthreads is installed"; exit 77; }
