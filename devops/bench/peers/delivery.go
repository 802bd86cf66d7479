package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"log"
	"os"
	"strings"
	"sync"
	"time"
)

var (
	rate   = flag.Int("rate", 1000, "commands a second")
	events = flag.Int("events", 0, "events that a projector is to catch up with")
)

type deliveryResult struct {
	// Client to logic, without a sidecar.
	DirectP50 float64 `json:"direct_p50_ms"`
	DirectP99 float64 `json:"direct_p99_ms"`
	// Client to sidecar to logic, stored.
	CommandP50 float64 `json:"command_p50_ms"`
	CommandP99 float64 `json:"command_p99_ms"`
	// From the time that an event bears to its projection.
	DeliveryP50 float64 `json:"delivery_p50_ms"`
	DeliveryP99 float64 `json:"delivery_p99_ms"`
	Projected   int     `json:"projected"`
}

// delivery is the logic, and the client that sends commands at a steady rate. It prints how long
// they take, and how long it takes until their events arrive at the projector. A line of standard
// input names the command-handler: its sidecars start when this listens.
func delivery(listen string) {
	var projected latencies
	go serve(listen,
		method{"/evented.BusinessLogic/Handle", decide},
		method{"/evented.Projector/HandleSync", func(book []byte) ([]byte, error) {
			now := time.Now()
			eachPage(book, func(page []byte) {
				if recorded := createdAt(page); !recorded.IsZero() {
					projected.note(now.Sub(recorded))
				}
			})
			return project(book)
		}})
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		log.Fatal(err)
	}
	direct := steadily(listen, "/evented.BusinessLogic/Handle", func(data []byte) []byte {
		return bytesField(2, calls["handle"].request(newRoot(), data))
	}, nil)
	commands := steadily(strings.TrimSpace(line), calls["handle"].method, func(data []byte) []byte {
		return calls["handle"].request(newRoot(), data)
	}, projected.clear)
	// Those that are under way still.
	time.Sleep(time.Second)
	var result deliveryResult
	result.DirectP50, result.DirectP99 = direct.quantiles()
	result.CommandP50, result.CommandP99 = commands.quantiles()
	result.DeliveryP50, result.DeliveryP99 = projected.quantiles()
	result.Projected = len(projected.all)
	json.NewEncoder(os.Stdout).Encode(result)
}

// steadily makes calls at a steady rate, and measures from when each was due: a call that waits
// for another counts its wait. What happens before warmedUp is called does not count.
func steadily(address, method string, request func(data []byte) []byte, warmedUp func()) *latencies {
	channel := dial(address)
	defer channel.Close()
	var measured latencies
	var underWay sync.WaitGroup
	begin := time.Now()
	data := make([]byte, *payload)
	count := int((*warmUp + *duration).Seconds() * float64(*rate))
	first := int(warmUp.Seconds() * float64(*rate))
	for index := 0; index < count; index++ {
		due := begin.Add(time.Duration(index) * time.Second / time.Duration(*rate))
		time.Sleep(time.Until(due))
		if index == first && warmedUp != nil {
			warmedUp()
		}
		underWay.Add(1)
		go func(index int) {
			defer underWay.Done()
			invoke(channel, method, request(data))
			if index >= first {
				measured.note(time.Since(due))
			}
		}(index)
	}
	underWay.Wait()
	return &measured
}

type catchUpResult struct {
	PerSecond     float64 `json:"per_second"`
	EventsInABook float64 `json:"events_in_a_book"`
}

// catchUp is projector logic that prints how fast it was handed so many events.
func catchUp(listen string) {
	var lock sync.Mutex
	var begin time.Time
	seen, books := 0, 0
	serve(listen, method{"/evented.Projector/HandleSync", func(book []byte) ([]byte, error) {
		pages := 0
		eachPage(book, func([]byte) { pages++ })
		lock.Lock()
		defer lock.Unlock()
		if begin.IsZero() {
			begin = time.Now()
		}
		seen, books = seen+pages, books+1
		if seen >= *events {
			json.NewEncoder(os.Stdout).Encode(catchUpResult{
				PerSecond:     float64(seen) / time.Since(begin).Seconds(),
				EventsInABook: float64(seen) / float64(books),
			})
			os.Exit(0)
		}
		return project(book)
	}})
}

// eachPage visits a book's pages (EventBook: pages 3).
func eachPage(book []byte, visit func(page []byte)) {
	eachField(book, func(number int, page []byte) {
		if number == 3 {
			visit(page)
		}
	})
}

// createdAt is a page's time (EventPage: createdAt 3, a Timestamp with seconds 1 and nanos 2).
func createdAt(page []byte) (at time.Time) {
	eachField(page, func(number int, stamp []byte) {
		if number == 3 {
			at = timestamp(stamp)
		}
	})
	return at
}
