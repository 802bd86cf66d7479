import EventModel
import Testing
import Wire

@testable import outrider

@Suite struct RebuildPaceTests {
  private let begin = ContinuousClock.now

  /// A log of two partitions, and a rebuild that is so far in both.
  private func state(at checkpoints: [UInt64], of heads: [UInt64]) -> OutriderV1.RebuildState {
    func positions(_ numbers: [UInt64]) -> [Position] {
      numbers.enumerated().map { Position(partition: UInt32($0.offset), number: $0.element) }
    }
    let candidate = OutriderV1.ProjectionGeneration(
      number: 2, role: .candidate, subscription: "balance/2",
      checkpoints: positions(checkpoints), parked: 0)
    return OutriderV1.RebuildState(
      OutriderV1.RebuildTarget(projector: "balance", domain: "bank"), generations: [candidate],
      heads: positions(heads))
  }

  @Test func rateAndTimeLeftAreOfWhatWasSeen() {
    let pace = RebuildPace(from: state(at: [100, 100], of: [600, 600]), at: begin)
    let later = state(at: [250, 250], of: [600, 600])
    #expect(
      pace.text(of: later, at: begin + .seconds(10)) == "41 %, 700 commits to go, 30/s, 24 s left")
  }

  @Test func aLogThatGrowsFasterHasNoRateAndNoTimeLeft() {
    let pace = RebuildPace(from: state(at: [0, 0], of: [50, 50]), at: begin)
    let later = state(at: [20, 20], of: [100, 100])
    #expect(pace.text(of: later, at: begin + .seconds(1)) == "20 %, 160 commits to go, 0/s")
  }

  @Test func anEmptyLogIsDone() {
    let empty = state(at: [0, 0], of: [0, 0])
    let pace = RebuildPace(from: empty, at: begin)
    #expect(pace.text(of: empty, at: begin) == "100 %, 0 commits to go, 0/s")
  }
}
