/// The store of all domains' events.
public enum StoreLocation: Sendable, Equatable {
  /// SQLite files in a directory, which is created if missing.
  case sqlite(directory: String)
  /// A MongoDB database, by its URI.
  case mongodb(uri: String)
  /// In memory, for tests and trials: nothing outlives the process.
  case memory
}

extension StoreLocation: LosslessStringConvertible {
  /// Nil if the text names no store.
  public init?(_ text: String) {
    if text == "memory" {
      self = .memory
    } else if text.hasPrefix("sqlite:"), text.utf8.count > "sqlite:".utf8.count,
      !text.utf8.contains(0)
    {
      self = .sqlite(directory: String(text.dropFirst("sqlite:".count)))
    } else if text.hasPrefix("mongodb://") || text.hasPrefix("mongodb+srv://"),
      !text.utf8.contains(0)
    {
      self = .mongodb(uri: text)
    } else {
      return nil
    }
  }

  /// The URI without its secrets, for logs.
  public var description: String {
    switch self {
    case .sqlite(let directory): "sqlite:\(directory)"
    case .mongodb(let uri): withoutSecrets(uri)
    case .memory: "memory"
    }
  }
}

extension ValueFormat<StoreLocation> {
  static let store = ValueFormat(
    placeholder: "STORE", allowed: "sqlite:DIRECTORY, mongodb://HOST/DATABASE or memory",
    parse: { StoreLocation($0) }, write: { $0.description })
}
