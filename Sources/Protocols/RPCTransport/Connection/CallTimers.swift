import NIOCore

/// What a moment is set for, unless that is called off before.
protocol Timed: AnyObject {
  func timeIsUp()
}

/// The deadlines of a loop's calls. Most are called off.
///
/// A timer of the loop costs four allocations, and calling it off a search among all of them. Here
/// a deadline is an entry in a table, and the loop has one timer for the first of them. A deadline
/// comes a tick late at most, and never early. Used on the loop's thread alone.
final class CallTimers {
  /// Where a deadline stands in the table.
  struct Ticket {
    fileprivate let tick: Tick
  }

  /// What a tick brings.
  fileprivate final class Tick {
    let number: UInt64
    var timed: [ObjectIdentifier: any Timed] = [:]

    init(_ number: UInt64) { self.number = number }
  }

  private static let tickNanoseconds: UInt64 = 4_000_000

  private let eventLoop: any EventLoop
  /// By number; none is empty.
  private var due: [UInt64: Tick] = [:]
  private var alarm: (tick: UInt64, timer: Scheduled<Void>)?

  init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  /// Sets one of the moments of an object, of which it has one at a time.
  func set(_ timed: some Timed, in time: TimeAmount) -> Ticket {
    let moment = (eventLoop.now + time).uptimeNanoseconds
    let tick = tick(moment / Self.tickNanoseconds + 1)
    tick.timed.updateValue(timed, forKey: ObjectIdentifier(timed))
    return Ticket(tick: tick)
  }

  func callOff(_ ticket: Ticket, of timed: some Timed) {
    let tick = ticket.tick
    tick.timed.removeValue(forKey: ObjectIdentifier(timed))
    if tick.timed.isEmpty, due[tick.number] === tick { due[tick.number] = nil }
  }

  private func tick(_ number: UInt64) -> Tick {
    if let tick = due[number] { return tick }
    let tick = Tick(number)
    due[number] = tick
    if alarm.map({ number < $0.tick }) ?? true { setAlarm(at: number) }
    return tick
  }

  private func setAlarm(at tick: UInt64) {
    alarm?.timer.cancel()
    let moment = NIODeadline.uptimeNanoseconds(tick * Self.tickNanoseconds)
    let timer = eventLoop.assumeIsolated().scheduleTask(deadline: moment) { self.ring() }
    alarm = (tick, timer)
  }

  private func ring() {
    alarm = nil
    let now = eventLoop.now.uptimeNanoseconds / Self.tickNanoseconds
    let ticks = due.keys.filter { $0 <= now }.sorted()
    let passed = ticks.compactMap { due.removeValue(forKey: $0) }
    if let next = due.keys.min() { setAlarm(at: next) }
    for timed in passed.flatMap(\.timed.values) { timed.timeIsUp() }
  }
}
