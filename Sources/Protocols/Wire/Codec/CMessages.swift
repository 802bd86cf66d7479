import CWire

// All structures that are unpacked, packed or checked. protoc-c generates a separate function for
// the defaults of each; here they are joined.

extension Evented__AggregateRoot: CMessage {
  static var initialize: (UnsafeMutablePointer<Evented__AggregateRoot>?) -> Void {
    evented__aggregate_root__init
  }
}
extension Evented__Cause: CMessage {
  static var initialize: (UnsafeMutablePointer<Evented__Cause>?) -> Void {
    evented__cause__init
  }
}
extension Evented__CommandBook: CMessage {
  static var initialize: (UnsafeMutablePointer<Evented__CommandBook>?) -> Void {
    evented__command_book__init
  }
}
extension Evented__ContextualCommand: CMessage {
  static var initialize: (UnsafeMutablePointer<Evented__ContextualCommand>?) -> Void {
    evented__contextual_command__init
  }
}
extension Evented__Cover: CMessage {
  static var initialize: (UnsafeMutablePointer<Evented__Cover>?) -> Void {
    evented__cover__init
  }
}
extension Evented__EventBook: CMessage {
  static var initialize: (UnsafeMutablePointer<Evented__EventBook>?) -> Void {
    evented__event_book__init
  }
}
extension Evented__LogPosition: CMessage {
  static var initialize: (UnsafeMutablePointer<Evented__LogPosition>?) -> Void {
    evented__log_position__init
  }
}
extension Evented__ProcessorFailure: CMessage {
  static var initialize: (UnsafeMutablePointer<Evented__ProcessorFailure>?) -> Void {
    evented__processor_failure__init
  }
}
extension Evented__Projection: CMessage {
  static var initialize: (UnsafeMutablePointer<Evented__Projection>?) -> Void {
    evented__projection__init
  }
}
extension Evented__Query: CMessage {
  static var initialize: (UnsafeMutablePointer<Evented__Query>?) -> Void {
    evented__query__init
  }
}
extension Evented__SynchronousProcessingResponse: CMessage {
  static var initialize: (UnsafeMutablePointer<Evented__SynchronousProcessingResponse>?) -> Void {
    evented__synchronous_processing_response__init
  }
}
extension Google__Protobuf__Empty: CMessage {
  static var initialize: (UnsafeMutablePointer<Google__Protobuf__Empty>?) -> Void {
    google__protobuf__empty__init
  }
}
extension Google__Protobuf__Timestamp: CMessage {
  static var initialize: (UnsafeMutablePointer<Google__Protobuf__Timestamp>?) -> Void {
    google__protobuf__timestamp__init
  }
}
extension Grpc__Health__V1__HealthCheckRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Grpc__Health__V1__HealthCheckRequest>?) -> Void {
    grpc__health__v1__health_check_request__init
  }
}
extension Grpc__Health__V1__HealthCheckResponse: CMessage {
  static var initialize: (UnsafeMutablePointer<Grpc__Health__V1__HealthCheckResponse>?) -> Void {
    grpc__health__v1__health_check_response__init
  }
}
extension Grpc__Health__V1__HealthListRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Grpc__Health__V1__HealthListRequest>?) -> Void {
    grpc__health__v1__health_list_request__init
  }
}
extension Grpc__Reflection__V1__ServerReflectionRequest: CMessage {
  static var initialize:
    (UnsafeMutablePointer<Grpc__Reflection__V1__ServerReflectionRequest>?) -> Void
  {
    grpc__reflection__v1__server_reflection_request__init
  }
}
extension Opentelemetry__Proto__Collector__Trace__V1__ExportTraceServiceRequest: CMessage {
  static var initialize:
    (UnsafeMutablePointer<Opentelemetry__Proto__Collector__Trace__V1__ExportTraceServiceRequest>?)
      -> Void
  {
    opentelemetry__proto__collector__trace__v1__export_trace_service_request__init
  }
}
extension Opentelemetry__Proto__Collector__Trace__V1__ExportTraceServiceResponse: CMessage {
  static var initialize:
    (UnsafeMutablePointer<Opentelemetry__Proto__Collector__Trace__V1__ExportTraceServiceResponse>?)
      -> Void
  {
    opentelemetry__proto__collector__trace__v1__export_trace_service_response__init
  }
}
extension Opentelemetry__Proto__Common__V1__AnyValue: CMessage {
  static var initialize: (UnsafeMutablePointer<Opentelemetry__Proto__Common__V1__AnyValue>?) -> Void
  {
    opentelemetry__proto__common__v1__any_value__init
  }
}
extension Opentelemetry__Proto__Common__V1__InstrumentationScope: CMessage {
  static var initialize:
    (UnsafeMutablePointer<Opentelemetry__Proto__Common__V1__InstrumentationScope>?) -> Void
  {
    opentelemetry__proto__common__v1__instrumentation_scope__init
  }
}
extension Opentelemetry__Proto__Common__V1__KeyValue: CMessage {
  static var initialize: (UnsafeMutablePointer<Opentelemetry__Proto__Common__V1__KeyValue>?) -> Void
  {
    opentelemetry__proto__common__v1__key_value__init
  }
}
extension Opentelemetry__Proto__Resource__V1__Resource: CMessage {
  static var initialize:
    (UnsafeMutablePointer<Opentelemetry__Proto__Resource__V1__Resource>?) -> Void
  {
    opentelemetry__proto__resource__v1__resource__init
  }
}
extension Opentelemetry__Proto__Trace__V1__ResourceSpans: CMessage {
  static var initialize:
    (UnsafeMutablePointer<Opentelemetry__Proto__Trace__V1__ResourceSpans>?) -> Void
  {
    opentelemetry__proto__trace__v1__resource_spans__init
  }
}
extension Opentelemetry__Proto__Trace__V1__ScopeSpans: CMessage {
  static var initialize:
    (UnsafeMutablePointer<Opentelemetry__Proto__Trace__V1__ScopeSpans>?) -> Void
  {
    opentelemetry__proto__trace__v1__scope_spans__init
  }
}
extension Opentelemetry__Proto__Trace__V1__Span: CMessage {
  static var initialize: (UnsafeMutablePointer<Opentelemetry__Proto__Trace__V1__Span>?) -> Void {
    opentelemetry__proto__trace__v1__span__init
  }
}
extension Opentelemetry__Proto__Trace__V1__Span__Link: CMessage {
  static var initialize:
    (UnsafeMutablePointer<Opentelemetry__Proto__Trace__V1__Span__Link>?) -> Void
  {
    opentelemetry__proto__trace__v1__span__link__init
  }
}
extension Opentelemetry__Proto__Trace__V1__Status: CMessage {
  static var initialize: (UnsafeMutablePointer<Opentelemetry__Proto__Trace__V1__Status>?) -> Void {
    opentelemetry__proto__trace__v1__status__init
  }
}
extension Outrider__V1__CommandOutcome: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__CommandOutcome>?) -> Void {
    outrider__v1__command_outcome__init
  }
}
extension Outrider__V1__CommandReference: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__CommandReference>?) -> Void {
    outrider__v1__command_reference__init
  }
}
extension Outrider__V1__CommandStatus: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__CommandStatus>?) -> Void {
    outrider__v1__command_status__init
  }
}
extension Outrider__V1__DispatchReceipt: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__DispatchReceipt>?) -> Void {
    outrider__v1__dispatch_receipt__init
  }
}
extension Outrider__V1__DispatchRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__DispatchRequest>?) -> Void {
    outrider__v1__dispatch_request__init
  }
}
extension Outrider__V1__DispatchedCommand: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__DispatchedCommand>?) -> Void {
    outrider__v1__dispatched_command__init
  }
}
extension Outrider__V1__DueCommand: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__DueCommand>?) -> Void {
    outrider__v1__due_command__init
  }
}
extension Outrider__V1__EndedCommand: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__EndedCommand>?) -> Void {
    outrider__v1__ended_command__init
  }
}
extension Outrider__V1__ListCommandsRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ListCommandsRequest>?) -> Void {
    outrider__v1__list_commands_request__init
  }
}
extension Outrider__V1__ListCommandsResponse: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ListCommandsResponse>?) -> Void {
    outrider__v1__list_commands_response__init
  }
}
extension Outrider__V1__WatchCommandsRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__WatchCommandsRequest>?) -> Void {
    outrider__v1__watch_commands_request__init
  }
}
extension Outrider__V1__GetProjectionRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__GetProjectionRequest>?) -> Void {
    outrider__v1__get_projection_request__init
  }
}
extension Outrider__V1__HeadRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__HeadRequest>?) -> Void {
    outrider__v1__head_request__init
  }
}
extension Outrider__V1__DomainsResponse: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__DomainsResponse>?) -> Void {
    outrider__v1__domains_response__init
  }
}
extension Outrider__V1__DeadLetter: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__DeadLetter>?) -> Void {
    outrider__v1__dead_letter__init
  }
}
extension Outrider__V1__DeadLetterHeader: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__DeadLetterHeader>?) -> Void {
    outrider__v1__dead_letter_header__init
  }
}
extension Outrider__V1__GetDeadLetterRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__GetDeadLetterRequest>?) -> Void {
    outrider__v1__get_dead_letter_request__init
  }
}
extension Outrider__V1__ListDeadLettersRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ListDeadLettersRequest>?) -> Void {
    outrider__v1__list_dead_letters_request__init
  }
}
extension Outrider__V1__ListDeadLettersResponse: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ListDeadLettersResponse>?) -> Void {
    outrider__v1__list_dead_letters_response__init
  }
}
extension Outrider__V1__SettleDeadLettersRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SettleDeadLettersRequest>?) -> Void {
    outrider__v1__settle_dead_letters_request__init
  }
}
extension Outrider__V1__SettleDeadLettersResponse: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SettleDeadLettersResponse>?) -> Void {
    outrider__v1__settle_dead_letters_response__init
  }
}
extension Outrider__V1__HeadResponse: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__HeadResponse>?) -> Void {
    outrider__v1__head_response__init
  }
}
extension Outrider__V1__ListParkedRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ListParkedRequest>?) -> Void {
    outrider__v1__list_parked_request__init
  }
}
extension Outrider__V1__ListParkedResponse: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ListParkedResponse>?) -> Void {
    outrider__v1__list_parked_response__init
  }
}
extension Outrider__V1__ListProjectionsRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ListProjectionsRequest>?) -> Void {
    outrider__v1__list_projections_request__init
  }
}
extension Outrider__V1__ListProjectionsResponse: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ListProjectionsResponse>?) -> Void {
    outrider__v1__list_projections_response__init
  }
}
extension Outrider__V1__LogEntry: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__LogEntry>?) -> Void {
    outrider__v1__log_entry__init
  }
}
extension Outrider__V1__ParkedAggregate: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ParkedAggregate>?) -> Void {
    outrider__v1__parked_aggregate__init
  }
}
extension Outrider__V1__ParkedOutcome: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ParkedOutcome>?) -> Void {
    outrider__v1__parked_outcome__init
  }
}
extension Outrider__V1__Position: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__Position>?) -> Void {
    outrider__v1__position__init
  }
}
extension Outrider__V1__ProjectionRecord: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ProjectionRecord>?) -> Void {
    outrider__v1__projection_record__init
  }
}
extension Outrider__V1__ReadLogRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ReadLogRequest>?) -> Void {
    outrider__v1__read_log_request__init
  }
}
extension Outrider__V1__RetryParkedRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__RetryParkedRequest>?) -> Void {
    outrider__v1__retry_parked_request__init
  }
}
extension Outrider__V1__SkipParkedRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SkipParkedRequest>?) -> Void {
    outrider__v1__skip_parked_request__init
  }
}
extension Outrider__V1__Acknowledgement: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__Acknowledgement>?) -> Void {
    outrider__v1__acknowledgement__init
  }
}
extension Outrider__V1__DeleteSubscriptionRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__DeleteSubscriptionRequest>?) -> Void {
    outrider__v1__delete_subscription_request__init
  }
}
extension Outrider__V1__LaneAssignment: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__LaneAssignment>?) -> Void {
    outrider__v1__lane_assignment__init
  }
}
extension Outrider__V1__LaneStatus: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__LaneStatus>?) -> Void {
    outrider__v1__lane_status__init
  }
}
extension Outrider__V1__ListSubscriptionsRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ListSubscriptionsRequest>?) -> Void {
    outrider__v1__list_subscriptions_request__init
  }
}
extension Outrider__V1__ListSubscriptionsResponse: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ListSubscriptionsResponse>?) -> Void {
    outrider__v1__list_subscriptions_response__init
  }
}
extension Outrider__V1__SeekSubscriptionRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SeekSubscriptionRequest>?) -> Void {
    outrider__v1__seek_subscription_request__init
  }
}
extension Outrider__V1__SubscribeRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SubscribeRequest>?) -> Void {
    outrider__v1__subscribe_request__init
  }
}
extension Outrider__V1__SubscribeResponse: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SubscribeResponse>?) -> Void {
    outrider__v1__subscribe_response__init
  }
}
extension Outrider__V1__RebuildTarget: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__RebuildTarget>?) -> Void {
    outrider__v1__rebuild_target__init
  }
}
extension Outrider__V1__StartRebuildRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__StartRebuildRequest>?) -> Void {
    outrider__v1__start_rebuild_request__init
  }
}
extension Outrider__V1__SwitchRebuildRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SwitchRebuildRequest>?) -> Void {
    outrider__v1__switch_rebuild_request__init
  }
}
extension Outrider__V1__DropRebuildRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__DropRebuildRequest>?) -> Void {
    outrider__v1__drop_rebuild_request__init
  }
}
extension Outrider__V1__RebuildState: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__RebuildState>?) -> Void {
    outrider__v1__rebuild_state__init
  }
}
extension Outrider__V1__VerifyProgress: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__VerifyProgress>?) -> Void {
    outrider__v1__verify_progress__init
  }
}
extension Outrider__V1__SubscriptionBegin: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SubscriptionBegin>?) -> Void {
    outrider__v1__subscription_begin__init
  }
}
extension Outrider__V1__SubscriptionDelivery: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SubscriptionDelivery>?) -> Void {
    outrider__v1__subscription_delivery__init
  }
}
extension Outrider__V1__SubscriptionStatus: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SubscriptionStatus>?) -> Void {
    outrider__v1__subscription_status__init
  }
}
extension Outrider__V1__WatchProjectionsRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__WatchProjectionsRequest>?) -> Void {
    outrider__v1__watch_projections_request__init
  }
}
extension Outrider__V1__GetStatusRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__GetStatusRequest>?) -> Void {
    outrider__v1__get_status_request__init
  }
}
extension Outrider__V1__ProcessStatus: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ProcessStatus>?) -> Void {
    outrider__v1__process_status__init
  }
}
extension Outrider__V1__Finding: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__Finding>?) -> Void {
    outrider__v1__finding__init
  }
}
extension Outrider__V1__RoleStatus: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__RoleStatus>?) -> Void {
    outrider__v1__role_status__init
  }
}
extension Outrider__V1__StoreStatus: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__StoreStatus>?) -> Void {
    outrider__v1__store_status__init
  }
}
extension Outrider__V1__LogicStatus: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__LogicStatus>?) -> Void {
    outrider__v1__logic_status__init
  }
}
extension Outrider__V1__BrokerStatus: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__BrokerStatus>?) -> Void {
    outrider__v1__broker_status__init
  }
}
extension Outrider__V1__FollowerStatus: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__FollowerStatus>?) -> Void {
    outrider__v1__follower_status__init
  }
}
extension Outrider__V1__LeaseStatus: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__LeaseStatus>?) -> Void {
    outrider__v1__lease_status__init
  }
}
extension Outrider__V1__ChannelFailure: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ChannelFailure>?) -> Void {
    outrider__v1__channel_failure__init
  }
}
extension Outrider__V1__AwayDomain: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__AwayDomain>?) -> Void {
    outrider__v1__away_domain__init
  }
}

