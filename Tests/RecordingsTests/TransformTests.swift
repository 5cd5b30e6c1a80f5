import Base
import Formats
import Foundation
import Recordings
import TestSupport
import Testing

/// Each transform against what VisionCore's function of that name makes of the same arrays.
struct TransformTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var source: String
    var steps: [PipelineStep]
    var testDescription: String { name }
  }

  /// All recorded cases, less those on integer input, which never reach a transform in the loading path, and those
  /// that raise.
  static let cases: [Case] = (try? readCases()) ?? []

  static func readCases() throws -> [Case] {
    let path = Fixtures.path("recordings/transforms.json")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let left = ["diff_uint8", "dacones_uint8", "smooth_uint8_stim", "select_units_cids"]
    return try (YAMLDocument.parse(text: text, name: path).listValue ?? []).compactMap { entry -> Case? in
      guard let name = entry["name"]?.stringValue, let source = entry["source"]?.stringValue, entry["raises"] == nil,
        !left.contains(name), let steps = entry["ops"]?.listValue
      else { return nil }
      return Case(
        name: name, source: source,
        steps: steps.compactMap { $0.mapValue?.first }.map { PipelineStep($0.key, $0.value) })
    }
  }

  @Test func `the recorded cases are there`() { #expect(Self.cases.count > 30) }

  @Test(arguments: cases)
  func `equals VisionCore's transform`(recorded: Case) throws {
    let raw = try NpzArchive(path: Fixtures.path("recordings/raw.npz"))
    var values = try raw.tensor(recorded.source)
    if recorded.name.hasSuffix("_first50") { values = values[rows: 0..<50] }
    for step in recorded.steps { values = try AllTransforms.make(step).apply(values) }
    let expected = try NpzArchive(path: Fixtures.path("recordings/transforms.npz")).tensor(recorded.name)
    // The file holds the first frames only of large arrays. Both sides sum in float32.
    #expect(difference(values[rows: 0..<expected.shape[0]], expected) < 5e-6)
  }

  @Test func `smoothing needs more frames than the filter is wide on one side`() throws {
    let smooth = try AllTransforms.make(PipelineStep("smooth", .int(3)))
    #expect(throws: Failure.self) { try smooth.apply(Tensor(zeros: [9, 2])) }
    #expect(try smooth.apply(Tensor(zeros: [10, 2])).shape == [10, 2])
  }

  @Test(arguments: [
    PipelineStep("smooth", .map([.init("type", .string("box")), .init("params", .int(3))])),
    PipelineStep("cast", .string("complex64")), PipelineStep("mul", .map([])), PipelineStep("unsqueeze", .null),
    PipelineStep("select_units", .map([.init("indices", .string("cids"))])),
    PipelineStep("temporal_basis", .map([.init("num_cosine_funcs", .int(3))])),
    PipelineStep("diff", .map([.init("axis", .string("time"))])),
    PipelineStep("dacones", .map([.init("filter_length", .int(0))])),
  ]) func `options that make no sense are refused with their place`(step: PipelineStep) throws {
    let failure = try #require(throws: Failure.self) { try AllTransforms.make(step) }
    #expect(failure.message.hasPrefix(step.name))
  }

  @Test(arguments: [
    PipelineStep("diff", .map([.init("axis", .int(4))])),
    PipelineStep("splitrelu", .map([.init("split_dim", .int(3))])),
    PipelineStep("unsqueeze", .int(5)), PipelineStep("select_units", .map([.init("indices", .list([.int(9)]))])),
    PipelineStep("fftwhitening"), PipelineStep("dacones", .map([.init("filter_length", .int(3))])),
    PipelineStep("cast", .string("uint8")),
  ]) func `a shape or value that does not fit is refused`(step: PipelineStep) throws {
    let transform = try AllTransforms.make(step)
    #expect(throws: Failure.self) {
      try transform.apply(Tensor(shape: [2, 2], values: [1, .nan, 2, 3]))
    }
  }

  /// Frames of two columns: 1 -2, 3 0, 0 4.
  static let frames = Tensor(shape: [3, 2], values: [1, -2, 3, 0, 0, 4])

  @Test(
    arguments: [
      (PipelineStep("diff"), [0, 0, 2, 2, -3, 4]),
      (PipelineStep("diff", .map([.init("axis", .int(1))])), [0, -3, 0, -3, 0, 4]),
      (PipelineStep("mul", .double(0.5)), [0.5, -1, 1.5, 0, 0, 2]),
      (PipelineStep("maxnorm"), [0.25, -0.5, 0.75, 0, 0, 1]),
      (PipelineStep("splitrelu"), [1, 0, 0, 2, 3, 0, 0, 0, 0, 4, 0, 0]),
      (PipelineStep("select_units", .map([.init("indices", .list([.int(1), .int(1)]))])), [-2, -2, 0, 0, 4, 4]),
      (PipelineStep("cast", .string("bool")), [1, 1, 1, 0, 0, 1]),
      (PipelineStep("cast", .string("uint8")), [1, 254, 3, 0, 0, 4]),
    ] as [(PipelineStep, [Float])]) func `gives what can be worked out by hand`(step: PipelineStep, expected: [Float])
    throws
  {
    #expect(try AllTransforms.make(step).apply(Self.frames).values == expected)
  }

  @Test func `a delta function is the frame before`() throws {
    let options = ConfigNode.map([
      .init("num_delta_funcs", .int(1)), .init("num_cosine_funcs", .int(0)), .init("history_bins", .int(2)),
    ])
    let basis = try AllTransforms.make(PipelineStep("temporal_basis", options))
    #expect(try basis.apply(Self.frames).values == [0, 0, 1, -2, 3, 0])
  }

  @Test func `smoothing keeps a constant, whitening takes it away`() throws {
    let constant = Tensor(shape: [6, 3, 5], values: [Float](repeating: 7, count: 90))
    let smooth = try AllTransforms.make(PipelineStep("smooth", .double(0.7))).apply(constant)
    #expect(smooth.values.allSatisfy { abs($0 - 7) < 1e-5 })
    let white = try AllTransforms.make(PipelineStep("fftwhitening")).apply(constant)
    #expect(white.values.allSatisfy { abs($0) < 1e-5 })
  }

  @Test func `whitening raises one grating by the gain of its frequency`() throws {
    // 2 cycles in 12 frames: f = 1/6, gain f exp(-(f / 0.4)^4).
    let wave = (0..<12).map { Float(cos(2 * Double.pi * Double($0) / 6)) }
    let white = try AllTransforms.make(PipelineStep("fftwhitening")).apply(Tensor(shape: [12, 1, 1], values: wave))
    let gain = Float(exp(-pow(1 / 2.4, 4)) / 6)
    #expect(zip(white.values, wave).allSatisfy { abs($0 - gain * $1) < 1e-6 })
  }

  @Test func `an integer type cuts fractions off towards zero`() throws {
    let cast = try AllTransforms.make(PipelineStep("cast", .string("int32")))
    #expect(try cast.apply(Tensor(shape: [4], values: [1.9, -1.9, 0.5, -0.5])).values == [1, -1, 0, 0])
  }
}
