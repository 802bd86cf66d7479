import EventModel
import JSON
import Payloads
import Wire

/// Draws a tree of causes, one commit a line.
struct TraceTree {
  /// Beyond this depth, lines are not indented further.
  private static let depthMax = 60
  private static let typesMax = 4

  private var roots: [OutriderV1.TraceNode] = []
  private var children: [Int: [OutriderV1.TraceNode]] = [:]

  mutating func add(_ node: OutriderV1.TraceNode) {
    if let parent = node.parent {
      children[parent, default: []].append(node)
    } else {
      roots.append(node)
    }
  }

  private enum Item {
    case line(String)
    /// `rest` is the prefix of the lines below it.
    case node(OutriderV1.TraceNode, first: String, rest: String, depth: Int)
  }

  /// From the top. Effects of a commit are below it, in the order of time.
  var lines: [String] {
    var lines: [String] = []
    // Not recursive: a tree may be as deep as it has nodes.
    var pending = roots.reversed().map { Item.node($0, first: "", rest: "", depth: 0) }
    while let item = pending.popLast() {
      switch item {
      case .line(let line): lines.append(line)
      case .node(let node, let first, let rest, let depth):
        lines.append(first + Self.text(of: node))
        pending += below(node, rest, depth).reversed()
      }
    }
    return lines
  }

  private func below(_ node: OutriderV1.TraceNode, _ rest: String, _ depth: Int) -> [Item] {
    let effects = (children[node.number] ?? []).sorted {
      ($0.recordedAt, $0.number) < ($1.recordedAt, $1.number)
    }
    var items = effects.enumerated().map { index, effect in
      let isLast = index == effects.count - 1 && !node.isTruncated
      let margin = depth < Self.depthMax ? isLast ? "   " : "│  " : ""
      let branch = isLast ? "└─ " : "├─ "
      return Item.node(effect, first: rest + branch, rest: rest + margin, depth: depth + 1)
    }
    if node.isTruncated { items.append(.line(rest + "└─ …")) }
    return items
  }

  private static func text(of node: OutriderV1.TraceNode) -> String {
    let last = node.first.advanced(by: node.count - 1) ?? node.first
    let numbers = node.count > 1 ? "\(node.first)..\(last)" : "\(node.first)"
    var types = node.eventTypes.prefix(typesMax).map { $0.isEmpty ? "?" : $0 }
    if node.count > types.count { types.append("…") }
    return "\(node.cover) #\(numbers)  \(types.joined(separator: ", "))  \(node.recordedAt.text)  "
      + "(\(node.commandID))" + (node.isStart ? "  ◀" : "")
  }
}

extension OutriderV1.TraceNode {
  /// For scripts.
  var json: JSONValue {
    var members: [JSONValue.Member] = [.init("number", .integer(number))]
    if let parent {
      members.append(.init("parent", .integer(parent)))
      members.append(.init("causeSequence", .integer(causeSequence.rawValue)))
    }
    members += cover.members
    members += [
      .init("first", .integer(first.rawValue)), .init("count", .integer(count)),
      .init("eventTypes", .array(eventTypes.map { .string($0) })),
      .init("commandId", .string(commandID)), .init("correlation", .string(correlation)),
    ]
    members += position.members
    members.append(.init("recordedAt", .string(recordedAt.text)))
    if isStart { members.append(.init("isStart", .bool(true))) }
    if isTruncated { members.append(.init("truncated", .bool(true))) }
    return .object(members)
  }
}
