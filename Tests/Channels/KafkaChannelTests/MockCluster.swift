import CRdKafka.Mock
import Foundation
import Synchronization

@testable import KafkaChannel

/// librdkafka's mock cluster: brokers in this process that listen on TCP and fail on command.
///
/// `@unchecked Sendable`: the library hands each call to the cluster's own thread.
final class MockCluster: @unchecked Sendable {
  struct Failure: Error {}

  /// Kafka's numbers of requests.
  enum Request: Int16 {
    case produce = 0
    case metadata = 3
    case offsetCommit = 8
    case joinGroup = 11
  }

  private let client: OpaquePointer
  private let cluster: OpaquePointer

  init() throws {
    let configuration = rd_kafka_conf_new()
    rd_kafka_conf_set(configuration, "log_level", "0", nil, 0)
    guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0),
      let cluster = rd_kafka_mock_cluster_new(client, 1)
    else { throw Failure() }
    (self.client, self.cluster) = (client, cluster)
  }

  /// To be called once, at the end.
  func close() {
    rd_kafka_mock_cluster_destroy(cluster)
    rd_kafka_destroy(client)
  }

  var servers: String { String(text: rd_kafka_mock_cluster_bootstraps(cluster)) }

  /// Its address, with a topic that all domains share.
  func address(partitions: Int32 = 1) throws -> KafkaAddress {
    let topic = "test-\(UUID().uuidString)"
    try check(rd_kafka_mock_topic_create(cluster, topic, partitions, 1))
    return try KafkaAddress("kafka://\(servers)?topic=\(topic)")
  }

  /// Takes the broker off the network, or brings it back.
  func setUp(_ isUp: Bool) throws {
    try check(
      isUp ? rd_kafka_mock_broker_set_up(cluster, 1) : rd_kafka_mock_broker_set_down(cluster, 1))
  }

  /// The next requests of the kind are answered by these errors.
  func answer(_ request: Request, with codes: [KafkaCode]) {
    rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, codes.count, codes)
  }

  /// Metadata says that about the topic from now on.
  func setError(_ code: KafkaCode, of topic: String) {
    rd_kafka_mock_topic_set_error(cluster, topic, code)
  }

  /// Each answer takes so long.
  func setDelay(milliseconds: Int32) throws {
    try check(rd_kafka_mock_broker_set_rtt(cluster, 1, milliseconds))
  }

  private func check(_ code: KafkaCode) throws {
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw Failure() }
  }
}
