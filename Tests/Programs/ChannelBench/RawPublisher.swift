import EventModel
import Wire

/// A publisher on a broker's client library and nothing else: what the relay is measured against.
protocol RawPublisher {
  /// The library's name.
  var name: String { get }

  /// Makes a topic, or a queue, that is empty.
  func prepare(_ topic: String) throws

  /// Publishes the same message so many times, and waits for all confirms.
  ///
  /// - Parameter window: how many messages may be unconfirmed.
  func publish(_ count: Int, _ message: SampleMessage, window: Int) throws

  func finish() throws
}

/// A message as large as those of the relay.
struct SampleMessage {
  var body: Bytes
  var headers: [MessageHeader]
}

struct Failure: Error, CustomStringConvertible {
  let description: String

  init(description: String) { self.description = description }

  /// - Parameter text: ends at its zero.
  init(_ text: [CChar]) {
    description = String(
      decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
