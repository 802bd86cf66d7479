import EventModel
import Testing
import Wire

@testable import outrider

@Suite struct TraceTreeTests {
  @Test func effectsStandBelowTheirCauseInTheOrderOfTime() {
    #expect(
      lines(node(1), node(2, under: 1, at: 20), node(3, under: 1, at: 10), node(4, under: 3)) == [
        "bank/\(Root.nil) #1  E  1970-01-01T00:00:00.000Z  (c1)",
        "├─ bank/\(Root.nil) #3  E  1970-01-01T00:00:10.000Z  (c3)",
        "│  └─ bank/\(Root.nil) #4  E  1970-01-01T00:00:00.000Z  (c4)",
        "└─ bank/\(Root.nil) #2  E  1970-01-01T00:00:20.000Z  (c2)",
      ])
  }

  @Test func whatIsLeftOutIsSaidWhereItWouldStand() {
    var root = node(1)
    root.isTruncated = true
    var leaf = node(3, under: 1, at: 1)
    leaf.isTruncated = true
    #expect(
      lines(root, node(2, under: 1), leaf).map { $0.prefix(7) } == [
        "bank/00", "├─ bank", "├─ bank", "│  └─ …", "└─ …",
      ])
  }

  @Test func aCommitOfManyEventsShowsItsNumbersAndItsFirstTypes() {
    var node = node(1)
    node.first = 5
    node.count = 6
    node.eventTypes = ["A", "", "C", "D", "E", "F"]
    node.isStart = true
    #expect(
      lines(node) == [
        "bank/\(Root.nil) #5..10  A, ?, C, D, …  1970-01-01T00:00:00.000Z  (c1)  ◀"
      ])
  }

  @Test func aTreeAsDeepAsTheLimitIsDrawnAndItsLinesStayShort() {
    var tree = TraceTree()
    tree.add(node(1))
    for number in 2...10_000 { tree.add(node(number, under: number - 1)) }
    #expect(tree.lines.count == 10_000)
    #expect(tree.lines.allSatisfy { $0.count < 300 })
  }

  private func lines(_ nodes: OutriderV1.TraceNode...) -> [String] {
    var tree = TraceTree()
    for node in nodes { tree.add(node) }
    return tree.lines
  }

  private func node(
    _ number: Int, under parent: Int? = nil, at seconds: Int64 = 0
  ) -> OutriderV1.TraceNode {
    OutriderV1.TraceNode(
      number: number, parent: parent, cover: Cover(domain: "bank", root: .nil),
      first: SequenceNumber(UInt32(number)), count: 1, eventTypes: ["E"], commandID: "c\(number)",
      correlation: "", position: Position(number: 1), recordedAt: Timestamp(seconds: seconds))
  }
}
