/// One gRPC message as its bytes, without the five-byte prefix that it has on the wire.
///
/// `RPC` never looks inside: what the bytes mean is for `Wire` and for the handlers to say.
public typealias Message = [UInt8]
