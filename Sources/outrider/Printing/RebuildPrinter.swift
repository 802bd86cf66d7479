import EventModel
import JSON
import Wire

extension OutriderV1.RebuildState {
  var candidate: OutriderV1.ProjectionGeneration? { generations.first { $0.role == .candidate } }

  /// One line for each generation.
  func show(json: Bool, to output: inout StandardOutput) throws {
    if json { return try output.line(object.text) }
    for generation in generations { try output.line(line(of: generation)) }
  }

  private func line(of generation: OutriderV1.ProjectionGeneration) -> String {
    let lag = generation.lag(behind: heads)
    var line =
      "\(target.domain)  \(padded(target.projector.text, 16)) "
      + "generation \(padded("\(generation.number)", 3)) \(padded(generation.roleName, 10)) "
      + (lag == 0 ? "caught up" : "\(lag) commits behind")
    if generation.parked > 0 { line += ", \(generation.parked) aggregates parked" }
    if let throttle = generation.eventsPerSecond { line += ", \(throttle) events/s at most" }
    return line
  }

  private var object: JSONValue {
    .object([
      .init("projector", .string(target.projector.text)),
      .init("domain", .string(target.domain.text)),
      .init(
        "generations",
        .array(
          generations.map { generation in
            .object([
              .init("number", .integer(generation.number)),
              .init("role", .string(generation.roleName)),
              .init("subscription", .string(generation.subscription.text)),
              .init("lag", .integer(generation.lag(behind: heads))),
              .init("parked", .integer(generation.parked)),
              .init("eventsPerSecond", generation.eventsPerSecond.map { .integer($0) } ?? .null),
            ])
          })),
    ])
  }
}

extension OutriderV1.ProjectionGeneration {
  /// Unhandled commits of the log.
  func lag(behind heads: [Position]) -> UInt64 {
    zip(heads, checkpoints).reduce(0) { lag, ends in
      lag + (ends.0.number > ends.1.number ? ends.0.number - ends.1.number : 0)
    }
  }

  fileprivate var roleName: String {
    switch role {
    case .live: "live"
    case .candidate: "candidate"
    case .previous: "previous"
    case nil: "unknown"
    }
  }
}

extension OutriderV1.ProjectionDifference {
  /// The differences, and how to look at them.
  func text(of target: OutriderV1.RebuildTarget) -> String {
    let cover = (live ?? candidate)?.cover
    let name = cover.map { "\($0)" } ?? "\(target.domain)/\(root)"
    return switch (live, candidate) {
    case (let live?, let candidate?) where live.sequence != candidate.sequence:
      "\(name) differs: live includes events up to \(live.sequence), the candidate up to "
        + "\(candidate.sequence)"
    case (let live?, let candidate?):
      "\(name) differs at event \(live.sequence): live has \(live.value.count) bytes, "
        + "the candidate \(candidate.value.count)"
    case (_?, nil): "\(name) differs: the candidate has no projection of it"
    case (nil, _): "\(name) differs: the live generation has no projection of it"
    }
  }
}

/// The rate of a rebuild since it was first looked at.
struct RebuildPace {
  private let begin: ContinuousClock.Instant
  private let lag: UInt64

  init(from state: OutriderV1.RebuildState, at now: ContinuousClock.Instant) {
    begin = now
    lag = state.candidate?.lag(behind: state.heads) ?? 0
  }

  /// Progress, rate and time left.
  func text(of state: OutriderV1.RebuildState, at now: ContinuousClock.Instant) -> String {
    let left = state.candidate?.lag(behind: state.heads) ?? 0
    let total = state.heads.reduce(0) { $0 + $1.number }
    let percent = total == 0 ? 100 : (total - min(left, total)) * 100 / total
    let seconds = max((now - begin) / .seconds(1), 0.001)
    let rate = Double(lag > left ? lag - left : 0) / seconds
    var text = "\(percent) %, \(left) commits to go, \(Int(rate))/s"
    if rate >= 1 { text += ", \(Int(Double(left) / rate) + 1) s left" }
    return text
  }
}
