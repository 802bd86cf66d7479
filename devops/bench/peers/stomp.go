package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var (
	stompAddress = flag.String("stomp-address", "", "host:port where STOMP is spoken")
	broker       = flag.String("broker", "eventuate", "whose subscriptions: eventuate or rabbitmq")
	subscribers  = flag.Int("subscribers", 1, "subscribers that are each given everything, on a connection of its own")
)

const (
	exchange = "/exchange/amq.fanout"
	// unacknowledgedMax is how much RabbitMQ may deliver ahead, as in one of Eventuate's swimlanes.
	unacknowledgedMax = 1000
	// connectionsOfAddress are those that the gateway lets in at once from one address.
	connectionsOfAddress = 40
)

// subscriber is a connection that acknowledges each message as it comes.
type subscriber struct {
	socket net.Conn
	reader *bufio.Reader
	writer *bufio.Writer
}

// connect opens a connection of a subscriber with this number.
func connect(number int) *subscriber {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+number/connectionsOfAddress))}}
	socket, err := dialer.Dial("tcp", *stompAddress)
	if err != nil {
		log.Fatal(err)
	}
	s := &subscriber{socket, bufio.NewReaderSize(socket, 64<<10), bufio.NewWriterSize(socket, 64<<10)}
	s.send("CONNECT", "accept-version:1.2", "host:/", "login:guest", "passcode:guest", "heart-beat:0,0")
	s.expect("CONNECTED")
	return s
}

// subscribe asks for all events on a new connection. A receipt comes once they are on their way.
func subscribe(number int) *subscriber {
	s := connect(number)
	s.send("SUBSCRIBE", append(subscription(number), "id:1", "ack:client-individual", "receipt:1")...)
	return s
}

// subscription is what makes the number's subscription durable.
func subscription(number int) []string {
	name := fmt.Sprintf("bench-%d-%d", os.Getpid(), number)
	if *broker == "rabbitmq" {
		return []string{"destination:" + exchange, "x-queue-name:" + name, "durable:true",
			"auto-delete:false", fmt.Sprintf("prefetch-count:%d", unacknowledgedMax)}
	}
	destination := fmt.Sprintf(`{"subscriberId":"%s","entityTypesAndEvents":{"%s":["bench.Event"]}}`, name, *domain)
	return []string{"destination:" + strings.ReplaceAll(destination, ":", `\c`)}
}

// send writes a frame. It leaves once the reader waits.
func (s *subscriber) send(command string, headers ...string) {
	fmt.Fprintf(s.writer, "%s\n%s\n\n\x00", command, strings.Join(headers, "\n"))
}

// receive is the next frame. It lasts until the one after it.
func (s *subscriber) receive() []byte {
	for {
		if there, _ := s.reader.Peek(s.reader.Buffered()); bytes.IndexByte(there, 0) < 0 {
			if err := s.writer.Flush(); err != nil {
				log.Fatal(err)
			}
		}
		frame, err := s.reader.ReadSlice(0)
		if err != nil {
			log.Fatalf("the connection ended: %v", err)
		}
		if frame = bytes.TrimLeft(frame[:len(frame)-1], "\n"); len(frame) > 0 {
			return frame
		}
	}
}

func (s *subscriber) expect(command string) {
	if frame := s.receive(); !bytes.HasPrefix(frame, []byte(command+"\n")) {
		log.Fatalf("%s was expected, and came %s", command, frame)
	}
}

var ackHeader, messageStart = []byte("\nack:"), []byte("MESSAGE\n")

// take is the next message's frame, which it acknowledges.
func (s *subscriber) take() []byte {
	for {
		frame := s.receive()
		if !bytes.HasPrefix(frame, messageStart) {
			if bytes.HasPrefix(frame, []byte("ERROR")) {
				log.Fatalf("%s", frame)
			}
			continue
		}
		begin := bytes.Index(frame, ackHeader) + len(ackHeader)
		end := begin + bytes.IndexByte(frame[begin:], '\n')
		s.writer.WriteString("ACK\nid:")
		s.writer.Write(frame[begin:end])
		s.writer.WriteString("\n\n\x00")
		return frame
	}
}

// disconnect returns once all that was acknowledged is stored.
func (s *subscriber) disconnect() {
	s.send("DISCONNECT", "receipt:2")
	for !bytes.Contains(s.receive(), []byte("receipt-id:2")) {
	}
	s.socket.Close()
}

