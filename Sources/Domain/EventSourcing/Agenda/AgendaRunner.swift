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
    /// When the agenda is to be looked at next: at once, to begin with. Nil: nothing is known of.
    var nextLook: Timestamp? = Timestamp(seconds: 0)
    var underWay: Set<AgendaKey> = []
    var finished: [(entry: AgendaEntry, verdict: Verdict)] = []

    mutating func expect(_ due: Timestamp) { nextLook = min(due, nextLook ?? due) }
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
  private func begin() async throws(StorageError) -> ArraySlice<AgendaEntry> {
    let now = environment.now()
    let max = settings.underWayMax
    let busy = state.look { state -> Set<AgendaKey>? in
      guard state.isToBeLooked(at: now, max) else { return nil }
      state.nextLook = nil
      return state.underWay
    }
    guard let busy else { return [] }
    // What is under way is among them.
    let found = try await store.entries(of: agenda, dueBy: nil, limit: max + 1)
    let due = found.filter { $0.due <= now && !busy.contains($0.key) }
    let begun = due.prefix(max - busy.count)
    state.look { state in
      state.underWay.formUnion(begun.map(\.key))
      if let next = found.first(where: { $0.due > now })?.due {
        state.expect(next)
      } else if found.count > max || begun.count < due.count {
        state.expect(now)
      }
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
  /// and again; where nothing is known of, the agenda, since others may enter something, too.
  private func waitForWork() async {
    let (now, max) = (environment.now, settings.underWayMax)
    let isIdle = state.look { $0.nextLook == nil && $0.underWay.isEmpty }
    let patience = isIdle ? settings.idleInterval : settings.interval
    let woken = await within(patience, sleep: environment.sleep) { [state] in
      await state.wait { state in
        state.finished.isEmpty && !state.isToBeLooked(at: now(), max) ? nil : true
      }
    }
    if woken == nil, isIdle { state.look { $0.expect(now()) } }
  }
}

extension AgendaRunner.State {
  /// Whether something may be due that there is room for. Half of the room at least, so that one
  /// look finds work for many.
  fileprivate func isToBeLooked(at now: Timestamp, _ max: Int) -> Bool {
    guard let nextLook else { return false }
    return nextLook <= now && underWay.count <= max / 2
  }
}

/// The bounds and times of an agenda's work.
public struct AgendaSettings: Sendable {
  /// Entries that are under way at a time.
  public var underWayMax = 128
  /// How long a jump of the wall clock may go unseen.
  public var interval = Duration.milliseconds(50)
  /// How long what another process entered may go unseen, where nothing is known of.
  public var idleInterval = Duration.seconds(1)

  public init() {}
}
