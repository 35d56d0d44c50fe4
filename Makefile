SHELL := /bin/bash
export CGO_ENABLED := 0
LISTEN ?= 127.0.0.1:8080
DATA ?= ./data
LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.DEFAULT_GOAL := help
.PHONY: help run build test bench check lint setup fmt generate assets clean

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  %-10s %s\n", $$1, $$2}'

build: ## Build bin/xinheng
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/xinheng ./cmd/xinheng

run: build ## Build and serve a sample portfolio on http://127.0.0.1:8080
	bin/xinheng demo --data $(DATA) --listen $(LISTEN)

setup: ## Install what the tests need (PostgreSQL, Chromium) where that is permitted
	scripts/setup.sh

test: setup ## Run all tests: unit, stores on both engines, stories
	go test ./... -count=1 -timeout 20m

lint: ## Run the linters of .golangci.yml
	$(LINT) run ./...

check: ## Quick checks before a commit: format, vet, unit tests
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run make fmt"; exit 1; }
	@go tool templ generate >/dev/null 2>&1; git diff --exit-code --stat -- 'web/*_templ.go' || { echo "run make generate and commit"; exit 1; }
	go vet ./...
	go test ./... -short

fmt: ## Format the sources
	gofmt -w .

clean: ## Remove what was built
	rm -rf bin

generate: ## Generate the Go code of the page components (templ)
	go tool templ generate

assets: ## Fetch the files that pages load (npm, by lock file) into web/assets/vendor
	cd web/assets && npm ci --ignore-scripts --no-audit --no-fund && cp node_modules/@tabler/core/dist/css/tabler.min.css node_modules/echarts/dist/echarts.min.js node_modules/htmx.org/dist/htmx.min.js vendor/ && rm -rf node_modules

bench: ## Measure against bare baselines (figures for docs/benchmarks.md)
	go test ./app/bench -run '^$$' -bench . -benchtime 1x -v
	go run ./cmd/xinheng bench page
