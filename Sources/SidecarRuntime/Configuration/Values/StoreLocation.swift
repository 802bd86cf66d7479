/// Where the events of all domains are kept.
public enum StoreLocation: Sendable, Equatable {
  /// SQLite files in a directory, created where it does not exist.
  case sqlite(directory: String)
  /// Nothing outlives the process: for tests and for trying things out.
  case memory
}

extension StoreLocation: LosslessStringConvertible {
  /// Nil where the text names no store.
  public init?(_ text: String) {
    if text == "memory" {
      self = .memory
    } else if text.hasPrefix("sqlite:"), text.utf8.count > "sqlite:".utf8.count,
      !text.utf8.contains(0)
    {
      self = .sqlite(directory: String(text.dropFirst("sqlite:".count)))
    } else {
      return nil
    }
  }

  public var description: String {
    switch self {
    case .sqlite(let directory): "sqlite:\(directory)"
    case .memory: "memory"
    }
  }
}

extension ValueFormat<StoreLocation> {
  static let store = ValueFormat(
    placeholder: "STORE", allowed: "sqlite:DIRECTORY or memory",
    parse: { StoreLocation($0) }, write: { $0.description })
}