extension Outrider__V1__TimerStatus: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__TimerStatus>?) -> Void {
    outrider__v1__timer_status__init
  }
}

extension Outrider__V1__CertificateStatus: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__CertificateStatus>?) -> Void {
    outrider__v1__certificate_status__init
  }
}
extension Outrider__V1__HistoryStatus: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__HistoryStatus>?) -> Void {
    outrider__v1__history_status__init
  }
}
extension Evented__UUID: CMessage {
  static var initialize: (UnsafeMutablePointer<Evented__UUID>?) -> Void { evented__uuid__init }
}
extension Evented__EventPage: CMessage {
  static var initialize: (UnsafeMutablePointer<Evented__EventPage>?) -> Void {
    evented__event_page__init
  }
}
extension Evented__EventBook__HeadersEntry: CMessage {
  static var initialize: (UnsafeMutablePointer<Evented__EventBook__HeadersEntry>?) -> Void {
    evented__event_book__headers_entry__init
  }
}
extension Google__Protobuf__Any: CMessage {
  static var initialize: (UnsafeMutablePointer<Google__Protobuf__Any>?) -> Void {
    google__protobuf__any__init
  }
}
extension Outrider__V1__SagaInput: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SagaInput>?) -> Void {
    outrider__v1__saga_input__init
  }
}
extension Outrider__V1__AggregateState: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__AggregateState>?) -> Void {
    outrider__v1__aggregate_state__init
  }
}
extension Outrider__V1__HandleRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__HandleRequest>?) -> Void {
    outrider__v1__handle_request__init
  }
}
extension Outrider__V1__HandleResponse: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__HandleResponse>?) -> Void {
    outrider__v1__handle_response__init
  }
}
extension Outrider__V1__ApplyRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ApplyRequest>?) -> Void {
    outrider__v1__apply_request__init
  }
}
extension Outrider__V1__ApplyResponse: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ApplyResponse>?) -> Void {
    outrider__v1__apply_response__init
  }
}
extension Outrider__V1__SagaReaction: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SagaReaction>?) -> Void {
    outrider__v1__saga_reaction__init
  }
}
extension Outrider__V1__SagaTimer: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SagaTimer>?) -> Void {
    outrider__v1__saga_timer__init
  }
}
extension Outrider__V1__TimerFired: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__TimerFired>?) -> Void {
    outrider__v1__timer_fired__init
  }
}
extension Outrider__V1__SagaStep: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SagaStep>?) -> Void {
    outrider__v1__saga_step__init
  }
}
extension Outrider__V1__SagaState: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SagaState>?) -> Void {
    outrider__v1__saga_state__init
  }
}
extension Outrider__V1__SagaInstance: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SagaInstance>?) -> Void {
    outrider__v1__saga_instance__init
  }
}
extension Outrider__V1__RecordedSagaStep: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__RecordedSagaStep>?) -> Void {
    outrider__v1__recorded_saga_step__init
  }
}
extension Outrider__V1__SagaCommandEnd: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SagaCommandEnd>?) -> Void {
    outrider__v1__saga_command_end__init
  }
}
extension Outrider__V1__EventSpan: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__EventSpan>?) -> Void {
    outrider__v1__event_span__init
  }
}
extension Outrider__V1__DueTimer: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__DueTimer>?) -> Void {
    outrider__v1__due_timer__init
  }
}
extension Outrider__V1__PendingCommand: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__PendingCommand>?) -> Void {
    outrider__v1__pending_command__init
  }
}
extension Outrider__V1__ListSagaInstancesRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ListSagaInstancesRequest>?) -> Void {
    outrider__v1__list_saga_instances_request__init
  }
}
extension Outrider__V1__ListSagaInstancesResponse: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ListSagaInstancesResponse>?) -> Void {
    outrider__v1__list_saga_instances_response__init
  }
}
extension Outrider__V1__GetSagaInstanceRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__GetSagaInstanceRequest>?) -> Void {
    outrider__v1__get_saga_instance_request__init
  }
}
extension Outrider__V1__EventReference: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__EventReference>?) -> Void {
    outrider__v1__event_reference__init
  }
}
extension Outrider__V1__CheckSchemaRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__CheckSchemaRequest>?) -> Void {
    outrider__v1__check_schema_request__init
  }
}
extension Outrider__V1__GetSchemaRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__GetSchemaRequest>?) -> Void {
    outrider__v1__get_schema_request__init
  }
}
extension Outrider__V1__SchemaFinding: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SchemaFinding>?) -> Void {
    outrider__v1__schema_finding__init
  }
}
extension Outrider__V1__SchemaHistoryRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SchemaHistoryRequest>?) -> Void {
    outrider__v1__schema_history_request__init
  }
}
extension Outrider__V1__SchemaHistoryResponse: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SchemaHistoryResponse>?) -> Void {
    outrider__v1__schema_history_response__init
  }
}
extension Outrider__V1__SchemaRegistered: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SchemaRegistered>?) -> Void {
    outrider__v1__schema_registered__init
  }
}
extension Outrider__V1__SchemaReport: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SchemaReport>?) -> Void {
    outrider__v1__schema_report__init
  }
}
extension Outrider__V1__SchemaType: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SchemaType>?) -> Void {
    outrider__v1__schema_type__init
  }
}
extension Outrider__V1__SchemaVersion: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__SchemaVersion>?) -> Void {
    outrider__v1__schema_version__init
  }
}
extension Outrider__V1__TraceNode: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__TraceNode>?) -> Void {
    outrider__v1__trace_node__init
  }
}
extension Outrider__V1__TraceRequest: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__TraceRequest>?) -> Void {
    outrider__v1__trace_request__init
  }
}
extension Outrider__V1__ShelvedSnapshot: CMessage {
  static var initialize: (UnsafeMutablePointer<Outrider__V1__ShelvedSnapshot>?) -> Void {
    outrider__v1__shelved_snapshot__init
  }
}
