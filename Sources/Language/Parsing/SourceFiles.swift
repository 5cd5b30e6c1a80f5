import Base
import Foundation

/// Reads the files that `source` names and remembers their texts, for the places in them.
public final class SourceFiles {
  /// Larger files are no recipes.
  private static let byteLimit = 8_000_000

  private let read: (String) throws -> String
  /// All that was read; of a file that was read again, its last text.
  public private(set) var texts: [SourceText] = []
  /// Paths that were read since the last `begin`.
  private var fresh: Set<String> = []

  /// Files of the disk; relative paths are taken from the current folder.
  public init() { read = Self.contents }

  /// Files that are texts in memory, by path.
  package init(_ texts: [String: String]) {
    read = { path in
      guard let text = texts[path] else { throw Failure(.missing, "can't read \(path)") }
      return text
    }
  }

  /// The path as it is meant by a file of that name: relative to its folder.
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

  /// Begins a new program: files may have changed since the last.
  func begin() { fresh = [] }

  /// What two paths of one file have in common.
  static func identity(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }

  private static func contents(of path: String) throws -> String {
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: URL(filePath: path).resolvingSymlinksInPath().path)
    guard let attributes, let kind = attributes[.type] as? FileAttributeType else {
      throw Failure(
        .missing, "can't read \(path)",
        hint: Suggestion.hint(forPath: path)
          ?? "paths are taken from the folder of the file that sources them, at the prompt from the current one")
    }
    guard kind == .typeRegular else { throw Failure(.format, "\(path) is no file of commands") }
    guard let bytes = attributes[.size] as? Int, bytes <= byteLimit,
      let data = FileManager.default.contents(atPath: path)
    else { throw Failure(.format, "\(path) can't be read or is too large for a file of commands") }
    return try SourceText.decoded(data, name: path)
  }
}

/// What is shared while a text and the files that it sources are parsed.
final class Sourcing {
  /// Files may source one another so deep.
  static let depthLimit = 32

  let files: SourceFiles
  /// The files that are being read, outermost first.
  var open: [String] = []
  /// The files that were read.
  var done: Set<String> = []

  init(files: SourceFiles) { self.files = files }
}
