package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
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
	gateways = flag.String("gateways", "", "the same; none: nothing is asked over HTTP")
	reads    = flag.Int("reads", 100, "reads a second, and requests over HTTP")
)

// A call that is UNAVAILABLE, or a request that nobody answers or with 503, is made again so often at most, after a pause that doubles.
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

// A steadyCall is made again, the same, as long as its failure may pass.
type steadyCall func(context.Context) (mayPass bool, err error)

// steadyCalls are calls of one kind at a steady rate.
type steadyCalls struct {
	next  func() steadyCall
	lock  sync.Mutex
	phase *outcomes
}

// steady sends commands at a steady rate, each for a new aggregate; at another it asks how long the log is, and sends
// commands over HTTP. It retries as clients should. Each line of standard input ends a phase, and prints what became of
// the calls that were due in it.
func steady() {
	data := make([]byte, *payload)
	kinds := map[string]*steadyCalls{"commands": steadyRPC(*handlers, calls["handle"].method, func() []byte {
		return calls["handle"].request(newRoot(), data)
	})}
	go kinds["commands"].make(*rate)
	if *queries != "" {
		// HeadRequest: domain 1.
		request := bytesField(1, []byte(*domain))
		kinds["reads"] = steadyRPC(*queries, "/outrider.v1.Log/Head", func() []byte { return request })
		go kinds["reads"].make(*reads)
	}
	if *gateways != "" {
		kinds["requests"] = steadyHTTP(strings.Split(*gateways, ","), data)
		go kinds["requests"].make(*reads)
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		results := map[string]outcomesResult{}
		for name, kind := range kinds {
			results[name] = kind.endPhase()
		}
		json.NewEncoder(os.Stdout).Encode(results)
	}
}

func steadyRPC(addresses, method string, request func() []byte) *steadyCalls {
	channel := dialAll(addresses)
	return &steadyCalls{phase: &outcomes{}, next: func() steadyCall {
		request := request()
		return func(ctx context.Context) (bool, error) {
			var reply []byte
			err := channel.Invoke(ctx, method, &request, &reply)
			return status.Code(err) == codes.Unavailable, err
		}
	}}
}

// steadyHTTP sends commands to the gateways in turn.
func steadyHTTP(gateways []string, data []byte) *steadyCalls {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *reads}}
	body := fmt.Sprintf(`{"type":"json/bench.Command","payload":{"data":"%x"}}`, data[:len(data)/2])
	var tries atomic.Uint64
	return &steadyCalls{phase: &outcomes{}, next: func() steadyCall {
		root := hex.EncodeToString(newRoot())
		return func(ctx context.Context) (bool, error) {
			gateway := gateways[tries.Add(1)%uint64(len(gateways))]
			url := "http://" + gateway + "/v1/domains/" + *domain + "/aggregates/" + root + "/commands"
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
			if err != nil {
				return false, err
			}
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Idempotency-Key", root)
			answer, err := client.Do(request)
			if err != nil {
				return ctx.Err() == nil, err
			}
			defer answer.Body.Close()
			if _, err := io.Copy(io.Discard, answer.Body); err != nil {
				return ctx.Err() == nil, err
			}
			if answer.StatusCode >= 300 {
				return answer.StatusCode == http.StatusServiceUnavailable, fmt.Errorf("%s: %s", url, answer.Status)
			}
			return false, nil
		}
	}}
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
	call := c.next()
	for try := 0; ; try++ {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		mayPass, err := call(ctx)
		cancel()
		switch {
		case err == nil && try > 0:
			atomic.AddInt64(&phase.hidden, 1)
			fallthrough
		case err == nil:
			return
		case !mayPass, try == triesMax-1:
			log.Print(err)
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
