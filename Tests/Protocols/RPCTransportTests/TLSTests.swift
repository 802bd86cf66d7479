import Foundation
import NIOCore
import NIOPosix
import RPC
import RPCTransport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) final class TLSTests {
  /// Answers with the names of its caller.
  static let whoAmI = service(
    "Who",
    .unary { _, context in
      let caller = context.caller
      let names = caller.names.map(\.description).joined(separator: " ")
      return Array("\(caller.proof) \(names) until \(caller.expires)".utf8)
    })

  let directory = FileManager.default.temporaryDirectory
    .appending(path: "outrider-tls-\(UInt64.random(in: 0...UInt64.max))")

  init() throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  func file(_ name: String, _ content: String) throws -> String {
    let url = directory.appending(path: name)
    try Data(content.utf8).write(to: url)
    return url.path
  }

  func files(
    _ certificate: String? = nil, _ key: String? = nil, trusting authorities: String? = nil
  ) throws -> TLSFiles {
    func named(_ content: String?) throws -> String? {
      try content.map { try file("\(UInt64.random(in: 0...UInt64.max)).pem", $0) }
    }
    return TLSFiles(
      certificate: try named(certificate), key: try named(key),
      authorities: try named(authorities))
  }

  func withTLS(
    server: TLSFiles, client: TLSFiles, serverName: String? = nil,
    _ body: (HTTP2Channel, Address) async throws -> Void
  ) async throws {
    var configuration = RPCServerConfiguration()
    configuration.tls = try ServerTLS(server)
    var settings = HTTP2ChannelConfiguration()
    settings.tls = try ClientTLS(client, serverName: serverName)
    try await withServer(Self.whoAmI, configuration, client: settings) { channel, address, _ in
      try await body(channel, address)
    }
  }

  @Test func callGoesOverTLSToTheServerThatItMeant() async throws {
    try await withTLS(
      server: files(Certificates.server, Certificates.serverKey),
      client: files(trusting: Certificates.ca)
    ) { channel, _ in
      let answer = try await channel.unary(method("Who"), [])
      #expect(String(decoding: answer, as: UTF8.self) == "none  until inf")
    }
  }

  /// Of a name's addresses, each must prove to be that name.
  @Test func balancedServersMustProveTheNameThatWasMeant() async throws {
    try await withTLS(
      server: files(Certificates.client, Certificates.clientKey),
      client: files(trusting: Certificates.ca)
    ) { _, address in
      var settings = BalancedChannel.Configuration()
      settings.channel.tls = try ClientTLS(files(trusting: Certificates.ca))
      for (name, code) in [("web.shop", RPCStatus.Code.ok), ("other.shop", .unavailable)] {
        settings.channel.hostName = name
        let channel = BalancedChannel(settings, on: loops) { () throws(RPCStatus) in [address] }
        let status = await status { () throws(RPCStatus) in
          _ = try await channel.unary(method("Who"), [])
        }
        #expect(status.code == code)
        await channel.close()
      }
    }
  }

  /// The certificate is for 127.0.0.1, too, which is where the name led.
  @Test func certificateForTheAddressIsNoneForTheName() async throws {
    try await withTLS(
      server: files(Certificates.server, Certificates.serverKey),
      client: files(trusting: Certificates.ca), serverName: "web.shop"
    ) { channel, _ in try await expectUnavailable(channel) }
    try await withTLS(
      server: files(Certificates.server, Certificates.serverKey),
      client: files(trusting: Certificates.ca), serverName: "LocalHost."
    ) { channel, _ in _ = try await channel.unary(method("Who"), []) }
  }

  @Test func clientsCertificateNamesTheCaller() async throws {
    try await withTLS(
      server: files(Certificates.server, Certificates.serverKey, trusting: Certificates.ca),
      client: files(Certificates.client, Certificates.clientKey, trusting: Certificates.ca)
    ) { channel, _ in
      let answer = try await channel.unary(method("Who"), [])
      let text = String(decoding: answer, as: UTF8.self)
      #expect(text == "certificate uri:spiffe://shop/web dns:web.shop until 4948874163.0")
    }
  }

  @Test func clientWithoutACertificateIsRefused() async throws {
    try await withTLS(
      server: files(Certificates.server, Certificates.serverKey, trusting: Certificates.ca),
      client: files(trusting: Certificates.ca)
    ) { channel, _ in try await expectUnavailable(channel) }
  }

  @Test func clientOfAnotherAuthorityIsRefused() async throws {
    try await withTLS(
      server: files(Certificates.server, Certificates.serverKey, trusting: Certificates.ca),
      client: files(Certificates.stranger, Certificates.strangerKey, trusting: Certificates.ca)
    ) { channel, _ in try await expectUnavailable(channel) }
  }

  @Test func serverOfAnotherAuthorityIsRefused() async throws {
    try await withTLS(
      server: files(Certificates.renewed, Certificates.renewedKey),
      client: files(trusting: Certificates.ca)
    ) { channel, _ in try await expectUnavailable(channel) }
  }

  @Test func serverOfAnotherNameIsRefused() async throws {
    try await withTLS(
      server: files(Certificates.client, Certificates.clientKey),
      client: files(trusting: Certificates.ca)
    ) { channel, _ in try await expectUnavailable(channel) }
  }

  @Test func serverMayBeKnownByAnotherNameThanItsAddress() async throws {
    try await withTLS(
      server: files(Certificates.client, Certificates.clientKey),
      client: files(trusting: Certificates.ca), serverName: "web.shop"
    ) { channel, _ in
      await #expect(throws: Never.self) { try await channel.unary(method("Who"), []) }
    }
  }

  @Test func clientWithoutTLSIsRefused() async throws {
    try await withTLS(
      server: files(Certificates.server, Certificates.serverKey),
      client: files(trusting: Certificates.ca)
    ) { channel, address in
      let plain = HTTP2Channel(to: address, on: loops)
      try await expectUnavailable(plain)
      await plain.close()
      _ = try await channel.unary(method("Who"), [])
    }
  }

  @Test func changedCertificateServesTheNextConnection() async throws {
    let told = Mutex(0)
    var server = try files(Certificates.server, Certificates.serverKey)
    server.checkInterval = .zero
    server.reloadFailed = { _ in told.withLock { $0 += 1 } }
    try await withTLS(server: server, client: files(trusting: Certificates.ca)) {
      channel, address in
      _ = try await channel.unary(method("Who"), [])
      // The key does not fit yet: nothing changes.
      try Data(Certificates.renewed.utf8).write(to: URL(filePath: server.certificate!))
      for _ in 0..<2 { _ = try await connect(to: address, trusting: Certificates.ca) }
      #expect(told.withLock { $0 } == 1)
      try Data(Certificates.renewedKey.utf8).write(to: URL(filePath: server.key!))
      _ = try await connect(to: address, trusting: Certificates.other)
    }
  }

  @Test func fileThatIsNoCertificateIsNamed() throws {
    let nonsense = try files("nonsense", "nonsense")
    let error = #expect(throws: TransportError.self) { try ServerTLS(nonsense) }
    #expect(error?.kind == .badCertificate)
    #expect(error?.message.contains(nonsense.certificate!) == true)
  }

  /// One call on a connection of its own.
  private func connect(to address: Address, trusting authority: String) async throws -> Message {
    var settings = HTTP2ChannelConfiguration()
    settings.tls = try ClientTLS(files(trusting: authority))
    let channel = HTTP2Channel(to: address, settings, on: loops)
    let result: Result<Message, RPCStatus>
    do throws(RPCStatus) {
      result = .success(try await channel.unary(method("Who"), []))
    } catch {
      result = .failure(error)
    }
    await channel.close()
    return try result.get()
  }

  private func expectUnavailable(_ channel: HTTP2Channel) async throws {
    let error = await #expect(throws: RPCStatus.self) {
      try await channel.unary(method("Who"), [])
    }
    #expect(error?.code == .unavailable)
  }
}
