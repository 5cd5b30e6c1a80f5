import Base
import Foundation
import Inspection
import TestSupport
import Testing

/// The listing of every file of the corpus is held against its label. HDF5 is not read.
@Suite("Inspection of genuine and hostile files")
struct CorpusInspectionTests {
  private func rows(_ expected: String) throws -> [Corpus.Row] {
    let rows = try #require(Corpus.shared).rows.filter { $0.expected == expected && $0.format != "hdf5" }
    try #require(!rows.isEmpty)
    return rows
  }

  private func inspect(_ row: Corpus.Row) throws -> Inspection {
    try Inspection(path: #require(Corpus.shared).path(row.path))
  }

  /// "at byte 12", or the line and column of a text.
  private func namesPlace(_ message: String) -> Bool { message.contains(/byte \d|:\d+:\d+:/) }

  @Test("Genuine files are listed, and none has the verdict that it executes code")
  func genuine() throws {
    for row in try rows("load") {
      let inspection = try inspect(row)
      #expect(inspection.verdict != .executesCode, "\(row.path)")
    }
  }

  @Test("Files that name callables are never called plain data")
  func opaque() throws {
    for row in try rows("opaque") {
      let inspection = try inspect(row)
      #expect(inspection.verdict != .plainData, "\(row.path)")
      #expect(inspection.parts.contains { $0.kind == .callable }, "\(row.path)")
    }
  }

  @Test("Broken files are refused in one line that names the file and the place")
  func broken() throws {
    for row in try rows("refuse") {
      do {
        _ = try inspect(row)
        Issue.record("\(row.path) was listed")
      } catch let failure as Failure {
        let isWhole = failure.message.contains(row.path) && !failure.message.contains("\n")
        // Of an empty file all bytes are missing.
        #expect(isWhole && (namesPlace(failure.message) || failure.message.contains("0 bytes")), "\(failure.message)")
      }
    }
  }

  @Test("Files that may be listed or refused do one of the two, and a refusal names file and place")
  func either() throws {
    for row in try rows("either") {
      do { _ = try inspect(row) } catch let failure as Failure {
        #expect(failure.message.contains(row.path) && namesPlace(failure.message), "\(failure.message)")
      }
    }
  }

  @Test(
    "Calls of os.system are found in every form",
    arguments: ["pickle/mal_system.pkl", "pickle/mal_inst.pkl", "torch/mal_reduce.pt"])
  func system(_ path: String) throws {
    let inspection = try Inspection(path: #require(Corpus.shared).path("made/" + path))
    #expect(inspection.verdict == .executesCode)
    #expect(
      inspection.parts.contains { $0.kind == .callable && $0.name.hasSuffix(".system") && $0.verdict == .executesCode })
  }

  @Test("A checkpoint's tensors, settings and entries are listed with their sizes")
  func checkpoint() throws {
    let inspection = try Inspection(path: Fixtures.path("twin/twin.ckpt"))
    #expect(inspection.format == "torch archive (zip)" && inspection.verdict == .plainData)
    let tensors = inspection.parts.filter { $0.kind == .tensor && $0.name.hasPrefix("state_dict.") }
    #expect(!tensors.isEmpty)
    for tensor in tensors {
      let count = try #require(tensor.shape).reduce(1, *)
      #expect(tensor.byteCount == count * (tensor.type == "int64" ? 8 : 4), "\(tensor.name)")
    }
    #expect(inspection.parts.contains { $0.kind == .setting && $0.name == "epoch" && $0.type == "int" })
    #expect(
      inspection.parts.contains { $0.kind == .entry && $0.name.hasSuffix("/data.pkl") && $0.detail == "checksum right" }
    )
  }
}
