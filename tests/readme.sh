#!/bin/sh
# The program in README.md is the first example, which is compiled and run:  readme.sh SOURCES
set -eu
cd "$1"
awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md | diff - examples/01-first.c
