import CCrypto
import Foundation

/// SHA-256 of bytes that are added piece by piece. Objects in the store are named by it.
public struct Digest: ~Copyable {
  private var context = SHA256_CTX()

  public init() { vcsh_sha256_start(&context) }

  public mutating func update(_ bytes: some ContiguousBytes) {
    bytes.withUnsafeBytes { vcsh_sha256_add(&context, $0.baseAddress, $0.count) }
  }

  public mutating func update(_ text: String) { update(Data(text.utf8)) }

  /// 64 hexadecimal digits. No more bytes can be added.
  public consuming func finish() -> String {
    var bytes = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    vcsh_sha256_finish(&context, &bytes)
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The digest of these bytes.
  public static func of(_ bytes: some ContiguousBytes) -> String {
    var digest = Digest()
    digest.update(bytes)
    return digest.finish()
  }

  public static func of(_ text: String) -> String { of(Data(text.utf8)) }
}
