import Testing

/// A key, and a token that its owner signed.
struct Example: Sendable, CustomTestStringConvertible {
  let origin: String
  let algorithm: String
  /// A JSON Web Key.
  let key: String
  let token: String

  var testDescription: String { "\(algorithm), \(origin)" }
}

extension Example {
  /// Those of the standards. What they sign are seldom claims.
  static let standard = [
    Example(
      origin: "RFC 7515 A.1", algorithm: "HS256",
      key: """
        {"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS\
        4hcgUuTwjAzZr1Z9CAow"}
        """,
      token: """
        eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODA\
        sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_w\
        W1gFWFOEjXk
        """),
    Example(
      origin: "RFC 7515 A.2", algorithm: "RS256",
      key: """
        {"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-V\
        aw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9w\
        Gzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMT\
        BQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kz\
        k2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}
        """,
      token: """
        eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGF\
        tcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu\
        3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdi\
        uB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--x\
        i12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5A\
        XLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw
        """),
    Example(
      origin: "RFC 7515 A.3", algorithm: "ES256",
      key: """
        {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_F\
        EzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
        """,
      token: """
        eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGF\
        tcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw\
        5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q
        """),
    Example(
      origin: "RFC 7515 A.4", algorithm: "ES512",
      key: """
        {"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOn\
        YG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l\
        2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}
        """,
      token: """
        eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1\
        bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqO\
        gzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn
        """),
    Example(
      origin: "RFC 7520 4.1", algorithm: "RS256",
      key: """
        {"kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","n":"n4EPtAOCc9AlkeQ\
        HPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMR\
        BSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-O\
        fVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L\
        _vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw","e":"AQ\
        AB"}
        """,
      token: """
        eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGE\
        gZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB\
        0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmc\
        gd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5ME\
        aHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4\
        JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFx\
        nt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZ\
        Dnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg
        """),
    Example(
      origin: "RFC 7520 4.2", algorithm: "PS384",
      key: """
        {"kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","n":"n4EPtAOCc9AlkeQ\
        HPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMR\
        BSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-O\
        fVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L\
        _vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw","e":"AQ\
        AB","alg":"PS384"}
        """,
      token: """
        eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGE\
        gZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB\
        0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmc\
        gd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0k\
        kOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbX\
        UvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT\
        3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKP\
        bByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw
        """),
    Example(
      origin: "RFC 7520 4.3", algorithm: "ES512",
      key: """
        {"kty":"EC","kid":"bilbo.baggins@hobbiton.example","use":"sig","crv":"P-521","x":"AH\
        KZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0\
        Kt","y":"AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9\
        cwlGfP-HqHZR1"}
        """,
      token: """
        eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGE\
        gZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB\
        0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmc\
        gd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZG\
        YNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0lw-k\
        vAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2
        """),
    Example(
      origin: "RFC 7520 4.4", algorithm: "HS256",
      key: """
        {"kty":"oct","kid":"018c0ae5-4d9b-471b-bfd6-eef314bc7037","use":"sig","alg":"HS256",\
        "k":"hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"}
        """,
      token: """
        eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9.SXT\
        igJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXA\
        gb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGt\
        ub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.s0h6KThzkfBBBkLspW1h84VsJZFTsPP\
        qMDA7g1Md7p0
        """),
    Example(
      origin: "RFC 8037 A.4", algorithm: "EdDSA",
      key: """
        {"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
        """,
      token: """
        eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7\
        -09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg
        """),
  ]

