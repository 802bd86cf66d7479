package main

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
)

var (
	address     = flag.String("address", "", "host:port of the server")
	target      = flag.String("target", "record", "what to call: record, handle, umadb, echo, rest-command, eventuate-create, -update or -find")
	domain      = flag.String("domain", "bench", "domain of the aggregates")
	inFlight    = flag.Int("in-flight", 1, "calls under way at once")
	connections = flag.Int("connections", 4, "connections at most")
	warmUp      = flag.Duration("warm-up", time.Second, "time before measuring")
	duration    = flag.Duration("duration", 5*time.Second, "time of measuring")
	payload     = flag.Int("payload", 100, "bytes of an event")
	randomRoots = flag.Bool("random-roots", false, "random UUIDs rather than time-ordered ones")
	pid         = flag.Int("pid", 0, "process of the server, for its CPU time")
	aggregates  = flag.Int("aggregates", 0, "so many aggregates in turn; 0: a new one for each call")
	history     = flag.Int("history", 0, "events that each of them has before")
)

// newRoot is a UUID: of version 7 (time, then random bits) unless asked otherwise.
func newRoot() []byte {
	root := make([]byte, 16)
	rand.Read(root)
	if *randomRoots {
		return root
	}
	var stamp [8]byte
	binary.BigEndian.PutUint64(stamp[:], uint64(time.Now().UnixNano()/1e6))
	copy(root, stamp[2:])
	root[6] = 0x70 | root[6]&0x0f
	root[8] = 0x80 | root[8]&0x3f
	return root
}

// call is a method and what its requests look like.
type call struct {
	method  string
	request func(root, data []byte) []byte
}

var calls = map[string]call{
	// EventBook: cover (1: root 1, domain 2), one page (3: Event 4, an Any with value 2).
	"record": {"/evented.BusinessCoordinator/Record", func(root, data []byte) []byte {
		return append(cover(root), bytesField(3, bytesField(4, payloadOf(data)))...)
	}},
	// CommandBook: cover (1), one page (2: command 3).
	"handle": {"/evented.BusinessCoordinator/Handle", func(root, data []byte) []byte {
		return append(cover(root), bytesField(2, bytesField(3, payloadOf(data)))...)
	}},
	// umadb.v1.AppendRequest: one event (1: event_type 1, tags 2, data 3), tagged with its aggregate.
	"umadb": {"/umadb.v1.DCB/Append", func(root, data []byte) []byte {
		tag := []byte(hex.EncodeToString(root))
		return bytesField(1, bytesField(1, []byte("bench.Event")), bytesField(2, tag), bytesField(3, data))
	}},
	"echo": {"/echo.Echo/Say", func(_, data []byte) []byte { return data }},
}

func cover(root []byte) []byte {
	return bytesField(1, bytesField(1, bytesField(1, root)), bytesField(2, []byte(*domain)))
}

func payloadOf(data []byte) []byte {
	return append(bytesField(1, []byte("type.googleapis.com/bench.Event")), bytesField(2, data)...)
}

// cpuSeconds is the processor time that a process has used.
func cpuSeconds(pid int) float64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100
}

type result struct {
	Count       int     `json:"count"`
	Total       int     `json:"total"` // with those before and after measuring
	PerSecond   float64 `json:"per_second"`
	P50         float64 `json:"p50_ms"`
	P99         float64 `json:"p99_ms"`
	ServerCPU   float64 `json:"server_cpu_us"`
	ClientCPU   float64 `json:"client_cpu_us"`
	ServerCores float64 `json:"server_cores"`
	ClientCores float64 `json:"client_cores"`
}

// recordHistory appends the events that an aggregate is to have before.
func recordHistory(channel *grpc.ClientConn, root []byte) {
	if *history == 0 {
		return
	}
	book := cover(root)
	for index := 0; index < *history; index++ {
		book = append(book, bytesField(3, bytesField(4, payloadOf(make([]byte, *payload))))...)
	}
	invoke(channel, calls["record"].method, book)
}

// load keeps calls in flight, each for a new aggregate, and prints what it measured as JSON.
func load() {
	chosen, isCall := calls[*target]
	visiting, isVisit := visits[*target]
	if !isCall && !isVisit {
		log.Fatalf("unknown target %q", *target)
	}
	browser := httpClient(*inFlight)
	if *connections > *inFlight {
		*connections = *inFlight
	}
	channels := make([]*grpc.ClientConn, *connections)
	for index := range channels {
		if isCall {
			channels[index] = dial(*address)
		}
	}

	roots := make([][]byte, *aggregates)
	for index := range roots {
		roots[index] = newRoot()
		recordHistory(channels[0], roots[index])
	}
	var measuring, stopped int32
	var total int64
	measured := make([]latencies, *inFlight)
	var workers sync.WaitGroup
	for index := 0; index < *inFlight; index++ {
		workers.Add(1)
		go func(index int) {
			defer workers.Done()
			channel := channels[index%len(channels)]
			data := make([]byte, *payload)
			var visit visit
			if isVisit {
				visit = visiting(browser)
			}
			for atomic.LoadInt32(&stopped) == 0 {
				root, number := []byte(nil), int(atomic.AddInt64(&total, 1))
				if *aggregates > 0 {
					root = roots[number%*aggregates]
				} else {
					root = newRoot()
				}
				begin := time.Now()
				if isVisit {
					visit(root, data)
				} else {
					invoke(channel, chosen.method, chosen.request(root, data))
				}
				if atomic.LoadInt32(&measuring) == 1 {
					measured[index].note(time.Since(begin))
				}
			}
		}(index)
	}

	time.Sleep(*warmUp)
	serverBefore, clientBefore, begin := cpuSeconds(*pid), cpuSeconds(os.Getpid()), time.Now()
	atomic.StoreInt32(&measuring, 1)
	time.Sleep(*duration)
	atomic.StoreInt32(&measuring, 0)
	elapsed := time.Since(begin).Seconds()
	server, client := cpuSeconds(*pid)-serverBefore, cpuSeconds(os.Getpid())-clientBefore
	atomic.StoreInt32(&stopped, 1)
	workers.Wait()

	var all latencies
	for index := range measured {
		all.all = append(all.all, measured[index].all...)
	}
	p50, p99 := all.quantiles()
	count := len(all.all)
	json.NewEncoder(os.Stdout).Encode(result{
		Count: count, Total: int(total), PerSecond: float64(count) / elapsed, P50: p50, P99: p99,
		ServerCPU: server / float64(count) * 1e6, ClientCPU: client / float64(count) * 1e6,
		ServerCores: server / elapsed, ClientCores: client / elapsed,
	})
}
