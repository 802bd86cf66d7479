import EventModel
import OutriderTesting
import RPC
import Sidecars
import Testing

@Suite(.timeLimit(.minutes(5))) struct ReflectionTests {
  private let channel = InProcessChannel(
    Service.reflecting([Service("evented.EventQuery", [:]), Service("outrider.v1.Log", [:])]))

  /// The answers to these questions, asked in one call.
  private func ask(_ questions: Bytes..., version: String = "v1") async throws -> [Bytes] {
    let call = try await channel.stream(
      Method(service: "grpc.reflection.\(version).ServerReflection", name: "ServerReflectionInfo"))
    for question in questions { try await call.send(question) }
    call.finishSending()
    var answers: [Bytes] = []
    for try await answer in call.responses { answers.append(answer) }
    return answers
  }

  /// The files' names.
  private func files(_ answer: Bytes) -> [String] {
    content(4, of: answer).flatMap { content(1, of: $0) }.flatMap { content(1, of: $0) }.map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  private func errorCode(_ answer: Bytes) -> UInt64? {
    content(7, of: answer).first.flatMap { value(1, of: $0) }
  }

  @Test(arguments: ["v1", "v1alpha"]) func everyServiceIsListed(_ version: String) async throws {
    let answer = try #require(try await ask(field(7, "*"), version: version).first)
    let names = content(1, of: content(6, of: answer)[0]).map {
      String(decoding: content(1, of: $0)[0], as: UTF8.self)
    }
    #expect(
      names == [
        "evented.EventQuery", "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection", "outrider.v1.Log",
      ])
  }

  @Test(arguments: [
    "evented.EventQuery", "evented.EventQuery.GetEvents", "evented.EventPage",
    "evented.EventPage.num", "evented.EventPage.sequence", "evented.EventBook.HeadersEntry",
  ])
  func aSymbolLeadsToItsFileAndWhatThatImports(_ symbol: String) async throws {
    let answer = try #require(try await ask(field(4, symbol)).first)
    let names = files(answer)
    #expect(names.first == "evented/evented.proto")
    #expect(
      Set(names.dropFirst()) == [
        "google/protobuf/any.proto", "google/protobuf/empty.proto",
        "google/protobuf/timestamp.proto",
      ])
  }

  @Test(arguments: [
    ("grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto"),
    ("grpc.health.v1.HealthCheckResponse.SERVING", "grpc/health/v1/health.proto"),
    ("grpc.reflection.v1alpha.ServerReflection", "grpc/reflection/v1alpha/reflection.proto"),
    ("outrider.v1.Log", "outrider/v1/log.proto"),
  ])
  func everyKindOfSymbolIsKnown(_ symbol: String, _ file: String) async throws {
    #expect(try await ask(field(4, symbol)).map { files($0).first } == [file])
  }

  @Test func aFileIsFoundByItsName() async throws {
    #expect(
      try await ask(field(3, "google/protobuf/any.proto")).map(files)
        == [["google/protobuf/any.proto"]])
  }

  @Test func whatIsUnknownIsAnErrorAndTheCallGoesOn() async throws {
    let answers = try await ask(
      field(3, "no.proto"), field(4, "no.Symbol"),
      field(5, field(1, "evented.Cover") + field(2, 9)),
      field(6, "no.Message"), [], field(6, "evented.Cover"))
    #expect(answers.map(errorCode) == [5, 5, 5, 5, 12, nil])
    #expect(answers.last.map { content(5, of: $0) } == [field(1, "evented.Cover")])
  }

  @Test func hostAndRequestComeBack() async throws {
    let request = field(1, "here") + field(4, "no.Symbol")
    let answer = try #require(try await ask(request).first)
    #expect(content(1, of: answer) == [Bytes("here".utf8)])
    #expect(content(2, of: answer) == [request])
  }

  @Test func bytesThatAreNoRequestEndTheCall() async {
    let status = await #expect(throws: RPCStatus.self) { _ = try await ask([0xff]) }
    #expect(status?.code == .invalidArgument)
  }
}