  /// Made by Go's crypto packages, which share no code with libcrypto: one for each algorithm, with
  /// the claims `{"sub":"go","exp":4102444800}`.
  static let go = [
    Example(
      origin: "Go", algorithm: "HS256",
      key: """
        {"kty":"oct","alg":"HS256","k":"nR31nbEcZw3xkieGtzYn7JC5VvlFoy9n_8EBKPiAWBI"}
        """,
      token: """
        eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJnbyIsImV4cCI6NDEwMjQ0NDgwMH0.LaXbRsELk3QEgThqgtrf0m8\
        fon2B1NEcMXKghFPpxKs
        """),
    Example(
      origin: "Go", algorithm: "HS384",
      key: """
        {"kty":"oct","alg":"HS384","k":"9FGZLFfcLsBFvoq7qzYCpgYuZSshVVD7VYdyfZ-GLF-gVT-fS5oE\
        PCFuJRP6_FbW"}
        """,
      token: """
        eyJhbGciOiJIUzM4NCJ9.eyJzdWIiOiJnbyIsImV4cCI6NDEwMjQ0NDgwMH0.vG8jovW62L_2mzByUM0j1kk\
        FU9SjIaMnG2hrSqLOiHayGvXBssMaH8OmInGuIyYN
        """),
    Example(
      origin: "Go", algorithm: "HS512",
      key: """
        {"kty":"oct","alg":"HS512","k":"0yl7-XdO38yTNlIhi4104Sd2RcPnzoSmrQ6UxtbmW5HuKSqpb-6V\
        Bag2OB8Bo7tOWiSnjVwfrREz9KA-OOKk6g"}
        """,
      token: """
        eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJnbyIsImV4cCI6NDEwMjQ0NDgwMH0.kqyU-QGJXJcyRDyfuX8yBrD\
        UWAV9ZSH9Mlm8yyMij9AwdVPEXeZJUx40PiIG13Sp1IhgdFsEhm1ESMqlMxJizg
        """),
    Example(
      origin: "Go", algorithm: "RS256",
      key: """
        {"kty":"RSA","alg":"RS256","n":"nI_irrO4AUQ7kVSRhVPoBuEYAAfStyz9uWxitX4HXWfzRc6vfsTs\
        UQ6vxepNEQyYJ_Nlvkvjd3PEGdq5ullX31JykIys1FhBrqRpGEXM6WPTyH_QzXbiD_o1c-hbDel57Wfpy5yB\
        QMpbmWNtfel6r_rgwmkQqN5bagvGlOmC8BLKSxTUTVV6OCz008t4etE43C4R5VKGddEFEclFehtMKoh40Y8E\
        v3z04xI7d7cNZLl6p7b_UGvOmN4pjVit0CsZeXWxzSX-D8W0S4htw2uMUjaYuHsukusRHOdGlWr-eFOrbnaM\
        UdFhNeA93VP27XQcBCu-s7OMqmt7EGCm4qzKUw","e":"AQAB"}
        """,
      token: """
        eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJnbyIsImV4cCI6NDEwMjQ0NDgwMH0.iP4pIXTl5rmuACAzR71AH1W\
        kFmtNzge1b8e0UCM1WnnVfRP-_7Zs_SxjUFzAZ59wIE6im_hRiZOFGy3WZNRM5bEpnS-D0XGrtDIWoBmhzbO\
        2YZE_uLFcFc8WImkE9nnKZVhxlgAz0nTnv8gkj37WCunWTmIruYwjBWBZnQAKuC3M_IJTp1aqv5PUKQhf6ek\
        K8PzJXPivZg16GqpDU2admtTuRtLp7RER5956sfJNUZWE-Qc7BHj0R1jrVNQQ-3Y-ncq8NrJo8Xy04AX8MVX\
        q-NSwF_aGSKOIKUmbpMnzXoQBtAtTO5_Qa2PVgzRxgFxxqEjBKory_jxKJgqrPcHN_g
        """),
    Example(
      origin: "Go", algorithm: "RS384",
      key: """
        {"kty":"RSA","alg":"RS384","n":"nI_irrO4AUQ7kVSRhVPoBuEYAAfStyz9uWxitX4HXWfzRc6vfsTs\
        UQ6vxepNEQyYJ_Nlvkvjd3PEGdq5ullX31JykIys1FhBrqRpGEXM6WPTyH_QzXbiD_o1c-hbDel57Wfpy5yB\
        QMpbmWNtfel6r_rgwmkQqN5bagvGlOmC8BLKSxTUTVV6OCz008t4etE43C4R5VKGddEFEclFehtMKoh40Y8E\
        v3z04xI7d7cNZLl6p7b_UGvOmN4pjVit0CsZeXWxzSX-D8W0S4htw2uMUjaYuHsukusRHOdGlWr-eFOrbnaM\
        UdFhNeA93VP27XQcBCu-s7OMqmt7EGCm4qzKUw","e":"AQAB"}
        """,
      token: """
        eyJhbGciOiJSUzM4NCJ9.eyJzdWIiOiJnbyIsImV4cCI6NDEwMjQ0NDgwMH0.BbQhpwRAf5J7nXKP6q0YuAN\
        VDmFGaXGitAhOMuJS4ykSP-8hypyt7m-8zJ_ZnDjdqPSydfayneIe3dfINKX3Mh9GTh4t-zQ7WxKR6RGJ2qM\
        NfYIqtZ6jflUyW7zcuig47-sApyqAUKrFifJ0j-lZNB0_yNsM2KYzwiuo5CLZ8H1iWZ755AxKXsHYPb37fRQ\
        Ue7t-N0Tl4c-YrTreSTBVg_s_3UIAcrnEeVbAsysOw9EiNK23oh5LgsQ_YHlsTuv-LlCNucZ4iE6RslWNuHJ\
        lrZ-a_DMou9waQsbnUmexItwjN-uuFMuB7l0wtPR4OYvU0kWSovQef3KFGk9_19r3WA
        """),
    Example(
      origin: "Go", algorithm: "RS512",
      key: """
        {"kty":"RSA","alg":"RS512","n":"nI_irrO4AUQ7kVSRhVPoBuEYAAfStyz9uWxitX4HXWfzRc6vfsTs\
        UQ6vxepNEQyYJ_Nlvkvjd3PEGdq5ullX31JykIys1FhBrqRpGEXM6WPTyH_QzXbiD_o1c-hbDel57Wfpy5yB\
        QMpbmWNtfel6r_rgwmkQqN5bagvGlOmC8BLKSxTUTVV6OCz008t4etE43C4R5VKGddEFEclFehtMKoh40Y8E\
        v3z04xI7d7cNZLl6p7b_UGvOmN4pjVit0CsZeXWxzSX-D8W0S4htw2uMUjaYuHsukusRHOdGlWr-eFOrbnaM\
        UdFhNeA93VP27XQcBCu-s7OMqmt7EGCm4qzKUw","e":"AQAB"}
        """,
      token: """
        eyJhbGciOiJSUzUxMiJ9.eyJzdWIiOiJnbyIsImV4cCI6NDEwMjQ0NDgwMH0.EeBEHZN_XXGQ7xxS92G0GU5\
        dIAg_GZLgzNmsxxRaxKsHfwS1V8htKuboYGOrtibFb15Ej8AKTSxegGNHOSmBw-gPqGhVlJLulncMJbe9Jas\
        lAiVp4Vg9xW5UT5IfIzOSyFJQVB_2EPOo83HZKph-lz-1r--TIZnkwfLSiPghxiteS-1qh3EFIJIYUV0-M2I\
        bbCriaFizc0DVg6_f79jcRXyKhfGKKvLNO1Yr27NFqPy_uTmTc682N97RGDMfewBxf5zniGuZUmk9SHtAG4W\
        saWcgIYM4O9TJhvYOsxxr5bhu54TazCC63eTJR_Fnnvpu22gUwL6jauqvkndmT95bmA
        """),
    Example(
      origin: "Go", algorithm: "PS256",
      key: """
        {"kty":"RSA","alg":"PS256","n":"nI_irrO4AUQ7kVSRhVPoBuEYAAfStyz9uWxitX4HXWfzRc6vfsTs\
        UQ6vxepNEQyYJ_Nlvkvjd3PEGdq5ullX31JykIys1FhBrqRpGEXM6WPTyH_QzXbiD_o1c-hbDel57Wfpy5yB\
        QMpbmWNtfel6r_rgwmkQqN5bagvGlOmC8BLKSxTUTVV6OCz008t4etE43C4R5VKGddEFEclFehtMKoh40Y8E\
        v3z04xI7d7cNZLl6p7b_UGvOmN4pjVit0CsZeXWxzSX-D8W0S4htw2uMUjaYuHsukusRHOdGlWr-eFOrbnaM\
        UdFhNeA93VP27XQcBCu-s7OMqmt7EGCm4qzKUw","e":"AQAB"}
        """,
      token: """
        eyJhbGciOiJQUzI1NiJ9.eyJzdWIiOiJnbyIsImV4cCI6NDEwMjQ0NDgwMH0.GpLRWVXEsW14oR6Pew3vlGE\
        jzu61LDD4yfjx5DoDGEE7FfuJVOXwuVkBPuAgbs3s-fPEx_wHRX0os3HlPbnqJ3QIoaDWBjHIJvh2uAPu7w8\
        SC3PY2GbVVA4iiVWn4mphcs7tKKKZjCHh0HgQw7xKGuNaY2HEcujdbjq7gsbascmz7GAJMuT8CoMt7m6jH1y\
        wCsB08rSUzgf_h7twYWbXUSTy1hrotb5OstoKhZJUICzZElRPomuCYnFImF_KGjtMUp2XA2m7tI9MfZoC5Xd\
        uVVzhM5edL9XXtW7Ep5aOL2HsbFJfBxE5bIDlcBOnAfafMoN5_ZSub4dmDpgsP_qAeg
        """),
    Example(
      origin: "Go", algorithm: "PS384",
      key: """
        {"kty":"RSA","alg":"PS384","n":"nI_irrO4AUQ7kVSRhVPoBuEYAAfStyz9uWxitX4HXWfzRc6vfsTs\
        UQ6vxepNEQyYJ_Nlvkvjd3PEGdq5ullX31JykIys1FhBrqRpGEXM6WPTyH_QzXbiD_o1c-hbDel57Wfpy5yB\
        QMpbmWNtfel6r_rgwmkQqN5bagvGlOmC8BLKSxTUTVV6OCz008t4etE43C4R5VKGddEFEclFehtMKoh40Y8E\
        v3z04xI7d7cNZLl6p7b_UGvOmN4pjVit0CsZeXWxzSX-D8W0S4htw2uMUjaYuHsukusRHOdGlWr-eFOrbnaM\
        UdFhNeA93VP27XQcBCu-s7OMqmt7EGCm4qzKUw","e":"AQAB"}
        """,
      token: """
        eyJhbGciOiJQUzM4NCJ9.eyJzdWIiOiJnbyIsImV4cCI6NDEwMjQ0NDgwMH0.CUhENDVkw0NH1knaq8-_bvF\
        --txMX0TEIg9vXyo5qY87XW28Uh4I7Wjdjhn4sj5lNP8wLur8Uk6hViJzkEGNQWNwW08Izr0v_11jHoCGJg_\
        bL0wWKbKVcHnGBGdvgZ40Mcy5W2x4QFW01BtS5wk7ajcyEPYyRSp1JQdoM8XWnbhMkcQmVjTo8q3hkrCbkrm\
        55txx7RU7x5fqM29BxZQOqdtZUfcMRXYgWW5wlIDLIh6dXcLVXdtCanTB0_cNGnyZFaNt4N8-5YNdZlMnUyS\
        5FRApz5ertiZGGiA3OS0N82tNMdwx1QMddos9BVJ7kvjr9qY825QT4fXYxXjptj-aBg
        """),
    Example(
      origin: "Go", algorithm: "PS512",
      key: """
        {"kty":"RSA","alg":"PS512","n":"nI_irrO4AUQ7kVSRhVPoBuEYAAfStyz9uWxitX4HXWfzRc6vfsTs\
        UQ6vxepNEQyYJ_Nlvkvjd3PEGdq5ullX31JykIys1FhBrqRpGEXM6WPTyH_QzXbiD_o1c-hbDel57Wfpy5yB\
        QMpbmWNtfel6r_rgwmkQqN5bagvGlOmC8BLKSxTUTVV6OCz008t4etE43C4R5VKGddEFEclFehtMKoh40Y8E\
        v3z04xI7d7cNZLl6p7b_UGvOmN4pjVit0CsZeXWxzSX-D8W0S4htw2uMUjaYuHsukusRHOdGlWr-eFOrbnaM\
        UdFhNeA93VP27XQcBCu-s7OMqmt7EGCm4qzKUw","e":"AQAB"}
        """,
      token: """
        eyJhbGciOiJQUzUxMiJ9.eyJzdWIiOiJnbyIsImV4cCI6NDEwMjQ0NDgwMH0.Mf12__uebhnHxLs-sEPd5lD\
        CisZDVIgtV7wnlKMO5rDnyYKOJelixGIkCzPrt0YrvuMdZ8dOGhVNBg1cbSAdgWwNUUda7as29su4EMOloLL\
        spwr5xtGbHu1LtImo9r72KriEspMReWGEw158iqFC9IwYM4M1ICmUuDZxwJJ_wxRPIA7VstdPmD1CyUk5gKg\
        nBnedrkRIyyRcABfuaO8tUSEhU4kNbCxTbAJeJevGP4zNq1IWE6qke2EEdg8Xzki--mRpzBFM6CPJuIG3tun\
        2dZNB4pqBzWWQIttWXxUuMFfV9LN3w54mGapq_UAlZcsObK7k4wsAte_mTkMlKSdRqQ
        """),
    Example(
      origin: "Go", algorithm: "ES256",
      key: """
        {"kty":"EC","crv":"P-256","x":"K8d_gxBYrFfyT7m6uhgZWZ0mTirq-WgE_yIbiLqIr50","y":"O02\
        SvhA3-q2Ck_f9lIvA0upq20vDaqYvNC9ZaAwaMCk"}
        """,
      token: """
        eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJnbyIsImV4cCI6NDEwMjQ0NDgwMH0.plXMsQiF-eTDpWLKW8SZJ_e\
        OAGHNY_tQ9IxAqijsjAOjeA9Cy-1V1CcvgJMJmmuN6vAZnPXa4Vgs2Z2UXsZnng
        """),
    Example(
      origin: "Go", algorithm: "ES384",
      key: """
        {"kty":"EC","crv":"P-384","x":"HgIEa-7vjpmlcLrkKFr46ji510bKVlVLHhSlDh_vAA2DlOiwf2A1k\
        C6RMXhn9QDr","y":"8vfRJIuomloR7HBbI313Rtxex4DoDaUrY6WqgnWRjnT9b1bpbDk-5H06MPUYgy4u"}
        """,
      token: """
        eyJhbGciOiJFUzM4NCJ9.eyJzdWIiOiJnbyIsImV4cCI6NDEwMjQ0NDgwMH0.miQmDQrbtdHH4hhscgijaX_\
        iRlj0aCsx-VZ8QiO_rZ9DBjQIiD6qlmGKQqiRjthL2cvNP5ZimeGn1vni4tgCLQGWqAd2yS6NTtukfwQA0Sz\
        GemFKHVJVOHnLjoS4uCHK
        """),
    Example(
      origin: "Go", algorithm: "ES512",
      key: """
        {"kty":"EC","crv":"P-521","x":"AJBhDC9UWIJVQv1hmQxiy1lBm5RPIvZH2kOQB2GPAA_MWpcEq3vvu\
        MdI1HBNEDttdAZULavdvkpedXqnT_ZJqyeD","y":"ARuYb7YvtUtycaGq6Wl3FzgMB342PDKugaIgYXPqmF\
        WwuS8rEYZHfNfQjBBqy2qPRHPkp_2rovrzjoAWHNP4A3iq"}
        """,
      token: """
        eyJhbGciOiJFUzUxMiJ9.eyJzdWIiOiJnbyIsImV4cCI6NDEwMjQ0NDgwMH0.Aca-773V8LP30ImZ0Nl23E9\
        pJOJ-vIv62Z6DH-gkbVR6uMPJRoMEM4G_XsTQVN8RuJGuHfdWEyMIbhyBdTutuGEjAPn3pqsa8ub_DSAPr3Y\
        XrEFca-q1xy5EkZl6MLVtG_Bp2Py951IoaX-9XlPN6w3BzNQgZeVpPMt0NFTPSVCFQn5l
        """),
    Example(
      origin: "Go", algorithm: "EdDSA",
      key: """
        {"kty":"OKP","crv":"Ed25519","x":"dSC7v-JutqqRHf_k6gNK2J22xLGlXmSkUgCo0VrXqIQ"}
        """,
      token: """
        eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJnbyIsImV4cCI6NDEwMjQ0NDgwMH0.ppZbtd5sFT--46CpWEHri9c\
        MeDvOyqdGgw0HQRMAaDFY7jTSfYLi0Nv2huKmqiC7aMDAzfHfZHdAmiwWDwwpBA
        """),
  ]
}

