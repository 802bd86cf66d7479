import EventModel
import JSON
import Payloads
import Wire

/// Prints a saga's instance with all its steps.
struct SagaPrinter {
  let payloads: PayloadPrinter
  let json: Bool

  func show(
    _ instance: OutriderV1.SagaInstance, to output: inout StandardOutput
  ) async throws {
    if json { return try output.line(await object(instance).text) }
    try output.line(instance.line)
    if let state = instance.state.state {
      try output.line("  state  \(await payloads.text(Payload(leniently: state)))")
    }
    for step in instance.steps { try await show(step, to: &output) }
    for line in instance.state.waitsFor { try output.line("  waits for \(line)") }
  }

  private func show(
    _ recorded: OutriderV1.SagaInstance.RecordedStep, to output: inout StandardOutput
  ) async throws {
    let step = recorded.step
    let what = step.waiting == nil ? "" : ", queued behind earlier inputs"
    try output.line(
      "  \(padded("\(recorded.sequence)", 4)) \(recorded.recordedAt.text)  "
        + "\(step.trigger.text)\(what)")
    for command in step.commands {
      let pages = (try? Evented.CommandBook(wireBytes: command.encoded))?.pages ?? []
      var texts: [String] = []
      for page in pages { texts.append(await payloads.text(Payload(leniently: page.command))) }
      try output.line("       → \(command.cover)  \(texts.joined(separator: ", "))")
    }
    for timer in step.timers { try output.line("       ⏲ \(timer.name) at \(timer.due.text)") }
    for timer in step.cancelledTimers { try output.line("       ⏲ \(timer.name) is off") }
    if step.isFinished { try output.line("       finished") }
  }

  private func object(_ instance: OutriderV1.SagaInstance) async -> JSONValue {
    var members = instance.members
    if let state = instance.state.state {
      members.append(
        .init("state", .object(await payloads.members(Payload(leniently: state)))))
    }
    var steps: [JSONValue] = []
    for step in instance.steps { steps.append(await object(step)) }
    return .object(members + [.init("steps", .array(steps))])
  }

  private func object(_ recorded: OutriderV1.SagaInstance.RecordedStep) async -> JSONValue {
    let step = recorded.step
    var commands: [JSONValue] = []
    for command in step.commands {
      var pages: [JSONValue] = []
      for page in (try? Evented.CommandBook(wireBytes: command.encoded))?.pages ?? [] {
        pages.append(.object(await payloads.members(Payload(leniently: page.command))))
      }
      commands.append(.object(command.cover.members + [.init("commands", .array(pages))]))
    }
    return .object([
      .init("sequence", .integer(recorded.sequence.rawValue)),
      .init("recordedAt", .string(recorded.recordedAt.text)),
      .init("trigger", .object(step.trigger.members)),
      .init("isWaiting", .bool(step.waiting != nil)), .init("sent", .array(commands)),
      .init("timers", .array(step.timers.map { .object($0.members) })),
      .init("cancelledTimers", .array(step.cancelledTimers.map { .object($0.members) })),
      .init("isFinished", .bool(step.isFinished)), .init("depth", .integer(step.depth)),
    ])
  }
}

extension OutriderV1.SagaInstance {
  var line: String {
    let standing =
      state.isFinished
      ? "finished"
      : state.waitsFor.isEmpty
        ? "idle"
        : "waits for " + counted(state.pending.count, "command")
          + " and " + counted(state.timers.count, "timer")
    return "\(state.key)  \(root)  since \(state.startedAt.text)  \(standing)"
  }

  var members: [JSONValue.Member] {
    [
      .init("saga", .string(saga.text)), .init("key", .string(state.key.text)),
      .init("root", .string(root.description)),
      .init("startedAt", .string(state.startedAt.text)),
      .init("isFinished", .bool(state.isFinished)),
      .init("pending", .array(state.pending.map { .object($0.members) })),
      .init("setTimers", .array(state.timers.map { .object($0.members) })),
    ]
  }
}

private func counted(_ count: Int, _ what: String) -> String {
  "\(count) \(what)\(count == 1 ? "" : "s")"
}

extension SagaState {
  /// What the instance waits for, one line each.
  fileprivate var waitsFor: [String] {
    pending.map { "the end of command \($0.id) to \($0.cover)" }
      + timers.map { "timer \($0.name), at \($0.due.text)" }
  }
}

extension SagaStep.Trigger {
  fileprivate var text: String {
    switch self {
    case .events(let cover, let span):
      "events of \(cover) from \(span.first), \(span.count) of them"
    case .outcome(let command, let end, _): "command to \(command.cover) \(end.text)"
    case .timer(let timer): "timer \(timer.name)"
    }
  }

  fileprivate var members: [JSONValue.Member] {
    switch self {
    case .events(let cover, let span):
      [
        .init(
          "events",
          .object(
            cover.members + [
              .init("first", .integer(span.first.rawValue)), .init("count", .integer(span.count)),
            ]))
      ]
    case .outcome(let command, let end, let endedAt):
      [
        .init(
          "outcome",
          .object(
            command.members + [
              .init("end", .string(end.text)), .init("endedAt", .string(endedAt.text)),
            ]))
      ]
    case .timer(let timer): [.init("timer", .object(timer.members))]
    }
  }
}

extension CommandEnd {
  /// The command's end, to be read after the command.
  var text: String {
    switch self {
    case .appended(let span, let position):
      "led to \(span.count) events from \(span.first), at position \(position)"
    case .nothingToDo: "led to nothing"
    case .refused(let code, let message): "was refused: \(code): \(message)"
    case .expired: "expired"
    case .cancelled: "was cancelled"
    }
  }
}

extension PendingCommand {
  fileprivate var members: [JSONValue.Member] {
    cover.members + [.init("commandId", .string(id))]
  }
}

extension SagaTimer {
  fileprivate var members: [JSONValue.Member] {
    [.init("name", .string(name.text)), .init("due", .string(due.text))]
  }
}
