# What people type. Each target sets up what it needs; see README.md.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check bench load lighthouse lint sqlx deb setup setup-suite setup-test

# Queries are checked against the descriptions in .sqlx, so a build needs no database.
export SQLX_OFFLINE ?= true

PROGRAM := $(or $(CARGO_TARGET_DIR),target)/release/schoolgate

help:
	@echo "make run     starts the demo and prints sign-ins"
	@echo "make check   the tests without the browser"
	@echo "make test    all tests: a real PostgreSQL, a real browser, a real SMTP server"
	@echo "make lint    formatting, clippy, query descriptions"
	@echo "make bench   the benchmarks"
	@echo "make load    a morning of a province, on this machine: what pages take meanwhile"
	@echo "make lighthouse   Lighthouse's marks of the pages that people open most"
	@echo "make sqlx    renews .sqlx after a change of a query or a migration"
	@echo "make deb     a Debian package, in target/debian"

setup:
	@.ci/install postgresql

setup-suite: setup
	@.ci/install nginx openssl fet fet-data

setup-test: setup-suite tests/axe/node_modules tests/schemathesis/venv tests/scim2/venv \
		tests/openid/node_modules tests/icalendar/node_modules
	@.ci/install browser libreoffice

# What the browser tests judge pages by, exactly as the lock file has it.
%/node_modules: %/package-lock.json
	@.ci/install npm
	cd $* && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

%/venv: %/requirements.txt
	@.ci/install python
	python3 -m venv $@ && $@/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

run: setup
	@.ci/install fet || echo 'Without FET everything works but making timetables automatically.' >&2
	cargo build --release --locked
	exec $(PROGRAM) serve --demo

check: setup-suite
	cargo test --locked -- --skip browser::

test: setup-test
	cargo test --locked

bench: setup
	cargo bench --locked

load: setup
	cargo build --release --locked
	cargo run --release --locked --quiet --manifest-path load/Cargo.toml -- $(PROGRAM)

lighthouse: setup tests/lighthouse/node_modules
	@.ci/install chromium
	cargo build --release --locked
	node tests/lighthouse/run.mjs $(PROGRAM)

lint: setup
	cargo fmt --check
	.ci/queries check

sqlx: setup
	.ci/queries write

deb:
	cargo build --release --locked
	@ops/debian/build $(PROGRAM) target/debian
