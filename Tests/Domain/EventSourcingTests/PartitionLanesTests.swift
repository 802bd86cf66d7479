import EventModel
import Testing

@testable import EventSourcing

@Suite struct PartitionLanesTests {
  private func lease(_ lane: UInt32) -> Lease {
    Lease(name: Name("l/\(lane)"), owner: "me", token: UInt64(lane) + 1)
  }

  /// Lanes from 0 on that begin behind these positions; the reader has told of all.
  private func lanes(_ checkpoints: UInt64..., window: Int = 4, reach: Int = 10) -> PartitionLanes {
    var lanes = PartitionLanes(0, reach: reach)
    for (lane, checkpoint) in checkpoints.enumerated() {
      let lane = UInt32(lane)
      lanes.gain(lane, from: checkpoint, windowSize: window, holding: lease(lane))
      guard case .tell(.gained) = lanes.next() else {
        Issue.record("a lane that came is told first")
        continue
      }
    }
    return lanes
  }

  private func item(_ number: UInt64) -> HeldLane.Item {
    .commit(RecordedCommit(position: Position(number: number), commit: commit(1, at: 0, "e")))
  }

  /// What the next read is to be.
  private func read(_ lanes: inout PartitionLanes) -> (after: UInt64, readers: Set<UInt32>)? {
    guard case .read(let after, let readers) = lanes.next() else { return nil }
    return (after, readers)
  }

  /// Reads behind where it is to read, up to `last`. All are the lane's that is given.
  private func deliver(
    upTo last: UInt64, of lane: UInt32, _ lanes: inout PartitionLanes
  ) throws -> [UInt64] {
    let (after, readers) = try #require(read(&lanes))
    var told: [UInt64] = []
    for number in (after + 1)...last where readers.contains(lane) {
      if lanes.take(item(number), on: lane) != nil { told.append(number) }
    }
    _ = lanes.pass(upTo: last)
    return told
  }

  @Test func lanesThatAreCloseAreReadForTogether() throws {
    var lanes = lanes(7, 3, 12)
    #expect(try #require(read(&lanes)) == (3, [0, 1, 2]))
    _ = lanes.pass(upTo: 13)
    #expect(try #require(read(&lanes)) == (13, [0, 1, 2]))
  }

  @Test func aLaneIsToldNothingThatItHadBefore() throws {
    var lanes = lanes(5, 0)
    #expect(try deliver(upTo: 8, of: 0, &lanes) == [6, 7, 8])
  }

  @Test func aLaneThatIsFarBehindTakesTurnsWithTheOthers() throws {
    var lanes = lanes(0, 1000, 1003)
    #expect(try #require(read(&lanes)) == (0, [0, 1, 2]))
    _ = lanes.pass(upTo: 10)
    for last in [20, 30] as [UInt64] {
      #expect(try #require(read(&lanes)) == (1000, [1, 2]))
      lanes.foundNothing()
      #expect(try #require(read(&lanes)) == (last - 10, [0]))
      _ = lanes.pass(upTo: last)
    }
  }

  @Test func theLogIsWaitedForOnceAllAreAtItsEnd() throws {
    var lanes = lanes(5, 5)
    _ = try #require(read(&lanes))
    #expect(lanes.end == nil)
    lanes.foundNothing()
    #expect(read(&lanes) == nil)
    #expect(lanes.end == 5)
    lanes.newsCame()
    #expect(lanes.end == nil)
    #expect(try #require(read(&lanes)) == (5, [0, 1]))
  }

