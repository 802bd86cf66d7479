import NIOCore

/// The target of a timer, called unless it is cancelled before.
protocol Timed: AnyObject {
  func timeIsUp()
}

/// Deadlines of a loop's calls. Most are cancelled.
///
/// A timer of the loop costs four allocations, and cancelling it searches all timers. Here a
/// deadline is an entry in a table, and the loop has one timer, for the earliest. Deadlines fire
/// at most a tick late, and never early. Used only on the loop's thread.
final class CallTimers {
  /// A deadline's place in the table.
  struct Ticket {
    fileprivate let tick: Tick
  }

  /// The deadlines of one tick.
  fileprivate final class Tick {
    let number: UInt64
    var timed: [ObjectIdentifier: any Timed] = [:]

    init(_ number: UInt64) { self.number = number }
  }

  private static let tickNanoseconds: UInt64 = 4_000_000

  private let eventLoop: any EventLoop
  /// By tick number; none is empty.
  private var due: [UInt64: Tick] = [:]
  private var alarm: (tick: UInt64, timer: Scheduled<Void>)?

  init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  /// Sets the object's timer, replacing the earlier one.
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
