import EventModel
import OutriderTesting
import Testing
import Wire

/// Whatever comes in, it is read or refused; and what was read can be written and read again.
@Suite struct DamageTests {
  private typealias Probe = @Sendable (Bytes) -> Bool

  /// Reads the bytes as every message there is.
  private static let probes: [Probe] = [
    probe(Evented.CommandBook.self), probe(EventBook.self), probe(ProposedBook.self),
    probe(Evented.ProjectorRequest.self), probe(Evented.CoordinatedProjection.self),
    probe(OutriderV1.ShelvedSnapshot.self),
    probe(Projection.self),
    probe(Evented.ProjectorAnswer.self), probe(Evented.SynchronousProcessingResponse.self),
    probe(Evented.Query.self), probe(Evented.AggregateRoot.self), probe(Payload.self),
    probe(OutriderV1.ProjectionRecord.self), probe(OutriderV1.GetProjectionRequest.self),
    probe(OutriderV1.ListProjectionsRequest.self), probe(OutriderV1.ListProjectionsResponse.self),
    probe(OutriderV1.WatchProjectionsRequest.self), probe(OutriderV1.ReadLogRequest.self),
    probe(OutriderV1.LogEntry.self), probe(OutriderV1.HeadRequest.self),
    probe(OutriderV1.HeadResponse.self), probe(OutriderV1.ListParkedRequest.self),
    probe(OutriderV1.ListParkedResponse.self), probe(OutriderV1.RetryParkedRequest.self),
    probe(OutriderV1.SkipParkedRequest.self), probe(OutriderV1.ParkedOutcome.self),
    probe(GRPCHealthV1.HealthCheckRequest.self), probe(GRPCHealthV1.HealthCheckResponse.self),
    probe(OutriderV1.SubscribeRequest.self), probe(OutriderV1.SubscribeResponse.self),
    probe(OutriderV1.ListSubscriptionsRequest.self),
    probe(OutriderV1.ListSubscriptionsResponse.self),
    probe(OutriderV1.DeleteSubscriptionRequest.self),
    probe(OutriderV1.SeekSubscriptionRequest.self),
    probe(OutriderV1.DeadLetter.self), probe(OutriderV1.GetDeadLetterRequest.self),
    probe(OutriderV1.ListDeadLettersRequest.self),
    probe(OutriderV1.ListDeadLettersResponse.self),
    probe(OutriderV1.SettleDeadLettersRequest.self),
    probe(OutriderV1.SettleDeadLettersResponse.self),
    probe(OutriderV1.TraceRequest.self), probe(OutriderV1.TraceNode.self),
    probe(OutriderV1.CommandOutcome.self), probe(OutriderV1.DispatchRequest.self),
    probe(OutriderV1.DispatchReceipt.self), probe(OutriderV1.CommandStatus.self),
    probe(OutriderV1.ListCommandsRequest.self), probe(OutriderV1.ListCommandsResponse.self),
    probe(OutriderV1.WatchCommandsRequest.self), probe(CommandReference.self),
    probe(DispatchedCommand.self), probe(DueCommand.self), probe(EndedCommand.self),
    probe(OutriderV1.SchemaRegistered.self), probe(OutriderV1.SchemaVersion.self),
    probe(OutriderV1.GetSchemaRequest.self), probe(OutriderV1.SchemaHistoryRequest.self),
    probe(OutriderV1.SchemaHistoryResponse.self), probe(OutriderV1.CheckSchemaRequest.self),
    probe(OutriderV1.SchemaReport.self),
    probe(EmptyMessage.self), contextualCommand,
  ]

  /// True where the bytes were refused, or came through a second time as they did the first.
  private static func probe<Value: WireDecodable & WireEncodable & Equatable>(
    _ type: Value.Type
  ) -> Probe {
    { bytes in
      guard let value = try? Value(wireBytes: bytes) else { return true }
      return (try? Value(wireBytes: value.wireBytes)) == value
    }
  }

  private static let contextualCommand: Probe = { bytes in
    guard let value = try? Evented.ContextualCommand(wireBytes: bytes) else { return true }
    let again = try? Evented.ContextualCommand(wireBytes: value.wireBytes)
    return again?.aggregate == value.aggregate && again?.command.encoded == value.command.encoded
  }

  @Test func everyBeginningOfEveryMessage() {
    for (name, bytes) in Golden.all {
      for end in bytes.indices {
        let beginning = Bytes(bytes[..<end])
        for (index, probe) in Self.probes.enumerated() where !probe(beginning) {
          Issue.record("\(name) up to \(end), read by probe \(index)")
        }
      }
    }
  }

  /// A message that ends inside a field is never taken for a whole one.
  @Test func aBookCutInsideAPageIsRefused() throws {
    let whole = Golden.eventBook
    // Behind the cover, and behind each of the three pages of 57 bytes.
    let ends = [28, 85, 142, 199]
    for end in 1..<199 where !ends.contains(end) {
      #expect(throws: WireError.self) { try EventBook(wireBytes: Bytes(whole[..<end])) }
    }
    for (count, end) in ends.enumerated().dropFirst() {
      #expect(try EventBook(wireBytes: Bytes(whole[..<end])).pages.count == count)
    }
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func randomDamage(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for _ in 0..<15 {
      for (name, original) in Golden.all {
        let bytes = damage(original, &random)
        for (index, probe) in Self.probes.enumerated() where !probe(bytes) {
          Issue.record("\(name) by seed \(seed), read by probe \(index): \(bytes)")
        }
      }
    }
  }

  private func damage(_ original: Bytes, _ random: inout SeededRandom) -> Bytes {
    var bytes = original
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: bytes.remove(at: place)
      case 3: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
      default:
        let other = Int.random(in: place..<bytes.count, using: &random)
        bytes.insert(contentsOf: Bytes(bytes[place...other]), at: place)
      }
    }
    return bytes
  }
}
