# What a person types. Tools are fetched at these versions by the go command.
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
PLATFORMS   = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
FUZZTIME    = 10m
TORTURE     = 1h
ALONE       = oax/internal/importer oax/internal/markdown # twenty times slower under the race detector
export CGO_ENABLED = 0

build:        ## the program, at bin/oax: copied, since what a linker has just written starts slowly
	go build -trimpath -ldflags=-s -o bin/linked ./cmd/oax
	cp -f bin/linked bin/oax && rm bin/linked

test:         ## all tests
	go test ./...

check: lint tidy race cross  ## what must hold before a change goes in

lint:         ## vet, staticcheck, formatting
	go vet ./...
	$(STATICCHECK) -checks 'all,-ST1000,-ST1005' ./...
	@test -z "$$(gofmt -l cmd internal)" || { gofmt -l cmd internal; exit 1; }

tidy:         ## go.mod and go.sum say what is used
	go mod tidy -diff
	go mod verify

race:         ## the tests, under the race detector where a package has more than one goroutine
	go test $(ALONE)
	GORACE=atexit_sleep_ms=0 CGO_ENABLED=1 go test -race -timeout 20m $(filter-out $(ALONE),$(shell go list ./...))

cross:        ## it builds everywhere, and so do its tests
	@for p in $(PLATFORMS); do echo "build $$p"; GOOS=$${p%/*} GOARCH=$${p#*/} go build ./... || exit 1; done
	GOOS=windows go vet ./...
	GOOS=freebsd go vet ./...

faults:       ## the fault matrix: row, test, result
	OAX_CI=1 go test -count=1 -v -run '^TestFaults$$' ./cmd/oax | grep -E '^ +--- |tests ran|^(ok|FAIL)'

torture:      ## the sweeps in their long form, those at random for TORTURE
	OAX_TORTURE=$(TORTURE) go test -count=1 -timeout 0 -run '^(TestTorture|TestFaults$$)' ./cmd/oax ./internal/...

fuzz:         ## every fuzz target for FUZZTIME, as many packages at once as there are processors
	@export dir=$$(mktemp -d) && trap 'rm -r $$dir' EXIT; export cache=$$(go env GOCACHE)/fuzz; \
	grep -rl --include='*_test.go' '^func Fuzz' cmd internal | xargs -n 1 dirname | sort -u | xargs -P $$(nproc) -I % sh -c ' \
	  cd % && p=$$(go list) && t=$$dir/$$(basename $$p).$$$$ && go test -c -fuzz . -o $$t || exit 255; \
	  for f in $$($$t -test.list "^Fuzz"); do \
	    $$t -test.run "^$$" -test.fuzz "^$$f\$$" -test.fuzzcachedir $$cache/$$p -test.parallel 1 \
	      -test.fuzztime $(FUZZTIME) -test.fuzzminimizetime 20x >$$t.log 2>&1 || { echo "$$p $$f"; cat $$t.log; exit 255; }; \
	    echo "$$p $$f: $$(grep elapsed $$t.log | tail -n 1)"; done'

bench: build  ## benchmarks, then oax beside curl and a bare client
	go test -run '^$$' -bench . -benchmem ./internal/...
	go build -o bin/bench ./cmd/bench
	bin/bench bin/oax

golden:       ## what programs printed in the tests, written anew: look at the difference
	go test ./cmd/oax ./internal/importer -update

picture:      ## testdata/screens/conversation.svg, from the program's own screen
	go test ./cmd/oax -run TestPicture -update

pictures:     ## testdata/screens/page*.png, from the page in a browser
	go test ./cmd/oax -run TestPictures -pictures

man: build    ## the manual page, at bin/oax.1
	bin/oax __man > bin/oax.1

install:      ## the program, where the go command puts programs
	go install -trimpath -ldflags=-s ./cmd/oax

clean:        ## what build made
	rm -rf bin

.PHONY: build test check lint tidy race cross faults torture fuzz bench golden picture pictures man install clean
