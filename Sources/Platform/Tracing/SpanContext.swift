/// Which span of which trace: what processes tell each other, as `traceparent` and `tracestate`
/// (W3C, *Trace Context*, level 1).
public struct SpanContext: Sendable, Hashable {
  /// Never zero.
  public var trace: TraceID
  /// Never zero.
  public var span: UInt64
  /// The trace flags: bit 0 says that the caller records the trace.
  public var flags: UInt8
  /// `tracestate`: what tracing systems say of the trace, for each other. Empty where there is none.
  public var state: String

  public init(trace: TraceID, span: UInt64, flags: UInt8 = 1, state: String = "") {
    self.trace = trace
    self.span = span
    self.flags = flags
    self.state = state
  }

  /// Whether the trace is recorded.
  public var isSampled: Bool { flags & 1 != 0 }

  /// The same span, for those who are not to record what they do for it.
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
  /// How long a `tracestate` is carried at most. Section 3.3.1.5 lets longer ones be dropped.
  public static let stateBytesMax = 512

  private static let length = 55

  /// Reads the value of a `traceparent` header; nil where it is none.
  ///
  /// A version above 00 is read as far as 00 goes (section 3.2.4).
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
      var at = 0
      write(0, digits: 2, to: text, &at)
      for (value, digits) in [(trace.high, 16), (trace.low, 16), (span, 16), (UInt64(flags), 2)] {
        // The trace's two halves are one number.
        if at != 19 {
          text[at] = hyphen
          at += 1
        }
        write(value, digits: digits, to: text, &at)
      }
      return at
    }
  }
}

private let hyphen = UInt8(ascii: "-")

/// Lower-case digits only; nil where there are others.
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

private func write(
  _ value: UInt64, digits: Int, to text: UnsafeMutableBufferPointer<UInt8>, _ at: inout Int
) {
  for digit in (0..<digits).reversed() {
    let nibble = UInt8(value >> (UInt64(digit) * 4) & 0xf)
    text[at] = nibble < 10 ? nibble + UInt8(ascii: "0") : nibble + 87
    at += 1
  }
}
