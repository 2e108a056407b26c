# Thin on purpose: each target is what you would type. `make run` and `make test` share cargo's `dev` profile and
# name no package, so that features are the same and the dependencies are built once; `make release` is for
# production and benchmarks.

TARGET := $(or $(CARGO_TARGET_DIR),target)
WASM := $(TARGET)/wasm32-wasip2/filter
CARGO_FLAGS ?= --locked
# Messages of the conversation that the browser scrolls through; the limit to hold is 10000.
SCALE ?= 3000
BUNDLED := contact-guard link-guard wordlist spam scam tone flood

.PHONY: run release filters wasm-target ui test templates ui-test screens lint bench load compare schema

run: filters ui
	cargo run $(CARGO_FLAGS) --bin rialto -- serve --demo --data-dir ./data

release: filters ui
	cargo build $(CARGO_FLAGS) --release --bin rialto

# A component is copied only if it changed, so that what includes it is not built again.
filters: wasm-target
	cargo build $(CARGO_FLAGS) $(BUNDLED:%=-p rialto-%) -p rialto-misbehaving --target wasm32-wasip2 --profile filter
	@mkdir -p plugins/dist/fixtures
	@set -e; place() { cmp -s "$$1" "$$2" || cp "$$1" "$$2"; }; \
	for name in $(subst -,_,$(BUNDLED)); do place "$(WASM)/rialto_$$name.wasm" "plugins/dist/$$name.wasm"; done; \
	place "$(WASM)/rialto_misbehaving.wasm" plugins/dist/fixtures/misbehaving.wasm

wasm-target:
	@if command -v rustup >/dev/null; then rustup -q target add wasm32-wasip2; fi

# The admin UI, built into the engine. Without Node the engine says at /admin that it was left out.
ui:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory admin-ui/dist/index.html; \
	else echo "Node is not installed: the engine is built without its admin UI"; fi

UI_SOURCES := schema/schema.graphql $(wildcard admin-ui/*.json admin-ui/*.ts admin-ui/*.html) \
	$(shell find admin-ui/src admin-ui/public admin-ui/build-tools -type f 2>/dev/null | grep -v /gql/)

admin-ui/node_modules: admin-ui/package-lock.json
	cd admin-ui && npm ci --no-audit --no-fund
	@touch $@

admin-ui/dist/index.html: admin-ui/node_modules $(UI_SOURCES)
	cd admin-ui && npm run build

test: lint filters
	@set -e; if cargo nextest --version >/dev/null 2>&1; then \
		set -x; cargo nextest run $(CARGO_FLAGS) --workspace; cargo test $(CARGO_FLAGS) --workspace --doc; \
	else \
		set -x; cargo test $(CARGO_FLAGS) --workspace; \
	fi
	$(MAKE) templates
	$(MAKE) ui-test
	cd engine/tests/clients && npm ci --no-audit --no-fund && npm test

# Filters in Rust, JavaScript and Python, from `rialto filter new` to their cases; what did not change is not built again.
templates: filters
	cargo build $(CARGO_FLAGS) --bin rialto
	plugins/templates/test.sh "$(TARGET)/debug/rialto" "$(TARGET)/templates"
	cargo test $(CARGO_FLAGS) --workspace --test plugin -- --ignored languages::

# The admin UI alone, then in a real browser against the engine.
ui-test: ui
	cargo build $(CARGO_FLAGS) --bin rialto
	cd admin-ui && npm run lint && npm test && SCALE=$(SCALE) npm run e2e

# Pictures of every screen, three widths, two themes, into admin-ui/screens; axe looks at each.
screens: ui filters
	cargo build $(CARGO_FLAGS) --bin rialto
	cd admin-ui && npm run screens

# Filters and the admin UI come first: the engine includes them, so even a check needs them.
lint: filters ui
	cargo fmt --all --check
	cargo clippy $(CARGO_FLAGS) --workspace --all-targets -- -D warnings
	@if cargo deny --version >/dev/null 2>&1; then set -x; cargo deny --workspace check; \
	else echo "cargo-deny is not installed: advisories, licences and sources were not checked"; fi

bench: filters
	cargo bench $(CARGO_FLAGS) -p rialto-benches

# The load driver. It doesn't contain the engine, so it is built in a minute, in a folder of its own.
load:
	cargo build $(CARGO_FLAGS) --release --manifest-path benches/load/Cargo.toml --target-dir "$(TARGET)/load"
	@echo "built $(TARGET)/load/release/rialto-load; see benches/README.md"

# Rialto and its peer (Node, PostgreSQL) in turns on this machine. COMMIT=group lets the peer commit in groups.
compare: release load
	benches/peers/compare.sh "$(TARGET)/release/rialto" "$(TARGET)/load/release/rialto-load" --repeat 3 --rate 500

schema: filters
	cargo run $(CARGO_FLAGS) --bin rialto -- export-schema --output schema/schema.graphql
