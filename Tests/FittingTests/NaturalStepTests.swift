import Base
import Formats
import Recordings
import TestSupport
import Testing
import Twin

/// The whole path at the natural frames at which the reference took gradients.
@Suite("Steps at natural frames")
struct NaturalStepTests {
  static let session = "Sim_2025-01-17"
  static let cells = 16

  /// The first frames of the reference, and the twin without a frontend window.
  func steps(_ step: StepResponse.Step, amplitude: Float, lags: [Int]) throws -> (values: [Float], count: Int) {
    let checkpoint = try Checkpoint(path: Fixtures.path("twin_lag0/twin_lag0.ckpt"))
    let network = try TwinNetwork(
      architecture: TwinArchitecture(configuration: try #require(checkpoint.configuration), source: checkpoint),
      source: checkpoint, heads: [1])
    let data = try DictDataset(path: Fixtures.path("twin/\(Self.session)/backimage.dset"))
    let configuration = try RecordingConfiguration(
      parent: YAMLDocument.read(path: Fixtures.path("twin/multi_sim_120_all.yaml")),
      session: YAMLDocument.read(path: Fixtures.path("twin/sessions/\(Self.session).yaml")), sessionName: Self.session)
    let stimulus = try Stimulus(
      name: "backimage", source: data, metadata: data.metadata, configuration: configuration)
    let frames = try reference().integers("natural_frames")
    let (images, places) = try stimulus.sharedWindows(frames: frames)
    let response = try network.stepResponse(
      .init(windows: .init(frames: images, steps: places)), head: 1, step: step, amplitude: amplitude, lags: lags)
    return (response.values.values, frames.count)
  }

  func reference() throws -> NpzArchive {
    try NpzArchive(path: Fixtures.path("twin_lag0/composite_\(Self.session).npz"))
  }

  @Test("A small flash gives the gradient summed over pixels")
  func flash() throws {
    let lags = [1, 5, 13]
    let expected = try reference().tensor("natural_fullfield_gradient").values
    let (values, count) = try steps(.flash, amplitude: 0.002, lags: lags)
    for (place, lag) in lags.enumerated() {
      for cell in 0..<Self.cells {
        let mean = (0..<count).reduce(Float(0)) { $0 + values[($1 * 3 + place) * Self.cells + cell] } / Float(count)
        // Kinks of ReLU and max pool lie within a finite step: a few percent of the responses of about 1.
        #expect(abs(mean - expected[cell * 18 + lag]) < 0.03, "lag \(lag), cell \(cell)")
      }
    }
  }

  @Test("Noise gives the gradient's size")
  func noise() throws {
    let lags = [1, 5, 13]
    let expected = try reference().tensor("natural_sensitivity").values
    let (values, count) = try steps(.noise, amplitude: 0.02, lags: lags)
    for (place, lag) in lags.enumerated() {
      let ratios = (0..<Self.cells).map { cell in
        let squares = (0..<count).reduce(Float(0)) {
          let value = values[($1 * 3 + place) * Self.cells + cell]
          return $0 + value * value
        }
        return squares / Float(count) / (expected[cell * 18 + lag] * expected[cell * 18 + lag])
      }
      // 192 random patterns: sqrt(2 / 192) = 10 % a cell, and windows differ in size; the mean over cells is surer.
      #expect(abs(ratios.reduce(0, +) / Float(Self.cells) - 1) < 0.15, "lag \(lag)")
      #expect(ratios.allSatisfy { abs($0 - 1) < 0.6 }, "lag \(lag): \(ratios)")
    }
  }
}
