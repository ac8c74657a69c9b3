#!/bin/sh
# That networks that are exported as programs compile without a warning in C99, alone, and compute what talus_predict does:
#     c_models.sh SOURCES WRITE_MODELS COMPILER
set -eu
command -v "$3" >/dev/null || exit 77
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
"$2" "$directory"
cp "$1/tests/outside/c_models.h" "$directory"
cd "$directory"
while read -r model precision samples inputs outputs; do
    name=$(echo "$model" | tr - _)
    "$3" -std=c99 -O2 -Wall -Wextra -Wconversion -pedantic -Werror -c "$name.c"
    echo "#include \"$name.h\"" >>includes
    echo "failed += compare_$precision(\"$model\", ${name}_predict_rows, $samples, ${name}_inputs, ${name}_outputs);" \
        >>calls
    echo "failed += ${name}_inputs != $inputs || ${name}_outputs != $outputs;" >>calls
done <models
{
    cat includes c_models.h
    echo "int main(void) { int failed = 0;"
    cat calls
    echo "return failed > 0; }"
} >all.c
"$3" -std=c99 all.c [a-z]*_f32.o [a-z]*_f64.o -lm -o all
./all
echo "$(wc -l <models) programs compute what is predicted"
