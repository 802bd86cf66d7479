import EventModel
import Files
import Glibc
import JSON
import ProtobufJSON
import Sidecars
import Wire

/// The state of a deployment on one screen: each process, its parts, the findings, and in the last
/// line the advice.
struct StatusScreen {
  let answers: [StatusAnswer]
  /// Most urgent first.
  let findings: [OutriderV1.Finding]

  private var statuses: [OutriderV1.ProcessStatus] {
    answers.compactMap { answer in
      guard case .status(let status, _) = answer.outcome else { return nil }
      return status
    }
  }

  /// Clears the terminal; does nothing elsewhere.
  static func clear() {
    guard isatty(STDOUT_FILENO) == 1 else { return }
    writeAll(Array("\u{1B}[H\u{1B}[2J".utf8), to: STDOUT_FILENO)
  }

  var lines: [String] {
    var lines: [String] = []
    for answer in answers {
      switch answer.outcome {
      case .status(let status, let clock): lines += processLines(status, clock)
      case .unreachable: lines.append("\(answer.address)  nobody answers")
      case .refused: lines.append("\(answer.address)  does not tell its state")
      }
    }
    lines += FollowerLines(statuses: statuses).lines
    for finding in findings {
      let severity = finding.severity == .failing ? "FAILING" : "WARNING"
      lines.append("\(severity)  \(finding.code)  \(finding.place): \(finding.what)")
    }
    return lines + [advice]
  }

  /// One object for each address, and a last one for the deployment.
  func json() throws -> [String] {
    let schema = try Schema(descriptorSet: DescriptorSet.ownBytes)
    var objects: [JSONValue] = []
    for answer in answers {
      switch answer.outcome {
      case .status(let status, _):
        objects.append([
          "address": .string(answer.address),
          "status": try schema.json(status.wireBytes, as: "outrider.v1.ProcessStatus"),
        ])
      case .unreachable(let reason):
        objects.append(["address": .string(answer.address), "unreachable": .string(reason)])
      case .refused(let reason):
        objects.append(["address": .string(answer.address), "refused": .string(reason)])
      }
    }
    let found = findings.map { finding -> JSONValue in
      [
        "severity": finding.severity == .failing ? "FAILING" : "WARNING",
        "code": .string(finding.code), "what": .string(finding.what),
        "where": .string(finding.place), "action": .string(finding.action),
      ]
    }
    objects.append(["findings": .array(found), "advice": .string(advice)])
    return objects.map(\.text)
  }

  /// The first remedy.
  private var advice: String {
    guard let first = findings.first else { return "all is well" }
    return "\(first.code): \(first.action) (\(first.place))"
  }

  private func processLines(
    _ status: OutriderV1.ProcessStatus, _ clock: OutriderV1.StoreStatus.Clock
  ) -> [String] {
    let up = rough(status.now.duration(since: status.startedAt))
    let offset = clock.offset.magnitude > clock.error ? milliseconds(clock.offset) : "0 ms"
    var lines = [
      "process \(status.process)  \(status.version)  up \(up)  clock \(offset)"
    ]
    for role in status.roles {
      let serving = role.isServing ? "serving" : "NOT SERVING"
      lines.append("  \(padded(role.role, 16)) \(padded(role.address, 22)) \(serving)")
    }
    lines.append("  \(padded("store", 16)) \(storeText(status.store))")
    for logic in status.logic {
      let state =
        logic.isReachable
        ? "answers in \(milliseconds(logic.latency))" : logic.isSlow ? "SLOW" : "DOWN"
      lines.append(
        "  \(padded("logic", 16)) \(padded(logic.address, 22)) \(state)  \(logic.purpose)")
    }
    if let broker = status.broker {
      let isFailing = status.followers.contains { $0.channelFailure != nil }
      lines.append(
        "  \(padded("broker", 16)) \(broker.name)  \(isFailing ? "FAILING" : "no failure")  \(broker.place)"
      )
    }
    for certificate in status.certificates {
      let expiry = certificate.expiresAt.map { "until \($0.text)" } ?? certificate.error
      lines.append("  \(padded("tls", 16)) \(certificate.purpose) \(certificate.file)  \(expiry)")
    }
    for history in status.histories.prefix(1) {
      lines.append(
        "  \(padded("longest history", 16)) \(history.domain)/\(history.root)  "
          + "\(history.events) events, \(bytes(UInt64(history.bytes)))")
    }
    if status.domainsLeftOut > 0 {
      lines.append(
        "  \(padded("domains", 16)) \(status.domainsLeftOut) more are not looked at")
    }
    return lines
  }

  private func storeText(_ store: OutriderV1.StoreStatus) -> String {
    var words = [store.place]
    words.append(
      store.isReachable ? "answers in \(milliseconds(store.latency))" : "DOES NOT ANSWER")
    if !store.takesCommits { words.append("TAKES NO COMMITS") }
    if let space = store.space {
      words.append("\(bytes(space.free)) of \(bytes(space.total)) free")
    }
    if let clock = store.clock { words.append("clock \(milliseconds(clock.offset))") }
    return words.joined(separator: "  ")
  }
}

/// With tenths if it is short.
private func milliseconds(_ duration: Duration) -> String {
  let (seconds, attoseconds) = duration.components
  let tenths = seconds * 10_000 + attoseconds / 100_000_000_000_000
  let sign = tenths < 0 ? "-" : ""
  let size = tenths.magnitude
  return size < 100 ? "\(sign)\(size / 10).\(size % 10) ms" : "\(sign)\(size / 10) ms"
}
