#!/bin/sh
# Refuses a missing or too old Swift in one sentence; the compiler itself would need a page.
set -eu

manifest="$(dirname "$0")/../Package.swift"
needed=$(sed -n '1s/.*swift-tools-version: *//p' "$manifest")

refuse() {
  echo "stepcast needs Swift $needed or newer, and $1; see https://www.swift.org/install" >&2
  exit 1
}

command -v swift >/dev/null 2>&1 || refuse "there is no \`swift\` on the PATH"

found=$(swift --version 2>/dev/null </dev/null |
  sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)
[ -n "$found" ] || refuse "\`swift --version\` of $(command -v swift) does not say a version"

oldest=$(printf '%s\n%s\n' "$needed" "$found" | sort -t . -k 1,1n -k 2,2n | head -n 1)
[ "$oldest" = "$needed" ] || refuse "$(command -v swift) is Swift $found"
