import EventModel
import EventSourcing
import Timing
import Wire

/// The result of probing the store.
struct StoreLook: Sendable {
  private let condition: Result<StorageCondition, StorageError>
  private let latency: Duration
  private let clock: OutriderV1.StoreStatus.Clock?

  init(at storage: any Storage, _ environment: Environment) async {
    let before = environment.now()
    let began = environment.instant()
    do throws(StorageError) {
      condition = .success(try await storage.probe())
    } catch {
      condition = .failure(error)
    }
    latency = environment.instant() - began
    // The server read its clock somewhere in between, so the error is half the latency.
    clock = (try? condition.get().clock).map { [latency] clock in
      .init(
        offset: before.duration(since: clock) + latency / 2,
        error: latency / 2 + .milliseconds(1))
    }
  }

  func tell(_ status: inout OutriderV1.StoreStatus) {
    status.latency = latency
    switch condition {
    case .success(let condition):
      status.isReachable = true
      status.space = condition.space.map { .init(free: $0.free, total: $0.total) }
      status.clock = clock
    case .failure(let error):
      status.error = error.message
    }
  }
}
