/// The address of an OTLP collector over gRPC: `https://host[:port]`, or `http://` without TLS.
public struct CollectorAddress: Sendable, Hashable {
  public let endpoint: Endpoint
  public let isSecure: Bool

  /// The registered port of OTLP over gRPC.
  static let portDefault = 4317
}

extension CollectorAddress: LosslessStringConvertible {
  /// Nil if the text is malformed or has a path, which gRPC gives no meaning.
  public init?(_ text: String) {
    self.init(text, securePort: Self.portDefault, clearPort: Self.portDefault)
  }

  /// The same for a protocol with other default ports.
  init?(_ text: String, securePort: Int, clearPort: Int) {
    isSecure = text.hasPrefix("https://")
    guard isSecure || text.hasPrefix("http://") else { return nil }
    var authority = text.dropFirst(isSecure ? "https://".count : "http://".count)
    if authority.hasSuffix("/") { authority.removeLast() }
    let hasPort = authority.last != "]" && authority.contains(":")
    guard !authority.contains("@"),
      case .tcp(let host, let port)? = Endpoint(
        hasPort ? String(authority) : "\(authority):\(isSecure ? securePort : clearPort)"), port > 0
    else { return nil }
    endpoint = .tcp(host: host, port: port)
  }

  public var description: String { "\(isSecure ? "https" : "http")://\(endpoint)" }
}

extension ValueFormat<CollectorAddress> {
  static let collector = ValueFormat(
    placeholder: "URL", allowed: "https://HOST:PORT or http://HOST:PORT",
    parse: { CollectorAddress($0) }, write: { $0.description },
    example: "https://collector.example:4317")
}

extension ValueFormat<Double> {
  /// Parses digits with a point.
  static let fraction = ValueFormat(
    placeholder: "FRACTION", allowed: "a number from 0 to 1, such as 0.01",
    parse: { text in
      guard text.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }),
        let value = Double(text), (0...1).contains(value)
      else { return nil }
      return value
    },
    write: { $0 == $0.rounded() ? String(Int($0)) : String($0) })
}
