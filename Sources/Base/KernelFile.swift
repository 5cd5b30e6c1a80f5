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

  /// State and start of a process, the start in ticks of the system; nil where no process has the number.
  public static func process(_ pid: Int) -> (state: String, start: String)? {
    // The name, field 2, may hold spaces and brackets: fields are counted from its last bracket.
    guard let text = text("/proc/\(pid)/stat"), let bracket = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: bracket)...].split(separator: " ")
    return fields.count > 19 ? (String(fields[0]), String(fields[19])) : nil
  }
}
