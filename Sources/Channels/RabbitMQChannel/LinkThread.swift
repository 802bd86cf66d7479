import CRabbitMQ
import EventSourcing
import Glibc

/// One publisher or consumer, on an AMQP channel of its own. Called on the link's thread only.
protocol LinkSession: AnyObject {
  /// A method of the channel that concerns the session.
  func receive(_ method: amqp_method_t, _ thread: LinkThread) throws(ChannelError)
  /// A whole message: a delivery, or one that comes back.
  func receive(_ content: IncomingContent, _ thread: LinkThread) throws(ChannelError)
  /// The broker takes no messages for now, for this reason; nil: it does again.
  func blocked(_ reason: String?, _ thread: LinkThread) throws(ChannelError)
  /// The session is over.
  func fail(_ error: ChannelError)
}

extension LinkSession {
  func blocked(_ reason: String?, _ thread: LinkThread) throws(ChannelError) {}
}

/// What a link's thread works on.
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
  /// Why the broker takes no messages for now.
  private(set) var blocked: String?
  /// Why there can be no connection.
  private let refusal: ChannelError?

  init(to address: RabbitMQAddress, _ wakeUp: WakeUp, refusing refusal: ChannelError? = nil) {
    self.address = address
    self.wakeUp = wakeUp
    self.refusal = refusal
  }

  /// Works until there are no jobs any more.
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

  /// Opens a session: connects where there is no connection, opens a channel and lets `begin`
  /// declare what the session needs.
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
      // The broker closes the channel on which it refuses something. A connection whose answers are
      // late cannot be used: the next answer would be taken for another.
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

  /// Works with the connection on behalf of a session, if it is open still. An error ends all
  /// sessions: the connection is broken.
  func with(
    _ channel: UInt16, of session: any LinkSession,
    _ body: (AMQPConnection) throws(ChannelError) -> Void
  ) {
    guard let connection, open[channel]?.session === session else { return }
    do { try body(connection) } catch { fail(error) }
  }

  /// The connection is broken, and all its sessions with it.
  private func fail(_ error: ChannelError) {
    let sessions = open.values
    open = [:]
    connection = nil
    blocked = nil
    for entry in sessions { entry.session.fail(error) }
  }

  // MARK: Frames

  /// Waits until the socket has something, a job comes, or it is time for a heartbeat.
  private func wait() {
    var polled = [pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0)]
    if let connection {
      polled.append(pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0))
    }
    let timeout = connection == nil ? -1 : Limits.heartbeatSeconds * 1000 / 4
    poll(&polled, nfds_t(polled.count), timeout)
  }

  /// Takes in all frames that are there.
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

  /// The broker closed one channel: the others go on.
  private func closed(_ method: amqp_method_t, _ channel: UInt16) {
    let session = open.removeValue(forKey: channel)?.session
    connection?.confirmClosing(channel)
    session?.fail(ChannelError(closing: method, "the channel", at: address))
  }
}
