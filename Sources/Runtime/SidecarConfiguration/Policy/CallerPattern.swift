import EventModel
import RPC

/// The callers that an entry of a rule's `callers` matches.
enum CallerPattern: Sendable {
  /// Any authenticated caller, also without a name.
  case anybody
  /// A caller with a matching name of this kind.
  case named(CallerName.Kind, TextPattern)

  /// Parses `KIND:NAME`. Without a kind, the name is a token's subject if callers can prove
  /// nothing else. If they can prove only certificates, it is a URI if it has `://`, a mail
  /// address if it has `@`, else a host. If they can prove both, only a URI may omit its kind.
  ///
  /// - Parameter provable: the kinds of names that callers can prove here.
  init(_ text: String, provable: Set<CallerName.Kind>) throws(PolicyMistake) {
    if text == "*" {
      self = .anybody
      return
    }
    if let (kind, name) = Self.split(text) {
      guard provable.contains(kind) else {
        let needed =
          kind == .token ? "tokens.keys or eventuate.api-keys" : "tls.client-authorities"
        throw PolicyMistake("nobody can prove to be \(quoted(text)) without \(needed)")
      }
      self = .named(kind, TextPattern(name))
      return
    }
    let shape = CallerName.Kind(ofCertificateName: text)
    guard provable.contains(.token) else {
      self = .named(shape, TextPattern(text))
      return
    }
    guard provable == [.token] || shape == .uri else {
      throw PolicyMistake(
        "\(quoted(text)) may be in a certificate or a token; write \(shape):… or token:…")
    }
    self = .named(provable == [.token] ? .token : .uri, TextPattern(text))
  }

  private static func split(_ text: String) -> (CallerName.Kind, Substring)? {
    guard let colon = text.firstIndex(of: ":"),
      let kind = CallerName.Kind(rawValue: String(text[..<colon]))
    else { return nil }
    return (kind, text[text.index(after: colon)...])
  }

  func matches(_ caller: Caller) -> Bool {
    switch self {
    case .anybody: true
    case .named(let kind, let pattern):
      caller.names.contains { $0.kind == kind && pattern.matches($0.text) }
    }
  }
}

extension CallerName.Kind {
  fileprivate init(ofCertificateName text: String) {
    self = text.contains("://") ? .uri : text.contains("@") ? .email : .dns
  }
}

/// A text or a prefix: `*` at the end matches any rest. Compares bytes.
struct TextPattern: Sendable {
  private let bytes: [UInt8]
  private let isOpen: Bool

  init(_ text: some StringProtocol) {
    let all = Array(text.utf8)
    isOpen = all.last == UInt8(ascii: "*")
    bytes = isOpen ? all.dropLast() : all
  }

  func matches(_ text: Name) -> Bool {
    isOpen ? text.utf8.starts(with: bytes) : text.utf8.elementsEqual(bytes)
  }
}
