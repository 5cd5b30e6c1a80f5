import Base
import Formats
import Foundation
import TestSupport
import Testing
import Workspace

@Suite("Lineage")
struct LineageTests {
  private func lines(_ report: Report, _ heading: String) -> [String] {
    report.sections.compactMap { section -> [String]? in
      guard section.heading == heading, case .lines(let lines) = section.body else { return nil }
      return lines
    }.first ?? []
  }

  @Test("A table tells entries, metric versions, twin, seed, split and files")
  func table() throws {
    let shell = try Shell()
    try shell.run("eval twin on sim/gaborium as scores")
    let lines = lines(try shell.report("lineage scores"), "made from")
    #expect(lines[0] == "table scores, entry 4: eval twin on sim/gaborium as scores")
    #expect(lines.contains("  metric bits_per_spike (version 1, split val, 16 cells)"))
    #expect(
      lines.contains {
        $0.hasPrefix("  twin twin (") && $0.contains("; raw, null bins)") && $0.contains("entry 1: open")
      })
    #expect(lines.contains { $0.contains("split val, seed 1002") })
    #expect(lines.contains { $0.hasPrefix("    file ") && $0.contains("twin.ckpt") && $0.contains("sha256") })
    #expect(self.lines(try shell.report("lineage scores"), "changed since") == ["nothing"])
  }

  @Test("A refitted twin leads to its parent, with the fit's seed")
  func refit() throws {
    let shell = try Shell()
    try shell.run(
      "refit twin readout on nova/backimage as twin-nova --starts 1 --l2 0.01 --seed 7; freeze twin-nova core")
    let table = try shell.table("lineage twin-nova --table")
    let rows = (0..<table.rowCount).map { row in table.columns.map { $0[row].plainText }.joined(separator: " | ") }
    #expect(rows[0].contains("freeze twin-nova core"))
    #expect(rows[1].contains("refit twin readout on nova/backimage"))
    #expect(rows.contains { $0.contains("seed 7") && $0.contains("recording | nova") })
    #expect(rows.contains { $0.contains("2 | twin | twin | 1") })
  }

  @Test("A file leads through a variable to what it was made from")
  func file() throws {
    let shell = try Shell()
    let path = shell.folder + "/s.csv"
    try shell.run("let s = eval twin on sim/gaborium; $s | where r > 0.1 | save \(path)")
    let lines = lines(try shell.report("lineage \(path)"), "made from")
    #expect(lines[0].hasPrefix("file \(path) ("))
    #expect(lines[1] == "  entry $s, entry 4: let s = eval twin on sim/gaborium")
    #expect(lines.contains { $0.hasPrefix("    twin twin") })
    try Data("other".utf8).write(to: URL(filePath: path))
    #expect(
      self.lines(try shell.report("lineage \(path)"), "changed since") == ["\(path) was changed since it was written"])
  }

  @Test("What was changed since is said: files, names that point elsewhere, names that are gone")
  func changedSince() throws {
    let shell = try Shell(opened: false)
    let path = shell.folder + "/p.npz"
    func write(_ rate: Float) throws {
      let rates = Tensor(shape: [2, 1], values: [rate, 1])
      try NpzWriter.write([NamedArray("robs", rates), NamedArray("rhat", rates)], to: path)
    }
    try write(1)
    try shell.run("open \(path) as p; eval p as scores")
    try write(2)
    #expect(lines(try shell.report("lineage scores"), "changed since").first?.contains("has changed on disk") == true)
    try shell.run("open \(path) as p --replace")
    #expect(
      lines(try shell.report("lineage scores"), "changed since").first
        == "predictions p, entry 1: `p` points to what entry 4 made since")
    try FileManager.default.removeItem(atPath: path)
    #expect(lines(try shell.report("lineage p"), "changed since") == ["\(path) is missing"])
    try shell.run("drop p")
    #expect(
      lines(try shell.report("lineage scores"), "changed since").first
        == "predictions p, entry 1: no name points to it any more")
  }

  @Test("An entry's number leads to what its result was made from, named or not")
  func entry() throws {
    let shell = try Shell()
    try shell.run("eval twin on sim/gaborium --split all")
    let lines = lines(try shell.report("lineage 4"), "made from")
    #expect(lines[0].hasPrefix("entry result (test, sha256 "))
    #expect(lines[0].hasSuffix("), entry 4: eval twin on sim/gaborium --split all"))
    #expect(lines.contains("  metric r (version 1, split all, 16 cells)"))
    #expect(lines.contains { $0.hasPrefix("  recording sim (") })
    #expect(try shell.failure("lineage 99").kind == .missing)
  }

  @Test("What went on under its own name with the same content is no change")
  func frozenSince() throws {
    let shell = try Shell()
    try shell.run("eval twin on sim/gaborium as early; freeze twin core; eval twin on sim/gaborium as late")
    for name in ["early", "late"] {
      #expect(lines(try shell.report("lineage \(name)"), "changed since") == ["nothing"])
    }
  }

  @Test("A name that is nothing gets a suggestion")
  func unknown() throws {
    let shell = try Shell()
    #expect(try shell.failure("lineage twni").hint == "did you mean `twin`?")
  }
}
