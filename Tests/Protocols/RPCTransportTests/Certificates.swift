/// Certificates for tests, of two authorities, for a hundred years.
///
/// Made by openssl: `ecparam -name prime256v1`, `req -x509` for an authority, and `x509 -req` with
/// `subjectAltName` for the others.
enum Certificates {
  /// The authority that is trusted.
  static let ca = """
    -----BEGIN CERTIFICATE-----
    MIIBqzCCAVGgAwIBAgIUdBGCSjyKVIyYl0Jn4DfRDqHVsv8wCgYIKoZIzj0EAwIw
    IjEgMB4GA1UEAwwXT3V0cmlkZXIgdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMTUx
    NjAzWhgPMjEyNjEwMjgxNTE2MDNaMCIxIDAeBgNVBAMMF091dHJpZGVyIHRlc3Qg
    YXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEO/J59nNCTeFEuRNR
    X8dK/VcTiZC7UgROWgtbmzIgxUWxQlkGeahNeovqL835f99yCqbX/wA4JozvBiQd
    pXOSzaNjMGEwHQYDVR0OBBYEFKB0b8/+9SBUpyi6xHVOsHqO5H0kMB8GA1UdIwQY
    MBaAFKB0b8/+9SBUpyi6xHVOsHqO5H0kMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0P
    AQH/BAQDAgIEMAoGCCqGSM49BAMCA0gAMEUCIAwxWk5g934Drr4XnGNhB9bvy4As
    gom3KESiGoUy5mtHAiEAy0GkGo5k/nHDDR9F6wsJz16kKDE2XrhsUVR5OHwMmyI=
    -----END CERTIFICATE-----
    """

  /// One that is not.
  static let other = """
    -----BEGIN CERTIFICATE-----
    MIIBnzCCAUWgAwIBAgIUEuyQ5EjC2z6LQTPxbwzYTGzV5nUwCgYIKoZIzj0EAwIw
    HDEaMBgGA1UEAwwRQW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTIxMTUxNjAzWhgP
    MjEyNjEwMjgxNTE2MDNaMBwxGjAYBgNVBAMMEUFub3RoZXIgYXV0aG9yaXR5MFkw
    EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+zsBFce6aLHo2fRySZ9ZID4Ro64pRgE5
    ndL8RJkwLM8Soh4nvBhD38sYtuf1k5gLtoPSSXpTMXBv8CRXv4pXp6NjMGEwHQYD
    VR0OBBYEFGkiWz/ZWf/6WvGpCt9q9jdx8ZxeMB8GA1UdIwQYMBaAFGkiWz/ZWf/6
    WvGpCt9q9jdx8ZxeMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoG
    CCqGSM49BAMCA0gAMEUCID8SWeYgz48CNdKneF7cyFULn04KUoIreyAUG2ZejoGg
    AiEA7Uii155csjxccQKZ0QIHjRhe6E52+Lj1mbwQnA0xtIY=
    -----END CERTIFICATE-----
    """

  /// For localhost and 127.0.0.1, by the authority.
  static let server = """
    -----BEGIN CERTIFICATE-----
    MIIBtDCCAVqgAwIBAgIUNZInw1ewwp/nu3f9BcJYXVOawdwwCgYIKoZIzj0EAwIw
    IjEgMB4GA1UEAwwXT3V0cmlkZXIgdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMTUx
    NjAzWhgPMjEyNjEwMjgxNTE2MDNaMBExDzANBgNVBAMMBnNlcnZlcjBZMBMGByqG
    SM49AgEGCCqGSM49AwEHA0IABFNyM7lhAqgzYt2kJjOko6LOaUX3O/yykRJJXaBL
    EQXMsd/Zj1BOaN7IXEaAi6kg4KnsbUi9SRcjv05On7XS9jmjfTB7MBoGA1UdEQQT
    MBGCCWxvY2FsaG9zdIcEfwAAATAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUH
    AwIwHQYDVR0OBBYEFIRXtOysByV7tDMGCbX3q84y2HExMB8GA1UdIwQYMBaAFKB0
    b8/+9SBUpyi6xHVOsHqO5H0kMAoGCCqGSM49BAMCA0gAMEUCIQDWnLWtCETtUcn1
    zeKbAIahkCya9nAleRFnnnL9PakxHAIgL4F7TmU/bfnt1m12hcu6X5Fh5y/2e8kU
    Y8bJgaXwK4M=
    -----END CERTIFICATE-----
    """
  static let serverKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgM6Ah9uTQdpGg6874
    i/zeuMPd+Fo5+3EYDi7McYFTiE2hRANCAARTcjO5YQKoM2LdpCYzpKOizmlF9zv8
    spESSV2gSxEFzLHf2Y9QTmjeyFxGgIupIOCp7G1IvUkXI79OTp+10vY5
    -----END PRIVATE KEY-----
    """

  /// The same, by the other one.
  static let renewed = """
    -----BEGIN CERTIFICATE-----
    MIIBrzCCAVWgAwIBAgIUbVt0rGgzp38iNnNxHaXex2YA4j8wCgYIKoZIzj0EAwIw
    HDEaMBgGA1UEAwwRQW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTIxMTUxNjAzWhgP
    MjEyNjEwMjgxNTE2MDNaMBIxEDAOBgNVBAMMB3JlbmV3ZWQwWTATBgcqhkjOPQIB
    BggqhkjOPQMBBwNCAARkHhuTyM47PjVi3nmVBmb/YHKiNFj86LQTN+ASg1k34R5X
    h3Fduk8wYqHbA0ALJ8pqHl7RdeA4FN57GapboIPao30wezAaBgNVHREEEzARggls
    b2NhbGhvc3SHBH8AAAEwHQYDVR0lBBYwFAYIKwYBBQUHAwEGCCsGAQUFBwMCMB0G
    A1UdDgQWBBT46Y8+RfenvhaB3RzsiApDuBILpzAfBgNVHSMEGDAWgBRpIls/2Vn/
    +lrxqQrfavY3cfGcXjAKBggqhkjOPQQDAgNIADBFAiEA00ZHEuWQdhTkXzrsO8YC
    N8pIVmt11PDu6vppYLvP0vkCIFT3N4T/qs1F8cNbUBsiWknjf+pxoGgd08eYDM5S
    Fq6d
    -----END CERTIFICATE-----
    """
  static let renewedKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0cAg/vtDxgpL8pSk
    mgs+aEpuyPsCpo6F4cTA09/1jf+hRANCAARkHhuTyM47PjVi3nmVBmb/YHKiNFj8
    6LQTN+ASg1k34R5Xh3Fduk8wYqHbA0ALJ8pqHl7RdeA4FN57GapboIPa
    -----END PRIVATE KEY-----
    """

