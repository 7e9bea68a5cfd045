#!/usr/bin/env bash
# Holds the libraries of the release against the published vulnerabilities (OWASP dependency-check), without the network: from
# a folder with the feeds of the US National Vulnerability Database. Without that folder it says so and leaves.
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.."

usage() {
  cat <<'TEXT'
usage: system-tests/suites/vulnerabilities.sh [--feeds FOLDER] [--self-test]

  --feeds FOLDER  has nvdcve-2002.json.gz ... nvdcve-modified.json.gz (format 2.0, from https://nvd.nist.gov/vuln/data-feeds);
                  default: $TIDEMILL_NVD_FEEDS, else ~/.cache/tidemill/nvd
  --self-test     with made-up feeds that have one vulnerability: the check has to find it

Exit code 0: nothing of CVSS 7 or more was found, or there are no feeds (it says which).
TEXT
}

feeds=${TIDEMILL_NVD_FEEDS:-$HOME/.cache/tidemill/nvd}
self_test=
while [ $# -gt 0 ]; do
  case $1 in
    --feeds) feeds=$(realpath -- "$2"); shift ;;
    --self-test) self_test=1 ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# feed NAME VULNERABILITIES: a made-up one.
feed() {
  printf '{"resultsPerPage":1,"startIndex":0,"totalResults":1,"format":"NVD_CVE","version":"2.0","timestamp":"2026-01-01T00:00:00.000","vulnerabilities":[%s]}' \
    "$2" | gzip >"$feeds/nvdcve-$1.json.gz"
  printf 'lastModifiedDate.%s=2026-01-01T00\\:00\\:00Z\n' "$1" >>"$feeds/cache.properties"
}

make_feeds() {
  local year made_up
  feeds=$work/feeds
  mkdir -- "$feeds"
  echo 'prefix=nvdcve-' >"$feeds/cache.properties"
  made_up='{"cve":{"id":"CVE-2026-99999","sourceIdentifier":"made@up.example","published":"2026-01-01T00:00:00.000","lastModified":"2026-01-01T00:00:00.000","vulnStatus":"Analyzed","cveTags":[],"descriptions":[{"lang":"en","value":"made up"}],"metrics":{"cvssMetricV31":[{"source":"made@up.example","type":"Primary","cvssData":{"version":"3.1","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":9.8,"baseSeverity":"CRITICAL"}}]},"weaknesses":[],"configurations":[{"nodes":[{"operator":"OR","negate":false,"cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:a:qos:logback:*:*:*:*:*:*:*:*","versionEndExcluding":"999.0","matchCriteriaId":"11111111-1111-1111-1111-111111111111"}]}]}],"references":[]}}'
  for year in $(seq 2002 "$(date +%Y)"); do
    feed "$year" ''
  done
  feed modified "$made_up"
  feed 2026 "$made_up"
}

[ -z "$self_test" ] || make_feeds
if ! ls "$feeds"/nvdcve-*.json.gz >/dev/null 2>&1; then
  echo "vulnerabilities: SKIPPED, nothing was checked: there are no feeds in $feeds; see --help"
  exit 0
fi

# check GOAL OPTION...: what needs other data than the feeds is switched off.
check() {
  mvn -B -nsu -pl scripts "org.owasp:dependency-check-maven:$1" "-DdataDirectory=$work/data" -DretireJsAnalyzerEnabled=false \
    -DknownExploitedEnabled=false -DhostedSuppressionsEnabled=false -DossIndexAnalyzerEnabled=false \
    -DversionCheckEnabled=false -DnodeAnalyzerEnabled=false -DassemblyAnalyzerEnabled=false -DcentralAnalyzerEnabled=false \
    "${@:2}"
}

mvn -B -q -nsu -pl scripts -am package -DskipTests -Dexec.skip=true -Dspotless.check.skip=true
check update-only "-DnvdDatafeedUrl=file://$feeds/nvdcve-{0}.json.gz" >"$work/out" 2>&1 || {
  tail -n 30 -- "$work/out" >&2
  exit 1
}
code=0
check check -DautoUpdate=false -DfailBuildOnCVSS=7 -Dformat=JSON >"$work/out" 2>&1 || code=$?
if [ -n "$self_test" ]; then
  grep -q 'logback.*CVE-2026-99999' "$work/out" || { tail -n 30 -- "$work/out" >&2; exit 1; }
  echo "vulnerabilities: the made-up one was found"
  exit 0
fi
grep -E 'CVE-|GHSA-' "$work/out" | sort -u || true
[ $code -eq 0 ] || { grep ERROR "$work/out" | tail -n 12 >&2; exit 1; }
echo "vulnerabilities: nothing of CVSS 7 or more; feeds: $feeds"
