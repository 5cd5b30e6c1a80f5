import Foundation
import Recordings
import Testing

struct AllTransformsTests {
  @Test("Every file in Transforms is listed, and nothing else")
  func everyFileTransforms() throws {
    #expect(try files("Transforms") == Set(AllTransforms.types.map { "\($0)" }))
  }

  @Test("Every file in DataFilters is listed, and nothing else")
  func everyFileDataFilters() throws {
    #expect(try files("DataFilters") == Set(AllDataFilters.types.map { "\($0)" }))
  }

  private func files(_ folder: String) throws -> Set<String> {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Recordings/\(folder)")
    let names = try FileManager.default.contentsOfDirectory(atPath: url.path)
    return Set(names.filter { $0.hasSuffix(".swift") }.map { String($0.dropLast(6)) })
  }
}
