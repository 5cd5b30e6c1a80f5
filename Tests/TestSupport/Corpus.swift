import Foundation
import Testing

/// The corpus of genuine and hostile files, unpacked once for the whole run.
package struct Corpus: Sendable {
  package struct Row: Sendable, CustomTestStringConvertible {
    package let path: String
    package let format: String
    package let expected: String
    package var testDescription: String { path }
  }

  package static let shared = try? Corpus()
  private static let folder = NSTemporaryDirectory() + "/vcsh-corpus-\(ProcessInfo.processInfo.processIdentifier)"

  package let rows: [Row]

  package func path(_ relative: String) -> String { Corpus.folder + "/corpus/" + relative }

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
