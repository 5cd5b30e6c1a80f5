/// Parts of a path, found byte by byte.
extension String {
  /// What follows the last `/` that is not at the end.
  package var lastComponent: String {
    withBytes { bytes in
      var end = bytes.count
      while end > 0, bytes[end - 1] == UInt8(ascii: "/") { end -= 1 }
      guard end > 0 else { return self }
      var start = end
      while start > 0, bytes[start - 1] != UInt8(ascii: "/") { start -= 1 }
      return String(decoding: bytes[start..<end], as: UTF8.self)
    }
  }

  /// What precedes the last `/`; empty where there is none.
  package var folderAbove: String {
    withBytes { bytes in
      var end = bytes.count
      while end > 0, bytes[end - 1] != UInt8(ascii: "/") { end -= 1 }
      return String(decoding: bytes[..<max(0, end - 1)], as: UTF8.self)
    }
  }

  private func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    var text = self
    return text.withUTF8(body)
  }
}
