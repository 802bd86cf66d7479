import EventModel
import Synchronization
import Timing

/// A saga's commands that could not be executed: one agenda for each domain, so that an
/// unavailable domain delays no other, and costs little.
final class SagaRetries: Sendable {
  private static let prefix: Name = "to "

  fileprivate struct State: Sendable {
    var runners: [Name: AgendaRunner] = [:]
    /// The runners to start.
    var new: [AgendaRunner] = []
    /// The error that ended a runner.
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

  /// The runner that retries commands to a domain.
  func runner(for domain: Name) -> AgendaRunner {
    if let runner = state.look({ $0.runners[domain] }) { return runner }
    return state.change { state in
      if let runner = state.runners[domain] { return runner }
      let runner = AgendaRunner(
        of: "\(Self.prefix)\(domain)", in: store, environment: environment, perform: perform)
      state.runners[domain] = runner
      state.new.append(runner)
      return runner
    }
  }

  /// Works until cancelled, or until the store fails.
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

  /// A retry of a parked instance, perhaps at a standby replica, also enters commands.
  private func keepFindingAgendas() async {
    do {
      while true {
        try await environment.sleep(AgendaSettings().lookInterval)
        try await findAgendas()
      }
    } catch { state.change { $0.failure = error } }
  }

  private func findAgendas() async throws(StorageError) {
    for agenda in try await store.agendas() {
      if let domain = agenda.after(Self.prefix) { _ = runner(for: domain) }
    }
  }

  private func run(_ runner: AgendaRunner) async {
    do { try await runner.run() } catch { state.change { $0.failure = error } }
  }
}

extension SagaRetries.State {
  /// The runners to start; nil if there are none. Throws the error that ended another.
  fileprivate mutating func takeNew() throws -> [AgendaRunner]? {
    if let failure { throw failure }
    defer { new = [] }
    return new.isEmpty ? nil : new
  }
}
