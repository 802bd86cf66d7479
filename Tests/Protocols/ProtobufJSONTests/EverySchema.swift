import Encodings
import ProtobufJSON

/// A schema with a field of every kind, as protoc 3.21 described it:
///
/// syntax = "proto3";
/// package sample;
/// import "google/protobuf/any.proto";
/// import "google/protobuf/duration.proto";
/// import "google/protobuf/timestamp.proto";
/// import "google/protobuf/wrappers.proto";
///
/// message Everything {
///   double double_value = 1;
///   float float_value = 2;
///   int32 int32_value = 3;
///   int64 int64_value = 4;
///   uint32 uint32_value = 5;
///   uint64 uint64_value = 6;
///   sint32 sint32_value = 7;
///   sint64 sint64_value = 8;
///   fixed32 fixed32_value = 9;
///   fixed64 fixed64_value = 10;
///   sfixed32 sfixed32_value = 11;
///   sfixed64 sfixed64_value = 12;
///   bool bool_value = 13;
///   string string_value = 14;
///   bytes bytes_value = 15;
///   Color color = 16;
///   Inner inner = 17;
///   repeated int32 packed = 18;
///   repeated sint64 unpacked = 19 [packed = false];
///   repeated string names = 20;
///   map<string, Inner> by_name = 21;
///   map<int64, string> by_number = 22;
///   map<bool, Color> by_flag = 23;
///   oneof choice {
///     string first = 24;
///     Inner second = 25;
///   }
///   google.protobuf.Timestamp at = 26;
///   google.protobuf.Duration took = 27;
///   google.protobuf.Any detail = 28;
///   google.protobuf.StringValue note = 29;
///   google.protobuf.UInt64Value count = 30;
///   optional int32 maybe = 31;
///   string odd_name = 32 [json_name = "peculiar"];
///
///   enum Color {
///     BLACK = 0;
///     RED = 1;
///     INFRARED = -1;
///   }
///
///   message Inner {
///     string text = 1;
///     Everything again = 2;
///   }
/// }
func everySchema() throws -> Schema {
  guard let bytes = Base64.decode(everyDescriptor.utf8.filter { $0 != UInt8(ascii: "\n") }) else {
    fatalError("the fixture is not Base64")
  }
  return try Schema(descriptorSet: bytes)
}

