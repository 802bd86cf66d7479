package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"flag"
	"log"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var (
	accounts = flag.Int("accounts", 10000, "accounts that money is moved between")
	timers   = flag.Int("timers", 100000, "timers to set")
	timersOf = flag.Int("timers-of-an-instance", 1, "so many of them in each instance")
	dueIn    = flag.Duration("due-in", 0, "when all timers are due; 0: spread over the duration")
)

// What the payloads of transfers begin with; payer, payee and transfer follow, 16 bytes each. The
// domains' logic answers each command with an event of the same payload.
const (
	started = 'S' // for the transfer; the saga withdraws,
	taken   = 'W' // for the payer,
	given   = 'D' // for the payee,
	done    = 'C' // for the transfer
)

type transfersResult struct {
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	ServerCPU float64 `json:"server_cpu_us"`
}

// transfers is the logic of two domains and of the saga between them, and the client that keeps so
// many transfers under way. Each is three commands and four reactions after the one that starts it,
// and is over when the last of them is decided. A line of standard input names the command-handler
// and the process.
func transfers(listen string) {
	var waiting sync.Map // by transfer: the channel that hears of its end
	go serve(listen,
		method{"/evented.BusinessLogic/Handle", func(contextual []byte) ([]byte, error) {
			book, err := decide(contextual)
			if payload := firstPayload(book, 3, 4); len(payload) > 0 && payload[0] == done {
				if over, found := waiting.LoadAndDelete(string(payload[33:])); found {
					close(over.(chan struct{}))
				}
			}
			return book, err
		}},
		method{"/outrider.v1.Saga/React", react})
	handler, pid := readServer()
	roots := make([][]byte, *accounts)
	for index := range roots {
		roots[index] = newRoot()
	}

	channel := dial(handler)
	var measured latencies
	var stopped int32
	var workers sync.WaitGroup
	var number int64
	for index := 0; index < *inFlight; index++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for atomic.LoadInt32(&stopped) == 0 {
				turn := int(atomic.AddInt64(&number, 1))
				root := newRoot()
				payload := append([]byte{started}, roots[turn%*accounts]...)
				payload = append(append(payload, roots[(turn*7+1)%*accounts]...), root...)
				over := make(chan struct{})
				waiting.Store(string(root), over)
				begin := time.Now()
				invoke(channel, calls["handle"].method, command("transfer", root, payload))
				<-over
				measured.note(time.Since(begin))
			}
		}()
	}
	result := measure(&measured, pid)
	atomic.StoreInt32(&stopped, 1)
	workers.Wait()
	json.NewEncoder(os.Stdout).Encode(result)
}

// measure lets the warm-up pass, and then counts for the duration.
func measure(measured *latencies, pid int) transfersResult {
	time.Sleep(*warmUp)
	measured.clear()
	before, begin := cpuSeconds(pid), time.Now()
	time.Sleep(*duration)
	count, elapsed := float64(measured.count()), time.Since(begin).Seconds()
	cpu := cpuSeconds(pid) - before
	p50, p99 := measured.quantiles()
	return transfersResult{PerSecond: count / elapsed, P50: p50, P99: p99, ServerCPU: cpu / count * 1e6}
}

// react answers the start of a transfer, and the end of each command (SagaInput: events 4, outcome 5;
// CommandOutcome: command 1), with the next command (SagaReaction: commands 1, state 2, finished 5).
func react(input []byte) (reaction []byte, err error) {
	err = eachField(input, func(number int, content []byte) {
		var payload []byte
		switch number {
		case 4:
			payload = firstPayload(content, 3, 4)
		case 5:
			eachField(content, func(number int, command []byte) {
				if number == 1 {
					payload = firstPayload(command, 2, 3)
				}
			})
		default:
			return
		}
		payload = append([]byte(nil), payload...)
		switch {
		case len(payload) != 49:
		case number == 4 && payload[0] == started:
			payload[0] = taken
			reaction = append(bytesField(1, command("account", payload[1:17], payload)), bytesField(2, payloadOf(payload))...)
		case number == 5 && payload[0] == taken:
			payload[0] = given
			reaction = append(bytesField(1, command("account", payload[17:33], payload)), bytesField(2, payloadOf(payload))...)
		case number == 5 && payload[0] == given:
			payload[0] = done
			reaction = append(bytesField(1, command("transfer", payload[33:], payload)), 5<<3|wireVarint, 1)
		}
	})
	return reaction, err
}

// command is a CommandBook: cover (1), one page (2: command 3).
func command(domain string, root, payload []byte) []byte {
	cover := bytesField(1, bytesField(1, bytesField(1, root)), bytesField(2, []byte(domain)))
	return append(cover, bytesField(2, bytesField(3, payloadOf(payload)))...)
}

// firstPayload is the value (2) of the Any `content` in the first of a book's `pages`.
func firstPayload(book []byte, pages, content int) (payload []byte) {
	eachField(book, func(number int, page []byte) {
		if number != pages || payload != nil {
			return
		}
		eachField(page, func(number int, any []byte) {
			if number != content {
				return
			}
			eachField(any, func(number int, value []byte) {
				if number == 2 {
					payload = value
				}
			})
		})
	})
	return payload
}

type dispatchedResult struct {
	Dispatched float64 `json:"dispatched_per_second"`
	Ended      float64 `json:"ended_per_second"`
	ServerCPU  float64 `json:"server_cpu_us"`
}

