# make prints its targets.
LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: help demo auto picture test check lint race fuzz docs docs-fresh year bench golden build image crash twins

help: ## this list
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 20

demo: ## SIDEM among emulators, in a page on loopback
	go run ./cmd/sidem demo

auto: ## the eight steps, against emulators, without a page
	go run ./cmd/sidem demo --auto

test: ## every test that needs nothing but Go; what is missing besides is named
	@go test -v -run TestThisMachineHas ./core/testbed | sed -n "s/^ *testbed_test.go:[0-9]*: //p"
	@test -d bot/bottest/judge/node_modules || echo "no judges installed (make judges): what is sent is judged by our own emulators alone"
	go test ./...

check: tidy lint race fuzz docs-fresh e2e ## all that CI asks; needs what make e2e needs, and the judges

# The suites of whole SIDEMs: behind the tag e2e, one package each, each with its own time limit.
E2E = go test -tags e2e -count=1
SUITES = ./cmd/sidem/e2e
.PHONY: e2e e2e-process e2e-race e2e-race-short e2e-kill e2e-replicas e2e-lost e2e-late e2e-moved e2e-simulate e2e-browser
e2e: e2e-process e2e-kill e2e-replicas e2e-lost e2e-late e2e-moved e2e-simulate e2e-browser ## every long suite; needs redis-server, caddy and chromium

e2e-process: ## stories with sidem in a process of its own
	$(E2E) -timeout 5m $(SUITES)/process

e2e-race: ## the same, with sidem watched by the race detector
	SIDEM_TEST_RACE=1 $(E2E) -timeout 15m $(SUITES)/process

e2e-race-short: ## of the same, some stories
	SIDEM_TEST_RACE=1 $(E2E) -timeout 5m -run '/(ocho_pasos|ocho_pasos_en_slack|suplencia|observaciones|dos_a_la_vez|reinicio|viernes_a_lunes)$$' $(SUITES)/process

e2e-kill: ## a kill at every point of a delivery, and on the way of the walk
	$(E2E) -timeout 5m $(SUITES)/kill

e2e-replicas: ## every story on two replicas, and presses given to both; needs redis-server and caddy
	$(E2E) -timeout 5m $(SUITES)/replicas

e2e-lost: ## lost answers of Redis, cuts and kills of it; needs redis-server
	$(E2E) -timeout 5m $(SUITES)/lost

e2e-late: ## stories whose calls are held back for as long as chance has it; needs redis-server
	$(E2E) -timeout 8m $(SUITES)/late

e2e-moved: ## every story on a store that moves between SQLite and Redis; needs redis-server
	$(E2E) -timeout 5m $(SUITES)/moved

e2e-simulate: ## disturbed stories from thirty-two seeds, in virtual time
	$(MEMORY) $(E2E) -timeout 5m -run "TestHowever|TestAStory" $(SUITES)/simulate

e2e-browser: ## the page of the demonstration; needs chromium
	$(E2E) -timeout 5m $(SUITES)/browser

.PHONY: judges
judges: ## install the types and clients of others that judge what is sent; needs npm
	npm ci --prefix bot/bottest/judge --no-audit --no-fund --ignore-scripts

.PHONY: tidy
tidy: ## go.mod and the code are tidy, also of bench/
	go mod tidy -diff
	go vet ./...
	go vet -tags e2e ./cmd/...
	cd bench && go mod tidy -diff && go vet ./... && go test ./...

lint: ## golangci-lint, and the proof that it judges imports
	go run $(LINT) run
	sh .ci/planted-import

race: ## every test but those of whole SIDEMs with the race detector, in random order (those: make e2e-race)
	go test -race -shuffle=on $$(go list ./... | grep -v /cmd/)

