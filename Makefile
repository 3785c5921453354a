# Stepcast on one page. `make demo` needs Swift and make; it installs the rest.

MODEL        ?= qwen3-30b-a3b
CLUSTER      ?= dgx-h100
PARALLEL     ?= EP8-TP4-PP2-DP4
SEQUENCE     ?= 4096
MICRO_BATCH  ?= 1
GLOBAL_BATCH ?= 512
FILTER       ?= .*
OUTPUT       ?= outputs/$(shell date +%Y-%m-%d-%H-%M-%S)

# Build folders hold other people's Swift, so the sources are named.
SWIFT_SOURCES := Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Benchmarks

.DEFAULT_GOAL := help
.PHONY: help setup swift demo build test golden lint format bench bench-tiny clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: swift ## install what is missing: Graphviz, pkg-config, git
	@scripts/install-libraries.sh

swift:
	@scripts/check-swift.sh

build: setup ## build the command, optimized
	swift build --configuration release --product stepcast

demo: folder := $(OUTPUT)
demo: build ## predict the step of a 30B mixture of experts on 256 GPUs and explain it
	@mkdir -p "$$(dirname "$(folder)")"
	.build/release/stepcast estimate --model $(MODEL) --cluster $(CLUSTER) \
	  --parallel $(PARALLEL) --sequence $(SEQUENCE) --micro-batch $(MICRO_BATCH) \
	  --global-batch $(GLOBAL_BATCH) -o "$(folder)"

test: setup bench-tiny ## build and run every test, and every benchmark once on a small step
	swift test --disable-xctest

golden: setup ## rewrite the golden files; review the diff like code
	STEPCAST_GOLDEN=1 swift test --disable-xctest
	@echo "golden files are rewritten; review them with: git diff -- Tests"

lint: swift ## refuse anything that swift format would change or warn about
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)

format: swift ## lay out the sources
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

bench: build ## the table of every stage, ratios, SimGrid if it is there, and whole runs
	swift run --package-path Benchmarks --configuration release StepTable
	scripts/compare-with-simgrid.sh
	swift package --package-path Benchmarks benchmark --filter '$(FILTER)'

bench-tiny: setup ## run every benchmark once on a small step, and count its allocations
	swift run --package-path Benchmarks --configuration release StepTable --tiny

clean: ## remove everything that was built, but not outputs/
	rm -rf .build Benchmarks/.build
