# make run    build what is missing and open rotescope on the bundled model (without a terminal: score one prompt and print the chain)
# make test   build and run all tests
# make bench  measure the index and the engine
# make bundle train the bundled model anew (Python, hours on a CPU); see training/README.md
# make pictures  draw the screens in docs/ anew
# make lint   check the code's style with clippy and rustfmt
# make results  score a part of the bundled prompts with all sources; writes docs/results.md (STRIDE=12: less)
# make card   score every bundled prompt and write the tables of the model card and docs/results.md

CARGO ?= cargo
PYTHON ?= python3

.PHONY: run build test bench bundle card pictures results deps fmt lint

run: deps
	$(CARGO) build --release
	@$(CARGO) run --release --quiet

build: deps
	$(CARGO) build --release

test: deps
	$(CARGO) test --release --workspace

bench: deps
	$(CARGO) bench --workspace

lint: deps
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --workspace --all-targets -- --deny warnings

fmt:
	$(CARGO) fmt --all

# cmake and libclang build llama.cpp; nothing else is needed beside Rust and a C++ compiler
deps:
	@scripts/deps.sh

bundle: deps
	PYTHON=$(PYTHON) training/bundle.sh

card: deps
	training/card.sh

pictures: build
	ROTESCOPE_BLESS=1 $(CARGO) test --release --test app

results: build
	scripts/results.sh
