#!/bin/sh
# compare leaves nothing in the temporary directory when it is killed:  killed_test.sh TALUS-BENCH
set -eu
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
mkdir "$room/peers" "$room/tmp"
printf '#!/bin/sh\necho "peer that never answers"\nwhile read -r line; do :; done\n' >"$room/peers/talus-bench-fann"
chmod +x "$room/peers/talus-bench-fann"

# await WHAT COMMAND...: tries for ten seconds
await() {
    what=$1
    shift
    for try in $(seq 100); do
        "$@" && return
        sleep 0.1
    done
    echo "not in ten seconds: $what" >&2
    exit 1
}
written() { ls "$room"/tmp/*/targets.bin >/dev/null 2>&1; }
empty() { [ -z "$(ls "$room/tmp")" ]; }

TMPDIR=$room/tmp TALUS_BENCH_PEERS=$room/peers "$1" compare --net 3-2-1 --batch 2 --peers fann &
await 'files for the peer' written
kill -KILL $!
await 'they are removed' empty
