/// Bytes whose meaning this layer does not look at.
public typealias Bytes = [UInt8]
