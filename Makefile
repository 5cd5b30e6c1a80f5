# vcsh: build, try, test. `make demo` and `make test` do all the set-up on a fresh Debian machine with a Swift toolchain.
SHELL := /bin/bash
SWIFT ?= swift
BUILD := .build
VCSH := $(BUILD)/release/vcsh
PREFIX ?= /usr/local
DEMO ?= vcsh-demo

.PHONY: build demo test test-jupyter test-visioncore test-slurm bench audit fuzz trace-hostile time-hostile torture format lint docs install packages clean

build: packages
	$(SWIFT) build -c release --product vcsh

packages:
	@scripts/install-packages

demo: build
	@rm -rf $(BUILD)/demo
	$(VCSH) demo $(BUILD)/demo

# Program and tests are built at once: two processors are never idle for one module.
test: packages
	$(SWIFT) build -c release --build-tests
	@$(MAKE) --no-print-directory demo lint
	@scripts/run-tests

test-jupyter: build
	@scripts/test-jupyter

test-visioncore: build
	@scripts/test-visioncore

# A grid on a real Slurm of this machine; installs Debian's packages where it can
test-slurm: build
	@scripts/test-slurm

bench: build
	@scripts/bench

# Simulates what is known, and fails where an interval, a p value, a held-out score or a cause breaks its promise
audit: packages
	@SWIFT="$(SWIFT)" scripts/audit

# Damaged copies of good files, COUNT of each kind; then libFuzzer, MINUTES for each parser and for the language.
# docs/reliability.md has the last result
fuzz: packages
	@SWIFT="$(SWIFT)" scripts/fuzz

# Every hostile file under strace: no process, no connection, no other path
trace-hostile: build
	@scripts/trace-hostile

# The same files: time and memory of each
time-hostile: build
	@scripts/time-hostile

# Damaged catalogues and objects, killed shells; then kills at single writes, full disks, many shells at once, odd places;
# then signals, windows, pastes and limits
torture: build
	@scripts/torture
	@scripts/torture-machine
	@scripts/torture-terminal

format:
	$(SWIFT) format --in-place --recursive --configuration .swift-format Sources Tests bench Package.swift

lint:
	$(SWIFT) format lint --strict --parallel --recursive --configuration .swift-format Sources Tests bench Package.swift

docs: build
	@rm -rf $(BUILD)/share
	@install -d $(BUILD)/share/docs/examples
	VCSH_SHARE=$(BUILD)/share $(VCSH) reference --examples $(BUILD)/share/docs/examples
	rm -rf docs/examples
	mv $(BUILD)/share/docs/examples docs/examples
	$(VCSH) reference > docs/commands.md

install: build
	install -d $(PREFIX)/bin $(PREFIX)/share/vcsh
	install -m 755 $(VCSH) $(PREFIX)/bin/vcsh
	cp -r workspace-template recipes $(PREFIX)/share/vcsh/
	install -d $(PREFIX)/share/vcsh/docs
	rm -rf $(PREFIX)/share/vcsh/docs/examples
	cp -r docs/examples $(PREFIX)/share/vcsh/docs/

clean:
	rm -rf $(BUILD) $(DEMO)
