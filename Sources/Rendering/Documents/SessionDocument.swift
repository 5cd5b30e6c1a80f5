import Base
import Foundation

/// A session, entry by entry, as documents show it. Everything is stored text and values; nothing is computed here.
public struct SessionDocument: Sendable {
  public struct Entry: Sendable {
    public var number: Int
    public var command: String
    /// `ok`, `failed`, `interrupted`, `running`
    public var status: String
    public var started: Date
    public var seconds: Double?
    public var error: String?
    public var result: Value
    /// Why there is no result to show, where that is not obvious.
    public var remark: String?
    /// Names that the entry changed.
    public var names: [String]
    public var written: [File]
    public var inputs: [Input]

    public init(
      number: Int, command: String, status: String, started: Date, seconds: Double?, error: String? = nil,
      result: Value = .null, remark: String? = nil, names: [String] = [], written: [File] = [], inputs: [Input] = []
    ) {
      self.number = number
      self.command = command
      self.status = status
      self.started = started
      self.seconds = seconds
      self.error = error
      self.result = result
      self.remark = remark
      self.names = names
      self.written = written
      self.inputs = inputs
    }
  }

  /// A file with its size and fingerprint.
  public struct File: Sendable, Equatable {
    public var path: String
    public var byteCount: Int
    public var digest: String

    public init(path: String, byteCount: Int, digest: String) {
      self.path = path
      self.byteCount = byteCount
      self.digest = digest
    }
  }

  /// An input of an entry, and the files that it consists of.
  public struct Input: Sendable, Equatable {
    public var role: String
    public var detail: String
    public var files: [File]

    public init(role: String, detail: String, files: [File] = []) {
      self.role = role
      self.detail = detail
      self.files = files
    }
  }

  public var title: String
  /// Facts below the title: workspace, session, program.
  public var facts: [String]
  public var entries: [Entry]

  /// Most rows of a table that a document shows.
  public static let maximumRows = 500

  public init(title: String, facts: [String] = [], entries: [Entry]) {
    self.title = title
    self.facts = facts
    self.entries = entries
  }

  /// `12 entries, 1 failed, 3.4 s`
  var summary: String {
    let failed = entries.count { $0.status != "ok" }
    let seconds = entries.reduce(0) { $0 + ($1.seconds ?? 0) }
    let count = "\(entries.count) \(entries.count == 1 ? "entry" : "entries")"
    return (failed > 0 ? [count, "\(failed) failed"] : [count]).joined(separator: ", ") + ", "
      + NumberText.duration(seconds: seconds)
  }

  static func time(_ date: Date) -> String {
    let format = Date.ISO8601FormatStyle(
      dateSeparator: .dash, dateTimeSeparator: .space, timeSeparator: .colon, timeZone: .gmt)
    return date.formatted(format.year().month().day().time(includingFractionalSeconds: false)) + " UTC"
  }
}

extension SessionDocument.Entry {
  /// Inputs and outputs as rows: what, which, size, fingerprint.
  var provenance: [(what: String, which: String, size: String, fingerprint: String)] {
    var seen: Set<String> = []
    return inputs.flatMap { input in
      [(what: "reads \(input.role)", which: input.detail, size: "", fingerprint: "")]
        + input.files.filter { seen.insert($0.path).inserted }.map { Self.row("file", $0) }
    } + names.map { (what: "makes", which: $0, size: "", fingerprint: "") } + written.map { Self.row("writes", $0) }
  }

  private static func row(
    _ what: String, _ file: SessionDocument.File
  ) -> (what: String, which: String, size: String, fingerprint: String) {
    (what, file.path, "\(file.byteCount) B", file.digest)
  }
}
