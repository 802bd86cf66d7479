import EventModel
import Synchronization
import Timing

/// Does what is entered in one agenda, when it is due: never earlier by the wall clock, and soon
/// after, whatever that clock does meanwhile.
///
/// At least once: a process that dies leaves the entry, and the next one does it again. To run in
/// one process at a time, beside whatever enters.
public final class AgendaRunner: Sendable {
  /// What became of an entry.
  public enum Verdict: Sendable, Equatable {
    /// It is done, or there is nothing to do any more.
    case done
    /// It is to be tried again then.
    case again(at: Timestamp)
  }

  fileprivate struct State: Sendable {
    /// When something may be due next. Nil: nothing is known of.
    var nextDue: Timestamp?
    /// When the agenda was looked at last; nil where it is to be looked at now.
    var lastLook: ContinuousClock.Instant?
    var underWay: Set<AgendaKey> = []
    var finished: [(entry: AgendaEntry, verdict: Verdict)] = []

    mutating func expect(_ due: Timestamp) { nextDue = min(due, nextDue ?? due) }
  }

  private let agenda: Name
  private let store: any AgendaStore
  private let settings: AgendaSettings
  private let environment: Environment
  private let perform: @Sendable (AgendaEntry) async -> Verdict
  private let state = Watched(State())

  /// - Parameter perform: does what an entry is for. It may be called again for one that is done.
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

  /// Enters what is to be done later, and remembers when to look.
  public func enter(_ keys: [(key: AgendaKey, due: Timestamp)]) async throws(StorageError) {
    guard let earliest = keys.map(\.due).min() else { return }
    try await store.enter(keys.map { AgendaEntry(agenda: agenda, key: $0.key, due: $0.due) })
    state.change { $0.expect(earliest) }
  }

  /// Removes what is not to be done any more.
  public func strike(_ keys: [AgendaKey]) async throws(StorageError) {
    if !keys.isEmpty { try await store.strike(keys, from: agenda) }
  }

  /// Works until the task is cancelled, or the store fails.
  public func run() async throws {
    // What a run before this one began, it did not write down.
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

  /// What is due and not under way, as far as there is room. Reads nothing where nothing can be.
  private func begin() async throws(StorageError) -> [AgendaEntry] {
    let (now, instant) = (environment.now(), environment.instant())
    let busy = state.look { state -> Set<AgendaKey>? in
      guard isToBeLooked(state, now, instant) else { return nil }
      state.nextDue = nil
      state.lastLook = instant
      return state.underWay
    }
    guard let busy else { return [] }
    // What is under way may be among them, so at least one more than there is room for.
    let max = settings.underWayMax
    let found = try await store.entries(of: agenda, dueBy: nil, limit: max + 1)
    let idle = found.filter { !busy.contains($0.key) }
    let begun = Array(idle.prefix { $0.due <= now }.prefix(max - busy.count))
    state.look { state in
      state.underWay.formUnion(begun.map(\.key))
      if let next = idle.dropFirst(begun.count).first?.due { state.expect(next) }
      // What lies behind the last is not due before it.
      if found.count > max, let last = found.last?.due { state.expect(last) }
    }
    return begun
  }

  /// Writes down what became of the entries that are finished.
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
    }
  }

  /// Waits until something is finished, or due. The wall clock may jump, so it is looked at again
  /// and again; and so is the agenda, since others may enter something, too.
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

  /// Whether there is room, and something may be due.
  private func isToBeLooked(
    _ state: State, _ now: Timestamp, _ instant: ContinuousClock.Instant
  ) -> Bool {
    let max = settings.underWayMax
    guard state.underWay.count < max else { return false }
    guard let lastLook = state.lastLook else { return true }
    let age = instant - lastLook
    if age >= settings.lookInterval { return true }
    guard let next = state.nextDue, next <= now else { return false }
    // With half of the room at least, one look finds work for many. What takes long does not
    // keep the rest of it empty.
    return state.underWay.count <= max / 2 || age >= settings.interval
  }
}

/// The bounds and times of an agenda's work.
public struct AgendaSettings: Sendable {
  /// Entries that are under way at a time.
  public var underWayMax = 128
  /// How long a jump of the wall clock may go unseen.
  public var interval = Duration.milliseconds(50)
  /// How long what another process entered may go unseen.
  public var lookInterval = Duration.seconds(1)

  public init() {}
}
