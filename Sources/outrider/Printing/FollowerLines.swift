import EventModel
import Sidecars
import Wire

/// One line for each consumer of a log, merged over all processes.
struct FollowerLines {
  let statuses: [OutriderV1.ProcessStatus]

  /// Each consumer once, as reported by the process that knows most.
  var lines: [String] {
    var known: [FollowerKey: OutriderV1.FollowerStatus] = [:]
    var order: [FollowerKey] = []
    for status in statuses {
      for follower in status.followers {
        let key = FollowerKey(follower)
        if known[key] == nil { order.append(key) }
        let isHolder = follower.lease?.holder == status.process
        if known[key] == nil || isHolder { known[key] = follower }
      }
    }
    return order.compactMap { known[$0] }.map(text)
  }

  private func text(of follower: OutriderV1.FollowerStatus) -> String {
    let part = follower.partition == 0 ? "" : "/\(follower.partition)"
    var words = ["\(padded("\(follower.domain)\(part)", 16)) \(padded("\(follower.name)", 24))"]
    guard follower.error.isEmpty else { return words[0] + " " + follower.error }
    words.append("at \(follower.checkpoint) of \(follower.head)")
    words.append("\(follower.commitsBehind) commits, \(seconds(follower.lag)) behind")
    if let lease = follower.lease { words.append(text(of: lease)) }
    if follower.parked > 0 { words.append("\(follower.parked) parked") }
    if !follower.refused.isEmpty { words.append("\(follower.refused.count) refused") }
    if let timers = follower.timers, timers.set > 0 {
      words.append("\(timers.set) timers, \(timers.due) due")
    }
    if follower.deadLetters > 0 { words.append("\(follower.deadLetters) dead letters") }
    if follower.circuitIsOpen { words.append("TAKEN FOR DOWN") }
    return words.joined(separator: "  ")
  }

  private func text(of lease: OutriderV1.LeaseStatus) -> String {
    guard let holder = lease.holder else { return "nobody follows" }
    let since = lease.since.map { " since \($0.text)" } ?? ""
    return "by \(holder)\(since), \(lease.changesLately) changes a minute"
  }
}

private struct FollowerKey: Hashable {
  let domain: Name
  let name: Name
  let partition: UInt32

  init(_ follower: OutriderV1.FollowerStatus) {
    (domain, name, partition) = (follower.domain, follower.name, follower.partition)
  }
}
