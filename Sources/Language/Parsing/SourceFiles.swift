import Base
import Foundation

/// Reads the files that `source` names, and keeps their texts to show the places of failures.
public final class SourceFiles {
  /// Largest file that is read.
  private static let byteLimit = 8_000_000

  private let read: (String) throws -> String
  /// Texts of all files; of a file that was read several times, the last text.
  public private(set) var texts: [SourceText] = []
  /// Paths that were read since the last `begin`.
  private var fresh: Set<String> = []

  /// Reads files from disk; relative paths start at the current folder.
  public init() { read = Self.contents }

  /// Texts in memory, by path.
  package init(_ texts: [String: String]) {
    read = { path in
      guard let text = texts[path] else { throw Failure(.missing, "can't read \(path)") }
      return text
    }
  }

  /// A path in the file `name` that starts at that file's folder.
  func resolve(_ path: String, from name: String) -> String {
    if path.hasPrefix("/") { return path }
    if path == "~" || path.hasPrefix("~/") { return HomeFolder.path + path.dropFirst() }
    guard !name.hasPrefix("<"), let slash = name.lastIndex(of: "/") else { return path }
    return String(name[...slash]) + path
  }

  func text(_ path: String) throws -> SourceText {
    if fresh.contains(path), let known = texts.first(where: { $0.name == path }) { return known }
    let text = SourceText(try read(path), name: path)
    fresh.insert(path)
    texts.removeAll { $0.name == path }
    texts.append(text)
    return text
  }

  /// Begins a new program: files may have changed since the last one.
  func begin() { fresh = [] }

  /// Equal for two paths of the same file.
  static func identity(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }

  private static func contents(of path: String) throws -> String {
    let file: RegularFile
    do {
      file = try RegularFile(path: path)
    } catch let failure as Failure where failure.kind == .missing && failure.hint == nil {
      throw Failure(
        .missing, failure.message,
        hint: "a relative path starts at the folder of the file that sources it; at the prompt, at the current folder")
    }
    guard file.size <= byteLimit else { throw Failure(.format, "\(path) is too large for a file of commands") }
    return try SourceText.commands(file.contents(), name: path)
  }
}

/// State that is shared while a text and the files that it sources are parsed.
final class Sourcing {
  /// Deepest nesting of files that source each other.
  static let depthLimit = 32

  let files: SourceFiles
  /// The files that are being parsed, outermost first.
  var open: [String] = []
  /// The files that have been parsed.
  var done: Set<String> = []

  init(files: SourceFiles) { self.files = files }
}
