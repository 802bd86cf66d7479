import EventModel
import Synchronization
import Timing

/// Commands of a saga that could not be carried out: an agenda for each domain, so that one that is
/// away for long holds up no other, and costs little.
final class SagaRetries: Sendable {
  private static let prefix = "to "

  fileprivate struct State: Sendable {
    var runners: [Name: AgendaRunner] = [:]
    /// Those that are not running yet.
    var new: [AgendaRunner] = []
    /// What ended one of them.
    var failure: (any Error)?
  }

  private let store: any AgendaStore
  private let environment: Environment
  private let perform: @Sendable (AgendaEntry) async -> AgendaRunner.Verdict
  private let state = Watched(State())

  init(
    in store: any AgendaStore, environment: Environment,
    perform: @escaping @Sendable (AgendaEntry) async -> AgendaRunner.Verdict
  ) {
    self.store = store
    self.environment = environment
    self.perform = perform
  }

  /// What tries the commands for a domain again.
  func runner(for domain: Name) -> AgendaRunner {
    if let runner = state.look({ $0.runners[domain] }) { return runner }
    return state.change { state in
      if let runner = state.runners[domain] { return runner }
      let runner = AgendaRunner(
        of: Name(Self.prefix + domain.text), in: store, environment: environment, perform: perform)
      state.runners[domain] = runner
      state.new.append(runner)
      return runner
    }
  }

  /// Works until the task is cancelled, or the store fails.
  func run() async throws {
    try await findAgendas()
    state.look { state in
      state.new = Array(state.runners.values)
      state.failure = nil
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask { await self.keepFindingAgendas() }
      while let new = try await state.wait(for: { state in try state.takeNew() }) {
        for runner in new { group.addTask { await self.run(runner) } }
      }
    }
    throw CancellationError()
  }

  /// Whoever retries a parked instance enters commands, too: at a replica that stands by, perhaps.
  private func keepFindingAgendas() async {
    do {
      while true {
        try await environment.sleep(AgendaSettings().lookInterval)
        try await findAgendas()
      }
    } catch { state.change { $0.failure = error } }
  }

  private func findAgendas() async throws(StorageError) {
    for agenda in try await store.agendas() where agenda.text.hasPrefix(Self.prefix) {
      _ = runner(for: Name(String(agenda.text.dropFirst(Self.prefix.count))))
    }
  }

  private func run(_ runner: AgendaRunner) async {
    do { try await runner.run() } catch { state.change { $0.failure = error } }
  }
}

extension SagaRetries.State {
  /// The runners that are to be started; nil where there are none. Throws what ended another.
  fileprivate mutating func takeNew() throws -> [AgendaRunner]? {
    if let failure { throw failure }
    defer { new = [] }
    return new.isEmpty ? nil : new
  }
}
