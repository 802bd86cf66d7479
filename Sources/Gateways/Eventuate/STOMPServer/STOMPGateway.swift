import EventModel
import Logging
import RPC
import Synchronization
import Timing

/// The shared state of all STOMP connections.
package final class STOMPGateway: Sendable {
  let backends: EventuateBackends
  let limits: STOMPLimits
  let environment: Environment
  let activity: EventuateActivity
  let logger: Logger
  /// Returns the caller by login and passcode; nil if they are not valid.
  let authenticate: @Sendable (String?, String?) -> Caller?
  private let pace: Mutex<ConnectPace>
  private let feedCount = Mutex(0)

  package init(
    _ backends: EventuateBackends, activity: EventuateActivity, logger: Logger,
    limits: STOMPLimits = STOMPLimits(), environment: Environment = .live,
    authenticate: @escaping @Sendable (String?, String?) -> Caller?
  ) {
    self.backends = backends
    self.activity = activity
    self.logger = logger
    self.limits = limits
    self.environment = environment
    self.authenticate = authenticate
    pace = Mutex(
      ConnectPace(burst: limits.connectionsAtOnce, eachSecond: limits.connectionsEachSecond))
  }

  func delay(of peer: String) -> Duration {
    pace.withLock { $0.delay(of: peer, at: environment.instant()) }
  }

  /// Reserves a subscription's feeds, until `release`. Returns false if there would be too many.
  func reserve(_ feeds: Int) -> Bool {
    feedCount.withLock { count in
      guard count + feeds <= limits.allFeedsMax else { return false }
      count += feeds
      return true
    }
  }

  func release(_ feeds: Int) { feedCount.withLock { $0 -= feeds } }
}
