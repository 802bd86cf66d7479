import EventModel
import EventSourcing
import RPC
import RPCTransport
import RestGateway
import SidecarConfiguration
import Sidecars

// Takes commands from a message channel.

extension CommandHandlerRole {
  /// Takes the commands of each served domain from the channel, if there is one. Each domain
  /// consumes on its own, so command-handlers of other domains may share the topic.
  func takeCommands() throws(SidecarError) {
    guard let commands = shared.commands else { return }
    let directory = shared.directory
    guard let domains = directory.names else {
      throw SidecarError(
        "command.topic: a command-handler takes the commands of its domains from the topic; name "
          + "them by domain, or by domains", .configuration)
    }
    let envelopes = CommandEnvelopes(types: shared.payloadTypes, asking: ownDescriptions)
    let (dispatchers, causes) = (dispatchers, Causes(in: shared.storage))
    for domain in domains {
      let messages = CommandMessages(of: domain, causes: causes) { envelope, id in
        try await envelopes.command(in: envelope, of: domain, id: id)
      }
      shared.subscriptions.start {
        await directory.takeCommands(
          for: domain, from: commands, with: dispatchers, read: messages.command)
      }
    }
  }

  /// This process's own descriptions of its domains' types.
  private var ownDescriptions: InProcessChannel {
    let payloads = PayloadDescriptors(
      given: shared.descriptors,
      logic: shared.configuration.logicEndpoints.map { shared.channels.channel(to: $0) })
    return InProcessChannel(Router(Service.reflecting([shared.schemaService], payloads: payloads)))
  }
}
