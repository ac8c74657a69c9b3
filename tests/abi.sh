#!/bin/sh
# Programs that were linked with the last release run on this library:  abi.sh LIBRARY INCLUDE
# The release is installed in the directory TALUS_RELEASE. Exits with 77, which Meson counts as skipped, without it, or
# without abidiff (Debian package abigail-tools). Both libraries need debugging information (-g).
set -eu
library=$1 include=$2
if [ -z "${TALUS_RELEASE:-}" ] || ! command -v abidiff >/dev/null; then
    echo "there is no abidiff, or no release to compare with in TALUS_RELEASE"
    exit 77
fi
released=$(find "$TALUS_RELEASE" -name libtalus.so)
status=0
abidiff --headers-dir1 "$TALUS_RELEASE/include" --headers-dir2 "$include" "$released" "$library" || status=$?
# Bit 4: something has changed, such as a new function; bit 8: in a way that breaks programs.
[ $((status & ~4)) = 0 ]