/// The ES256 key of Go, and an RSA key of 1024 bits.
enum PEMExample {
  static let publicKey = """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEK8d/gxBYrFfyT7m6uhgZWZ0mTirq
    +WgE/yIbiLqIr507TZK+EDf6rYKT9/2Ui8DS6mrbS8Nqpi80L1loDBowKQ==
    -----END PUBLIC KEY-----
    """

  static let certificate = """
    -----BEGIN CERTIFICATE-----
    MIIBDjCBtaADAgECAgEBMAoGCCqGSM49BAMCMBExDzANBgNVBAMTBnNpZ25lcjAe
    Fw0yMzExMTQyMjEzMjBaFw0yMzExMTQyMjE1MDBaMBExDzANBgNVBAMTBnNpZ25l
    cjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCvHf4MQWKxX8k+5uroYGVmdJk4q
    6vloBP8iG4i6iK+dO02SvhA3+q2Ck/f9lIvA0upq20vDaqYvNC9ZaAwaMCkwCgYI
    KoZIzj0EAwIDSAAwRQIhAIgDYYmN6kNvn83tfTonMIUKUzwv8H1GsTgziqtD7NcF
    AiAwik3dzbK+5VcDSsBL7IIHk1kJvMwcF5W2AT8ySMLK/Q==
    -----END CERTIFICATE-----
    """

  static let shortKey = """
    -----BEGIN PUBLIC KEY-----
    MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDa5AEKGTEoXeXTJS67SrwJHEIt
    k0PS5hlAoXMbV8LV70OVNXbUM8ftqo3kpI/az17MRPjOdEZiYOhuuybkYsytyaXh
    bCtbBcJZdQgnI75pII2OX12aLpdaLiMoaujc1VwqXdvI7EP4NysAle+/IWsdGbCZ
    iVrnu5lqFvK7W6Ip0QIDAQAB
    -----END PUBLIC KEY-----
    """
}

/// RSA of 1024 bits.
let shortKey = """
  {"kty":"RSA","n":"2uQBChkxKF3l0yUuu0q8CRxCLZND0uYZQKFzG1fC1e9DlTV21DPH7aqN5KSP2s9ezET4znRG\
  YmDobrsm5GLMrcml4WwrWwXCWXUIJyO-aSCNjl9dmi6XWi4jKGro3NVcKl3byOxD-DcrAJXvvyFrHRmwmYla57uZah\
  byu1uiKdE","e":"AQAB"}
  """
