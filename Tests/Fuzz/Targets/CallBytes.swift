import Encodings
import RPC

/// Messages come out the same, whatever the chunks in which their bytes come in. The first byte is
/// the size of the chunks.
@Sendable func feedDeframer(_ input: [UInt8]) {
  guard let chunk = input.first.map({ Int($0) + 1 }) else { return }
  let bytes = Array(input.dropFirst())
  let atOnce = messages(bytes, chunk: .max)
  let inParts = messages(bytes, chunk: chunk)
  precondition(atOnce == inParts, "chunks of \(chunk) bytes change the messages")
}

private func messages(_ bytes: [UInt8], chunk: Int) -> [Message] {
  var deframer = MessageDeframer(messageBytesMax: 4096)
  var messages: [Message] = []
  var rest = bytes[...]
  while !rest.isEmpty {
    let isSound = rest.prefix(chunk).withUnsafeBufferPointer { part in
      var part = part
      do {
        while let message = try deframer.next(from: &part) { messages.append(message) }
        return true
      } catch {
        return false
      }
    }
    guard isSound else { break }
    rest = rest.dropFirst(chunk)
  }
  return messages
}

/// Headers of a request and of a response: lines of name and value, with a colon behind the name's
/// first character at the earliest, and an empty line behind each block.
@Sendable func feedHeads(_ input: [UInt8]) {
  let router = Router([Service("echo.Echo", ["Say": .unary { message, _ in message }])])
  var request = RequestHead(router)
  var response = ResponseHead()
  for line in input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
    guard let colon = line.dropFirst().firstIndex(of: UInt8(ascii: ":")) else {
      _ = response.completeBlock()
      continue
    }
    Array(line[..<colon]).withUnsafeBufferPointer { name in
      Array(line[(colon + 1)...]).withUnsafeBufferPointer { value in
        request.add(name: name, value: value)
        response.add(name: name, value: value)
      }
    }
  }
  _ = request.verdict
  _ = request.metadata.description
  // What came in can go out again.
  request.metadata.forEachOnWire { _, _ in }
  _ = response.failure
  _ = response.status.description
}

/// Values that have a form of their own: a timeout, a percent-encoded message, bytes in base64.
@Sendable func feedHeaderValues(_ input: [UInt8]) {
  if let timeout = Timeout.parse(input) {
    let formatted = Timeout.format(timeout)
    guard let again = Timeout.parse(Array(formatted.utf8)) else {
      preconditionFailure("\(formatted) cannot be read back")
    }
    precondition(again >= timeout, "\(timeout) became \(again), which is less")
  }
  let message = PercentEncoding.decode(input)
  let encoded = PercentEncoding.encode(message)
  precondition(encoded.allSatisfy { (0x20...0x7e).contains($0) }, "not printable: \(encoded)")
  precondition(PercentEncoding.decode(encoded) == message, "the message changed: \(message)")
  if let bytes = Base64.decode(input) {
    precondition(Base64.decode(Base64.encode(bytes)) == bytes, "base64 changed the bytes")
  }
  precondition(Base64.decode(Base64.encode(input)) == input, "base64 changed the bytes")
}
