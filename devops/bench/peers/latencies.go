package main

import (
	"log"
	"sort"
	"sync"
	"time"
)

// latencies are noted by many goroutines.
type latencies struct {
	lock sync.Mutex
	all  []time.Duration
}

func (l *latencies) note(latency time.Duration) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.all = append(l.all, latency)
}

func (l *latencies) clear() {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.all = nil
}

func (l *latencies) count() int {
	l.lock.Lock()
	defer l.lock.Unlock()
	return len(l.all)
}

// quantiles are the median and the 99th percentile, in milliseconds.
func (l *latencies) quantiles() (p50, p99 float64) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if len(l.all) == 0 {
		log.Fatal("nothing came back in time")
	}
	sort.Slice(l.all, func(i, j int) bool { return l.all[i] < l.all[j] })
	at := func(quantile float64) float64 {
		return l.all[int(quantile*float64(len(l.all)-1))].Seconds() * 1e3
	}
	return at(0.5), at(0.99)
}
