package main

import "encoding/binary"

// stateSize is the length of a state's payload: how many events there are, and nothing else but zeros.
const stateSize = 100

// handle answers the command (1) of a HandleRequest with its events, as the pages (1) of a HandleResponse.
func handle(request []byte) ([]byte, error) {
	var answer []byte
	err := eachField(request, func(number int, command []byte) {
		if number == 1 {
			eachPage(eventsOf(command), func(page []byte) { answer = append(answer, bytesField(1, page)...) })
		}
	})
	return answer, err
}

// apply adds the pages of an ApplyRequest's events (1) to the count in its state (2: root 1), and answers the state (1).
func apply(request []byte) ([]byte, error) {
	state := make([]byte, stateSize)
	copy(state, firstPayload(request, 2, 1))
	count := binary.LittleEndian.Uint64(state)
	err := eachField(request, func(number int, events []byte) {
		if number == 1 {
			eachPage(events, func([]byte) { count++ })
		}
	})
	binary.LittleEndian.PutUint64(state, count)
	return bytesField(1, bytesField(1, payloadOf(state))), err
}
