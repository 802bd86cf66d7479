import CRabbitMQ
import EventSourcing
import Glibc

/// A publisher or consumer on its own AMQP channel. Called only on the link's thread.
protocol LinkSession: AnyObject {
  /// Handles a method of the session's channel.
  func receive(_ method: amqp_method_t, _ thread: LinkThread) throws(ChannelError)
  /// Handles a complete message: a delivery or a returned message.
  func receive(_ content: IncomingContent, _ thread: LinkThread) throws(ChannelError)
  /// The broker blocks publishing, for this reason; nil: it no longer does.
  func blocked(_ reason: String?, _ thread: LinkThread) throws(ChannelError)
  /// Ends the session.
  func fail(_ error: ChannelError)
}

extension LinkSession {
  func blocked(_ reason: String?, _ thread: LinkThread) throws(ChannelError) {}
}

/// The state of a link's thread.
final class LinkThread {
  private struct Open {
    let session: any LinkSession
    var content = IncomingContent()
  }

  private let address: RabbitMQAddress
  private let wakeUp: WakeUp
  private var connection: AMQPConnection?
  private var open: [UInt16: Open] = [:]
  private var lastChannel: UInt16 = 0
  /// The reason why the broker blocks publishing; nil if it does not.
  private(set) var blocked: String?
  /// The reason why there can be no connection.
  private let refusal: ChannelError?

  init(to address: RabbitMQAddress, _ wakeUp: WakeUp, refusing refusal: ChannelError? = nil) {
    self.address = address
    self.wakeUp = wakeUp
    self.refusal = refusal
  }

  /// Runs jobs and handles frames until `jobs` returns nil.
  func run(_ jobs: () -> [Link.Job]?) {
    while true {
      wakeUp.silence()
      guard let jobs = jobs() else { break }
      for job in jobs { job(self) }
      receive()
      if jobs.isEmpty { wait() }
    }
    fail(.closed)
  }

  // MARK: Sessions

  /// Opens a session: connects if needed, opens a channel, and lets `begin` declare the session's
  /// objects.
  ///
  /// - Returns: the channel's number.
  func begin(
    _ session: any LinkSession,
    _ begin: (AMQPConnection, UInt16) throws(ChannelError) -> Void
  ) throws(ChannelError) -> UInt16 {
    guard open.count < Limits.sessionsMax else {
      throw ChannelError(
        .unavailable, "RabbitMQ takes no more than \(Limits.sessionsMax) channels of one connection"
      )
    }
    let connection = try connected()
    let channel = freeChannel()
    do {
      try connection.openChannel(channel)
      open[channel] = Open(session: session)
      try begin(connection, channel)
      if let blocked { try session.blocked(blocked, self) }
      return channel
    } catch {
      open[channel] = nil
      // A broker closes the channel on which it refuses something. After a late answer the
      // connection is unusable: the next answer would be mistaken for it.
      if error.code != .notPermitted { fail(error) }
      throw error
    }
  }

  private func connected() throws(ChannelError) -> AMQPConnection {
    if let refusal { throw refusal }
    if let connection { return connection }
    let made = try AMQPConnection(to: address)
    connection = made
    return made
  }

  private func freeChannel() -> UInt16 {
    repeat {
      lastChannel = lastChannel % UInt16(Limits.sessionsMax) + 1
    } while open[lastChannel] != nil
    return lastChannel
  }

  /// Ends a session and closes its channel.
  func end(_ channel: UInt16, of session: any LinkSession) {
    guard let found = open[channel], found.session === session else { return }
    open[channel] = nil
    connection?.closeChannel(channel)
  }

  /// Uses the connection for a session, if it is still open. An error breaks the connection,
  /// which ends all sessions.
  func with(
    _ channel: UInt16, of session: any LinkSession,
    _ body: (AMQPConnection) throws(ChannelError) -> Void
  ) {
    guard let connection, open[channel]?.session === session else { return }
    do { try body(connection) } catch { fail(error) }
  }

  /// Drops the broken connection and all its sessions.
  private func fail(_ error: ChannelError) {
    let sessions = open.values
    open = [:]
    connection = nil
    blocked = nil
    for entry in sessions { entry.session.fail(error) }
  }

  // MARK: Frames

  /// Waits for data on the socket, for a job, or until a heartbeat is due.
  private func wait() {
    var polled = [pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0)]
    if let connection {
      polled.append(pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0))
    }
    let timeout = connection == nil ? -1 : Limits.heartbeatSeconds * 1000 / 4
    poll(&polled, nfds_t(polled.count), timeout)
  }

  /// Handles all available frames.
  func receive() {
    while let connection {
      do {
        guard let frame = try connection.nextFrame() else { return }
        try receive(frame)
        if open[frame.channel]?.content.method == nil { connection.release(frame.channel) }
      } catch {
        fail(error)
      }
    }
  }

  private func receive(_ frame: amqp_frame_t) throws(ChannelError) {
    if Int32(frame.frame_type) == AMQP_FRAME_METHOD {
      try receive(frame.payload.method, on: frame.channel)
    } else if open[frame.channel]?.content.take(frame) == true {
      try finishContent(on: frame.channel)
    }
  }

  private func receive(_ method: amqp_method_t, on channel: UInt16) throws(ChannelError) {
    switch method.id {
    case outrider_connection_close:
      throw ChannelError(closing: method, "the connection", at: address)
    case outrider_connection_blocked:
      let reason = method.decoded.map {
        String($0.assumingMemoryBound(to: amqp_connection_blocked_t.self).pointee.reason)
      }
      try setBlocked("\(address.description) takes no messages: \(reason ?? "no reason given")")
    case outrider_connection_unblocked: try setBlocked(nil)
    case outrider_channel_close: closed(method, channel)
    case outrider_basic_deliver:
      let delivery = method.decoded?.assumingMemoryBound(to: amqp_basic_deliver_t.self).pointee
      open[channel]?.content.begin(.deliver(tag: delivery?.delivery_tag ?? 0))
    case outrider_basic_return:
      let back = method.decoded?.assumingMemoryBound(to: amqp_basic_return_t.self).pointee
      open[channel]?.content.begin(
        .returned(code: back?.reply_code ?? 0, text: back.map { String($0.reply_text) } ?? ""))
    default: try open[channel]?.session.receive(method, self)
    }
  }

  private func finishContent(on channel: UInt16) throws(ChannelError) {
    guard let found = open[channel] else { return }
    open[channel]?.content = IncomingContent()
    try found.session.receive(found.content, self)
  }

  private func setBlocked(_ reason: String?) throws(ChannelError) {
    blocked = reason
    for entry in open.values { try entry.session.blocked(reason, self) }
  }

  /// Handles a channel that the broker closed; the others continue.
  private func closed(_ method: amqp_method_t, _ channel: UInt16) {
    let session = open.removeValue(forKey: channel)?.session
    connection?.confirmClosing(channel)
    session?.fail(ChannelError(closing: method, "the channel", at: address))
  }
}
