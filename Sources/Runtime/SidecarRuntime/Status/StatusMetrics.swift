import EventModel
import Metrics
import Sidecars
import Telemetry
import Wire

/// The whole status as metrics.
struct StatusMetrics: Measured {
  let limits: StatusLimits
  let status: @Sendable () async -> OutriderV1.ProcessStatus

  func write(to exposition: inout Exposition) async {
    let status = await status()
    writeParts(of: status, to: &exposition)
    writeStore(status.store, to: &exposition)
    for (name, kind, help, value) in Self.ofFollowers {
      exposition.family(name, kind, help) { family in
        for follower in status.followers where follower.error.isEmpty {
          if let value = value(follower) { family.add(value, follower) }
        }
      }
    }
    writeFindings(of: status, to: &exposition)
  }

  private func writeParts(of status: OutriderV1.ProcessStatus, to exposition: inout Exposition) {
    exposition.family("outrider_serving", .gauge, "1 where the role takes calls, else 0.") {
      family in
      for role in status.roles { family.add(role.isServing ? 1 : 0, ["role": role.role]) }
    }
    exposition.family(
      "outrider_logic_reachable", .gauge, "1 where the team's code answers, else 0."
    ) { family in
      for logic in status.logic {
        family.add(
          logic.isReachable ? 1 : 0, ["target": logic.address, "purpose": logic.purpose])
      }
    }
    exposition.family(
      "outrider_logic_probe_seconds", .gauge, "How long the answer of the team's code took."
    ) { family in
      for logic in status.logic where logic.isReachable {
        family.add(
          seconds: logic.latency.inSeconds,
          ["target": logic.address, "purpose": logic.purpose])
      }
    }
    exposition.family(
      "outrider_certificate_expiry_seconds", .gauge,
      "Seconds until the first certificate of the file expires."
    ) { family in
      for certificate in status.certificates {
        guard let expiry = certificate.expiresAt else { continue }
        family.add(
          seconds: expiry.duration(since: status.now).inSeconds,
          ["purpose": certificate.purpose, "file": certificate.file])
      }
    }
    exposition.family(
      "outrider_longest_history_bytes", .gauge,
      "The longest history above limit.history-warning that the logic was sent lately."
    ) { family in
      for history in status.longestHistories {
        family.add(UInt64(history.bytes), ["domain": history.domain.text])
      }
    }
    exposition.family(
      "outrider_longest_history_events", .gauge, "Events in that history."
    ) { family in
      for history in status.longestHistories {
        family.add(UInt64(history.events), ["domain": history.domain.text])
      }
    }
    exposition.family(
      "outrider_domains_left_out", .gauge,
      "Domains whose consumers are not looked at, because there are too many."
    ) { $0.add(UInt64(status.domainsLeftOut)) }
  }

  private func writeStore(_ store: OutriderV1.StoreStatus, to exposition: inout Exposition) {
    exposition.family("outrider_store_reachable", .gauge, "1 where the store answers, else 0.") {
      $0.add(store.isReachable ? 1 : 0, ["kind": store.kind])
    }
    exposition.family("outrider_store_probe_seconds", .gauge, "How long its answer took.") {
      if store.isReachable { $0.add(seconds: store.latency.inSeconds) }
    }
    exposition.family(
      "outrider_store_free_bytes", .gauge, "Room that its file system has left."
    ) { family in store.space.map { family.add($0.free) } }
    exposition.family(
      "outrider_store_size_bytes", .gauge, "Room that its file system has in all."
    ) { family in store.space.map { family.add($0.total) } }
    exposition.family(
      "outrider_clock_offset_seconds", .gauge,
      "This machine's clock minus that of the store's server."
    ) { family in store.clock.map { family.add(seconds: $0.offset.inSeconds) } }
    exposition.family(
      "outrider_clock_error_seconds", .gauge, "How far that offset may be wrong."
    ) { family in store.clock.map { family.add(seconds: $0.error.inSeconds) } }
  }

  private func writeFindings(
    of status: OutriderV1.ProcessStatus, to exposition: inout Exposition
  ) {
    var counts: [FindingKind: UInt64] = [:]
    for finding in status.findings(beyond: limits) {
      if let kind = FindingKind(rawValue: finding.code) { counts[kind, default: 0] += 1 }
    }
    exposition.family(
      "outrider_findings", .gauge, "What `outrider status` finds wrong, by its code."
    ) { family in
      for kind in FindingKind.allCases where ![.unreachable, .statusRefused].contains(kind) {
        family.add(counts[kind] ?? 0, ["code": kind.rawValue])
      }
    }
  }

  private typealias FollowerFamily = (
    name: String, kind: Exposition.Kind, help: String,
    value: @Sendable (OutriderV1.FollowerStatus) -> Double?
  )

  private static let ofFollowers: [FollowerFamily] = [
    (
      "outrider_subscription_lag_commits", .gauge,
      "Commits between the checkpoint and the log's end, as the store has them.",
      { Double($0.commitsBehind) }
    ),
    (
      "outrider_subscription_lag_seconds", .gauge,
      "The age of the first commit that is not handled; 0 where there is none.",
      { $0.lag.inSeconds }
    ),
    (
      "outrider_parked_aggregates", .gauge,
      "Aggregates that are set aside now; 1000 stands for any number from there on.",
      { $0.parks && $0.partition == 0 ? Double($0.parked) : nil }
    ),
    (
      "outrider_refused_aggregates", .gauge,
      "Aggregates whose events the logic refuses now, and that may be parked.",
      { $0.parks ? Double($0.refused.count) : nil }
    ),
    (
      "outrider_timers", .gauge,
      "Timers and commands for later; 1000 stands for any number from there on.",
      { $0.timers.map { Double($0.set) } }
    ),
    (
      "outrider_timers_due", .gauge, "Those among them whose time has come.",
      { $0.timers.map { Double($0.due) } }
    ),
    (
      "outrider_lease_held", .gauge, "1 where some process is the active consumer, else 0.",
      { $0.lease.map { $0.holder == nil ? 0 : 1 } }
    ),
    (
      "outrider_lease_changes_total", .counter,
      "How often the active consumer has changed since there is one, as the store has it.",
      { $0.lease.map { Double($0.changes) } }
    ),
  ]
}

extension OutriderV1.ProcessStatus {
  /// The longest history of each domain.
  fileprivate var longestHistories: [OutriderV1.HistoryStatus] {
    var longest: [Name: OutriderV1.HistoryStatus] = [:]
    for history in histories where history.bytes > longest[history.domain]?.bytes ?? -1 {
      longest[history.domain] = history
    }
    return longest.sorted { $0.key < $1.key }.map(\.value)
  }
}

extension OutriderV1.FollowerStatus {
  /// Whether aggregates that it refuses are set aside.
  fileprivate var parks: Bool { [.projector, .saga, .carrier].contains(kind) }
}

extension MetricFamily {
  fileprivate mutating func add(_ value: Double, _ follower: OutriderV1.FollowerStatus) {
    add(
      real: value,
      [
        "subscription": follower.name.text, "domain": follower.domain.text,
        "partition": String(follower.partition),
      ])
  }
}

extension Duration {
  fileprivate var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
