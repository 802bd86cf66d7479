import EventSourcing
import Testing

@testable import KafkaChannel

@Suite(.timeLimit(.minutes(5))) struct IntakeTests {
  private func intake(window: Int, _ messages: [(partition: Int32, offset: Int64)]) -> Intake<Int> {
    var intake = Intake<Int>(window: window)
    intake.assign([0, 1])
    for (partition, offset) in messages { receive(partition, offset, into: &intake) }
    return intake
  }

  private func receive(_ partition: Int32, _ offset: Int64, into intake: inout Intake<Int>) {
    intake.receive(.malformed("\(partition)/\(offset)"), partition: partition, offset: offset)
  }

  private func take(_ intake: inout Intake<Int>) throws -> [UInt64] {
    try intake.take()?.map(\.tag) ?? []
  }

  @Test func eachPartitionIsCommittedUpToItsFirstUnacknowledgedMessage() throws {
    var intake = intake(window: 9, [(0, 5), (1, 70), (0, 6), (1, 71), (0, 7)])
    let tags = try take(&intake)
    intake.acknowledge([tags[0], tags[3], tags[4]])
    #expect(intake.takeDue() == [0: 6])
    #expect(intake.takeDue().isEmpty)
    intake.acknowledge([tags[1], tags[2]])
    #expect(intake.takeDue() == [0: 8, 1: 72])
  }

  @Test func whatIsPassedOverIsCommittedWithItsNeighbours() throws {
    var intake = intake(window: 9, [])
    intake.passOver(partition: 0, offset: 1)
    receive(0, 2, into: &intake)
    intake.passOver(partition: 0, offset: 3)
    #expect(intake.takeDue() == [0: 2])
    intake.acknowledge(try take(&intake))
    #expect(intake.takeDue() == [0: 4])
  }

  @Test func aWindowIsFullUntilSomethingIsAcknowledged() throws {
    var intake = intake(window: 2, [(0, 1)])
    #expect(!intake.isFull)
    receive(0, 2, into: &intake)
    #expect(intake.isFull)
    let tags = try take(&intake)
    #expect(tags.count == 2 && intake.isFull)
    intake.acknowledge([tags[1]])
    #expect(!intake.isFull)
  }

  @Test func revokedDeliveriesAreForgotten() throws {
    var intake = intake(window: 2, [(0, 1), (0, 2)])
    let tags = try take(&intake)
    intake.revoke()
    intake.acknowledge(tags)
    #expect(intake.takeDue().isEmpty)
    intake.assign([0])
    receive(0, 1, into: &intake)
    #expect(try take(&intake).count == 1)
  }

  @Test func aFailedCommitIsDueAgainUnlessItIsOvertaken() throws {
    var intake = intake(window: 9, [(0, 1), (0, 2), (1, 1)])
    let tags = try take(&intake)
    intake.acknowledge([tags[0], tags[2]])
    let failed = intake.takeDue()
    intake.acknowledge([tags[1]])
    intake.restore(failed)
    #expect(intake.takeDue() == [0: 3, 1: 2])
    intake.revoke()
    intake.restore(failed)
    #expect(intake.takeDue().isEmpty)
  }

  @Test func theFirstErrorEndsEverything() throws {
    var intake = intake(window: 2, [(0, 1)])
    intake.fail(ChannelError(.unavailable, "first"))
    intake.fail(ChannelError(.unavailable, "second"))
    let error = #expect(throws: ChannelError.self) { try intake.take() }
    #expect(error?.message == "first")
  }
}
