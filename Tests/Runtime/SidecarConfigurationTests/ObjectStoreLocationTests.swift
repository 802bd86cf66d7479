import Testing

@testable import SidecarConfiguration

@Suite struct ObjectStoreLocationTests {
  @Test func awsIsMeantWhereNoEndpointIsNamed() throws {
    let place = try #require(ObjectStoreLocation("s3://snapshots/bank/?region=eu-central-1"))
    #expect(place.bucket == "snapshots" && place.prefix == "bank" && !place.isInPath)
    #expect(place.host == "s3.eu-central-1.amazonaws.com" && place.port == 443 && place.isSecure)
  }

  @Test(arguments: [
    ("https://minio.example", 443), ("http://minio.example/", 80),
    ("https://minio.example:9000", 9000), ("http://[::1]", 80),
  ])
  func anEndpointHasThePortsOfHTTP(_ endpoint: String, _ port: Int) throws {
    let place = try #require(ObjectStoreLocation("s3://snapshots?endpoint=\(endpoint)"))
    #expect(place.port == port && place.isInPath)
    #expect(place.isSecure == endpoint.hasPrefix("https"))
    #expect(ObjectStoreLocation(place.description) == place)
  }

  @Test(arguments: [
    "http://snapshots", "s3://", "s3://ab", "s3://Snapshots", "s3://snap_shots",
    "s3://snapshots?colour=red", "s3://snapshots?region=", "s3://snapshots?endpoint=minio:9000",
    "s3://snapshots?endpoint=http://minio:x", "s3://snapshots?path-style=perhaps",
    "s3://snap shots",
  ])
  func anythingElseIsRefused(_ text: String) {
    #expect(ObjectStoreLocation(text) == nil)
  }
}
