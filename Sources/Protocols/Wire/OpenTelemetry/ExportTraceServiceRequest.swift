import CWire
import Encodings
import EventModel
import Timing
import Tracing

/// Messages of package `opentelemetry.proto.collector.trace.v1`.
public enum OpenTelemetry {
  /// Spans of one process, for a collector.
  public struct ExportTraceServiceRequest: WireEncodable {
    /// Attributes of the process.
    public var resource: [SpanAttribute]
    /// The name and version of the instrumentation.
    public var scope: (name: String, version: String)
    public var spans: [SpanRecord]

    public init(
      resource: [SpanAttribute], scope: (name: String, version: String), spans: [SpanRecord]
    ) {
      self.resource = resource
      self.scope = scope
      self.spans = spans
    }

    public var wireBytes: Bytes {
      pack(Opentelemetry__Proto__Collector__Trace__V1__ExportTraceServiceRequest.self) {
        builder, request in
        let ofScope = builder.make(Opentelemetry__Proto__Trace__V1__ScopeSpans.self)
        ofScope.pointee.scope = builder.make(
          Opentelemetry__Proto__Common__V1__InstrumentationScope.self)
        ofScope.pointee.scope.pointee.name = builder.string(scope.name)
        ofScope.pointee.scope.pointee.version = builder.string(scope.version)
        var packed: [UnsafeMutablePointer<Opentelemetry__Proto__Trace__V1__Span>] = []
        for span in spans { packed.append(builder.span(span)) }
        ofScope.pointee.n_spans = spans.count
        ofScope.pointee.spans = builder.array(packed)

        let ofResource = builder.make(Opentelemetry__Proto__Trace__V1__ResourceSpans.self)
        ofResource.pointee.resource = builder.make(
          Opentelemetry__Proto__Resource__V1__Resource.self)
        ofResource.pointee.resource.pointee.n_attributes = resource.count
        ofResource.pointee.resource.pointee.attributes = builder.attributes(resource)
        ofResource.pointee.n_scope_spans = 1
        ofResource.pointee.scope_spans = builder.array([ofScope])
        request.n_resource_spans = 1
        request.resource_spans = builder.array([ofResource])
      }
    }
  }

  /// The collector's answer.
  public struct ExportTraceServiceResponse: WireDecodable, Equatable {
    /// Rejected spans, which must not be resent.
    public var rejectedCount: Int
    /// For people; may be set even without rejected spans.
    public var message: String

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(
        Opentelemetry__Proto__Collector__Trace__V1__ExportTraceServiceResponse.self, wireBytes
      ) { response throws(WireError) in
        guard let partial = response.pointee.partial_success else {
          return Self(rejectedCount: 0, message: "")
        }
        return Self(
          rejectedCount: Int(max(partial.pointee.rejected_spans, 0)),
          message: text(partial.pointee.error_message))
      }
    }

    init(rejectedCount: Int, message: String) {
      self.rejectedCount = rejectedCount
      self.message = message
    }
  }
}

extension MessageBuilder {
  fileprivate func span(
    _ record: SpanRecord
  ) -> UnsafeMutablePointer<Opentelemetry__Proto__Trace__V1__Span> {
    let span = make(Opentelemetry__Proto__Trace__V1__Span.self)
    span.pointee.trace_id = data(record.context.trace.bytes)
    span.pointee.span_id = data(record.context.span.bigEndianBytes)
    span.pointee.trace_state = string(record.context.state)
    if let parent = record.parent { span.pointee.parent_span_id = data(parent.bigEndianBytes) }
    span.pointee.flags = record.context.wireFlags(isRemote: record.isParentRemote)
    span.pointee.name = string(record.name)
    span.pointee.kind = record.kind.wire
    span.pointee.start_time_unix_nano = record.began.unixNanoseconds
    span.pointee.end_time_unix_nano = record.began.advanced(by: record.duration).unixNanoseconds
    span.pointee.n_attributes = record.attributes.count
    span.pointee.attributes = attributes(record.attributes)
    var links: [UnsafeMutablePointer<Opentelemetry__Proto__Trace__V1__Span__Link>] = []
    for link in record.links { links.append(self.link(link)) }
    span.pointee.n_links = links.count
    span.pointee.links = array(links)
    span.pointee.dropped_links_count = UInt32(clamping: record.linksOmitted)
    if record.isFailed {
      span.pointee.status = make(Opentelemetry__Proto__Trace__V1__Status.self)
      span.pointee.status.pointee.code =
        OPENTELEMETRY__PROTO__TRACE__V1__STATUS__STATUS_CODE__STATUS_CODE_ERROR
    }
    return span
  }

