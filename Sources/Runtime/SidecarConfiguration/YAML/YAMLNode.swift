/// A piece of a YAML file, with the line that it begins on.
struct YAMLNode: Equatable, Sendable {
  /// Counted from 1.
  let line: Int
  let content: Content

  enum Content: Equatable, Sendable {
    case scalar(String)
    case sequence([YAMLNode])
    /// In the order of the file; no key comes twice.
    case mapping([Entry])
  }

  struct Entry: Equatable, Sendable {
    let key: String
    let line: Int
    let value: YAMLNode
  }

  /// What it is, for a message.
  var kind: String {
    switch content {
    case .scalar(""): "nothing"
    case .scalar: "a single value"
    case .sequence: "a list"
    case .mapping: "a section"
    }
  }
}

/// Why a text is not the YAML that configuration is written in.
struct YAMLError: Error, Equatable, Sendable {
  let line: Int
  let message: String
}
