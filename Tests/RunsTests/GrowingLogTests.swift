import Base
import Foundation
import RunLogs
import Runs
import TestSupport
import Testing

/// Logs that grow while they are watched are read on from where an earlier look ended.
@Suite struct GrowingLogTests {
  /// A file of each format that grows at its end.
  static let logs = [
    "csv_grid/small_resnet_grn_none_convgru_gaussian_ddp_bs32_ds2_lr0.003_wd0.0001_corelrscale1.0_warmup1_seed0",
    "killed/tb", "vc_wandb/logs", "ray_small",
  ]

  /// The first log below a folder, and its bytes.
  private func log(below name: String) throws -> (name: String, bytes: Data) {
    let set = try RunFolders.open(name)
    let run = try #require(set.runs.first { !$0.isBroken })
    let file = try #require(run.files.first)
    let path = [RunFolders.path(name), run.folder, file].filter { !$0.isEmpty }.joined(separator: "/")
    return (file, try Data(contentsOf: URL(filePath: path)))
  }

  private func look(_ folder: String, _ memory: LogMemory?) throws -> (summary: RunSummary, log: RunLog?) {
    let set = try RunSet(root: folder, now: Date().timeIntervalSince1970, memory: memory)
    let run = try #require(set.runs.first)
    return (run, run.isBroken ? nil : try set.log(run))
  }

  private func expectSame(_ folder: String, _ memory: LogMemory, _ comment: Comment) throws {
    let (grown, whole) = (try look(folder, memory), try look(folder, nil))
    #expect(grown.summary == whole.summary, comment)
    #expect(grown.log?.curves == whole.log?.curves && grown.log?.remarks == whole.log?.remarks, comment)
    #expect(grown.log?.media == whole.log?.media && grown.log?.ended == whole.log?.ended, comment)
  }

  @Test("A log that grows byte by byte gives what a whole reading gives, and only what grew is read", arguments: logs)
  func growing(_ source: String) throws {
    let (name, bytes) = try log(below: source)
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/\(name)"
    try Data().write(to: URL(filePath: path))
    let memory = LogMemory()
    let looks = 40
    // Ends within records, too.
    let ends = (1...looks).map { $0 == looks ? bytes.count : bytes.count * $0 / looks }
    var start = 0
    for end in ends {
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      try file.seekToEnd()
      try file.write(contentsOf: bytes[start..<end])
      try file.close()
      start = end
      try expectSame(folder, memory, "\(name) after \(end) bytes")
    }
    // A summary and a log a look; a record that is cut is read again at each look.
    let whole = ends.reduce(0, +)
    #expect(memory.byteCount < 2 * whole / 4, "\(memory.byteCount) of \(2 * whole) bytes were read")
  }

  @Test("A log that is rewritten, replaced or made shorter is read whole") func replaced() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/metrics.csv"
    let memory = LogMemory()
    func write(_ text: String, inPlace: Bool = false) throws {
      if inPlace {
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
      } else {
        try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
      }
      try expectSame(folder, memory, "\(text)")
    }
    let rows = (0..<40).map { "\($0),\(10 * $0),0.\($0)\n" }
    try write("epoch,step,val_loss\n" + rows[..<30].joined())
    // Lightning writes the file anew when a metric appears.
    try write("epoch,step,val_loss,more\n" + rows[..<30].joined().replacing("\n", with: ",1\n"), inPlace: true)
    // Another log with the same header and more rows.
    try write("epoch,step,val_loss,more\n" + rows.joined().replacing("0.", with: "7.").replacing("\n", with: ",1\n"))
    // Shorter.
    try write("epoch,step,val_loss,more\n" + rows[..<3].joined().replacing("\n", with: ",1\n"), inPlace: true)
    // The same start, another middle, longer, in place.
    try write("epoch,step,val_loss,more\n" + rows[..<20].joined().replacing("\n", with: ",2\n"), inPlace: true)
  }

  @Test("A memory holds so many numbers at most; logs beyond that are read whole at each look") func limit() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let memory = LogMemory(pointLimit: 50)
    let text = "epoch,step,val_loss\n" + (0..<20).map { "\($0),\(10 * $0),0.\($0)\n" }.joined()
    for run in 0..<4 {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(run)", withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(run)/metrics.csv"))
    }
    let set = try RunSet(root: folder, now: Date().timeIntervalSince1970, memory: memory)
    let first = memory.byteCount
    #expect(first == 4 * text.utf8.count)
    for run in set.runs { _ = try set.log(run) }
    // Two of four fit.
    #expect(memory.byteCount - first == 2 * text.utf8.count)
  }
}