  private func link(
    _ context: SpanContext
  ) -> UnsafeMutablePointer<Opentelemetry__Proto__Trace__V1__Span__Link> {
    let link = make(Opentelemetry__Proto__Trace__V1__Span__Link.self)
    link.pointee.trace_id = data(context.trace.bytes)
    link.pointee.span_id = data(context.span.bigEndianBytes)
    link.pointee.trace_state = string(context.state)
    link.pointee.flags = context.wireFlags(isRemote: true)
    return link
  }

  fileprivate func attributes(
    _ attributes: [SpanAttribute]
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<Opentelemetry__Proto__Common__V1__KeyValue>?> {
    var pairs: [UnsafeMutablePointer<Opentelemetry__Proto__Common__V1__KeyValue>] = []
    for attribute in attributes {
      let pair = make(Opentelemetry__Proto__Common__V1__KeyValue.self)
      pair.pointee.key = string(attribute.key)
      pair.pointee.value = value(attribute.value)
      pairs.append(pair)
    }
    return array(pairs)
  }

  private func value(
    _ value: SpanAttribute.Value
  ) -> UnsafeMutablePointer<Opentelemetry__Proto__Common__V1__AnyValue> {
    let any = make(Opentelemetry__Proto__Common__V1__AnyValue.self)
    switch value {
    case .text(let text):
      any.pointee.value_case =
        OPENTELEMETRY__PROTO__COMMON__V1__ANY_VALUE__VALUE_STRING_VALUE
      any.pointee.string_value = string(text)
    case .number(let number):
      any.pointee.value_case = OPENTELEMETRY__PROTO__COMMON__V1__ANY_VALUE__VALUE_INT_VALUE
      any.pointee.int_value = number
    case .flag(let flag):
      any.pointee.value_case = OPENTELEMETRY__PROTO__COMMON__V1__ANY_VALUE__VALUE_BOOL_VALUE
      any.pointee.bool_value = flag ? 1 : 0
    }
    return any
  }
}

extension SpanContext {
  /// `SpanFlags`: W3C's flags, plus two bits: it is known whether the parent is remote (bit 8),
  /// and it is (bit 9).
  fileprivate func wireFlags(isRemote: Bool) -> UInt32 {
    UInt32(flags) | 0x100 | (isRemote ? 0x200 : 0)
  }
}

extension TraceID {
  fileprivate var bytes: Bytes { high.bigEndianBytes + low.bigEndianBytes }
}

extension Timestamp {
  /// 0 for times before 1970.
  fileprivate var unixNanoseconds: UInt64 {
    UInt64(clamping: seconds) &* 1_000_000_000 &+ UInt64(clamping: nanoseconds)
  }
}

extension SpanKind {
  fileprivate var wire: Opentelemetry__Proto__Trace__V1__Span__SpanKind {
    switch self {
    case .internal: OPENTELEMETRY__PROTO__TRACE__V1__SPAN__SPAN_KIND__SPAN_KIND_INTERNAL
    case .server: OPENTELEMETRY__PROTO__TRACE__V1__SPAN__SPAN_KIND__SPAN_KIND_SERVER
    case .client: OPENTELEMETRY__PROTO__TRACE__V1__SPAN__SPAN_KIND__SPAN_KIND_CLIENT
    case .producer: OPENTELEMETRY__PROTO__TRACE__V1__SPAN__SPAN_KIND__SPAN_KIND_PRODUCER
    case .consumer: OPENTELEMETRY__PROTO__TRACE__V1__SPAN__SPAN_KIND__SPAN_KIND_CONSUMER
    }
  }
}
