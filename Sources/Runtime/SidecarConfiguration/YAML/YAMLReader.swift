import EventModel

/// Builds a tree from the events of a YAML file.
///
/// Reads the plain part of YAML: mappings, lists and scalars, which are all text here. Refuses
/// what could expand a small file or hide meaning: anchors and aliases, tags, several documents,
/// duplicate keys.
package struct YAMLReader {
  /// The size limit; a longer file is refused before parsing.
  static let byteCountMax = 256 << 10
  /// The nesting limit; settings need four levels.
  static let depthMax = 16

  private let events: YAMLEventParser

  /// The tree of a file; nil if the file is empty.
  package static func read(_ bytes: [UInt8]) throws(YAMLError) -> YAMLNode? {
    guard bytes.count <= byteCountMax else {
      throw YAMLError(line: 1, message: "it is longer than \(byteCountMax) bytes")
    }
    return try YAMLReader(events: YAMLEventParser(bytes)).document()
  }

  private func document() throws(YAMLError) -> YAMLNode? {
    var root: YAMLNode?
    while true {
      let event = try events.next()
      switch event.kind {
      case .streamStart, .documentEnd: continue
      case .streamEnd: return root
      case .documentStart:
        guard root == nil else {
          throw YAMLError(line: event.line, message: "a second document begins; one is allowed")
        }
        root = try node(events.next(), depth: 0)
      default: throw YAMLError(line: event.line, message: "the file has no proper structure")
      }
    }
  }

  private func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
    guard depth < Self.depthMax else {
      throw YAMLError(line: event.line, message: "nested deeper than \(Self.depthMax) levels")
    }
    guard !event.isAnchored else {
      throw YAMLError(line: event.line, message: "anchors (&) are not supported; write it out")
    }
    guard !event.isTagged else {
      throw YAMLError(line: event.line, message: "tags (!) are not supported; leave it out")
    }
    switch event.kind {
    case .scalar(let text): return YAMLNode(line: event.line, content: .scalar(text))
    case .sequenceStart: return try sequence(from: event.line, depth: depth)
    case .mappingStart: return try mapping(from: event.line, depth: depth)
    case .alias:
      throw YAMLError(line: event.line, message: "aliases (*) are not supported; write it out")
    default: throw YAMLError(line: event.line, message: "a value is missing")
    }
  }

  private func sequence(from line: Int, depth: Int) throws(YAMLError) -> YAMLNode {
    var items: [YAMLNode] = []
    while true {
      let event = try events.next()
      if event.kind == .sequenceEnd { return YAMLNode(line: line, content: .sequence(items)) }
      items.append(try node(event, depth: depth + 1))
    }
  }

  private func mapping(from line: Int, depth: Int) throws(YAMLError) -> YAMLNode {
    var entries: [YAMLNode.Entry] = []
    var keys: Set<Name> = []
    while true {
      let event = try events.next()
      if event.kind == .mappingEnd { return YAMLNode(line: line, content: .mapping(entries)) }
      guard case .scalar(let key) = try node(event, depth: depth + 1).content else {
        throw YAMLError(line: event.line, message: "a key must be a single word")
      }
      guard keys.insert(Name(key)).inserted else {
        throw YAMLError(line: event.line, message: "duplicate key \(quoted(key))")
      }
      let value = try node(events.next(), depth: depth + 1)
      entries.append(YAMLNode.Entry(key: key, line: event.line, value: value))
    }
  }
}
