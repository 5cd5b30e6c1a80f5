import Foundation

/// Command text with its name, addressed by character.
public struct SourceText: Sendable {
  /// File name, or `<command>` / `<prompt>`.
  public let name: String
  package let characters: [Character]
  /// Offset of each line's first character.
  private let lineStarts: [Int]

  public init(_ text: String, name: String) {
    self.name = name
    characters = Array(text)
    var starts = [0]
    for (offset, character) in characters.enumerated() where character.endsLine { starts.append(offset + 1) }
    lineStarts = starts
  }

  /// The text of a file of commands, without a byte order mark at its beginning.
  ///
  /// - Throws: a usage failure with the place of the first byte that is not text: not UTF-8, or NUL.
  public static func decoded(_ data: Data, name: String) throws -> String {
    let bytes = data.starts(with: [0xef, 0xbb, 0xbf]) ? data.dropFirst(3) : data
    if !bytes.contains(0), let text = String(bytes: bytes, encoding: .utf8) { return text }
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      let isText = String(bytes: line, encoding: .utf8) != nil
      guard !isText || line.contains(0) else { continue }
      let before = String(decoding: line, as: UTF8.self).prefix { $0 != "\u{fffd}" && $0 != "\0" }
      throw Failure(
        .usage, "\(name) is \(isText ? "not text: it contains a NUL byte" : "not UTF-8 text")",
        hint: "save it as UTF-8, or check that it is the right file",
        span: SourceSpan(source: name, line: index + 1, column: before.count + 1, length: 1))
    }
    throw Failure(.usage, "\(name) is not UTF-8 text")
  }

  /// The text of a file that should hold commands.
  ///
  /// - Throws: as `decoded`; a usage failure for what stands there in its place: JSON, or a pointer of Git LFS.
  public static func commands(_ data: Data, name: String) throws -> String {
    let text = try decoded(data, name: name)
    if text.hasPrefix("version https://git-lfs.github.com/spec") {
      throw Failure(
        .usage, "\(name) is a Git LFS pointer, not a file of commands", hint: "`git lfs pull` fetches the file itself")
    }
    guard let first = text.first(where: { !$0.isWhitespace }), "{[".contains(first),
      let tree = try? JSONSerialization.jsonObject(with: Data(text.utf8))
    else { return text }
    let isNotebook = (tree as? [String: Any])?["nbformat"] != nil
    throw Failure(
      .usage, "\(name) is \(isNotebook ? "a Jupyter notebook" : "a JSON file"), not a file of commands",
      hint: isNotebook
        ? "open it in Jupyter; docs/how-to/use-a-notebook.md installs vcsh's kernel" : "check that it is the right file"
    )
  }

  /// All of the text.
  public var whole: String { String(characters) }

  package var count: Int { characters.count }

  /// The place of a range. Of a range over several lines, only the part on the first line is kept.
  package func span(_ range: Range<Int>) -> SourceSpan {
    let line = lineIndex(of: range.lowerBound)
    let start = lineStarts[line]
    let end = min(range.upperBound, lineEnd(line))
    return SourceSpan(
      source: name, line: line + 1, column: range.lowerBound - start + 1, length: end - range.lowerBound)
  }

  package func text(_ range: Range<Int>) -> String { String(characters[range]) }

  /// Line `number`, counted from 1, without its line end. Nil where there is no such line.
  public func line(_ number: Int) -> String? {
    guard lineStarts.indices.contains(number - 1) else { return nil }
    return String(characters[lineStarts[number - 1]..<lineEnd(number - 1)])
  }

  /// Whether a line has at most `limit` characters, so that its text is worth making. False where there is no such line.
  package func isLine(_ number: Int, within limit: Int) -> Bool {
    lineStarts.indices.contains(number - 1) && lineEnd(number - 1) - lineStarts[number - 1] <= limit
  }

  private func lineEnd(_ index: Int) -> Int {
    index + 1 < lineStarts.count ? lineStarts[index + 1] - 1 : characters.count
  }

  private func lineIndex(of offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }
}

extension Character {
  package var endsLine: Bool { self == "\n" || self == "\r\n" || self == "\r" }
}
