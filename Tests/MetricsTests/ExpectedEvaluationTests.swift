import Base
import Formats
import Metrics
import TestSupport
import Testing

/// The evaluations that VisionCore made of the fixture twin.
struct ExpectedEvaluationTests {
  static let files = ["backimage", "gaborium", "fixrsvp"].map {
    Fixtures.path("twin/Sim_2025-01-17/expected_\($0).npz")
  }
  static let sharedFiles = ["backimage", "gaborium", "fixrsvp"].map {
    Fixtures.shared("twin/Sim_2025-01-10/expected_\($0).npz")
  }

  @Test("Scores equal VisionCore's", arguments: files)
  func projectSession(file: String) throws { try compare(file) }

  @Test("Scores of the shared session equal VisionCore's", .enabled(if: Fixtures.hasShared), arguments: sharedFiles)
  func sharedSession(file: String) throws { try compare(file) }

  private func compare(_ file: String) throws {
    let expected = try NpzArchive(path: file)
    let rates = try expected.tensor("rhat")
    let predictions = Predictions(
      cids: Array(0..<rates.shape[1]), frames: try expected.integers("idx"), rates: rates,
      counts: try expected.tensor("robs"), mask: try expected.tensor("dfs"), rateHz: 120)
    let scores = try evaluate(predictions)
    try check(scores.map(\.bitsPerSpike), expected.doubles("bps"), tolerance: 2e-6)  // theirs is a float32 sum
    try check(scores.map(\.r), expected.doubles("pearson"), tolerance: 1e-12)
    try check(scores.map(\.nll), expected.doubles("nll"), tolerance: 1e-12)
    try check(scores.map(\.rateHz), expected.doubles("mean_rate_hz"), tolerance: 1e-10)
  }

  private func check(_ scores: [Score], _ expected: [Double], tolerance: Double) throws {
    try #require(scores.count == expected.count)
    for (score, expected) in zip(scores, expected) {
      #expect(try abs(#require(score.value) - expected) < tolerance)
    }
  }
}
