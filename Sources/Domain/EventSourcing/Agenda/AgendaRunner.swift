import EventModel
import Synchronization
import Timing

/// Performs the entries of one agenda when they are due: never earlier by the wall clock, and
/// soon after, even if that clock jumps.
///
/// Delivery is at least once: a process that dies leaves the entry, and the next process performs
/// it again. One process at a time may run it; any process may enter.
public final class AgendaRunner: Sendable {
  /// The result of performing an entry.
  public enum Verdict: Sendable, Equatable {
    /// The entry is done, or needs no work any more.
    case done
    /// Retry at this time.
    case again(at: Timestamp)
    /// No entry of this agenda can be performed now: all wait this long.
    case held(Duration)
  }

  fileprivate struct State: Sendable {
    /// The earliest time at which an entry may be due; nil if none is known.
    var nextDue: Timestamp?
    /// The last read of the agenda; nil to read it at once.
    var lastLook: ContinuousClock.Instant?
    var underWay: Set<AgendaKey> = []
    var finished: [(entry: AgendaEntry, verdict: Verdict)] = []
    /// No entry begins before this instant.
    var heldUntil: ContinuousClock.Instant?

    mutating func expect(_ due: Timestamp) { nextDue = min(due, nextDue ?? due) }
  }

  private let agenda: Name
  private let store: any AgendaStore
  private let settings: AgendaSettings
  private let environment: Environment
  private let perform: @Sendable (AgendaEntry) async -> Verdict
  private let state = Watched(State())

  /// - Parameter perform: performs an entry. It may be called again for an entry that is done.
  public init(
    of agenda: Name, in store: any AgendaStore, settings: AgendaSettings = AgendaSettings(),
    environment: Environment = .live, perform: @escaping @Sendable (AgendaEntry) async -> Verdict
  ) {
    self.agenda = agenda
    self.store = store
    self.settings = settings
    self.environment = environment
    self.perform = perform
  }

  /// Enters work for later.
  public func enter(_ keys: [(key: AgendaKey, due: Timestamp)]) async throws(StorageError) {
    guard let earliest = keys.map(\.due).min() else { return }
    try await store.enter(keys.map { AgendaEntry(agenda: agenda, key: $0.key, due: $0.due) })
    state.change { $0.expect(earliest) }
  }

  /// Removes entries that need no work any more.
  public func strike(_ keys: [AgendaKey]) async throws(StorageError) {
    if !keys.isEmpty { try await store.strike(keys, from: agenda) }
  }

  /// Works until the task is cancelled, or the store fails.
  public func run() async throws {
    // Work that an earlier run left unfinished begins again.
    state.look { $0 = State() }
    try await withThrowingDiscardingTaskGroup { group in
      while true {
        try await settle()
        for entry in try await begin() {
          group.addTask {
            let verdict = await self.perform(entry)
            self.state.change { $0.finished.append((entry, verdict)) }
          }
        }
        await waitForWork()
        try Task.checkCancellation()
      }
    }
  }

  /// Returns due entries that are not under way, as many as there is room for. Skips the read if
  /// none can be due.
  private func begin() async throws(StorageError) -> [AgendaEntry] {
    let (now, instant) = (environment.now(), environment.instant())
    let busy = state.look { state -> Set<AgendaKey>? in
      guard isToBeLooked(state, now, instant) else { return nil }
      state.nextDue = nil
      state.lastLook = instant
      return state.underWay
    }
    guard let busy else { return [] }
    // The result may include entries under way, so read one more than fits.
    let max = settings.underWayMax
    let found = try await store.entries(of: agenda, dueBy: nil, limit: max + 1)
    let idle = found.filter { !busy.contains($0.key) }
    let begun = Array(idle.prefix { $0.due <= now }.prefix(max - busy.count))
    state.look { state in
      state.underWay.formUnion(begun.map(\.key))
      if let next = idle.dropFirst(begun.count).first?.due { state.expect(next) }
      // Entries behind the last one read are not due before it.
      if found.count > max, let last = found.last?.due { state.expect(last) }
    }
    return begun
  }

  /// Stores the verdicts of the entries that finished.
  private func settle() async throws(StorageError) {
    let finished = state.look { $0.finished }
    if finished.isEmpty { return }
    let later = finished.compactMap { finished -> AgendaEntry? in
      guard case .again(let due) = finished.verdict else { return nil }
      var entry = finished.entry
      entry.due = due
      entry.tries += 1
      return entry
    }
    try await strike(finished.filter { $0.verdict == .done }.map(\.entry.key))
    if !later.isEmpty { try await store.enter(later) }
    state.look { state in
      state.finished.removeFirst(finished.count)
      state.underWay.subtract(finished.map(\.entry.key))
      if let next = later.map(\.due).min() { state.expect(next) }
      for case .held(let pause) in finished.map(\.verdict) {
        state.heldUntil = environment.instant() + pause
        state.expect(environment.now())
      }
    }
  }

  /// Waits until an entry finishes or may be due. Checks the wall clock again and again, since it
  /// may jump, and the agenda, since other processes may enter work.
  private func waitForWork() async {
    await within(patience(), sleep: environment.sleep) { [self] in
      await state.wait { state in
        let isReady =
          !state.finished.isEmpty || isToBeLooked(state, environment.now(), environment.instant())
        return isReady ? true : nil
      }
    }
  }

  private func patience() -> Duration {
    guard let next = state.look({ $0.nextDue }) else { return settings.lookInterval }
    let rest = next.duration(since: environment.now())
    return rest > .zero ? min(rest, settings.interval) : settings.interval
  }

  /// Whether there is room, and an entry may be due.
  private func isToBeLooked(
    _ state: State, _ now: Timestamp, _ instant: ContinuousClock.Instant
  ) -> Bool {
    let max = settings.underWayMax
    guard state.underWay.count < max else { return false }
    if let held = state.heldUntil, instant < held { return false }
    guard let lastLook = state.lastLook else { return true }
    let age = instant - lastLook
    if age >= settings.lookInterval { return true }
    guard let next = state.nextDue, next <= now else { return false }
    // Wait until half of the room is free, so that one read finds work for many; but no longer
    // than `interval`, so that slow entries do not leave the other half idle.
    return state.underWay.count <= max / 2 || age >= settings.interval
  }
}

/// The bounds and intervals of an agenda runner.
public struct AgendaSettings: Sendable {
  /// Entries under way at a time.
  public var underWayMax = 128
  /// Longest delay until a jump of the wall clock is noticed.
  public var interval = Duration.milliseconds(50)
  /// Longest delay until an entry of another process is noticed.
  public var lookInterval = Duration.seconds(1)

  public init() {}
}