  @Test func aFullLaneStaysBehindAndGoesOnInOrder() throws {
    var lanes = lanes(0, 0, window: 2)
    #expect(try deliver(upTo: 4, of: 0, &lanes) == [1, 2])
    // The other goes on meanwhile.
    #expect(try #require(read(&lanes)) == (4, [1]))
    #expect(lanes.take(item(5), on: 1) != nil)
    _ = lanes.pass(upTo: 6)
    let answers = [lanes.acknowledge(1, on: 0), lanes.acknowledge(5, on: 1)]
    #expect(answers == [.awaited, .taken])
    guard case .tell(.commit(let third, lane: 0)) = lanes.next() else {
      Issue.record("there is room for one")
      return
    }
    #expect(third.position.number == 3)
    #expect(lanes.mark(of: 0, holding: lease(0)) == 1)
    #expect(lanes.mark(of: 1, holding: lease(1)) == 6)
    for number in [2, 3] as [UInt64] { _ = lanes.acknowledge(number, on: 0) }
    guard case .tell(.commit(let fourth, lane: 0)) = lanes.next() else {
      Issue.record("there is room again")
      return
    }
    #expect(fourth.position.number == 4)
    #expect(try #require(read(&lanes)) == (4, [0, 1]))
  }

  @Test func aRetiringLaneIsToldNothingMore() throws {
    var lanes = lanes(0, 0)
    let (_, readers) = try #require(read(&lanes))
    #expect(readers == [0, 1])
    #expect(lanes.take(item(1), on: 0) != nil)
    lanes.retire(0)
    #expect(lanes.take(item(2), on: 0) == nil)
    _ = lanes.pass(upTo: 2)
    #expect(!lanes.isDone(0, holding: lease(0)))
    #expect(lanes.acknowledge(1, on: 0) == .awaited)
    #expect(lanes.isDone(0, holding: lease(0)))
    #expect(lanes.mark(of: 0, holding: lease(0)) == 1)
    #expect(try #require(read(&lanes)) == (2, [1]))
  }

  @Test func aLaneThatComesBackDuringAReadHasNoPartInIt() throws {
    var lanes = lanes(0)
    _ = try #require(read(&lanes))
    lanes.lose(0, holding: lease(0))
    let again = Lease(name: "l/0", owner: "me", token: 9)
    lanes.gain(0, from: 0, windowSize: 4, holding: again)
    // Who still leaves the lane as it was has no effect on the new one.
    lanes.lose(0, holding: lease(0))
    #expect(lanes.isDone(0, holding: lease(0)))
    #expect(lanes.take(item(1), on: 0) == nil)
    _ = lanes.pass(upTo: 1)
    var told: [ConsumerMessage] = []
    while case .tell(let message) = lanes.next() { told.append(message) }
    let lane = SubscriptionLane(partition: 0, lane: 0)
    #expect(told == [.lost(lane, checkpoint: 0), .gained(lane, checkpoint: 0)])
    #expect(try deliver(upTo: 1, of: 0, &lanes) == [1])
  }

  @Test func whatWasNotDeliveredIsNotAcknowledged() throws {
    var lanes = lanes(4)
    #expect(lanes.acknowledge(5, on: 0) == .refused)
    #expect(lanes.acknowledge(1, on: 7) == .refused)
    #expect(try deliver(upTo: 5, of: 0, &lanes) == [5])
    lanes.lose(0, holding: lease(0))
    #expect(lanes.acknowledge(5, on: 0) == .taken)
    #expect(lanes.acknowledge(6, on: 0) == .refused)
  }

  @Test func theFirstProgressIsAwaitedAndSavedOnce() throws {
    var lanes = lanes(0, 0)
    #expect(try deliver(upTo: 3, of: 0, &lanes) == [1, 2, 3])
    // Of the other lane: everything was left out.
    #expect(lanes.isUnsaved)
    #expect(lanes.takeUnsaved().map(\.number) == [3])
    #expect(lanes.acknowledge(2, on: 0) == .taken)
    #expect(!lanes.isUnsaved)
    #expect(lanes.acknowledge(1, on: 0) == .awaited)
    #expect(lanes.acknowledge(3, on: 0) == .taken)
    #expect(lanes.takeUnsaved().map(\.number) == [3])
    #expect(lanes.takeUnsaved().isEmpty)
  }
}
