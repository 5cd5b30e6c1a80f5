import Base
import Foundation
import Glibc

/// A small text that stands where a large file should: a pointer of Git LFS, git-annex or DVC, or a web page that was
/// saved instead of the file.
struct FilePointer {
  let failure: Failure
  /// The command that fetches all files of the pointer's folder; nil for a web page.
  private(set) var fetchesFolder: String?

  /// Nil where the text is none of these.
  init?(_ path: String, _ front: Data) {
    // A pointer or a page is text, and most large files are not.
    guard !front.contains(0) else { return nil }
    let text = String(decoding: front, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
      .trimmingCharacters(in: ["\u{feff}"])
    let git = "git -C \(Self.folder(of: path))"
    let name = ShellText.quoted((path as NSString).lastPathComponent)
    if text.hasPrefix("version https://git-lfs.github.com/spec") || text.hasPrefix("version https://hawser.github.com")
    {
      let size = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("size ") }.map { $0.dropFirst(5) }
      failure = Failure(
        .format,
        "\(path) is a Git LFS pointer: the file itself\(size.map { " (\($0.prefix(20)) bytes)" } ?? "") is not here",
        hint: "fetch it: `\(git) lfs pull --include \(name)`")
      fetchesFolder = "\(git) lfs pull"
    } else if Self.isAnnex(text) {
      failure = Self.annex(path)
      fetchesFolder = "\(git) annex get ."
    } else if Self.isDVC(text) {
      failure = Self.dvc(path, text)
      fetchesFolder = "dvc --cd \(Self.folder(of: path)) pull -R ."
    } else if let page = Self.page(text) {
      failure = Failure(
        .format, "\(path) is \(page), not the file that was meant",
        hint: "download it again: log in first, or use the link of the file itself (for GitHub the raw link)")
    } else {
      return nil
    }
  }

  /// The failure for a link of git-annex whose content is not here; nil for any other path.
  static func brokenLink(_ path: String) -> Failure? {
    guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path),
      !FileManager.default.fileExists(atPath: path)
    else { return nil }
    if target.contains("annex/objects/") { return annex(path) }
    // A link to itself, or to one that leads back to it, has no end.
    var info = stat()
    if stat(path, &info) != 0, errno == ELOOP {
      return Failure(
        .missing, "\(path) is a link that leads back to itself (\(target.shortened))",
        hint: "copy the file that was meant, or link to it")
    }
    return Failure(.missing, "\(path) is a link to \(target.shortened), and there is no such file")
  }

  /// The failure for a file that DVC knows and that is not here; nil for any other path.
  static func unpulled(_ path: String) -> Failure? {
    guard FileManager.default.fileExists(atPath: path + ".dvc") else { return nil }
    return Failure(
      .missing, "\(path) is not here, its DVC pointer is",
      hint: "fetch it: `\(pull(path + ".dvc"))`")
  }

  /// `dvc` looks for its repository from the folder that --cd names.
  private static func pull(_ path: String) -> String {
    "dvc --cd \(folder(of: path)) pull \(ShellText.quoted((path as NSString).lastPathComponent))"
  }

  /// A pointer of DVC has the name of what it points to, and `.dvc`: `dvc pull` takes no other.
  private static func dvc(_ path: String, _ text: String) -> Failure {
    func value(_ key: String) -> String? {
      text.split(whereSeparator: \.isNewline).lazy.map { $0.trimmingCharacters(in: [" ", "-", "\t"]) }
        .first { $0.hasPrefix(key + ":") }.map { $0.dropFirst(key.count + 1).trimmingCharacters(in: [" ", "'", "\""]) }
    }
    let isFolder = value("md5")?.hasSuffix(".dir") == true
    let message = "\(path) is a DVC pointer: the \(isFolder ? "folder" : "file") that it names is elsewhere"
    let target = value("path")
    guard path.hasSuffix(".dvc") else {
      let own = (target ?? (path as NSString).lastPathComponent) + ".dvc"
      let place = (path as NSString).deletingLastPathComponent
      let pointer = (place.isEmpty ? "" : place + "/") + (own as NSString).lastPathComponent
      return Failure(
        .format, message,
        hint:
          "give the pointer its own name, and fetch what it names: `mv \(ShellText.quoted(path)) \(ShellText.quoted(pointer)) && \(pull(pointer))`"
      )
    }
    let beside = target.map { " (\($0.shortened))" } ?? ""
    return Failure(
      .format, message,
      hint: "fetch it: `\(pull(path))`, then open the \(isFolder ? "folder" : "file") beside it\(beside)")
  }

  private static func annex(_ path: String) -> Failure {
    Failure(
      .format, "\(path) is a git-annex pointer: the file itself is not here",
      hint:
        "fetch it: `git -C \(folder(of: path)) annex get \(ShellText.quoted((path as NSString).lastPathComponent))`")
  }

  /// The folder of a file, as a word of a shell.
  private static func folder(of path: String) -> String {
    let folder = (path as NSString).deletingLastPathComponent
    return ShellText.quoted(folder.isEmpty ? "." : folder)
  }

  private static func isAnnex(_ text: String) -> Bool {
    let line = text.prefix { !$0.isNewline }
    return line.hasPrefix("/annex/objects/") || line.hasPrefix("../") && line.contains(".git/annex/objects/")
      || line.hasPrefix(".git/annex/objects/")
  }

  private static func isDVC(_ text: String) -> Bool {
    guard text.hasPrefix("outs:") || text.hasPrefix("md5:") || text.contains("\nouts:") else { return false }
    return text.contains("md5:") && text.contains("path:") && !text.contains("model_type")
  }

  /// A page or an error message of a web server.
  private static func page(_ text: String) -> String? {
    var lower = text.prefix(400).lowercased()
    var text = text
    // What saved the page may have put a comment before it.
    while lower.hasPrefix("<!--"), let end = text.range(of: "-->") {
      text = text[end.upperBound...].trimmingCharacters(in: .whitespacesAndNewlines)
      lower = text.prefix(400).lowercased()
    }
    if lower.hasPrefix("<!doctype html") || lower.hasPrefix("<html") || lower.hasPrefix("<head")
      || lower.hasPrefix("<body")
    {
      guard let start = lower.range(of: "<title>"), let end = lower.range(of: "</title>"),
        start.upperBound <= end.lowerBound
      else { return "a web page" }
      let offset = lower.distance(from: lower.startIndex, to: start.upperBound)
      let length = lower.distance(from: start.upperBound, to: end.lowerBound)
      let title = text.dropFirst(offset).prefix(length).trimmingCharacters(in: .whitespacesAndNewlines)
      return title.isEmpty ? "a web page" : "a web page (\(title.shortened))"
    }
    if lower.hasPrefix("<?xml") || lower.hasPrefix("<error>") { return "an XML message of a server" }
    if lower.hasPrefix("{"), text.utf8.count < 400, lower.contains("\"message\":") || lower.contains("\"error\":") {
      return "a message of a server"
    }
    if text.utf8.count < 200, lower.hasPrefix("404: not found") || lower == "not found" || lower == "404 not found" {
      return "a message of a server"
    }
    return nil
  }
}
