import CWire
import EventModel
import StatusCodes

extension GRPCReflectionV1 {
  /// A question about a server's services and types.
  public struct Request: WireDecodable, Equatable {
    public enum Question: Sendable, Equatable {
      case file(String)
      case symbol(String)
      case `extension`(of: String, number: Int32)
      case extensionNumbers(of: String)
      case services
    }

    /// Echoed in the response.
    public var host = ""
    /// Nil: an unknown kind of question.
    public var question: Question?
    /// The request's original bytes.
    let original: Bytes

    public init(wireBytes: Bytes) throws(WireError) {
      original = wireBytes
      (host, question) = try unpack(Grpc__Reflection__V1__ServerReflectionRequest.self, wireBytes) {
        message throws(WireError) in
        (text(message.pointee.host), Question(message.pointee))
      }
    }
  }

  /// The answer to one question.
  public struct Response: WireEncodable {
    public enum Answer: Sendable {
      /// Each a `google.protobuf.FileDescriptorProto`.
      case files([Bytes])
      case extensionNumbers(of: String, [Int32])
      /// Full names.
      case services([String])
      /// A status code, and a text for people.
      case failure(StatusCode, String)
    }

    public var request: Request
    public var answer: Answer

    public init(_ answer: Answer, to request: Request) {
      self.answer = answer
      self.request = request
    }

    public var wireBytes: Bytes {
      var writer = FieldWriter()
      writer.text(1, request.host)
      writer.field(2, request.original)
      writer.field(answer.number, answer.content)
      return writer.bytes
    }
  }
}

extension GRPCReflectionV1.Request.Question {
  init?(_ request: Grpc__Reflection__V1__ServerReflectionRequest) {
    switch request.message_request_case {
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_BY_FILENAME:
      self = .file(text(request.file_by_filename))
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_SYMBOL:
      self = .symbol(text(request.file_containing_symbol))
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_EXTENSION:
      guard let asked = request.file_containing_extension?.pointee else { return nil }
      self = .extension(of: text(asked.containing_type), number: asked.extension_number)
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_ALL_EXTENSION_NUMBERS_OF_TYPE:
      self = .extensionNumbers(of: text(request.all_extension_numbers_of_type))
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_LIST_SERVICES:
      self = .services
    default: return nil
    }
  }
}

extension GRPCReflectionV1.Response.Answer {
  /// The response's field for this answer.
  fileprivate var number: UInt32 {
    switch self {
    case .files: 4
    case .extensionNumbers: 5
    case .services: 6
    case .failure: 7
    }
  }

  fileprivate var content: Bytes {
    var writer = FieldWriter()
    switch self {
    case .files(let files):
      for file in files { writer.field(1, file) }
    case .extensionNumbers(let type, let numbers):
      writer.text(1, type)
      for number in numbers { writer.numberEvenIfZero(2, UInt64(bitPattern: Int64(number))) }
    case .services(let names):
      for name in names {
        var service = FieldWriter()
        service.text(1, name)
        writer.field(1, service.bytes)
      }
    case .failure(let code, let message):
      writer.number(1, UInt64(code.rawValue))
      writer.text(2, message)
    }
    return writer.bytes
  }
}
