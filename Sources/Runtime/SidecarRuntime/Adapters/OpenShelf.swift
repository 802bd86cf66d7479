import CallSecurity
import EventSourcing
import Files
import Logging
import ObjectStorage
import RPCTransport
import SidecarConfiguration
import Telemetry
import Timing

/// The object store of large snapshots, and its watch.
struct Shelf: Sendable {
  let shelf: any SnapshotShelf
  let watch: ShelfWatch

  /// The store, with large snapshots moved to the shelf.
  func holding(
    snapshotsOf store: any EventStore, _ configuration: Configuration
  ) -> any EventStore {
    ShelvedSnapshots(
      store, on: shelf, from: configuration.snapshots.minSize,
      commitBytesMax: configuration.limit.commitSize, observe: watch.note)
  }
}

extension Configuration {
  /// Nil if snapshots are stored in their commits. Contacts no server yet. Throws `SidecarError`
  /// if a file cannot be used.
  func openShelf(_ logger: Logger) throws -> Shelf? {
    guard let place = snapshots.store else { return nil }
    let tls: ClientTLS?
    do {
      tls =
        try place.isSecure
        ? ClientTLS(TLSFiles(authorities: snapshots.authorities), protocols: ["http/1.1"]) : nil
    } catch {
      throw SidecarError(file: "snapshots.authorities", error)
    }
    let shelf = ObjectShelf(
      Bucket(place), tls: tls, timeout: snapshots.timeout, now: Environment.live.now,
      credentials: try credentials(logger))
    return Shelf(shelf: shelf, watch: ShelfWatch(logger))
  }

  /// The credentials in the file, which is reloaded when it changes.
  private func credentials(_ logger: Logger) throws -> @Sendable () -> Credentials {
    let path = snapshots.credentialsFile ?? ""
    do {
      let file = try FileBackedValue(every: .seconds(10)) {
        try readSmallFile(path)
      } make: { bytes in
        try Credentials(file: String(decoding: bytes, as: UTF8.self))
      } failed: { failure in
        logger.warning("the old credentials stay: \(path): \(failure)")
      }
      return { file.current() }
    } catch {
      throw SidecarError(file: "snapshots.credentials-file: \(path)", error)
    }
  }
}

extension Bucket {
  fileprivate init(_ place: ObjectStoreLocation) {
    let usual = place.isSecure ? 443 : 80
    self.init(
      host: place.host, port: place.port,
      authority: place.port == usual ? place.host : "\(place.host):\(place.port)",
      name: place.bucket, prefix: place.prefix, region: place.region, isInPath: place.isInPath)
  }
}

extension Credentials {
  private static let names = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"]

  /// Parses lines of `NAME = VALUE`, as in a profile of AWS's credentials file.
  fileprivate init(file text: String) throws(SidecarError) {
    var values: [String: String] = [:]
    for line in text.split(separator: "\n") where line.contains("=") {
      let sides = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let (name, value) = (sides[0].filter { !$0.isWhitespace }, sides[1])
      values[name.lowercased()] = String(value.filter { !$0.isWhitespace })
    }
    guard let keyID = values[Self.names[0]], let secret = values[Self.names[1]],
      !keyID.isEmpty, !secret.isEmpty
    else {
      throw SidecarError(
        "there must be lines with \(Self.names[0]) = ID and \(Self.names[1]) = SECRET", .badFile)
    }
    self.init(keyID: keyID, secret: secret, sessionToken: values[Self.names[2]])
  }
}
