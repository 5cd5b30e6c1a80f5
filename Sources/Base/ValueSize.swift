/// How long a list or a text may become that an operator or a function makes.
public enum ValueSize {
  /// Elements of a list that is joined from others, or bytes of a text.
  public static let limit = 10_000_000

  /// - Parameter each: bytes that an element takes; one that is there already takes a reference alone.
  /// - Throws: `usage` beyond the limit, `unsupported` where there is no memory for it.
  public static func admit(joined count: Int, each: Int = MemoryLayout<Value>.stride) throws {
    guard count <= limit else {
      throw Failure(.usage, "the list would have \(count) elements; the limit is \(limit)")
    }
    try admit(elements: count, each: each)
  }

  public static func admit(elements count: Int, each: Int = 48) throws {
    try MemoryLimit.check(count * each, "a list of \(count) elements")
  }

  public static func admit(text bytes: Int) throws {
    guard bytes <= limit else { throw Failure(.usage, "the text would be longer than \(limit / 1_000_000) MB") }
    try MemoryLimit.check(bytes, "a text of \(bytes) bytes")
  }
}
