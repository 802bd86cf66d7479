import Encodings

/// Names a span and its trace. Processes exchange it as `traceparent` and `tracestate` (W3C, *Trace
/// Context*, level 1).
public struct SpanContext: Sendable, Hashable {
  /// Never zero.
  public var trace: TraceID
  /// Never zero.
  public var span: UInt64
  /// The trace flags: bit 0 says that the caller records the trace.
  public var flags: UInt8
  /// `tracestate`: vendor data of tracing systems; empty without any.
  public var state: String

  public init(trace: TraceID, span: UInt64, flags: UInt8 = 1, state: String = "") {
    self.trace = trace
    self.span = span
    self.flags = flags
    self.state = state
  }

  /// True if the trace is recorded.
  public var isSampled: Bool { flags & 1 != 0 }

  /// The same span with recording turned off, for callees.
  public var unsampled: SpanContext {
    var context = self
    context.flags &= ~1
    return context
  }
}

/// The 16 bytes of a trace's id.
public struct TraceID: Sendable, Hashable {
  public var high: UInt64
  public var low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

// MARK: - traceparent (section 3.2)

extension SpanContext {
  /// The longest `tracestate` that is carried. Section 3.3.1.5 lets longer ones be dropped.
  public static let stateBytesMax = 512

  /// The length of a `traceparent`.
  public static let length = 55

  /// Parses the value of a `traceparent` header; nil if it is malformed.
  ///
  /// Reads a version above 00 as far as 00 goes (section 3.2.4).
  public init?(traceparent: UnsafeBufferPointer<UInt8>, state: String = "") {
    guard traceparent.count >= Self.length,
      let version = hexadecimal(traceparent[0..<2]), version != 0xff,
      version == 0
        ? traceparent.count == Self.length
        : traceparent.count == Self.length || traceparent[Self.length] == hyphen,
      traceparent[2] == hyphen, traceparent[35] == hyphen, traceparent[52] == hyphen,
      let high = hexadecimal(traceparent[3..<19]), let low = hexadecimal(traceparent[19..<35]),
      let span = hexadecimal(traceparent[36..<52]), let flags = hexadecimal(traceparent[53..<55]),
      high | low != 0, span != 0
    else { return nil }
    self.init(
      trace: TraceID(high: high, low: low), span: span, flags: UInt8(flags),
      state: state.utf8.count <= Self.stateBytesMax ? state : "")
  }

  public init?(traceparent: String, state: String = "") {
    var traceparent = traceparent
    let context = traceparent.withUTF8 { SpanContext(traceparent: $0, state: state) }
    guard let context else { return nil }
    self = context
  }

  /// The value of the `traceparent` header.
  public var traceparent: String {
    String(unsafeUninitializedCapacity: Self.length) { text in
      writeTraceparent(to: text)
      return Self.length
    }
  }

  /// Writes the value of the `traceparent` header, `length` bytes.
  public func writeTraceparent(to text: UnsafeMutableBufferPointer<UInt8>) {
    precondition(text.count >= Self.length)
    write(0, to: text, at: 0, digits: 2)
    text[2] = hyphen
    write(trace.high, to: text, at: 3, digits: 16)
    write(trace.low, to: text, at: 19, digits: 16)
    text[35] = hyphen
    write(span, to: text, at: 36, digits: 16)
    text[52] = hyphen
    write(UInt64(flags), to: text, at: 53, digits: 2)
  }
}

private let hyphen = UInt8(ascii: "-")

/// Parses lower-case digits; nil if there are others.
private func hexadecimal(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64? {
  var value: UInt64 = 0
  for digit in digits {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit & 0xf)
    case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - 87)
    default: return nil
    }
  }
  return value
}

/// A plain loop: slices and their indices are generic, and cost more than the digits.
private func write(
  _ value: UInt64, to text: UnsafeMutableBufferPointer<UInt8>, at start: Int, digits: Int
) {
  var rest = value
  var at = start + digits
  while at > start {
    at -= 1
    text[at] = Hexadecimal.digit(UInt8(truncatingIfNeeded: rest & 0xf))
    rest >>= 4
  }
}
