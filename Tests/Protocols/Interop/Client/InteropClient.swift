import Glibc
import InteropMessages
import RPC
import RPCTransport

/// The client of gRPC's interoperability tests:
/// `interop-client --server_host=HOST --server_port=PORT --test_case=CASE`, with
/// `--use_tls=true --ca_file=FILE` over TLS.
///
/// Fails, and says why, if the server or the call does anything but what
/// `doc/interop-test-descriptions.md` says.
@main struct InteropClient {
  static func main() async throws {
    let flags = try Flags([
      "server_host": "127.0.0.1", "server_port": "0", "test_case": "large_unary",
      "soak_iterations": "10", "soak_max_failures": "0",
      "soak_per_iteration_max_acceptable_latency_ms": "1000",
      "soak_overall_timeout_seconds": "60", "soak_min_time_ms_between_rpcs": "0",
      "use_tls": "false", "ca_file": "", "server_host_override": "",
    ])
    let name = flags["test_case"]
    guard let run = TestCase.all[name] else {
      throw CaseFailure("there is no case \(name), only \(TestCase.all.keys.sorted())")
    }
    let loops = EventLoops(threads: 1)
    let target = Address.tcp(host: flags["server_host"], port: try flags.int("server_port"))
    let configuration = try configuration(flags)
    let newChannel = { @Sendable in HTTP2Channel(to: target, configuration, on: loops) }
    let setting = Setting(
      channel: newChannel(), soak: try SoakSetting(flags), newChannel: newChannel)
    do { try await run(setting) } catch {
      print("\(name) failed: \(error)")
      exit(1)
    }
    await setting.channel.close()
    try await loops.shutdown()
    print("\(name) passed")
  }

  private static func configuration(_ flags: Flags) throws -> HTTP2ChannelConfiguration {
    var configuration = HTTP2ChannelConfiguration()
    if flags["use_tls"] == "true" {
      let name = flags["server_host_override"]
      configuration.tls = try ClientTLS(
        TLSFiles(authorities: flags["ca_file"]), serverName: name.isEmpty ? nil : name)
    }
    return configuration
  }
}

/// What a case has at hand.
struct Setting: Sendable {
  let channel: any RPCChannel
  let soak: SoakSetting
  let newChannel: @Sendable () -> any RPCChannel
}

/// The cases by their names.
enum TestCase {
  typealias Run = @Sendable (Setting) async throws -> Void

  static let all: [String: Run] = unary.merging(streaming) { $1 }.merging(soak) { $1 }
    .merging(http2) { $1 }.merging(mixed) { $1 }.merging(compression) { $1 }
    .merging(leak) { $1 }
}

/// Why a case failed.
struct CaseFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

func expect(_ condition: Bool, _ what: @autoclosure () -> String) throws {
  guard condition else { throw CaseFailure(what()) }
}

/// Runs what must fail with this status; returns it.
@discardableResult
func expect(
  _ code: RPCStatus.Code, _ what: String, of body: () async throws -> Void
) async throws -> RPCStatus {
  do { try await body() } catch let status as RPCStatus {
    try expect(status.code == code, "\(what) ended with \(status) rather than \(code)")
    return status
  }
  throw CaseFailure("\(what) succeeded rather than end with \(code)")
}
