import Base
import Formats
import Recordings
import Testing

@Suite("Frames that show something new")
struct FreshFramesTests {
  /// Ten trials of 20 frames of 2x2 pixels; `pixel` says what frame `frame` of trial `trial` shows.
  private func stimulus(places: Bool = false, _ pixel: (_ trial: Int, _ frame: Int) -> Double) throws -> Stimulus {
    let frames = 200
    var arrays: [String: MemorySource.Array] = [
      "stim": .init(
        shape: [frames, 2, 2], scalar: .uint8,
        values: (0..<frames).flatMap { frame in
          let value = pixel(frame / 20, frame % 20)
          return [0, value, value / 2, 0]
        }),
      "robs": .init(shape: [frames, 1], scalar: .float32, values: [Double](repeating: 1, count: frames)),
      "trial_inds": .init(shape: [frames], scalar: .int64, values: (0..<frames).map { Double($0 / 20) }),
    ]
    if places {
      arrays["psth_inds"] = .init(shape: [frames], scalar: .int64, values: (0..<frames).map { Double($0 % 20) })
    }
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.lags["stim"] = [0, 1, 2]
    return try Stimulus(
      name: "images", source: MemorySource(arrays), metadata: .map([.init("rate", .double(120))]),
      configuration: configuration)
  }

  private let fitted = (0..<160).filter { $0 % 20 >= 2 }
  private let held = (160..<200).filter { $0 % 20 >= 2 }

  @Test("Trials that show other frames are fresh") func fresh() throws {
    let found = try stimulus { Double(1 + $0 * 20 + $1) }.freshFrames(of: held, fitted: fitted)
    #expect(found.fresh == held && found.seen.isEmpty && found.areEnough)
  }

  @Test("Trials that repeat frames are seen, by pixels or by position") func seen() throws {
    let byPixels = try stimulus { Double(1 + $1) }.freshFrames(of: held, fitted: fitted)
    #expect(byPixels.seen == held && !byPixels.areEnough)
    let byPlace = try stimulus(places: true) { Double(1 + $0 * 20 + $1) }.freshFrames(of: held, fitted: fitted)
    #expect(byPlace.seen == held)
  }

  @Test("One trial that repeats another is left out, the others stay") func partly() throws {
    let found = try stimulus { trial, frame in Double(1 + (trial == 9 ? 0 : trial) * 20 + frame) }
      .freshFrames(of: held, fitted: fitted)
    #expect(found.fresh == held.filter { $0 < 180 } && found.seen == held.filter { $0 >= 180 } && found.areEnough)
  }

  @Test("Frames in another order make another window; blank frames are always fresh") func windows() throws {
    let turned = try stimulus { trial, frame in Double(1 + (trial < 8 ? frame : 19 - frame)) }
      .freshFrames(of: held, fitted: fitted)
    #expect(turned.fresh == held)
    let blank = try stimulus { _, _ in 0 }.freshFrames(of: held, fitted: fitted)
    #expect(blank.fresh == held)
  }
}
