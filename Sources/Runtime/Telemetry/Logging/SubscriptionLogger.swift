import EventModel
import EventSourcing
import Logging

/// Logs subscriptions' events for operators.
package struct SubscriptionLogger: Sendable {
  /// This process's name in leases.
  package let owner: Name
  private let logger: Logger

  package init(owner: Name, logger: Logger) {
    self.owner = owner
    self.logger = logger
  }

  package func observing(_ subscription: Name, _ domain: Name)
    -> @Sendable (SubscriptionEvent) -> Void
  {
    var logger = logger
    logger[metadataKey: "subscription"] = "\(subscription)"
    logger[metadataKey: "domain"] = "\(domain)"
    return { [logger] event in log(event, to: logger) }
  }

  /// Logs which domains refuse a saga's commands.
  package func saga(_ name: Name) -> @Sendable (SagaTargets.Change) -> Void {
    var logger = logger
    logger[metadataKey: "saga"] = "\(name)"
    return { [logger] change in
      switch change {
      case .waits(let domain, let reason):
        logger.warning(
          "commands wait, and are sent again until they end",
          metadata: ["domain": "\(domain)", "error": "\(reason)"])
      case .flows(let domain):
        logger.notice("commands are taken again", metadata: ["domain": "\(domain)"])
      }
    }
  }

  private func log(_ event: SubscriptionEvent, to logger: Logger) {
    switch event {
    case .started(let checkpoint, _):
      logger.info("subscription is active", metadata: ["checkpoint": "\(checkpoint)"])
    case .joined:
      logger.info("messages are taken from the channel")
    case .standingBy:
      logger.info("another process is the active consumer; this one stands by")
    case .leaseLost:
      logger.warning("the lease went to another process")
    case .retrying(let cover, let sequence, let failure, let tries):
      logger.warning(
        "delivery failed, trying again",
        metadata: metadata(cover, sequence, failure).merging(["tries": "\(tries)"]) { $1 })
    case .recovered(let cover):
      logger.info("deliveries succeed again", metadata: ["root": "\(cover.root)"])
    case .parked(let cover, let sequence, let failure):
      logger.error(
        "aggregate parked: see `outrider parked`", metadata: metadata(cover, sequence, failure))
    case .kept(let cover, let failure):
      logger.warning(
        "events are refused, and kept for their instance",
        metadata: [
          "root": "\(cover.root)", "status": "\(failure.statusCode)",
          "error": "\(failure.message)",
        ])
    case .unparked(let cover):
      logger.info("parked aggregate has caught up", metadata: ["root": "\(cover.root)"])
    case .circuitOpened(let failing, let failure):
      logger.error(
        """
        the logic refuses most aggregates and is taken for down: nothing is parked, and one \
        delivery at a time is tried
        """,
        metadata: [
          "failing": "\(failing)", "status": "\(failure.statusCode)",
          "error": "\(failure.message)",
        ])
    case .circuitClosed:
      logger.info("the logic handles events again")
    case .passedOver(let error):
      logger.error(
        "a commit is damaged and was passed over", metadata: ["error": "\(error)"])
    case .storeUnavailable(let error):
      logger.error("the store failed, trying again", metadata: ["error": "\(error)"])
    case .channelFailed(let error):
      logger.error("the message channel failed, trying again", metadata: ["error": "\(error)"])
    case .setAside(let reason):
      logger.error(
        "a message cannot be taken and is a dead letter now", metadata: ["reason": "\(reason)"])
    case .channelRecovered:
      logger.notice("the message channel works again")
    case .deadLetters, .taken: break
    }
  }

  private func metadata(
    _ cover: Cover, _ sequence: SequenceNumber, _ failure: DeliveryFailure
  ) -> Logger.Metadata {
    [
      "root": "\(cover.root)", "sequence": "\(sequence)", "status": "\(failure.statusCode)",
      "error": "\(failure.message)",
    ]
  }
}
