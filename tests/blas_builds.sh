#!/bin/sh
# The bits of a training run are the same over every build of OpenBLAS that is installed, whether products are the
# library's own or calls of the BLAS. A CBLAS without OpenBLAS's thread settings (Netlib's, in OpenBLAS's place) gives the
# same bits with products of the library's own, and trains. So do OpenBLAS's kernels for older processors. Further programs
# are tests, which pass over Netlib's and the kernels of Sandybridge.   usage: blas_builds.sh PRINT_BITS [TEST...]
set -eu
print_bits=$1
shift
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

# Prints the bits over the BLAS in this directory.
run() {
    OPENBLAS_NUM_THREADS=2 OMP_NUM_THREADS=2 LD_LIBRARY_PATH=$1${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} \
        "$print_bits" ${2:+"$2"} >"$directory/output"
    grep "^bits" "$directory/output"
}

# Runs the tests over the BLAS in this directory.
run_tests() {
    blas=$1
    shift
    for test in "$@"; do
        CK_FORK=no LD_LIBRARY_PATH=$blas${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} "$test"
    done
}

# Products of the library's own give the bits in the file first, whatever the BLAS is; but not methods that call it in any case.
same_own_bits() {
    grep -v BLAS "$directory/first" >"$directory/own"
    [ -n "$plan" ] || grep -v BLAS "$directory/bits" | cmp "$directory/own" - || { echo "$1 gives other bits"; exit 1; }
    echo "$1: $(sort -u "$directory/bits" | wc -l) results"
}

builds=0
for plan in "" "avx512 f32 products=blas
avx512 f64 products=blas
avx2 f32 products=blas
avx2 f64 products=blas"; do
    rm -f "$directory/first"
    for library in /usr/lib/*/openblas-pthread /usr/lib/*/openblas-openmp /usr/lib/*/openblas-serial; do
        [ -e "$library/libopenblas.so.0" ] || continue
        builds=$((builds + 1))
        run "$library" "$plan" >"$directory/bits"
        [ -e "$directory/first" ] || cp "$directory/bits" "$directory/first"
        cmp "$directory/first" "$directory/bits" || { echo "$library gives other bits"; exit 1; }
        echo "$library: $(sort -u "$directory/bits" | wc -l) results, the same bits"
    done
    for library in /usr/lib/*/blas/libblas.so.3; do
        [ -e "$library" ] && [ -e "$directory/first" ] || continue
        mkdir -p "$directory/netlib"
        ln -sf "$library" "$directory/netlib/libopenblas.so.0"
        ln -sf "$library" "$directory/netlib/libblas.so.3"
        # OpenBLAS's LAPACK needs OpenBLAS: Netlib's goes with it.
        lapack=${library%/blas/libblas.so.3}/lapack/liblapack.so.3
        [ -e "$lapack" ] || { echo "$library is there without $lapack"; exit 1; }
        ln -sf "$lapack" "$directory/netlib/liblapack.so.3"
        run "$directory/netlib" "$plan" >"$directory/bits"
        same_own_bits "$library"
        [ -n "$plan" ] || run_tests "$directory/netlib" "$@"
    done
    for core in Sandybridge Prescott; do
        export OPENBLAS_CORETYPE=$core
        run "" "$plan" >"$directory/bits"
        [ ! -e "$directory/first" ] || same_own_bits "$core"
        [ -n "$plan" ] || [ "$core" = Prescott ] || run_tests "" "$@"
        unset OPENBLAS_CORETYPE
    done
done
[ "$builds" -gt 2 ] || { echo "fewer than two builds of OpenBLAS are installed"; exit 77; }
