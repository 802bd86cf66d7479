/// The source of the keys that verify tokens.
public enum KeySource: Sendable, Hashable {
  case file(String)
  case web(WebAddress)
}

extension KeySource {
  /// True if they come over TLS.
  var isSecure: Bool {
    if case .web(let address) = self { address.isSecure } else { false }
  }
}

extension KeySource: LosslessStringConvertible {
  /// Nil if the text is neither.
  public init?(_ text: String) {
    if let address = WebAddress(text) {
      self = .web(address)
    } else if text.hasPrefix("http://") || text.hasPrefix("https://") {
      return nil
    } else if let path = ValueFormat.path.parse(text) {
      self = .file(path)
    } else {
      return nil
    }
  }

  public var description: String {
    switch self {
    case .file(let path): path
    case .web(let address): address.description
    }
  }
}

extension ValueFormat<KeySource> {
  static let keySource = ValueFormat(
    placeholder: "FILE|URL",
    allowed: "the path of a file, or https://HOST/PATH; http:// only on this machine",
    parse: { KeySource($0) }, write: { $0.description }, example: "https://login.example/keys")
}
