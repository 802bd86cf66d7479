import EventSourcing
import Threads

/// A write that shares its round trip with others.
protocol GroupedCall: Sendable {
  associatedtype Key: Hashable
  /// Of calls with one key, a group holds one.
  var key: Key { get }
  /// What it holds in memory while it waits.
  var byteCount: Int { get }
  /// Tells its caller that it was not made.
  func refuse(_ error: StorageError)
}

/// A thread that makes all calls that wait as one group, while the next group gathers: the more
/// callers there are, the more share a round trip.
final class GroupThread<Call: GroupedCall>: Sendable {
  private let mailbox = Mailbox<Call>(limit: Limits.writesWaiting)
  private let ended = Milestone()
  private let place: String

  /// - Parameter write: makes the calls of one group and tells each caller.
  init(_ place: String, write: @escaping @Sendable ([Call]) -> Void) {
    self.place = place
    startThread { [mailbox, ended] in
      Self.run(mailbox, write)
      ended.reach()
    }
  }

  func put(_ call: Call) {
    switch mailbox.put(call, byteCount: call.byteCount) {
    case .delivered: break
    case .full:
      call.refuse(StorageError(.unavailable, "too many writes wait for \(place); try again later"))
    case .closed: call.refuse(StorageError(.unavailable, "\(place) is closed"))
    }
  }

  /// Takes no more calls. What waits is still done, and the thread ends.
  func beginClosing() { mailbox.close() }

  func close() async {
    mailbox.close()
    await ended.wait()
  }

  private static func run(_ mailbox: Mailbox<Call>, _ write: ([Call]) -> Void) {
    // Those whose key a group had already: they open the next one.
    var deferred: [Call] = []
    // Those who were just answered are about to write again. Waiting a moment for as many lets them
    // share a group, rather than the first of them go alone and all others wait for it.
    var last = (count: 0, duration: Duration.zero)
    while true {
      if last.count > 1 {
        let missing = last.count - deferred.count
        mailbox.gather(missing, within: last.duration / Limits.gathering)
      }
      let room = (count: Limits.group.count - deferred.count, bytes: Limits.group.bytes)
      var arrived: [Call] = []
      if room.count > 0 {
        if let taken = mailbox.take(atMost: room, waiting: deferred.isEmpty) {
          arrived = taken
        } else if deferred.isEmpty {
          return
        }
      }
      var keys: Set<Call.Key> = []
      var group: [Call] = []
      var others: [Call] = []
      for call in deferred + arrived {
        if keys.insert(call.key).inserted { group.append(call) } else { others.append(call) }
      }
      deferred = others
      let start = ContinuousClock.now
      write(group)
      last = (group.count, .now - start)
    }
  }
}
