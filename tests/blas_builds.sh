#!/bin/sh
# The bits of a training run are the same over every build of OpenBLAS that is installed, whether products are the
# library's own or calls of the BLAS.   usage: blas_builds.sh PRINT_BITS
set -eu
print_bits=$1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

builds=0
for plan in "" "avx512 f32 products=blas
avx512 f64 products=blas
avx2 f32 products=blas
avx2 f64 products=blas"; do
    rm -f "$directory/first"
    for library in /usr/lib/*/openblas-pthread /usr/lib/*/openblas-openmp /usr/lib/*/openblas-serial; do
        [ -e "$library/libopenblas.so.0" ] || continue
        builds=$((builds + 1))
        OPENBLAS_NUM_THREADS=2 OMP_NUM_THREADS=2 LD_LIBRARY_PATH=$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} \
            "$print_bits" ${plan:+"$plan"} >"$directory/output"
        grep "^bits" "$directory/output" >"$directory/bits"
        [ -e "$directory/first" ] || cp "$directory/bits" "$directory/first"
        cmp "$directory/first" "$directory/bits" || { echo "$library gives other bits"; exit 1; }
        echo "$library: $(sort -u "$directory/bits" | wc -l) results, the same bits"
    done
done
[ "$builds" -gt 2 ] || { echo "fewer than two builds of OpenBLAS are installed"; exit 77; }
