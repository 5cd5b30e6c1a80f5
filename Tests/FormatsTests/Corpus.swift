import Foundation
import TestSupport
import Testing

/// The corpus of genuine and hostile files, unpacked once for the whole run.
struct Corpus: Sendable {
  struct Row: Sendable, CustomTestStringConvertible {
    let path: String
    let format: String
    let expected: String
    var testDescription: String { path }
  }

  static let shared = try? Corpus()
  private static let folder = NSTemporaryDirectory() + "/vcsh-corpus-\(ProcessInfo.processInfo.processIdentifier)"

  let rows: [Row]

  func path(_ relative: String) -> String { Corpus.folder + "/corpus/" + relative }

  private init() throws {
    try FileManager.default.createDirectory(atPath: Corpus.folder, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: Corpus.folder) }
    let tar = Process()
    tar.executableURL = URL(filePath: "/usr/bin/env")
    tar.arguments = ["tar", "-xJf", Fixtures.path("corpus/corpus.tar.xz"), "-C", Corpus.folder]
    try tar.run()
    tar.waitUntilExit()
    let manifest = try String(contentsOfFile: Corpus.folder + "/corpus/MANIFEST.tsv", encoding: .utf8)
    rows = manifest.split(whereSeparator: \.isNewline).dropFirst().map { line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      return Row(path: fields[0], format: fields[1], expected: fields[4])
    }
  }
}