  /// For spiffe://shop/web and web.shop, by the authority.
  static let client = """
    -----BEGIN CERTIFICATE-----
    MIIBwTCCAWigAwIBAgIUNZInw1ewwp/nu3f9BcJYXVOawd0wCgYIKoZIzj0EAwIw
    IjEgMB4GA1UEAwwXT3V0cmlkZXIgdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMTUx
    NjAzWhgPMjEyNjEwMjgxNTE2MDNaMBExDzANBgNVBAMMBmNsaWVudDBZMBMGByqG
    SM49AgEGCCqGSM49AwEHA0IABOqxeQc/ZOZxhxrC+2KsOaQ5fVgSvb6RuYIsCr6o
    cQgQ7w4a8RTNFC4sCkiMSpI8v2A+1Ys3rLoeYUc+8diNW0ajgYowgYcwJgYDVR0R
    BB8wHYYRc3BpZmZlOi8vc2hvcC93ZWKCCHdlYi5zaG9wMB0GA1UdJQQWMBQGCCsG
    AQUFBwMBBggrBgEFBQcDAjAdBgNVHQ4EFgQUUPvft5VBQ65LunNEgprMkhklISQw
    HwYDVR0jBBgwFoAUoHRvz/71IFSnKLrEdU6weo7kfSQwCgYIKoZIzj0EAwIDRwAw
    RAIgfYr2E/qcIJoqv/rI2n805u2mSj8kCIezypzgAiGkrYACIDxqynAcgTkavtAu
    uGE39BoovQPA/e8Q0Jmsty8LFa1J
    -----END CERTIFICATE-----
    """
  static let clientKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjYbL0k+6df65jO1u
    7Kr61yUy3Y8ozGPq2rGlhn8Xrk2hRANCAATqsXkHP2TmcYcawvtirDmkOX1YEr2+
    kbmCLAq+qHEIEO8OGvEUzRQuLApIjEqSPL9gPtWLN6y6HmFHPvHYjVtG
    -----END PRIVATE KEY-----
    """

  /// For spiffe://shop/web, by the other one.
  static let stranger = """
    -----BEGIN CERTIFICATE-----
    MIIBsjCCAVigAwIBAgIUbVt0rGgzp38iNnNxHaXex2YA4kAwCgYIKoZIzj0EAwIw
    HDEaMBgGA1UEAwwRQW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTIxMTUxNjAzWhgP
    MjEyNjEwMjgxNTE2MDNaMBMxETAPBgNVBAMMCHN0cmFuZ2VyMFkwEwYHKoZIzj0C
    AQYIKoZIzj0DAQcDQgAEstTIQw7zb0BPdHdmkKxPwXw/42RNxmXUDMaEr4JODSfd
    9xEqk/AFj5vWRsiXJUX8EGljWZ9YOUG2jasVPYh5DqN/MH0wHAYDVR0RBBUwE4YR
    c3BpZmZlOi8vc2hvcC93ZWIwHQYDVR0lBBYwFAYIKwYBBQUHAwEGCCsGAQUFBwMC
    MB0GA1UdDgQWBBRseCUmsibFHe24/C80TN41EZE/bTAfBgNVHSMEGDAWgBRpIls/
    2Vn/+lrxqQrfavY3cfGcXjAKBggqhkjOPQQDAgNIADBFAiEAzx+ZhdOwravLc6j5
    YTkHZ+cnae+C6cso7h17lmXY2PMCICJJFRpbFlfXx/CVdOJD4av+qpxMBqWcHxlE
    4cbT59nh
    -----END CERTIFICATE-----
    """
  static let strangerKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdke0SB8YQ2zzxzhw
    qxELAdmYRWs8vgZh6RWw270+XdChRANCAASy1MhDDvNvQE90d2aQrE/BfD/jZE3G
    ZdQMxoSvgk4NJ933ESqT8AWPm9ZGyJclRfwQaWNZn1g5QbaNqxU9iHkO
    -----END PRIVATE KEY-----
    """
}
