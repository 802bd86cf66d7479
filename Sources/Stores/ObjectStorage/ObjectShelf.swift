import Downloads
import Encodings
import EventModel
import EventSourcing
import LibCrypto
import RPCTransport
import Timing
import Wire

/// Stores large snapshots as objects of a bucket, with S3's API.
///
/// A key is `PREFIX/DOMAIN/ROOT/SEQUENCE-DIGEST`, so the same snapshot is the same object, and a
/// lifecycle rule of the bucket can expire old ones.
public struct ObjectShelf: SnapshotShelf {
  private let bucket: Bucket
  private let credentials: @Sendable () throws -> Credentials
  private let server: WebServer
  private let timeout: Duration
  private let byteCountMax: Int
  private let now: @Sendable () -> Timestamp

  /// - Parameters:
  ///   - tls: must have the protocol "http/1.1"; nil: plain HTTP.
  ///   - credentials: called for each request, since they may change.
  ///   - timeout: for one request.
  ///   - byteCountMax: the largest snapshot to read.
  public init(
    _ bucket: Bucket, tls: ClientTLS?, timeout: Duration, byteCountMax: Int = 1 << 30,
    now: @escaping @Sendable () -> Timestamp,
    credentials: @escaping @Sendable () throws -> Credentials
  ) {
    self.bucket = bucket
    self.credentials = credentials
    self.timeout = timeout
    self.byteCountMax = byteCountMax
    self.now = now
    server = WebServer(
      host: bucket.server, port: bucket.port, authority: bucket.hostHeader, tls: tls)
  }

  public func put(
    _ state: Bytes, of cover: Cover, at sequence: SequenceNumber
  ) async throws(ShelfError) -> Bytes {
    let digest = LibCrypto.sha256(state)
    let name = "\(cover.domain)/\(cover.root)/\(sequence)-\(Hexadecimal.encode(digest))"
    let key = bucket.prefix.isEmpty ? name : "\(bucket.prefix)/\(name)"
    let answer = try await ask("PUT", key, body: state, digest: Hexadecimal.encode(digest))
    guard answer.code == 200 else { throw refusal(answer, of: "PUT", key) }
    let shelved = OutriderV1.ShelvedSnapshot(
      key: key, digest: digest, byteCount: UInt64(state.count))
    return shelved.snapshot
  }

  public func isReference(_ snapshot: Bytes) -> Bool {
    OutriderV1.ShelvedSnapshot(inSnapshot: snapshot) != nil
  }

  public func state(_ reference: Bytes) async throws(ShelfError) -> Bytes {
    guard let shelved = OutriderV1.ShelvedSnapshot(inSnapshot: reference) else {
      throw ShelfError(.altered, "the snapshot is no reference to an object")
    }
    guard shelved.byteCount <= byteCountMax else {
      throw ShelfError(
        .altered, "\(place(of: shelved.key)) is said to have \(shelved.byteCount) bytes")
    }
    let answer = try await ask("GET", shelved.key, answerBytesMax: Int(shelved.byteCount))
    if answer.code == 404 {
      throw ShelfError(.missing, "\(place(of: shelved.key)) is not there: \(answer.status)")
    }
    guard answer.code == 200 else { throw refusal(answer, of: "GET", shelved.key) }
    guard answer.body.count == shelved.byteCount, LibCrypto.sha256(answer.body) == shelved.digest
    else {
      throw ShelfError(
        .altered,
        "\(place(of: shelved.key)) has another content than was put: \(answer.body.count) bytes of "
          + "\(shelved.byteCount)")
    }
    return answer.body
  }

  private func ask(
    _ method: String, _ key: String, body: Bytes = [], digest: String? = nil,
    answerBytesMax: Int = 0
  ) async throws(ShelfError) -> WebAnswer {
    do {
      let path = bucket.path(of: key)
      let bodyDigest = digest ?? LibCrypto.hexSHA256(body)
      let signature = RequestSignature(try credentials(), region: bucket.region, at: now())
      let headers = signature.headers(
        method, path, [("host", bucket.hostHeader), ("x-amz-content-sha256", bodyDigest)],
        bodyDigest: bodyDigest)
      // Room for the error document of a refusal, which may be longer than the object.
      return try await server.send(
        method, path, headers: headers.filter { $0.name != "host" }, body: body, timeout: timeout,
        byteCountMax: answerBytesMax + (64 << 10))
    } catch {
      throw ShelfError(.unavailable, "\(method) \(place(of: key)) failed: \(error)")
    }
  }

  private func refusal(_ answer: WebAnswer, of method: String, _ key: String) -> ShelfError {
    let code = Self.errorCode(in: answer.body).map { ", \($0)" } ?? ""
    return ShelfError(
      .unavailable, "\(method) \(place(of: key)) was answered \(answer.status)\(code)")
  }

  private func place(of key: String) -> String { "s3://\(bucket.name)/\(key)" }

  /// The `Code` of an error document (Amazon S3 API Reference, "Error responses").
  private static func errorCode(in document: [UInt8]) -> String? {
    let text = String(decoding: document.prefix(4096), as: UTF8.self)
    guard let start = text.firstRange(of: "<Code>"),
      let end = text[start.upperBound...].firstRange(of: "</Code>")
    else { return nil }
    let code = text[start.upperBound..<end.lowerBound]
    return code.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? String(code) : nil
  }
}
