/// A node of a YAML file, with its first line.
package struct YAMLNode: Equatable, Sendable {
  /// Counted from 1.
  package let line: Int
  package let content: Content

  package enum Content: Equatable, Sendable {
    case scalar(String)
    case sequence([YAMLNode])
    /// In the order of the file; keys are unique.
    case mapping([Entry])
  }

  package struct Entry: Equatable, Sendable {
    package let key: String
    package let line: Int
    package let value: YAMLNode
  }

  /// The kind in words, for messages.
  package var kind: String {
    switch content {
    case .scalar(""): "nothing"
    case .scalar: "a single value"
    case .sequence: "a list"
    case .mapping: "a section"
    }
  }
}

/// Why a text is not valid configuration YAML.
package struct YAMLError: Error, Equatable, Sendable {
  package let line: Int
  package let message: String
}
