package main

// decide answers each command with an event of the same payload. It turns ContextualCommand.command (2)
// into an EventBook: its cover (1) and, for each command page (2) with a command (3), an event page (3)
// with that event (4).
func decide(contextual []byte) ([]byte, error) {
	var book []byte
	err := eachField(contextual, func(number int, command []byte) {
		if number == 2 {
			book = append(book, eventsOf(command)...)
		}
	})
	return book, err
}

func eventsOf(command []byte) (book []byte) {
	eachField(command, func(number int, content []byte) {
		switch number {
		case 1:
			book = append(book, bytesField(1, content)...)
		case 2:
			eachField(content, func(number int, payload []byte) {
				if number == 3 {
					book = append(book, bytesField(3, bytesField(4, payload))...)
				}
			})
		}
	})
	return book
}

// project answers a book with a Projection whose projection (4) is the payload (4) of the last page (3).
func project(book []byte) ([]byte, error) {
	var last []byte
	eachPage(book, func(page []byte) {
		eachField(page, func(number int, payload []byte) {
			if number == 4 {
				last = payload
			}
		})
	})
	return bytesField(4, last), nil
}
