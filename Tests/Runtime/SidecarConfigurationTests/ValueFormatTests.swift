import OutriderTesting
import Testing

@testable import SidecarConfiguration

@Suite struct ValueFormatTests {
  @Test(arguments: [
    ("500ms", Duration.milliseconds(500)), ("2s", .seconds(2)), ("1m", .seconds(60)),
    ("24h", .seconds(86_400)), ("0s", .zero),
  ])
  func durationIsANumberAndAUnit(text: String, duration: Duration) {
    let format = ValueFormat<Duration>.duration(.zero...(.seconds(86_400)))
    #expect(format.parse(text) == duration)
    #expect(format.parse(format.write(duration)) == duration)
  }

  @Test(arguments: [
    "", "5", "s", "-1s", "+1s", "1 s", " 1s", "1.5s", "1S", "1sec", "25h", "1d", "٣s",
    "99999999999999999999s", "9223372036854775807h",
  ])
  func whatIsNotExactlyADurationIsRefused(text: String) {
    #expect(ValueFormat<Duration>.duration(.zero...(.seconds(86_400))).parse(text) == nil)
  }

  @Test(arguments: [("0B", 0), ("512KiB", 512 << 10), ("4MiB", 4 << 20), ("1GiB", 1 << 30)])
  func sizeIsANumberAndABinaryUnit(text: String, size: Int) {
    let format = ValueFormat<Int>.byteSize(0...1 << 40)
    #expect(format.parse(text) == size)
    #expect(format.write(size) == text)
  }

  @Test(arguments: ["", "4", "4MB", "4mib", "4 MiB", "-4MiB", "2000GiB", "9223372036854775807GiB"])
  func whatIsNotExactlyASizeIsRefused(text: String) {
    #expect(ValueFormat<Int>.byteSize(0...1 << 40).parse(text) == nil)
  }

  @Test func metricsAreServedOnAHostAndAPort() throws {
    #expect(try resolve().metrics.listen == nil)
    let listen = try resolve(flags: ["metrics.listen": "[::1]:9464"]).metrics.listen
    #expect(listen == .tcp(host: "::1", port: 9464))
    for text in ["9464", ":9464", "host", "host:65536", "unix:/run/metrics", ""] {
      #expect(problems(flags: ["metrics.listen": text]).count == 1)
    }
  }

  @Test(arguments: ["yes", "True", "1", "", "on"])
  func booleanIsTrueOrFalse(text: String) {
    #expect(ValueFormat<Bool>.boolean.parse(text) == nil)
    #expect(ValueFormat<Bool>.boolean.parse("true") == true)
  }

  @Test(arguments: ["127.0.0.1:1737", "[::1]:0", "logic.bank.svc:65535", "unix:/run/logic.sock"])
  func endpointIsReadAndWritten(text: String) throws {
    #expect(try #require(Endpoint(text)).description == text)
  }

  @Test(arguments: [
    "", ":1", "host", "host:", "host:65536", "host:-1", "::1:80", "[::1]", "[host]:1", "unix:",
    "http://host:80", "ho st:1", "unix:/" + String(repeating: "x", count: 107), "host:1 ",
  ])
  func whatIsNoEndpointIsRefused(text: String) {
    #expect(Endpoint(text) == nil)
  }

  @Test func storeIsReadAndWritten() {
    #expect(StoreLocation("memory") == .memory)
    #expect(StoreLocation("sqlite:/var/lib/outrider") == .sqlite(directory: "/var/lib/outrider"))
    for text in ["", "sqlite", "sqlite:", "Memory", "postgres://host"] {
      #expect(StoreLocation(text) == nil)
    }
  }

  @Test func aStoresPasswordIsNeverWritten() {
    for scheme in ["mongodb", "mongodb+srv"] {
      let uri = "\(scheme)://ann:s3cret@host:1/db?w=1"
      #expect(StoreLocation(uri) == .mongodb(uri: uri))
      #expect(StoreLocation(uri)?.description == "\(scheme)://ann:***@host:1/db?w=1")
    }
    for uri in ["mongodb://h/db", "mongodb://ann@h/db?tls=true&w=1"] {
      #expect(StoreLocation(uri)?.description == uri)
    }
  }

  @Test(arguments: [
    "mongodb://h/db?tls=true&tlsCertificateKeyFilePassword=s3cret",
    "mongodb://h/db?TLSCERTIFICATEKEYFILEPASSWORD=s3cret&w=1",
    "mongodb://h/db?sslClientCertificateKeyPassword=s3cret",
    "mongodb://h/db?authMechanismProperties=AWS_SESSION_TOKEN:s3cret",
    "mongodb://ann:a/s3cret@h/db", "mongodb://ann:a?s3cret@h/db", "mongodb://ann:a@s3cret@h/db",
    "mongodb://ann:a@b/s3cret@h/db", "mongodb://h/db?x=a@b&tlsCertificateKeyFilePassword=s3cret",
    "mongodb://h:1/db?tlsCertificateKeyFilePassword=s3cret@x", "mongodb://h/db?password=s3cret@x",
    "mongodb://h/db?password=a?s3cret", "mongodb://h/db?password=a=s3cret?b",
    "mongodb://h/db?w=1?&password=?s3cret",
  ])
  func noSecretOfAURIIsWritten(_ uri: String) {
    #expect(StoreLocation(uri)?.description.contains("s3cret") == false)
    let refused = problems(flags: ["store": uri.replacing("mongodb:", with: "mango:")])
    #expect(refused.count == 1)
    #expect(!refused.joined().contains("s3cret"))
  }

  @Test(arguments: [
    ("https://login.example/keys", "login.example", 443, "/keys"),
    ("https://login.example:8443", "login.example", 8443, "/"),
    ("https://[2001:db8::1]/a?b=c", "2001:db8::1", 443, "/a?b=c"),
    ("https://login.example?b=c", "login.example", 443, "/?b=c"),
    ("http://127.0.0.1:80/keys", "127.0.0.1", 80, "/keys"),
  ])
  func keysMayLieOnTheWeb(text: String, host: String, port: Int, path: String) throws {
    guard case .web(let address)? = KeySource(text) else {
      Issue.record("no web address")
      return
    }
    #expect((address.host, address.port, address.path) == (host, port, path))
    #expect(WebAddress(address.description) == address)
  }

  @Test(arguments: [
    "http://login.example/keys", "https://", "https:///keys", "https://ann@host/",
    "https://host:0/",
    "https://host:x/", "https://[::1/", "https://ho st/", "https://host/#keys", "https://host/\r\n",
  ])
  func whatIsNoWebAddressIsNoFileEither(text: String) {
    #expect(KeySource(text) == nil)
  }

  @Test func otherKeysLieInAFile() {
    #expect(KeySource("keys/https:") == .file("keys/https:"))
    #expect(KeySource("") == nil)
  }

  @Test(arguments: ["", "a b", "a/b", "ä", String(repeating: "x", count: 256)])
  func nameIsAPlainWord(text: String) {
    #expect(ValueFormat<String>.name.parse(text) == nil)
  }

  @Test func nearestNameIsSuggested() {
    #expect(nearest(to: "prot", in: ["port", "store"]) == "port")
    #expect(nearest(to: "zebra", in: ["port", "store"]) == nil)
    #expect(editDistance("kitten", "sitting") == 3)
    #expect(editDistance("stroe", "store") == 1)
    #expect(editDistance("", "abc") == 3)
  }
}
