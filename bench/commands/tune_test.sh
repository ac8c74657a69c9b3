#!/bin/sh
# The output of tune with tiny settings is a plan that a context loads:  tune_test.sh TALUS-BENCH
set -eu
plan=$(mktemp)
trap 'rm -f "$plan"' EXIT
"$1" tune --net 20-17-3 --batch 13 --rounds 1 --quick > "$plan"
grep -q '^#* *[a-z0-9]* f32 *[a-z_=0-9 ]*$' "$plan"
"$1" step --net 20-17-3 --batch 13 --rounds 1 --naive-rounds 0 --precision f32,f64 --plan "$plan"
echo 'avx2 f32 samples=1' > "$plan"
! "$1" step --net 20-17-3 --rounds 1 --plan "$plan"
