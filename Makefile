# vcsh: build, try, test. `make demo` and `make test` do all the set-up on a fresh Debian machine with a Swift toolchain.
SHELL := /bin/bash
SWIFT ?= swift
BUILD := .build
VCSH := $(BUILD)/release/vcsh
PREFIX ?= /usr/local
DEMO ?= vcsh-demo

.PHONY: build demo test test-jupyter bench format lint docs install packages clean

build: packages
	$(SWIFT) build -c release --product vcsh

packages:
	@scripts/install-packages

demo: build
	@rm -rf $(BUILD)/demo
	$(VCSH) demo $(BUILD)/demo

test: demo lint
	@scripts/run-tests

test-jupyter: build
	@scripts/test-jupyter

bench: build
	@scripts/bench

format:
	$(SWIFT) format --in-place --recursive --configuration .swift-format Sources Tests bench Package.swift

lint:
	$(SWIFT) format lint --strict --recursive --configuration .swift-format Sources Tests bench Package.swift

docs: build
	$(VCSH) reference --examples > $(BUILD)/ExampleOutputs.swift
	mv $(BUILD)/ExampleOutputs.swift Sources/Help/ExampleOutputs.swift
	$(SWIFT) build -c release --product vcsh
	$(VCSH) reference > docs/commands.md

install: build
	install -d $(PREFIX)/bin $(PREFIX)/share/vcsh
	install -m 755 $(VCSH) $(PREFIX)/bin/vcsh
	cp -r workspace-template recipes $(PREFIX)/share/vcsh/

clean:
	rm -rf $(BUILD) $(DEMO)
