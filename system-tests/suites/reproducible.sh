#!/usr/bin/env bash
# Builds the last commit twice, in two folders of other names, and compares what comes out: every jar, the bill of materials
# and the release archive have to be the same to the byte.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.." && pwd)

if [ "${1:-}" = --help ]; then
  echo "usage: system-tests/suites/reproducible.sh   (some 2 minutes; needs some 500 MB of \$TMPDIR)"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# build NAME: prints hash and path of each thing built there.
build() {
  git clone -q -- "$root" "$work/$1"
  (cd -- "$work/$1" && mvn -B -q -nsu package -DskipTests -Dexec.skip=true -Dspotless.check.skip=true >"$work/$1.out" 2>&1) || {
    tail -n 40 -- "$work/$1.out" >&2
    return 1
  }
  (cd -- "$work/$1" && find . -path '*/target/tidemill-*' \( -name '*.jar' -o -name '*.json' -o -name '*.tar.gz' \) -type f \
    -exec sha256sum {} + | sort -k2)
}

build first >"$work/first.sums"
build a-second-folder >"$work/second.sums"
count=$(wc -l <"$work/first.sums")
[ "$count" -ge 9 ] || { echo "reproducible: only $count things were built" >&2; exit 1; }
if diff -- "$work/first.sums" "$work/second.sums"; then
  cut -c1-16,65- -- "$work/first.sums"
  echo "reproducible: $count of $count files are the same in two builds"
else
  echo "reproducible: the files above differ between two builds" >&2
  exit 1
fi