fuzz: ## each fuzz target, by count (FUZZ=20000)
	@for target in $$(grep -rlE '^func Fuzz' --include=*_test.go . | xargs -n1 dirname | sort -u); do \
		for f in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$target/*_test.go | sed 's/func //'); do \
			echo "$$target $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(or $(FUZZ),5000)x $$target || exit 1; \
		done; \
	done

picture: ## docs/sandbox.png, the first picture of the README, docs/trace.svg of docs/operation.md, and those of the guides
	go test ./cmd/sidem/app -count=1 -run "^TestATraceWalks" -picture $(CURDIR)/docs/trace.svg
	go test -tags e2e,picture -count=1 -run '^TestPicture' $(SUITES)/browser

.PHONY: only-go
only-go: ## the README's two commands in a clean clone, with nothing but Go, also as another user
	.ci/only-go

docs: ## generate docs/lifecycle.md
	go run ./cmd/sidem lifecycle > docs/lifecycle.md

docs-fresh: ## docs/lifecycle.md is what the tables say
	go run ./cmd/sidem lifecycle | diff - docs/lifecycle.md

crash: ## die at every store, HTTP and SMTP call of the walk, and 1,000 times while delivering, said and for real
	SIDEM_CRASH_ALL=1 SIDEM_KILLS=1000 $(E2E) -run Killed -parallel 4 -timeout 60m $(SUITES)/kill

twins: ## the same press given to two replicas at once, 10,000 times; needs redis-server
	SIDEM_TWINS=10000 $(E2E) -run TestThePressGivenToBothReplicas -v -timeout 60m $(SUITES)/replicas

# Where the folders of the long runs lie: in memory, where there is such a place. What a
# disk keeps is tried by the ordinary tests and by make crash.
MEMORY = TMPDIR=$(or $(wildcard /dev/shm),$(TMPDIR),/tmp)
STORES = ./storage/sqlite ./storage/redis

.PHONY: simulate
simulate: ## disturbed stories from many seeds, with progress, into docs/faults.md (SEEDS=2000, SEED is the first; STORY, a file with one that was printed); faults of ours are found first
	$(E2E) -c -o dist/simulate.test $(SUITES)/simulate
	cd $(SUITES)/simulate && $(MEMORY) SIDEM_SEEDS=$(or $(SEEDS),2000) SIDEM_SEED=$(or $(SEED),1) SIDEM_SEEDS_PAGE=docs/faults.md SIDEM_STORY=$(if $(STORY),$(abspath $(STORY))) \
		$(CURDIR)/dist/simulate.test -test.timeout 0 -test.run '$(if $(STORY),TestHowever,TestAFault|TestAStory|TestHowever)'

.PHONY: mutations races
mutations: ## change a row of a store 100,000 times, and have the audit find each, on both stores (MUTATIONS, SEED); needs redis-server
	$(MEMORY) go test -count=1 -v -timeout 4h -parallel 4 -run '^TestTheAuditFindsEveryChangeOfARow$$' $(STORES) \
		-mutations $(or $(MUTATIONS),100000) -mutation-seed $(or $(SEED),1)

races: ## have an authority end while somebody acts by it, each race 10,000 times, on both stores (RACES); needs redis-server
	$(MEMORY) SIDEM_RACES=$(or $(RACES),10000) go test -count=1 -v -timeout 4h -parallel 8 \
		-run '^Test(SQLite|Redis)PassesTheSuite$$/^(races|authority)$$' $(STORES)

year: ## a year with ten thousand requests
	SIDEM_YEAR=10000 go test -run TestAYear -count=1 -v -timeout 30m ./core/desk

.PHONY: decade
decade: ## years of an office on both stores, with retention and archive, into docs/growth.md (YEARS, REQUESTS a year); fails where a bar is missed; needs redis-server
	$(MEMORY) go test -count=1 -v -timeout 12h -run '^TestADecade$$' ./storage -decade-years $(or $(YEARS),10) -decade-requests $(or $(REQUESTS),50000) -decade-report ../docs/growth.md

.PHONY: forecast
forecast: ## offices whose laws are known, 20,000 requests each, and half a million closed ones, into docs/forecast.md (REQUESTS)
	go test -count=1 -v -timeout 1h ./core/forecast -requests $(or $(REQUESTS),20000) -report ../../docs/forecast.md

bench: ## SIDEM beside its peers by turns, into docs/speed.md; fails where a bar is missed; needs redis-server
	cd bench && go run . -o ../docs/speed.md

.PHONY: bench-short benchmarks
bench-short: ## a part of that, to the screen; fails on gross regressions only
	cd bench && go run . -short

benchmarks: ## each package's own; the sweep with a million requests open (SWEEP=1000000)
	SIDEM_SWEEP=$(or $(SWEEP),1000000) go test -run '^$$' -bench . -benchmem -timeout 60m ./...

golden: ## rewrite the golden files; read the diff
	go test $$(grep -rl 'flag.Bool("update"' --include=*_test.go core bot notifier | xargs -n1 dirname | sort -u | sed 's|^|./|') -update

build: ## a static binary in dist/
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o dist/sidem ./cmd/sidem

image: ## a container image
	docker build -t sidem --build-arg VERSION=$$(git describe --tags --always) .

.PHONY: release
release: ## archives, packages, what they are made of and checksums of this commit, in dist/release; needs dpkg-deb and the registry of modules
	.ci/release dist/release

.PHONY: containers
containers: image ## compose.yaml in containers, with kills, and the unit under systemd; needs root and a Docker engine here
	$(E2E) -timeout 15m $(SUITES)/containers

.PHONY: pin
pin: ## ask the registry for the digests of the images of compose.yaml, and put them into .env; needs docker buildx
	.ci/pin
