import Foundation
import Metrics
import Testing

struct AllMetricsTests {
  @Test("Every file in Scores is listed, and nothing else")
  func listMatchesFolder() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Metrics/Scores")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }.map { String($0.dropLast(6)) }
    #expect(Set(files) == Set(AllMetrics.types.map { "\($0)" }))
  }

  @Test("No two metrics have the same name")
  func namesAreUnique() {
    #expect(Set(AllMetrics.types.map { $0.name }).count == AllMetrics.types.count)
  }
}
