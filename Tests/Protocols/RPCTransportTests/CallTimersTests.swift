import NIOCore
import NIOPosix
import Testing

@testable import RPCTransport

@Suite(.timeLimit(.minutes(5))) struct CallTimersTests {
  /// Notes when its time was up.
  private final class Call: Timed {
    var end: NIODeadline?
    let ended: EventLoopPromise<Void>

    init(_ loop: any EventLoop) { ended = loop.makePromise() }

    func timeIsUp() {
      end = .now()
      ended.succeed()
    }
  }

  @Test func deadlinesComeInOrderAndNeverEarly() async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let ends = try await loop.flatSubmit {
      let timers = CallTimers(loop)
      let start = NIODeadline.now()
      let calls = [30, 0, 10, 20].map { (time: Int64) in
        let call = Call(loop)
        _ = timers.set(call, in: .milliseconds(time))
        return (call: call, due: start + .milliseconds(time))
      }
      return EventLoopFuture.andAllSucceed(calls.map(\.call.ended.futureResult), on: loop)
        .assumeIsolated().map {
          withExtendedLifetime(timers) {}
          return calls.map { ($0.due, $0.call.end) }
        }.nonisolated()
    }.get()
    for (due, end) in ends { #expect(try #require(end) >= due) }
    let byDue = ends.sorted { $0.0 < $1.0 }.compactMap(\.1)
    #expect(byDue == byDue.sorted())
  }

  @Test func aDeadlineThatIsCalledOffNeverComes() async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let isLeft = try await loop.flatSubmit {
      let timers = CallTimers(loop)
      let (cancelled, last) = (Call(loop), Call(loop))
      let ticket = timers.set(cancelled, in: .milliseconds(5))
      _ = timers.set(last, in: .milliseconds(20))
      timers.callOff(ticket, of: cancelled)
      return last.ended.futureResult.assumeIsolated().map {
        withExtendedLifetime(timers) {}
        cancelled.ended.succeed()
        return cancelled.end == nil
      }.nonisolated()
    }.get()
    #expect(isLeft)
  }
}
