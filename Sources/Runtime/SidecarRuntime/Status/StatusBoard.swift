import EventModel
import EventSourcing
import SidecarConfiguration
import Sidecars
import Synchronization
import Telemetry
import Timing
import Wire

/// Gathers this process's data for `outrider.v1.Status` and the metrics. Looks at everything
/// concurrently, on request, and answers within the patience even if parts are away.
final class StatusBoard: Sendable {
  /// The longest wait for the store and the logic.
  static let patience = Duration.seconds(1)
  private static let historiesMax = 10

  private struct Listener: Sendable {
    let role: Role
    let address: String
    let health: HealthTable
  }

  private let process: Name
  private let version: String
  private let configuration: Configuration
  private let brokers: [Name]
  private let writes: StoreWatch
  private let histories: HistoryWatch
  private let environment: Environment
  private let startedAt: Timestamp
  private let store: Question<StoreLook>
  private let logic: [LogicLook]
  private let followers: Question<FollowerLook.Answer>
  private let listeners = Mutex<[Listener]>([])

  init(
    process: Name, version: String, _ configuration: Configuration, storage: any Storage,
    brokers: [Name], writes: StoreWatch, histories: HistoryWatch, logic: [LogicLook],
    followers: FollowerLook, environment: Environment = .live
  ) {
    self.process = process
    self.version = version
    self.configuration = configuration
    self.brokers = brokers
    self.writes = writes
    self.histories = histories
    self.logic = logic
    self.environment = environment
    startedAt = environment.now()
    store = Question(environment: environment) { await StoreLook(at: storage, environment) }
    self.followers = Question(environment: environment) { await followers.look() }
  }

  /// Adds a role that listens.
  func add(_ role: Role, at address: String, _ health: HealthTable) {
    listeners.withLock { $0.append(Listener(role: role, address: address, health: health)) }
  }

  /// The status, without findings.
  func status() async -> OutriderV1.ProcessStatus {
    async let logic = logicStatus()
    async let followers = followers.outcome(within: Self.patience)
    let store = await storeStatus()
    var status = OutriderV1.ProcessStatus(
      process: process, version: version, now: environment.now(), startedAt: startedAt)
    status.store = store
    status.logic = await logic
    switch await followers {
    case .answered(let answer), .pending(_, let answer?):
      status.followers = answer.followers
      status.domainsLeftOut = answer.domainsLeftOut
    case .pending(_, nil): break
    }
    status.roles = listeners.withLock { $0 }.map { listener in
      .init(
        role: listener.role.rawValue, address: listener.address,
        isServing: listener.health.isServing)
    }
    status.broker = brokers.first.map { name in
      .init(name: name, place: configuration.channel?.description ?? "")
    }
    status.certificates = configuration.tls.certificateStatus
    status.histories = histories.longest(Self.historiesMax).map { history in
      .init(
        domain: history.cover.domain, root: history.cover.root.description,
        events: history.events, bytes: history.bytes)
    }
    status.now = environment.now()
    return status
  }

  private func storeStatus() async -> OutriderV1.StoreStatus {
    var status = OutriderV1.StoreStatus()
    status.kind = configuration.store.kind
    status.place = configuration.store.description
    status.takesCommits = writes.takesCommits
    switch await store.outcome(within: Self.patience) {
    case .answered(let look): look.tell(&status)
    case .pending(let waiting, _):
      status.error = "no answer for \(waiting.components.seconds) s"
    }
    return status
  }

  private func logicStatus() async -> [OutriderV1.LogicStatus] {
    await withTaskGroup(of: (Int, OutriderV1.LogicStatus).self) { group in
      for (index, look) in logic.enumerated() {
        group.addTask { (index, await look.status(within: Self.patience)) }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }.sorted { $0.key < $1.key }.map(\.value)
  }
}

extension StoreLocation {
  fileprivate var kind: String {
    switch self {
    case .sqlite: "sqlite"
    case .mongodb: "mongodb"
    case .memory: "memory"
    }
  }
}
