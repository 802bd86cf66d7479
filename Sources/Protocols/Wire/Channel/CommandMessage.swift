import EventModel
import Tracing

/// A command in a message channel: an `evented.CommandBook`, with headers that distinguish it from
/// other messages.
public struct CommandMessage: Sendable {
  /// The header of the body's media type.
  public static let contentTypeHeader = "content-type"
  /// The header with the body's type: an `evented.EventBook` could be parsed as a command.
  private static let kindHeader = "outrider-message"
  private static let kind = "evented.CommandBook"
  private static let traceparent = "traceparent"
  private static let tracestate = "tracestate"

  public var headers: [MessageHeader]
  /// An `evented.CommandBook`.
  public var body: Bytes

  /// - Parameter span: the span that caused the command; nil: none was recorded.
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

  /// Decodes the body of a message.
  ///
  /// - Parameter header: looks up the value of a header.
  public static func command(
    in body: Bytes, header: (String) -> String?
  ) throws(WireError) -> Command {
    guard header(kindHeader) == kind else {
      throw .invalid("the header \(kindHeader)", "is not \(kind)")
    }
    return try Command(wireBytes: body)
  }

  /// The span that caused a message's command; nil: none is named.
  public static func span(header: (String) -> String?) -> SpanContext? {
    header(traceparent).flatMap {
      SpanContext(traceparent: $0, state: header(tracestate) ?? "")
    }
  }
}
