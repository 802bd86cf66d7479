import EventModel
import JSON
import ProtobufJSON
import Wire

/// Every decoder: the first byte says which, the rest is the message.
@Sendable func feedDecoder(_ input: [UInt8]) {
  guard let choice = input.first else { return }
  decoders[Int(choice) % decoders.count](Array(input.dropFirst()))
}

private typealias Decoder = @Sendable ([UInt8]) -> Void

/// New ones go to the end, so that what was kept keeps its meaning.
private let decoders: [Decoder] = [
  both(Command.self), both(EventBook.self), both(ProposedBook.self), both(Projection.self),
  both(Payload.self), both(EmptyMessage.self), both(Evented.CommandBook.self),
  both(Evented.ContextualCommand.self), both(Evented.Query.self),
  both(Evented.AggregateRoot.self), both(Evented.ProjectorRequest.self),
  both(Evented.ProjectorAnswer.self), both(Evented.SynchronousProcessingResponse.self),
  both(OutriderV1.GetProjectionRequest.self), both(OutriderV1.ListProjectionsRequest.self),
  both(OutriderV1.ListProjectionsResponse.self), both(OutriderV1.WatchProjectionsRequest.self),
  both(OutriderV1.ProjectionRecord.self), both(OutriderV1.LogEntry.self),
  both(OutriderV1.ReadLogRequest.self), both(OutriderV1.HeadRequest.self),
  both(OutriderV1.HeadResponse.self), both(OutriderV1.ListParkedRequest.self),
  both(OutriderV1.ListParkedResponse.self), both(OutriderV1.RetryParkedRequest.self),
  both(OutriderV1.SkipParkedRequest.self), both(OutriderV1.ParkedOutcome.self),
  both(GRPCHealthV1.HealthCheckRequest.self), both(GRPCHealthV1.HealthCheckResponse.self),
  { _ = try? GRPCHealthV1.HealthListRequest(wireBytes: $0) },
  { bytes in
    guard let request = try? GRPCReflectionV1.Request(wireBytes: bytes) else { return }
    _ = GRPCReflectionV1.Response(.services([]), to: request).wireBytes
  },
  { _ = try? ProposedBook(recordRequest: $0) },
  { _ = try? Payload(pageBody: $0) },
  both(OutriderV1.SubscribeRequest.self), both(OutriderV1.SubscribeResponse.self),
  both(OutriderV1.ListSubscriptionsRequest.self), both(OutriderV1.ListSubscriptionsResponse.self),
  both(OutriderV1.DeleteSubscriptionRequest.self), both(OutriderV1.SeekSubscriptionRequest.self),
  both(OutriderV1.GetStatusRequest.self), both(OutriderV1.ProcessStatus.self),
  both(OutriderV1.DeadLetter.self), both(OutriderV1.GetDeadLetterRequest.self),
  both(OutriderV1.ListDeadLettersRequest.self), both(OutriderV1.ListDeadLettersResponse.self),
  both(OutriderV1.SettleDeadLettersRequest.self), both(OutriderV1.SettleDeadLettersResponse.self),
  both(OutriderV1.RebuildTarget.self), both(OutriderV1.StartRebuildRequest.self),
  both(OutriderV1.SwitchRebuildRequest.self), both(OutriderV1.DropRebuildRequest.self),
  both(OutriderV1.RebuildState.self), both(OutriderV1.VerifyProgress.self),
  { _ = try? OpenTelemetry.ExportTraceServiceResponse(wireBytes: $0) },
  both(OutriderV1.SagaInput.self), both(SagaStep.self), both(SagaState.self),
  { _ = try? SagaReaction(wireBytes: $0, now: Timestamp(seconds: 0)) },
  { _ = try? Evented.SagaAnswer(wireBytes: $0) },
  both(OutriderV1.SagaInstance.self), both(OutriderV1.ListSagaInstancesRequest.self),
  both(OutriderV1.ListSagaInstancesResponse.self), both(OutriderV1.GetSagaInstanceRequest.self),
  both(OutriderV1.TraceRequest.self), both(OutriderV1.TraceNode.self),
  both(OutriderV1.CommandOutcome.self), both(OutriderV1.DispatchRequest.self),
  both(OutriderV1.DispatchReceipt.self), both(OutriderV1.CommandStatus.self),
  both(OutriderV1.ListCommandsRequest.self), both(OutriderV1.ListCommandsResponse.self),
  both(OutriderV1.WatchCommandsRequest.self), both(CommandReference.self),
  both(DispatchedCommand.self), both(DueCommand.self), both(EndedCommand.self),
  both(OutriderV1.AggregateState.self), both(OutriderV1.HandleRequest.self),
  both(OutriderV1.HandleResponse.self), both(OutriderV1.ApplyRequest.self),
  both(OutriderV1.ApplyResponse.self),
  { _ = OutriderV1.AggregateState.wireBytes(inSnapshot: $0) },
  both(Evented.CoordinatedProjection.self), both(OutriderV1.ShelvedSnapshot.self),
  { _ = OutriderV1.ShelvedSnapshot(inSnapshot: $0) },
  both(OutriderV1.SchemaRegistered.self), both(OutriderV1.SchemaVersion.self),
  both(OutriderV1.GetSchemaRequest.self), both(OutriderV1.SchemaHistoryRequest.self),
  both(OutriderV1.SchemaHistoryResponse.self), both(OutriderV1.CheckSchemaRequest.self),
  both(OutriderV1.SchemaReport.self),
]

/// What can be read can be written, and read again as the same.
private func both<Value: WireDecodable & WireEncodable>(_ type: Value.Type) -> Decoder {
  { bytes in
    guard let value = try? Value(wireBytes: bytes) else { return }
    let written = value.wireBytes
    do {
      let again = try Value(wireBytes: written).wireBytes
      precondition(again == written, "\(type) changed on its second way")
    } catch {
      preconditionFailure("\(type) does not read what it wrote: \(error)")
    }
  }
}

/// Descriptors, as `outrider` reads them from a file that it is given.
@Sendable func feedDescriptors(_ input: [UInt8]) {
  guard let schema = try? Schema(descriptorSet: input) else { return }
  for name in schema.messageNames { _ = try? schema.json([], as: name) }
}

private let schema: Schema = {
  do { return try Schema(descriptorSet: DescriptorSet.ownBytes) } catch {
    preconditionFailure("our own descriptors cannot be read: \(error)")
  }
}()

/// A message of any type to JSON and back; the first byte says which type.
@Sendable func feedProtobufJSON(_ input: [UInt8]) {
  guard let choice = input.first else { return }
  let names = schema.messageNames
  let name = names[Int(choice) % names.count]
  // An Any of a type that is not known can be shown, but not read. An empty list is shown only
  // once.
  if let json = try? schema.json(Array(input.dropFirst()), as: name),
    let bytes = try? schema.bytes(json, as: name)
  {
    let again = try? schema.bytes(schema.json(bytes, as: name), as: name)
    precondition(again == bytes, "\(name) changed on its second way from \(json.text)")
  }
  if let json = try? JSONValue.parse(Array(input.dropFirst())) {
    _ = try? schema.bytes(json, as: name)
  }
}
