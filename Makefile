# make prints its targets.
LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: help demo auto browser picture test check lint race fuzz docs docs-fresh year bench golden build image crash twins

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

demo: ## SIDEM among emulators, in a page on loopback
	go run ./cmd/sidem demo

auto: ## the eight steps, against emulators, without a page
	go run ./cmd/sidem demo --auto

test: ## every test
	@go test -v -run TestThisMachineHas ./core/testbed | sed -n "s/^ *testbed_test.go:[0-9]*: //p"
	@test -d bot/bottest/judge/node_modules || echo "no judges installed (make judges): what is sent is judged by our own emulators alone"
	go test ./...

check: tidy lint race fuzz docs-fresh browser ## all that CI asks; needs redis-server, chromium and the judges

.PHONY: judges
judges: ## install the types and clients of others that judge what is sent; needs npm
	npm ci --prefix bot/bottest/judge --no-audit --no-fund --ignore-scripts

.PHONY: tidy
tidy: ## go.mod and the code are tidy
	go mod tidy -diff
	go vet ./...

lint: ## golangci-lint, and the proof that it judges imports
	go run $(LINT) run
	sh .ci/planted-import

race: ## every test, all but those of whole processes with the race detector, in random order
	go test -race -shuffle=on $$(go list ./... | grep -v "/cmd/sidem$$")
	go test ./cmd/sidem # starts many processes: without the detector, in order

fuzz: ## each fuzz target, by count (FUZZ=20000)
	@for target in $$(grep -rlE '^func Fuzz' --include=*_test.go . | xargs -n1 dirname | sort -u); do \
		for f in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$target/*_test.go | sed 's/func //'); do \
			echo "$$target $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(or $(FUZZ),5000)x $$target || exit 1; \
		done; \
	done

browser: ## the page of the demonstration, in headless Chromium
	@echo 'The tests of the page need chromium; "go test ./..." leaves them out.'
	go test -tags browser -count=1 -run '^TestInABrowser' ./cmd/sidem

picture: ## docs/sandbox.png, the first picture of the README
	go test -tags browser,picture -count=1 -run '^TestPicture' ./cmd/sidem

docs: ## generate docs/lifecycle.md
	go run ./cmd/sidem lifecycle > docs/lifecycle.md

docs-fresh: ## docs/lifecycle.md is what the tables say
	go run ./cmd/sidem lifecycle | diff - docs/lifecycle.md

crash: ## die at every store, HTTP and SMTP call of the walk, and 1,000 times while delivering, said and for real
	SIDEM_CRASH_ALL=1 SIDEM_KILLS=1000 go test -run Killed -count=1 -parallel 4 -timeout 60m ./cmd/sidem

twins: ## the same press given to two replicas at once, 10,000 times; needs redis-server
	SIDEM_TWINS=10000 go test -run TestThePressGivenToBothReplicas -count=1 -v -timeout 60m ./cmd/sidem

year: ## a year with ten thousand requests
	SIDEM_YEAR=10000 go test -run TestAYear -count=1 -v -timeout 30m ./core/desk

bench: ## benchmarks; the sweep with a million requests open (SWEEP=1000000)
	SIDEM_SWEEP=$(or $(SWEEP),1000000) go test -run '^$$' -bench . -benchmem -timeout 60m ./...

golden: ## rewrite the golden files; read the diff
	go test $$(grep -rl 'flag.Bool("update"' --include=*_test.go core bot notifier | xargs -n1 dirname | sort -u | sed 's|^|./|') -update

build: ## a static binary in dist/
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o dist/sidem ./cmd/sidem

image: ## a container image
	docker build -t sidem .

.PHONY: containers
containers: image ## compose.yaml in containers, with kills, and the unit under systemd; needs root and a Docker engine here
	go test -tags containers -count=1 -run '^TestInContainers' ./cmd/sidem