// dispatched is logic, and the client that dispatches commands, each for a new aggregate: how fast
// they are taken, and how fast all of them are decided.
func dispatched(listen string) {
	var decided int64
	go serve(listen, method{"/evented.BusinessLogic/Handle", func(contextual []byte) ([]byte, error) {
		atomic.AddInt64(&decided, 1)
		return decide(contextual)
	}})
	handler, pid := readServer()
	channel := dial(handler)
	before, begin := cpuSeconds(pid), time.Now()
	var sent int64
	var workers sync.WaitGroup
	for index := 0; index < *inFlight; index++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			data := make([]byte, *payload)
			for time.Since(begin) < *duration {
				// DispatchRequest: command 1.
				request := bytesField(1, calls["handle"].request(newRoot(), data))
				invoke(channel, "/outrider.v1.Commands/Dispatch", request)
				atomic.AddInt64(&sent, 1)
			}
		}()
	}
	workers.Wait()
	taking := time.Since(begin).Seconds()
	for atomic.LoadInt64(&decided) < sent {
		time.Sleep(time.Millisecond)
	}
	json.NewEncoder(os.Stdout).Encode(dispatchedResult{
		Dispatched: float64(sent) / taking,
		Ended:      float64(sent) / time.Since(begin).Seconds(),
		ServerCPU:  (cpuSeconds(pid) - before) / float64(sent) * 1e6,
	})
}

type timersResult struct {
	Set       float64 `json:"set_per_second"`
	Fired     float64 `json:"fired_per_second"`
	P50       float64 `json:"late_p50_ms"`
	P99       float64 `json:"late_p99_ms"`
	ServerCPU float64 `json:"server_cpu_us"`
	Early     int     `json:"early"`
}

// fireTimers is logic and a saga whose instances set timers, and tells how late they fire: all at one
// time, which shows the rate, or spread over the duration, which shows the lateness. It prints a line
// when all are set, and one when all have fired.
func fireTimers(listen string) {
	var late latencies
	var fired, early int64
	var settled sync.WaitGroup
	instances := *timers / *timersOf
	settled.Add(instances)
	var set int64
	base := time.Now()
	go serve(listen,
		method{"/evented.BusinessLogic/Handle", decide},
		method{"/outrider.v1.Saga/React", func(input []byte) (reaction []byte, err error) {
			now := time.Now()
			err = eachField(input, func(number int, content []byte) {
				switch number {
				case 4:
					reaction = setTimers(base, int(atomic.AddInt64(&set, 1)-1)**timersOf)
					settled.Done()
				case 6: // TimerFired: due 2
					eachField(content, func(number int, due []byte) {
						if number != 2 {
							return
						}
						lateness := now.Sub(timestamp(due))
						if lateness < 0 {
							atomic.AddInt64(&early, 1)
						}
						late.note(lateness)
						atomic.AddInt64(&fired, 1)
					})
				}
			})
			return reaction, err
		}})
	handler, pid := readServer()
	channel := dial(handler)
	begin := time.Now()
	if *dueIn > 0 {
		base = begin.Add(*dueIn)
	} else {
		base = begin.Add(*warmUp)
	}
	left := int64(instances)
	for index := 0; index < *inFlight; index++ {
		go func() {
			for atomic.AddInt64(&left, -1) >= 0 {
				invoke(channel, calls["handle"].method, command("transfer", newRoot(), []byte("set")))
			}
		}()
	}
	settled.Wait()
	json.NewEncoder(os.Stdout).Encode(timersResult{Set: float64(*timers) / time.Since(begin).Seconds()})
	time.Sleep(time.Until(base))
	before, fromThere := cpuSeconds(pid), time.Now()
	for atomic.LoadInt64(&fired) < int64(*timers) {
		time.Sleep(time.Millisecond)
	}
	elapsed := time.Since(fromThere).Seconds()
	p50, p99 := late.quantiles()
	json.NewEncoder(os.Stdout).Encode(timersResult{
		Fired: float64(*timers) / elapsed, P50: p50, P99: p99, Early: int(early),
		ServerCPU: (cpuSeconds(pid) - before) / float64(*timers) * 1e6,
	})
}

// setTimers is a SagaReaction with the timers (3: name 1, due 3) of an instance, from the given one on.
func setTimers(base time.Time, first int) (reaction []byte) {
	for index := 0; index < *timersOf; index++ {
		due := base
		if *dueIn == 0 {
			due = base.Add(*duration * time.Duration(first+index) / time.Duration(*timers))
		}
		stamp := appendVarint([]byte{1<<3 | wireVarint}, uint64(due.Unix()))
		stamp = appendVarint(append(stamp, 2<<3|wireVarint), uint64(due.Nanosecond()))
		reaction = append(reaction, bytesField(3, bytesField(1, timerName(index)), bytesField(3, stamp))...)
	}
	return reaction
}

func timerName(index int) []byte {
	name := make([]byte, 4)
	for position := range name {
		name[position] = 'a' + byte(index>>(4*position)&0x0f)
	}
	return name
}

// timestamp reads a Timestamp: seconds 1, nanos 2.
func timestamp(stamp []byte) time.Time {
	var parts [3]uint64
	for len(stamp) > 0 {
		tag, size := binary.Uvarint(stamp)
		value, more := binary.Uvarint(stamp[size:])
		parts[tag>>3], stamp = value, stamp[size+more:]
	}
	return time.Unix(int64(parts[1]), int64(parts[2]))
}

// readServer reads the address of the command-handler, and its process.
func readServer() (address string, pid int) {
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		log.Fatal(err)
	}
	parts := strings.Fields(line)
	if pid, err = strconv.Atoi(parts[1]); err != nil {
		log.Fatal(err)
	}
	return parts[0], pid
}
