import EventModel
import EventSourcing

extension ValueFormat<SagaKey> {
  /// `correlation`, `root`, or `header:NAME`.
  static let sagaKey = ValueFormat(
    placeholder: "correlation|root|header:NAME", allowed: "correlation, root or header:NAME",
    parse: { text in
      switch text {
      case "correlation": return .correlation
      case "root": return .root
      default:
        guard text.hasPrefix("header:") else { return nil }
        let name = text.dropFirst("header:".count)
        return name.isEmpty ? nil : .header(Name(String(name)))
      }
    },
    write: { key in
      switch key {
      case .correlation: "correlation"
      case .root: "root"
      case .header(let name): "header:\(name)"
      }
    })
}

extension ValueFormat<String> {
  /// An address, in which `{domain}` may stand for a domain's name.
  static let addressPattern = ValueFormat(
    placeholder: "ADDRESS", allowed: "HOST:PORT or unix:PATH, where {domain} stands for the name",
    parse: { text in
      var route = CommandRoute()
      route.address = text
      return route.endpoint(for: "domain") == nil ? nil : text
    }, write: { $0 }, example: "\"command-handler.{domain}:1313\"")
}

extension ValueFormat<Name> {
  /// A domain, or `*`.
  static let domainPattern = ValueFormat(
    placeholder: "NAME", allowed: "the name of a domain, or *",
    parse: { text in text == "*" ? "*" : ValueFormat<Name>.name.parse(text) },
    write: { $0 == "*" ? "\"*\"" : $0.text }, example: "account")
}
