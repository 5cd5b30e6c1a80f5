import CCrypto
import Foundation

/// SHA-256 of bytes that are added piece by piece. Objects in the store are named by it.
public struct Digest: ~Copyable {
  private let context: OpaquePointer?
  /// OpenSSL without its configuration file: it says nothing of SHA-256, and reading it takes longer than a small digest.
  private static let isReady = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil) == 1

  public init() {
    _ = Self.isReady
    context = EVP_MD_CTX_new()
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
  }

  deinit { EVP_MD_CTX_free(context) }

  public mutating func update(_ bytes: some ContiguousBytes) {
    bytes.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
  }

  public mutating func update(_ text: String) { update(Data(text.utf8)) }

  /// 64 hexadecimal digits. No more bytes can be added.
  public consuming func finish() -> String {
    var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    EVP_DigestFinal_ex(context, &bytes, &length)
    return bytes.prefix(Int(length)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  /// The digest of these bytes.
  public static func of(_ bytes: some ContiguousBytes) -> String {
    var digest = Digest()
    digest.update(bytes)
    return digest.finish()
  }

  public static func of(_ text: String) -> String { of(Data(text.utf8)) }
}
