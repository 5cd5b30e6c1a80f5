import Glibc

/// A short text that the kernel keeps as a file, under `/proc` or `/sys`.
public enum KernelFile {
  /// Its first 4 KB; nil where it can't be read.
  public static func text(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &bytes, bytes.count)
    return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  /// The number that it begins with; nil where it does not begin with one.
  static func number(_ path: String) -> Int? { text(path).flatMap { Int($0.prefix(while: \.isNumber)) } }
}
