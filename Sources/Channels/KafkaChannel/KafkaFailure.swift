import CRdKafka
import EventModel
import EventSourcing

/// An error code of librdkafka: the broker's are positive, the library's own negative.
typealias KafkaCode = rd_kafka_resp_err_t

extension KafkaCode {
  var text: String { String(text: rd_kafka_err2str(self)) }

  /// How the adapter treats the error. By default it is temporary.
  var kind: ChannelError.Code {
    switch self {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG,
      RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, RD_KAFKA_RESP_ERR_INVALID_RECORD,
      RD_KAFKA_RESP_ERR_POLICY_VIOLATION, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      .refused
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
      RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE,
      RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR__SSL,
      RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
      RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, RD_KAFKA_RESP_ERR_INVALID_PARTITIONS,
      RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
      .notPermitted
    default: .unavailable
    }
  }

  /// Whether a message failed only because the producer ends. Another error has the reason.
  var isConsequence: Bool {
    switch self {
    case RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR__PURGE_QUEUE,
      RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE,
      RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
      true
    default: false
    }
  }

  /// The remedy, for an operator; nil if only waiting helps.
  fileprivate var advice: String? {
    switch self {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      "raise the topic's max.message.bytes, or the broker's message.max.bytes"
    case RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE,
      RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP,
      RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      "see the topic's settings and the broker's log"
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      "give the user the rights to describe, write and read it"
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED: "give the user the right to read the group"
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      "give the user the right to create topics and to write idempotently, or create the topic"
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, RD_KAFKA_RESP_ERR__AUTHENTICATION,
      RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
      "see security.protocol, sasl.mechanism, sasl.username and sasl.password"
    case RD_KAFKA_RESP_ERR__SSL: "see security.protocol and the ssl options"
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      "create it, or give the user the right to"
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION: "name another one in the channel's URI: topic=NAME"
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
      "see partitions and replicas in the channel's URI"
    default: nil
    }
  }
}

extension KafkaCode {
  /// Advice for a broken handshake: a broker that expects other TLS settings closes the
  /// connection without an error message.
  ///
  /// - Parameter detail: the library's text beyond the code; it names its state.
  fileprivate func handshakeAdvice(_ detail: String?) -> String? {
    guard self == RD_KAFKA_RESP_ERR__TRANSPORT, detail?.contains("APIVERSION_QUERY") ?? true else {
      return nil
    }
    return "if a broker listens there, see security.protocol and the ssl options: it ended the "
      + "connection before it answered anything"
  }
}

extension ChannelError {
  /// - Parameters:
  ///   - what: the failed action or object, as a noun: "topic t".
  ///   - detail: the library's text beyond the code.
  init(
    kafka code: KafkaCode, _ what: String, at address: KafkaAddress, detail: String? = nil,
    position: Position? = nil
  ) {
    var text = "\(address.description): \(what): \(detail ?? code.text)"
    if let advice = code.advice ?? code.handshakeAdvice(detail) { text += ". To do: \(advice)" }
    self.init(code.kind, text, position: position)
  }
}
