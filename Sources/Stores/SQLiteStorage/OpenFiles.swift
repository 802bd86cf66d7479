import EventModel
import EventSourcing
import Glibc
import Synchronization

/// A bounded LRU cache of the domains' open files. The least recently used file is closed for
/// another, and opened again on use.
///
/// Only a few more are being opened or closed at a time: under any load, no file is opened while
/// an evicted one still has to be closed.
final class OpenFiles: Sendable {
  private typealias Waiter = CheckedContinuation<Result<DomainFile?, StorageError>, Never>

  private struct State {
    var open: RecentlyUsed<Name, DomainFile>
    /// Callers that wait for a file to open.
    var waiters: [Name: [Waiter]] = [:]
    /// The awaited files, except those being opened.
    var due: [(domain: SQLiteDomain, creating: Bool)] = []
    /// The number of files being opened, or closed to make room.
    var changing = 0
    /// Files being closed.
    var closing: [ObjectIdentifier: Task<Void, Never>] = [:]
    var isClosed = false
  }

  let threads: StorageThreads
  private let state: Mutex<State>

  init(countMax: Int, threads: StorageThreads) {
    self.threads = threads
    state = Mutex(State(open: RecentlyUsed(countMax: countMax)))
  }

  /// The number of open files.
  var count: Int { state.withLock { $0.open.keys.count } }

  /// Throws `.unavailable` after `close`.
  func requireOpen() throws(StorageError) {
    try state.withLock { state throws(StorageError) in try require(state) }
  }

  /// Returns the domain's file; nil if it does not exist and `creating` is false.
  func file(
    of domain: SQLiteDomain, creating: Bool
  ) async throws(StorageError) -> DomainFile? {
    while true {
      let file = try state.withLock { state throws(StorageError) -> DomainFile? in
        try require(state)
        return state.open.use(domain.domain)
      }
      if let file { return file }
      let result: Result<DomainFile?, StorageError> = await withCheckedContinuation { waiter in
        let (opened, mayBegin) = state.withLock { state -> (DomainFile?, Bool) in
          // Check again: it may have been opened since the first look.
          if let file = state.open.use(domain.domain) { return (file, false) }
          let isFirst = state.waiters[domain.domain] == nil
          state.waiters[domain.domain, default: []].append(waiter)
          if isFirst { state.due.append((domain, creating)) }
          guard isFirst, state.changing < Limits.filesChanging else { return (nil, false) }
          state.changing += 1
          return (nil, true)
        }
        if let opened { waiter.resume(returning: .success(opened)) }
        if mayBegin { beginOpening() }
      }
      // The awaited opening may not have created the file; try again.
      if let file = try result.get() { return file }
      if !creating { return nil }
    }
  }

  /// Closes all files once their waiting calls are done, and refuses new calls.
  func close() async {
    let files = state.withLock { state in
      state.isClosed = true
      defer { state.open.removeAll() }
      return state.open.values
    }
    for file in files { await file.close() }
    for task in state.withLock({ Array($0.closing.values) }) { await task.value }
    await threads.close()
  }

  private func require(_ state: borrowing State) throws(StorageError) {
    if state.isClosed { throw StorageError(.unavailable, "the store is closed") }
  }

  private func beginOpening() {
    // While the storage closes, no thread takes the job; it then fails at once here.
    if !threads.writing.run({ self.openDue() }) { openDue() }
  }

  // MARK: On a thread that may block

  /// Opens due files until one must be closed to make room; continues after that.
  private func openDue() {
    while let (domain, creating) = nextDue() {
      if open(domain, creating: creating) { return }
    }
  }

  private func nextDue() -> (domain: SQLiteDomain, creating: Bool)? {
    state.withLock { state in
      if !state.due.isEmpty { return state.due.removeFirst() }
      state.changing -= 1
      return nil
    }
  }

  /// Returns true if a file is being closed to make room.
  private func open(_ domain: SQLiteDomain, creating: Bool) -> Bool {
    let result = Result { () throws(StorageError) in try opened(domain, creating: creating) }
    let (surplus, waiters) = state.withLock { state in
      var surplus: DomainFile?
      if case .success(let file?) = result {
        surplus = state.isClosed ? file : state.open.add(file, for: domain.domain)
      }
      if let surplus { retire(surplus, &state) }
      return (surplus, state.waiters.removeValue(forKey: domain.domain) ?? [])
    }
    for waiter in waiters { waiter.resume(returning: result) }
    return surplus != nil
  }

  /// A file is created only once: a deleted one must not be replaced by an empty one.
  private func opened(
    _ domain: SQLiteDomain, creating: Bool
  ) throws(StorageError) -> DomainFile? {
    try requireOpen()
    if !domain.exists, !creating, access(domain.path, F_OK) != 0 { return nil }
    let file = try DomainFile(
      domain, creating && !domain.exists ? .creating : .writing, threads)
    domain.noteExistence()
    return file
  }

  private func retire(_ file: DomainFile, _ state: inout State) {
    let id = ObjectIdentifier(file)
    state.closing[id] = Task {
      await file.close()
      self.state.withLock { $0.closing[id] = nil }
      self.beginOpening()
    }
  }
}
