/// A piece of a YAML file, with the line that it begins on.
package struct YAMLNode: Equatable, Sendable {
  /// Counted from 1.
  package let line: Int
  package let content: Content

  package enum Content: Equatable, Sendable {
    case scalar(String)
    case sequence([YAMLNode])
    /// In the order of the file; no key comes twice.
    case mapping([Entry])
  }

  package struct Entry: Equatable, Sendable {
    package let key: String
    package let line: Int
    package let value: YAMLNode
  }

  /// What it is, for a message.
  package var kind: String {
    switch content {
    case .scalar(""): "nothing"
    case .scalar: "a single value"
    case .sequence: "a list"
    case .mapping: "a section"
    }
  }
}

/// Why a text is not the YAML that configuration is written in.
package struct YAMLError: Error, Equatable, Sendable {
  package let line: Int
  package let message: String
}
