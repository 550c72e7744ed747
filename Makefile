# make run    build what is missing and open rotescope on the bundled model (without a terminal: score one prompt and print the chain)
# make test   build and run the tests that need nothing but this repository; screens: INSTA_UPDATE=always make test takes the new ones
# make test-long  quality aims, timings, memory, what needs Python
# make reliability  damaged indexes, killed runs, cut files, little memory, sockets, the same bytes: all of docs/reliability.md, also what make test runs of it
# make test-data DATA=DIR  tests on vocabularies, scores and texts from elsewhere; DIR has the folders vocabs, recipe and data
# make test-models  fetch two small models of others (scripts/models.sh, 350 MB, kept) and run the tests on them
# make test-remote  fetch infini-gram's engine and OpenSearch (scripts/remote.sh, scripts/opensearch.sh; kept), run servers of them on this machine, and ask them
# make test-readers  fetch what others read records with (scripts/readers.sh: PyPI; kept), and read records and tables with it
# make fuzz SECONDS=600 SEED=2  give every reader of others' files inputs that libFuzzer makes, for so long each (NAMES="traces gguf": these alone)
# make test-fuzz  the same for two seconds each
# make test-python  make the wheel of the Python package, install it into a new virtual environment (scripts/python.sh: PyPI; kept) and hold it against the program
# make scale  print a table of how an index in OpenSearch grows (SIZES="1 10": millions of tokens)
# make bench  measure the index, the engine and the app, beside what an earlier run of this machine kept (KEEP=1: keep this one)
# make instructions  count the instructions of questions and readings under valgrind, and hold them against benches/instructions.tsv
# make sanitize  run the tests of the crate that maps files under AddressSanitizer (scripts/sanitize.sh; NAMES="corpus")
# make bench-peers  measure the index beside infini-gram, tokengrams and tantivy (PyPI, kept) on the same token ids (SIZE=10: millions of tokens)
# make bundle train the bundled model anew (Python, hours on a CPU); see training/README.md
# make pictures  draw the screens in docs/ anew
# make schemas  write docs/schema anew, the JSON Schemas of what commands write
# make book   build docs/ as a book into target/book (scripts/book.sh: mdBook from crates.io; kept)
# make lint   check the code's style with clippy and rustfmt, and that its pages build
# make msrv   check that the oldest supported Rust compiles everything
# make package  pack each crate as for crates.io
# make release  an archive for this system, and a Debian package where it is one, into target/dist (scripts/release.sh)
# make container  a container image of that package (podman or buildah)
# make semver BASE=v0.1.0  what changed in the crates' public API since then that breaks its users (scripts/semver.sh: cargo-semver-checks from crates.io; kept)
# make sbom   print an inventory of what is built in, CycloneDX (scripts/sbom.sh: cargo-cyclonedx from crates.io; kept)
# make results  score a part of the bundled prompts with all sources; writes docs/results.md (STRIDE=12: less)
# make results-text DATA=DIR  judge labelled text of others, in DIR, and write docs/results-text.md
# make results-audit  what SmolLM2-135M recites of texts that the world knows (scripts/models.sh and apt-get fetch them); writes the end of docs/audit.md
# make results-labs  when memorizing pays: the labs' figures and pictures; writes the end of docs/labs.md (minutes; no model)
# make results-privacy  what models give away of persons, and what a gate changes; writes the end of docs/privacy.md (scripts/models.sh fetches SmolLM2-135M)
# make card   score every bundled prompt and write the tables of the model card and docs/results.md

CARGO ?= cargo
PYTHON ?= python3
# As rustup names it; rust-version in Cargo.toml says the same.
MSRV ?= 1.90

.PHONY: run build test test-long reliability test-data test-models test-remote test-readers test-fuzz fuzz scale bench instructions sanitize bench-peers bundle card pictures schemas results results-text results-audit results-labs results-privacy deps fmt lint msrv package release container semver sbom test-python book

run: deps
	$(CARGO) build --release
	@$(CARGO) run --release --quiet

build: deps
	$(CARGO) build --release

test: deps
	$(CARGO) test --release --workspace

# What takes long is in a module `long`. One after the other, so that nothing disturbs what is timed.
test-long: deps
	$(CARGO) test --release --workspace --tests -- --ignored long:: --test-threads=1

