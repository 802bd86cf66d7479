import Timing

/// The data of an ended span.
public struct SpanRecord: Sendable, Equatable {
  public var context: SpanContext
  /// The parent span; nil for the root of a trace.
  public var parent: UInt64?
  /// True if the parent is in another process.
  public var isParentRemote: Bool
  public var name: String
  public var kind: SpanKind
  public var began: Timestamp
  public var duration: Duration
  public var attributes: [SpanAttribute]
  /// Causes in other traces.
  public var links: [SpanContext]
  /// Causes left out, beyond the limit.
  public var linksOmitted: Int
  public var isFailed: Bool

  public init(
    context: SpanContext, parent: UInt64? = nil, isParentRemote: Bool = false, name: String,
    kind: SpanKind, began: Timestamp, duration: Duration = .zero,
    attributes: [SpanAttribute] = [], links: [SpanContext] = [], linksOmitted: Int = 0,
    isFailed: Bool = false
  ) {
    self.context = context
    self.parent = parent
    self.isParentRemote = isParentRemote
    self.name = name
    self.kind = kind
    self.began = began
    self.duration = duration
    self.attributes = attributes
    self.links = links
    self.linksOmitted = linksOmitted
    self.isFailed = isFailed
  }

  /// Approximate size in memory.
  public var byteCount: Int {
    attributes.reduce(192 + name.utf8.count + context.state.utf8.count) { $0 + $1.byteCount }
      + links.reduce(0) { $0 + 48 + $1.state.utf8.count }
  }
}

/// The span's role among its neighbours (OpenTelemetry, *SpanKind*).
public enum SpanKind: Sendable {
  /// Within a process.
  case `internal`
  /// Answers or makes a call.
  case server, client
  /// Begins work that is done later, or does work begun earlier.
  case producer, consumer
}

/// A fact about a span. Its key is from OpenTelemetry's semantic conventions, or one of ours,
/// which begins with `outrider.`.
public struct SpanAttribute: Sendable, Equatable {
  public enum Value: Sendable, Equatable {
    case text(String)
    case number(Int64)
    case flag(Bool)
  }

  public var key: String
  public var value: Value

  public init(_ key: String, _ value: Value) {
    self.key = key
    self.value = value
  }

  fileprivate var byteCount: Int {
    guard case .text(let text) = value else { return 48 }
    return 48 + text.utf8.count
  }
}

extension SpanAttribute.Value: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self = .text(text) }
}
