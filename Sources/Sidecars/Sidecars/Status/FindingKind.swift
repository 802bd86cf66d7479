/// Kinds of findings, most urgent first: causes before their effects.
///
/// The raw value is the code that programs see. `docs/operations.md` explains each.
public enum FindingKind: String, CaseIterable, Sendable {
  case unreachable
  case statusRefused = "status-refused"
  case storeAway = "store-away"
  case storeNotWritable = "store-not-writable"
  case certificateExpired = "certificate-expired"
  case certificateUnreadable = "certificate-unreadable"
  case logicDown = "logic-down"
  case projectorDown = "projector-down"
  case brokerAway = "broker-away"
  case brokerForbids = "broker-forbids"
  case unroutable
  case brokerRefuses = "broker-refuses"
  case commandsWait = "commands-wait"
  case nobodyFollows = "nobody-follows"
  case notServing = "not-serving"
  case diskNearlyFull = "disk-nearly-full"
  case certificateExpiring = "certificate-expiring"
  case clockOff = "clock-off"
  case leaseFlapping = "lease-flapping"
  case poisoned
  case parked
  case deadLetters = "dead-letters"
  case logicSlow = "logic-slow"
  case historyTooLong = "history-too-long"
  case lag
  case unreadable

  /// The rank of a code: lower is more urgent, unknown codes last.
  static func rank(of code: String) -> Int {
    allCases.firstIndex { $0.rawValue == code } ?? allCases.count
  }
}
