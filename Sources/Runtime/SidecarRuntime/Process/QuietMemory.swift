import Glibc
import RPCTransport
import ServiceLifecycle
import Timing

/// Gives the memory that a burst of work left behind back to the system, once the process is quiet.
/// While it works, freed memory is kept for what comes next.
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

  /// What all threads have used until now.
  private static var processorTime: Duration {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Duration(usage.ru_utime) + Duration(usage.ru_stime)
  }
}

/// A time in which a process works, as its use of processors shows.
struct BusySpell {
  /// Shares of one processor: from one on it works, up to the other it is quiet.
  static let (busy, quiet) = (0.2, 0.04)

  private var isBusy = false
  private var used: Duration

  init(used: Duration) { self.used = used }

  /// Whether it was busy until a while ago, and was quiet since.
  ///
  /// - Parameters:
  ///   - now: the time of processors that it has used until now.
  ///   - interval: since this was last asked.
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
