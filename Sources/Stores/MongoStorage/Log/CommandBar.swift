import EventModel
import EventSourcing

/// Bars a command's id: puts a tombstone under it, at a position of the log that no commit gets.
/// Called on threads that may block.
struct CommandBar: Sendable {
  let layout: DomainLayout
  let now: @Sendable () -> Timestamp

  /// What the command has come to: this end, or what stood under its id before.
  func put(
    _ commandID: String, of root: Root, as end: EndWithoutEvents, _ client: Client
  ) throws(MongoFailure) -> CommandConclusion {
    let commits = layout.commits(client)
    let partition = commits.partition(of: root)
    var pace = RetryPace(until: .now + Limits.patience)
    while true {
      if let conclusion = try commits.conclusion(of: root, commandID: commandID) {
        return conclusion
      }
      let position = Position(
        partition: partition, number: try layout.positions(of: partition, client).reserve(1))
      let bar = CommitDocument.bar(
        on: commandID, of: root, as: end, at: position, time: now())
      // Where it is not known whether the bar is stored, the next call finds out.
      guard let failure = try commits.collection.insert([bar])[0] else { return .barred(end) }
      guard failure.kind == .duplicateKey else { throw failure }
      // By now another has the id, perhaps not seen by the majority yet, or the position.
      try commits.fill([position], now: now())
      try layout.raiseCounter(of: partition, client)
      guard pace.pause() else { throw failure }
    }
  }
}
