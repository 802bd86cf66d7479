import EventModel
import Synchronization
import Telemetry
import Testing
import Timing

@Suite struct LeaseWatchTests {
  /// A clock that stands still until it is moved.
  private final class Hands: Sendable {
    private let instant = Mutex(ContinuousClock.now)

    var environment: Environment {
      var environment = Environment.live
      environment.instant = { [self] in instant.withLock { $0 } }
      return environment
    }

    func advance(by duration: Duration) { instant.withLock { $0 += duration } }
  }

  @Test func eachNewTokenIsAChangeForAMinute() {
    let hands = Hands()
    let watch = LeaseWatch(environment: hands.environment)
    func changes() -> Int? { watch.reading(of: "p/0", in: "bank")?.changes }

    #expect(changes() == nil)
    watch.note(7, of: "p/0", in: "bank")
    #expect(changes() == 0)
    hands.advance(by: .seconds(20))
    // Others held it in between, unseen.
    watch.note(10, of: "p/0", in: "bank")
    watch.note(10, of: "p/0", in: "bank")
    #expect(changes() == 3)
    #expect(watch.reading(of: "p/0", in: "shop") == nil)
    // The first look is too long ago to say that the changes were lately.
    hands.advance(by: .seconds(41))
    #expect(changes() == 0)
    watch.note(11, of: "p/0", in: "bank")
    #expect(changes() == 1)
    hands.advance(by: .seconds(600))
    #expect(changes() == 0)
    watch.note(50, of: "p/0", in: "bank")
    #expect(changes() == 0)
  }

  /// Whoever stood by may note an older token late.
  @Test func anOlderTokenChangesNothing() {
    let watch = LeaseWatch()
    watch.note(5, of: "p/0", in: "bank")
    watch.note(4, of: "p/0", in: "bank")
    #expect(watch.reading(of: "p/0", in: "bank")?.changes == 0)
  }

  @Test func sinceIsWhenTheHolderWasSeenFirst() throws {
    let time = Mutex<Int64>(100)
    var environment = Environment.live
    environment.now = { Timestamp(seconds: time.withLock { $0 }) }
    let watch = LeaseWatch(environment: environment)
    func since() -> Int64? { watch.reading(of: "p/0", in: "bank")?.since.seconds }

    watch.note(1, of: "p/0", in: "bank")
    time.withLock { $0 = 200 }
    watch.note(1, of: "p/0", in: "bank")
    #expect(since() == 100)
    watch.note(2, of: "p/0", in: "bank")
    #expect(since() == 200)
  }
}
