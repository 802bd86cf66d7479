import EventModel
import EventSourcing
import Synchronization
import Timing

/// Measures how one subscription follows one partition of a domain's log.
package final class SubscriptionMeter: Sendable {
  let name: Name
  let partition: UInt32
  private let store: any EventHistory & CheckpointStore
  private let active = Atomic(false)
  /// True if it has a position in the log.
  private let isPlaced = Atomic(true)
  private let retries = Atomic<UInt64>(0)
  private let parked = Atomic<UInt64>(0)
  private let circuitIsOpen = Atomic(false)
  private let channelFailures = Atomic<UInt64>(0)
  private let channelIsFailing = Atomic(false)
  private let setAside = Atomic<UInt64>(0)
  private let deadLetters = Mutex<Int?>(nil)
  private let taken = Mutex<[CommandFate: UInt64]>([:])
  private let troubles = Mutex(Troubles())

  /// A snapshot of the meter. Only the active consumer reports positions: others would repeat
  /// them.
  struct Reading: Sendable {
    var isActive: Bool
    var retries: UInt64
    var parked: UInt64
    /// True while the circuit is open: the consumer refuses most aggregates and is taken for down.
    var circuitIsOpen: Bool
    /// Since the start of this process.
    var channelFailures: UInt64
    var channelIsFailing: Bool
    /// Messages set aside as dead letters, since the start of this process.
    var setAside: UInt64
    /// Dead letters at the broker; nil if this process does not count them.
    var deadLetters: Int?
    /// Commands taken from the channel, by fate; empty if none can arrive.
    var taken: [CommandFate: UInt64]
    /// Domains that take no commands: a saga's commands to them wait.
    var away: Int
    /// The position up to which everything is handled or parked.
    var position: UInt64?
    /// The head of the log.
    var head: UInt64?
  }

  /// Current problems, for people.
  package struct Troubles: Sendable {
    /// Aggregates whose events the consumer refuses, by root; a sample if there are many. They are
    /// parked if it continues.
    package var refused: [Root: ParkedAggregate] = [:]
    /// The current failure of the message channel.
    package var channelFailure: ChannelError?
    /// When a message was last set aside.
    package var setAsideAt: Timestamp?
    /// Why a domain takes no commands: a saga's commands to it wait.
    package var away: [Name: String] = [:]

    static let refusedMax = 100
  }

  init(_ name: Name, _ store: any EventHistory & CheckpointStore, partition: UInt32) {
    self.name = name
    self.store = store
    self.partition = partition
  }

  var domain: Name { store.domain }

  package func count(_ event: SubscriptionEvent) {
    troubles.withLock { $0.note(event, of: name) }
    switch event {
    case .started:
      active.store(true, ordering: .relaxed)
      circuitIsOpen.store(false, ordering: .relaxed)
    case .joined:
      active.store(true, ordering: .relaxed)
      isPlaced.store(false, ordering: .relaxed)
      taken.withLock { taken in for fate in CommandFate.allCases { taken[fate, default: 0] += 0 } }
    case .standingBy, .leaseLost:
      active.store(false, ordering: .relaxed)
      deadLetters.withLock { $0 = nil }
      circuitIsOpen.store(false, ordering: .relaxed)
      channelIsFailing.store(false, ordering: .relaxed)
    case .retrying: retries.wrappingAdd(1, ordering: .relaxed)
    case .parked: parked.wrappingAdd(1, ordering: .relaxed)
    case .circuitOpened: circuitIsOpen.store(true, ordering: .relaxed)
    case .circuitClosed: circuitIsOpen.store(false, ordering: .relaxed)
    case .channelFailed:
      channelFailures.wrappingAdd(1, ordering: .relaxed)
      channelIsFailing.store(true, ordering: .relaxed)
    case .setAside:
      setAside.wrappingAdd(1, ordering: .relaxed)
      deadLetters.withLock { $0 = ($0 ?? 0) + 1 }
    case .deadLetters(let count): deadLetters.withLock { $0 = count }
    case .taken(let fate): taken.withLock { $0[fate, default: 0] += 1 }
    case .channelRecovered: channelIsFailing.store(false, ordering: .relaxed)
    case .recovered, .kept, .unparked, .passedOver, .storeUnavailable: break
    }
  }

  package func count(_ change: SagaTargets.Change) {
    troubles.withLock { troubles in
      switch change {
      case .waits(let domain, let reason): troubles.away[domain] = reason
      case .flows(let domain): troubles.away[domain] = nil
      }
    }
  }

  package var isActive: Bool { active.load(ordering: .relaxed) }

  /// True while the circuit is open: the consumer refuses most aggregates and is taken for down.
  package var isDown: Bool { circuitIsOpen.load(ordering: .relaxed) }

  package var setAsideCount: UInt64 { setAside.load(ordering: .relaxed) }

  /// Dead letters at the broker; nil if this process does not count them.
  package var deadLetterCount: Int? { deadLetters.withLock { $0 } }

  package var currentTroubles: Troubles { troubles.withLock { $0 } }

  /// The part that needs no store.
  var reading: Reading {
    Reading(
      isActive: active.load(ordering: .relaxed), retries: retries.load(ordering: .relaxed),
      parked: parked.load(ordering: .relaxed),
      circuitIsOpen: circuitIsOpen.load(ordering: .relaxed),
      channelFailures: channelFailures.load(ordering: .relaxed),
      channelIsFailing: channelIsFailing.load(ordering: .relaxed),
      setAside: setAside.load(ordering: .relaxed), deadLetters: deadLetterCount,
      taken: taken.withLock { $0 },
      away: troubles.withLock { $0.away.count })
  }

  /// The same, with positions if the store answers.
  func readingWithPositions() async -> Reading {
    var reading = reading
    guard reading.isActive, isPlaced.load(ordering: .relaxed) else { return reading }
    // Read first: the log may grow meanwhile, and a consumer is never ahead of it.
    reading.position = try? await store.checkpoint(of: name, partition: partition).number
    reading.head = try? await store.head(ofPartition: partition).number
    return reading
  }
}

extension SubscriptionMeter.Troubles {
  fileprivate mutating func note(_ event: SubscriptionEvent, of subscription: Name) {
    switch event {
    case .started:
      refused = [:]
      away = [:]
    case .standingBy, .leaseLost:
      refused = [:]
      away = [:]
      channelFailure = nil
    case .retrying(let cover, let sequence, let failure, let tries):
      // Unavailable logic refuses nothing.
      guard !failure.isTemporary, refused[cover.root] != nil || refused.count < Self.refusedMax
      else { return }
      refused[cover.root] = ParkedAggregate(
        subscription: subscription, root: cover.root, firstSequence: sequence,
        reason: failure.message, statusCode: failure.statusCode, tries: tries,
        parkedAt: Environment.live.now())
    case .recovered(let cover), .kept(let cover, _), .parked(let cover, _, _), .unparked(let cover):
      refused[cover.root] = nil
    case .channelFailed(let error): channelFailure = error
    case .channelRecovered: channelFailure = nil
    case .setAside: setAsideAt = Environment.live.now()
    case .joined, .circuitOpened, .circuitClosed, .passedOver, .storeUnavailable, .deadLetters,
      .taken:
      break
    }
  }
}