type drainResult struct {
	PerSecond float64 `json:"per_second"`
	ServerCPU float64 `json:"server_cpu_us"`
	ClientCPU float64 `json:"client_cpu_us"`
}

// drain measures how fast subscribers are given so many events that are there already. It publishes them to RabbitMQ
// itself, once each subscriber has its queue.
func drain() {
	if *broker == "rabbitmq" {
		for number := 0; number < *subscribers; number++ {
			s := subscribe(number)
			s.expect("RECEIPT")
			s.disconnect()
		}
		publish()
	}
	var underWay sync.WaitGroup
	var before, first, clientBefore float64
	begin := time.Now()
	var began sync.Once
	before, clientBefore = cpuSeconds(*pid), cpuSeconds(os.Getpid())
	for number := 0; number < *subscribers; number++ {
		underWay.Add(1)
		go func(number int) {
			defer underWay.Done()
			s := subscribe(number)
			for count := 0; count < *events; count++ {
				s.take()
				began.Do(func() { first = time.Since(begin).Seconds() })
			}
			s.disconnect()
		}(number)
	}
	underWay.Wait()
	deliveries := float64(*subscribers * *events)
	json.NewEncoder(os.Stdout).Encode(drainResult{
		PerSecond: deliveries / (time.Since(begin).Seconds() - first),
		ServerCPU: (cpuSeconds(*pid) - before) / deliveries * 1e6,
		ClientCPU: (cpuSeconds(os.Getpid()) - clientBefore) / deliveries * 1e6,
	})
}

// publish sends RabbitMQ the events, of the size that the gateway's messages have.
func publish() {
	s := connect(0)
	body := strings.Repeat("x", 400)
	for count := 0; count < *events; count++ {
		s.send("SEND", "destination:"+exchange, "persistent:true", "", body)
	}
	s.disconnect()
}

// deliverSteadily creates entities at a steady rate, and prints how long it takes until each is answered, and until its
// event is delivered, both from when the request was due.
func deliverSteadily() {
	client, s := httpClient(64), subscribe(0)
	var answered, delivered latencies
	count, first := int((*warmUp+*duration).Seconds()*float64(*rate)), int(warmUp.Seconds()*float64(*rate))
	due := make([]int64, count)
	var underWay sync.WaitGroup
	underWay.Add(1)
	go func() {
		defer underWay.Done()
		for left := count; left > 0; left-- {
			frame := s.take()
			now, index := time.Now().UnixNano(), numberIn(frame)
			if index >= first {
				delivered.note(time.Duration(now - atomic.LoadInt64(&due[index])))
			}
		}
	}()
	begin := time.Now()
	for index := 0; index < count; index++ {
		at := begin.Add(time.Duration(index) * time.Second / time.Duration(*rate))
		time.Sleep(time.Until(at))
		atomic.StoreInt64(&due[index], at.UnixNano())
		underWay.Add(1)
		go func(index int) {
			defer underWay.Done()
			createEntity(client, eventsHolding(1, fmt.Sprintf("%0*d", *payload, index)))
			if index >= first {
				answered.note(time.Since(at))
			}
		}(index)
	}
	underWay.Wait()
	result := map[string]float64{}
	result["answer_p50_ms"], result["answer_p99_ms"] = answered.quantiles()
	result["delivery_p50_ms"], result["delivery_p99_ms"] = delivered.quantiles()
	json.NewEncoder(os.Stdout).Encode(result)
	s.disconnect()
}

// numberIn is what deliverSteadily has put into an event.
func numberIn(frame []byte) int {
	const mark = `data\":\"`
	begin := bytes.Index(frame, []byte(mark)) + len(mark)
	number, err := strconv.Atoi(string(frame[begin : begin+*payload]))
	if err != nil {
		log.Fatalf("%s has no number: %v", frame, err)
	}
	return number
}

// holdSubscriptions opens the connections, says so, and holds them until its input ends.
func holdSubscriptions() {
	open := make([]*subscriber, *subscribers)
	for number := range open {
		open[number] = subscribe(number)
		open[number].expect("RECEIPT")
	}
	fmt.Println("{}")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
	}
	for _, s := range open {
		s.socket.Close()
	}
}
