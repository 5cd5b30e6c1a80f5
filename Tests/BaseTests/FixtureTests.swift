import Foundation
import TestSupport
import Testing

@Suite("Fixtures")
struct FixtureTests {
  @Test("The fixtures of the project exist")
  func own() {
    for name in ["zoo", "twin/twin.ckpt", "corpus/corpus.tar.xz", "metrics/reference.json"] {
      #expect(FileManager.default.fileExists(atPath: Fixtures.path(name)), "\(name)")
    }
  }

  @Test(
    "In CI the large shared sets are there: their tests must not be skipped unseen",
    .enabled(if: ProcessInfo.processInfo.environment["CI"] == "true"))
  func shared() {
    #expect(Fixtures.hasShared, "no shared fixtures at \(Fixtures.sharedRoot)")
  }
}
