# The commands of the README. Everything else is plain cargo.

SEEDS ?= 1000
ARGS ?=

.PHONY: help demo dashboard test check bench simulate

# These lines: what each command does.
help:
	@awk '/^# / { text = substr($$0, 3) } /^[a-z]+:$$/ { printf "make %-10s %s\n", substr($$1, 1, length($$1) - 1), text }' Makefile

# Four validators on this machine, a story across all modules, a live status and a dashboard until Ctrl-C.
demo:
	scripts/bootstrap demo
	cargo build --release --bins
	scripts/dashboard --if-node
	target="$${CARGO_TARGET_DIR:-target}"; "$$target/release/ehb-testnet" demo --indexer $(ARGS)

# The pages for people, which ehb-indexer serves from the folder 'dashboard' beside it. Needs Node.
dashboard:
	scripts/bootstrap dashboard
	scripts/dashboard

# All tests; ends with a line that counts them. Some start the programs themselves.
test:
	scripts/bootstrap
	cargo build --release --workspace --bins --tests
	scripts/check-built "cargo build --release --bins"
	scripts/check-built "cargo build --release --workspace --bins --tests"
	scripts/dashboard
	if ! scripts/can-mount; then \
		echo "no file system can be mounted here (run as root to): tests of a full disk are left out"; \
		export EHB_TESTS_WITHOUT_MOUNTS=1; \
	fi; \
	scripts/run-tests

# What a change must pass besides: format, lints, documentation, dependencies.
check:
	scripts/bootstrap check
	cargo fmt --all --check
	cargo clippy --release --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --release --workspace --no-deps
	cargo deny check bans licenses sources

# Budget, measured, ratio; and how long a unit of gas can be made to last, which fails where that is too long.
bench:
	scripts/bootstrap demo
	cargo build --release --bins
	target="$${CARGO_TARGET_DIR:-target}"; "$$target/release/ehb-bench" $(ARGS)
	! [ -d sdk/typescript/node_modules ] || scripts/with-node npm run bench --silent --prefix sdk/typescript

# Many replicas in one thread under faults: SEEDS runs, then seeds a second and the worst seed.
simulate:
	scripts/bootstrap demo
	cargo build --release --workspace --bin ehb-simulate
	target="$${CARGO_TARGET_DIR:-target}"; "$$target/release/ehb-simulate" --seeds $(SEEDS) $(ARGS)
