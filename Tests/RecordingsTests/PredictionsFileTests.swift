import Base
import Formats
import Foundation
import Recordings
import TestSupport
import Testing

@Suite("Files of predictions")
struct PredictionsFileTests {
  @Test("Labels of the trials of repeats are not needed: the first axis tells them apart")
  func trialLabels() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let values = Tensor(shape: [2, 3, 1], values: [1, 0, 2, 0, 1, 1])
    for labels in [NamedArray.Values.text(["left", "right"]), .int64([7, 9]), .text(["a", "a"])] {
      try NpzWriter.write(
        [
          NamedArray("rhat", values), NamedArray("robs", values), NamedArray("trial", shape: [2], values: labels),
        ], to: folder + "/p.npz")
      let predictions = try PredictionsFile.read(folder + "/p.npz").predictions
      #expect(predictions.trials == [0, 0, 0, 1, 1, 1] && predictions.trialBins == [0, 1, 2, 0, 1, 2])
      let outline = try PredictionsFile.outline(NpzArchive(path: folder + "/p.npz"), "p.npz")
      #expect(
        outline.remarks == [
          "`trial` is not used: the first axis of rhat is the trial, the second the bin in the trial"
        ])
    }
  }
}
