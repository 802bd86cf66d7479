import CYAML

/// One event of a YAML stream, copied from libyaml's memory.
struct YAMLEvent: Equatable {
  enum Kind: Equatable {
    case streamStart, streamEnd, documentStart, documentEnd
    case scalar(String)
    case sequenceStart, sequenceEnd, mappingStart, mappingEnd
    case alias
  }

  let kind: Kind
  /// Counted from 1.
  let line: Int
  /// True if it has an anchor (`&`).
  var isAnchored = false
  /// True if it has a tag (`!`).
  var isTagged = false
}

/// libyaml's event parser (`yaml_parser_t`) over bytes in memory.
final class YAMLEventParser {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>

  init(_ bytes: [UInt8]) {
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    input = .allocate(capacity: bytes.count)
    _ = input.initialize(from: bytes)
    // Fails only if memory runs out, as any allocation of ours would.
    precondition(yaml_parser_initialize(parser) == 1, "libyaml found no memory")
    // libyaml reads the input in place; it lives as long as the parser.
    yaml_parser_set_input_string(parser, input.baseAddress, input.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  /// The next event. Do not call after `streamEnd` or an error.
  func next() throws(YAMLError) -> YAMLEvent {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    // libyaml owns the event's memory until it is deleted; `copy` copies it out.
    defer { yaml_event_delete(&event) }
    return copy(event)
  }

  private func copy(_ event: yaml_event_t) -> YAMLEvent {
    let line = event.start_mark.line + 1
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return YAMLEvent(
        kind: .scalar(String(decoding: bytes, as: UTF8.self)), line: line,
        isAnchored: scalar.anchor != nil, isTagged: scalar.tag != nil)
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return YAMLEvent(
        kind: .sequenceStart, line: line, isAnchored: start.anchor != nil,
        isTagged: start.tag != nil)
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return YAMLEvent(
        kind: .mappingStart, line: line, isAnchored: start.anchor != nil, isTagged: start.tag != nil
      )
    case YAML_SEQUENCE_END_EVENT: return YAMLEvent(kind: .sequenceEnd, line: line)
    case YAML_MAPPING_END_EVENT: return YAMLEvent(kind: .mappingEnd, line: line)
    case YAML_ALIAS_EVENT: return YAMLEvent(kind: .alias, line: line)
    case YAML_DOCUMENT_START_EVENT: return YAMLEvent(kind: .documentStart, line: line)
    case YAML_DOCUMENT_END_EVENT: return YAMLEvent(kind: .documentEnd, line: line)
    case YAML_STREAM_START_EVENT: return YAMLEvent(kind: .streamStart, line: line)
    default: return YAMLEvent(kind: .streamEnd, line: line)
    }
  }

  private func failure() -> YAMLError {
    let state = parser.pointee
    let message = state.problem.map { String(cString: $0) } ?? "not readable"
    // The reader and the scanner store the place in different fields.
    let line = max(state.problem_mark.line, state.error == YAML_READER_ERROR ? state.mark.line : 0)
    return YAMLError(line: line + 1, message: "not valid YAML: \(message)")
  }
}
