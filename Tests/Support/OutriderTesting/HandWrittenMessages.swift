import EventModel

// Messages written by hand, so that the tests do not rely on the code that they test.

package func varint(_ value: UInt64) -> Bytes {
  value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
}

package func field(_ number: UInt64, _ value: UInt64) -> Bytes {
  varint(number << 3) + varint(value)
}

package func field(_ number: UInt64, _ content: Bytes) -> Bytes {
  varint(number << 3 | 2) + varint(UInt64(content.count)) + content
}

package func field(_ number: UInt64, _ text: String) -> Bytes { field(number, Bytes(text.utf8)) }

/// `google.protobuf.Any`
package func any(_ text: String) -> Bytes { field(1, "type.example/T") + field(2, text) }

package func cover(_ root: Root, _ domain: String = "bank") -> Bytes {
  field(1, field(1, root.bytes)) + field(2, domain)
}

/// `evented.CommandBook` with one page.
package func commandBook(_ root: Root, _ text: String, id: String? = nil) -> Bytes {
  field(1, cover(root)) + field(2, field(3, any(text))) + (id.map { field(16, $0) } ?? [])
}

/// `evented.EventPage`
package func page(_ text: String, num: UInt64? = nil, synchronous: Bool = false) -> Bytes {
  (num.map { field(1, $0) } ?? []) + field(4, any(text)) + (synchronous ? field(5, 1) : [])
}

/// `evented.EventBook`
package func eventBook(_ cover: Bytes?, _ pages: Bytes...) -> Bytes {
  (cover.map { field(1, $0) } ?? []) + pages.flatMap { field(3, $0) }
}

/// The fields of a message: number, and content or value.
package func fields(_ message: Bytes) -> [(number: UInt64, content: Bytes, value: UInt64)] {
  var rest = message[...]
  func next() -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = rest.popFirst() {
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { break }
      shift += 7
    }
    return value
  }
  var fields: [(UInt64, Bytes, UInt64)] = []
  while !rest.isEmpty {
    let tag = next()
    let value = next()
    if tag & 7 == 2 {
      fields.append((tag >> 3, Bytes(rest.prefix(Int(value))), 0))
      rest = rest.dropFirst(Int(value))
    } else {
      fields.append((tag >> 3, [], value))
    }
  }
  return fields
}

package func content(_ number: UInt64, of message: Bytes) -> [Bytes] {
  fields(message).filter { $0.number == number }.map(\.content)
}

package func value(_ number: UInt64, of message: Bytes) -> UInt64? {
  fields(message).last { $0.number == number }?.value
}

/// The texts of an event book's events.
package func texts(_ book: Bytes) -> [String] {
  content(3, of: book).map { page in
    String(decoding: content(2, of: content(4, of: page)[0])[0], as: UTF8.self)
  }
}

/// The numbers of an event book's events.
package func numbers(_ book: Bytes) -> [UInt64] {
  content(3, of: book).map { value(1, of: $0) ?? 0 }
}
