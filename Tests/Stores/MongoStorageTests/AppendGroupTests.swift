import Contracts
import EventModel
import EventSourcing
import Testing

@testable import MongoStorage

@Suite struct AppendGroupTests {
  private let commits = (0..<3).map { _ in Commit.sample(.random()) }

  private func at(_ number: UInt64) -> Position { Position(number: number) }

  /// A group whose commits have the positions from 11 on.
  private func reservedGroup() -> AppendGroup {
    var group = AppendGroup(commits, partitions: 1)
    group.reserved(partition: 0, from: 11)
    return group
  }

  @Test func positionsAreReservedOnceAndForAll() {
    var group = AppendGroup(commits, partitions: 1)
    #expect(group.positionsNeeded.map(\.count) == [3])
    group.reserved(partition: 0, from: 11)
    #expect(group.positionsNeeded.isEmpty)
    #expect(group.insertions.map(\.position) == [at(11), at(12), at(13)])
  }

  @Test func eachPartitionGivesPositionsToItsOwn() throws {
    let commits = (0..<40).map { _ in Commit.sample(.random()) }
    var group = AppendGroup(commits, partitions: 3)
    #expect(group.positionsNeeded.map(\.partition) == [0, 1, 2])
    for (partition, _) in group.positionsNeeded { group.reserved(partition: partition, from: 5) }
    for (index, position) in group.insertions {
      let root = commits[index].cover.root
      #expect(position.partition == root.partition(of: 3))
    }
    #expect(Set(group.insertions.map(\.position)).count == 40)
  }

  @Test func aStoredCommitIsToldOnce() {
    var group = reservedGroup()
    group.inserted(1, .stored)
    let told = group.tell()
    #expect(told.map(\.index) == [1])
    #expect(told.map(\.outcome) == [.success(.appended(at(12)))])
    let again = group.tell()
    #expect(again.isEmpty)
    #expect(!group.isDone)
  }

  @Test func anUnknownOutcomeIsTriedAgainAtTheSamePosition() {
    var group = reservedGroup()
    for index in 0..<3 { group.inserted(index, .unknown) }
    #expect(group.positionsNeeded.isEmpty)
    #expect(group.insertions.map(\.position) == [at(11), at(12), at(13)])
  }

  @Test func onesOwnCommitIsASuccessWhereItStands() {
    var group = reservedGroup()
    group.inserted(0, .duplicate)
    #expect(group.duplicates.map(\.position) == [at(11)])
    group.found(0, .own(at(11)))
    let told = group.tell()
    #expect(told.map(\.outcome) == [.success(.appended(at(11)))])
    #expect(group.abandoned.isEmpty)
  }

  @Test func aRivalOrAKnownCommandGivesThePositionUp() {
    let earlier = RecordedCommit(position: at(3), commit: commits[1])
    var group = reservedGroup()
    group.inserted(0, .duplicate)
    group.inserted(1, .duplicate)
    group.found(0, .rival(next: 7))
    group.found(1, .command(earlier))
    let told = group.tell()
    #expect(
      told.map(\.outcome) == [
        .success(.conflict(next: 7)), .success(.alreadyHandled(earlier)),
      ])
    #expect(group.abandoned == [at(11), at(12)])
    #expect(group.insertions.map(\.index) == [2])
  }

  @Test func aFilledHoleCostsItsCommitAloneANewPosition() {
    var group = reservedGroup()
    group.inserted(0, .stored)
    group.inserted(1, .duplicate)
    group.inserted(2, .stored)
    group.found(1, .filled)
    #expect(group.positionsNeeded.map(\.count) == [1])
    group.reserved(partition: 0, from: 30)
    #expect(group.insertions.map(\.position) == [at(30)])
    #expect(group.abandoned.isEmpty)
  }

  @Test func whatNobodySeesYetIsInsertedAgain() {
    var group = reservedGroup()
    group.inserted(0, .duplicate)
    group.found(0, .nothing)
    #expect(group.insertions.map(\.position).contains(at(11)))
  }

  @Test func whenTimeIsUpWhatIsKnownStays() {
    let error = StorageError(.unavailable, "too late")
    var group = reservedGroup()
    group.inserted(0, .stored)
    group.inserted(1, .unknown)
    group.giveUp(error)
    let told = group.tell()
    #expect(
      told.map(\.outcome) == [.success(.appended(at(11))), .failure(error), .failure(error)])
    #expect(group.isDone)
  }

  @Test func onlyTheRefusedCommitFails() {
    let error = StorageError(.incompatible, "too large")
    var group = reservedGroup()
    group.inserted(0, .refused(error))
    group.inserted(1, .stored)
    group.inserted(2, .stored)
    let told = group.tell()
    #expect(told[0].outcome == .failure(error))
    #expect(group.abandoned == [at(11)])
    #expect(!group.isDone)
    group.buried()
    #expect(group.isDone)
  }
}
