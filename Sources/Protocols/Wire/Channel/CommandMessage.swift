import EventModel
import Tracing

/// A command as a message channel carries it: an `evented.CommandBook`, and headers that tell it
/// from other messages.
public struct CommandMessage: Sendable {
  /// The header of the body's media type.
  public static let contentTypeHeader = "content-type"
  /// The header that names what the body is. An `evented.EventBook` could be read as a command.
  private static let kindHeader = "outrider-message"
  private static let kind = "evented.CommandBook"
  private static let traceparent = "traceparent"
  private static let tracestate = "tracestate"

  public var headers: [MessageHeader]
  /// An `evented.CommandBook`.
  public var body: Bytes

  /// - Parameter span: the one that led to the command; nil: none was recorded.
  public init(_ command: Command, following span: SpanContext? = nil) {
    headers = [
      (Self.contentTypeHeader, EventMessage.contentType), (Self.kindHeader, Self.kind),
    ]
    if let span {
      headers.append((Self.traceparent, span.traceparent))
      if !span.state.isEmpty { headers.append((Self.tracestate, span.state)) }
    }
    body = command.wireBytes
  }

  /// Reads the body of a message.
  ///
  /// - Parameter header: the value of a header of the message.
  public static func command(
    in body: Bytes, header: (String) -> String?
  ) throws(WireError) -> Command {
    guard header(kindHeader) == kind else {
      throw .invalid("the header \(kindHeader)", "is not \(kind)")
    }
    return try Command(wireBytes: body)
  }

  /// The span that led to a message's command; nil: none is named.
  public static func span(header: (String) -> String?) -> SpanContext? {
    header(traceparent).flatMap {
      SpanContext(traceparent: $0, state: header(tracestate) ?? "")
    }
  }
}