# What is in a module `reliability`, of which the long tests are a part of test-long too. They print what came of it.
reliability: deps
	ROTESCOPE_KILLS=100 $(CARGO) test --release --workspace --tests -- --include-ignored reliability:: --test-threads=1 --nocapture

# A file that is missing is a failure. What needs such files is in a module `data`.
test-data: deps
	@test -d "$(DATA)" || { echo "make test-data DATA=DIR: DIR, the folder of data from elsewhere, is not there" >&2; exit 2; }
	ROTESCOPE_SHARED="$(abspath $(DATA))" $(CARGO) test --release --workspace --tests -- --ignored data::

# What needs such models is in a module `models`.
test-models: deps
	@models="$$(PYTHON=$(PYTHON) scripts/models.sh | head -n 1)" && test -n "$$models" && \
		ROTESCOPE_MODELS="$$(dirname "$$models")" $(CARGO) test --release --workspace --tests -- --ignored models:: --test-threads=1

# What needs such servers is in a module `remote`; what needs data from elsewhere too, in `gsm8k`, and runs with DATA=DIR.
test-remote: deps
	@python="$$(PYTHON=$(PYTHON) scripts/remote.sh)" && test -n "$$python" && \
		classes="$$(scripts/opensearch.sh)" && test -n "$$classes" && \
		ROTESCOPE_INFINIGRAM="$$python" ROTESCOPE_OPENSEARCH="$$classes" $(if $(DATA),ROTESCOPE_SHARED="$(abspath $(DATA))") \
		$(CARGO) test --release --workspace --tests -- --ignored remote:: $(if $(DATA),gsm8k::) --test-threads=1

# What needs such readers is in a module `readers`.
test-readers: deps
	@python="$$(PYTHON=$(PYTHON) scripts/readers.sh)" && test -n "$$python" && \
		ROTESCOPE_READERS="$$python" $(CARGO) test --release --workspace --tests -- --ignored readers:: --test-threads=1

# Arguments of pytest: ARGS="-k index".
test-python: build
	PYTHON=$(PYTHON) ROTESCOPE_BIN="$(abspath $(or $(CARGO_TARGET_DIR),target))/release/rotescope" scripts/python.sh $(ARGS)

fuzz: deps
	scripts/fuzz.sh "$(or $(SECONDS),60)" "$(or $(SEED),1)" $(NAMES)

test-fuzz: deps
	scripts/fuzz.sh 2 1

# SIZES: millions of tokens.
scale:
	@classes="$$(scripts/opensearch.sh)" && test -n "$$classes" && \
		ROTESCOPE_OPENSEARCH="$$classes" $(CARGO) run --release -p rotescope-remote --example scale -- $(SIZES)

bench: deps
	CARGO=$(CARGO) scripts/bench.sh

instructions: deps
	scripts/instructions.sh

sanitize: deps
	scripts/sanitize.sh $(NAMES)

bench-peers: deps
	PYTHON=$(PYTHON) scripts/bench-peers.sh $(SIZE)

lint: deps
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --workspace --all-targets -- --deny warnings
	RUSTDOCFLAGS="--deny warnings" $(CARGO) doc --release --workspace --no-deps
	cd python && $(CARGO) fmt --check && PYO3_NO_PYTHON=1 PYO3_BUILD_EXTENSION_MODULE=1 $(CARGO) clippy --release --locked -- --deny warnings

book:
	@CARGO=$(CARGO) scripts/book.sh

msrv: deps
	$(CARGO) +$(MSRV) check --release --workspace --all-targets

package:
	$(CARGO) package --workspace --no-verify

release: deps
	scripts/release.sh

container: release
	$$(command -v podman || command -v buildah || echo podman) build --tag rotescope .

semver:
	@scripts/semver.sh "$(BASE)"

sbom:
	@scripts/sbom.sh

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

schemas: build
	ROTESCOPE_BLESS=1 $(CARGO) test --release --workspace --test program schema::

results: build
	scripts/results.sh

results-text: build
	scripts/results-text.sh "$(DATA)"

results-audit: build
	PYTHON=$(PYTHON) scripts/results-audit.sh

results-labs: build
	scripts/results-labs.sh

results-privacy: build
	PYTHON=$(PYTHON) scripts/results-privacy.sh
