import EventModel
import Wire

/// The values that the messages of `Golden` stand for.
enum Samples {
  static let cover = Cover(domain: "bank", root: Root(0..<16)!)
  static let position = Position(partition: 2, number: 301)
  static let time = Timestamp(seconds: 1_700_000_000, nanoseconds: 5)
  static let origin = Origin(
    correlation: "k1",
    Evented.Annotations(
      cause: Evented.Cause(cover: cover, sequence: 7, commandID: "c0"),
      headers: ["tenant": "acme", "user": "zoë"]))

  static func payload(_ name: String) -> Payload {
    Payload(typeURL: "type.googleapis.com/bank.\(name)", value: Bytes(name.utf8))
  }

  static func pages(_ numbers: Range<UInt32>, synchronous: Bool = false) -> PageBlock {
    var block = PageBlock(emptyAt: SequenceNumber(numbers.lowerBound))
    for number in numbers {
      block.append(
        EventPage(
          sequence: SequenceNumber(number), createdAt: time, synchronous: synchronous,
          body: payload("Opened").pageBody))
    }
    return block
  }

  static let commandBook = Evented.CommandBook(
    cover: cover,
    pages: [
      Evented.CommandPage(payload("Open")),
      Evented.CommandPage(payload("Deposit"), synchronous: true),
    ], commandID: "c1", origin: origin, expected: 3)
  static let commandBookForNew = Evented.CommandBook(
    cover: cover, pages: [Evented.CommandPage(payload("Open"))], expected: 0)
  static let eventBook = EventBook(
    cover: cover, pages: pages(0..<3), commandID: "c1", origin: origin)
  /// Without an id.
  static let command = try! Command(
    wireBytes: Evented.CommandBook(
      cover: cover, pages: [Evented.CommandPage(payload("Open"))]
    ).wireBytes)
  static let dispatched = command.identified(as: "c1")
  static let refused = OutriderV1.CommandOutcome(
    dispatched, end: .refused(.failedPrecondition, message: "no"), endedAt: time)
  static let projection = Projection(
    projector: "balance", cover: cover, sequence: 2, value: payload("Balance").wireBytes)
  static let record = OutriderV1.ProjectionRecord(projection, updatedAt: time)
  static let parked = OutriderV1.ParkedAggregate(
    subscription: "balance", cover: cover, firstSequence: 3, statusCode: .failedPrecondition,
    reason: "no", tries: 5,
    parkedAt: time)
  static let deadLetter = OutriderV1.DeadLetter(
    id: "5c0e1f7a90b3d264", subscription: "balance", domain: "bank", partition: 3,
    reason: "it is odd", setAsideAt: time, bodySize: 3, headers: [.init(name: "x", value: "y")],
    body: [1, 2, 3])
}
