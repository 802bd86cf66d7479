import Eventuate

/// Code that takes bytes from elsewhere, fed with any bytes at all.
///
/// Whatever the bytes are, it must return: a trap, an endless loop, memory without bound, or a
/// value that does not survive its own encoding is a defect. `make fuzz` looks for such bytes;
/// those that were found, and the seeds, are in `Tests/Fuzz/Corpus`, and `make test` feeds them all
/// again.
package struct FuzzTarget: Sendable, CustomStringConvertible {
  package let name: String
  package let run: @Sendable ([UInt8]) -> Void

  package var description: String { name }

  package static let all: [FuzzTarget] = [
    FuzzTarget(name: "http2-server") { FuzzedConnection.server($0) },
    FuzzTarget(name: "http2-client") { FuzzedConnection.client($0) },
    FuzzTarget(name: "framing", run: feedDeframer),
    FuzzTarget(name: "headers", run: feedHeads),
    FuzzTarget(name: "header-values", run: feedHeaderValues),
    FuzzTarget(name: "wire", run: feedDecoder),
    FuzzTarget(name: "descriptors", run: feedDescriptors),
    FuzzTarget(name: "protobuf-json", run: feedProtobufJSON),
    FuzzTarget(name: "json", run: feedJSON),
    FuzzTarget(name: "yaml", run: feedYAML),
    FuzzTarget(name: "tokens", run: feedToken),
    FuzzTarget(name: "token-keys", run: feedTokenKeys),
    FuzzTarget(name: "http-target", run: feedHTTPTarget),
    FuzzTarget(name: "stomp", run: feedSTOMP),
    FuzzTarget(name: "eventuate", run: EventuateFuzzing.feed),
    FuzzTarget(name: "api-keys", run: feedAPIKeys),
  ]
}
