import Glibc
import RPCTransport
import ServiceLifecycle
import Timing

/// Returns freed memory to the system after a burst of work. During the burst it is kept for
/// reuse.
struct QuietMemory: ServiceLifecycle.Service {
  private static let interval = Duration.milliseconds(500)

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var spell = BusySpell(used: Self.processorTime)
      while (try? await Environment.live.sleep(Self.interval)) != nil {
        if spell.ends(used: Self.processorTime, in: Self.interval) { FreedMemory.giveBack() }
      }
    }
  }

  /// The processor time of all threads so far.
  private static var processorTime: Duration {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Duration(usage.ru_utime) + Duration(usage.ru_stime)
  }
}

/// Detects busy spells by processor time.
struct BusySpell {
  /// Shares of one processor: busy from the first on, quiet up to the second.
  static let (busy, quiet) = (0.2, 0.04)

  private var isBusy = false
  private var used: Duration

  init(used: Duration) { self.used = used }

  /// True once, when a busy spell has ended.
  ///
  /// - Parameters:
  ///   - now: the processor time so far.
  ///   - interval: the time since the last call.
  mutating func ends(used now: Duration, in interval: Duration) -> Bool {
    let share = (now - used) / interval
    used = now
    if share >= Self.busy { isBusy = true }
    if share > Self.quiet { return false }
    defer { isBusy = false }
    return isBusy
  }
}

extension Duration {
  fileprivate init(_ time: timeval) {
    self = .seconds(time.tv_sec) + .microseconds(time.tv_usec)
  }
}
