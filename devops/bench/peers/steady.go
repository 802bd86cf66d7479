package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"log"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"
)

var (
	handlers = flag.String("command-handlers", "", "host:port of each replica, with commas between")
	queries  = flag.String("query-handlers", "", "the same; none: nothing is read")
	reads    = flag.Int("reads", 100, "reads a second")
)

// A call that is UNAVAILABLE is made again so often at most, after a pause that doubles.
const (
	triesMax   = 8
	pauseFirst = 5 * time.Millisecond
)

// outcomes are what became of the calls that were due in one phase.
type outcomes struct {
	calls, hidden, failed int64
	latencies             latencies
	underWay              sync.WaitGroup
}

type outcomesResult struct {
	Calls  int64   `json:"calls"`
	Hidden int64   `json:"hidden"` // a retry helped
	Failed int64   `json:"failed"` // none did
	P50    float64 `json:"p50_ms"`
	P99    float64 `json:"p99_ms"`
}

// steadyCalls are calls of one kind at a steady rate.
type steadyCalls struct {
	channel *grpc.ClientConn
	method  string
	request func() []byte
	lock    sync.Mutex
	phase   *outcomes
}

// steady sends commands at a steady rate, each for a new aggregate, and asks how long the log is at
// another. It retries as clients should. Each line of standard input ends a phase, and prints what became of the
// calls that were due in it.
func steady() {
	data := make([]byte, *payload)
	kinds := map[string]*steadyCalls{"commands": newSteadyCalls(*handlers, calls["handle"].method, func() []byte {
		return calls["handle"].request(newRoot(), data)
	})}
	go kinds["commands"].make(*rate)
	if *queries != "" {
		// HeadRequest: domain 1.
		request := bytesField(1, []byte(*domain))
		kinds["reads"] = newSteadyCalls(*queries, "/outrider.v1.Log/Head", func() []byte { return request })
		go kinds["reads"].make(*reads)
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		results := map[string]outcomesResult{}
		for name, kind := range kinds {
			results[name] = kind.endPhase()
		}
		json.NewEncoder(os.Stdout).Encode(results)
	}
}

func newSteadyCalls(addresses, method string, request func() []byte) *steadyCalls {
	return &steadyCalls{channel: dialAll(addresses), method: method, request: request, phase: &outcomes{}}
}

// make makes calls, and measures from when each was due: a call that waits for another counts its wait.
func (c *steadyCalls) make(rate int) {
	begin := time.Now()
	for index := 0; ; index++ {
		due := begin.Add(time.Duration(index) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		c.lock.Lock()
		phase := c.phase
		phase.underWay.Add(1)
		c.lock.Unlock()
		go func() {
			defer phase.underWay.Done()
			c.call(phase)
			phase.latencies.note(time.Since(due))
		}()
	}
}

func (c *steadyCalls) call(phase *outcomes) {
	atomic.AddInt64(&phase.calls, 1)
	request := c.request()
	for try := 0; ; try++ {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		var reply []byte
		err := c.channel.Invoke(ctx, c.method, &request, &reply)
		cancel()
		switch {
		case err == nil && try > 0:
			atomic.AddInt64(&phase.hidden, 1)
			fallthrough
		case err == nil:
			return
		case status.Code(err) != codes.Unavailable, try == triesMax-1:
			log.Printf("%s: %v", c.method, err)
			atomic.AddInt64(&phase.failed, 1)
			return
		}
		time.Sleep(pauseFirst << uint(try))
	}
}

func (c *steadyCalls) endPhase() outcomesResult {
	c.lock.Lock()
	phase := c.phase
	c.phase = &outcomes{}
	c.lock.Unlock()
	phase.underWay.Wait()
	p50, p99 := phase.latencies.quantiles()
	return outcomesResult{Calls: phase.calls, Hidden: phase.hidden, Failed: phase.failed, P50: p50, P99: p99}
}

// dialAll is a channel to several replicas, which share the calls.
func dialAll(addresses string) *grpc.ClientConn {
	replicas, state := manual.NewBuilderWithScheme("replicas"), resolver.State{}
	for _, address := range strings.Split(addresses, ",") {
		state.Addresses = append(state.Addresses, resolver.Address{Addr: address})
	}
	replicas.InitialState(state)
	reconnect := backoff.Config{BaseDelay: 20 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 200 * time.Millisecond}
	channel, err := grpc.Dial("replicas:///outrider", grpc.WithInsecure(), grpc.WithBlock(), grpc.WithResolvers(replicas),
		grpc.WithDefaultServiceConfig(`{"loadBalancingPolicy": "round_robin"}`),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: reconnect, MinConnectTimeout: time.Second}))
	if err != nil {
		log.Fatal(err)
	}
	return channel
}
