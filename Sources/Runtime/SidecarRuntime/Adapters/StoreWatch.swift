import EventModel
import EventSourcing
import Logging
import Metrics
import ServiceLifecycle
import Sidecars
import Synchronization
import Telemetry
import Timing

/// Detects a store that takes no commits, for example on a full disk. Reports it to the log, the
/// metrics and the command-handler's health, and probes until a write succeeds.
///
/// The probe is needed: clients send no commands to a server that is NOT_SERVING.
final class StoreWatch: ServiceLifecycle.Service, Measured {
  /// A domain whose last write failed.
  private struct Failing {
    let store: any DomainStore
    /// Failures since the last log line.
    var failures = 0
    var toldAt: ContinuousClock.Instant
  }

  private struct State {
    var failing: [Name: Failing] = [:]
    var health: HealthTable?
  }

  private let logger: Logger
  /// Pause between probes, and between two log lines about one domain.
  private let intervals: (probe: Duration, log: Duration)
  private let state = Mutex(State())
  /// Lets a successful commit skip the lock.
  private let isFailing = Atomic(false)
  private let failures = Atomic<UInt64>(0)
  private let wakeUps: AsyncStream<Void>
  private let wakeUp: AsyncStream<Void>.Continuation

  init(
    _ logger: Logger,
    intervals: (probe: Duration, log: Duration) = (probe: .seconds(1), log: .seconds(30))
  ) {
    self.logger = logger
    self.intervals = intervals
    (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Sets the health table to suspend while a store takes no commits.
  func govern(_ health: HealthTable) {
    state.withLock { state in
      state.health = health
      health.suspend(!state.failing.isEmpty)
    }
  }

  /// False while a store takes no commits.
  var takesCommits: Bool { !isFailing.load(ordering: .relaxed) }

  /// Observes the store's writes.
  func note(_ event: CommandEvent, of store: any DomainStore) {
    switch event {
    case .appended: note(nil, of: store)
    case .appendFailed(let error): note(error, of: store)
    case .longHistory, .stateTooLarge: break
    }
  }

  private func note(_ error: StorageError?, of store: any DomainStore) {
    guard let error else {
      if isFailing.load(ordering: .relaxed) { noteSuccess(of: store) }
      return
    }
    // Any other error concerns that one commit.
    if error.code == .unavailable { noteFailure(error, of: store) }
  }

  private func noteFailure(_ error: StorageError, of store: any DomainStore) {
    failures.add(1, ordering: .relaxed)
    let now = Environment.live.instant()
    let untold = state.withLock { state -> Int? in
      let isNews = state.failing[store.domain] == nil
      if isNews {
        isFailing.store(true, ordering: .relaxed)
        state.health?.suspend(true)
      }
      var failing = state.failing[store.domain] ?? Failing(store: store, toldAt: now)
      failing.failures += 1
      let isDue = isNews || now - failing.toldAt >= intervals.log
      let untold = failing.failures
      if isDue { (failing.failures, failing.toldAt) = (0, now) }
      state.failing[store.domain] = failing
      return isDue ? untold : nil
    }
    wakeUp.yield()
    guard let untold else { return }
    logger.error(
      "the store takes no commits; commands are refused, and health is NOT_SERVING, until it does",
      metadata: [
        "domain": "\(store.domain)", "error": "\(error)", "failures": "\(untold)",
      ])
  }

  private func noteSuccess(of store: any DomainStore) {
    let wasFailing = state.withLock { state in
      let wasFailing = state.failing.removeValue(forKey: store.domain) != nil
      if wasFailing, state.failing.isEmpty {
        isFailing.store(false, ordering: .relaxed)
        state.health?.suspend(false)
      }
      return wasFailing
    }
    if wasFailing {
      logger.notice("the store takes commits again", metadata: ["domain": "\(store.domain)"])
    }
  }

  func write(to exposition: inout Exposition) {
    exposition.family(
      "outrider_store_write_failures_total", .counter,
      "Commits that a store did not take, and tries to write since."
    ) { $0.add(failures.load(ordering: .relaxed)) }
    exposition.family(
      "outrider_store_writable", .gauge, "0 while a store takes no commits, else 1."
    ) { $0.add(isFailing.load(ordering: .relaxed) ? 0 : 1) }
  }

  // MARK: Probing

  /// Probes the failing stores until each takes a write.
  func run() async {
    await cancelWhenGracefulShutdown { [self] in
      for await _ in wakeUps {
        while true {
          let stores = state.withLock { $0.failing.values.map(\.store) }
          if stores.isEmpty || Task.isCancelled { break }
          try? await Environment.live.sleep(intervals.probe)
          for store in stores { await probe(store) }
        }
      }
    }
  }

  /// Acquires a lease that expires at once: the smallest possible write.
  private func probe(_ store: any DomainStore) async {
    do throws(StorageError) {
      _ = try await store.acquire("$write-probe", owner: "write-probe", duration: .zero)
      note(nil, of: store)
    } catch {
      note(error, of: store)
    }
  }
}
