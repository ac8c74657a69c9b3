#!/bin/sh
# Programs that were compiled with older and newer headers run on this library:  sized.sh SOURCES LIBRARY CC...
# An older header is a copy that lacks the last fields of its structs, a newer one has a further field in each.
set -eu
sources=$1 library=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# In each line: a struct, and the first of the fields that the older header lacks; - for none.
cut='talus_context_options log
talus_layer alpha
talus_network_spec loss_parameter
talus_optimizer_spec epsilon
talus_fit_result cost
talus_fit_options -
talus_batch -
talus_metrics accuracy
talus_option offset
talus_schedule callback
talus_plateau -
talus_report_options classes
talus_report mae
talus_stream missing_targets'

shorten() { # HEADER: without these fields
    echo "$cut" | awk -v header="$1" '
        { first[$1] = $2 }
        END {
            while ((getline line < header) > 0) {
                if (match(line, /^typedef struct [a-z_]+ \{/)) {
                    split(line, words, " ")
                    field = first[words[3]]
                }
                if (line ~ /^}/)
                    field = ""
                if (field != "" && line ~ ("[ *(]" field "[;)]"))
                    field = "*"
                if (field != "*")
                    print line
            }
        }'
}

lengthen() { # HEADER: with a further field
    echo "$cut" | awk -v header="$1" '
        { end["} " $1 ";"] = 1 }
        END {
            while ((getline line < header) > 0) {
                if (line in end)
                    print "    double further;"
                print line
            }
        }'
}

run() { # NAME FLAGS...: compiles the program with include/ of that name and runs it
    name=$1
    shift
    echo "$*"
    "$@" -I"$work/$name" -o "$work/program" "$sources/tests/sized_program.c" "$library" -lm
    LD_LIBRARY_PATH=$(dirname "$library") "$work/program"
}

for change in shorten lengthen; do
    mkdir -p "$work/$change/talus"
    for header in "$sources"/include/talus/*.h; do
        "$change" "$header" >"$work/$change/talus/$(basename "$header")"
    done
    differing=$(diff -rq "$sources/include/talus" "$work/$change/talus" | grep -c differ) || true
    if [ "$differing" != 9 ]; then
        echo "the structs of 9 headers are to be changed, not of $differing; see the list in sized.sh"
        exit 1
    fi
done
mkdir "$work/same"
cp -r "$sources/include/talus" "$work/same"

run same "$@" -DEXPECTED=TALUS_OK
run shorten "$@" -DEXPECTED=TALUS_OK -DSHORT
run lengthen "$@" -DEXPECTED=TALUS_OK -DFURTHER=0
run lengthen "$@" -DEXPECTED=TALUS_ERROR_UNSUPPORTED -DFURTHER=1
