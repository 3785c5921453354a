#!/bin/sh
# Plays the same explicit graph with SimGrid, where its headers are installed, and says its rate.
#
# SimGrid cannot hold the flagship's tasks in reasonable time, so the graph has two microbatches.
set -eu
cd "$(dirname "$0")/.."

if ! [ -e /usr/include/simgrid/s4u.hpp ]; then
  echo "SimGrid: skipped, its headers are not installed; apt-get install libsimgrid-dev" >&2
  exit 0
fi

size=${1:-}
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
"${CXX:-c++}" -O3 -std=c++17 Benchmarks/Benchmarks/SimGrid/simgrid_dag.cpp -lsimgrid -o "$folder/simgrid-dag"
swift run --package-path Benchmarks --configuration release StepTable --dump "$folder/graph" $size
"$folder/simgrid-dag" "$folder/graph" --log=root.threshold:error