let everyDescriptor = """
  CuQBChlnb29nbGUvcHJvdG9idWYvYW55LnByb3RvEg9nb29nbGUucHJvdG9idWYiNgoDQW55EhkKCHR5cGVfdXJsGAEg
  ASgJUgd0eXBlVXJsEhQKBXZhbHVlGAIgASgMUgV2YWx1ZUJ2ChNjb20uZ29vZ2xlLnByb3RvYnVmQghBbnlQcm90b1AB
  Wixnb29nbGUuZ29sYW5nLm9yZy9wcm90b2J1Zi90eXBlcy9rbm93bi9hbnlwYqICA0dQQqoCHkdvb2dsZS5Qcm90b2J1
  Zi5XZWxsS25vd25UeXBlc2IGcHJvdG8zCvsBCh5nb29nbGUvcHJvdG9idWYvZHVyYXRpb24ucHJvdG8SD2dvb2dsZS5w
  cm90b2J1ZiI6CghEdXJhdGlvbhIYCgdzZWNvbmRzGAEgASgDUgdzZWNvbmRzEhQKBW5hbm9zGAIgASgFUgVuYW5vc0KD
  AQoTY29tLmdvb2dsZS5wcm90b2J1ZkINRHVyYXRpb25Qcm90b1ABWjFnb29nbGUuZ29sYW5nLm9yZy9wcm90b2J1Zi90
  eXBlcy9rbm93bi9kdXJhdGlvbnBi+AEBogIDR1BCqgIeR29vZ2xlLlByb3RvYnVmLldlbGxLbm93blR5cGVzYgZwcm90
  bzMK/wEKH2dvb2dsZS9wcm90b2J1Zi90aW1lc3RhbXAucHJvdG8SD2dvb2dsZS5wcm90b2J1ZiI7CglUaW1lc3RhbXAS
  GAoHc2Vjb25kcxgBIAEoA1IHc2Vjb25kcxIUCgVuYW5vcxgCIAEoBVIFbmFub3NChQEKE2NvbS5nb29nbGUucHJvdG9i
  dWZCDlRpbWVzdGFtcFByb3RvUAFaMmdvb2dsZS5nb2xhbmcub3JnL3Byb3RvYnVmL3R5cGVzL2tub3duL3RpbWVzdGFt
  cHBi+AEBogIDR1BCqgIeR29vZ2xlLlByb3RvYnVmLldlbGxLbm93blR5cGVzYgZwcm90bzMKhgQKHmdvb2dsZS9wcm90
  b2J1Zi93cmFwcGVycy5wcm90bxIPZ29vZ2xlLnByb3RvYnVmIiMKC0RvdWJsZVZhbHVlEhQKBXZhbHVlGAEgASgBUgV2
  YWx1ZSIiCgpGbG9hdFZhbHVlEhQKBXZhbHVlGAEgASgCUgV2YWx1ZSIiCgpJbnQ2NFZhbHVlEhQKBXZhbHVlGAEgASgD
  UgV2YWx1ZSIjCgtVSW50NjRWYWx1ZRIUCgV2YWx1ZRgBIAEoBFIFdmFsdWUiIgoKSW50MzJWYWx1ZRIUCgV2YWx1ZRgB
  IAEoBVIFdmFsdWUiIwoLVUludDMyVmFsdWUSFAoFdmFsdWUYASABKA1SBXZhbHVlIiEKCUJvb2xWYWx1ZRIUCgV2YWx1
  ZRgBIAEoCFIFdmFsdWUiIwoLU3RyaW5nVmFsdWUSFAoFdmFsdWUYASABKAlSBXZhbHVlIiIKCkJ5dGVzVmFsdWUSFAoF
  dmFsdWUYASABKAxSBXZhbHVlQoMBChNjb20uZ29vZ2xlLnByb3RvYnVmQg1XcmFwcGVyc1Byb3RvUAFaMWdvb2dsZS5n
  b2xhbmcub3JnL3Byb3RvYnVmL3R5cGVzL2tub3duL3dyYXBwZXJzcGL4AQGiAgNHUEKqAh5Hb29nbGUuUHJvdG9idWYu
  V2VsbEtub3duVHlwZXNiBnByb3RvMwr9DQoMc2FtcGxlLnByb3RvEgZzYW1wbGUaGWdvb2dsZS9wcm90b2J1Zi9hbnku
  cHJvdG8aHmdvb2dsZS9wcm90b2J1Zi9kdXJhdGlvbi5wcm90bxofZ29vZ2xlL3Byb3RvYnVmL3RpbWVzdGFtcC5wcm90
  bxoeZ29vZ2xlL3Byb3RvYnVmL3dyYXBwZXJzLnByb3RvIuAMCgpFdmVyeXRoaW5nEiEKDGRvdWJsZV92YWx1ZRgBIAEo
  AVILZG91YmxlVmFsdWUSHwoLZmxvYXRfdmFsdWUYAiABKAJSCmZsb2F0VmFsdWUSHwoLaW50MzJfdmFsdWUYAyABKAVS
  CmludDMyVmFsdWUSHwoLaW50NjRfdmFsdWUYBCABKANSCmludDY0VmFsdWUSIQoMdWludDMyX3ZhbHVlGAUgASgNUgt1
  aW50MzJWYWx1ZRIhCgx1aW50NjRfdmFsdWUYBiABKARSC3VpbnQ2NFZhbHVlEiEKDHNpbnQzMl92YWx1ZRgHIAEoEVIL
  c2ludDMyVmFsdWUSIQoMc2ludDY0X3ZhbHVlGAggASgSUgtzaW50NjRWYWx1ZRIjCg1maXhlZDMyX3ZhbHVlGAkgASgH
  UgxmaXhlZDMyVmFsdWUSIwoNZml4ZWQ2NF92YWx1ZRgKIAEoBlIMZml4ZWQ2NFZhbHVlEiUKDnNmaXhlZDMyX3ZhbHVl
  GAsgASgPUg1zZml4ZWQzMlZhbHVlEiUKDnNmaXhlZDY0X3ZhbHVlGAwgASgQUg1zZml4ZWQ2NFZhbHVlEh0KCmJvb2xf
  dmFsdWUYDSABKAhSCWJvb2xWYWx1ZRIhCgxzdHJpbmdfdmFsdWUYDiABKAlSC3N0cmluZ1ZhbHVlEh8KC2J5dGVzX3Zh
  bHVlGA8gASgMUgpieXRlc1ZhbHVlEi4KBWNvbG9yGBAgASgOMhguc2FtcGxlLkV2ZXJ5dGhpbmcuQ29sb3JSBWNvbG9y
  Ei4KBWlubmVyGBEgASgLMhguc2FtcGxlLkV2ZXJ5dGhpbmcuSW5uZXJSBWlubmVyEhYKBnBhY2tlZBgSIAMoBVIGcGFj
  a2VkEh4KCHVucGFja2VkGBMgAygSQgIQAFIIdW5wYWNrZWQSFAoFbmFtZXMYFCADKAlSBW5hbWVzEjcKB2J5X25hbWUY
  FSADKAsyHi5zYW1wbGUuRXZlcnl0aGluZy5CeU5hbWVFbnRyeVIGYnlOYW1lEj0KCWJ5X251bWJlchgWIAMoCzIgLnNh
  bXBsZS5FdmVyeXRoaW5nLkJ5TnVtYmVyRW50cnlSCGJ5TnVtYmVyEjcKB2J5X2ZsYWcYFyADKAsyHi5zYW1wbGUuRXZl
  cnl0aGluZy5CeUZsYWdFbnRyeVIGYnlGbGFnEhYKBWZpcnN0GBggASgJSABSBWZpcnN0EjIKBnNlY29uZBgZIAEoCzIY
  LnNhbXBsZS5FdmVyeXRoaW5nLklubmVySABSBnNlY29uZBIqCgJhdBgaIAEoCzIaLmdvb2dsZS5wcm90b2J1Zi5UaW1l
  c3RhbXBSAmF0Ei0KBHRvb2sYGyABKAsyGS5nb29nbGUucHJvdG9idWYuRHVyYXRpb25SBHRvb2sSLAoGZGV0YWlsGBwg
  ASgLMhQuZ29vZ2xlLnByb3RvYnVmLkFueVIGZGV0YWlsEjAKBG5vdGUYHSABKAsyHC5nb29nbGUucHJvdG9idWYuU3Ry
  aW5nVmFsdWVSBG5vdGUSMgoFY291bnQYHiABKAsyHC5nb29nbGUucHJvdG9idWYuVUludDY0VmFsdWVSBWNvdW50EhkK
  BW1heWJlGB8gASgFSAFSBW1heWJliAEBEhoKCG9kZF9uYW1lGCAgASgJUghwZWN1bGlhchpTCgtCeU5hbWVFbnRyeRIQ
  CgNrZXkYASABKAlSA2tleRIuCgV2YWx1ZRgCIAEoCzIYLnNhbXBsZS5FdmVyeXRoaW5nLklubmVyUgV2YWx1ZToCOAEa
  OwoNQnlOdW1iZXJFbnRyeRIQCgNrZXkYASABKANSA2tleRIUCgV2YWx1ZRgCIAEoCVIFdmFsdWU6AjgBGlMKC0J5Rmxh
  Z0VudHJ5EhAKA2tleRgBIAEoCFIDa2V5Ei4KBXZhbHVlGAIgASgOMhguc2FtcGxlLkV2ZXJ5dGhpbmcuQ29sb3JSBXZh
  bHVlOgI4ARpFCgVJbm5lchISCgR0ZXh0GAEgASgJUgR0ZXh0EigKBWFnYWluGAIgASgLMhIuc2FtcGxlLkV2ZXJ5dGhp
  bmdSBWFnYWluIjIKBUNvbG9yEgkKBUJMQUNLEAASBwoDUkVEEAESFQoISU5GUkFSRUQQ////////////AUIICgZjaG9p
  Y2VCCAoGX21heWJlYgZwcm90bzM=
  """
