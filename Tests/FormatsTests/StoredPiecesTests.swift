import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Stored arrays in pieces")
struct StoredPiecesTests {
  /// An array of 2 x 3 x 4 numbers 0 to 23, as NumPy writes it.
  private func array(isFortran: Bool, in folder: String) throws -> StoredArray {
    let text = "{'descr': '<f4', 'fortran_order': \(isFortran ? "True" : "False"), 'shape': (2, 3, 4), }"
    let header = text + String(repeating: " ", count: 117 - text.utf8.count) + "\n"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8)
    for number in 0..<24 { withUnsafeBytes(of: Float(number)) { bytes += $0 } }
    try Data(bytes).write(to: URL(filePath: folder + "/a.npy"))
    return try NpyArray(path: folder + "/a.npy").stored()
  }

  @Test("Pieces of any size hold every number once, in the order of the file", arguments: 1...25) func sizes(limit: Int)
    throws
  {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for isFortran in [false, true] {
      let array = try array(isFortran: isFortran, in: folder)
      var found: [Double] = []
      try array.forEachPiece(of: limit) { first, values in
        #expect(first == found.count && values.count <= limit)
        found += values
      }
      #expect(found == (0..<24).map(Double.init))
      #expect(array.storageOrder == (isFortran ? [2, 1, 0] : [0, 1, 2]))
    }
  }
}
